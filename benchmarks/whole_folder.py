"""A librarian's folder in one command: 1,000 EPUBs, a film of 1 GB, a GBK text of 5 MB, a PDF of 400 pages, 200 photos.

Then all of it is found, opened and played over HTTP. `EPUBS` and `BYTES` make it smaller.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import quote

import typst
from PIL import Image

from benchmarks.films import write_film
from benchmarks.made_up import WORDS, write_epubs
from benchmarks.running import server

PHOTOS, PAGES, TEXT_BYTES = 200, 400, 5_000_000


def run() -> None:
    """Print how long the command took, and what could be opened of what went in."""
    count, size = int(os.environ.get("EPUBS", "1000")), int(os.environ.get("BYTES", "1000000000"))
    with tempfile.TemporaryDirectory() as folder:
        source, home = Path(folder) / "硬盘", Path(folder) / "home"
        _fill(source, count, size)
        command = [sys.executable, "-m", "library_server.cli", "ingest", str(source), "--wait", "--json"]
        environment = {**os.environ, "TIANYUAN_HOME": str(home)}
        started = time.monotonic()
        result = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        seconds = time.monotonic() - started
        report = json.loads(result.stdout)
        print(
            f"{report['seen']} files, {report['bytes'] / 1e6:.0f} MB in {seconds:.0f} s, {report['rejected']} refused"
        )
        assert report["added"] == count + PHOTOS + 3
        with server(home) as (address, _):
            print(f"opened: {_opened(address)}")


def _fill(source: Path, count: int, size: int) -> None:
    write_epubs(source / "电子书", count)
    write_film(source / "影片" / "湘江两岸.mp4", size)
    chance = random.Random(5)
    chapters = "".join(f"第{number}章 {chance.choice(WORDS)}\n{''.join(chance.choices(WORDS, k=6000))}\n"
                       for number in range(1, 201))  # fmt: skip
    (source / "长篇.txt").write_bytes(chapters.encode("gb18030")[: TEXT_BYTES // 2 * 2])
    pages = '#set text(font: ("Noto Serif CJK SC", "Noto Sans CJK SC"))\n' + "\n#pagebreak()\n".join(
        f"= 第 {number} 页\n{''.join(chance.choices(WORDS, k=120))}" for number in range(1, PAGES + 1)
    )
    written = source / "四百页.typ"
    written.write_text(pages, encoding="utf-8")
    typst.compile(written, output=source / "四百页.pdf")
    written.unlink()
    (source / "照片").mkdir()
    for number in range(PHOTOS):
        picture = Image.effect_noise((2000, 1500), 30).convert("RGB")
        picture.save(source / "照片" / f"1998-05 老街 {number:03d}.jpg", quality=80)


def _opened(address: str) -> str:
    """Every record is asked for, its original's first bytes fetched, films by HLS, texts by page."""
    total, page = 0, 1
    while items := _json(f"{address}/api/v1/search?per_page=100&page={page}")["items"]:
        for item in items:
            record = _json(f"{address}/api/v1/records/{item['id']}")
            original = next(asset for asset in record["assets"] if asset["role"] == "original")
            request = urllib.request.Request(f"{address}{original['url']}", headers={"Range": "bytes=0-99"})
            assert urllib.request.urlopen(request).status == 206
            total += 1
        page += 1
    long = _json(f"{address}/api/v1/search?q={quote('长篇')}&kind=book")["items"][0]["id"]
    assert "第200章" in urllib.request.urlopen(f"{address}/read/{long}?chapter=200").read().decode()
    pdf = _json(f"{address}/api/v1/search?q={quote('四百页')}")["items"][0]["id"]
    assert "第 400 页" in urllib.request.urlopen(f"{address}/read/{pdf}?chapter=400").read().decode()
    film = _json(f"{address}/api/v1/search?q={quote('湘江两岸')}&kind=film")["items"][0]["id"]
    started = time.monotonic()
    hls = f"{address}{_json(f'{address}/api/v1/records/{film}')['hls_url']}"
    playlist = urllib.request.urlopen(f"{hls.rsplit('/', 1)[0]}/source/index.m3u8").read().decode()
    segment = next(line for line in playlist.splitlines() if line.endswith(".ts"))
    assert urllib.request.urlopen(f"{hls.rsplit('/', 1)[0]}/source/{segment}").read(1) == b"G"
    return f"{total} records; the film's first segment after {time.monotonic() - started:.1f} s"


def _json(address: str) -> Any:
    return json.load(urllib.request.urlopen(address))
