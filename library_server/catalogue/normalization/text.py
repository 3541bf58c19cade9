"""Text as the catalogue keeps it: tidy, names of files for comparison, and languages as BCP 47 tags."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_LONE = re.compile("[\x00\ud800-\udfff]")
# planes 2 and 3 hold ideographs alone, and every version of Unicode adds some that Python does not know yet
_IDEOGRAPHS = re.compile("[\U00020000-\U0002fffd\U00030000-\U0003fffd]")
_APOSTROPHES = "`´‘’‛′‵ʹʻʼʽʾʿˈˊˋ＇｀ꞌ"
_HYPHENS = "\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\ufe58\ufe63\uff0d"
_PUNCTUATION = str.maketrans({**dict.fromkeys(_APOSTROPHES, "'"), **dict.fromkeys(_HYPHENS, "-")})
LONGEST_LANGUAGE = 35  # RFC 5646, section 4.4.1
# without 语 and 文 at the end
_LANGUAGE_NAMES = {
    "中": "zh", "汉": "zh", "漢": "zh", "国": "zh", "普通话": "zh",
    "中英": "zh", "中英双": "zh", "中英对照": "zh", "简体中": "zh-Hans", "中文简体": "zh-Hans",
    "简体": "zh-Hans", "繁体中": "zh-Hant", "繁體中": "zh-Hant", "中文繁体": "zh-Hant", "繁体": "zh-Hant",
    "繁體": "zh-Hant", "英": "en", "日": "ja", "日本": "ja", "韩": "ko", "朝鲜": "ko", "法": "fr", "德": "de",
    "俄": "ru", "西班牙": "es", "藏": "bo", "蒙": "mn", "维吾尔": "ug",
    "湘": "hsn", "湘方言": "hsn", "株洲话": "hsn", "粤": "yue", "客家": "hak",
    "chinese": "zh", "chinese (simplified)": "zh-Hans", "simplified chinese": "zh-Hans",
    "chinese (traditional)": "zh-Hant", "traditional chinese": "zh-Hant", "zh-chs": "zh-Hans", "zh-cht": "zh-Hant",
    "english": "en", "japanese": "ja", "korean": "ko", "french": "fr", "german": "de", "russian": "ru", "spanish": "es",
    "cn": "zh", "jp": "ja",
}  # fmt: skip
_COMMON_LANGUAGES = frozenset({"zh", "en"})  # tags that need no look into the tables of languages


def to_storable(text: str) -> str:
    """Return text that databases and files take: without NUL, lone surrogates as U+FFFD."""
    if text.isascii() and "\0" not in text:
        return text
    return _LONE.sub(lambda match: "" if match[0] == "\0" else "\ufffd", text)


def fold_punctuation(text: str) -> str:
    """NFKC, with one apostrophe (`'`) and one hyphen (`-`) however they are written, as letters (U+02BC) too.

    Whatever compares texts folds them here, so that search, duplicates and identifiers agree.
    """
    if text.isascii():
        return text.translate(_PUNCTUATION)
    return unicodedata.normalize("NFKC", text.translate(_PUNCTUATION)).translate(_PUNCTUATION)


def normalize(text: str) -> str:
    """NFC, without control characters, white space folded: what may be shown and compared."""
    if text.isprintable() and unicodedata.is_normalized("NFC", text):
        return " ".join(text.split())  # nearly all text: nothing in it that must go
    letters = "".join(
        " " if character.isspace() else character
        for character in text
        if character.isspace()
        or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Cn"}
        or _IDEOGRAPHS.match(character)
    )
    # last, since what was between a letter and its mark may have gone
    return unicodedata.normalize("NFC", " ".join(letters.split()))


def normalize_language(text: str | None) -> str | None:
    """Return a BCP 47 tag (`chi` and `zh_CN` become `zh` and `zh-CN`); None where it is no language."""
    bare = (text or "").strip()
    if bare in _COMMON_LANGUAGES:
        return bare
    return _standard_tag(bare) if 0 < len(bare) <= LONGEST_LANGUAGE else None


def language_tag(text: str) -> str | None:
    """Return the BCP 47 tag of a language as lists, MARC records and files name it: 中文, 英语, Chinese, chi, zh-CN."""
    name = normalize(text).removesuffix("语").removesuffix("語").removesuffix("文").casefold()
    return _LANGUAGE_NAMES.get(name) or normalize_language(text)


@lru_cache(maxsize=1024)
def _standard_tag(text: str) -> str | None:
    import langcodes  # its tables take 40 ms to load, and most processes never read a language
    from langcodes.tag_parser import LanguageTagError

    try:
        tag = langcodes.standardize_tag(text)
        is_language = langcodes.tag_is_valid(tag) and tag != "und" and len(tag) <= LONGEST_LANGUAGE
    except (LanguageTagError, ValueError, LookupError):
        return None
    return tag if is_language else None


def fold_name(name: str) -> str:
    """Return the name of a file for comparison: without case, width and composition of characters."""
    return unicodedata.normalize("NFKC", name).casefold()
