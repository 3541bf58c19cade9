"""Titles of PDFs whose bytes PDFium takes for PDFDocEncoding."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest_tools.formats import pdf


def read_title(path: Path, title: bytes) -> str | None:
    """The title that the information dictionary of a PDF has, which holds these bytes."""
    for special in b"\\()":
        title = title.replace(bytes([special]), b"\\" + bytes([special]))
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>", b"<< /Title (" + title + b") >>",
    )  # fmt: skip
    body, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer << /Size 5 /Root 1 0 R /Info 4 0 R >>\nstartxref\n%d\n%%%%EOF" % len(body)
    path.write_bytes(body + b"xref\n0 5\n0000000000 65535 f \n" + table + trailer)
    document = pdf._open_document(path)
    try:
        return pdf._read_information(document).get("Title")
    finally:
        document.close()


@pytest.mark.parametrize(
    ("title", "encoding"),
    [
        ("柑橘栽培", "utf-8"), ("柑橘栽培与管理（第二版）", "utf-8"), ("柑橘栽培", "gbk"), ("臺灣柑橘栽培", "big5"),
        ("中国花鼓戏史", "utf-8"), ("朱镕基与湖南", "gbk"), ("稻田记", "utf-8-sig"), ("稻田记", "utf-16"),
        ("蠟梅譜", "utf-8"),
    ],
)  # fmt: skip
def test_a_title_in_an_encoding_that_is_not_stated(title: str, encoding: str, tmp_path: Path) -> None:
    assert read_title(tmp_path / "a.pdf", title.encode(encoding)) == title


OCTAL = "".join(["\\376\\377", *(f"\\{byte:03o}" for byte in "柑橘".encode("utf-16-be"))])


@pytest.mark.parametrize(
    ("data", "title"),
    [
        ("Été à Paris".encode("latin-1"), "Été à Paris"), (b"\x8dFran\xe7ais\x8e \x92", "“Français” ™"),
        (b"Orchards", "Orchards"), (b"<" + "柑橘栽培".encode("gbk").hex().encode() + b">", "柑橘栽培"),
        (b"<FEFF" + "柑橘".encode("utf-16-be").hex().upper().encode() + b">", "柑橘"), (b"<cafe>", "<cafe>"),
        (OCTAL.encode(), "柑橘"),
        (b"\xfe\xff" + "柑橘\0\0".encode("utf-16-be"), "柑橘"),
    ],
)  # fmt: skip
def test_other_titles_stay(data: bytes, title: str, tmp_path: Path) -> None:
    assert read_title(tmp_path / "a.pdf", data) == title
