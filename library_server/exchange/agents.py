"""People and bodies of a description, with their roles: how lists and title pages write them, and how to read that."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from library_server.catalogue.details import AgentStatement
from library_server.catalogue.enums import CreatorRole, Kind
from library_server.catalogue.normalization.labels import roles_without_label
from library_server.catalogue.normalization.personal_names import is_chinese_person, split_latin_names
from library_server.catalogue.normalization.text import normalize
from library_server.lazy_patterns import lazy_pattern

_WORDS_BY_ROLE = {
    CreatorRole.AUTHOR: "著 作 原著 撰 编著 编剧 改编 改写 执笔",
    CreatorRole.COMPOSER: "作曲 谱曲 曲 词曲 作词作曲",
    CreatorRole.LYRICIST: "作词 填词 词",
    CreatorRole.EDITOR: "编 主编 副主编 编写 编辑 选编 编选 编纂 纂修 修纂 纂 整理 记录 搜集 收集 搜集整理 收集整理 "
    "采录 辑 辑录 辑校 辑注 辑佚 选辑 "
    "编注 编校 校注 校点 点校 校订 修订 增订 校勘 注 注释 注疏 评注 译注 集注 集解 集传 集释 集评 选注 笺 笺注 笺疏 "
    "笺证 音注 补注 疏 疏证 索隐 评点 点评 批点 评校",
    CreatorRole.TRANSLATOR: "译 编译 译著 译述 选译 节译 今译 校译",
    CreatorRole.LECTURER: "主讲 讲 讲授",
    CreatorRole.DIRECTOR: "导演 执导 编导",
    CreatorRole.PERFORMER: "主演 演唱 演 表演 演奏 演出 独唱 领唱 主唱 对唱 合唱 弹唱 说唱 唱 独奏 伴奏 指挥",
    CreatorRole.PHOTOGRAPHER: "摄影 摄 拍摄",
    CreatorRole.NARRATOR: "朗读 播讲 演播 讲述 口述 播音 朗诵 诵读",
    CreatorRole.CONTRIBUTOR: "绘 绘画 绘图 插图 插画 编绘 校 审校 审订 编曲 配器",
}
ROLE_WORDS = {word: role for role, words in _WORDS_BY_ROLE.items() for word in words.split()}
_OF_WORDS_AND_MUSIC = frozenset(("词曲", "作词作曲"))
WORDS_AND_MUSIC = (CreatorRole.LYRICIST, CreatorRole.COMPOSER)
"""The roles of who made both words and music of a song."""
WORD_OF_ROLE: dict[str, str] = {
    "author": "著", "composer": "作曲", "lyricist": "作词",
    "editor": "编", "translator": "译", "lecturer": "主讲", "director": "导演", "performer": "主演",
    "photographer": "摄影", "narrator": "讲述", "contributor": "参与",
}  # fmt: skip
_WORD_OF_PLAYERS = "表演"  # of music and on a stage; `主演` is of films
_LONGEST_FIRST = sorted(ROLE_WORDS, key=len, reverse=True)
JOINED_ROLE_WORDS = tuple(word for word in _LONGEST_FIRST if word not in {"词", "曲", "唱"})
"""Those that may stand behind a name without a space, the longest first: `唐宋词` and `元曲` name nobody."""
_WORDS = "|".join(_LONGEST_FIRST)
_SEPARATOR = r"[\s,，]+[(（\[]?|[(（\[]"
_ROLE_ENDS = lazy_pattern(rf"(?:{_SEPARATOR})({_WORDS})[)）\]]?$|(?<=..)({'|'.join(JOINED_ROLE_WORDS)})[)）\]]?$")
_OF_BOOKS = (CreatorRole.AUTHOR, CreatorRole.EDITOR, CreatorRole.TRANSLATOR)
# what stands behind a name without a space may be its last character (池田大作), but for these
_UNCERTAIN = ("编辑", "整理", "记录", "搜集", "收集", "采录")
_CERTAIN = [word for word, role in ROLE_WORDS.items() if len(word) > 1 and role in _OF_BOOKS and word not in _UNCERTAIN]
_STATED_ENDS = lazy_pattern(rf"(?:{_SEPARATOR})({_WORDS})[)）\]]?$|(?<=..)({'|'.join(_CERTAIN)}|[著撰译编])$")
_ROLE_OF_BOOK = lazy_pattern(
    rf"(?<=..)\s*(?:{'|'.join(word for word in _LONGEST_FIRST if word in _CERTAIN)}|[著撰译编])$"
)
HAN = lazy_pattern("[\u3400-\u9fff\U00020000-\U0003fffd]")
_EAST_ASIAN = lazy_pattern("[\u2e80-\U0003fffd]")
_LIFE = lazy_pattern(r"\s*[(（]\s?\d{4}\s?[-–—~～]\s?(?:\d{4})?\s?[)）]$")  # years of life behind a name
_BETWEEN_NAMES = lazy_pattern(r"\s*\n\s*|\s+(?=[\u4e00-\u9fff]{2,4}[:：])")  # a line end, or the label of the next
_LINE_END = lazy_pattern(r"\s*\n\s*")
_NAMES = lazy_pattern(r"\s*[,，;；、/|\n]\s*|(?<=[\u4e00-\u9fff])\s*[&＆]\s*(?=[\u4e00-\u9fff])")
_WORDS_AND_MUSIC_APART = lazy_pattern(r"词\s?[/／、&＆]\s?(?=作?曲)")  # one label or role, not two names
_COUNTRY = lazy_pattern(r"^\s*[(（\[〔【][^)）\]〕】]{1,6}[)）\]〕】]\s*")


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


def find_relator(agents: Iterable[AgentStatement], name: str, role: str) -> str:
    """Return the word that a card has for what somebody did in this role; an empty text where it has none."""
    words = {agent.relator: _find_role_of_word(agent.relator) for agent in agents if agent.name == name}
    of_unknown_role = (word for word, known in words.items() if known is None)
    return next((word for word, known in words.items() if known == role), next(of_unknown_role, ""))


def _find_role_of_word(word: str) -> CreatorRole | None:
    """Return the role that a word or its end says (合编), as MARC relator terms are read."""
    return next((ROLE_WORDS[end] for end in (word, word[-2:], word[-1:]) if end in ROLE_WORDS), None)


def roles_of_word(word: str) -> tuple[CreatorRole, ...]:
    """Return the role that a word of `ROLE_WORDS` says, or the two of one for words and music."""
    return WORDS_AND_MUSIC if word in _OF_WORDS_AND_MUSIC else (ROLE_WORDS[word],)


def make_agents(name: str, word: str) -> list[Agent]:
    """Return somebody in each role that a word of `ROLE_WORDS` says; one word for two roles stands with neither."""
    roles = roles_of_word(word)
    return [Agent(name, role, word if len(roles) == 1 else "") for role in roles]


def read_creators(text: str, role: str) -> list[tuple[str, str]]:
    """Return the names in one value of a file's metadata, each with `role` or that which a word behind it says."""
    pieces = re.split(r"[;；]", text)
    if not any(map(HAN.search, pieces)):
        return [(name, role) for name in split_latin_names(text)]
    if not all(map(HAN.search, pieces)):  # a role counts for the names before it, where these are in one script
        return [creator for piece in pieces for creator in read_creators(piece, role)]
    return [(agent.name, str(agent.role)) for agent in read_agents(text, CreatorRole(role), _STATED_ENDS)]


def read_agents(text: str, role: CreatorRole = CreatorRole.AUTHOR, ends: re.Pattern[str] = _ROLE_ENDS) -> list[Agent]:
    """Return names in one cell (`张三，李四 主编；（美）约翰 著`) with the roles that stand after them.

    `ends` matches the word for a role at the end of a name.
    """
    if not _EAST_ASIAN.search(text):
        bare, labelled = roles_without_label(normalize(_LINE_END.sub("; ", text.strip())))
        values = (name for piece in re.split(r"[/|]", bare) for name in split_latin_names(piece))
        names = (_LIFE.sub("", name).strip() for name in values)
        return deduplicate_agents(Agent(name, each) for name in names if name for each in labelled or (role,))
    agents: list[Agent] = []
    roles: tuple[CreatorRole, ...] = (role,)
    waiting: list[str] = []
    joined = _WORDS_AND_MUSIC_APART.sub("词", text.strip())
    pieces = _NAMES.split(normalize(_BETWEEN_NAMES.sub("；", joined)))
    for piece in (name for names in pieces for name in _divide_persons(names)):
        bare, labelled = roles_without_label(piece)
        if labelled:  # of this name and of those that follow
            agents += [Agent(name, each) for name in waiting for each in roles]
            waiting, roles = [], labelled
        name = _LIFE.sub("", without_country(bare)).strip()
        end = ends.search(name)
        role_word = next(filter(None, end.groups()), "") if end and end.start() > 0 else ""
        name = name[: end.start()].strip() if end and role_word else name
        if name in ROLE_WORDS:
            role_word, name = name, ""
        name = re.sub(r"\s*等$", "", name) if len(name) > 2 else name
        if name:
            waiting.append(name)
        if role_word:
            agents += [agent for name in waiting for agent in make_agents(name, role_word)]
            waiting = []
    agents += [Agent(name, each) for name in waiting for each in roles]
    return deduplicate_agents(agents)


def _divide_persons(names: str) -> list[str]:
    """Return names of Chinese persons that have only spaces between them, with the label and the role of the last."""
    words = names.split()
    return words if len(words) > 1 and all(map(is_chinese_person, words)) else [names]


def without_role_of_book(name: str) -> str:
    """Return a name in a title statement without the word behind it for a role, the longest first: `王建国编著`."""
    return _ROLE_OF_BOOK.sub("", name).strip()


def without_country(name: str) -> str:
    """Return a name without the country or dynasty before it: `（清）曹雪芹`, `[英] 狄更斯`."""
    return _COUNTRY.sub("", name)


def deduplicate_agents(agents: Iterable[Agent]) -> list[Agent]:
    """Agents, each once in each role."""
    unique: dict[tuple[str, str], Agent] = {}
    for agent in agents:
        unique.setdefault((agent.name, agent.role), agent)
    return list(unique.values())
