"""How things are said on the screens: names of kinds and roles, lengths of time, who made what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask_babel import gettext as _

from library_server.catalogue.dto import CreatorName, RecordCard, RecordView
from library_server.catalogue.enums import (
    PAGED_FORMATS,
    Access,
    AssetRole,
    BatchState,
    CreatorRole,
    Kind,
    Status,
    WithdrawalReason,
)
from library_server.catalogue.parts.numbers import number_of_special
from library_server.catalogue.records.duplicates import MatchReason
from library_server.exchange.agents import find_relator
from library_server.translations import field_names, field_values


def kind_name(kind: str) -> str:
    """Return a kind as readers call it; what is no kind (a filter that somebody typed) as it stands."""
    return field_values.value_text("kind", kind, _)


def role_name(role: str) -> str:
    """Return what a creator did, as it stands behind a name."""
    return field_values.value_text("creators", CreatorRole(role), _)


def asset_role_name(role: str) -> str:
    """Return what an asset is to its record."""
    return field_values.value_text("asset_role", AssetRole(role), _)


def batch_state_name(state: str) -> str:
    """Return where a batch stands, as librarians say it."""
    return field_values.value_text("batch_state", BatchState(state), _)


def part_mark(part_number: int | None) -> str:
    """Return the number of a part as it stands before its title in a list; empty where it has none."""
    special = number_of_special(part_number)
    return _("特%(number)s", number=special) if special is not None else str(part_number or "")


def format_counts(counts: Mapping[str, int]) -> str:
    """Return what became of the entries of a batch that were not refused."""
    added, unchanged, joined = (counts.get(state, 0) for state in ("added", "unchanged", "joined"))
    return _("入库 %(added)s，已有 %(unchanged)s，并入 %(joined)s", added=added, unchanged=unchanged, joined=joined)


def withdrawal_reason_name(reason: WithdrawalReason) -> str:
    """Return why a record was withdrawn, as readers are told."""
    return {
        WithdrawalReason.COPYRIGHT_EXPIRED: _("版权到期"),
        WithdrawalReason.LICENCE_ENDED: _("授权到期"),
        WithdrawalReason.RIGHTS_HOLDER: _("版权方要求"),
        WithdrawalReason.WRONG_CONTENT: _("内容有误"),
        WithdrawalReason.DAMAGED: _("文件损坏"),
        WithdrawalReason.DUPLICATE: _("重复"),
        WithdrawalReason.REPLACED: _("换了新的"),
    }[reason]


def status_name(status: Status) -> str:
    """Return where a record stands, as librarians say it."""
    return field_values.value_text("status", status, _)


def match_reason_name(reason: str) -> str:
    """Return why two records may be the same."""
    return {
        MatchReason.ISBN: _("ISBN 相同"),
        MatchReason.DESCRIPTION: _("书名、作者、出版相同"),
        MatchReason.PHOTO: _("照片几乎一样"),
        MatchReason.FORMAT: _("书名相同，是不同的格式"),
    }[MatchReason(reason)]


def field_name(name: str) -> str:
    """Return a field of a record as librarians call it."""
    return field_names.field_name(name, _)


def field_value(name: str, value: Any) -> str:
    """Return a value of a field of a record in one line."""
    return field_values.value_text(name, value, _)


def local_time(at: datetime, form: str = "%Y-%m-%d %H:%M") -> str:
    """Return a time as the clocks of the library show it: in the time zone of the server."""
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone().strftime(form)


def facet_name(facet: str) -> str:
    """Return a facet's heading."""
    return {
        "kind": _("种类"),
        "collection": _("专题"),
        "creator": _("作者"),
        "year": _("年份"),
        "language": _("语言"),
        "class": _("分类"),
    }[facet]


def access_name(access: Access) -> str:
    """Return who may read it, as the record page says it."""
    return field_values.value_text("access", access, _)


def format_credit(creator: CreatorName, record: RecordView) -> str:
    """Return a creator with the role as it was written (校注), else by its kind: 陈守田 著."""
    written = find_relator(record.details.statements.agents, creator.name, creator.role)
    return f"{creator.name} {written or role_name(creator.role)}".strip()


def format_whole(record: RecordView) -> tuple[str, str] | None:
    """Return the title of what a record is part of and, as it stands behind it, who made that, which part, and further
    levels; None where that is its series or nothing is known.
    """
    stated = record.details.statements
    if not stated.whole or stated.whole[0] in {record.series, *(parts[0] for parts in stated.series if parts)}:
        return None
    title, part, responsibility = (*stated.whole, "", "")[:3]
    words = (f" / {responsibility}" if responsibility else "", f"，{part}" if part else "")
    return title, "；".join(("".join(words), *stated.whole[3:]))


def format_duration(duration_ms: int | None) -> str:
    """Return how long it plays: 30 秒, 38 分钟, 1 小时 5 分."""
    if not duration_ms:
        return ""
    if duration_ms < 60_000:
        return _("%(seconds)s 秒", seconds=max(1, round(duration_ms / 1000)))
    minutes = round(duration_ms / 60_000)
    if minutes < 60:
        return _("%(minutes)s 分钟", minutes=minutes)
    return _("%(hours)s 小时 %(minutes)s 分", hours=minutes // 60, minutes=minutes % 60)


def format_clock(duration_ms: int | None) -> str:
    """Return the length as players show it: 12:05."""
    seconds = (duration_ms or 0) // 1000
    hours = f"{seconds // 3600}:" if seconds >= 3600 else ""
    return f"{hours}{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def format_extent(record: RecordView) -> str:
    """Return how much there is of it: 214 页, 12 章, 38 分钟."""
    if record.duration_ms:
        return format_duration(record.duration_ms)
    if not record.extent or record.kind != Kind.BOOK:
        return ""
    if record.details.format in PAGED_FORMATS | {"comic"}:
        return _("%(count)s 页", count=record.extent)
    return _("%(count)s 章", count=record.extent)


def format_byline(card: RecordCard) -> str:
    """Return who made it, in one line."""
    return "、".join(list(dict.fromkeys(card.creators))[:3])


def format_file_size(size: int) -> str:
    """Return a file's size in decimal units."""
    value = float(size)
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if value < 1000 or unit == "TB":
            return f"{value:.0f} {unit}" if value >= 10 or unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    raise AssertionError


def kind_label(card: RecordCard) -> str:
    """Kind and year in one line, as lists show it."""
    parts = [kind_name(card.kind), str(card.year) if card.year else "", format_duration(card.duration_ms)]
    return " · ".join(part for part in parts if part)
