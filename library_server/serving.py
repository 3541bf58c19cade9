"""Starts the web server and, unless told not to, a job worker process.

The leading process imports the application and opens nothing; web processes are forked from it and share
its memory, since what it holds is set aside from their garbage collectors.
"""

from __future__ import annotations

import gc
import os
import signal
import time
from importlib import import_module
from os import waitpid  # as it is before gevent takes the name
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from library_server.processes.interpreter import module_command, module_environment
from library_server.settings import Settings

GRACE_SECONDS = 20
CONNECTIONS = 2000


class _Leader(Arbiter):  # type: ignore[misc]
    """Leads the web processes, and keeps the worker process alive: no thread, which a fork would copy."""

    jobs: _JobWorker | None = None

    def murder_workers(self) -> None:
        """Once a second: see to web processes that hang, and to a worker that died."""
        super().murder_workers()
        if self.jobs is not None:
            self.jobs.start_again_if_dead()


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, options: dict[str, Any], jobs: _JobWorker | None) -> None:
        self._options = options
        self._jobs = jobs
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        from library_server.app import create_app

        return create_app()

    def run(self) -> None:
        leader = _Leader(self)
        leader.jobs = self._jobs
        leader.run()


class _JobWorker:
    """The job worker process of the web server: started, started again where it dies, stopped.

    By system calls: `subprocess` belongs to gevent here, and ended children to gunicorn.
    """

    def __init__(self, language: str) -> None:
        self._language = language
        self._process = self._start()

    def start_again_if_dead(self) -> None:
        """Start another process where the last one has ended."""
        if not self._is_alive():
            self._process = self._start()

    def stop(self) -> None:
        """Let the job under way end, for a while."""
        patience = time.monotonic() + GRACE_SECONDS
        if self._is_alive():
            os.kill(self._process, signal.SIGTERM)
        while self._is_alive():
            if time.monotonic() > patience:
                os.kill(self._process, signal.SIGKILL)
            time.sleep(0.05)

    def _is_alive(self) -> bool:
        try:
            ended, _ = waitpid(self._process, os.WNOHANG)
        except ChildProcessError:  # gunicorn has waited for it
            return False
        return ended == 0

    def _start(self) -> int:
        command = module_command("library_server.cli", "--lang", self._language, "worker", "--parent", str(os.getpid()))
        return os.posix_spawn(command[0], command, module_environment(), setsid=True)


def serve(settings: Settings, host: str, port: int, workers: int | None, *, with_jobs: bool, language: str) -> None:
    """Serve until a signal stops it; requests under way are finished first. `language` is for errors of the worker."""
    os.environ["TIANYUAN_HOME"] = str(settings.home)
    _import_to_share()
    jobs = _JobWorker(language) if with_jobs else None
    options = {
        "bind": f"{host}:{port}",
        "workers": workers or settings.workers or os.cpu_count() or 1,
        "worker_class": "library_server.delivery.gunicorn_worker.KernelSendfileWorker",
        "logger_class": "library_server.delivery.gunicorn_worker.OneLineLogger",
        "http_parser": "python",  # which our reading of request lines extends
        "forwarded_allow_ips": "",  # ProxyFix alone believes a proxy, and only as many as `TIANYUAN_PROXIES` says
        "worker_connections": CONNECTIONS,
        "accesslog": "-",
        "graceful_timeout": GRACE_SECONDS,
        "keepalive": 15,
        "timeout": 60,
        "control_socket_disable": True,
    }
    if jobs is not None:
        options["on_exit"] = lambda _server: jobs.stop()
    _Server(options, jobs).run()


def _import_to_share() -> None:
    from gevent import monkey

    monkey.patch_all()  # before the imports, so that every lock made by them is gevent's
    import_module("library_server.app")
    gc.collect()
    gc.freeze()
