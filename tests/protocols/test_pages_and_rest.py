from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings

from library_server.catalogue.dto import RecordDraft
from library_server.catalogue.enums import Access, Kind
from library_server.catalogue.records import commands, queries
from library_server.cli import main
from library_server.library import Library

OPENAPI = "/api/v1/openapi.json"


def first(client: FlaskClient, query: str) -> dict[str, str]:
    results = client.get(f"/api/v1/search?{query}").get_json()
    assert results["total"] > 0
    item: dict[str, str] = results["items"][0]
    return item


def test_search_answers_as_the_contract_says(sample: FlaskClient) -> None:
    results = sample.get("/api/v1/search?q=柑橘&per_page=3").get_json()
    assert set(results) == {"total", "page", "per_page", "took_ms", "items", "facets", "relaxed", "suggestion"}
    assert set(results["items"][0]) == {
        "id", "kind", "title", "creators", "year", "summary", "cover_url", "url", "highlights",
    }  # fmt: skip
    assert "<mark>柑橘</mark>" in results["items"][0]["highlights"]["title"]
    assert {"value", "count"} == set(results["facets"]["kind"][0])


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("/api/v1/search?page=0", 400, "bad_parameter"),
        ("/api/v1/search?sort=sideways", 400, "bad_parameter"),
        ("/api/v1/records/none", 404, "record_missing"),
        ("/api/v1/none", 404, "not_found"),
    ],
)
def test_errors_are_problem_details(sample: FlaskClient, address: str, status: int, code: str) -> None:
    response = sample.get(address)
    assert response.status_code == status
    assert response.mimetype == "application/problem+json"
    assert response.get_json()["code"] == code


def test_a_record_names_its_assets(sample: FlaskClient) -> None:
    record = sample.get(f"/api/v1/records/{first(sample, 'q=春梢&kind=lecture')['id']}").get_json()
    assert record["hls_url"].endswith("/master.m3u8")
    roles = {asset["role"] for asset in record["assets"]}
    assert {"original", "subtitle", "cover", "thumbnail", "text"} <= roles
    original = next(asset for asset in record["assets"] if asset["role"] == "original")
    response = sample.get(original["url"], headers={"Range": "bytes=4-7"})
    assert (response.status_code, response.data) == (206, b"ftyp")


def test_suggest(sample: FlaskClient) -> None:
    items = sample.get("/api/v1/suggest?q=hgx").get_json()["items"]
    assert items[0]["title"] == "花鼓戏唱腔选"


@pytest.mark.long
def test_the_api_holds_for_what_is_thrown_at_it(sample_app: Flask) -> None:
    schema: Any = schemathesis.openapi.from_wsgi(OPENAPI, sample_app)
    operations = [operation.ok() for operation in schema.get_all_operations()]
    assert len(operations) == 3
    for operation in operations:

        @given(case=operation.as_strategy())
        @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
        def holds(case: Any) -> None:
            case.call_and_validate(headers={"Accept-Encoding": "identity"})

        holds()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    "address",
    ["/", "/search", "/search?q=柑橘", "/search?q=完全没有的", "/search?kind=book&sort=title", "/shelves", "/mine",
     "/collections/stories", "/collections/photos", "/manifest.webmanifest"],
)  # fmt: skip
def test_pages_open_in_both_languages(sample: FlaskClient, address: str, lang: str) -> None:
    sample.set_cookie("lang", lang)
    response = sample.get(address)
    assert response.status_code == 200
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    if lang == "en" and response.mimetype == "text/html":
        assert "Tianyuan Digital Library" in response.text


@pytest.mark.parametrize("kind", [str(kind) for kind in Kind])
def test_every_kind_has_its_page(sample: FlaskClient, kind: str) -> None:
    item = first(sample, f"kind={kind}")
    page = sample.get(item["url"])
    assert page.status_code == 200
    assert item["title"] in page.text
    assert "GB/T" not in page.text
    if kind in {"lecture", "film", "performance", "audio"}:
        lectures = sample.get(f"/api/v1/search?kind={kind}").get_json()["items"]
        assert any(sample.get(f"/watch/{lecture['id']}").status_code == 200 for lecture in lectures)


def test_books_are_read_with_and_without_scripts(sample: FlaskClient) -> None:
    book = first(sample, "q=湘江船歌&kind=book")
    page = sample.get(f"/read/{book['id']}")
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    text = sample.get(f"/read/{book['id']}?chapter=2").text
    assert "上滩" in text
    assert sample.get(f"/read/{first(sample, 'kind=photo')['id']}").status_code == 404
    assert sample.get(f"/watch/{book['id']}").status_code == 404


def test_settings_are_kept_and_never_lead_away(sample: FlaskClient) -> None:
    response = sample.get("/settings?text=large&back=/search?q=橘")
    assert response.status_code == 303
    assert "text=large" in response.headers["Set-Cookie"]
    assert 'class="large auto"' in sample.get("/").text
    for back in ("https://evil.example/", "//evil.example/", "/\\evil.example"):
        assert sample.get("/settings", query_string={"back": back}).headers["Location"] == "/"


def test_missing_pages_say_what_to_do(sample: FlaskClient) -> None:
    for address in ("/none", "/records/none", "/read/none", "/watch/none", "/collections/none"):
        response = sample.get(address)
        assert response.status_code == 404
        assert "回首页" in response.text


def test_hostile_words_never_become_markup(sample: FlaskClient) -> None:
    page = sample.get("/search", query_string={"q": '<script>alert(1)</script>"柑橘'})
    assert "<script>alert" not in page.text


def test_withdrawn_and_restricted_records(library: Library, client: FlaskClient) -> None:
    with library.database.writing() as session:
        gone = commands.add_record(session, RecordDraft(kind=Kind.BOOK, title="收回的书"))
        members = commands.add_record(session, RecordDraft(kind=Kind.BOOK, title="会员的书", access=Access.MEMBERS))
        commands.withdraw(session, gone, "版权到期")
    page = client.get(f"/records/{gone}")
    assert page.status_code == 410
    assert "版权到期" in page.text
    assert client.get(f"/api/v1/records/{gone}").get_json()["code"] == "record_withdrawn"
    assert client.get(f"/read/{gone}").status_code == 410
    assert "读者证" in client.get(f"/records/{members}").text
    assert client.get(f"/read/{members}").status_code == 403
    assert "书架还空着" not in client.get("/").text


def test_an_empty_library_and_a_missing_index_are_said(client: FlaskClient) -> None:
    assert "书架还空着" in client.get("/").text
    assert client.get("/search?q=x").status_code == 503
    assert client.get("/api/v1/search").get_json()["code"] == "index_unavailable"
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200


def test_playlist_names_what_plays(sample: FlaskClient) -> None:
    lines = sample.get("/iptv/playlist.m3u").text.splitlines()
    assert lines[0] == "#EXTM3U"
    assert any('group-title="戏曲"' in line for line in lines)
    assert all(line.startswith("http://localhost/video/p-") for line in lines[2::2])


def test_metrics_and_readiness(sample: FlaskClient, sample_library: Library) -> None:
    assert sample.get("/readyz").status_code == 200
    with sample_library.database.reading() as session:
        count = queries.count_published(session)
    assert f"tianyuan_records {float(count)}" in sample.get("/metrics").text


def test_commands_answer_in_json(sample_library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIANYUAN_HOME", str(sample_library.settings.home))
    runner = CliRunner()
    for command in (
        ["search", "柑橘", "--json"],
        ["search", "柑橘"],
        ["batches"],
        ["batches", "--json"],
        ["index", "status", "--json"],
        ["index", "verify", "--json"],
        ["storage", "check"],
        ["storage", "sweep", "--json"],
    ):
        result = runner.invoke(main, command)
        assert result.exit_code == 0, (command, result.output)
    assert runner.invoke(main, ["batches", "none"]).exit_code == 1
    assert runner.invoke(main, ["retry", "none"]).exit_code == 1
    monkeypatch.setenv("TIANYUAN_NONSENSE", "1")
    assert "TIANYUAN_NONSENSE" in runner.invoke(main, ["index", "status"]).output
