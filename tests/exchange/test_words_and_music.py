"""Those who wrote words and music, by the words that lists, labels and files have for it."""

from __future__ import annotations

import pytest

from ingest_tools.sources.naming.performers import split_people
from library_server.app import create_app
from library_server.catalogue.details import AgentStatement, RecordDetails, Statements
from library_server.catalogue.dto import CreatorName, RecordDraft
from library_server.catalogue.enums import Kind
from library_server.catalogue.records import commands
from library_server.exchange.agents import ROLE_WORDS, find_relator, read_agents
from library_server.exchange.marc import cnmarc, marc21, relators
from library_server.library import Library
from tests.exchange.test_marc_values import record_of

TWO_ROLES = [("白诚仁", "lyricist", ""), ("白诚仁", "composer", "")]


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("叶蔚林 作词，白诚仁 作曲", "叶蔚林 lyricist 白诚仁 composer"),
        ("叶蔚林 词；白诚仁 曲；何纪光 唱", "叶蔚林 lyricist 白诚仁 composer 何纪光 performer"),
        ("词：叶蔚林；曲：白诚仁", "叶蔚林 lyricist 白诚仁 composer"),
        ("词/曲：白诚仁", "白诚仁 lyricist 白诚仁 composer"),
        ("词曲：白诚仁、叶蔚林", "白诚仁 lyricist 白诚仁 composer 叶蔚林 lyricist 叶蔚林 composer"),
        ("白诚仁 词、曲", "白诚仁 lyricist 白诚仁 composer"),
        ("白诚仁 词曲；何纪光 唱", "白诚仁 lyricist 白诚仁 composer 何纪光 performer"),
        ("叶蔚林 词、白诚仁 曲", "叶蔚林 lyricist 白诚仁 composer"),
        ("Words and music by: Joan Hill", "Joan Hill lyricist Joan Hill composer"),
        ("白诚仁作曲", "白诚仁 composer"),
        ("天元戏曲", "天元戏曲 author"),
    ],
)
def test_words_and_music_in_cells(text: str, stated: str) -> None:
    words = " ".join(f"{agent.name} {agent.role}" for agent in read_agents(text))
    assert words == stated


def test_one_word_for_words_and_music_is_two_roles() -> None:
    assert split_people("洞庭鱼米乡（白诚仁词曲）")[1] == (("白诚仁", "lyricist"), ("白诚仁", "composer"))


@pytest.mark.parametrize("word", ["词曲", "作词作曲", "songwriter", "swr"])
def test_one_word_of_marc_for_words_and_music_is_two_roles_and_comes_back(word: str) -> None:
    for family, module, tag, code in (("200", cnmarc, "701", "4"), ("245", marc21, "700", "e")):
        record = record_of((family, [("a", "洞庭鱼米乡")]), (tag, [("a", "白诚仁"), (code, word)]))
        described = module.read(record)
        assert [(agent.name, agent.role, agent.relator) for agent in described.agents] == TWO_ROLES
        again = module.read(module.write(described))
        assert [(agent.name, agent.role) for agent in again.agents] == [who[:2] for who in TWO_ROLES]


def test_a_statement_of_words_and_music_gives_both_roles() -> None:
    for statement in ("words and music by Joan Hill", "music and lyrics by Joan Hill"):
        assert relators.find_stated_roles("Hill, Joan", [statement]) == [("lyricist", ""), ("composer", "")]
    assert relators.find_stated_roles("白诚仁", ["白诚仁词曲"]) == [("lyricist", ""), ("composer", "")]


def test_every_word_that_is_shown_for_a_relator_code_is_read_as_the_same_role() -> None:
    assert all(ROLE_WORDS[word] == role for role, word in relators._ROLES_WITH_WORDS.values())


@pytest.mark.parametrize(
    ("relators_of_name", "role", "word"),
    [
        (["作词"], "composer", ""), (["作词", ""], "composer", ""), (["作词", "谱曲"], "composer", "谱曲"),
        (["合编"], "editor", "合编"), (["合编"], "translator", ""), (["参订"], "editor", "参订"),
        (["作词", "参订"], "composer", "参订"), ([], "author", ""),
    ],
)  # fmt: skip
def test_the_word_of_one_role_is_not_shown_for_another(relators_of_name: list[str], role: str, word: str) -> None:
    stated = [AgentStatement("白诚仁", relator, False) for relator in relators_of_name]
    assert find_relator(stated, "白诚仁", role) == word


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
