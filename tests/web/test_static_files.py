"""Static files: hashed names, fixed addresses, encodings, conditions, ranges, and sources that were not built."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from library_server.web import static_files
from library_server.web.static_build import read_build

VENDOR = "/static/vendor/hls.js/hls.light.min.js"
HASHED = re.compile(r'"(/static/dist/site-[A-Z0-9]{8}\.css)"')


def hashed_stylesheet(client: FlaskClient) -> str:
    match = HASHED.search(client.get("/").text)
    assert match
    return match[1]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of static files with a build of one stylesheet, served instead of the library's own."""
    (tmp_path / "dist").mkdir()
    (tmp_path / "site.css").write_text("p { margin: 0; }\n")
    (tmp_path / "dist/site-AAAAAAAA.css").write_text("p{margin:0}")
    checksum = hashlib.sha256((tmp_path / "site.css").read_bytes()).hexdigest()
    manifest = {"site.css": {"file": "site-AAAAAAAA.css", "sources": {"site.css": checksum}}}
    (tmp_path / "dist/manifest.json").write_text(json.dumps(manifest))
    monkeypatch.setattr(static_files, "STATIC", tmp_path)
    static_files.static_build.cache_clear()
    yield tmp_path
    static_files.static_build.cache_clear()


def test_pages_name_hashed_files_that_are_kept_for_a_year(client: FlaskClient) -> None:
    response = client.get(hashed_stylesheet(client))
    assert response.mimetype == "text/css"
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "@import" not in response.text
    assert "\n" not in response.text.strip()


def test_a_fixed_address_answers_with_the_built_file(client: FlaskClient) -> None:
    fixed = client.get("/static/site.css")
    assert fixed.data == client.get(hashed_stylesheet(client)).data
    assert fixed.headers["Cache-Control"] == "public, max-age=86400"


@pytest.mark.parametrize(("accepted", "encoding"), [
    ("gzip, deflate, br", "br"), ("gzip, deflate", "gzip"), ("identity", None), ("br;q=0, gzip", "gzip"),
])  # fmt: skip
def test_the_smallest_accepted_encoding_is_sent(client: FlaskClient, accepted: str, encoding: str | None) -> None:
    response = client.get(hashed_stylesheet(client), headers={"Accept-Encoding": accepted})
    assert response.headers.get("Content-Encoding") == encoding
    assert response.headers["Vary"] == "Accept-Encoding"
    assert int(response.headers["Content-Length"]) == len(response.data)
    assert response.headers["Content-Disposition"].endswith(".css")


def test_each_encoding_has_an_etag_of_its_own(client: FlaskClient) -> None:
    address, tags = hashed_stylesheet(client), set()
    for accepted in ("br", "gzip", "identity"):
        response = client.get(address, headers={"Accept-Encoding": accepted})
        tags.add(response.headers["ETag"])
        again = client.get(address, headers={"Accept-Encoding": accepted, "If-None-Match": response.headers["ETag"]})
        assert again.status_code == 304
        assert again.data == b""
        assert again.headers["Vary"] == "Accept-Encoding"
    assert len(tags) == 3


def test_ranges_are_those_of_the_encoding_that_is_sent(client: FlaskClient) -> None:
    packed = client.get(VENDOR, headers={"Accept-Encoding": "gzip"})
    headers = {"Accept-Encoding": "gzip", "Range": "bytes=100-199", "If-Range": packed.headers["ETag"]}
    part = client.get(VENDOR, headers=headers)
    assert part.status_code == 206
    assert part.data == packed.data[100:200]
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(packed.data)}"
    headers["If-Range"] = '"another"'
    assert client.get(VENDOR, headers=headers).status_code == 200


def test_browser_libraries_are_compressed(client: FlaskClient) -> None:
    plain, packed = client.get(VENDOR), client.get(VENDOR, headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 2
    assert plain.headers["Cache-Control"] == "public, max-age=86400"


def test_only_the_right_checksum_is_kept_for_a_year(client: FlaskClient) -> None:
    right = static_files._compute_checksum(VENDOR.removeprefix("/static/"))
    assert "max-age=31536000" in client.get(f"{VENDOR}?v={right}").headers["Cache-Control"]
    assert "max-age=86400" in client.get(f"{VENDOR}?v=1").headers["Cache-Control"]


@pytest.mark.parametrize(
    "outside",
    ["/static/../pages.py", "/static/%2e%2e/pages.py", "/static/nothing.js", "/static/vendor", "/static/dist",
     "/static/dist/nothing-AAAAAAAA.js"],
)  # fmt: skip
def test_nothing_else_is_served(client: FlaskClient, outside: str) -> None:
    assert client.get(outside).status_code == 404


def test_an_edited_source_is_served_instead_of_its_build(client: FlaskClient, folder: Path) -> None:
    assert client.get("/static/site.css").text == "p{margin:0}"
    (folder / "site.css").write_text("p { margin: 1px; }\n")
    static_files.static_build.cache_clear()
    response = client.get("/static/site.css")
    assert response.text == "p { margin: 1px; }\n"
    assert response.headers["Cache-Control"] == "public, no-cache"
    assert '"/static/site.css"' in client.get("/").text


def test_sources_are_served_where_there_is_no_build(client: FlaskClient, folder: Path) -> None:
    (folder / "dist/manifest.json").unlink()
    static_files.static_build.cache_clear()
    assert client.get("/static/site.css").text == "p { margin: 0; }\n"


def test_the_name_of_an_earlier_build_answers_with_the_present_one(client: FlaskClient, folder: Path) -> None:
    response = client.get("/static/dist/site-BBBBBBBB.css")
    assert response.text == "p{margin:0}"
    assert response.headers["Cache-Control"] == "public, no-cache"


def test_no_source_map_is_built() -> None:
    built = (static_files.STATIC / "dist").iterdir()
    assert [path.name for path in built if path.suffix == ".map" or b"sourceMappingURL" in path.read_bytes()] == []


def test_every_source_was_built() -> None:
    sources = {
        path.name for path in static_files.STATIC.iterdir() if path.suffix in {".css", ".js", ".svg", ".ico", ".png"}
    }
    assert set(read_build(static_files.STATIC).built) == sources
