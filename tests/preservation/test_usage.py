"""How much is stored: on the command line, in /metrics, and on the desk, which only librarians open."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from library_server.app import create_app
from library_server.catalogue.assets import usage
from library_server.catalogue.assets.objects import named_objects
from library_server.catalogue.assets.usage import UsageRow
from library_server.cli import main
from library_server.cli.background_work import job_worker
from library_server.desk import auth
from library_server.desk.chart import make_bars
from library_server.library import Library
from library_server.preservation.scrubbing import Scrub


def desk_link(library: Library, client: FlaskClient) -> str:
    environment = {"TIANYUAN_HOME": str(library.settings.home)}
    output = CliRunner().invoke(main, ["desk", "--base-url", "http://localhost/"], env=environment).output.strip()
    assert output.startswith("http://localhost/desk/enter?key=")
    return output.removeprefix("http://localhost")


@pytest.mark.slow
def test_figures_of_command_and_metrics_agree_with_the_store(story_library: Library) -> None:
    environment = {"TIANYUAN_HOME": str(story_library.settings.home)}
    result = CliRunner().invoke(main, ["storage", "usage", "--json"], env=environment)
    assert result.exit_code == 0, result.output
    values = json.loads(result.stdout)
    originals = list(named_objects(story_library.database, "originals/"))
    assert (values["originals"], values["originals_bytes"]) == (len(originals), sum(row.size for row in originals))
    assert values["promise_bytes"] == 3 * 10**12
    assert (
        sum(month["bytes"] for month in values["by_month"]) == values["originals_bytes"] + values["derivatives_bytes"]
    )
    assert {collection["slug"] for collection in values["by_collection"]} == {"stories"}
    metrics = create_app(story_library).test_client().get("/metrics").text
    assert f'tianyuan_stored_bytes{{kind="story",role="original"}} {float(values["originals_bytes"])}' in metrics
    assert "tianyuan_originals_damaged 0.0" in metrics
    plain = CliRunner().invoke(main, ["storage", "usage"], env=environment)
    assert "承诺: 3 TB" in plain.output


def test_the_worker_counts_by_itself(library: Library) -> None:
    with library.database.reading() as session:
        assert usage.load_usage(session) is None
    job_worker(library).run_periodic()
    with library.database.reading() as session:
        assert usage.load_usage(session) is not None


def test_the_desk_is_closed_without_a_link_and_open_with_one(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    client = create_app(library).test_client()
    closed = client.get("/desk/storage")
    assert closed.status_code == 403
    assert "tianyuan desk" in closed.text
    assert client.get("/desk/enter?key=made-up").status_code == 403
    address = desk_link(library, client)
    entered = client.get(address)
    assert entered.status_code == 302
    cookie = entered.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert client.get("/desk/").location == "/desk/batches"
    page = client.get("/desk/storage")
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert "还没有统计" in page.text
    assert "还没有查过" in page.text
    monkeypatch.setattr(auth, "LINK_SECONDS", -1)
    assert create_app(library).test_client().get(address).status_code == 403
    monkeypatch.setattr(auth, "SESSION_SECONDS", -1)
    assert client.get("/desk/storage").status_code == 403


def test_findings_are_shown_at_the_desk_and_in_metrics(story_library: Library) -> None:
    original, *_ = named_objects(story_library.database, "originals/")
    story_library.store.delete(original.key)
    Scrub(story_library.database, story_library.store, story_library.settings.home / "scratch").run()
    job_worker(story_library).run_periodic()
    client = create_app(story_library).test_client()
    client.get(desk_link(story_library, client))
    page = client.get("/desk/storage").text
    assert "0 份原件坏了，1 份不在了" in page
    assert f'href="/records/{original.record_id}"' in page
    assert "占承诺的 0.0%" in page
    client.set_cookie("lang", "en")
    english = client.get("/desk/storage").text
    assert "1 are gone" in english
    assert "the object is gone" in english
    assert "对象不在" in page
    metrics = client.get("/metrics").text
    assert "tianyuan_originals_missing 1.0" in metrics
    environment = {"TIANYUAN_HOME": str(story_library.settings.home)}
    result = CliRunner().invoke(main, ["storage", "scrub"], env={**environment, "TIANYUAN_REPLICA": ""})
    assert result.exit_code != 0


def test_bars_show_every_month_of_two_years(tmp_path: Path) -> None:
    assert make_bars([]) == []
    months = make_bars([UsageRow(("2024-11",), 1, 10), UsageRow(("2025-02",), 2, 30)])
    assert [bar.month for bar in months] == ["2024-11", "2024-12", "2025-01", "2025-02"]
    assert [bar.total for bar in months] == [10, 10, 10, 40]
    assert months[-1].total_height == 100
    assert months[-1].added_height == 75
    long = make_bars([UsageRow((f"{year}-01",), 1, 1) for year in range(2020, 2027)])
    assert len(long) == 24
    assert long[-1].month == "2026-01"
