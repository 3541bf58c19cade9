"""Sentences for people: each code has one, and what is shown is told in one language."""

from __future__ import annotations

import ast
import importlib
import pickle
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest_tools.rejections import REASONS, RejectedError
from library_server.database.errors import DatabaseLost
from library_server.preservation.deletion import DeletionRefused
from library_server.translations.message_catalogs import load_translation
from library_server.translations.rendering import cause_of, render, translate
from library_server.translations.sentences import SENTENCES
from storage_config.errors import ObjectDamaged
from storage_config.messages import CodedError, Message, dump_messages, load_messages
from storage_config.s3 import errors as s3_errors

ROOT = Path(__file__).parents[1]
FACES = ("library_server/cli", "ingest_tools/cli", "storage_config")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# Chinese, then English words that are no command
TWO_LANGUAGES = re.compile(r"[\u4e00-\u9fff][^a-z]*\s(?!tianyuan |createdb |pip )[a-z]+ [a-z]+ [a-z]+")
PLACEHOLDER = re.compile(r"%\((\w+)\)s")
ENGLISH = load_translation("en").gettext


def modules(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def literals(tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    """Text in the code, without docstrings; of an f-string what is written in it."""
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield node, " ".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node, node.value


def marked(tree: ast.Module) -> set[int]:
    """What is given to `_`."""
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    return {id(part) for call in calls if isinstance(call.func, ast.Name) and call.func.id == "_"
            for argument in call.args[:1] for part in ast.walk(argument)}  # fmt: skip


def errors(base: type[CodedError] = CodedError) -> Iterator[type[CodedError]]:
    for kind in base.__subclasses__():
        yield kind
        yield from errors(kind)


def raised() -> Iterator[tuple[str, str, set[str]]]:
    """Where a message is made, its code and the names of its parameters."""
    for path, _ in modules("storage_config", "library_server", "ingest_tools"):
        if path.endswith(
            ("errors.py", "url.py", "units.py", "erasure.py", "secret_key.py", "results.py", "commands.py")
        ):
            importlib.import_module(path.removesuffix(".py").replace("/", "."))
    kinds = {kind.__name__: kind.code for kind in errors()}
    for path, tree in modules("storage_config", "library_server", "ingest_tools"):
        for call in ast.walk(tree):
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
                continue
            first = call.args[0] if call.args else None
            text = first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None
            if call.func.id == "Message" and text:
                values = call.args[1] if len(call.args) > 1 else None
                keys = values.keys if isinstance(values, ast.Dict) else []
                yield path, text, {str(key.value) for key in keys if isinstance(key, ast.Constant)}
            elif call.func.id in kinds and len(call.args) < 2 and (text or first is None):
                yield path, text or kinds[call.func.id], {keyword.arg or "" for keyword in call.keywords}


@pytest.mark.slow
def test_every_message_has_a_sentence_and_its_parameters() -> None:
    messages = list(raised())
    assert len(messages) > 60
    assert [(path, code) for path, code, _ in messages if code not in SENTENCES] == []
    lacking = [
        (path, code, names)
        for path, code, parameters in messages
        if (names := set(PLACEHOLDER.findall(SENTENCES[code])) - parameters)
    ]
    assert lacking == []


@pytest.mark.slow
def test_every_sentence_is_used() -> None:
    codes = {
        text
        for path, tree in modules("storage_config", "library_server", "ingest_tools")
        if not path.endswith("translations/sentences.py")
        for _, text in literals(tree)
    }
    assert set(SENTENCES) - codes == set()


def test_every_failure_of_s3_has_a_sentence() -> None:
    kinds = {*s3_errors._CODES.values(), *s3_errors._STATUS.values()}
    for kind in kinds:
        assert "originals/ab" in render(kind(what="originals/ab", detail="NoSuchKey").message, ENGLISH)


def test_translations_have_the_parameters_of_their_sentence() -> None:
    for sentence in SENTENCES.values():
        assert set(PLACEHOLDER.findall(ENGLISH(sentence))) == set(PLACEHOLDER.findall(sentence))


@pytest.mark.parametrize("code", sorted(REASONS))
def test_every_reason_of_a_rejection_is_told_in_either_language(code: str) -> None:
    stored = RejectedError(code, "at (1, 2)").reason
    chinese, english = translate(stored, str), translate(stored, ENGLISH)
    assert stored.startswith(chinese)
    assert CHINESE.search(chinese)
    assert english != chinese
    if not cause_of(stored):
        assert chinese.endswith(" (at (1, 2))")
        assert english.endswith(" (at (1, 2))")
    assert " (" not in REASONS[code], "the detail begins there"


def test_what_is_shown_is_marked_for_translation() -> None:
    unmarked = [
        (path, text)
        for path, tree in modules(*FACES)
        for node, text in literals(tree)
        if CHINESE.search(text) and id(node) not in marked(tree)
    ]
    assert unmarked == []


@pytest.mark.slow
def test_no_text_is_in_two_languages() -> None:
    assert TWO_LANGUAGES.search("没有这个批次 no such batch: 1")
    assert TWO_LANGUAGES.search("磁盘满了：请腾出空间后再试 the disk is full")
    assert not TWO_LANGUAGES.search("索引文件坏了：tianyuan index rebuild")
    in_two = [
        (path, text)
        for path, tree in modules("library_server/cli", "library_server/translations", "ingest_tools", "storage_config")
        for _, text in literals(tree)
        if TWO_LANGUAGES.search(text)
    ]
    assert in_two == []


def test_a_message_is_stored_without_a_language() -> None:
    messages = [Message("length_differs", {"size": 3, "expected": 4}), Message("replica_lacks_object")]
    stored = dump_messages(messages)
    assert load_messages(stored) == messages
    assert translate(stored, str) == "长度 3 字节，应是 4; 第二份也不在"
    assert translate(stored, ENGLISH) == "3 bytes, not 4; the second store has none"
    assert dump_messages([]) == ""
    for text in ("", "[", "[1]", "[]x", '[{"size": 3}]', "对象不在 the object is gone", "(in brackets)", "ingest 1"):
        assert translate(text, ENGLISH) == text


@pytest.mark.parametrize(
    "error",
    [
        ObjectDamaged("source_became_shorter", what="a_b.epub"),
        DatabaseLost(emptiness=Message("no_records"), where="sqlite"),
        DeletionRefused("refused", Message("backup_too_old", {"days": 3})),
    ],
)
def test_an_error_crosses_processes_with_its_parameters(error: CodedError) -> None:
    loaded = pickle.loads(pickle.dumps(error))
    assert type(loaded) is type(error)
    assert (loaded.code, loaded.message, str(loaded)) == (error.code, error.message, str(error))


def test_an_error_says_for_logs_what_it_is_and_about_what() -> None:
    assert str(ObjectDamaged(what="originals/ab")) == "object damaged: what=originals/ab"
    assert str(ObjectDamaged("source_became_shorter", what="a.epub")) == "source became shorter: what=a.epub"
    assert render(Message("of_a_later_version", {"size": 3}), ENGLISH) == "of a later version: size=3"
    assert render(Message("length_differs", {"size": 3}), ENGLISH) == "length differs: size=3"
