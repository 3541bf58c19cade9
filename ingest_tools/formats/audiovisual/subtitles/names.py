"""What the names of subtitles say: their languages and whom they are for, as people and programs write it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from library_server.catalogue.normalization.text import language_tag

# what stands for a language in names of subtitles, apart from codes and from names of languages
_SHORT = {
    "chs": "zh-hans", "sc": "zh-hans", "gb": "zh-hans", "gbk": "zh-hans", "hans": "zh-hans", "simplified": "zh-hans",
    "cht": "zh-hant", "tc": "zh-hant", "big5": "zh-hant", "hant": "zh-hant", "traditional": "zh-hant",
    "tw": "zh-hant", "hk": "zh-hant", "chi": "zh", "zho": "zh", "cn": "zh", "chn": "zh", "ch": "zh", "zh": "zh",
    "chinese": "zh", "cantonese": "yue", "mandarin": "zh", "jp": "ja", "jap": "ja", "jpn": "ja", "kr": "ko",
    "eng": "en", "en": "en", "italian": "it", "portuguese": "pt", "arabic": "ar", "thai": "th", "vietnamese": "vi",
}  # fmt: skip
_CHINESE_WORDS = {
    "简体中文": "zh-hans", "简体": "zh-hans", "简中": "zh-hans", "简": "zh-hans", "簡體中文": "zh-hans",
    "簡體": "zh-hans", "簡中": "zh-hans", "簡": "zh-hans",
    "繁体中文": "zh-hant", "繁体": "zh-hant", "繁中": "zh-hant", "繁": "zh-hant", "繁體中文": "zh-hant",
    "繁體": "zh-hant", "中文": "zh", "中": "zh", "国语": "zh", "國語": "zh", "英文": "en", "英语": "en", "英語": "en",
    "英": "en", "日文": "ja", "日语": "ja", "日語": "ja", "日": "ja", "韩文": "ko", "韩语": "ko", "韓文": "ko",
    "韩": "ko", "法文": "fr", "法语": "fr", "法": "fr", "德文": "de", "德语": "de", "德": "de", "俄文": "ru",
    "俄语": "ru", "俄": "ru", "西班牙语": "es", "粤语": "yue", "粵語": "yue", "粤": "yue",
}  # fmt: skip
_BOTH = frozenset(("双语", "雙語", "双字", "中英双语"))
_SEVERAL = re.compile("|".join(sorted(_CHINESE_WORDS, key=len, reverse=True)))
# written together: `JPSC`, `chseng`
_TOGETHER = re.compile(r"chs|cht|jpn|jp|eng|sc|tc|gb|big5|en")
_NO_LANGUAGE_IN_CHINESE = re.compile(r"字幕组?|双语|雙語|双字|对照|對照|特效|版|字")
_FORCED, _SDH = frozenset(("forced", "foreign")), frozenset(("sdh", "cc", "hi"))
_OTHER_WORDS = frozenset((
    "default", "full", "dubtitle", "signs", "songs", "commentary", "with", "and", "subtitle", "subtitles", "sub",
    "subs", "utf8", "utf", "字幕", "特效", "修正", "校对", "外挂",
))  # fmt: skip
_BETWEEN = re.compile(r"[.&+,、_ \[\]()【】《》~]+")
_PURPOSE = re.compile(r"-(?=(?:sdh|cc|hi|forced|default)(?![a-z]))")
_REGIONS = frozenset((
    "cn", "tw", "hk", "sg", "mo", "us", "gb", "uk", "au", "ca", "br", "mx", "jp", "kr", "hans", "hant", "latn", "cyrl",
))  # fmt: skip
_REGION = re.compile(r"(?<![a-z])([a-z]{2,3})[_ ]([a-z]{2,4})(?![a-z])")
_CODE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8}){0,2}")
_LONG_CODES = frozenset(("yue", "cmn", "hak", "nan", "wuu", "hsn", "fil"))
_SUFFIX_OF_FILM = re.compile(r"^\.(?:ts|rm|dv)(?=\.|$)")  # which are codes of languages, too


def languages_of(path: Path, stem: str) -> tuple[str, ...]:
    """Return the languages between the film's name and the ending: `讲座.zh.srt` gives `zh`, `讲座.chs&eng.srt` two.

    What says whom the subtitles are for (`sdh`, `forced`) is passed over, and a suffix of the film (`讲座.mkv.srt`).
    """
    return _languages_of_words(_split(_behind_film(path, stem)))


def languages_of_track(language: str, title: str) -> tuple[str, ...]:
    """Return the languages of subtitles inside a film: its code, `und` where unknown, and what its title adds.

    `zh` and `简体&英文` give `zh-hans` and `en`. Of a title with other words, only those of the same language count.
    """
    stated = _languages_of_words(_split(_fold(title)))
    if not is_language_mark(title):
        stated = tuple(code for code in stated if _primary(code) == _primary(language))
    is_clear = language == "und" or any(_primary(code) == _primary(language) for code in stated)
    return stated if stated and is_clear else (language if language != "und" else "zh",)


def purpose_of(path: Path, stem: str) -> str:
    """`forced` for subtitles of what is said in another language, `sdh` for those who cannot hear; else empty."""
    words = {part for word in _split(_behind_film(path, stem)) for part in word.split("-")}
    return "forced" if words & _FORCED else "sdh" if words & _SDH else ""


def is_language_mark(text: str) -> bool:
    """Return whether what stands behind the name of a film says a language alone: `_chs`, `-zh`, `(中文)`."""
    words = [part for word in _split(_fold(text)) for part in ([word] if _languages_of_word(word) else word.split("-"))]
    words = [word for word in words if word]
    other_words = [word for word in words if not _languages_of_word(word)]
    return len(other_words) < len(words) and all(word in _FORCED | _SDH | _OTHER_WORDS for word in other_words)


def _languages_of_words(words: Iterable[str]) -> tuple[str, ...]:
    """Return each language once; `zh` not where its script is said too."""
    languages = dict.fromkeys(language for word in words for language in _languages_of_word(word))
    if any(language.startswith("zh-") for language in languages):
        languages.pop("zh", None)
    return tuple(languages)


def _primary(language: str) -> str:
    return language.partition("-")[0].lower()


def _behind_film(path: Path, stem: str) -> str:
    """Return what stands between the film's name and the ending, without the film's own suffix (`讲座.ts.srt`)."""
    return _SUFFIX_OF_FILM.sub("", _fold(path.name)[len(_fold(stem)) : -len(path.suffix)])


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _split(text: str) -> list[str]:
    """Return the words of a folded text; `zh_tw` is one."""

    def joined(match: re.Match[str]) -> str:
        is_region = match[2] in _REGIONS and (match[1] not in _SHORT or match[1] in {"zh", "en"})
        return f"{match[1]}-{match[2]}" if is_region else match[0]

    words = _BETWEEN.split(_PURPOSE.sub(" ", _REGION.sub(joined, text)))
    return [word.strip("-") for word in words if word.strip("-")]


def _languages_of_word(word: str) -> tuple[str, ...]:
    if word in _FORCED | _SDH | _OTHER_WORDS:
        return ()
    if word in _BOTH:
        return "zh", "en"
    if word in _SHORT:
        return (_SHORT[word],)
    if _CODE.fullmatch(word):
        return _languages_of_code(word)
    bare = _NO_LANGUAGE_IN_CHINESE.sub("", word)
    if bare and not _SEVERAL.sub("", bare):
        return tuple(dict.fromkeys(_CHINESE_WORDS[name] for name in _SEVERAL.findall(bare)))
    if word.isascii() and not _TOGETHER.sub("", word):
        return tuple(dict.fromkeys(_SHORT[code] for code in _TOGETHER.findall(word)))
    named = language_tag(word) if word.isalpha() and len(word) > 3 else None
    return (named.lower(),) if named else ()


def _languages_of_code(word: str) -> tuple[str, ...]:
    """Return the language of a code; of those with three letters, the ones that films have, since `avi` is one too."""
    tag = (language_tag(word) or "").lower()
    first = tag.partition("-")[0]
    return (tag,) if len(first) == 2 or first in _LONG_CODES else ()
