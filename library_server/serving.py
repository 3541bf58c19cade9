"""Starts the web server, and beside it a worker process unless told not to.

The leading process imports the application and opens nothing; web processes are forked from it and share
its memory, since what it holds is set aside from their garbage collectors.
"""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
from importlib import import_module
from typing import Any

from gunicorn.app.base import BaseApplication

from library_server.settings import Settings

GRACE_SECONDS = 20
CONNECTIONS = 2000


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, options: dict[str, Any]) -> None:
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        from library_server.app import create_app

        return create_app()


def serve(settings: Settings, host: str, port: int, workers: int | None, *, with_jobs: bool) -> None:
    """Serve until a signal stops it; requests under way are finished first."""
    os.environ["TIANYUAN_HOME"] = str(settings.home)
    child = _start_worker() if with_jobs else None
    _import_to_share()
    options = {
        "bind": f"{host}:{port}",
        "workers": workers or settings.workers or os.cpu_count() or 1,
        "worker_class": "library_server.delivery.gunicorn_worker.KernelSendfileWorker",
        "logger_class": "library_server.delivery.gunicorn_worker.OneLineLogger",
        "worker_connections": CONNECTIONS,
        "accesslog": "-",
        "graceful_timeout": GRACE_SECONDS,
        "keepalive": 15,
        "timeout": 60,
        "control_socket_disable": True,
        "on_exit": lambda _server: _stop_worker(child),
    }
    _Server(options).run()


def _import_to_share() -> None:
    from gevent import monkey

    monkey.patch_all()  # before the imports, so that every lock made by them is gevent's
    import_module("library_server.app")
    gc.collect()
    gc.freeze()


def _start_worker() -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "library_server.cli", "worker", "--parent", str(os.getpid())]
    return subprocess.Popen(command, start_new_session=True)


def _stop_worker(child: subprocess.Popen[bytes] | None) -> None:
    if child is None or child.poll() is not None:
        return
    child.send_signal(signal.SIGTERM)
    try:
        child.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
