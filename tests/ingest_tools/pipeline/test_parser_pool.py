"""When a parser starts a child, keeps it, and replaces it."""

from __future__ import annotations

import os
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ingest_tools import parser_pool
from ingest_tools.cli import ingest as ingest_command
from ingest_tools.parser_pool import IdleTimeoutParser, Parser, start_parsers
from ingest_tools.pipeline.options import Options
from ingest_tools.pipeline.pipeline import Ingest
from ingest_tools.rejections import RejectedError
from library_server.cli import main
from library_server.library import Library
from library_server.processes.child import ChildProcess
from library_server.processes.errors import WorkerFailed
from tests.support.kept_parsers import borrowed_parsers


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "船歌.txt"
    path.write_text("书名：船歌\n\n正文", "utf-8")
    return path


def children() -> set[int]:
    """The child processes of this thread."""
    return {int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()}


@pytest.mark.slow
def test_a_child_is_kept_and_replaced_after_many_requests(
    text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parser_pool, "REQUESTS_PER_CHILD", 2)
    before = children()
    process_ids: list[int] = []
    with Parser() as parser:
        for _ in range(5):
            assert parser.describe(text, tmp_path).title == "船歌"
            process_ids.append(*children() - before)
    assert process_ids[0] == process_ids[1] != process_ids[2] == process_ids[3] != process_ids[4]
    assert children() == before


def failing_once(failure: WorkerFailed) -> Any:
    unpatched, failures = ChildProcess.request, [failure]

    def request(child: ChildProcess, *arguments: Any) -> Any:
        if failures:
            raise failures.pop()
        return unpatched(child, *arguments)

    return request


@pytest.mark.parametrize(("code", "is_replaced"), [("out_of_memory", True), ("damaged", False)])
@pytest.mark.slow
def test_a_child_that_ran_out_of_memory_is_replaced(
    text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, is_replaced: bool
) -> None:
    before = children()
    with Parser() as parser:
        parser.start()
        (first,) = children() - before
        with monkeypatch.context() as patched:
            patched.setattr(ChildProcess, "request", failing_once(WorkerFailed(code)))
            with pytest.raises(RejectedError) as raised:
                parser.describe(text, tmp_path)
        assert raised.value.code == code
        assert parser.describe(text, tmp_path).title == "船歌"
        assert (children() - before != {first}) == is_replaced


def test_a_detail_names_the_file_and_not_where_it_was_opened(
    text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ChildProcess, "request", failing_once(WorkerFailed("damaged", f"cannot read {text}: bad")))
    with Parser() as parser, pytest.raises(RejectedError) as raised:
        parser.describe(text, tmp_path)
    assert raised.value.detail == "cannot read 船歌.txt: bad"


@pytest.mark.slow
def test_parsers_are_started_ahead_and_ended_together() -> None:
    before = children()
    with start_parsers(2) as parsers:
        assert len(parsers) == len(children() - before) == 2
    assert children() == before


@pytest.mark.slow
def test_a_child_that_is_idle_ends(text: Path, tmp_path: Path) -> None:
    before = children()
    parser = IdleTimeoutParser(idle_seconds=0.2)
    for _ in range(2):
        assert parser.describe(text, tmp_path).title == "船歌"
        assert len(children() - before) == 1
        deadline = time.monotonic() + 10
        while children() != before and time.monotonic() < deadline:
            time.sleep(0.02)
        assert children() == before


@pytest.mark.parametrize(("names", "expected"), [(["书目.csv"], 0), (["书目.csv", "船歌.txt"], 2), (["馆藏.mrc"], 0)])
def test_an_ingest_of_lists_alone_starts_no_parsers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: list[str], expected: int
) -> None:
    for name in names:
        (tmp_path / name).write_text("书名,作者\n柑橘,陈守田\n" if name == "书目.csv" else "江水从南边来。", "utf-8")
    counts: list[int] = []

    def note(count: int) -> Any:
        counts.append(count)
        return nullcontext([])

    monkeypatch.setattr(ingest_command, "start_parsers", note)
    arguments = ["ingest", "--dry-run", "--workers", "2", *(str(tmp_path / name) for name in names)]
    result = CliRunner().invoke(main, arguments, env={"TIANYUAN_HOME": str(tmp_path / "home")})
    assert result.exit_code in {0, 3}, result.output
    assert counts == [expected]


def test_an_ingest_waits_for_more_parsers_than_workers(library: Library, text: Path) -> None:
    with borrowed_parsers(3) as parsers:
        run = Ingest(library.database, library.store, library.settings.home / "scratch", Options(workers=1), parsers)
        assert run.run([text]).added == 1
