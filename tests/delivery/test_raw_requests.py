"""Requests of old boxes and attackers: addresses that are unescaped or long, and invalid headers."""

from __future__ import annotations

import json
import re
import socket
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from library_server.web.requests.request_line import percent_encode_target


def exchange(server: str, request: bytes) -> tuple[int, dict[str, str], bytes]:
    """Send bytes as they are; the status, headers and body of the answer."""
    parts = urlsplit(server)
    with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=30) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        data = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = data.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return int(status.split()[1]), headers, body


def get(
    server: str, target: bytes, host: bytes = b"localhost", headers: bytes = b""
) -> tuple[int, dict[str, str], bytes]:
    return exchange(
        server, b"GET " + target + b" HTTP/1.1\r\nHost: " + host + b"\r\nConnection: close\r\n" + headers + b"\r\n"
    )


def test_utf8_that_was_not_escaped_is_read(server: str) -> None:
    words = "柑橘"
    raw = get(server, f"/api/v1/search?q={words}&kind=book".encode())
    escaped = get(server, f"/api/v1/search?q={quote(words)}&kind=book".encode())
    assert raw[0] == escaped[0] == 200
    results, expected = json.loads(raw[2]), json.loads(escaped[2])
    assert results["items"] == expected["items"]
    assert results["total"] > 0
    status, _, page = get(server, f"/search?q={words}".encode())
    assert status == 200
    assert f"“{words}”" in page.decode()
    assert get(server, f"/records/{words}".encode())[0] == 404
    assert get(server, f"/collections/{words}?before={words}".encode())[0] == 404
    assert get(server, f"/settings?back=/search?q={words}".encode())[1]["location"] == f"/search?q={quote(words)}"


@pytest.mark.parametrize("path", ["/search?q=", "/api/v1/search?q=", "/records/", "/files/", "/", "/search?kind="])
def test_gbk_that_was_not_escaped_is_refused(path: str, server: str) -> None:
    status, headers, body = get(server, path.encode() + "花鼓戏".encode("gbk"))
    assert status == 400
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert "请求读不懂" in body.decode()


@pytest.mark.parametrize("path", ["/search?q=", "/api/v1/search?q=", "/records/", "/collections/", "/search?kind="])
def test_gbk_that_was_escaped_finds_nothing(path: str, server: str) -> None:
    status, _, _ = get(server, path.encode() + quote("花鼓戏".encode("gbk")).encode())
    assert status in {200, 404}


@pytest.mark.parametrize(
    ("request_bytes", "expected", "words"),
    [
        (b"GET /search?q=" + b"x" * 5000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414, "地址太长"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nCookie: " + b"x" * 9000 + b"\r\n\r\n", 431, "浏览器送来的太多"),
        (b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: a\r\n" % n for n in range(150)) + b"\r\n", 431, "浏览器送来的太多"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, "请求读不懂"),
        (b"GET / HTTP/1.1\r\n\r\n", 400, "请求读不懂"),
        (b"GET / HTTP/1.1\r\nHost: " + b"x" * 3500 + b"\r\n\r\n", 400, "请求读不懂"),
        (b"GET / HTTP/1.1\r\nHost: a\x01b\r\n\r\n", 400, "请求读不懂"),
        (b"GET / HTTP/1.1\r\nHost: \xe5\xa4\xa9\r\n\r\n", 400, "请求读不懂"),
        (b"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400, "请求读不懂"),
        (b"GET\r\n\r\n", 400, "请求读不懂"),
        ("GÉT / HTTP/1.1\r\nHost: a\r\n\r\n".encode(), 400, "请求读不懂"),
        ("GET / HTTP/１.1\r\nHost: a\r\n\r\n".encode(), 400, "请求读不懂"),
        (b"FROB / HTTP/1.1\r\nHost: a\r\n\r\n", 405, "这里不能这样做"),
        (b"GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "请求读不懂"),
    ],
    ids=lambda value: ascii(value)[:24] if isinstance(value, bytes) else None,
)
def test_refusals_of_the_server_are_explained_in_both_languages(
    request_bytes: bytes, expected: int, words: str, server: str
) -> None:
    status, headers, body = exchange(server, request_bytes)
    assert status == expected
    assert words in body.decode()
    assert re.search("[A-Za-z]{4}", body.decode())
    assert "Invalid" not in body.decode()
    assert headers["content-type"] == "text/html; charset=utf-8"
    if "content-length" in headers:
        assert int(headers["content-length"]) == len(body)


def test_a_path_of_two_slashes_does_not_redirect(server: str) -> None:
    status, headers, _ = get(server, b"//evil.example/search")
    assert (status, headers.get("location")) == (404, None)


def test_http_1_0_without_a_host_is_answered(server: str) -> None:
    assert exchange(server, b"GET /healthz HTTP/1.0\r\n\r\n")[0] == 200


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40))
def test_a_target_is_encoded_once(text: str) -> None:
    target = "/" + text.replace(" ", "").replace("\ufeff", "")
    try:
        line = f"GET {target} HTTP/1.1".encode()
    except UnicodeEncodeError:
        return
    encoded = percent_encode_target(line)
    assert encoded.isascii()
    assert percent_encode_target(encoded) == encoded
    if line.isascii():
        assert encoded == line


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60))
def test_any_request_line_is_encoded_or_left(line: bytes) -> None:
    encoded = percent_encode_target(line)
    assert encoded == line or (line.decode("utf-8") and not line.isascii())


@pytest.mark.parametrize(
    "header", [b"SCRIPT_NAME: /desk", b"SCRIPT_NAME: //evil.example", b"PATH_INFO: /desk", b"X-Forwarded-Proto: https"]
)
def test_headers_of_proxies_are_ignored_from_clients(server: str, header: bytes) -> None:
    """`TIANYUAN_PROXIES` is 0 here: gunicorn's own trust of loopback must not count."""
    for path in ("/", "/search", "/iptv/playlist.m3u"):
        status, _, body = get(server, path.encode(), headers=header + b"\r\n")
        assert status == 200, path
        assert b"https://localhost" not in body
        assert b"/desk/search" not in body
        assert b"evil.example" not in body
