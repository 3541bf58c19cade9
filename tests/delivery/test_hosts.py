"""The Host header: which are answered, what is built from it, and that caches are told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from library_server.app import create_app
from library_server.catalogue.records import queries
from library_server.library import Library
from library_server.settings import Settings, read_settings
from storage_config.errors import InvalidSettings

PAGES = ("/", "/search", "/iptv/playlist.m3u", "/healthz", "/api/v1/search", "/static/site.css", "/files/none/none",
         "/covers/none.svg", "/nothing", "/desk", "/settings")  # fmt: skip
BAD_HOSTS = [
    "x" * 3500, "a." * 127 + "example", "evil.example/x", "evil example", "evil.example:0", "evil.example:99999",
    "evil.example:abc", "evil.example:80:80", "evil\texample", "evil\x00", "天元.example", "\xe5\xa4\xa9", "user@host",
    "<script>", "[::1", "::1", "", "host#", "host?x", "a,b", "a..b", ".", "x" * 64,
]  # fmt: skip


def with_settings(library: Library, **changes: object) -> FlaskClient:
    settings = Settings(home=library.settings.home, **changes)  # type: ignore[arg-type]
    return create_app(Library(settings, library.database, library.store)).test_client()


@pytest.fixture
def film(sample_library: Library) -> Iterator[str]:
    with sample_library.database.reading() as session:
        yield queries.list_playable(session)[0].id


@pytest.mark.parametrize("host", BAD_HOSTS, ids=lambda host: ascii(host)[:30])
@pytest.mark.parametrize("trusted", [(), ("library.example",)], ids=["any", "trusted"])
def test_an_invalid_host_gets_no_page(host: str, trusted: tuple[str, ...], sample_library: Library) -> None:
    client = with_settings(sample_library, trusted_hosts=trusted)
    for address in PAGES:
        response = client.get(address, environ_overrides={"HTTP_HOST": host})
        assert response.status_code == 400, address
        assert "public" not in response.headers.get("Cache-Control", "")
        if len(host) > 4:
            assert host not in response.text
            assert host not in str(response.headers)
        if address.startswith("/api/"):
            assert response.mimetype == "application/problem+json"
            assert response.get_json()["code"] == "bad_request"
        else:
            assert "请求读不懂" in response.text
            assert "This request cannot be read" in response.text


@pytest.mark.parametrize("address", ["/records/%00", "/collections/x%00y", "/api/v1/records/%00", "/files/%00/%00"])
def test_no_address_with_nul_reaches_the_database(address: str, sample: FlaskClient) -> None:
    assert sample.get(address).status_code == 400


def test_a_place_in_a_list_that_is_no_id_is_ignored(sample: FlaskClient) -> None:
    first_page = sample.get("/collections/stories").text
    assert first_page.count('class="card"') > 0
    for before in ("%00", "%ff", "天", "'", "x" * 9 + "%00"):
        page = sample.get(f"/collections/stories?before={before}")
        assert page.status_code == 200
        assert page.text.count('class="card"') == first_page.count('class="card"')


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(max_codepoint=0xFF), max_size=300))
def test_no_host_header_is_a_server_error(sample: FlaskClient, host: str) -> None:
    response = sample.get("/iptv/playlist.m3u", environ_overrides={"HTTP_HOST": host})
    assert response.status_code in {200, 400}
    if response.status_code == 200:
        assert re.fullmatch(r"[\w.\-\[\]:]+", host, re.ASCII)


@pytest.mark.parametrize(
    "host", ["localhost", "LIBRARY.example", "10.0.0.7:8000", "[fd00::7]:8000", "xn--fiqs8s", "a-b.example."]
)
def test_any_valid_host_is_answered_without_trusted_hosts(host: str, sample: FlaskClient) -> None:
    playlist = sample.get("/iptv/playlist.m3u", headers={"Host": host})
    assert playlist.status_code == 200
    assert f"http://{host.lower()}/video/" in playlist.text


def test_responses_that_name_the_host_vary_by_it(sample: FlaskClient, film: str, sample_library: Library) -> None:
    for address in ("/iptv/playlist.m3u", f"/records/{film}"):
        response = sample.get(address, headers={"Host": "one.example"})
        assert "one.example" in response.text
        assert "Host" in response.vary
        assert not response.cache_control.public
    fixed = with_settings(sample_library, base_url="https://library.example/")
    for address in ("/iptv/playlist.m3u", f"/records/{film}"):
        response = fixed.get(address, headers={"Host": "one.example"})
        assert "one.example" not in response.text
        assert "https://library.example/" in response.text
        assert "Host" not in response.vary
    assert fixed.get("/iptv/playlist.m3u").cache_control.public


@pytest.mark.parametrize(
    "address",
    [*PAGES, "/collections/stories", "/records/{film}", "/api/v1/records/{film}", "/mine", "/read/{film}", "/desk/",
     "/watch/{film}", "/manifest.webmanifest", "/mine//x"],
)  # fmt: skip
def test_responses_that_do_not_vary_by_the_host_do_not_name_it(address: str, sample: FlaskClient, film: str) -> None:
    response = sample.get(address.format(film=film), headers={"Host": "one.example"})
    if "Host" not in response.vary:
        assert "one.example" not in response.text
        assert "one.example" not in str(response.headers)


def test_the_host_is_read_in_one_place() -> None:
    """Only there is the response marked as depending on it; the desk compares it and writes it nowhere."""
    named = re.compile(r"request\.(?:host_url|url_root|base_url|root_url|url|host)\b|_external")
    root = Path(__file__).parents[2] / "library_server"
    uses = {path.relative_to(root).as_posix() for path in root.rglob("*.py") if named.search(path.read_text("utf-8"))}
    assert uses == {"web/requests/hosts.py", "desk/request_origin.py"}


def test_only_trusted_hosts_are_answered(sample_library: Library) -> None:
    client = with_settings(sample_library, trusted_hosts="library.example, .town.example 10.0.0.7")
    for host, status in (
        ("library.example", 200), ("library.example:8000", 200), ("east.town.example", 200), ("town.example", 200),
        ("10.0.0.7:80", 200), ("evil.example", 400), ("xlibrary.example", 400), ("library.example.evil.example", 400),
        ("localhost", 400),
    ):  # fmt: skip
        assert {client.get(page, headers={"Host": host}).status_code for page in ("/", "/healthz")} == {status}, host


def test_a_proxy_names_the_host(sample_library: Library) -> None:
    client = with_settings(sample_library, trusted_hosts=("library.example",), proxies=1)
    named = {"X-Forwarded-Host": "library.example", "Host": "10.0.0.7"}
    assert client.get("/", headers=named).status_code == 200
    assert client.get("/", headers={**named, "X-Forwarded-Host": "evil.example"}).status_code == 400


@pytest.mark.parametrize("value", ["http://library.example", "library.example:8000", "a b/c", "*", ".", "a@b"])
def test_invalid_trusted_hosts_stop_the_start(value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIANYUAN_HOME", str(tmp_path))
    monkeypatch.setenv("TIANYUAN_TRUSTED_HOSTS", value)
    with pytest.raises(InvalidSettings, match="TIANYUAN_TRUSTED_HOSTS"):
        read_settings()


def test_trusted_hosts_are_read_from_toml_and_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tianyuan.toml").write_text('trusted_hosts = ["library.example", "10.0.0.7"]\n')
    assert read_settings(home=str(tmp_path)).trusted_hosts == ("library.example", "10.0.0.7")
    monkeypatch.setenv("TIANYUAN_TRUSTED_HOSTS", "one.example,two.example")
    assert read_settings(home=str(tmp_path)).trusted_hosts == ("one.example", "two.example")
    monkeypatch.setenv("TIANYUAN_TRUSTED_HOSTS", "")
    assert read_settings(home=str(tmp_path)).trusted_hosts == ()
