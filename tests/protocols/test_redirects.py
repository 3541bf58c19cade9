"""`/settings?back=`: back to a page of ours, whatever the address says."""

from __future__ import annotations

from urllib.parse import quote, unquote, urljoin, urlsplit

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

OURS = "http://localhost/"
LEADS_AWAY = [
    "https://evil.example/", "//evil.example", "///evil.example", "/\\evil.example", "\\/evil.example",
    "\\\\evil.example", "/\t/evil.example", "/\n/evil.example", "/\r\n/evil.example", "/mine\r\nSet-Cookie: a=b",
    "/mine\x00", "/mine\x7f", "/\u2028/evil.example", "javascript:alert(1)", "/%5cevil.example", "/%09/evil.example",
    "/%2f%2fevil.example", "/..//evil.example", "/./mine/../..//evil.example", "/records/..%2f..%2f%2fevil.example",
    "mine", "", "?q=1", "#x", "http:///evil.example", "http:evil.example", "//[", "http://[::1", "/settings",
    "/settings?back=/settings", "/Settings/../settings", "/%73ettings", "/nothing-of-ours", "/desk/same/merge",
    "//evil.example/mine", "/mine//evil.example", "/mine\ud800", "x" * 100_000, "/search?q=" + "长" * 10_000,
    "/@evil.example", "/mine@evil.example", "/mine;@evil.example",
]  # fmt: skip
characters = st.text(st.characters(exclude_categories=[]), max_size=60)
addresses = st.one_of(
    characters,
    st.builds(lambda slashes, rest: slashes + rest, st.text("/\\ \t\r\n.%2f5c", max_size=6), characters),
    st.builds(lambda page, rest: page + rest, st.sampled_from(["/mine", "/search?q=", "/records/"]), characters),
)


def location_of(client: FlaskClient, back: str) -> str:
    response = client.get("/settings", query_string=f"text=large&back={quote(back, errors='surrogatepass')}")
    assert response.status_code == 303
    assert len(response.headers.getlist("Location")) == 1
    return response.headers["Location"]


@pytest.mark.parametrize("back", LEADS_AWAY, ids=lambda back: ascii(back)[:40])
def test_addresses_of_other_sites_lead_to_the_home_page(sample: FlaskClient, back: str) -> None:
    assert location_of(sample, back) == "/"


@pytest.mark.parametrize(
    "back",
    ["/", "/mine", "/search?q=花鼓戏&kind=book&page=2", "/search?", "/search?q=a+b%20c%26d", "/records/06h17t0cyeapx",
     "/collections/stories?before=x", "/read/x?chapter=2", "/desk/batches", "/search?q=https://other.example//x"],
)  # fmt: skip
def test_pages_of_the_library_are_returned_to(sample: FlaskClient, back: str) -> None:
    assert unquote(location_of(sample, back)) == unquote(back).removesuffix("?")


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(addresses)
@example("/mine?\x85")
@example("/mine?\ud83d")
@pytest.mark.slow
def test_no_text_leads_away_or_fails(sample: FlaskClient, back: str) -> None:
    location = location_of(sample, back)
    assert location.isascii()
    assert location.isprintable()
    assert location.startswith("/")
    assert not location.startswith("//")
    assert "\\" not in unquote(location)
    assert urlsplit(urljoin(OURS, location)).netloc == "localhost"
    assert urlsplit(location).path != "/settings"
