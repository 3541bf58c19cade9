"""The language of a text, by its script and by its most frequent words; unknown where neither is clear."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from library_server.lazy_patterns import lazy_pattern

_SAMPLE = 20_000
_SCRIPTS: Final = {
    "han": lazy_pattern("[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003134f]"),
    "kana": lazy_pattern("[\u3040-\u30ff]"),
    "ko": lazy_pattern("[\uac00-\ud7af]"),
    "cyrillic": lazy_pattern("[\u0400-\u04ff]"),
    "arabic": lazy_pattern("[\u0600-\u06ff]"),
    "latin": lazy_pattern("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]"),
    "el": lazy_pattern("[\u0370-\u03ff\u1f00-\u1fff]"),
    "he": lazy_pattern("[\u0590-\u05ff]"),
    "th": lazy_pattern("[\u0e00-\u0e7f]"),
    "bo": lazy_pattern("[\u0f00-\u0fff]"),
    "hy": lazy_pattern("[\u0530-\u058f]"),
    "ka": lazy_pattern("[\u10a0-\u10ff]"),
}
_LETTERS_A_CHARACTER: Final = {"han": 3, "kana": 2, "ko": 2}  # a word of two characters is one of six letters
_KANA_SHARE = 0.1  # of the characters of Japanese; a Chinese text that quotes some has fewer
_CLEAR = 0.6  # share of the letters that are of the script
_WORDS: Final = {
    "latin": {
        "en": "the of and to in is that it was for with as his on be at by had not are but from or have this which her",
        "fr": "le la les des et du une est que dans pour qui sur pas au il elle ne ce se par avec plus sont nous vous",
        "de": "der die das und ist nicht ein eine zu den mit von sich auf des dem im als auch es er sie wir wie nach",
        "es": "el la los las de y que en un una es por con para del se no su al lo como más pero sus le ha este sin",
        "it": "il di che e la un una per non sono con si da del della le gli nel come più ma anche questo alla dei",
        "pt": "o os as de e que do da em um uma para com não por mais dos das se na no ao como mas foi ele ela seu",
        "nl": "de het een en van is dat niet op te zijn met voor er aan ook als maar bij hij door naar heeft nog uit",
        "pl": "nie się na że jest jak to do po od przez ale tak tylko był jego już są czy dla przy oraz które który",
        "vi": "và của là có không được cho một người trong những với này các đã khi để từ ra đến như về ở cũng",
        "tr": "ve bir bu da de için ile çok daha ne gibi olan kadar sonra ama o olarak var ben en her değil mi",
        "la": "et in est non ad ut cum qui quod sed ex si de per quae sunt esse ab autem enim etiam nec hoc",
    },
    "cyrillic": {
        "ru": "и в не на что он с как это но она по из у к за был было от так же вы его для бы мы только еще ещё",
        "uk": "і в не на що він з як це але вона по із у до за був було від так же ви його для би ми тільки ще та",
        "bg": "и в не на че той с като това но тя по от у към за беше са да се ще го вие му ние само още които",
        "sr": "и у не на да је се за су од са као што али ово он она бити по или до које који није то би",
    },
    "arabic": {
        "ar": "في من على أن إلى ما لا هذا هذه كان التي الذي عن مع هو هي كل ذلك بين قد أو لم",
        "fa": "و در به از که این را با است برای آن یک خود تا بر می هم شد بود ها کرد های شده او",
        "ur": "کے میں کی ہے اور سے کا کو اس نے پر کہ ہیں یہ ہو ایک بھی نہیں تھا گیا",
    },
}  # fmt: skip
_SETS: Final = {
    script: {language: frozenset(words.split()) for language, words in languages.items()}
    for script, languages in _WORDS.items()
}
_WORD = lazy_pattern(r"[^\W\d_]+")
_FEWEST_WORDS = 4
_FEWEST_HAN = 100  # characters of Chinese among code and terms in Latin letters
_HAN_AMONG_CODE = 0.05  # of the characters of a text, which is three times as much of its words
_WORD_SHARE = 0.12
_LEAD = 1.25


def detect_language(texts: Iterable[str]) -> str | None:
    """Return the language (ISO 639-1) of the first 20,000 characters of these texts; None where it is not clear."""
    sample = _take_sample(texts)
    characters = {script: len(pattern.findall(sample)) for script, pattern in _SCRIPTS.items()}
    if characters["kana"] > _KANA_SHARE * (characters["kana"] + characters["han"]):
        characters["kana"] += characters.pop("han")
    letters = {script: count * _LETTERS_A_CHARACTER.get(script, 1) for script, count in characters.items()}
    script = max(letters, key=lambda name: letters[name])
    if not letters[script]:
        return None
    if letters[script] < _CLEAR * sum(letters.values()):
        return _among_code(sample, characters.get("han", 0))
    if script == "latin":
        return _by_words(sample, _SETS[script]) or _among_code(sample, characters.get("han", 0))
    if script in _SETS:
        return _by_words(sample, _SETS[script])
    return {"han": "zh", "kana": "ja"}.get(script, script)


def _take_sample(texts: Iterable[str]) -> str:
    pieces: list[str] = []
    length = 0
    for text in texts:
        pieces.append(text[: _SAMPLE - length])
        length += len(pieces[-1])
        if length >= _SAMPLE:
            break
    return "\n".join(pieces)


def _among_code(sample: str, han: int) -> str | None:
    """`zh` for Chinese sentences among code, commands and names whose words are of no language."""
    is_chinese = han >= max(_FEWEST_HAN, _HAN_AMONG_CODE * len(sample))
    return "zh" if is_chinese and _by_words(sample, _SETS["latin"]) is None else None


def _by_words(sample: str, languages: dict[str, frozenset[str]]) -> str | None:
    """Return the language whose most frequent words are a fair share of the words, and clearly more than those of
    another.
    """
    words = Counter(_WORD.findall(sample.lower()))
    counts = sorted(
        ((sum(words[word] for word in frequent), language) for language, frequent in languages.items()), reverse=True
    )
    (best, language), (second, _) = counts[:2]
    is_clear = best >= max(_FEWEST_WORDS, _WORD_SHARE * words.total()) and best >= _LEAD * second
    return language if is_clear else None
