"""People and bodies of a description, with their roles: how lists and title pages write them, and how to read that."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from library_server.catalogue.enums import CreatorRole, Kind
from library_server.catalogue.normalization.labels import creator_without_label
from library_server.catalogue.normalization.text import normalize

ROLE_WORDS: dict[str, CreatorRole] = {
    "著": CreatorRole.AUTHOR, "作": CreatorRole.AUTHOR, "撰": CreatorRole.AUTHOR, "编著": CreatorRole.AUTHOR,
    "编": CreatorRole.EDITOR, "主编": CreatorRole.EDITOR, "编写": CreatorRole.EDITOR, "编辑": CreatorRole.EDITOR,
    "选编": CreatorRole.EDITOR, "校注": CreatorRole.EDITOR, "整理": CreatorRole.EDITOR,
    "译": CreatorRole.TRANSLATOR, "编译": CreatorRole.TRANSLATOR, "译著": CreatorRole.TRANSLATOR,
    "主讲": CreatorRole.LECTURER, "讲": CreatorRole.LECTURER, "讲授": CreatorRole.LECTURER,
    "导演": CreatorRole.DIRECTOR, "执导": CreatorRole.DIRECTOR,
    "主演": CreatorRole.PERFORMER, "演唱": CreatorRole.PERFORMER, "演": CreatorRole.PERFORMER,
    "表演": CreatorRole.PERFORMER, "演奏": CreatorRole.PERFORMER, "演出": CreatorRole.PERFORMER,
    "摄影": CreatorRole.PHOTOGRAPHER, "摄": CreatorRole.PHOTOGRAPHER, "拍摄": CreatorRole.PHOTOGRAPHER,
    "朗读": CreatorRole.NARRATOR, "播讲": CreatorRole.NARRATOR,
    "演播": CreatorRole.NARRATOR, "讲述": CreatorRole.NARRATOR,
    "绘": CreatorRole.CONTRIBUTOR, "插图": CreatorRole.CONTRIBUTOR, "校": CreatorRole.CONTRIBUTOR,
}  # fmt: skip
WORD_OF_ROLE: dict[str, str] = {
    "author": "著", "editor": "编", "translator": "译", "lecturer": "主讲", "director": "导演", "performer": "主演",
    "photographer": "摄影", "narrator": "讲述", "contributor": "参与",
}  # fmt: skip
_WORD_OF_PLAYERS = "表演"  # of music and on a stage; `主演` is of films
_ROLE_ENDS = re.compile(
    rf"[\s,，]*[(（\[]?({'|'.join(sorted(map(re.escape, ROLE_WORDS), key=len, reverse=True))})[)）\]]?$"
)
_NAMES = re.compile(r"\s*[,，;；、/|\n]\s*")
_COUNTRY = re.compile(r"^\s*[(（\[〔【][^)）\]〕】]{1,6}[)）\]〕】]\s*")


@dataclass
class Agent:
    """A person or body with its role (of `CreatorRole`) and the word that said so (著, 译, aut)."""

    name: str
    role: str = "author"
    relator: str = ""
    corporate: bool = False


def role_word(agent: Agent, kind: str) -> str:
    """Return the word for what a creator of a record of this kind did."""
    is_player = agent.role == CreatorRole.PERFORMER and kind in {Kind.AUDIO, Kind.PERFORMANCE}
    return agent.relator or (_WORD_OF_PLAYERS if is_player else WORD_OF_ROLE[agent.role])


def read_agents(text: str, role: CreatorRole = CreatorRole.AUTHOR) -> list[Agent]:
    """Return names in one cell (`张三，李四 主编；（美）约翰 著`) with the roles that stand after them."""
    agents: list[Agent] = []
    waiting: list[str] = []
    for piece in _NAMES.split(normalize(text)):
        bare, labelled = creator_without_label(piece)
        if labelled is not None:  # of this name and of those that follow
            agents += [Agent(name, role) for name in waiting]
            waiting, role = [], labelled
        name = _COUNTRY.sub("", bare).strip()
        ends = _ROLE_ENDS.search(name)
        role_word = ends[1] if ends and ends.start() > 0 else ""
        name = name[: ends.start()].strip() if ends and role_word else name
        if name in ROLE_WORDS:
            role_word, name = name, ""
        name = re.sub(r"等$", "", name) if len(name) > 2 else name
        if name:
            waiting.append(name)
        if role_word:
            agents += [Agent(name, ROLE_WORDS[role_word], role_word) for name in waiting]
            waiting = []
    agents += [Agent(name, role) for name in waiting]
    return deduplicate_agents(agents)


def deduplicate_agents(agents: Iterable[Agent]) -> list[Agent]:
    """Agents, each once in each role."""
    unique: dict[tuple[str, str], Agent] = {}
    for agent in agents:
        unique.setdefault((agent.name, agent.role), agent)
    return list(unique.values())
