"""People of a recording as its name, or the name of its folder, states them: `洞庭鱼米乡（叶蔚林词 何纪光演唱）`."""

from __future__ import annotations

from library_server.catalogue.enums import CreatorRole
from library_server.catalogue.normalization.personal_names import is_chinese_person, is_name
from library_server.exchange.agents import ROLE_WORDS, roles_of_word
from library_server.exchange.corporate_names import LARGE_BODY
from library_server.lazy_patterns import lazy_pattern

Person = tuple[str, CreatorRole]

_OF_RECORDINGS = frozenset((
    CreatorRole.PERFORMER, CreatorRole.NARRATOR, CreatorRole.LECTURER, CreatorRole.COMPOSER, CreatorRole.LYRICIST,
))  # fmt: skip
_WORDS_OF_OTHERS = ("编剧", "原著", "著", "编曲", "配器")
_IN_TITLES = frozenset(("演", "讲"))  # words for a role, and too often the end of a title
_ROLES = {
    **{word: role for word, role in ROLE_WORDS.items() if role in _OF_RECORDINGS and word not in _IN_TITLES},
    **{word: ROLE_WORDS[word] for word in _WORDS_OF_OTHERS},
    **{"歌手": CreatorRole.PERFORMER, "作者": CreatorRole.AUTHOR, "著者": CreatorRole.AUTHOR},
}
_LONGEST_FIRST = sorted(_ROLES, key=len, reverse=True)
_WORD = "|".join(_LONGEST_FIRST)
_LONG_WORD = "|".join(word for word in _LONGEST_FIRST if len(word) > 1)
_LABEL = rf"(?:{_WORD})[者人]?\s*[:：]"
_INSTRUMENTS = frozenset((
    "古筝", "古琴", "二胡", "板胡", "琵琶", "扬琴", "笛子", "竹笛", "洞箫", "唢呐",
    "葫芦丝", "钢琴", "小提琴", "大提琴", "手风琴", "吉他",
))  # fmt: skip
_INSIDE = r"[^()（）\[\]【】]"
_BRACKETS = lazy_pattern(rf"[(（\[【](?P<inside>{_INSIDE}{{3,80}})[)）\]】]")
_SEPARATORS = lazy_pattern(r"[\s_,，、;；/|&＆]+")
_AROUND_LABEL = lazy_pattern(rf"\s*(?P<label>{_LABEL})\s*")
_LABELLED = lazy_pattern(rf"(?P<word>{_WORD})[者人]?[:：](?P<name>.*)")
_LABEL_ALONE = lazy_pattern(rf"(?P<word>{_LONG_WORD})[者人]?")
_LABEL_CLOSE = lazy_pattern(r"(?P<word>播讲|演播|主讲)(?P<name>..{1,3})")
_SUFFIXED = lazy_pattern(rf"(?P<name>..{{1,20}}?)(?P<word>{_WORD})")
_LABELLED_END = lazy_pattern(rf"(?P<title>.*?[^\s_\-—,，])[\s_\-—,，]+(?P<people>(?:{_LABEL}|(?:{_LONG_WORD})[\s_]).*)")
_SUFFIXED_END = lazy_pattern(rf"(?P<title>.*[^\s_\-—])[\s_\-—]+(?P<people>[^\s_\-—]{{2,20}}(?:{_LONG_WORD}))")
_BEFORE = lazy_pattern(
    r"(?P<name>[^\s_\-—《]{2,12})(?P<word>演唱|独唱|演奏|独奏|播讲|演播|朗读|朗诵)(?:[\s_:：\-—]+|(?=《))(?P<title>\S.*)"
)
_ALONE = lazy_pattern(r"(?P<name>[^\s_\-—《]{2,12})(?P<word>演唱|独唱|演奏|独奏|播讲|演播|朗读|朗诵|主讲)")
_NOT_PEOPLE = lazy_pattern(
    r"(?:现场|原声|翻唱|男声|女声|童声|民歌|老歌|新歌|情歌|山歌|红歌|戏曲|古筝|钢琴|方法|方式|方言|技巧|艺术|教程|基础|高级)"
)
_GENRE = lazy_pattern(r".*[歌曲戏声剧琴乐胡笛箫鼓]")
_NO_TITLE = lazy_pattern(r"[^\w]*(?:专辑|集锦|精选|合集|全集|录音|实况|选段|歌曲|作品|现场|\d+)[^\w]*")

_PERSON_IN_BRACKETS = lazy_pattern(r"(?P<title>.*[^\s_\-])[\s_\-]*[(（\[【](?P<name>[\u4e00-\u9fff]{2,4})[)）\]】]")
_COUNTED = lazy_pattern(
    r"(?P<title>\S.*?)(?:[\s_]+(?P<name>[\u4e00-\u9fff]{3,4}))?[\s_]+[(（\[【]?全?\d{2,4}[回集讲](?:全)?[)）\]】]?"
)
_PERSON_BEFORE = lazy_pattern(r"(?P<name>[\u4e00-\u9fff]{2,4})\s*[-—–_·]\s*(?P<title>.+)")
_LEAST_CHARACTERS = 3  # a word of two may be anything: 高清, 全集
_NO_PERSON = lazy_pattern(
    rf"(?:{_NOT_PEOPLE.pattern}).*|.*[版集曲篇部卷册回本章节讲首辑省市县区乡镇村州府戏剧歌调词话书传音乐录年月段选]"
)


def split_people(name: str) -> tuple[str, tuple[Person, ...]]:
    """Return the name of a recording without the people that it states, and these with their roles.

    A name that states nobody is returned as it is. Outside brackets, where a title may hold the same words, only what
    is a Chinese person or a body counts, or what stands behind a label with a colon.
    """
    people: list[Person] = []
    rest = name
    for brackets in reversed(list(_BRACKETS.finditer(name))):
        if stated := read_people(brackets["inside"]):
            people[:0] = stated
            rest = f"{rest[: brackets.start()].rstrip()} {rest[brackets.end() :].lstrip()}".strip()
    if not rest:
        return name, ()
    for pattern in (_LABELLED_END, _SUFFIXED_END):
        if (match := pattern.fullmatch(rest)) and (stated := read_people(match["people"])):
            is_labelled = _AROUND_LABEL.match(match["people"]) is not None
            if is_labelled or all(map(_is_certain, (person for person, _ in stated))):
                return match["title"].strip(), tuple((*stated, *people))
    before = _BEFORE.fullmatch(rest)
    if before and _is_certain(before["name"]) and not _NO_TITLE.fullmatch(before["title"]):
        return before["title"], (*_roles_of_person(before["name"], before["word"]), *people)
    if not people and (alone := _ALONE.fullmatch(rest)) and _is_certain(alone["name"]):
        return name, tuple(_roles_of_person(alone["name"], alone["word"]))
    return rest, tuple(people)


def read_people(text: str) -> list[Person]:
    """Return the people in a text that says nothing but who did what (`作曲：白诚仁 何纪光演唱`); none in any other."""
    people: list[Person] = []
    waiting: list[str] = []  # for the word behind them
    word: str | None = None  # of a label, for the names behind it
    for token in filter(None, _SEPARATORS.split(_AROUND_LABEL.sub(r" \g<label>", text.strip()))):
        if label := _LABELLED.fullmatch(token) or _LABEL_CLOSE.fullmatch(token):
            word = label["word"]
            people += _roles_of_person(label["name"], word) if label["name"] else []
        elif label := _LABEL_ALONE.fullmatch(token):
            people += [person for name in waiting for person in _roles_of_person(name, label["word"])]
            word = None if waiting else label["word"]
            waiting = []
        elif suffixed := _SUFFIXED.fullmatch(token):
            names = (*waiting, suffixed["name"])
            people += [person for name in names for person in _roles_of_person(name, suffixed["word"])]
            waiting, word = [], None
        elif word is not None:
            people += _roles_of_person(token, word)
        elif token not in _INSTRUMENTS:
            waiting.append(token)
    are_names = not waiting and all(_may_be_name(name) for name, _ in people)
    return list(dict.fromkeys(people)) if are_names else []


def _roles_of_person(name: str, word: str) -> list[Person]:
    """Return a person with each role that a word says: two for words and music."""
    return [(name, role) for role in (roles_of_word(word) if word in ROLE_WORDS else (_ROLES[word],))]


def _may_be_name(text: str) -> bool:
    if _NOT_PEOPLE.match(text):
        return False
    return is_chinese_person(text) or (is_name(text, one_word=False) and not _GENRE.fullmatch(text))


def _is_certain(text: str) -> bool:
    return _may_be_name(text) and (
        is_chinese_person(text) or (LARGE_BODY.search(text) is not None and not any(map(str.isspace, text)))
    )


def split_narrator(name: str, course: str) -> tuple[str, str | None]:
    """Return the name of a recording, or of the folder of a work, without a person of whom nothing else is said:
    `呼家将[田连元]`, and before the name of its `course`, `刘兰芳-杨家将01`; that of a folder (without a `course`) also
    without the number of its parts, `说岳全传 刘兰芳 100回`.
    """
    counted = _COUNTED.fullmatch(name)
    if counted and not course:
        name = counted["title"]
        if counted["name"] and _is_certain_narrator(counted["name"]):
            return name, counted["name"]
        name = f"{name} {counted['name']}" if counted["name"] else name
    bracketed = _PERSON_IN_BRACKETS.fullmatch(name)
    if bracketed and _is_certain_narrator(bracketed["name"]):
        return bracketed["title"], bracketed["name"]
    before = _PERSON_BEFORE.fullmatch(name)
    is_of_course = before is not None and bool(course) and before["title"].casefold().startswith(course.casefold())
    if before and is_of_course and is_chinese_person(before["name"]):
        return before["title"], before["name"]
    return name, None


def _is_certain_narrator(text: str) -> bool:
    return len(text) >= _LEAST_CHARACTERS and is_chinese_person(text) and not _NO_PERSON.fullmatch(text)
