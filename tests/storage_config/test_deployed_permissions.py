"""The units keep the home to its owner, and nginx still sends files where it is let into the group."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.factories.pictures import ffmpeg
from tests.storage_config.test_deployments import DEPLOY, UNITS
from tests.support.servers.nginx import nginx
from tests.support.servers.server_process import ServerProcess
from tests.support.servers.serving import free_port, wait_until_up

SERVICES = [path for path in UNITS if path.suffix == ".service"]
ACCEL = DEPLOY / "systemd/tianyuan-accel.conf"


@pytest.mark.parametrize("unit", SERVICES, ids=lambda path: path.stem)
def test_every_service_keeps_what_it_writes_to_itself(unit: Path) -> None:
    assert "\nUMask=0077\n" in unit.read_text(encoding="utf-8")


def test_the_drop_in_for_nginx_is_for_every_unit_that_writes_objects(tmp_path: Path) -> None:
    only_reads = {"tianyuan-backup"}
    writing = {path.stem for path in SERVICES if path.stem.startswith("tianyuan-")} - only_reads
    named = re.search(r"for unit in ([^;]+);", ACCEL.read_text(encoding="utf-8"))
    assert named
    assert set(named[1].split()) == writing


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the group may enter, all the way up."""
    made = Path(tempfile.mkdtemp(prefix="tianyuan-accel-", dir="/tmp"))
    made.chmod(0o750)
    yield made
    shutil.rmtree(made)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may start nginx as another user")
@pytest.mark.long
def test_nginx_in_the_group_sends_files_and_reads_nothing_private(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    umask = re.search(r"^UMask=(\d+)$", ACCEL.read_text(encoding="utf-8"), re.MULTILINE)
    assert umask
    home, source = folder / "home", folder / "source"
    source.mkdir()
    (source / "老秤铺.txt").write_text("从前有一家秤铺。\n" * 50, encoding="utf-8")
    picture = ["-f", "lavfi", "-i", "testsrc=d=3:s=320x180:r=10", "-f", "lavfi", "-i", "sine=d=3"]
    ffmpeg(*picture, "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", str(source / "栗雨.mp4"))
    port = free_port()
    environment = {**os.environ, "TIANYUAN_HOME": str(home), "TIANYUAN_DELIVERY": "accel", "TIANYUAN_PROXIES": "1"}
    tianyuan = f'umask {umask[1]}; exec {sys.executable} -m library_server.cli "$@"'
    as_unit = ["sh", "-c", tianyuan, "sh"]
    subprocess.run([*as_unit, "ingest", str(source), "--wait"], env=environment, check=True, capture_output=True)
    home.chmod(0o750)  # as the drop-in of systemd sets it
    monkeypatch.setattr("tests.support.servers.nginx._AROUND", _AROUND_AS_NOBODY)
    with (folder / "log").open("wb") as log:
        serving = ServerProcess(
            [*as_unit, "serve", "--workers", "1", "--no-jobs", "--port", str(port)],
            env=environment,
            stdout=log,
            stderr=log,
        )
    try:
        wait_until_up(f"http://127.0.0.1:{port}", serving)
        with nginx(folder / "nginx", home, f"127.0.0.1:{port}") as address:
            for path in _addresses(address):
                with urllib.request.urlopen(address + path) as response:
                    assert response.status == 200
                    assert response.read()
    finally:
        serving.terminate()
        serving.wait(30)
    nobody = ["setpriv", "--reuid", "nobody", "--regid", "0", "--clear-groups"]
    readable = subprocess.run([*nobody, "ls", str(home / "objects")], check=False, capture_output=True)
    assert readable.returncode == 0
    for name in ("secret_key", "library.db"):
        refused = subprocess.run([*nobody, "cat", str(home / name)], check=False, capture_output=True)
        assert refused.returncode == 1


def _addresses(address: str) -> list[str]:
    """An original, and a segment of a film."""
    items = _json(f"{address}/api/v1/search?q=")["items"]
    records = [_json(f"{address}/api/v1/records/{item['id']}") for item in items]
    originals = [asset["url"] for record in records for asset in record["assets"] if asset["role"] == "original"]
    assert len(originals) == 2
    playlist = next(record["hls_url"] for record in records if record.get("hls_url"))
    paths = [_path(url) for url in originals]
    while playlist.endswith(".m3u8"):
        with urllib.request.urlopen(address + _path(playlist)) as response:
            line = next(line for line in response.read().decode().splitlines() if line and not line.startswith("#"))
        playlist = line if line.startswith(("/", "http")) else f"{playlist.rpartition('/')[0]}/{line}"
    return [*paths, _path(playlist)]


def _json(address: str) -> Any:
    with urllib.request.urlopen(address) as response:
        return json.load(response)


def _path(url: str) -> str:
    return re.sub(r"^https?://[^/]+", "", url)


_AROUND_AS_NOBODY = """
daemon off; user nobody root; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 512; }}
# {user}
http {{
    access_log off;
    client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
    uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
    include {folder}/{name}.conf;
}}
"""
