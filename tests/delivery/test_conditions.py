"""Conditional requests after RFC 9110, section 13, for files, segments and covers."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from library_server.catalogue.records import queries
from library_server.library import Library
from tests.support.pages import addresses_in

OLD, NEW = "Sat, 01 Jan 2000 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"


@dataclass(frozen=True)
class Target:
    """Something with an ETag, and a Last-Modified where it has one."""

    address: str
    etag: str
    modified: str | None


@pytest.fixture(params=["file", "segment", "cover.svg", "cover.jpg"])
def target(request: pytest.FixtureRequest, sample: FlaskClient, sample_library: Library) -> Target:
    with sample_library.database.reading() as session:
        record_id = next(card.id for card in queries.list_playable(session) if "春梢" in card.title)
    record = sample.get(f"/api/v1/records/{record_id}").get_json()
    if request.param == "file":
        address = next(asset["url"] for asset in record["assets"] if asset["role"] == "original")
    elif request.param == "segment":
        variant = addresses_in(sample.get(record["hls_url"]), record["hls_url"])[-1]
        address = addresses_in(sample.get(variant), variant)[0]
    else:
        address = f"/covers/{record_id}.{request.param.split('.')[1]}"
    response = sample.get(address)
    assert response.status_code == 200
    return Target(address, response.headers["ETag"], response.headers.get("Last-Modified"))


def status(sample: FlaskClient, target: Target, **headers: str) -> int:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    response = sample.get(target.address, headers=named)
    if response.status_code in {304, 412}:
        assert response.data == b""
    if response.status_code == 412:
        assert "Cache-Control" not in response.headers
    assert sample.head(target.address, headers=named).status_code == response.status_code
    return response.status_code


def test_if_match(sample: FlaskClient, target: Target) -> None:
    for value, expected in (
        (target.etag, 200), ("*", 200), (f'"other", {target.etag}', 200), ('"other"', 412), (f"W/{target.etag}", 412),
        ("", 412), (",", 412),
    ):  # fmt: skip
        assert status(sample, target, If_Match=value) == expected, value


def test_if_unmodified_since(sample: FlaskClient, target: Target) -> None:
    expected = 412 if target.modified else 200
    assert status(sample, target, If_Unmodified_Since=OLD) == expected
    assert status(sample, target, If_Unmodified_Since=NEW) == 200
    assert status(sample, target, If_Unmodified_Since="yesterday") == 200
    if target.modified:
        assert status(sample, target, If_Unmodified_Since=target.modified) == 200


def test_the_order_of_conditions(sample: FlaskClient, target: Target) -> None:
    """RFC 9110, 13.2.2."""
    etag = target.etag
    assert status(sample, target, If_Match=etag, If_Unmodified_Since=OLD) == 200
    assert status(sample, target, If_Match='"other"', If_Unmodified_Since=NEW) == 412
    assert status(sample, target, If_Match=etag, If_None_Match=etag) == 304
    assert status(sample, target, If_Match='"other"', If_None_Match=etag) == 412
    assert status(sample, target, If_None_Match='"other"', If_Modified_Since=NEW) == 200
    assert status(sample, target, If_None_Match="*") == 304
    assert status(sample, target, If_None_Match=f"W/{etag}") == 304
    if target.modified:
        assert status(sample, target, If_Unmodified_Since=OLD, If_None_Match=etag) == 412
        assert status(sample, target, If_Unmodified_Since=OLD, If_Modified_Since=NEW) == 412
        assert status(sample, target, If_Match='"other"', Range="bytes=0-9") == 412
        assert status(sample, target, If_Match=etag, Range="bytes=0-9") == 206
        assert status(sample, target, If_Match=etag, Range="bytes=0-9", If_Range='"other"') == 200


def test_conditions_are_ignored_where_the_answer_is_an_error(sample: FlaskClient) -> None:
    """RFC 9110, 13.2.1: conditions are ignored where the answer would be an error anyway."""
    for address in ("/files/none/none", "/covers/none.svg"):
        assert sample.get(address, headers={"If-Match": '"other"'}).status_code == 404


NAMES = (
    "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range", "Range", "Accept-Encoding",
    "Accept", "Accept-Language", "Cookie", "Referer", "Origin", "User-Agent", "X-Forwarded-For", "Authorization",
)  # fmt: skip
# what a server lets through: visible characters, spaces and tabs, and bytes above 0x7f as Latin-1 (RFC 9110, 5.5)
VALUES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=60)
DATES = st.from_regex(
    r"[A-Z][a-z]{2}, \d{1,3} [A-Z][a-z]{2} \d{1,6} \d{1,3}:\d{2}:\d{2} ([+-]\d{1,6}|GMT)", fullmatch=True
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(NAMES), st.one_of(VALUES, DATES), max_size=4))
@example({"If-Modified-Since": "Sat, 01 Jan 0001 00:00:00 +2359"})
@example({"If-Unmodified-Since": "Fri, 31 Dec 9999 23:59:59 -2359"})
@example({"If-Range": "Fri, 31 Dec 9999 23:59:59 -2359"})
@example({"If-Match": '"' * 5000})
@example({"Range": "bytes=" + "0-1," * 3000})
@example({"Cookie": "lang=\xff; theme=\xfe; text="})
@example({"Accept-Encoding": "gzip;q=abc, br;q=1e999"})
@pytest.mark.long
def test_no_conditional_header_is_a_server_error(
    sample: FlaskClient, sample_library: Library, headers: dict[str, str]
) -> None:
    with sample_library.database.reading() as session:
        record_id = queries.list_newest(session, limit=1)[0].id
    addresses = ["/", f"/covers/{record_id}.svg", "/static/site.css", f"/api/v1/records/{record_id}"]
    addresses += [asset["url"] for asset in sample.get(addresses[-1]).get_json()["assets"][:1]]
    for address in addresses:
        environ = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
        assert sample.get(address, environ_overrides=environ).status_code < 500, address
