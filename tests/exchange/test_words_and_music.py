"""Those who wrote words and music, by the words that lists, labels and files have for it."""

from __future__ import annotations

import pytest

from ingest_tools.sources.naming.performers import split_people
from library_server.app import create_app
from library_server.catalogue.details import AgentStatement, RecordDetails, Statements
from library_server.catalogue.dto import CreatorName, RecordDraft
from library_server.catalogue.enums import Kind
from library_server.catalogue.records import commands
from library_server.exchange.agents import read_agents
from library_server.library import Library


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("叶蔚林 作词，白诚仁 作曲", "叶蔚林 lyricist 白诚仁 composer"),
        ("叶蔚林 词；白诚仁 曲；何纪光 唱", "叶蔚林 lyricist 白诚仁 composer 何纪光 performer"),
        ("词：叶蔚林；曲：白诚仁", "叶蔚林 lyricist 白诚仁 composer"),
        ("词/曲：白诚仁", "白诚仁 composer"),
        ("白诚仁作曲", "白诚仁 composer"),
        ("天元戏曲", "天元戏曲 author"),
    ],
)
def test_words_and_music_in_cells(text: str, stated: str) -> None:
    words = " ".join(f"{agent.name} {agent.role}" for agent in read_agents(text))
    assert words == stated


def test_one_word_for_words_and_music_is_two_roles() -> None:
    assert split_people("洞庭鱼米乡（白诚仁词曲）")[1] == (("白诚仁", "lyricist"), ("白诚仁", "composer"))


def test_who_has_two_roles_is_shown_with_the_word_of_each(library: Library) -> None:
    agents = (AgentStatement("白诚仁", "填词", False), AgentStatement("白诚仁", "谱曲", False))
    people = ("白诚仁", "lyricist"), ("白诚仁", "composer"), ("何纪光", "composer")
    draft = RecordDraft(
        kind=Kind.AUDIO, title="洞庭鱼米乡", details=RecordDetails(statements=Statements(agents=agents)),
        creators=tuple(CreatorName(name, role) for name, role in people),
    )  # fmt: skip
    with library.database.writing() as session:
        record_id = commands.add_record(session, draft)
    page = create_app(library).test_client().get(f"/records/{record_id}").text
    assert all(credit in page for credit in ("白诚仁 填词", "白诚仁 谱曲", "何纪光 作曲"))
