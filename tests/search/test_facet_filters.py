"""Any value of a facet filter is answered; one that no record has finds nothing: page, API and command."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from library_server.cli import main
from library_server.library import Library
from library_server.search import service
from library_server.search.results import FACETS, SearchQuery

UNKNOWN = [
    "xyz", "Book", "books", "-1", "0", "00", "-0", "65536", "99999", "-99999", "32768", "9" * 5000, "abc", "1e3",
    "١٩٩٨", "1998.0", "+1998", "\x00", "S\x00", "\x00S", "文", "é", "ß", "ŉ", "\ud800", "\U0010ffff", "🎭", "%",
    "<script>", "-", ".", "\u202e", "a" * 3000, "' OR 1=1 --", "{{7*7}}", "[]", "null", "None",
]  # fmt: skip
anything = st.one_of(
    st.text(st.characters(exclude_categories=[]), max_size=40), st.integers().map(str), st.sampled_from(UNKNOWN)
)


def query(facet: str, value: str) -> str:
    return urlencode({facet: value}, errors="surrogatepass")


@pytest.mark.parametrize("facet", FACETS)
@pytest.mark.parametrize("value", UNKNOWN, ids=lambda value: ascii(value)[:30])
@pytest.mark.slow
def test_an_unknown_value_finds_nothing(facet: str, value: str, sample: FlaskClient, sample_library: Library) -> None:
    assert service.search(sample_library.index, SearchQuery(filters={facet: value})).total == 0
    page = sample.get(f"/search?{query(facet, value)}")
    if len(value) < 1000 and value.strip():
        assert page.status_code == 200
        assert "没有找到" in page.text
        assert sample.get(f"/api/v1/search?{query(facet, value)}").get_json()["total"] == 0


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(facet=st.sampled_from(FACETS), value=anything)
@example("class", "S")
@pytest.mark.long
def test_any_value_is_answered(sample: FlaskClient, sample_library: Library, facet: str, value: str) -> None:
    total = service.search(sample_library.index, SearchQuery(filters={facet: value})).total
    assert total >= 0
    for address in ("/search", "/api/v1/search"):
        assert sample.get(f"{address}?{query(facet, value)}").status_code == 200


def test_known_values_still_find(sample: FlaskClient) -> None:
    facets = sample.get("/api/v1/search").get_json()["facets"]
    assert {facet for facet in FACETS if facets[facet]} == set(FACETS)
    for facet in FACETS:
        for bucket in facets[facet]:
            results = sample.get(f"/api/v1/search?{query(facet, bucket['value'])}").get_json()
            assert results["total"] == bucket["count"], (facet, bucket)
    everything = sample.get("/api/v1/search?class=S").get_json()["total"]
    assert sample.get("/api/v1/search?class=s").get_json()["total"] == everything
    assert sample.get("/api/v1/search?class=S666.1").get_json()["total"] == everything


@pytest.mark.parametrize("value", ["xyz", "文", "book\udcff"], ids=ascii)
def test_the_command_answers_like_the_api(value: str, sample_library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIANYUAN_HOME", str(sample_library.settings.home))
    result = CliRunner().invoke(main, ["search", "柑橘", "--kind", value, "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.output)["total"] == 0
