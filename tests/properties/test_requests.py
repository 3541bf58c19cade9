"""Queries and headers of requests: whatever a client sends, no answer is a 500 and every answer is well formed."""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from hypothesis import example, given
from hypothesis import strategies as st

from library_server.catalogue.bounds import shorten
from library_server.catalogue.enums import Access
from library_server.catalogue.records import queries
from library_server.delivery.files.ranges import RangeNotSatisfiable, read_range
from library_server.delivery.grants import Grants
from library_server.library import Library
from library_server.search import highlights, service
from library_server.search.results import FACETS, SORTS, SearchQuery
from tests.properties.strategies import texts

pytestmark = pytest.mark.property
PATHS = ["/", "/search", "/settings", "/shelves", "/mine", "/manifest.webmanifest", "/healthz", "/iptv/playlist.m3u",
        "/api/v1/search",
         "/api/v1/suggest", "/api/v1/records/x", "/api/v1/openapi.json", "/records/x", "/read/x", "/watch/x",
         "/collections/stories",
         "/covers/x.svg", "/files/x/y", "/video/x/y/master.m3u8", "/desk", "/desk/batches"]  # fmt: skip
NAMES = ["q", "sort", "page", "per_page", "before", "chapter", "limit", "format", "download", *FACETS]
HEADERS = ["RANGE", "IF_RANGE", "IF_NONE_MATCH", "IF_MATCH", "IF_MODIFIED_SINCE", "IF_UNMODIFIED_SINCE",
        "COOKIE", "ACCEPT",
           "ACCEPT_LANGUAGE", "ACCEPT_ENCODING", "HOST", "USER_AGENT", "REFERER", "X_FORWARDED_FOR", "X_FORWARDED_HOST",
           "AUTHORIZATION", "CONTENT_TYPE", "ORIGIN", "FORWARDED"]  # fmt: skip
_KNOWN = ["bytes=0-", "bytes=-1", "bytes=9-1", "bytes=0-0,2-3", "bytes=" + "9" * 40 + "-", '"x"', 'W/"x"',
        "*", "zh;q=0.1, en;q=nan",
          "zh" * 500, "session=x; session=y", "gzip;q=1e999", "Thu, 99 Foo 99999 99:99:99 GMT",
          "Thu, 01 Jan 0001 00:00:00 GMT",
          "[::1", "a" * 3500, "localhost:99999999", "localhost:x", "Basic ////", "Bearer",
          "multipart/form-data"]  # fmt: skip
# the server hands on header values and paths as WSGI has them: bytes read as Latin-1, no line ends
wsgi_texts = texts.map(
    lambda text: text.encode("utf-8", "replace").decode("latin-1").translate({0: None, 10: None, 13: None})
)
header_values = (
    wsgi_texts | st.sampled_from(_KNOWN) | st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"))
)
pairs = st.tuples(st.sampled_from(NAMES) | texts, texts)
query_strings = (
    st.lists(pairs, max_size=4).map(
        lambda parameters: "&".join(
            f"{quote(name, errors='replace')}={quote(value, errors='replace')}" for name, value in parameters
        )
    )
    | wsgi_texts
)


@dataclass
class Sent:
    """What a WSGI application answered."""

    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""


def request(app: Flask, path: str, query: str = "", method: str = "GET", **headers: str) -> Sent:
    """One request as a server makes it, without a client that would tidy it."""
    sent = Sent()

    def start(status: str, given_headers: list[tuple[str, str]], _error: Any = None) -> Any:
        sent.status, sent.headers = int(status.split()[0]), given_headers

    environ: dict[str, Any] = {
        "REQUEST_METHOD": method, "SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "localhost", "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http", "wsgi.input": BytesIO(), "wsgi.errors": BytesIO(), "wsgi.multithread": False,
        "wsgi.multiprocess": False, "wsgi.run_once": False, "REMOTE_ADDR": "127.0.0.1",
        **{f"HTTP_{name}": value for name, value in headers.items()},
    }  # fmt: skip
    chunks = app.wsgi_app(environ, start)
    try:
        sent.body = b"".join(chunks)
    finally:
        getattr(chunks, "close", lambda: None)()
    return sent


def well_formed(sent: Sent) -> None:
    assert 200 <= sent.status < 500
    for name, value in sent.headers:
        assert not {"\r", "\n", "\0"} & set(name + value)
        value.encode("latin-1")


@example("/search", "kind=xyz")
@example("/search", "page=99999999999999999999")
@example("/search", "page=-1")
@example("/search", "sort=x&year=-99999")
@example("/search", "q=%ED%A0%80&class=%ED%A0%80")
@example("/collections/stories", "before=%00")
@given(st.sampled_from(PATHS), query_strings)
@pytest.mark.slow
def test_no_query_is_a_server_error(sample_app: Flask, path: str, query: str) -> None:
    well_formed(request(sample_app, path, query))


@given(
    wsgi_texts,
    st.sampled_from(
        ["/", "/records/", "/files/", "/video/", "/covers/", "/api/v1/", "/static/", "/collections/", "/read/"]
    ),
)
def test_no_path_is_a_server_error(sample_app: Flask, rest: str, start: str) -> None:
    well_formed(request(sample_app, start + rest))


@given(
    st.sampled_from(PATHS),
    st.dictionaries(st.sampled_from(HEADERS), header_values, max_size=3),
    st.sampled_from(["GET", "HEAD"]),
)
@pytest.mark.slow
def test_no_header_is_a_server_error(sample_app: Flask, path: str, headers: dict[str, str], method: str) -> None:
    well_formed(request(sample_app, path, "", method, **headers))


@pytest.fixture(scope="module")
def stored_file(sample_library: Library) -> tuple[str, int]:
    """The address of a public original, and its size."""
    grants = Grants(sample_library.settings.signing_key())
    with sample_library.database.reading() as session:
        for record_id in queries.published_ids(session, "", 100):
            record = queries.find_record(session, record_id)
            if record and record.original and record.access == Access.PUBLIC:
                return f"/files/{grants.issue(record_id)}/{record.original.id}", record.original.size
    raise AssertionError("the sample has no public file")


@given(
    st.dictionaries(
        st.sampled_from(["RANGE", "IF_RANGE", "IF_NONE_MATCH", "IF_MATCH", "IF_MODIFIED_SINCE", "IF_UNMODIFIED_SINCE"]),
        header_values,
        max_size=3,
    )
)
def test_ranges_and_conditions_of_a_file(
    sample_app: Flask, stored_file: tuple[str, int], headers: dict[str, str]
) -> None:
    address, size = stored_file
    sent = request(sample_app, address, "", "GET", **headers)
    well_formed(sent)
    length = dict(sent.headers).get("Content-Length")
    assert sent.status in {200, 206, 304, 412, 416}
    assert sent.status != 200 or int(length or -1) == len(sent.body) == size
    assert sent.status != 206 or int(length or -1) == len(sent.body) <= size


@given(header_values | st.builds("bytes={}-{}".format, st.integers() | st.just(""), st.integers() | st.just("")),
       st.integers(0, 10**13))  # fmt: skip
def test_a_range_lies_within_the_object(header: str, size: int) -> None:
    try:
        byte_range = read_range(header, size)
    except RangeNotSatisfiable:
        return
    assert byte_range is None or 0 <= byte_range.start < byte_range.stop <= size


@given(texts, texts)
def test_no_grant_is_found_by_chance(grant: str, record_id: str) -> None:
    grants = Grants("k" * 32)
    assert not grants.allows(grant, record_id.encode("utf-8", "replace").decode())


@given(
    texts, st.dictionaries(st.sampled_from(FACETS), texts, max_size=3), st.sampled_from(SORTS), st.integers(1, 10**20)
)
def test_any_question_is_answered(
    sample_library: Library, words: str, filters: dict[str, str], sort: Any, page: int
) -> None:
    results = service.search(sample_library.index, SearchQuery(words, filters, sort, page))
    assert 0 <= len(results.ids) <= results.total
    assert all(value.count > 0 for values in results.facets.values() for value in values)


@given(texts)
def test_any_text_has_suggestions(sample_library: Library, typed: str) -> None:
    assert len(service.suggest(sample_library.index, typed)) <= service.SUGGESTIONS


@given(texts, texts)
def test_marking_changes_no_letter(text: str, words: str) -> None:
    assert "".join(piece.text for piece in highlights.mark_matches(text, words)) == shorten(text, highlights.MARKED)
