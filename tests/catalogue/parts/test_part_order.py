"""The order of the parts of a work, also of those that have one number."""

from __future__ import annotations

from itertools import permutations

import pytest

from library_server.catalogue.dto import RecordDraft
from library_server.catalogue.enums import Kind, LinkType
from library_server.catalogue.parts.natural_order import part_title_key
from library_server.catalogue.parts.numbers import number_in_season, number_of_special
from library_server.catalogue.records import commands, queries
from library_server.library import Library


@pytest.mark.parametrize(
    "titles",
    [
        ["第3集上", "第3集中", "第3集下"], ["渡口（上）", "渡口（中）", "渡口（下）"],
        ["渡口 上集", "渡口 中集", "渡口 下集"],
        ["虫害（一）", "虫害（二）", "虫害（三）", "虫害（十）", "虫害（十一）"],
        ["渡口 前篇", "渡口 中篇", "渡口 后篇"],
        ["渡口(前)", "渡口(后)"], ["大宅门 03上", "大宅门 03下"], ["渡口之一", "渡口之二", "渡口之三", "渡口之十"],
        ["第二回", "第三回", "第十回"], ["施肥 2", "施肥 10"], ["上", "中", "下"], ["施肥①", "施肥②", "施肥⑩"],
    ],
)  # fmt: skip
def test_parts_are_in_the_order_of_their_titles(titles: list[str]) -> None:
    for order in permutations(titles[:4]):
        assert sorted(order, key=part_title_key) == titles[:4]
    assert sorted(reversed(titles), key=part_title_key) == titles


def test_parts_of_one_number_are_listed_in_the_order_of_their_titles(library: Library) -> None:
    drafts = [
        (3, "第3集下"),
        (3, "第3集上"),
        (2, "第2集"),
        (1_000_001, "花絮"),
        (10, "第10集"),
        (None, "片尾曲"),
        (3, "第3集中"),
    ]
    with library.database.writing() as session:
        whole = commands.add_record(session, RecordDraft(kind=Kind.FILM, title="大宅门"))
        for number, title in drafts:
            part = commands.add_record(session, RecordDraft(kind=Kind.FILM, title=title, part_number=number))
            commands.add_link(session, part, LinkType.PART_OF, whole)
    with library.database.reading() as session:
        parts = [part.title for part in queries.list_parts(session, whole)]
    assert parts == ["第2集", "第3集上", "第3集中", "第3集下", "第10集", "花絮", "片尾曲"]


def test_specials_have_numbers_of_their_own() -> None:
    seasons = (None, 0, 1, 2, 99)
    assert [number_in_season(season, 1) for season in seasons] == [1, 1_000_001, 1, 201, 9_901]
    assert [number_of_special(number_in_season(season, 1)) for season in seasons] == [None, 1, None, None, None]
