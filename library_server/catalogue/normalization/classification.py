"""中国图书馆分类法 (CLC): its 22 main classes by name, and a class number checked and normalised."""

from __future__ import annotations

import re
import unicodedata

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


def main_class(number: str | None) -> str | None:
    """Return the letter of the main class of a class number."""
    return number[0] if number and number[0] in MAIN_CLASSES else None
