"""中国图书馆分类法 (CLC): its 22 main classes by name, and a class number checked and normalised."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

MAIN_CLASSES: dict[str, str] = {
    "A": "马克思主义、列宁主义、毛泽东思想、邓小平理论",
    "B": "哲学、宗教",
    "C": "社会科学总论",
    "D": "政治、法律",
    "E": "军事",
    "F": "经济",
    "G": "文化、科学、教育、体育",
    "H": "语言、文字",
    "I": "文学",
    "J": "艺术",
    "K": "历史、地理",
    "N": "自然科学总论",
    "O": "数理科学和化学",
    "P": "天文学、地球科学",
    "Q": "生物科学",
    "R": "医药、卫生",
    "S": "农业科学",
    "T": "工业技术",
    "U": "交通运输",
    "V": "航空、航天",
    "X": "环境科学、安全科学",
    "Z": "综合性图书",
}
LONGEST_NUMBER = 64
_LABELLED = re.compile(r"(?:CLC|中图法?(?:分类)?号?|分类号)\s*[:：]?\s*(?P<number>[A-Z][^\s:：]*)", re.IGNORECASE)
_CLASS = r"(?:[A-KN-SUVXZ]|T[BDEFGHJ-NPQSUV])"
# what is nothing else than a class number: three digits and a point, an auxiliary number (-49, =7), three digits after
# two letters. `C919`, `G20` and `H5N1` are things that people write about
_UNMISTAKABLE = re.compile(rf"{_CLASS}(?:\d{{3}}\.\d|\d{{1,3}}(?:-0|-[4-6]\d|=\d)|(?<=T[A-Z])\d{{3}}).*")
_WITHOUT_POINT = re.compile(rf"{_CLASS}\d{{1,3}}")
_NUMBER = re.compile(r"[A-Z]{1,2}[0-9A-Z.\-=():/\"+·]*\Z")


def normalize_class(text: str) -> str | None:
    """Return a class number in capitals and half width (`Ｓ666` gives `S666`); None where no main class begins it.

    Text longer than `LONGEST_NUMBER` is no class number: the index files one under each of its beginnings.
    """
    if len(text) > LONGEST_NUMBER * 2:
        return None
    number = unicodedata.normalize("NFKC", text).strip().upper()
    is_number = len(number) <= LONGEST_NUMBER and number[:1] in MAIN_CLASSES and _NUMBER.match(number)
    return number if is_number else None


def split_classes(terms: Iterable[str], known: Iterable[str] = ()) -> tuple[list[str], list[str]]:
    """Return the class numbers and the other terms among subjects, each once, with the numbers that are `known` first.

    A number is labelled (`CLC S666`, `中图分类号：S666`) or unmistakable (`I247.5`, `TS972.1`); next to one of those,
    a short one of the same main class counts too (`I247`).
    """
    numbers = dict.fromkeys(number for number in known if number)
    others: dict[str, str | None] = {}
    for term in terms:
        label = _LABELLED.fullmatch(term.strip()) if len(term) <= LONGEST_NUMBER * 2 else None
        number = normalize_class(label["number"] if label else term)
        if number and (label or _UNMISTAKABLE.fullmatch(number)):
            numbers[number] = None
        else:
            others[term] = number
    letters = {main_class(normalize_class(number)) for number in numbers}
    for term, number in list(others.items()):
        if number and main_class(number) in letters and _WITHOUT_POINT.fullmatch(number):
            numbers[number] = None
            del others[term]
    return list(numbers), list(others)


def main_class(number: str | None) -> str | None:
    """Return the letter of the main class of a class number."""
    return number[0] if number and number[0] in MAIN_CLASSES else None
