"""Documents under the name that Windows gave them have the first heading of their text for a title."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest_tools.description import Description
from ingest_tools.parser_worker import InputFile, describe
from tests.factories.office_documents import write_docx


def described(path: Path, out: Path) -> Description:
    out.mkdir()
    return describe(InputFile(path, path), out, [])


@pytest.mark.parametrize(
    ("name", "text", "title"),
    [
        ("新建文本文档.txt", "关于修路的通知\n\n各村：今年修路。\n", "关于修路的通知"),
        ("新建文本文档 (2).txt", "第一章 渡口\n正文一。\n第二章 老街\n正文二。\n", "第一章 渡口"),
        ("新建文本文档.txt", "今年修路，各村出工，每天到村口集合，由队长点名。\n", None),
        ("修路.txt", "关于修路的通知\n\n各村：今年修路。\n", None),
    ],
)
def test_texts(tmp_path: Path, name: str, text: str, title: str | None) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    assert described(tmp_path / name, tmp_path / "out").title == title


@pytest.mark.parametrize(
    "name", ["新建 Microsoft Word 文档.docx", "新建 Microsoft Word 文档 (2).docx", "新建文档.docx"]
)
def test_documents(tmp_path: Path, name: str) -> None:
    write_docx(tmp_path / name, ("Normal", "关于修路的通知"), ("Normal", "各村：今年修路。"))
    assert described(tmp_path / name, tmp_path / "out").title == "关于修路的通知"
