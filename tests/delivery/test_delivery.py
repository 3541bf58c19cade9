from __future__ import annotations

import http.client
import io
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from library_server.app import create_app
from library_server.catalogue.dto import RecordCard, RecordDraft, RecordView
from library_server.catalogue.enums import Access, Kind
from library_server.catalogue.records import commands, queries
from library_server.delivery.covers import generated
from library_server.delivery.files.ranges import RangeNotSatisfiable, read_range
from library_server.delivery.grants import ROUND_SECONDS, Grants
from library_server.delivery.video.hls import HlsCache, RemuxSource, VideoUnavailable
from library_server.library import Library
from tests.factories.pictures import scene
from tests.support.libraries import ingest

grants = Grants("secret")


def test_public_grants_never_change_and_open_one_record() -> None:
    grant = grants.issue("a")
    assert grant == grants.issue("a", now=1.0)
    assert grants.allows(grant, "a")
    assert not grants.allows(grant, "b")
    assert not Grants("other").allows(grant, "a")


def test_other_grants_expire_and_repeat_within_six_hours() -> None:
    moment = 100 * ROUND_SECONDS + 5.0
    grant = grants.issue("a", Access.MEMBERS, moment)
    assert grant == grants.issue("a", Access.MEMBERS, moment + 3600)
    assert grants.allows(grant, "a", moment + ROUND_SECONDS)
    assert not grants.allows(grant, "a", moment + 2 * ROUND_SECONDS)
    later = f"m{int(grant[1:9], 16) + 9:08x}{grant[9:]}"
    assert not grants.allows(later, "a", moment)


@given(st.text(max_size=40))
def test_no_text_is_a_grant_by_chance(text: str) -> None:
    assert not grants.allows(text, "a")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None), ("bytes=0-9", (0, 10)), ("bytes=90-", (90, 100)), ("bytes=-10", (90, 100)),
        ("bytes=0-1000", (0, 100)), ("bytes=-1000", (0, 100)), ("bytes=5-2", None), ("bytes=0-1,3-4", None),
        ("items=0-1", None), ("bytes=-", None),
    ],
)  # fmt: skip
def test_ranges(header: str | None, expected: tuple[int, int] | None) -> None:
    byte_range = read_range(header, 100)
    assert (byte_range and (byte_range.start, byte_range.stop)) == expected


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=-0"])
def test_ranges_beyond_the_end(header: str) -> None:
    with pytest.raises(RangeNotSatisfiable):
        read_range(header, 100)


@pytest.fixture
def film(sample_library: Library) -> RecordView:
    with sample_library.database.reading() as session:
        card = next(playable for playable in queries.list_playable(session) if "春梢" in playable.title)
        view = queries.find_record(session, card.id)
    assert view is not None
    return view


@pytest.fixture
def address(sample: FlaskClient, film: RecordView) -> str:
    assets = sample.get(f"/api/v1/records/{film.id}").get_json()["assets"]
    url: str = next(asset["url"] for asset in assets if asset["role"] == "original")
    return url


def test_files_answer_conditional_requests(sample: FlaskClient, address: str) -> None:
    whole = sample.get(address)
    etag, modified = whole.headers["ETag"], whole.headers["Last-Modified"]
    assert whole.headers["Accept-Ranges"] == "bytes"
    assert "immutable" in whole.headers["Cache-Control"]
    assert "sandbox" in whole.headers["Content-Security-Policy"]
    assert sample.get(address, headers={"If-None-Match": etag}).status_code == 304
    assert sample.get(address, headers={"If-None-Match": '"x"'}).status_code == 200
    assert sample.get(address, headers={"If-Modified-Since": modified}).status_code == 304
    head = sample.head(address)
    assert head.headers["Content-Length"] == str(len(whole.data))
    assert head.data == b""
    part = {"Range": "bytes=10-19"}
    assert sample.get(address, headers=part).data == whole.data[10:20]
    assert sample.get(address, headers={**part, "If-Range": etag}).status_code == 206
    assert sample.get(address, headers={**part, "If-Range": modified}).status_code == 206
    assert sample.get(address, headers={**part, "If-Range": '"old"'}).status_code == 200
    refused = sample.get(address, headers={"Range": f"bytes={len(whole.data)}-"})
    assert refused.status_code == 416
    assert refused.headers["Content-Range"] == f"bytes */{len(whole.data)}"
    assert "attachment" in sample.get(f"{address}?download").headers["Content-Disposition"]
    assert "attachment" not in sample.get(f"{address}?from=downloads").headers.get("Content-Disposition", "")


def test_a_wrong_grant_opens_nothing(sample: FlaskClient, address: str) -> None:
    _, _, grant, asset = address.split("/")
    expired = sample.get(f"/files/{'p-' + 'A' * 22}/{asset}")
    assert (expired.status_code, expired.mimetype) == (403, "text/plain")
    assert expired.text == "这个地址已经过期，请回到页面重新打开。 This address has expired: open the page again.\n"
    missing = sample.get(f"/files/{grant}/none")
    assert missing.status_code == 404
    assert "requested URL" not in missing.text  # this sentence is Werkzeug's


def test_a_withdrawn_record_is_refused_whatever_the_grant(library: Library, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("正文", "utf-8")
    ingest(library, tmp_path / "a.txt")
    library.indexer.catch_up()
    client = create_app(library).test_client()
    with library.database.reading() as session:
        record_id = queries.list_newest(session)[0].id
    address = client.get(f"/api/v1/records/{record_id}").get_json()["assets"][0]["url"]
    with library.database.writing() as session:
        commands.withdraw(session, record_id, "x")
    withdrawn = create_app(library).test_client().get(address)
    assert withdrawn.status_code == 410
    assert withdrawn.text == "这份资料已经收回。 This has been withdrawn.\n"


@pytest.mark.slow
def test_hls_is_made_on_demand_and_plays(server: str, film: RecordView, sample: FlaskClient) -> None:
    hls = sample.get(f"/api/v1/records/{film.id}").get_json()["hls_url"]
    command = ["ffprobe", "-v", "error", "-show_entries", "format=duration:stream=codec_name", "-of", "csv=p=0"]
    result = subprocess.run([*command, f"{server}{hls}"], capture_output=True, text=True, timeout=30, check=True)
    assert {"h264", "aac"} <= set(result.stdout.split())
    again = sample.get(hls.replace("master", "source/index"))
    assert "#EXT-X-ENDLIST" in again.text
    assert sample.get(hls.replace("master.m3u8", "source/99999.ts")).status_code == 404
    assert sample.get(hls.replace("master.m3u8", "source/x.ts")).status_code == 404


@pytest.mark.long
def test_players_play_from_the_playlist(server: str, tmp_path: Path) -> None:
    playlist = tmp_path / "p.m3u"
    request(server, "/iptv/playlist.m3u", lambda body: playlist.write_bytes(body))
    address = playlist.read_text("utf-8").splitlines()[2]
    command = ["ffmpeg", "-v", "error", "-i", address, "-t", "3", "-f", "null", "-"]
    subprocess.run(command, check=True, timeout=60)
    command = ["mpv", "--no-config", "--vo=null", "--ao=null", "--untimed", "--length=1", f"--playlist={playlist}"]
    played = subprocess.run(command, check=True, timeout=120, capture_output=True, text=True)
    addresses = [line for line in playlist.read_text("utf-8").splitlines() if line.startswith("http")]
    assert played.stdout.count("(+) Audio") == len(addresses)


def request(server: str, path: str, keep: Callable[[bytes], object]) -> None:
    connection = http.client.HTTPConnection(urlsplit(server).netloc)
    connection.request("GET", path)
    response = connection.getresponse()
    assert response.status == 200
    keep(response.read())
    connection.close()


def test_the_server_sends_ranges_by_the_kernel(server: str, address: str, sample: FlaskClient) -> None:
    whole = sample.get(address).data
    connection = http.client.HTTPConnection(urlsplit(server).netloc)
    for start, stop in ((0, 100), (1000, 200_000), (len(whole) - 5, len(whole)), (0, len(whole))):
        connection.request("GET", address, headers={"Range": f"bytes={start}-{stop - 1}"})
        response = connection.getresponse()
        assert response.status == 206
        assert response.read() == whole[start:stop]
    connection.close()


def test_a_broken_film_is_reported_and_the_cache_keeps_its_budget(tmp_path: Path) -> None:
    cache = HlsCache(tmp_path / "hls", 1_000_000)
    (tmp_path / "broken").write_bytes(b"nothing")
    with pytest.raises(VideoUnavailable):
        cache.read_playlist(RemuxSource(f"file:{tmp_path / 'broken'}", "b", 1000, True))
    os.utime(tmp_path / "hls/b/failed", (1, 1))  # everybody has read so
    film = tmp_path / "film.mp4"
    source = ["-f", "lavfi", "-i", "testsrc=d=1:s=64x64"]
    subprocess.run(["ffmpeg", "-v", "error", *source, "-pix_fmt", "yuv420p", str(film)], check=True)
    assert b"#EXTM3U" in cache.read_playlist(RemuxSource(f"file:{film}", "one", 1000, True))
    assert not (tmp_path / "hls/b").exists()
    assert cache.find_segment("one", "00000.ts") is not None
    assert cache.shrink(1 << 40) == 0  # it is being watched
    os.utime(tmp_path / "hls/one", (1, 1))
    os.utime(tmp_path / "hls/one/watched", (1, 1))
    assert cache.find_segment("one", "00000.ts") is not None  # and somebody comes back to it
    assert cache.shrink(1 << 40) == 0
    os.utime(tmp_path / "hls/one", (1, 1))
    os.utime(tmp_path / "hls/one/watched", (1, 1))
    size = cache.measure_size()
    assert cache.shrink(1) == size > 0
    assert cache.measure_size() == 0


TITLES = ["柑橘栽培手记", "The Old Man and the Sea", "Python 数据分析", "《诗经》里的草木", "字" * 80, "", "1949—1978"]


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("kind", list(Kind))
def test_drawn_covers_are_small_and_always_the_same(title: str, kind: Kind) -> None:
    card = RecordCard("06h0p3c4td39ff50", kind, title, ("陈守田",), None, None, "S666", None, None, Access.PUBLIC, None)
    design = generated.design_of(card)
    drawn = generated.render_svg(design)
    assert drawn == generated.render_svg(generated.design_of(card))
    assert len(drawn.encode()) < 3000
    if kind == Kind.BOOK:
        assert Image.open(io.BytesIO(generated.render_jpeg(design))).size == (480, 640)


def test_a_drawn_cover_in_the_place_of_a_real_one_is_not_kept(
    library: Library, client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene(3).save(tmp_path / "老街.jpg")
    ingest(library, tmp_path / "老街.jpg")
    with library.database.reading() as session:
        address = f"/covers/{queries.list_newest(session)[0].id}.jpg"
    with monkeypatch.context() as away:
        away.setattr("library_server.delivery.covers.stored.load_jpeg", lambda _store, _key: None)
        drawn = client.get(address)
    assert drawn.headers["Cache-Control"] == "no-store"
    assert "ETag" not in drawn.headers
    real = client.get(address)
    assert "max-age" in real.headers["Cache-Control"]
    assert real.data != drawn.data


def test_drawn_covers_over_http(library: Library, client: FlaskClient) -> None:
    with library.database.writing() as session:
        record_id = commands.add_record(session, RecordDraft(kind=Kind.BOOK, title="<村小> & 往事"))
    svg = client.get(f"/covers/{record_id}.svg")
    assert svg.mimetype == "image/svg+xml"
    assert "<村小>" not in svg.text
    assert client.get(f"/covers/{record_id}.svg", headers={"If-None-Match": svg.headers["ETag"]}).status_code == 304
    assert client.get(f"/covers/{record_id}.jpg").mimetype == "image/jpeg"
    assert client.get(f"/covers/{record_id}.png").status_code == 404
    assert client.get("/covers/none.svg").status_code == 404
