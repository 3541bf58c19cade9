"""Answers of library servers kept as files: SRU (searchRetrieve 1.1 to 2.0) and OAI-PMH 2.0, around records.

`marc_files` reads those in MARCXML; this module reads those in Dublin Core (DCMI Metadata Terms), and says why an
answer has no record. Elements are known by their local names, since servers write any prefix or none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from lxml import etree

from library_server.catalogue.enums import CreatorRole, find_strictest
from library_server.catalogue.normalization.identifiers import normalize_isbn
from library_server.catalogue.normalization.text import normalize
from library_server.exchange.access_statements import read_availability
from library_server.exchange.agents import Agent, deduplicate_agents, read_agents
from library_server.exchange.bibliographic import Bibliographic, Isbn, Topic, deduplicate

_ROOT: Final = re.compile(
    rb"^[\xef\xbb\xbf\s]*(?:<\?(?:(?!\?>).){0,2000}\?>\s*|<!--(?:(?!-->).){0,4000}-->\s*|<!DOCTYPE[^>]{0,1000}>\s*){0,20}"
    rb"<(?:[\w.-]{1,40}:)?(?:searchRetrieveResponse|explainResponse|OAI-PMH)[\s/>]",
    re.DOTALL,
)
_FIELDS: Final = re.compile(rb"(?:<|&lt;)(?:[\w.-]{1,40}:)?(?:datafield|controlfield)\s")
_RESUMPTION: Final = re.compile(rb"<(?:[\w.-]{1,40}:)?resumptionToken([^>]{0,400})>\s*[^<\s]")
_LIST_SIZE: Final = re.compile(rb"completeListSize\s*=\s*[\"'](\d{1,12})")
_END: Final = 16_384  # bytes in which the token stands, at the end of the list
_PIECE: Final = 1 << 20
_OVERLAP: Final = 200
_MOST_VALUES: Final = 1_000  # elements of one record
_NAMES_OF_RECORDS: Final = frozenset(("dc", "qualifieddc", "record-dc"))
_ISBN: Final = re.compile(r"^(?:urn:)?isbn[:\s]*", re.IGNORECASE)
_ADDRESS: Final = re.compile(r"https?://\S+", re.IGNORECASE)
_EXTENT: Final = re.compile(r"\d\s*(?:页|葉|叶|册|p\b|pages?\b|v\.)", re.IGNORECASE)
_TERMS: Final = re.compile(r"\s*[;；]\s*|\s+--\s+")
_KINDS: Final = {
    "sound": "audio", "music": "audio", "录音": "audio", "stillimage": "photo", "image": "photo", "照片": "photo",
    "movingimage": "film", "video": "film", "影片": "film",
}  # fmt: skip


@dataclass(frozen=True)
class DublinCoreRecord:
    """One record of an answer: `number` counts from 1, `raw` is what tells it unchanged."""

    number: int
    raw: bytes
    described: Bibliographic


@dataclass
class Answer:
    """What is known of an answer once its records were read: what the server says of errors."""

    diagnostics: list[str] = field(default_factory=list)


def is_answer(head: bytes) -> bool:
    """Return whether a file with these first bytes is an answer of SRU or OAI-PMH."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.decode("utf-16", "replace").encode()
    return _ROOT.match(head) is not None


def holds_marc(path: Path) -> bool:
    """Return whether an answer has a field of MARC anywhere."""
    with path.open("rb") as file:
        before = b""
        while piece := file.read(_PIECE):
            text = (before + piece).replace(b"\0", b"")
            if _FIELDS.search(text):
                return True
            before = piece[-_OVERLAP:]
    return False


def find_missing_rest(path: Path) -> str | None:
    """Return what an answer of OAI-PMH says of the whole list where it is a part that others follow: how many records
    that has, or an empty text. None where nothing follows (OAI-PMH 2.0, 3.5: the last part has an empty token).
    """
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, 2) - _END))
        token = _RESUMPTION.search(file.read().replace(b"\0", b""))
    if token is None:
        return None
    size = _LIST_SIZE.search(token[1])
    return f"completeListSize {size[1].decode()}" if size else ""


def read_dublin_core(path: Path, answer: Answer) -> Iterator[DublinCoreRecord]:
    """Yield the records in Dublin Core; what the server says of errors is added to `answer`.

    Entities are not resolved and nothing is fetched. What is not well-formed is read as far as libxml2 recovers it.
    """
    number = 0
    events = etree.iterparse(
        str(path), events=("end",), recover=True, resolve_entities=False, no_network=True, load_dtd=False
    )
    try:
        for _, element in events:
            name = _local_name(element)
            if name in _NAMES_OF_RECORDS and len(element):
                number += 1
                yield _read_record(number, element)
            elif name == "recordData" and not len(element) and (element.text or "").lstrip().startswith("<"):
                for packed in _unpack(element.text or ""):  # as a string (SRU 1.1, recordPacking)
                    number += 1
                    yield _read_record(number, packed)
            elif name in {"diagnostic", "error"}:
                answer.diagnostics.append(_read_diagnostic(element))
            if name in {"record", "dc"}:
                element.clear(keep_tail=False)
    except etree.XMLSyntaxError as error:
        answer.diagnostics.append(error.msg)


def _unpack(text: str) -> list[etree._Element]:
    root = etree.fromstring(
        text.strip().encode(), etree.XMLParser(recover=True, resolve_entities=False, no_network=True)
    )
    return [] if root is None else [item for item in root.iter() if _local_name(item) in _NAMES_OF_RECORDS]


def _read_record(number: int, element: etree._Element) -> DublinCoreRecord:
    values: dict[str, list[str]] = {}
    for child in list(element.iterchildren())[:_MOST_VALUES]:
        if text := normalize("".join(map(str, child.itertext()))):
            values.setdefault(_local_name(child), []).append(text)
    return DublinCoreRecord(number, repr(sorted(values.items())).encode(), _describe(values))


def _describe(values: dict[str, list[str]]) -> Bibliographic:
    """Return the description that elements of Dublin Core make (DCMI Metadata Terms, /elements/1.1/)."""

    def of(*names: str) -> list[str]:
        return deduplicate(text for name in names for text in values.get(name, ()))

    titles = of("title")
    creators = [agent for text in of("creator") for agent in read_agents(text)]
    others = [agent for text in of("contributor") for agent in read_agents(text, CreatorRole.CONTRIBUTOR)]
    identifiers = of("identifier")
    isbns = [isbn for text in identifiers if normalize_isbn(isbn := _ISBN.sub("", text))]
    kinds = (_KINDS.get("".join(text.casefold().split("/")[-1].split())) for text in of("type"))
    rights = of("rights", "accessRights")
    levels = [level for text in rights if (level := read_availability(text))]
    periods = [text for text in of("coverage", "temporal") if re.search(r"\d|世纪|朝|代$", text)]
    return Bibliographic(
        title=titles[0] if titles else "",
        variant_titles=[*titles[1:], *of("alternative")],
        kind=next(filter(None, kinds), "book"),
        agents=deduplicate_agents([*creators, *others] or list[Agent]()),
        publisher="；".join(of("publisher")),
        date=next(iter(of("date", "issued", "created")), ""),
        language=next(iter(of("language")), ""),
        abstract="\n".join(of("description", "abstract")),
        topics=[Topic(term, "free") for text in of("subject") for term in _TERMS.split(text) if term],
        isbns=[Isbn(isbn) for isbn in isbns],
        urls=[text for text in identifiers if _ADDRESS.fullmatch(text)],
        pages=next((text for text in of("format", "extent") if _EXTENT.search(text)), ""),
        series=[[text, ""] for text in of("isPartOf")],
        notes=of("source"),
        place_covered="；".join(text for text in of("coverage", "spatial") if text not in periods),
        time_covered="；".join(periods),
        rights="；".join(rights),
        access=find_strictest(*levels) if levels else "",
    )


def _read_diagnostic(element: etree._Element) -> str:
    """Return what a server says of an error: `message` and `details` of SRU, code and text of OAI-PMH."""
    words = [element.get("code") or "", *(str(text) for text in element.itertext())]
    shown = [normalize(word) for word in words if not word.strip().startswith("info:srw")]
    return " ".join(filter(None, shown))[:_OVERLAP]


def _local_name(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""
