"""Statements of who may read something, as lists, front matter, MARC and file metadata write them.

`_PHRASES` is the one table of words; it has those that pages and reports show.
A statement counts as a whole: of two statements in one, and of one that is
negated, nothing is understood, and what is not understood is never read as public.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from library_server.catalogue.enums import Access, find_strictest
from library_server.catalogue.normalization.characters import fold_characters
from library_server.exchange.headings import field_of
from library_server.lazy_patterns import lazy_pattern
from library_server.translations.message_catalogs import gettext_noop as _

EXPECTED = _("公开、读者证或馆内；别的说明写在“版权”一栏")
NAME_OF = {"public": "公开", "members": "读者证", "premises": "馆内"}
# the last lines are COAR, info:eu-repo, eprints and the European Union's table of access rights; then the terms of the
# standard that MARC 21 calls `star` (506 $2)
_PHRASES = {
    Access.PUBLIC: (
        "公开", "完全公开", "全部公开", "对外公开", "向社会公开", "公开阅览", "公开访问", "公开使用", "开放", 
        "开放获取", "开放访问", "对外开放", "所有人", "免费", "无限制", "没有限制", "不限", "不受限制",
        "public", "open", "open access", "free access", "free to read", "unrestricted", "unrestricted access",
        "no restriction", "no restrictions", "no restrictions on access", "everyone", "anyone",
        "http://purl.org/coar/access_right/c_abf2", "https://purl.org/coar/access_right/c_abf2", "c_abf2",
        "info:eu-repo/semantics/openAccess", "http://purl.org/eprint/accessRights/OpenAccess",
        "http://publications.europa.eu/resource/authority/access-right/PUBLIC",
        "unrestricted online access",
    ),
    Access.MEMBERS: (
        "读者证", "读者证可看", "凭读者证", "凭读者证阅览", "凭证阅览", "持证读者", "限持证读者",
        "仅限持证读者", "注册读者",
        "限注册读者", "仅限注册读者", "仅限读者", "限本馆读者", "仅限本馆读者", "members", "members only",
        "registered readers", "registered readers only", "online access with authorization",
    ),
    Access.PREMISES: (
        "馆内", "仅限馆内", "仅供馆内", "限馆内", "只限馆内", "馆内阅览", "馆内阅读", "馆内使用", "限馆内阅览",
        "限馆内阅读", "限馆内使用", "仅限馆内阅览", "仅限馆内阅读", "仅限馆内使用", "仅供馆内阅览", "仅供馆内阅读",
        "仅供馆内使用", "只供馆内阅览", "只限馆内阅览", "到馆阅览", "到馆可看", "局域网",
        "馆内局域网", "premises", "on premises",
        "premises only",
        "in library use only", "library use only", "reading room only", "no online access",
    ),
}  # fmt: skip
_YES = ("是", "yes", "y", "true")
STAR_OF = {"public": "Unrestricted online access", "members": "Online access with authorization",
           "premises": "No online access"}  # fmt: skip

# patterns are matched against text that `fold_characters` made
_RESTRICTING = lazy_pattern(
    "[不仅限禁勿内]|[未非]公开|[绝机秘涉保私]密|密级|私人|读者|本馆|到馆|馆员|工作人员|员工|职工|[须需]登记|登记[后方]|restrict|private"
    "|internal|confidential|secret|only|closed|embargo|staff|member|premises|no access|not (for|open|public)"
)
_CLEAR = lazy_pattern(
    "内部(资料|发行|使用|参考|读物|刊物|文件|文献|材料|传阅|交流|阅览|出版)|[绝机涉保]密|(^|\\W)秘密($|\\W|级)"
    "|[不未非]公开|不对外|([仅只][限供能可]?|限)(本馆|馆内|馆员|内部|工作人员|读者|员工|职工)|馆员(专用|使用)"
    "|(staff|librarians|members|premises|library use) only|internal use|confidential|top secret"
    "|(restricted|closed|embargoed|no) ?access|not (for|open to) (the )?public|not public"
    "|coar/access_right/|eprint/accessrights/|authority/access-right/"
)
_LIBRARY = lazy_pattern(
    "读者|阅览|(?<![宾饭旅餐茶])馆|[绝机秘涉保私]密|密级|reader|librar|member|premises|staff|restrict|private|confidential"
)
_PEOPLE_AND_PLACES = lazy_pattern(
    f"{_LIBRARY.pattern}|室内|借阅|外借|外传|传阅|人员|员工|职工|会员|学员|管理员|学生|师生|教师|干部|领导|专家|家属|本人"
    "|个人|私人|本单位|登记|注册|(?<![保验论])证(?![明实据])|许可|批准|同意|授权|审批|公开|开放|内部|内网|局域网|所有人"
    "|public|registered|internal|secret|permission|authori[sz]"
)
_AVAILABILITY = lazy_pattern(f"{_PEOPLE_AND_PLACES.pattern}|[仅限禁勿须需凭]|不对外|only|closed|embargo")
_NO_RESTRICTION = lazy_pattern(
    "限?国内外?(公开)?发行|(?<![不未非])公开(出版)?发行|限量(发行)?|(本馆|图书馆|馆)?(自行|重新)?装订本?"
)
_CLAUSE = lazy_pattern(r"[,;，；。、\n]|\.(?:\s|$)")
_NO_RESTRICTIONS = lazy_pattern(r"\b(?:no|without)(?: access)? restrictions?\b")
_OPEN_WORDS = r"unrestricted|open(?:ly)?|free(?:ly)?|public|everyone|anyone"
_NEUTRAL_WORDS = (
    "th(?:is|ese|e)|an?|is|are|it|items?|works?|materials?|collections?|records?|cop(?:y|ies)|documents?|files?|access"
    "|accessible|available|availability|online|on|to|for|of|use|by|in|full|text|all|users|general"
)
_OPEN = lazy_pattern(rf"(?=.*\b(?:{_OPEN_WORDS})\b)(?:\s*\b(?:{_OPEN_WORDS}|{_NEUTRAL_WORDS})\b)+\s*")


class UnknownAccess(ValueError):
    """A statement of access in words that are no access level."""


def _fold_phrase(words: str) -> str:
    """Words as phrases of the table are compared: folded, without spaces and hyphens, and a full stop at the end."""
    return re.sub(r"[\s_-]+", "", fold_characters(words)).strip(".。,;")


ACCESS_OF = {_fold_phrase(phrase): str(level) for level, phrases in _PHRASES.items() for phrase in phrases}
_AFFIRMATIVE = frozenset(map(_fold_phrase, _YES))


def known_level(words: str) -> str | None:
    """Return the access level that words as a whole name; None for any other words."""
    return ACCESS_OF.get(_fold_phrase(words))


def read_access(words: str) -> str:
    """Return the access level that words name. Raises `UnknownAccess` for any other words."""
    access = known_level(words)
    if access is None:
        raise UnknownAccess(words)
    return access


def read_is_public(words: str) -> str:
    """Return the access level of an answer to 是否公开: yes, or an access level. Raises `UnknownAccess` for any other
    words.

    `否` is among them: it does not say who may read.
    """
    return str(Access.PUBLIC) if _fold_phrase(words) in _AFFIRMATIVE else read_access(words)


def read_rights_or_access(words: str) -> str | None:
    """Return the access level of words in a column for both; None where they name no restriction.

    Raises `UnknownAccess` for a restriction that is no access level.
    """
    if known_level(words) or _RESTRICTING.search(fold_characters(words)):
        return read_access(words)
    return None


def read_rights(words: str) -> str | None:
    """Return the access level that a statement of rights in free words names; None where it clearly names none.

    Raises `UnknownAccess` for a clear restriction that is no access level.
    """
    if stated := _own_words(words):
        return read_access(stated)
    clauses = _split_clauses(words)
    if any(known_level(clause) is None and _CLEAR.search(fold_characters(clause)) for clause in clauses):
        raise UnknownAccess(words)
    access = find_strictest(*filter(None, map(known_level, clauses)))
    return None if access == Access.PUBLIC else str(access)


def read_in_text(words: str, *, is_library_word_needed: bool) -> str | None:
    """Return the access level of words behind 使用范围 and the like in a running text, where they may mean something
    else.

    None where they mention nobody who reads, no place, card, permission or secrecy. With `is_library_word_needed` they
    must mention a library or its readers. Raises `UnknownAccess` for such words that are no access level.
    """
    signs = _LIBRARY if is_library_word_needed else _PEOPLE_AND_PLACES
    if known_level(words) is None and not signs.search(fold_characters(words)):
        return None
    return read_access(words)


def read_restriction(words: Sequence[str], *, says_open: bool, says_restricted: bool) -> str:
    """Return the access level of one note that is there to say who may read; what is not understood is 馆内.

    `says_open` and `says_restricted` are what a code that stands with the words says (MARC 21, 506, first indicator).
    """
    clauses = [clause for word in words for clause in _split_clauses(word)]
    levels = [_level_of_clause(clause) for clause in clauses]
    if says_restricted and all(level == Access.PUBLIC for level in levels):
        return str(Access.PREMISES)
    return str(find_strictest(*levels)) if levels or says_open else str(Access.PREMISES)


def is_own_note(note: str) -> bool:
    """Return whether a note on availability is an access level as `own_note` writes it."""
    return note in map(own_note, NAME_OF)


def own_note(access: str) -> str:
    """Return a note on availability that says an access level."""
    return f"使用范围：{NAME_OF[access]}"


def read_availability(note: str) -> str:
    """Return the access level that a note on binding and availability names; empty where it names none.

    `精装` and `限国内发行` are no restriction on readers, `内部资料` is one.
    """
    stated = _own_words(note)
    if stated:
        return read_restriction([stated], says_open=False, says_restricted=False)
    clauses = [_NO_RESTRICTION.sub("", fold_characters(clause)) for clause in _split_clauses(note)]
    levels = [
        known_level(clause) or Access.PREMISES
        for clause in clauses
        if known_level(clause) or _AVAILABILITY.search(clause)
    ]
    return str(find_strictest(*levels)) if levels else ""


def _level_of_clause(clause: str) -> str:
    return known_level(clause) or str(Access.PUBLIC if _is_open(clause) else Access.PREMISES)


def _is_open(clause: str) -> bool:
    """Return whether an English clause says that there is no restriction, and nothing else: every word of it is
    looked at.
    """
    return _OPEN.fullmatch(_NO_RESTRICTIONS.sub(" unrestricted ", fold_characters(clause))) is not None


def _own_words(statement: str) -> str:
    """Return the words of a statement that begins with 使用范围 or another heading for nothing but access; else
    empty.
    """
    heading, _, words = fold_characters(statement).partition(":")
    return words.strip() if field_of(heading) in {"access", "is_public"} else ""


def _split_clauses(words: str) -> list[str]:
    return [clause for clause in _CLAUSE.split(words) if clause.strip()]
