"""Metadata of documents that programs wrote, or that people wrote badly."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest_tools.description import Description
from ingest_tools.formats import docx, pdf, text
from ingest_tools.formats.placeholders import without_placeholders
from ingest_tools.parser_worker import InputFile, describe
from library_server.catalogue.passages.serialization import parse_passages
from tests.factories.office_documents import write_docx, write_pdf

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def describe_document(path: Path) -> Description:
    return describe(InputFile(path, path), path.parent, [])


def test_defaults_of_reportlab_are_no_metadata(tmp_path: Path) -> None:
    write_pdf(tmp_path / "a.pdf")
    description = describe_document(tmp_path / "a.pdf")
    assert (description.title, description.creators, description.abstract, description.subjects) == (None, [], None, [])


def test_what_people_wrote_stays(tmp_path: Path) -> None:
    write_pdf(
        tmp_path / "a.pdf", title="Untitled Works of Li Bai", author="Unknown Soldier", subject="Unspecified risk"
    )
    description = describe_document(tmp_path / "a.pdf")
    assert (description.creators, description.abstract) == ([("Unknown Soldier", "author")], "Unspecified risk")


@pytest.mark.parametrize("kind", ["pdf", "docx", "epub", "video", "photo"])
@pytest.mark.parametrize("value", ["untitled", "(untitled)", "Untitled 3", "无标题", "未命名", "unspecified", "Unknown",
                                   "OLYMPUS DIGITAL CAMERA", "文档1", "PowerPoint 演示文稿"])  # fmt: skip
def test_values_of_programs_are_dropped(kind: str, value: str) -> None:
    description = Description(kind, "", "book", title=value, abstract=value, publisher=value, subjects=[value, "庙会"])
    description = without_placeholders(description)
    assert (description.title, description.abstract, description.publisher, description.subjects) == (
        None,
        None,
        None,
        ["庙会"],
    )


@pytest.mark.parametrize("name", ["微软用户", "Microsoft Office User", "Windows 用户", "Administrator", "USER", "未知",
                                  "python-docx", "unknown"])  # fmt: skip
def test_accounts_are_no_creators(name: str) -> None:
    description = Description("docx", "", "book", creators=[(name, "author"), ("陈守田", "author")])
    description = without_placeholders(description)
    assert description.creators == [("陈守田", "author")]


@pytest.mark.parametrize(("kind", "expected"), [("pdf", []), ("epub", [("Anonymous", "author")])])
def test_works_of_anonymous_authors(kind: str, expected: list[tuple[str, str]]) -> None:
    description = Description(kind, "", "book", creators=[("Anonymous", "author")])
    description = without_placeholders(description)
    assert description.creators == expected


@pytest.mark.parametrize("field", [b"Title", b"Author", b"Subject", b"Keywords"])
def test_a_lone_surrogate_in_a_pdf_is_replaced(tmp_path: Path, field: bytes) -> None:
    write_pdf(tmp_path / "a.pdf", title="XXXX", author="XXXX", subject="XXXX", keywords="XXXX")
    data = (tmp_path / "a.pdf").read_bytes()
    key = b"/" + field + b" ("
    at = data.index(key) + len(key)
    value = b"<FEFF0041D83D0042>"
    (tmp_path / "a.pdf").write_bytes(data[: at - 1] + value + data[data.index(b")", at) + 1 :])
    description = pdf.describe(tmp_path / "a.pdf", tmp_path, covers=False)
    values = (
        description.title,
        description.creators and description.creators[0][0],
        description.abstract,
        *description.subjects,
    )
    assert [value for value in values if value and value.startswith("A\ufffd")]


@pytest.mark.parametrize("headings", [1, 3])
def test_a_docx_of_headings_alone_keeps_its_text(tmp_path: Path, headings: int) -> None:
    write_docx(tmp_path / "a.docx", *(("Heading1", f"第{number}节 渡口") for number in range(headings)))
    (file,) = [derived.file for derived in docx.describe(tmp_path / "a.docx", tmp_path).derived]
    texts = [passage.text for passage in parse_passages((tmp_path / file).read_bytes())]
    assert "\n".join(texts) == "\n".join(f"第{number}节 渡口" for number in range(headings))


def test_a_long_heading_of_a_docx_keeps_its_text(tmp_path: Path) -> None:
    long = "渡" * 100
    write_docx(tmp_path / "a.docx", ("Heading1", long), ("", "正文"), ("Heading1", "二"), ("", "又"))
    (file,) = [derived.file for derived in docx.describe(tmp_path / "a.docx", tmp_path).derived]
    assert [passage.text for passage in parse_passages((tmp_path / file).read_bytes())] == [f"{long}\n正文", "又"]


def test_a_text_of_headings_alone_keeps_its_text() -> None:
    assert [passage.text for passage in text.split_chapters("第一章 渡口\n第二章 秤铺")] == [
        "第一章 渡口",
        "第二章 秤铺",
    ]


@pytest.mark.parametrize("words", [3, 60])
def test_settings_of_a_scanner_are_no_abstract(words: int) -> None:
    settings = "[Scan 0] " + " ".join(f"Mode={number}" for number in range(words))
    assert without_placeholders(Description("photo", "", "photo", abstract=settings)).abstract is None


def test_an_abstract_with_an_equals_sign_stays() -> None:
    formula = "[第一部分] 讲 E=mc2 是怎样得来的"
    assert without_placeholders(Description("photo", "", "photo", abstract=formula)).abstract == formula


@pytest.mark.parametrize(("written", "name"), [("Ann_Lee", "Ann Lee"), ("ann_lee", "ann_lee"), ("IMG_01", "IMG_01")])
def test_words_of_a_name_that_a_camera_joined_are_set_apart(written: str, name: str) -> None:
    described = Description("photo", "", "photo", creators=[(written, "photographer")])
    assert without_placeholders(described).creators == [(name, "photographer")]
