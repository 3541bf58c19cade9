"""Office documents, written part by part: OpenDocument, DOCX, PPTX, RTF, the storage of Office before 2007; and PDF."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

ODT = "application/vnd.oasis.opendocument.text"
_ODF = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in (
        ("office", "office"), ("text", "text"), ("draw", "drawing"), ("svg", "svg-compatible"), ("meta", "meta"),
        ("manifest", "manifest"),
    )
) + ' xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:dc="http://purl.org/dc/elements/1.1/"'  # fmt: skip
_OOXML = "http://schemas.openxmlformats.org"
_RELATIONS = f'xmlns="{_OOXML}/package/2006/relationships"'
_SECTOR, _FREE, _END, _FAT = 512, 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def open_document(path: Path, body: str, *, title: str = "", author: str = "", encrypted: bool = False) -> Path:
    """A text in OpenDocument; `body` is what stands in `office:text`."""
    meta = f"<dc:title>{title}</dc:title><meta:initial-creator>{author}</meta:initial-creator>"
    entries = "".join(
        f'<manifest:file-entry manifest:full-path="{name}" manifest:media-type="{kind}">'
        + ("<manifest:encryption-data/>" if encrypted else "")
        + "</manifest:file-entry>"
        for name, kind in (("/", ODT), ("content.xml", "text/xml"), ("meta.xml", "text/xml"))
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", ODT)
        archive.writestr(
            "content.xml",
            f"<office:document-content {_ODF}><office:body><office:text>{body}"
            "</office:text></office:body></office:document-content>",
        )
        archive.writestr(
            "meta.xml", f"<office:document-meta {_ODF}><office:meta>{meta}</office:meta></office:document-meta>"
        )
        archive.writestr("META-INF/manifest.xml", f"<manifest:manifest {_ODF}>{entries}</manifest:manifest>")
    return path


def flat_document(path: Path, body: str) -> Path:
    """A text in OpenDocument in one XML file."""
    path.write_text(
        f'<?xml version="1.0" encoding="UTF-8"?><office:document {_ODF} office:mimetype="{ODT}">'
        f"<office:body><office:text>{body}</office:text></office:body></office:document>",
        "utf-8",
    )
    return path


def rich_text(path: Path, text: str, *, title: str = "", author: str = "") -> Path:
    """A text in RTF with its properties, in ASCII with escapes."""
    properties = f"{{\\info{{\\title {_escaped(title)}}}{{\\author {_escaped(author)}}}}}"
    path.write_text(f"{{\\rtf1\\ansi\\ansicpg936{properties}\\f0\\fs24 {_escaped(text)}\\par}}", "ascii")
    return path


def slides(path: Path, pages: Sequence[tuple[str, str]], *, title: str = "", author: str = "") -> Path:
    """Slides in PPTX, each with a heading in large type and a text."""
    numbers = range(1, len(pages) + 1)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", _content_types(numbers))
        archive.writestr(
            "_rels/.rels",
            f'<Relationships {_RELATIONS}><Relationship Id="r1" Target="ppt/presentation.xml" '
            f'Type="{_OOXML}/officeDocument/2006/relationships/officeDocument"/><Relationship Id="r2" '
            f'Target="docProps/core.xml" Type="{_OOXML}/package/2006/relationships/metadata/core-properties"/>'
            "</Relationships>",
        )
        archive.writestr(
            "docProps/core.xml",
            f'<cp:coreProperties xmlns:cp="{_OOXML}/package/2006/metadata/core-properties" '
            f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title>'
            f"<dc:creator>{author}</dc:creator></cp:coreProperties>",
        )
        ids = "".join(f'<p:sldId id="{255 + number}" r:id="r{number}"/>' for number in numbers)
        archive.writestr(
            "ppt/presentation.xml",
            f'<p:presentation xmlns:p="{_OOXML}/presentationml/2006/main" '
            f'xmlns:r="{_OOXML}/officeDocument/2006/relationships"><p:sldIdLst>{ids}</p:sldIdLst>'
            '<p:sldSz cx="9144000" cy="6858000"/><p:notesSz cx="6858000" cy="9144000"/></p:presentation>',
        )
        archive.writestr(
            "ppt/_rels/presentation.xml.rels",
            f"<Relationships {_RELATIONS}>"
            + "".join(
                f'<Relationship Id="r{number}" Target="slides/slide{number}.xml" '
                f'Type="{_OOXML}/officeDocument/2006/relationships/slide"/>'
                for number in numbers
            )
            + "</Relationships>",
        )
        for number, (heading, text) in enumerate(pages, 1):
            archive.writestr(f"ppt/slides/slide{number}.xml", _slide(heading, text))
    return path


def compound_file(path: Path, streams: Mapping[str, bytes]) -> Path:
    """A file in OLE storage ([MS-CFB]) with these streams, each filled up so that it needs no small sectors."""
    contents = [content.ljust(4096, b"\0") for content in streams.values()]
    contents = [content + bytes(-len(content) % _SECTOR) for content in contents]
    directories = (len(contents) + 4) // 4
    fat = [_FAT, *range(2, directories + 1), _END]
    entries = [_entry("Root Entry", 5, _END, 0, child=1)]
    for index, (name, content) in enumerate(zip(streams, contents, strict=True), 1):
        start = len(fat)
        count = len(content) // _SECTOR
        fat += [*range(start + 1, start + count), _END]
        entries.append(_entry(name, 2, start, len(content), right=index + 1 if index < len(contents) else _FREE))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack(
        "<HHHHH6xIIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, _END, 0, _END, 0, 0
    )  # fmt: skip
    header += b"\xff" * (_SECTOR - len(header))
    table = struct.pack(f"<{len(fat)}I", *fat).ljust(_SECTOR, b"\xff")
    directory = b"".join(entries).ljust(directories * _SECTOR, b"\0")
    path.write_bytes(header + table + directory + b"".join(contents))
    return path


def _entry(name: str, kind: int, start: int, size: int, *, child: int = _FREE, right: int = _FREE) -> bytes:
    encoded = name.encode("utf-16-le") + b"\0\0"
    return encoded.ljust(64, b"\0") + struct.pack(
        "<HBBIII16x4x16xIQ", len(encoded), kind, 1, _FREE, right, child, start, size
    )  # fmt: skip


def _escaped(text: str) -> str:
    return "".join(character if ord(character) < 128 else f"\\u{ord(character)}?" for character in text)


def _content_types(numbers: range) -> str:
    kind = "application/vnd.openxmlformats-officedocument.presentationml"
    overrides = "".join(
        f'<Override PartName="/ppt/slides/slide{number}.xml" ContentType="{kind}.slide+xml"/>' for number in numbers
    )
    return (
        f'<Types xmlns="{_OOXML}/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/docProps/core.xml" '
        'ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>'
        f'<Override PartName="/ppt/presentation.xml" ContentType="{kind}.presentation.main+xml"/>{overrides}</Types>'
    )


def _slide(heading: str, text: str) -> str:
    return (
        f'<p:sld xmlns:p="{_OOXML}/presentationml/2006/main" xmlns:a="{_OOXML}/drawingml/2006/main"><p:cSld><p:spTree>'
        '<p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>'
        + _box(2, 400000, 4400, heading)
        + _box(3, 3600000, 1800, text)
        + "</p:spTree></p:cSld></p:sld>"
    )


def _box(number: int, top: int, size: int, text: str) -> str:
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{number}" name="box"/><p:cNvSpPr txBox="1"/><p:nvPr/></p:nvSpPr><p:spPr><a:xfrm>'
        f'<a:off x="600000" y="{top}"/><a:ext cx="7900000" cy="1500000"/></a:xfrm><a:prstGeom prst="rect"/></p:spPr>'
        f'<p:txBody><a:bodyPr/><a:p><a:r><a:rPr lang="zh-CN" sz="{size}"/><a:t>{escape(text)}</a:t></a:r></a:p>'
        "</p:txBody></p:sp>"
    )


def write_pdf(path: Path, **properties: str) -> None:
    """A PDF of one page; the properties are those that `reportlab` sets, such as `title` and `author`."""
    from reportlab.pdfgen import canvas

    page = canvas.Canvas(str(path))
    for name, value in properties.items():
        getattr(page, f"set{name.capitalize()}")(value)
    page.drawString(100, 700, "Text of the page, long enough.")
    page.save()


def write_docx(path: Path, *paragraphs: tuple[str, str]) -> None:
    """A DOCX of paragraphs, each with the name of its style and its text."""
    body = "".join(
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr><w:r><w:t>{words}</w:t></w:r></w:p>'
        for style, words in paragraphs
    )
    with zipfile.ZipFile(path, "w") as book:
        book.writestr(
            "word/document.xml",
            f'<w:document xmlns:w="{_OOXML}/wordprocessingml/2006/main"><w:body>{body}</w:body></w:document>',
        )


WORD = f"{_OOXML}/wordprocessingml/2006/main"
_WORD_SPACES = " ".join(
    f'xmlns:{prefix}="{_OOXML}/{name}"'
    for prefix, name in (
        ("w", "wordprocessingml/2006/main"), ("r", "officeDocument/2006/relationships"),
        ("m", "officeDocument/2006/math"), ("mc", "markup-compatibility/2006"), ("dgm", "drawingml/2006/diagram"),
        ("a", "drawingml/2006/main"),
    )
) + ' xmlns:v="urn:schemas-microsoft-com:vml"'  # fmt: skip


def word_part(name: str, content: str) -> str:
    """The XML of a part of a DOCX whose root is `name`, with the prefixes `w`, `r`, `m`, `mc`, `dgm`, `a` and `v`."""
    return f'<?xml version="1.0" encoding="UTF-8"?><{name} {_WORD_SPACES}>{content}</{name}>'


def run(text: str, properties: str = "") -> str:
    """A run of a paragraph in a DOCX."""
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(text: str, properties: str = "") -> str:
    """A paragraph of a DOCX with one run."""
    return f"<w:p><w:pPr>{properties}</w:pPr>{run(text)}</w:p>"


def word_package(
    path: Path, body: str | bytes, *, parts: Mapping[str, str | bytes] | None = None, root_relation: str = ""
) -> Path:
    """A DOCX with a main part and others; each below `word` is related to the main one by its name: `rel-` and that.

    `body` is what stands in `w:body`, or the bytes of the main part; `root_relation` the type and target of one more
    relationship of the package.
    """
    parts = parts or {}
    main = body if isinstance(body, bytes) else word_part("w:document", f"<w:body>{body}</w:body>")
    kind, _, target = root_relation.partition(" ")
    more = f"<Relationship Id='more' Type={quoteattr(kind)} Target={quoteattr(target)}/>" if kind else ""
    relations = "".join(
        f'<Relationship Id="rel-{Path(name).stem}" Type="{_OOXML}/officeDocument/2006/relationships/{Path(name).stem}" '
        f'Target="{name.removeprefix("word/")}"/>'
        for name in parts
        if name.startswith("word/")
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(
            "_rels/.rels",
            f'<Relationships {_RELATIONS}><Relationship Id="r1" Target="word/document.xml" '
            f'Type="{_OOXML}/officeDocument/2006/relationships/officeDocument"/>{more}</Relationships>',
        )
        archive.writestr("word/document.xml", main)
        archive.writestr("word/_rels/document.xml.rels", f"<Relationships {_RELATIONS}>{relations}</Relationships>")
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def core_properties(elements: str) -> str:
    """The part of the core properties with these elements, of the prefixes `cp` and `dc`."""
    return (
        f'<cp:coreProperties xmlns:cp="{_OOXML}/package/2006/metadata/core-properties" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/">{elements}</cp:coreProperties>'
    )
