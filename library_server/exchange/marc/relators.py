"""Roles of names in MARC: relator codes and terms, and the statement of responsibility where a name has neither."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from library_server.catalogue.enums import CreatorRole
from library_server.exchange.agents import HAN, ROLE_WORDS, WORDS_AND_MUSIC, read_agents, roles_of_word
from library_server.lazy_patterns import lazy_pattern

# UNIMARC appendix C and the MARC code list for relators, as far as our roles go
RELATOR_CODES: dict[str, CreatorRole] = {
    "070": CreatorRole.AUTHOR, "230": CreatorRole.COMPOSER, "520": CreatorRole.LYRICIST,
    "340": CreatorRole.EDITOR, "730": CreatorRole.TRANSLATOR, "300": CreatorRole.DIRECTOR,
    "590": CreatorRole.PERFORMER, "600": CreatorRole.PHOTOGRAPHER, "550": CreatorRole.NARRATOR,
    "aut": CreatorRole.AUTHOR, "cmp": CreatorRole.COMPOSER, "lyr": CreatorRole.LYRICIST,
    "edt": CreatorRole.EDITOR, "trl": CreatorRole.TRANSLATOR, "drt": CreatorRole.DIRECTOR,
    "prf": CreatorRole.PERFORMER, "pht": CreatorRole.PHOTOGRAPHER, "nrt": CreatorRole.NARRATOR,
    "spk": CreatorRole.LECTURER, "lec": CreatorRole.LECTURER,
}  # fmt: skip
_CODE_OF_ROLE = {str(role): code for code, role in RELATOR_CODES.items() if code.isalpha() and code != "lec"}
_ILLUSTRATED = "插图"
# codes and terms of what has no role of its own here: its words are shown
_ROLES_WITH_WORDS: dict[str, tuple[CreatorRole, str]] = {
    **dict.fromkeys(("ill", "440", "illus", "illustrator"), (CreatorRole.CONTRIBUTOR, _ILLUSTRATED)),
    **dict.fromkeys(("arr", "030", "arranger", "arranger of music"), (CreatorRole.CONTRIBUTOR, "编曲")),
    **dict.fromkeys(("lbt", "480", "librettist"), (CreatorRole.AUTHOR, "编剧")),
    **dict.fromkeys(("sng", "721", "voc", "singer", "vocalist"), (CreatorRole.PERFORMER, "演唱")),
    **dict.fromkeys(("cnd", "250", "conductor"), (CreatorRole.PERFORMER, "指挥")),
    **dict.fromkeys(("itr", "545", "instrumentalist"), (CreatorRole.PERFORMER, "演奏")),
}
_TERMS: dict[str, CreatorRole] = {
    "author": CreatorRole.AUTHOR, "writer": CreatorRole.AUTHOR, "composer": CreatorRole.COMPOSER,
    "lyricist": CreatorRole.LYRICIST,
    "editor": CreatorRole.EDITOR, "ed": CreatorRole.EDITOR, "compiler": CreatorRole.EDITOR,
    "comp": CreatorRole.EDITOR,
    "translator": CreatorRole.TRANSLATOR, "tr": CreatorRole.TRANSLATOR, "trans": CreatorRole.TRANSLATOR,
    "photographer": CreatorRole.PHOTOGRAPHER, "narrator": CreatorRole.NARRATOR, "reader": CreatorRole.NARRATOR,
    "director": CreatorRole.DIRECTOR, "film director": CreatorRole.DIRECTOR, "performer": CreatorRole.PERFORMER,
    "actor": CreatorRole.PERFORMER, "lecturer": CreatorRole.LECTURER, "speaker": CreatorRole.LECTURER,
}  # fmt: skip
_OF_WORDS_AND_MUSIC = frozenset(("swr", "songwriter"))
_JOINT = lazy_pattern(r"^(?:joint|co-?) ?")
_WORD = lazy_pattern(r"[^\W\d_]+")
# what stands before the names in English, in the order in which the patterns are tried
_PHRASES: dict[str, tuple[tuple[CreatorRole, ...], str]] = {
    r"photographs?\W+by|photographed\W+by": ((CreatorRole.PHOTOGRAPHER,), ""),
    r"illustrat(?:ed|ions?)\b.{0,20}?\bby|ill(?:us)?\.\s+by|drawings?\W+by|pictures?\W+by":
        ((CreatorRole.CONTRIBUTOR,), _ILLUSTRATED),
    r"translat(?:ed|ions?)\b.{0,40}?\bby|tr(?:ans)?\.\s+by|translators?\b": ((CreatorRole.TRANSLATOR,), ""),
    r"edited\b.{0,40}?\bby|ed\.\s+by|editors?\b|compiled\b.{0,20}?\bby|selected\b.{0,20}?\bby":
        ((CreatorRole.EDITOR,), ""),
    r"(?:words|lyrics)\W+(?:and\W+)?music\W+by|music\W+(?:and\W+)?(?:words|lyrics)\W+by": (WORDS_AND_MUSIC, ""),
    r"(?:music|songs?|composed)\W+by": ((CreatorRole.COMPOSER,), ""),
    r"(?:words|lyrics)\W+by": ((CreatorRole.LYRICIST,), ""),
    r"(?:read|narrated)\W+by": ((CreatorRole.NARRATOR,), ""),
    r"directed\W+by": ((CreatorRole.DIRECTOR,), ""),
    r"(?:text|written|story)\W+by": ((CreatorRole.AUTHOR,), ""),
    r"(?:foreword|preface|introduction|introduced|afterword|notes?|contributions?|assist\w+|revised|adapted|designed)"
    r"\b.{0,30}?\bby|with": ((CreatorRole.CONTRIBUTOR,), ""),
}  # fmt: skip
_PHRASE = lazy_pattern("|".join(rf"(?P<p{at}>\b(?:{pattern}))" for at, pattern in enumerate(_PHRASES)), re.IGNORECASE)


def find_roles(words: Iterable[str]) -> list[tuple[str, str]]:
    """Return the role and the word for it, from relator terms and codes; none where none of them is known, and two
    where the first that is known means words and music.
    """
    for word in words:
        bare = word.rsplit("/", 1)[-1].strip(" .,，。[]［］()（）")  # of an address such as that of the code list
        for known in (bare, bare[-2:], bare[-1:]):
            if known in ROLE_WORDS:
                roles = roles_of_word(known)
                return [(str(role), bare if len(roles) == 1 else "") for role in roles]
        code = bare.lower()
        if code in RELATOR_CODES:
            return [(str(RELATOR_CODES[code]), "")]  # a code is no word to show
        for term in (code, _JOINT.sub("", code)):
            if term in _ROLES_WITH_WORDS:
                role, shown = _ROLES_WITH_WORDS[term]
                return [(str(role), shown)]
            if term in _OF_WORDS_AND_MUSIC:
                return [(str(role), "") for role in WORDS_AND_MUSIC]
            if term in _TERMS:
                return [(str(_TERMS[term]), "")]
    return []


def relator_code(role: str) -> str:
    """Return the MARC relator code of a role; contributors are `ctb`."""
    return _CODE_OF_ROLE.get(role, "ctb")


def find_stated_roles(name: str, statements: Sequence[str]) -> list[tuple[str, str]]:
    """Return each role that a statement of responsibility gives a name, and the word for it; none where it has no such
    name.

    In English the words before a name say what was done (`edited by Dan Hunter`), and a name with none is an author's.
    """
    for statement in statements:
        if HAN.search(statement):
            if stated := [(str(agent.role), agent.relator) for agent in read_agents(statement) if agent.name == name]:
                return stated
            continue
        position = _find_name(name, statement)
        if position is None:
            continue
        roles: tuple[CreatorRole, ...] = (CreatorRole.AUTHOR,)
        word = ""
        for phrase in _PHRASE.finditer(statement, 0, position):
            roles, word = list(_PHRASES.values())[int((phrase.lastgroup or "p0")[1:])]
        return [(str(role), word) for role in roles]
    return []


def _find_name(name: str, statement: str) -> int | None:
    """Return where a name (`Ascher, David`) stands in a statement, in which forenames come first, perhaps as
    initials.
    """
    surname, comma, forenames = name.partition(",")
    initial = forenames.strip()[:1].casefold()
    if not comma or not initial:
        return None
    found_at = re.search(rf"\b{re.escape(surname.strip())}\b", statement, re.IGNORECASE)
    if found_at is None:
        return None
    before = list(_WORD.finditer(statement, 0, found_at.start()))[-4:]
    firsts = [word.start() for word in before if word[0].casefold().startswith(initial)]
    return firsts[-1] if firsts else None
