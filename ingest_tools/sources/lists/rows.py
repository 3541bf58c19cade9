"""A row of a list to a description, with every cell that was not understood."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ingest_tools.rejections import INTERNAL, REASONS, SHOWN_CHARACTERS
from ingest_tools.sources.lists import cells, quantities
from ingest_tools.sources.lists.cells import InvalidCell
from ingest_tools.sources.names import LONGEST_PATH, is_path
from library_server.catalogue.enums import CreatorRole, find_strictest
from library_server.catalogue.normalization.character_references import without_markup
from library_server.catalogue.normalization.classification import normalize_class
from library_server.catalogue.normalization.labels import without_label
from library_server.catalogue.normalization.numerals import read_count, read_integer
from library_server.catalogue.normalization.text import language_tag, normalize
from library_server.exchange import access_statements
from library_server.exchange.access_statements import UnknownAccess
from library_server.exchange.agents import Agent, read_agents
from library_server.exchange.bibliographic import (
    Bibliographic,
    HoldingStatement,
    Isbn,
    Topic,
    split_terms,
    with_classes_apart,
)
from library_server.exchange.headings import ACCESS_FIELDS
from library_server.exchange.list_values import KIND_OF
from library_server.exchange.record_names import read_id, read_version
from library_server.lazy_patterns import lazy_pattern
from library_server.translations.message_catalogs import gettext_noop as _
from library_server.translations.message_catalogs import with_detail

NO_PLACE = "未注明地点"
CELL_LIMIT = 20_000
_AS_WRITTEN = ACCESS_FIELDS | {"file"}  # in which nothing may be passed over
_COUNTED = lazy_pattern(r"第?\s?(\S{1,8}?)\s?[集讲期回课章节]?")
_LONGEST_NUMBER = 7  # digits, of specials
_SEVERAL_LANGUAGES = lazy_pattern(r"[/／+＋&]|[(（].*?[)）]")
# 全国统一书号, until 1986: 10009·1, T16109·12, 统一书号：10009·1
_BEFORE_ISBN = lazy_pattern(r"(?:(?:全国)?统一书号\s?:?\s?)?((?:CN)?[A-Z]{0,2}\s?\d{3,6}\s?[·.．・•]\s?\d{1,5})$")
_IN_TITLE_SIGNS = lazy_pattern(r"《([^《》]{1,200})》")
_ROLES = {
    "creators": CreatorRole.AUTHOR, "composers": CreatorRole.COMPOSER, "lyricists": CreatorRole.LYRICIST,
    "editors": CreatorRole.EDITOR, "translators": CreatorRole.TRANSLATOR,
    "lecturers": CreatorRole.LECTURER, "directors": CreatorRole.DIRECTOR, "performers": CreatorRole.PERFORMER,
    "photographers": CreatorRole.PHOTOGRAPHER, "narrators": CreatorRole.NARRATOR,
}  # fmt: skip


@dataclass
class Row:
    """A row understood as far as it goes. `problems` are {field, value, expected}.

    `failure` names the error of a reader of ours that failed on a cell, which no known cell makes it do.
    """

    described: Bibliographic
    file: str | None = None
    course: str | None = None
    origin: str | None = None
    failure: str = ""
    problems: list[dict[str, str]] = field(default_factory=list)


def read_row(given: Mapping[str, Any]) -> Row:
    """Read a row (field to cell, empty cells left out)."""
    row = Row(Bibliographic())
    given = {name: cell for name, cell in given.items() if name in _AS_WRITTEN or not cells.says_nothing(cell, name)}
    for name, cell in given.items():
        try:
            if name != "file" and len(cells.cell_text(cell)) > CELL_LIMIT:
                raise InvalidCell(with_detail(_("字数太多，要少一些"), f"≤ {CELL_LIMIT}"))
            _READ[name](row, cell)
        except InvalidCell as unreadable:
            row.problems.append(
                {"field": name, "value": cells.cell_text(cell)[:SHOWN_CHARACTERS], "expected": str(unreadable)}
            )
        except Exception as error:  # a reader's own bug refuses this row and names the cell; the list goes on
            row.failure = f"{type(error).__name__}: {name}"
            row.problems.append({"field": name, "value": repr(cell)[:SHOWN_CHARACTERS], "expected": REASONS[INTERNAL]})
    _put_together(row, given)
    return row


def _put_together(row: Row, given: Mapping[str, Any]) -> None:
    """What needs two cells: binding and price go with the ISBN, copies with their place, a number with its series."""
    described = row.described
    if not described.title and not row.file:
        row.problems.append({"field": "title", "value": "", "expected": _("书名，或者文件")})
    price, binding = quantities.read_price(given.get("price")), cells.cell_value(given.get("binding"))
    if (price or binding) and described.isbns:
        described.isbns[0].price, described.isbns[0].binding = price, binding
    elif price:
        described.isbns.append(Isbn("", binding, price))
    copies = next((holding.copies for holding in described.holdings if not holding.place), None)
    place, mark, code = (normalize(cells.cell_value(given.get(name))) for name in ("held_at", "shelf_mark", "barcode"))
    if copies is None and "copies" not in given and (place or code or (mark and not row.file)):
        copies = 1
    described.holdings = [HoldingStatement(place or NO_PLACE, mark, copies, [code] if code else [])] if copies else []
    series = [normalize(cells.cell_value(given.get(name))) for name in ("series", "series_number")]
    described.series = [[part for part in series if part]] if any(series) else []
    if record_id := read_id(cells.cell_value(given.get("record_id"))):
        described.record_names = {record_id: read_version(cells.to_halfwidth(given.get("record_version")))}
    if "photographers" in given and not described.kind:
        described.kind = "photo"
    elif "lecturers" in given and not described.kind:
        described.kind = "lecture"
    row.described = with_classes_apart(described)


def _text_setter(name: str) -> Callable[[Row, Any], None]:
    def set_field(row: Row, cell: Any) -> None:
        setattr(row.described, name, normalize(cells.cell_value(cell)))

    return set_field


def _labelled_setter(name: str) -> Callable[[Row, Any], None]:
    def set_field(row: Row, cell: Any) -> None:
        setattr(row.described, name, without_label(normalize(cells.cell_value(cell)), name))

    return set_field


def _terms_setter(name: str) -> Callable[[Row, Any], None]:
    def set_field(row: Row, cell: Any) -> None:
        getattr(row.described, name).extend(split_terms(cells.cell_value(cell)))

    return set_field


def _set_title(row: Row, cell: Any) -> None:
    title = without_label(normalize(cells.cell_value(cell)), "title")
    in_signs = _IN_TITLE_SIGNS.fullmatch(title)
    row.described.title = in_signs[1].strip() if in_signs else title


def _prose_setter(name: str) -> Callable[[Row, Any], None]:
    def set_field(row: Row, cell: Any) -> None:
        setattr(row.described, name, without_label(normalize(without_markup(cells.cell_value(cell))), name))

    return set_field


def _text_appender(name: str) -> Callable[[Row, Any], None]:
    def set_field(row: Row, cell: Any) -> None:
        getattr(row.described, name).append(normalize(without_markup(cells.cell_value(cell))))

    return set_field


def _agents_setter(role: CreatorRole) -> Callable[[Row, Any], None]:
    def set_field(row: Row, cell: Any) -> None:
        known = {agent.name for agent in row.described.agents}
        named: list[Agent] = read_agents(cells.cell_value(cell), role)
        row.described.agents += [agent for agent in named if agent.name not in known]

    return set_field


def _set_isbn(row: Row, cell: Any) -> None:
    if before := _BEFORE_ISBN.match(cells.to_halfwidth(cell)):
        row.described.notes.append(f"统一书号 {before[1]}")
        return
    row.described.isbns = [Isbn(isbn) for isbn in cells.read_isbns(cell)]


def _set_date(row: Row, cell: Any) -> None:
    row.described.date = row.described.date or cells.read_year_of_date(cell) or cells.read_date(cell)


def _set_taken(row: Row, cell: Any) -> None:
    row.described.date = row.described.date or cells.read_date(cell)


def _set_imprint(row: Row, cell: Any) -> None:
    place, publisher, date = cells.read_imprint(cell)
    described = row.described
    described.place, described.publisher = described.place or place, described.publisher or publisher
    described.date = described.date or date


def _set_class(row: Row, cell: Any) -> None:
    numbers = [
        number for term in split_terms(cells.to_halfwidth(cell), r"[;；,，、\s|]") if (number := normalize_class(term))
    ]
    if not numbers:
        raise InvalidCell(_("中图法分类号，如 S666、I276.3"))
    row.described.clc = numbers


def _set_language(row: Row, cell: Any) -> None:
    terms = split_terms(_SEVERAL_LANGUAGES.sub(";", cells.cell_value(cell)))
    tag = next(filter(None, map(language_tag, terms)), None)
    if tag is None:
        raise InvalidCell(_("语种，如 中文、英文、zh"))
    row.described.language = tag


def _set_copies(row: Row, cell: Any) -> None:
    number = quantities.read_copies(cell)
    if number:
        row.described.holdings.append(HoldingStatement("", "", number))


def _set_subjects(row: Row, cell: Any) -> None:
    row.described.topics += [Topic(term) for term in split_terms(cells.cell_value(cell), r"[;；,，、|\n\s　]")]


def _set_duration(row: Row, cell: Any) -> None:
    row.described.duration_ms = quantities.read_duration(cell)


def _set_number(row: Row, cell: Any) -> None:
    text = re.sub(r"\.0+$", "", cells.to_halfwidth(cell))
    number = read_integer("".join(character for character in text if character.isdigit()), _LONGEST_NUMBER)
    if number is None and (counted := _COUNTED.fullmatch(text)):
        number = read_count(counted[1])
    if number is None:
        raise InvalidCell(_("第几集，一个整数"))
    row.described.number = number


def _set_kind(row: Row, cell: Any) -> None:
    kind = KIND_OF.get(normalize(cells.cell_value(cell)).lower())
    if kind is None:
        raise InvalidCell(_("图书、音频、讲座、电影、戏曲、故事、人物或照片"))
    row.described.kind = kind


def _access_setter(reader: Callable[[str], str | None]) -> Callable[[Row, Any], None]:
    def set_field(row: Row, cell: Any) -> None:
        words = cells.cell_value(cell)
        if cells.is_error(cell):
            raise InvalidCell(access_statements.EXPECTED)
        try:
            access = reader(words)
        except UnknownAccess as unknown:
            raise InvalidCell(access_statements.EXPECTED) from unknown
        if access is None:  # a column for both, with a statement of rights that names no restriction
            row.described.rights = row.described.rights or normalize(words)
        else:
            _restrict_access(row, access)

    return set_field


def _restrict_access(row: Row, access: str) -> None:
    """The access level of a cell; where two columns have one, the stricter stands."""
    row.described.access = str(find_strictest(*filter(None, (row.described.access, access))))


def _set_file(row: Row, cell: Any) -> None:
    named = cells.cell_text(cell)
    row.file = named[: LONGEST_PATH + 1]  # also of a row that is refused: its file waits, or all that it may name
    if not is_path(named) or cells.is_error(cell):
        raise InvalidCell(_("文件的路径：4,096 字、64 层以内"))


def _set_course(row: Row, cell: Any) -> None:
    row.course = normalize(cells.cell_value(cell))


def _set_origin(row: Row, cell: Any) -> None:
    row.origin = cells.cell_text(cell)


def _check_barcode(_row: Row, cell: Any) -> None:
    """Refuse a barcode whose digits are lost; it is read by `_put_together`."""
    cells.restore_digits(cells.to_halfwidth(cell))


def _skip_cell(_row: Row, _cell: Any) -> None:
    """Read by `_put_together`."""


_READ: dict[str, Callable[[Row, Any], None]] = {
    "title": _set_title, "subtitle": _text_appender("other_title"),
    "other_titles": _terms_setter("variant_titles"), **{name: _agents_setter(role) for name, role in _ROLES.items()},
    "publisher": _labelled_setter("publisher"), "place": _text_setter("place"), "imprint": _set_imprint,
    "date": _set_date, "taken": _set_taken, "taken_at": _text_setter("place_covered"),
    "edition": _text_setter("edition"), "isbn": _set_isbn, "clc": _set_class, "subjects": _set_subjects,
    "abstract": _prose_setter("abstract"), "contents": _text_appender("contents"), "series": _skip_cell,
    "series_number": _skip_cell, "language": _set_language, "price": _skip_cell, "pages": _text_setter("pages"),
    "size": _text_setter("size"), "binding": _skip_cell, "copies": _set_copies, "held_at": _skip_cell,
    "shelf_mark": _skip_cell, "barcode": _check_barcode, "file": _set_file, "duration": _set_duration,
    "collections": _terms_setter("collections"), "number": _set_number, "course": _set_course,
    "rights": _text_setter("rights"), "access": _access_setter(access_statements.read_access),
    "is_public": _access_setter(access_statements.read_is_public),
    "rights_access": _access_setter(access_statements.read_rights_or_access), "kind": _set_kind,
    "notes": _text_appender("notes"), "url": _text_appender("urls"), "origin": _set_origin, "record_id": _skip_cell,
    "record_version": _skip_cell,
}  # fmt: skip
