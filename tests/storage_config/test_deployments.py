"""The ready-made deployments: what can run here is run, the rest is held to its schema."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest
from pydantic import SecretStr

from library_server.cli import main
from library_server.settings import Settings
from storage_config.errors import AccessDenied, StorageError
from storage_config.s3.buckets import check_buckets, plan_buckets
from storage_config.s3.seaweedfs import read_volume_slots
from storage_config.stores.factory import open_store
from storage_config.stores.health import check_store
from tests.support.servers.nginx import nginx_over_cluster
from tests.support.servers.s3_server import S3Server
from tests.support.servers.server_process import ServerProcess
from tests.support.servers.serving import free_port

DEPLOY = Path(__file__).parents[2] / "storage_config/deploy"
UNITS = sorted(path for path in (DEPLOY / "systemd").iterdir() if path.suffix in {".service", ".timer"})
_COMMAND = re.compile(r"^ExecStart=(.*)$", re.MULTILINE)
_TIANYUAN = "/opt/tianyuan/.venv/bin/tianyuan"


def weed() -> str:
    program = shutil.which("weed", path=str(Path(sys.executable).parent))
    assert program
    return program


def variables(path: Path) -> dict[str, str]:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def test_systemd_takes_every_unit(tmp_path: Path) -> None:
    """The units are checked with programs of this machine in place of those of the host."""
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8").replace(_TIANYUAN, sys.executable)
        (tmp_path / unit.name).write_text(text.replace("/usr/local/bin/weed", weed()), encoding="utf-8")
    units = [str(tmp_path / unit.name) for unit in UNITS]
    result = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True, check=False
    )
    complaints = [line for line in result.stderr.splitlines() if str(tmp_path) in line]
    assert complaints == []
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("unit", [path for path in UNITS if _TIANYUAN in path.read_text()], ids=lambda path: path.stem)
def test_commands_in_units_are_commands(unit: Path) -> None:
    line = _COMMAND.search(unit.read_text(encoding="utf-8"))
    assert line
    _, *words = shlex.split(line[1])
    command: click.Command | None = main
    while isinstance(command, click.Group):
        command = command.get_command(click.Context(command), words.pop(0))
    assert command is not None
    command.make_context("tianyuan", words)  # raises where an option is unknown


def test_the_settings_of_the_example_are_settings(tmp_path: Path) -> None:
    values_of_example = {name.removeprefix("TIANYUAN_").lower(): value
             for name, value in variables(DEPLOY / "systemd/tianyuan.env.example").items()}  # fmt: skip
    settings = Settings(**{**values_of_example, "home": tmp_path})  # type: ignore[arg-type]
    assert settings.storage == "s3"


@pytest.mark.long
def test_seaweedfs_runs_as_its_unit_says_with_rights_as_its_identities_say(tmp_path: Path) -> None:
    unit = (DEPLOY / "systemd/seaweedfs.service").read_text(encoding="utf-8")
    values = variables(DEPLOY / "systemd/seaweedfs.env.example")
    identities = tmp_path / "identities.json"
    shutil.copy(DEPLOY / "systemd/seaweedfs-identities.json.example", identities)
    folders = {"WEED_DIRS": tmp_path / "disk", "WEED_META": tmp_path / "meta"}
    for folder in folders.values():
        folder.mkdir()
    environment = {**values, **{name: str(path) for name, path in folders.items()}, "WEED_S3_CONFIG": str(identities)}
    environment.update({name: str(_with_grpc()) for name in values if name.endswith("_PORT")})
    start = _COMMAND.search(unit)
    assert start
    line = re.sub(r"\$\{(\w+)\}", lambda match: environment[match[1]], start[1])
    _, *words = shlex.split(line)
    with (tmp_path / "log").open("wb") as log:
        child = ServerProcess([weed(), *words], stdout=log, stderr=log, cwd=tmp_path, env={**os.environ, **environment})
    try:
        admin = settings_of(tmp_path, environment["WEED_S3_PORT"], "admin")
        wait_for_buckets(admin, child, tmp_path / "log")
        check_store(
            open_store(settings_of(tmp_path, environment["WEED_S3_PORT"], "ingest"), patient=False), writing=True
        )
        slots = read_volume_slots(f"127.0.0.1:{environment['WEED_MASTER_PORT']}")
        assert slots is not None
        assert {bucket.name for bucket in plan_buckets(admin)[:3]} <= slots.writable
        assert slots.most - slots.free <= len(plan_buckets(admin)) + 1  # one a bucket, and one for the names of objects
        web = open_store(settings_of(tmp_path, environment["WEED_S3_PORT"], "web"), patient=False)
        check_store(web, writing=False)
        with pytest.raises(AccessDenied):
            check_store(web, writing=True)
    finally:
        child.kill()
        child.wait()


def test_a_drive_of_the_smallest_size_that_is_named_has_volumes_for_every_bucket() -> None:
    """`-volume.max=0` makes as many volumes as fit; SeaweedFS's own size, 30 GB, left room for one bucket of five."""
    unit = (DEPLOY / "systemd/seaweedfs.service").read_text(encoding="utf-8")
    values = variables(DEPLOY / "systemd/seaweedfs.env.example")
    assert "-master.volumeSizeLimitMB=${WEED_VOLUME_MB} -volume.max=0 " in unit
    assert 50_000 // int(values["WEED_VOLUME_MB"]) >= 40
    assert values["WEED_MASTER_VOLUME_GROWTH_COPY_1"] == "1"


def wait_for_buckets(settings: Settings, child: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            check_buckets(settings, fix=True)
            check_store(open_store(settings, patient=False), writing=True)
            return
        except StorageError:
            assert child.poll() is None, log.read_text()[-2000:]
            assert time.monotonic() < deadline, log.read_text()[-2000:]
            time.sleep(0.5)


def settings_of(home: Path, port: str, identity: str) -> Settings:
    known = json.loads((DEPLOY / "systemd/seaweedfs-identities.json.example").read_text())["identities"]
    keys = next(entry["credentials"][0] for entry in known if entry["name"] == identity)
    return Settings(
        home=home, storage="s3", s3_endpoint=f"127.0.0.1:{port}", s3_secure=False,
        s3_access_key=keys["accessKey"], s3_secret_key=SecretStr(keys["secretKey"]),
    )  # fmt: skip


def _with_grpc() -> int:
    """A port whose partner, 10,000 higher, is a port too."""
    while (port := free_port()) > 55_000:
        pass
    return port


@pytest.mark.slow
def test_the_compose_file_is_valid_and_every_name_in_it_is_in_the_example() -> None:
    file = DEPLOY / "compose/cluster.compose.yml"
    checker = shutil.which("check-jsonschema", path=str(Path(sys.executable).parent))
    assert checker
    result = subprocess.run(
        [checker, "--builtin-schema", "vendor.compose-spec", str(file)], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout
    names = set(re.findall(r"\$\{([A-Z0-9_]+)", file.read_text()))
    assert names == set(variables(DEPLOY / "compose/cluster.env.example"))


@pytest.mark.long
def test_one_address_for_the_cluster_leaves_out_a_machine_that_does_not_answer(
    s3_server: S3Server, tmp_path: Path
) -> None:
    dead = f"127.0.0.1:{free_port()}"
    nodes = [dead, s3_server.endpoint, s3_server.endpoint, s3_server.endpoint]
    with nginx_over_cluster(tmp_path / "nginx", nodes) as endpoint:
        settings = s3_server.settings(tmp_path, s3_endpoint=endpoint, s3_bucket_prefix="through-nginx")
        check_buckets(settings, fix=True)
        store = open_store(settings, patient=False)
        check_store(store, writing=True)
        large = tmp_path / "large"
        large.write_bytes(b"tianyuan" * 5_000_000)
        for _ in range(4):
            digest = store.put_original(large)
        with store.open(f"originals/{digest.sha256[:2]}/{digest.sha256[2:4]}/{digest.sha256}") as reading:
            assert reading.read() == large.read_bytes()
