"""Every refusal says in both languages what happened and what to do; for programs it is problem details."""

from __future__ import annotations

import pytest
from flask import Flask, abort, request
from flask.testing import FlaskClient

from library_server.app import create_app
from library_server.library import Library
from library_server.web.errors.messages import CODES, static_page

TITLES = {
    400: ("请求读不懂", "This request cannot be read"),
    403: ("现在打不开", "It cannot be opened now"),
    404: ("没有找到这一页", "No such page"),
    405: ("这里不能这样做", "This cannot be done here"),
    410: ("这份资料已经收回", "This has been withdrawn"),
    413: ("交上来的太大", "What was sent is too large"),
    414: ("地址太长", "The address is too long"),
    429: ("请慢一点", "A little slower, please"),
    431: ("浏览器送来的太多", "The browser sent too much"),
    500: ("出了点问题", "Something went wrong"),
    503: ("正在准备", "Being prepared"),
}
STABLE = {
    400: "bad_request", 403: "forbidden", 404: "not_found", 405: "method_not_allowed", 410: "gone",
    413: "content_too_large", 414: "uri_too_long", 429: "too_many_requests", 431: "request_header_fields_too_large",
    500: "internal_error", 503: "unavailable",
}  # fmt: skip


@pytest.fixture
def failing(library: Library) -> FlaskClient:
    app: Flask = create_app(library)
    for prefix in ("", "/api/v1", "/files"):
        app.add_url_rule(f"{prefix}/fail/<int:status>", f"fail{prefix}", lambda status: abort(status))
    return app.test_client()


@pytest.mark.parametrize("status", list(TITLES))
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_pages_say_what_happened(status: int, lang: str, failing: FlaskClient) -> None:
    failing.set_cookie("lang", lang)
    response = failing.get(f"/fail/{status}")
    assert response.status_code == status
    assert TITLES[status][lang == "en"] in response.text
    others = {title[lang == "en"] for number, title in TITLES.items() if number != status}
    assert not [title for title in others if f"<h1>{title}" in response.text]


@pytest.mark.parametrize("status", list(TITLES))
def test_programs_get_a_stable_code(status: int, failing: FlaskClient) -> None:
    response = failing.get(f"/api/v1/fail/{status}")
    assert response.status_code == status
    assert response.mimetype == "application/problem+json"
    problem = response.get_json()
    assert (problem["status"], problem["code"], problem["title"]) == (status, STABLE[status], TITLES[status][0])
    assert CODES[status] == STABLE[status]


@pytest.mark.parametrize("status", list(TITLES))
def test_addresses_of_bytes_answer_in_plain_text(status: int, failing: FlaskClient) -> None:
    response = failing.get(f"/files/fail/{status}")
    assert response.status_code == status
    assert response.mimetype == "text/plain"
    assert TITLES[status][0] in response.text


@pytest.mark.parametrize("status", list(TITLES))
def test_the_server_itself_says_it_in_both_languages(status: int) -> None:
    page = static_page(status)
    assert all(title in page for title in TITLES[status])
    assert page.isprintable() or "\n" in page


def test_a_status_without_words_of_its_own(failing: FlaskClient) -> None:
    assert TITLES[400][0] in failing.get("/fail/418").text
    assert failing.get("/fail/418").status_code == 418
    assert TITLES[500][0] in failing.get("/fail/502").text


ALLOWED = {
    "/": {"GET", "HEAD", "OPTIONS"},
    "/search": {"GET", "HEAD", "OPTIONS"},
    "/api/v1/search": {"GET", "HEAD", "OPTIONS"},
    "/files/a/b": {"GET", "HEAD", "OPTIONS"},
    "/covers/x.svg": {"GET", "HEAD", "OPTIONS"},
    "/video/a/b/master.m3u8": {"GET", "HEAD", "OPTIONS"},
    "/static/site.css": {"GET", "HEAD", "OPTIONS"},
}


@pytest.mark.parametrize("address", list(ALLOWED))
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"])
def test_other_methods_are_told_which_are_allowed(address: str, method: str, client: FlaskClient) -> None:
    response = client.open(address, method=method)
    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == ALLOWED[address]
    if address.startswith("/api/"):
        assert response.get_json()["code"] == "method_not_allowed"
    else:
        assert TITLES[405][0] in response.text


@pytest.mark.parametrize("address", list(ALLOWED))
def test_options_lists_the_methods(address: str, client: FlaskClient) -> None:
    response = client.options(address)
    assert response.status_code == 200
    assert response.data == b""
    assert set(response.headers["Allow"].split(", ")) == ALLOWED[address]


@pytest.mark.parametrize(
    "address",
    ["/", "/search", "/shelves", "/api/v1/search", "/iptv/playlist.m3u", "/nothing", "/api/v1/nothing", "/healthz",
     "/static/site.css", "/manifest.webmanifest"],
)  # fmt: skip
def test_head_is_get_without_a_body(address: str, sample: FlaskClient) -> None:
    get, head = sample.get(address), sample.head(address, buffered=True)
    assert head.status_code == get.status_code
    assert head.data == b""
    changing = {"Date", "Content-Length"} if address == "/api/v1/search" else {"Date"}  # its `took_ms` varies
    assert {name: value for name, value in head.headers if name not in changing} == {
        name: value for name, value in get.headers if name not in changing
    }


def test_a_form_that_is_too_large_is_refused(library: Library) -> None:
    app = create_app(library)
    app.add_url_rule("/form", "form", lambda: dict(request.form), methods=["POST"])
    response = app.test_client().post("/form", data={"x": "x" * 2_000_000})
    assert response.status_code == 413
    assert TITLES[413][0] in response.text


def test_slashes_lead_to_no_other_address(client: FlaskClient) -> None:
    """Werkzeug's redirect for them holds the Host header."""
    for address, status in (("/desk", 403), ("/desk/", 403), ("/search/", 503), ("/mine//", 404)):
        response = client.get(address, headers={"Host": "one.example"})
        assert (response.status_code, response.headers.get("Location")) == (status, None), address
