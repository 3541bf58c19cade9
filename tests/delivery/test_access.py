"""No page, feed or address gives an anonymous visitor bytes or text of what is restricted, withdrawn or merged away."""

from __future__ import annotations

import ast
import hashlib
import html
import re
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from library_server.app import create_app
from library_server.catalogue.enums import Access, Kind
from library_server.catalogue.records import commands
from library_server.catalogue.records.merges import merging
from library_server.catalogue.records.revisions import Actor
from library_server.delivery.context import delivery_of
from library_server.delivery.grants import Grants
from tests.factories.access_levels import CASES, AccessLibrary, build
from tests.support.libraries import open_library_at
from tests.support.pages import addresses_in

ROOT = Path(__file__).parents[2]
PACKAGES = ("library_server", "ingest_tools", "storage_config")
ONLY_PLACE = "library_server/delivery/authorization.py"
_LIST_PICTURE = re.compile(r"<img[^>]*?\ssrc=\"([^\"]+)\"")


@pytest.fixture(scope="module")
def levels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AccessLibrary]:
    library = open_library_at(tmp_path_factory.mktemp("levels") / "home")
    yield build(library, tmp_path_factory.mktemp("scratch"))
    library.database.engine.dispose()


@pytest.fixture(scope="module")
def app(levels: AccessLibrary) -> Flask:
    return create_app(levels.library)


@pytest.fixture
def visitor(app: Flask) -> FlaskClient:
    return app.test_client()


def each(pattern: str) -> Callable[[AccessLibrary], Iterable[str]]:
    """The address of a route for every record."""
    return lambda levels: [pattern.format(record_id) for record_id in levels.ids.values()]


def fixed(*addresses: str) -> Callable[[AccessLibrary], Iterable[str]]:
    return lambda _: addresses


def forged(pattern: str) -> Callable[[AccessLibrary], Iterable[str]]:
    """A route behind a grant, for every record that is not open, with grants that must not open it."""
    return lambda levels: [
        pattern.format(grant=grant, id=record_id) for record_id, grants in _forged(levels) for grant in grants
    ]


def _forged(levels: AccessLibrary) -> Iterator[tuple[str, tuple[str, ...]]]:
    grants = Grants(levels.library.settings.signing_key())
    open_records = levels.open_records()
    other = grants.issue(next(iter(sorted(open_records))))
    for record_id in levels.ids.values():
        if record_id not in open_records:
            yield record_id, (other, grants.issue(record_id), "p-" + "A" * 22, "none")


def _forged_files(levels: AccessLibrary) -> Iterator[str]:
    grants = dict(_forged(levels))
    for asset in levels.assets().values():
        for grant in grants.get(asset.record_id, ()):
            yield f"/files/{grant}/{asset.id}"
            yield f"/files/{grant}/{asset.id}?download"


def _forged_openings(levels: AccessLibrary) -> Iterator[str]:
    return (f"{address}/opening" for address in _forged_files(levels) if "?" not in address)


def _subtitles(levels: AccessLibrary) -> Iterator[str]:
    grants = dict(_forged(levels))
    for asset in levels.assets().values():
        for grant in grants.get(asset.record_id, ()):
            yield f"/video/{grant}/{asset.record_id}/subtitles-{asset.id}/index.m3u8"


SEARCHES = ("/search", "/search?q=各处", "/search?page=2", "/search?sort=title",
            *(f"/search?kind={kind}" for kind in Kind))  # fmt: skip
ROUTES: dict[str, Callable[[AccessLibrary], Iterable[str]]] = {
    "reader.home": fixed("/"),
    "reader.search": fixed(*SEARCHES),
    "reader.record": each("/records/{}"),
    "reader.collection": fixed("/collections/walk", "/collections/photos"),
    "reader.shelves": fixed("/shelves"),
    "reader.mine": fixed("/mine"),
    "reader.settings": fixed("/settings?back=/mine"),
    "site_files.robots": fixed("/robots.txt"),
    "site_files.favicon": fixed("/favicon.ico"),
    "site_files.apple_touch_icon": fixed("/apple-touch-icon.png"),
    "site_files.web_manifest": fixed("/manifest.webmanifest"),
    "static.file": fixed("/static/site.css"),
    "components.show": fixed("/components"),
    "reading.read": lambda levels: [
        address
        for record_id in levels.ids.values()
        for address in (f"/read/{record_id}", f"/read/{record_id}?text=1", f"/read/{record_id}?chapter=1")
    ],
    "reading.find": each("/read/{}/find?q=正文"),
    "reading.watch": each("/watch/{}"),
    "delivery.file": _forged_files,
    "delivery.opening": _forged_openings,
    "delivery.master_playlist": forged("/video/{grant}/{id}/master.m3u8"),
    "delivery.subtitle_playlist": _subtitles,
    "delivery.media_playlist": lambda levels: [
        address
        for name in ("source", "audio", "120p", "track-1")
        for address in forged("/video/{grant}/{id}/" + name + "/index.m3u8")(levels)
    ],
    "delivery.media_segment": forged("/video/{grant}/{id}/source/00000.ts"),
    "delivery.cover": lambda levels: [*each("/covers/{}.svg")(levels), *each("/covers/{}.jpg")(levels)],
    "rest.search": lambda _: [f"/api/v1{address}" for address in SEARCHES if "page" not in address],
    "rest.suggest": fixed("/api/v1/suggest?q=各处", "/api/v1/suggest?q=gc"),
    "rest.record": each("/api/v1/records/{}"),
    "rest.openapi": fixed("/api/v1/openapi.json"),
    "iptv.playlist": fixed("/iptv/playlist.m3u"),
    "health.healthz": fixed("/healthz"),
    "health.readyz": fixed("/readyz"),
    "health.metrics": fixed("/metrics"),
    "desk.enter": fixed("/desk/enter", "/desk/enter?key=none"),
    "desk.front": fixed("/desk/"),
    "desk.batches": fixed("/desk/batches"),
    "desk.batch": fixed("/desk/batches/none"),
    "desk.refused_list": fixed("/desk/batches/none.xlsx"),
    "desk.find_record": fixed("/desk/records", "/desk/records?of=none"),
    "desk.record": each("/desk/records/{}"),
    "desk.same": fixed("/desk/same"),
    "desk.merge": fixed("/desk/same/merge"),
    "desk.unmerge": fixed("/desk/same/unmerge"),
    "desk.mark_distinct": fixed("/desk/same/apart"),
    "desk.storage": fixed("/desk/storage"),
    "desk.original": lambda levels: [f"/desk/originals/{asset.id}" for asset in levels.assets().values()],
}
CLOSED_TO_VISITORS = ("desk.", "delivery.file", "delivery.opening", "delivery.master_playlist",
                      "delivery.subtitle_playlist", "delivery.media_playlist", "delivery.media_segment")  # fmt: skip


@pytest.mark.slow
def test_every_route_is_checked(app: Flask) -> None:
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(ROUTES)


@pytest.mark.parametrize("endpoint", list(ROUTES))
@pytest.mark.long
def test_a_route_leaks_nothing_of_records_that_are_not_open(
    endpoint: str, app: Flask, visitor: FlaskClient, levels: AccessLibrary
) -> None:
    watch = Watch(levels)
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint == endpoint]
    method = "GET" if any("GET" in (rule.methods or ()) for rule in rules) else "POST"
    addresses = list(ROUTES[endpoint](levels))
    assert addresses
    for address in addresses:
        response = visitor.open(address, method=method)
        assert response.status_code < 500, address
        if endpoint.startswith(CLOSED_TO_VISITORS):
            assert response.status_code in {403, 404, 410}, address
        watch.check(address, response)
        for named in addresses_in(response, address):
            watch.check(named, visitor.get(named))


@pytest.mark.slow
def test_addresses_of_open_records_can_be_fetched(visitor: FlaskClient, levels: AccessLibrary) -> None:
    """The test above would prove nothing if no address could be fetched at all."""
    assets = levels.assets()
    opened = set()
    for record_id in levels.open_records():
        for asset in visitor.get(f"/api/v1/records/{record_id}").get_json()["assets"]:
            response = visitor.get(asset["url"])
            assert hashlib.sha256(response.data).hexdigest() == assets[asset["id"]].sha256
            opened.add(asset["id"])
    assert opened == {asset.id for asset in assets.values() if asset.is_open}
    film = visitor.get(f"/api/v1/records/{levels.ids['film-public']}").get_json()["hls_url"]
    for variant in addresses_in(visitor.get(film), film):
        segments = addresses_in(visitor.get(variant), variant)
        assert segments
        assert all(visitor.get(segment).status_code == 200 for segment in segments)


@pytest.mark.parametrize("address", ["/", *SEARCHES, "/collections/walk", "/collections/photos", "/shelves"])
def test_lists_have_no_broken_pictures(address: str, visitor: FlaskClient) -> None:
    page = html.unescape(visitor.get(address).text)
    pictures = _LIST_PICTURE.findall(page)
    broken = [
        source for source in pictures if not source.startswith("data:") and visitor.get(source).status_code != 200
    ]
    assert broken == []


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("case", ["public", "members", "premises"])
def test_only_those_who_may_see_a_cover_get_the_real_one(
    kind: Kind, case: str, visitor: FlaskClient, levels: AccessLibrary
) -> None:
    record_id = levels.ids[f"{kind}-{case}"]
    for named in (visitor.get(f"/api/v1/records/{record_id}").get_json()["cover_url"], f"/covers/{record_id}.jpg"):
        response = visitor.get(named)
        assert response.status_code == 200
        if named.endswith(".jpg"):
            assert response.mimetype == "image/jpeg"
        else:
            assert response.mimetype == ("image/webp" if case == "public" else "image/svg+xml")
    assert visitor.get(f"/records/{record_id}").status_code == 200


@pytest.mark.long
def test_old_grants_stop_opening_when_a_record_is_restricted(levels: AccessLibrary) -> None:
    app = create_app(levels.library)
    visitor = app.test_client()
    record_id = levels.ids["book-public"]
    url = _original_url(visitor, record_id)
    members_grant = delivery_of(app).grants.issue(record_id, Access.MEMBERS)
    members_url = url.replace(url.split("/")[2], members_grant)
    for access, statuses in (
        (Access.PUBLIC, [200, 200]),
        (Access.MEMBERS, [403, 200]),
        (Access.PREMISES, [403, 403]),
        (Access.PUBLIC, [200, 200]),
    ):
        with levels.library.database.writing() as session:
            commands.set_access(session, record_id, access)
        _wait_for_statuses(visitor, [url, members_url], statuses)


@pytest.mark.long
def test_a_grant_opens_the_assets_of_its_own_record_alone(visitor: FlaskClient, levels: AccessLibrary) -> None:
    grants = Grants(levels.library.settings.signing_key())
    grant = grants.issue(levels.ids["photo-public"])
    statuses = {
        asset.record_id: visitor.get(f"/files/{grant}/{asset.id}").status_code for asset in levels.assets().values()
    }
    assert statuses.pop(levels.ids["photo-public"]) == 200
    assert set(statuses.values()) <= {403, 410}


@pytest.mark.slow
def test_after_an_unmerge_an_asset_needs_the_grant_of_its_own_record(levels: AccessLibrary) -> None:
    visitor = create_app(levels.library).test_client()
    merged_id, kept_id = levels.ids["lecture-merged"], levels.ids["lecture-kept"]
    assets = visitor.get(f"/api/v1/records/{kept_id}").get_json()["assets"]
    urls = [asset["url"] for asset in assets if asset["role"] == "original"]
    assert [visitor.get(url).status_code for url in urls] == [200, 200]
    with levels.library.database.writing() as session:
        merging.unmerge(session, merged_id, Actor("test"))
        commands.set_access(session, merged_id, Access.PREMISES)
    stored = levels.assets()
    _wait_for_statuses(visitor, urls, [200 if stored[url.split("/")[3]].record_id == kept_id else 403 for url in urls])


def test_the_text_of_an_open_record_is_on_its_page(visitor: FlaskClient, levels: AccessLibrary) -> None:
    markers = set(levels.markers.values())
    page = visitor.get(f"/records/{levels.ids['story-public']}").text
    assert [marker for marker in markers if marker in page] != []
    page = visitor.get(f"/read/{levels.ids['book-public']}?text=1").text
    assert [marker for marker in markers if marker in page] != []


@pytest.mark.slow
def test_grants_are_issued_in_one_place() -> None:
    """Only the function that asks who may fetch may sign a grant."""
    uses = []
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            name = path.relative_to(ROOT).as_posix()
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Attribute) and node.attr in {"issue", "_signature"}:
                    uses.append((name, node.attr))
                if isinstance(node, ast.Constant) and node.value in {"issue", "_signature"}:
                    uses.append((name, str(node.value)))
    signed_by_grants_itself = {("library_server/delivery/grants.py", "_signature")}
    assert set(uses) - signed_by_grants_itself == {(ONLY_PLACE, "issue")}


def test_templates_ask_which_cover_may_be_seen() -> None:
    """`card.cover` is the real one, whoever asks; templates use `visible_cover(card)`."""
    templates = list((ROOT / "library_server").rglob("*.html"))
    assert templates
    assert [path.name for path in templates if re.search(r"\.cover\b", path.read_text("utf-8"))] == []


def _wait_for_statuses(visitor: FlaskClient, urls: list[str], statuses: list[int]) -> None:
    """Changes are known within seconds: asked for until they are, and not much longer."""
    deadline = time.monotonic() + 20
    while (answered := [visitor.get(url).status_code for url in urls]) != statuses:
        assert time.monotonic() < deadline, answered
        time.sleep(0.1)


def _original_url(visitor: FlaskClient, record_id: str) -> str:
    assets = visitor.get(f"/api/v1/records/{record_id}").get_json()["assets"]
    url: str = next(asset["url"] for asset in assets if asset["role"] == "original")
    return url


class Watch:
    """Checks that responses hold no marked bytes, pictures or real covers of closed records."""

    def __init__(self, levels: AccessLibrary) -> None:
        self._markers = levels.closed_markers()
        self._closed = {asset.sha256: asset.id for asset in levels.assets().values() if not asset.is_open}
        self._open_records = levels.open_records()
        assert len(self._markers) > len(Kind) * (len(CASES) - 1)

    def check(self, address: str, response: TestResponse) -> None:
        body = response.data
        leaked = [asset_id for marker, asset_id in self._markers.items() if marker in body]
        assert leaked == [], address
        assert not any(f"各处 {kind} withdrawn".encode() in body for kind in Kind), f"a withdrawn title: {address}"
        assert hashlib.sha256(body).hexdigest() not in self._closed, address
        parts = address.split("?")[0].split("/")
        if parts[1] == "video" and len(parts) > 3 and parts[3] not in self._open_records:
            assert response.status_code in {403, 404, 410}, address
