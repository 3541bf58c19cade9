"""XML, XHTML and HTML as books really have it: decoded, parsed whatever is wrong with it, and its text taken.

A document that is not well formed is read as browsers read HTML, so that no text is lost. Nothing outside the document
is ever fetched, and entities are replaced before parsing, with bounds.
"""

from __future__ import annotations

import codecs
import html as html_entities
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from html.entities import html5
from typing import Any, Final

from lxml import etree

from library_server.catalogue.normalization.encodings import decode_text

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UTF16_STARTS: Final = (b"<\0", b"\0<")
_HEAD = 4096
_MOST_DAMAGED: Final = 1000  # characters to one that the stated encoding does not read
_DECLARED = (
    re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']""", re.IGNORECASE),
    re.compile(rb"""<meta\s[^>]{0,300}?charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE),
)
# Chinese books name GB2312 and are written in its supersets; GB 18030 reads them all
_SUPERSETS: Final = {
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "big5": "cp950",
}
_DECLARATION = re.compile(r"^\ufeff?\s*<\?xml\s[^>]{0,500}\?>")
_DOCTYPE = re.compile(r"<!DOCTYPE\s[^\[>]{0,1000}(\[.{0,65536}?\]\s*)?>", re.IGNORECASE | re.DOTALL)
_DOCTYPE_START = re.compile(r"<!DOCTYPE\s", re.IGNORECASE)
_INTERNAL_ENTITY = re.compile(r"""<!ENTITY\s+([A-Za-z][\w.-]{0,60})\s+(?:"([^"%&<]{0,40})"|'([^'%&<]{0,40})')\s*>""")
_REFERENCE = re.compile(r"&([A-Za-z][\w.-]{0,60});")
_BARE_AMPERSAND = re.compile(r"&(?![A-Za-z][\w.-]{0,60};|#)")
_BARE_LESS = re.compile(r"<(?![A-Za-z_/!?])")
_PREDEFINED = frozenset(("amp", "lt", "gt", "quot", "apos"))
_CDATA_SECTION = re.compile(r"(<!\[CDATA\[.*?\]\]>)", re.DOTALL)
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
# a parser of HTML does not know that these are closed, and takes all that follows as their content
_SELF_CLOSED = re.compile(r"<(?!(?:area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr)\b)"
                          r"([A-Za-z][\w:.-]{0,60})([^<>]{0,2000})/>", re.IGNORECASE)  # fmt: skip

_BLOCKS = frozenset(
    ("address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "details", "div", "dl", "dt",
     "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "legend",
     "li", "main", "nav", "ol", "option", "p", "pre", "section", "summary", "table", "tbody", "text", "tfoot", "thead",
     "tr", "ul")
)  # fmt: skip
_CELLS = frozenset(("td", "th"))
_SEPARATED = _BLOCKS | _CELLS
_PROGRAM = re.compile(r"<(script|style|head)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_BREAK = "\0"  # between blocks: no document holds this character
_HEADINGS = frozenset(("h1", "h2", "h3"))
_SILENT = frozenset(
    ("script", "style", "head", "title", "template", "rt", "rp", "rtc", "case", "desc", "metadata", "defs",
     "annotation", "annotation-xml")
)  # fmt: skip
_LONGEST_PAGE = 8  # characters of the number of a page
_RUBY = frozenset(("ruby", "rb", "rbc"))
_CJK = "\u2e80-\u303f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U000323af"
_WRAPPED = re.compile(rf"(?<=[{_CJK}])[ \t\r]*\n\s*(?=[{_CJK}])")


def decode(data: bytes) -> str:
    """Return the text of a document as `decode_stated` does; bytes that no encoding reads become U+FFFD."""
    text = decode_stated(data)
    return data.decode("utf-8", "replace") if text is None else text


def decode_stated(data: bytes, language: str | None = None, stated: Sequence[str] = ()) -> str | None:
    """Return the text of a document: UTF-8 where it is valid, else as it states, else whatever encoding reads it; None
    where none does.

    Documents that were converted to UTF-8 go on stating their old encoding. A few bytes that the stated encoding does
    not have become U+FFFD. `stated` are encodings that are named outside of it, and come first; `language` (ISO 639)
    helps where nothing is stated.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    if data.startswith(_UTF16_STARTS):
        return data.decode("utf-16-le" if data[0] else "utf-16-be", "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    for name in (*stated, *declared_encodings(data)):
        try:
            text = data.decode(name, "replace")
        except LookupError:
            continue
        if text.count("\ufffd") * _MOST_DAMAGED <= len(text):
            return text
    decoded = decode_text(data, language)
    return decoded.text if decoded is not None else None


def is_text(data: bytes) -> bool:
    """Return whether bytes may be a document, and not a picture or a font: zero bytes stand in UTF-16, and in documents
    parts of which a disk or a download left empty.
    """
    head = data[:_HEAD]
    return (
        b"\0" not in head or head.startswith((*(mark for mark, _ in _BOMS), b"\0<")) or head.lstrip().startswith(b"<")
    )


def declared_encodings(data: bytes) -> Iterator[str]:
    """Yield the encodings that a document states, in its XML declaration or its `meta` elements; not UTF-16."""
    for pattern in _DECLARED:
        match = pattern.search(data[:_HEAD])
        name = match[1].decode("ascii", "replace").lower() if match else ""
        if name and not name.startswith("utf-16"):  # the bytes would say so
            yield _SUPERSETS.get(name, name)


def parse_xml(data: bytes) -> Any:
    """Return the root of an XML document; of one that is not well formed, what could be recovered; None where nothing
    was.
    """
    source = _without_doctype(decode(data))
    root = _parse(source, recover=False)
    return root if root is not None else _parse(_with_bare_signs_escaped(source), recover=True)


def parse_document(data: bytes) -> Any:
    """Return the root of an XHTML or HTML document, read as HTML where it is not well formed; None where nothing is
    in it.
    """
    source = _without_doctype(decode(data))
    root = _parse(source, recover=False)
    if root is not None:
        return root
    parser = etree.HTMLParser(no_network=True, recover=True, huge_tree=True, encoding="utf-8")
    html = _SELF_CLOSED.sub(
        r"<\1\2></\1>", _CDATA.sub(lambda section: html_entities.escape(section[1], quote=False), source)
    )
    try:
        root = etree.fromstring(_encode_source(html), parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    is_cut = any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log)  # at 2,048 levels
    return _without_tags(html) if root is None or is_cut else root


def _with_bare_signs_escaped(source: str) -> str:
    """Return a document in which `&` and `<` that begin neither a reference nor a tag are references, so that they
    stay.
    """
    pieces = _CDATA_SECTION.split(source)  # in which they stand for themselves
    pieces[::2] = [_BARE_LESS.sub("&lt;", _BARE_AMPERSAND.sub("&amp;", piece)) for piece in pieces[::2]]
    return "".join(pieces)


def _without_tags(html: str) -> Any:
    text = html_entities.unescape(_TAG.sub("\n", _PROGRAM.sub("", html)))
    if not text.strip():
        return None
    root = etree.Element("pre")
    root.text = _NOT_XML.sub(" ", text)
    return root


def local_name(tag: Any) -> str:
    """Return the name of an element in lower case without its namespace or prefix; empty for comments and
    instructions.
    """
    return _local_name(tag) if isinstance(tag, str) else ""


@lru_cache(maxsize=4096)
def _local_name(tag: str) -> str:
    return tag.rpartition("}")[2].rpartition(":")[2].lower()


def get_attribute(element: Any, name: str) -> str:
    """Return an attribute by its local name, whatever its namespace; empty where there is none."""
    return next((str(value) for key, value in element.attrib.items() if local_name(key) == name), "")


def text_of(root: Any) -> tuple[str, str | None]:
    """Return the text of an element or document, a line a block, and its first heading.

    Of ruby the base is taken, not the reading; of alternatives (`epub:switch`) the default.
    """
    pieces: list[str] = []
    headings: list[str] = []
    start = 0
    silent = preformatted = 0  # how many of the open elements have no text for readers, and keep their lines
    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        tag = local_name(element.tag)
        if event == "start":
            silent += _is_silent(element, tag)
            preformatted += tag == "pre"
            if tag in _BLOCKS:
                pieces.append(_BREAK)
            start = len(pieces) if tag in _HEADINGS else start
            if element.text and not silent:
                pieces.append(_normalize_inline(element.text, tag, is_preformatted=preformatted > 0))
            continue
        if event == "end":
            silent -= _is_silent(element, tag)
            preformatted -= tag == "pre"
            if tag in _HEADINGS and not silent:
                headings.append(" ".join(_join_lines(pieces[start:])))
            if tag in _SEPARATED:
                pieces.append(_BREAK if tag in _BLOCKS else " ")
        if element.tail and not silent and element is not root:
            parent = local_name(element.getparent().tag)
            pieces.append(_normalize_inline(element.tail, parent, is_preformatted=preformatted > 0))
    return "\n".join(_join_lines(pieces)), next(filter(None, headings), None)


def on_one_line(text: str) -> str:
    """Return a text in one line; a line break between Chinese characters is nothing, any other a space."""
    return " ".join((_WRAPPED.sub("", text) if "\n" in text else text).split())


def _join_lines(pieces: list[str]) -> list[str]:
    """Return lines of text; a line break of the source is a space, and nothing between Chinese characters."""
    blocks = "".join(pieces).split(_BREAK)
    return [line for block in blocks if (line := on_one_line(block))]


def _normalize_inline(text: str, parent: str, *, is_preformatted: bool) -> str:
    if parent in _RUBY:
        return text.strip()
    return text.replace("\n", _BREAK) if is_preformatted else text


def _is_silent(element: Any, tag: str) -> bool:
    if tag in _SILENT or element.get("hidden") is not None:
        return True
    return 0 < len(element.text or "") <= _LONGEST_PAGE and _is_page_break(element)


def _is_page_break(element: Any) -> bool:
    """Return whether an element holds the number of a page of the printed book (EPUB 3 SSV, pagination)."""
    return "pagebreak" in get_attribute(element, "type").split() or element.get("role") == "doc-pagebreak"


def _parse(source: str, *, recover: bool) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=recover, huge_tree=True)
    try:
        return etree.fromstring(_encode_source(source), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _encode_source(source: str) -> bytes:
    return source.encode("utf-8", "replace")


def _without_doctype(source: str) -> str:
    """Return a document without declaration, DTD and control characters; entities of the DTD and of HTML are
    characters.
    """
    source = _NOT_XML.sub(" ", _DECLARATION.sub("", source)).lstrip("\ufeff \t\r\n")
    start = _DOCTYPE_START.search(source, 0, _HEAD)
    doctype = _DOCTYPE.match(source, start.start()) if start else None
    defined: dict[str, str] = {}
    if doctype is not None:
        for name, *values in _INTERNAL_ENTITY.findall(doctype[1] or ""):
            defined.setdefault(name, html_entities.escape("".join(values), quote=False))
        source = source[: doctype.start()] + source[doctype.end() :]
    return _REFERENCE.sub(lambda reference: _replace_reference(reference, defined), source)


def _replace_reference(reference: re.Match[str], defined: dict[str, str]) -> str:
    name = reference[1]
    if name in _PREDEFINED:
        return reference[0]
    return defined.get(name) or html_entities.escape(html5.get(f"{name};", f"&{name};"), quote=False)
