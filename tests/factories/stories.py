"""Short stories as Markdown files."""

from __future__ import annotations

from pathlib import Path

STORIES = 5


def stories(folder: Path, count: int = STORIES, *, first: int = 0) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(first, first + count):
        text = f"# 第{number}个故事\n\n" + f"从前，栗雨有个人叫周{number}。\n" * 40
        (folder / f"故事{number:03}.md").write_text(text, encoding="utf-8")
    return folder
