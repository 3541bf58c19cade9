"""Rate limits per client address: what is limited, whom it counts, and what those above it are told."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from library_server.app import create_app
from library_server.library import open_library
from library_server.settings import read_settings
from storage_config.errors import InvalidSettings

READER, OTHER = "203.0.113.7", "203.0.113.8"
LIMITED = (
    "/search?q=天元",
    "/api/v1/search?q=天元",
    "/api/v1/suggest?q=t",
    "/api/v1/records/x",
    "/api/v1/openapi.json",
)
EXEMPT = (
    "/",
    "/shelves",
    "/records/x",
    "/healthz",
    "/readyz",
    "/metrics",
    "/static/site.css",
    "/files/g/x",
    "/video/g/x/master.m3u8",
    "/video/g/x/source/00000.ts",
    "/covers/x.svg",
    "/iptv/playlist.m3u",
    "/desk/",
)


def client(home: Path, address: str = READER, **settings: object) -> FlaskClient:
    """A client of an application with these settings, whose connections come from `address`."""
    opened = open_library(read_settings(home=str(home), **settings))
    opened.indexer.catch_up()
    made = create_app(opened).test_client()
    made.environ_base["REMOTE_ADDR"] = address
    return made


def statuses(reader: FlaskClient, path: str, times: int, **headers: str) -> list[int]:
    return [reader.get(path, headers=headers).status_code for _ in range(times)]


@pytest.mark.parametrize("path", LIMITED)
def test_searches_and_the_api_are_limited(tmp_path: Path, path: str) -> None:
    reader = client(tmp_path, rate_limit="3/hour")
    answers = statuses(reader, path, 4)
    assert 429 not in answers[:3]
    assert answers[3] == 429


def test_searches_and_the_api_share_one_limit(tmp_path: Path) -> None:
    reader = client(tmp_path, rate_limit="3/hour")
    assert [reader.get(path).status_code == 429 for path in LIMITED] == [False, False, False, True, True]


@pytest.mark.parametrize("path", EXEMPT)
def test_everything_else_is_exempt(tmp_path: Path, path: str) -> None:
    reader = client(tmp_path, rate_limit="1/hour", desk_rate_limit="1/hour")
    assert 429 not in statuses(reader, path, 4)


def test_attempts_to_enter_the_desk_have_a_limit_of_their_own(tmp_path: Path) -> None:
    reader = client(tmp_path, rate_limit="1/hour", desk_rate_limit="2/hour")
    assert statuses(reader, "/desk/enter?key=x", 3) == [403, 403, 429]
    assert reader.get("/search").status_code == 200
    assert reader.get("/desk/batches").status_code == 403


@pytest.mark.slow
def test_a_limit_can_be_switched_off(tmp_path: Path) -> None:
    reader = client(tmp_path, rate_limit="off", desk_rate_limit="off")
    assert set(statuses(reader, "/search", 30)) == {200}
    assert set(statuses(reader, "/desk/enter?key=x", 30)) == {403}


@pytest.mark.parametrize("value", ["", "0/minute", "fast", "10", "10/fortnight", "10/minute;1/second", "-1/minute"])
@pytest.mark.parametrize("name", ["rate_limit", "desk_rate_limit"])
def test_a_bad_limit_stops_the_start(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(InvalidSettings, match=f"TIANYUAN_{name.upper()}"):
        read_settings(home=str(tmp_path), **{name: value})


def test_a_program_is_told_the_code_and_when_to_come_again(tmp_path: Path) -> None:
    reader = client(tmp_path, rate_limit="1/minute")
    reader.get("/api/v1/search")
    response = reader.get("/api/v1/search")
    assert response.status_code == 429
    assert response.mimetype == "application/problem+json"
    assert response.get_json()["code"] == "too_many_requests"
    assert 1 <= int(response.headers["Retry-After"]) <= 60


def test_a_reader_gets_a_page(tmp_path: Path) -> None:
    reader = client(tmp_path, rate_limit="1/minute")
    reader.get("/search")
    response = reader.get("/search")
    assert response.status_code == 429
    assert "请慢一点" in response.text
    assert response.headers["Retry-After"].isdigit()
    reader.set_cookie("lang", "en")
    assert "A little slower, please" in reader.get("/search").text


def test_clients_are_counted_apart(tmp_path: Path) -> None:
    reader = client(tmp_path, rate_limit="1/hour")
    assert statuses(reader, "/search", 2) == [200, 429]
    reader.environ_base["REMOTE_ADDR"] = OTHER
    assert statuses(reader, "/search", 2) == [200, 429]


def test_an_ipv6_network_is_one_client(tmp_path: Path) -> None:
    reader = client(tmp_path, "2001:db8:0:1::1", rate_limit="1/hour")
    assert reader.get("/search").status_code == 200
    reader.environ_base["REMOTE_ADDR"] = "2001:db8:0:1:ffff::2"
    assert reader.get("/search").status_code == 429
    reader.environ_base["REMOTE_ADDR"] = "2001:db8:0:2::1"
    assert reader.get("/search").status_code == 200


def test_an_address_in_ipv6_notation_is_the_same_client(tmp_path: Path) -> None:
    reader = client(tmp_path, READER, rate_limit="1/hour")
    assert reader.get("/search").status_code == 200
    reader.environ_base["REMOTE_ADDR"] = f"::ffff:{READER}"
    assert reader.get("/search").status_code == 429


@pytest.mark.parametrize("address", ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1", ""])
def test_requests_of_this_machine_are_not_counted(tmp_path: Path, address: str) -> None:
    assert 429 not in statuses(client(tmp_path, address, rate_limit="1/hour"), "/search", 3)


@pytest.mark.slow
def test_forwarded_addresses_count_only_behind_the_configured_proxies(tmp_path: Path) -> None:
    direct = client(tmp_path, rate_limit="1/hour")
    assert direct.get("/search", headers={"X-Forwarded-For": "198.51.100.1"}).status_code == 200
    assert direct.get("/search", headers={"X-Forwarded-For": "198.51.100.2"}).status_code == 429

    behind = client(tmp_path, "127.0.0.1", rate_limit="1/hour", proxies=1)
    assert behind.get("/search", headers={"X-Forwarded-For": "198.51.100.1"}).status_code == 200
    assert behind.get("/search", headers={"X-Forwarded-For": "198.51.100.2"}).status_code == 200
    spoofed = {"X-Forwarded-For": "127.0.0.1, 198.51.100.1"}  # the client wrote the first, the proxy the second
    assert behind.get("/search", headers=spoofed).status_code == 429


def test_a_forwarded_name_that_is_no_address_is_counted_too(tmp_path: Path) -> None:
    behind = client(tmp_path, "127.0.0.1", rate_limit="1/hour", proxies=1)
    answers = [behind.get("/search", headers={"X-Forwarded-For": f"x{number}"}).status_code for number in range(2)]
    assert answers == [200, 429]


@pytest.mark.slow
def test_the_default_leaves_room_for_a_village_behind_one_address(tmp_path: Path) -> None:
    assert set(statuses(client(tmp_path), "/api/v1/suggest?q=t", 300)) == {200}
