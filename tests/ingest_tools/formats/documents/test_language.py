"""The language of texts that do not name one."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from ingest_tools.formats import docx, epub, pdf, text
from ingest_tools.formats.language import detect_language
from tests.factories.office_documents import write_docx

TEXTS = {
    "zh": "湘江两岸的渡口，天没亮就有人等船。船工把缆绳解开，水面上全是雾。",
    "en": "The ferry left before dawn, and the people who had waited for it were cold. It was the last of the year.",
    "ja": "渡し船は夜明け前に出た。待っていた人たちは寒さに震えていた。",
    "ko": "나룻배는 새벽이 되기 전에 떠났다. 기다리던 사람들은 추위에 떨었다.",
    "ru": "Паром ушёл до рассвета, и люди, которые его ждали, замёрзли. Это был последний паром, но он не вернулся.",
    "uk": "Паром відійшов до світанку, і люди, що на нього чекали, змерзли. Це був останній, але він не повернувся.",
    "fr": "Le bac est parti avant l'aube et les gens qui attendaient dans le froid ne sont pas restés sur la rive.",
    "de": "Die Fähre ist vor dem Morgen gefahren, und die Leute, die auf sie gewartet haben, waren nicht mehr da.",
    "es": "La barca salió antes del alba y los que esperaban en la orilla no se quedaron con el frío de la noche.",
    "el": "Το πλοίο έφυγε πριν από την αυγή και οι άνθρωποι κρύωναν.",
}  # fmt: skip


@pytest.mark.parametrize("language", TEXTS)
def test_languages_are_told(language: str) -> None:
    assert detect_language([TEXTS[language]]) == language


@pytest.mark.parametrize(
    "unclear", ["", "12 345 67", "Xyzzy plugh frotz", "α β γ x y z a b", "Rice 2021", "foo 渡口 bar baz qux"]
)
def test_what_is_unclear_stays_unknown(unclear: str) -> None:
    assert detect_language([unclear]) is None


@pytest.mark.parametrize(
    ("mixed", "language"),
    [
        (TEXTS["en"] * 3 + "（渡口）", "en"),
        (TEXTS["zh"] * 3 + "Tianyuan の station", "zh"),
        (TEXTS["ja"] + "Tokyo", "ja"),
    ],
)
def test_a_few_words_of_another_language_change_nothing(mixed: str, language: str) -> None:
    assert detect_language([mixed]) == language


def test_every_format_of_text_says_its_language(tmp_path: Path) -> None:
    from reportlab.pdfgen import canvas

    page = canvas.Canvas(str(tmp_path / "a.pdf"))
    page.drawString(50, 700, TEXTS["fr"])
    page.save()
    write_docx(tmp_path / "a.docx", ("", TEXTS["ja"]))
    (tmp_path / "a.txt").write_text(TEXTS["ru"], "utf-8")
    opf = (
        '<package xmlns="http://www.idpf.org/2007/opf"><metadata/><manifest><item id="c" href="c.xhtml" '
        'media-type="application/xhtml+xml"/></manifest><spine><itemref idref="c"/></spine></package>'
    )
    with zipfile.ZipFile(tmp_path / "a.epub", "w") as book:
        book.writestr("a.opf", opf)
        book.writestr("c.xhtml", f"<html><body><p>{TEXTS['ko']}</p></body></html>")
    descriptions = [
        pdf.describe(tmp_path / "a.pdf", tmp_path, covers=False),
        docx.describe(tmp_path / "a.docx", tmp_path),
        text.describe(tmp_path / "a.txt", tmp_path),
        epub.describe(tmp_path / "a.epub", tmp_path, covers=False),
    ]
    assert [description.language for description in descriptions] == ["fr", "ja", "ru", "ko"]
