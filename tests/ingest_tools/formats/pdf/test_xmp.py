"""PDF whose metadata stands in XMP alone, as since version 2.0, or in XMP as well."""

from __future__ import annotations

from pathlib import Path

import pikepdf
import pytest

from ingest_tools.formats import pdf
from ingest_tools.formats.pdf.xmp import read_xmp
from tests.factories.office_documents import write_pdf

PACKET = (
    '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
    'xmlns:dc="http://purl.org/dc/elements/1.1/">{}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
)
TITLE = (
    '<dc:title><rdf:Alt><rdf:li xml:lang="en">Rice</rdf:li><rdf:li xml:lang="x-default">稻田记</rdf:li></rdf:Alt>'
    "</dc:title>"
)
CREATORS = "<dc:creator><rdf:Seq><rdf:li>王小明</rdf:li><rdf:li>Knuth, Donald</rdf:li></rdf:Seq></dc:creator>"


def document(path: Path, packet: str | bytes, **information: str) -> Path:
    write_pdf(path)
    with pikepdf.open(path, allow_overwriting_input=True) as written:
        del written.trailer["/Info"]
        for name, value in information.items():
            written.docinfo[f"/{name}"] = value
        data = packet.encode() if isinstance(packet, str) else packet
        stream = pikepdf.Stream(written, data, Type=pikepdf.Name.Metadata, Subtype=pikepdf.Name.XML)
        written.Root.Metadata = written.make_indirect(stream)
        written.save(path, compress_streams=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return path


def test_title_and_authors_of_xmp(tmp_path: Path) -> None:
    path = document(tmp_path / "a.pdf", PACKET.format(TITLE + CREATORS))
    description = pdf.describe(path, tmp_path)
    assert (description.title, [name for name, _ in description.creators]) == ("稻田记", ["王小明", "Knuth, Donald"])


def test_the_information_dictionary_is_believed_before_xmp(tmp_path: Path) -> None:
    path = document(tmp_path / "a.pdf", PACKET.format(TITLE + CREATORS), Title="渡口")
    description = pdf.describe(path, tmp_path)
    assert (description.title, len(description.creators)) == ("渡口", 2)


@pytest.mark.parametrize(
    ("properties", "values"),
    [
        ("<dc:title>稻田记</dc:title>", {"Title": "稻田记"}),
        ("<dc:description><rdf:Alt><rdf:li>简介</rdf:li></rdf:Alt></dc:description>", {"Subject": "简介"}),
        ("<dc:subject><rdf:Bag><rdf:li>水</rdf:li><rdf:li>田</rdf:li></rdf:Bag></dc:subject>", {"Keywords": "水;田"}),
        ("<dc:title><rdf:Alt><rdf:li> </rdf:li></rdf:Alt></dc:title>", {}),
        ("<dc:title><rdf:Alt><rdf:li xml:lang='x-default'/><rdf:li>稻田记</rdf:li></rdf:Alt></dc:title>",
         {"Title": "稻田记"}),
        ("<rdf:Description dc:title='稻田记' dc:creator='王小明'/>", {"Title": "稻田记", "Author": "王小明"}),
    ],
)  # fmt: skip
def test_properties(tmp_path: Path, properties: str, values: dict[str, str]) -> None:
    assert read_xmp(document(tmp_path / "a.pdf", PACKET.format(properties))) == values


@pytest.mark.parametrize("packet", ["", "no XML", b"\xff\xfe\x00", "<x:xmpmeta xmlns:x='adobe:ns:meta/'"])
def test_a_damaged_packet_says_nothing(tmp_path: Path, packet: str | bytes) -> None:
    assert read_xmp(document(tmp_path / "a.pdf", packet)) == {}


def test_a_file_that_is_no_pdf_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"/Metadata")
    assert read_xmp(tmp_path / "a.pdf") == {}
