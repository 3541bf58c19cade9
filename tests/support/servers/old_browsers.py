"""Chromium of earlier years, steered by its debugging protocol: Playwright needs a newer one.

`scripts/old-browsers.mjs`, which `make setup-test` runs, unpacks them.
"""

from __future__ import annotations

import json
import os
import platform
import signal
import time
import urllib.request
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

from tests.support.servers.server_process import ServerProcess
from tests.support.servers.serving import free_port

FOLDER = Path(__file__).parents[3] / ".old-browsers"
_START_SECONDS, _ANSWER_SECONDS = 30, 30


class BrowserPage(ABC):
    """One page of a browser; `faults` has the errors of its scripts."""

    def __init__(self) -> None:
        self.faults: list[str] = []

    @abstractmethod
    def open(self, address: str) -> None:
        """Go to an address."""

    @abstractmethod
    def evaluate(self, expression: str) -> Any:
        """The value of an expression of JavaScript; None where it throws."""

    def wait_until(self, expression: str, seconds: float = 20) -> Any:
        """The value of an expression as soon as it is true; fails where it does not become so."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if value := self.evaluate(expression):
                return value
            time.sleep(0.1)
        raise AssertionError(f"{expression} is not true: {self.evaluate('document.body.textContent')} {self.faults}")


class OldBrowser(BrowserPage):
    """A page that is steered by the debugging protocol."""

    def __init__(self, connection: ClientConnection) -> None:
        super().__init__()
        self._connection = connection
        self._last_id = 0
        for domain in ("Page", "Runtime", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: object) -> dict[str, Any]:
        """Call a method of the protocol; returns its result."""
        self._last_id += 1
        self._connection.send(json.dumps({"id": self._last_id, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._connection.recv(timeout=_ANSWER_SECONDS))
            if message.get("method") == "Runtime.exceptionThrown":
                self.faults.append(str(message["params"]["exceptionDetails"]))
            if message.get("id") == self._last_id:
                result: dict[str, Any] = message.get("result", {})
                return result

    def evaluate(self, expression: str) -> Any:
        """The value of an expression of JavaScript; None where it throws."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        return answer["result"].get("value")

    def open(self, address: str) -> None:
        """Go to an address."""
        self.call("Page.navigate", url=address)


@contextmanager
def old_browser(version: int, profile: Path) -> Iterator[OldBrowser]:
    """Chromium of a major version with an empty page the size of a phone; `profile` is a new folder for it."""
    if platform.machine() != "x86_64":
        pytest.skip("the builds of old browsers are for x86-64 alone")
    folder, port = FOLDER / str(version), free_port()
    command = [
        str(folder / "chromium"), "--headless", "--no-sandbox", "--no-zygote", "--disable-gpu", "--use-gl=swiftshader",
        "--disable-dev-shm-usage", "--disable-background-networking", "--window-size=390,844",
        f"--remote-debugging-port={port}", f"--user-data-dir={profile}", "about:blank",
    ]  # fmt: skip
    environment = {**os.environ, "LD_LIBRARY_PATH": str(folder / "lib")}
    with (profile / "browser.log").open("wb") as log:
        process = ServerProcess(command, env=environment, stdout=log, stderr=log)
    try:
        with connect(_find_page(port), max_size=None, ping_interval=None) as connection:
            yield OldBrowser(connection)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(30)


def _find_page(port: int) -> str:
    """The address of the debugging protocol of the page that is open."""
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        with suppress(OSError, ValueError), urllib.request.urlopen(f"http://127.0.0.1:{port}/json") as answer:
            for target in json.load(answer):
                if target["type"] == "page":
                    return str(target["webSocketDebuggerUrl"])
        time.sleep(0.1)
    raise RuntimeError("the browser did not start")
