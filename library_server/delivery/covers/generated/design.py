"""What a drawn cover shows: the same record always gets the same one. Units are those of a 240 x 320 sheet."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from library_server.catalogue.dto import RecordCard
from library_server.catalogue.enums import Kind
from library_server.catalogue.normalization.classification import main_class

EDITION = 2
WIDTH, HEIGHT = 240, 320


@dataclass(frozen=True)
class Cloth:
    """A binding: its ground and the colour of what is printed on it."""

    ground: str
    ink: str


CLOTHS = (
    Cloth("#5c6b47", "#f3efe2"),
    Cloth("#7a2b26", "#f3e6d2"),
    Cloth("#34506b", "#f0eee4"),
    Cloth("#e6dbbe", "#2b2a26"),
    Cloth("#2f4a44", "#eee9d8"),
    Cloth("#d9cdb9", "#7c2a28"),
    Cloth("#43364f", "#efe8da"),
    Cloth("#c9a04a", "#33291a"),
)
_MOTIFS_BY_CLASS = {
    "S": "stalks", "Q": "stalks", "P": "hills", "X": "hills", "K": "hills", "J": "sun", "I": "waves",
    "R": "gourd", "G": "pages", "H": "pages", "T": "pages", "B": "rings", "N": "rings",
}  # fmt: skip
_MOTIFS_BY_KIND = {
    Kind.PERFORMANCE: "sun", Kind.FILM: "sun", Kind.AUDIO: "waves", Kind.STORY: "lamp",
    Kind.PERSON: "rings", Kind.PHOTO: "hills", Kind.LECTURE: "pages", Kind.BOOK: "pages",
}  # fmt: skip
_MOTIFS_BY_WORD = (
    ("棋", "board"), ("江", "waves"), ("河", "waves"), ("船", "waves"), ("歌", "waves"), ("戏", "sun"),
    ("山", "hills"), ("村", "hills"), ("街", "hills"), ("稻", "stalks"), ("柑", "stalks"), ("果", "stalks"),
    ("药", "gourd"), ("健康", "gourd"), ("灯", "lamp"),
)  # fmt: skip


@dataclass(frozen=True)
class Design:
    """A cover decided: text and motif, cloth, and a small number that varies the motif."""

    title: str
    author: str
    motif: str
    cloth: Cloth
    turn: int


def design_of(card: RecordCard) -> Design:
    """Return the design of a record's cover."""
    number = int.from_bytes(hashlib.sha256(card.id.encode()).digest()[:4], "big")
    return Design(
        title=card.title[:80],
        author=card.creators[0][:16] if card.creators else "",
        motif=_choose_motif(card),
        cloth=CLOTHS[number % len(CLOTHS)],
        turn=number // len(CLOTHS) % 5,
    )


def _choose_motif(card: RecordCard) -> str:
    for word, motif in _MOTIFS_BY_WORD:
        if word in card.title:
            return motif
    by_class = _MOTIFS_BY_CLASS.get(main_class(card.clc) or "")
    return by_class if by_class and card.kind == Kind.BOOK else _MOTIFS_BY_KIND[card.kind]
