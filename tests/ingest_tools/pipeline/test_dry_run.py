"""A dry run counts what the run itself would do, and does nothing."""

from __future__ import annotations

import csv
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from ingest_tools.pipeline.results import IngestReport
from library_server.cli import main
from library_server.cli.export import exported_records
from library_server.exchange import export as exporting
from library_server.library import Library
from tests.support.libraries import ingest
from tests.support.lists import change_rows
from tests.support.records import records_by_id


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Texts, twice the same bytes, a cover, a lone subtitle, files that their parsers refuse, a list with a bad row."""
    folder = tmp_path / "盘"
    folder.mkdir()
    for number in range(3):
        (folder / f"第{number}种.txt").write_text(f"江水从南边来{number}。" * 30, "utf-8")
    (folder / "又一份.txt").write_bytes((folder / "第0种.txt").read_bytes())
    Image.new("RGB", (300, 400), "red").save(folder / "第1种.jpg")
    (folder / "空.txt").write_bytes(b"")
    (folder / "坏.pdf").write_bytes(b"%PDF-1.4 broken")
    (folder / "没有片子.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\n船\n", "utf-8")
    with (folder / "表.csv").open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([
            ("书名", "作者", "ISBN", "文件"), ("船歌", "周望水", "9.78E+12", ""), ("柑橘", "陈守田", "", ""),
            ("柑橘", "陈守田", "", ""), ("第二种", "", "", "第2种.txt"),
        ])  # fmt: skip
    return folder


def counts(report: IngestReport) -> tuple[int, ...]:
    return report.seen, report.added, report.unchanged, report.joined, report.rejected, report.changed, report.likely


def same_as_dry_run(library: Library, *sources: Path, **options: object) -> IngestReport:
    before = records_by_id(library)
    stored = sorted(stored_object.key for stored_object in library.store.list())
    predicted = ingest(library, *sources, dry_run=True, **options)
    assert records_by_id(library) == before
    assert sorted(stored_object.key for stored_object in library.store.list()) == stored
    report = ingest(library, *sources, **options)
    assert counts(predicted) == counts(report)
    assert sorted(rejection["code"] for rejection in predicted.rejections) == sorted(
        rejection["code"] for rejection in report.rejections
    )
    assert predicted.is_dry_run
    return report


def test_a_dry_run_counts_what_the_run_does(library: Library, folder: Path, tmp_path: Path) -> None:
    report = same_as_dry_run(library, folder)
    assert report.unchanged
    assert report.joined
    assert report.rejected
    same_as_dry_run(library, folder)
    same_as_dry_run(library, folder, collection="夏天")
    path = tmp_path / "出.csv"
    path.write_bytes(b"".join(exporting.export(exported_records(library, None, None, None, (), [0]), "csv")))
    assert same_as_dry_run(library, change_rows(path, {"出版社": "湘江社"}), folder).changed == 1
    (folder / "新.txt").write_text("新来的" * 30, "utf-8")
    same_as_dry_run(library, folder)


@pytest.mark.long
def test_the_command_that_a_dry_run_prints_does_it(folder: Path, tmp_path: Path) -> None:
    environment = {"TIANYUAN_HOME": str(tmp_path / "馆"), "LANG": "C"}
    runner = CliRunner(env=environment)
    tried = runner.invoke(main, ["ingest", "--dry-run", "--kind", "story", str(folder)])
    assert tried.exit_code == 3, tried.output
    command = shlex.split(tried.stdout.strip().splitlines()[-1].partition("：")[2])
    assert command[0] == "tianyuan"
    result = runner.invoke(main, command[1:])
    assert result.exit_code == 3, result.output
    searched = runner.invoke(main, ["search", "第1种"])
    assert searched.exit_code == 0, searched.output
    assert "第1种" in searched.stdout
