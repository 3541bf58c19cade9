"""Which of the encodings before Unicode bytes are in, told by the characters that they would be.

The standards of China, Taiwan, Japan and Korea have their common characters in a first level. Bytes that are read in
the right encoding give these nearly alone, in another one any.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from library_server.lazy_patterns import lazy_pattern

_SAMPLE: Final = 4_000  # characters
_COMMON_CHINESE: Final = frozenset(
    "的一是不了在人有我他这为之来以个中上们到说国和地也子时道出而要于就下得可你年生自会那后能对着事其里所去行过家十用发天如然作方成者多日都三小军二无同么经法当起与好看学进种将还分此心前面又定见只主没公从但是個們來這說國為時會對裡過發經當與種將還見沒從樣間開問點書長業點兩"
    "，。、：；？！“”（）《》"
)
_COMMON_KOREAN: Final = frozenset("이다는을의에가고하지은로한도어사리기나서자대아해안그들인요니게만를")
_COMMON_CYRILLIC: Final = frozenset("оеаинтсрвлкмдпуяь")
_COMMON_GREEK: Final = frozenset("αοιετσνηυρπκμλςάέίόή")
_LEAST_SHARE: Final = 0.6  # of the first level
_LEAST_JAPANESE: Final = 0.2  # of kana
_LEAST_LETTERS: Final = 0.45  # of those that are most frequent
_FEWEST_LETTERS, _MOSTLY = 6, 0.8
_LEAST_COMMON_KOREAN: Final = 0.1
_FEW: Final = 10  # characters
_FEWEST_KOREAN: Final = 11  # characters: the common ones of Korean are common in Chinese, too, as bytes
_RUNS: Final = lazy_pattern(rb"[\x80-\xff]+")
_LONGEST_RUN: Final = 2  # accented letters that stand together: `größer`
_LEAST_ISOLATED: Final = 0.6
_CAPITAL_WITHIN: Final = lazy_pattern(r"[а-яёα-ω][А-ЯЁΑ-Ω]")
_NOT_WESTERN: Final = lazy_pattern(r"[^\W\d_][³¹²¿£¥]|[à-öø-ÿ][A-Z]|[a-z][À-ÖØ-Þ]|ÿÿ|þþ|ðð")
_PUNCTUATION: Final = frozenset("\u00a0«»“”‘’„‚–—…·°©®£€§¿¡ªº†•™×½¼¾²³\u00ad")


def common_share(text: str) -> float:
    """Return which part of the characters beyond ASCII is among the most frequent of Chinese."""
    sample = _beyond_ascii(text[:20_000])
    return sum(character in _COMMON_CHINESE for character in sample) / (len(sample) + 1)


def is_common_korean(text: str) -> bool:
    """Return whether syllables that are frequent in Korean are among those of a text: Chinese read so has others."""
    beyond = _beyond_ascii(text)[:_SAMPLE]
    return bool(beyond) and _share_of(beyond, _COMMON_KOREAN) >= _LEAST_COMMON_KOREAN


def choose_east_asian(data: bytes) -> str | None:
    """Return the encoding of East Asia in which bytes are text: GB 18030, Big5, Shift JIS, EUC-JP or that of Korea.

    None where no encoding reads them whole, or all as characters that nobody uses. A few characters that are all of
    GB 2312 are read so: of few characters of Big5 one is not, as a rule.
    """
    if _is_few_of_gb2312(data):
        return "gb18030"
    scores = {encoding: _score(data, encoding, share) for encoding, share in _SHARES.items()}
    encoding = max(scores, key=lambda name: scores[name])
    return encoding if scores[encoding] >= _LEAST_SHARE else None


def _is_few_of_gb2312(data: bytes) -> bool:
    beyond = _beyond_ascii(_decode(data, "gb18030"))
    return 0 < len(beyond) <= _FEW and all(character.encode("gb2312", "ignore") for character in beyond)


def choose_alphabetic(data: bytes) -> str | None:
    """Return the code page of one byte a character in which bytes are words: Western, Cyrillic or Greek; else None."""
    runs = [len(run) for run in _RUNS.findall(data)]
    if not runs:
        return None
    if max(runs) <= _LONGEST_RUN and runs.count(1) >= _LEAST_ISOLATED * len(runs):
        return "cp1252" if is_western(data) else None
    scores = {encoding: _letter_share(data, encoding, common) for encoding, common in _ALPHABETS.items()}
    encoding = max(scores, key=lambda name: scores[name])
    return encoding if scores[encoding] >= _LEAST_LETTERS else None


def is_western(data: bytes) -> bool:
    """Return whether every high byte is a letter or mark of Western Europe in code page 1252."""
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        return False
    beyond = [character for character in text if character > "\x7f"]
    letters = sum(character.isalpha() for character in beyond)
    is_sound = all(character.isalpha() or character in _PUNCTUATION for character in beyond)
    return is_sound and letters * 2 >= len(beyond) and not _NOT_WESTERN.search(text)


def _decode(data: bytes, encoding: str) -> str:
    """Return the text of bytes; empty where the encoding does not read them."""
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return ""


def _beyond_ascii(text: str) -> list[str]:
    return [character for character in text if character > "\x7f"]


def _score(data: bytes, encoding: str, share: Callable[[list[str]], float]) -> float:
    text = _decode(data, encoding)
    beyond = _beyond_ascii(text)[:_SAMPLE]
    return share(beyond) if beyond else 0.0


def _letter_share(data: bytes, encoding: str, common: frozenset[str]) -> float:
    text = _decode(data, encoding)
    beyond = _beyond_ascii(text)[:_SAMPLE]
    letters = sum(character.isalpha() for character in beyond)
    if letters < _FEWEST_LETTERS or letters < _MOSTLY * len(beyond) or _CAPITAL_WITHIN.search(text):
        return 0.0
    return sum(character.lower() in common for character in beyond) / (len(beyond) + 1)


def _simplified(characters: list[str]) -> float:
    return _first_level(characters, "gb2312", range(0xB0, 0xD8)) + _share_of(characters, _COMMON_CHINESE)


def _traditional(characters: list[str]) -> float:
    return _first_level(characters, "big5", range(0xA4, 0xC7)) + _share_of(characters, _COMMON_CHINESE)


def _japanese(characters: list[str]) -> float:
    others = [character for character in characters if not "\u3041" <= character <= "\u30fe"]
    kana = 1 - len(others) / len(characters)
    return _first_level(others, "shift_jis", range(0x88, 0x98)) + kana / 2 if kana >= _LEAST_JAPANESE else 0.0


def _korean(characters: list[str]) -> float:
    common = _share_of(characters, _COMMON_KOREAN)
    if len(characters) < _FEWEST_KOREAN or common < _LEAST_JAPANESE:
        return 0.0
    return _first_level(characters, "euc_kr", range(0xB0, 0xC9)) + common


def _share_of(characters: list[str], common: frozenset[str]) -> float:
    return sum(character in common for character in characters) / len(characters)


def _first_level(characters: list[str], encoding: str, leads: range) -> float:
    """Return which part of the characters that are no punctuation is in the first level."""
    counted = [character for character in characters if not _is_neutral(character)]
    if not counted:
        return _LEAST_SHARE
    return sum(_lead_byte(character, encoding) in leads for character in counted) / len(counted)


def _is_neutral(character: str) -> bool:
    return "\u2010" <= character <= "\u2027" or "\u3000" <= character <= "\u303f" or "\uff01" <= character <= "\uff5e"


def _lead_byte(character: str, encoding: str) -> int:
    encoded = character.encode(encoding, "ignore")
    return encoded[0] if encoded else 0


_SHARES: Final[dict[str, Callable[[list[str]], float]]] = {
    "gb18030": _simplified, "big5hkscs": _traditional, "cp932": _japanese, "euc_jp": _japanese, "cp949": _korean,
}  # fmt: skip
_ALPHABETS: Final = {
    "cp1251": _COMMON_CYRILLIC, "koi8-r": _COMMON_CYRILLIC, "cp866": _COMMON_CYRILLIC, "cp1253": _COMMON_GREEK,
}  # fmt: skip
