"""The documentation names what exists, its example runs, and every page is in the navigation."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from tests.test_house import LARGEST_FOLDER

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
_PATH = re.compile(r"`((?:library_server|ingest_tools|storage_config|tests|benchmarks|docs|scripts)/[\w./-]*)`")

_NAME = re.compile(
    r"`([A-Za-z_]\w+)`(?: of | in | \()`((?:library_server|ingest_tools|storage_config|tests)/[\w/]+\.py)`"
)
_TEST = re.compile(r"`(test_\w+\.py)::(test_\w+)`")
_EXAMPLE = re.compile(r"```python\n(.*?)```", re.DOTALL)


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda page: page.name)
def test_files_that_a_page_names_exist(page: Path) -> None:
    named = _PATH.findall(page.read_text("utf-8"))
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda page: page.name)
def test_names_that_a_page_gives_are_in_their_modules(page: Path) -> None:
    named = _NAME.findall(" ".join(page.read_text("utf-8").split()))
    missing = [(name, path) for name, path in named
               if not re.search(rf"\b{name}\b", (ROOT / path).read_text("utf-8"))]  # fmt: skip
    assert missing == []


def test_each_feature_of_the_readers_is_held_by_tests() -> None:
    tests: dict[str, str] = {}
    for path in (ROOT / "tests").rglob("test_*.py"):
        tests[path.name] = tests.get(path.name, "") + path.read_text("utf-8")
    page = (DOCS / "developers" / "reader-features.md").read_text("utf-8")
    rows = [row.split("|") for row in page.splitlines() if row.startswith("| ")][2:]
    ours = [row for row in rows if row[2].strip() == "yes"]
    assert ours
    for row in ours:
        held_by = _TEST.findall(row[-2])
        assert held_by, row[1]
        assert [name for file, name in held_by if f"def {name}(" not in tests.get(file, "")] == [], row[1]


@pytest.fixture
def example_test(monkeypatch: pytest.MonkeyPatch) -> tuple[str, dict[str, Any]]:
    """The test of the example of a format: its source, and the names in it after it was run."""
    page = (DOCS / "developers" / "adding-a-format.md").read_text("utf-8")
    module, recognition, test = _EXAMPLE.findall(page)
    lyrics = ModuleType("ingest_tools.formats.audiovisual.lyrics")
    exec(module, vars(lyrics))
    monkeypatch.setitem(sys.modules, lyrics.__name__, lyrics)
    monkeypatch.setattr("ingest_tools.formats.audiovisual.lyrics", lyrics, raising=False)
    names: dict[str, Any] = {}
    exec(test, names)
    detect = "def detect_format(path):\n    head = path.read_bytes()\n"
    exec(detect + "".join(f"    {line}\n" for line in recognition.splitlines()), names)
    return test, names


def test_the_example_of_a_format_passes_its_test(example_test: tuple[str, dict[str, Any]], tmp_path: Path) -> None:
    _, names = example_test
    names["test_words_have_no_times"](tmp_path)


def test_there_is_room_for_the_modules_of_the_example() -> None:
    page = (DOCS / "developers" / "adding-a-format.md").read_text("utf-8")
    steps = re.findall(r"^\| [14] \| .*`((?:tests/)?ingest_tools/formats/)`.* here `([\w/]+)\.py`", page, re.MULTILINE)
    folders = [(ROOT / folder / module).parent for folder, module in steps]
    assert len(folders) == 2
    assert [folder for folder in folders if len(list(folder.glob("*.py"))) >= LARGEST_FOLDER] == []


def test_the_example_of_a_format_uses_what_modules_have(example_test: tuple[str, dict[str, Any]]) -> None:
    source, names = example_test
    used = [
        (names[node.value.id], node.attr)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in names
    ]
    assert [(module.__name__, name) for module, name in used if not hasattr(module, name)] == []


def test_scripts_use_what_the_tests_have() -> None:
    missing = []
    for script in (ROOT / "scripts").iterdir():
        source = script.read_text("utf-8")
        if "python" not in source.partition("\n")[0]:
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tests."):
                path = ROOT.joinpath(*(node.module or "").split(".")).with_suffix(".py")
                names = (
                    re.findall(r"^(?:def|class) (\w+)", path.read_text("utf-8"), re.MULTILINE) if path.exists() else []
                )
                missing += [(script.name, alias.name) for alias in node.names if alias.name not in names]
    assert missing == []


def test_every_page_is_in_the_navigation() -> None:
    text = (ROOT / "mkdocs.yml").read_text("utf-8")
    listed = set(re.findall(r"[\w/-]+\.md", str(yaml.safe_load(text)["nav"])))
    assert listed == {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}
