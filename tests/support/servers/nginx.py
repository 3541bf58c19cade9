"""nginx in front of the library or of S3 servers, from the deployment's own templates, on loopback."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.support.servers.server_process import ServerProcess
from tests.support.servers.serving import free_port, wait_until_up

NGINX = "/usr/sbin/nginx"
TEMPLATES = Path(__file__).parents[3] / "storage_config/deploy/nginx"
_AROUND = """
daemon off; {user} worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
    uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
    include {folder}/{name}.conf;
}}
"""


@contextmanager
def nginx(folder: Path, home: Path, app: str, s3: str = "127.0.0.1:9") -> Iterator[str]:
    """nginx before `app` (host:port), over the files of `home`; its address."""
    port = free_port()
    values = {
        "TIANYUAN_LISTEN": f"127.0.0.1:{port}", "TIANYUAN_APP": app, "TIANYUAN_S3": s3,
        "TIANYUAN_OBJECTS": str(home / "objects"), "TIANYUAN_VIDEO": str(home / "cache/hls"),
        "TIANYUAN_SLICES": str(folder / "slices"), "TIANYUAN_SLICES_SIZE": "100m",
    }  # fmt: skip
    with running(folder, "tianyuan", values):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def nginx_over_cluster(folder: Path, nodes: Sequence[str]) -> Iterator[str]:
    """nginx before four S3 servers; its host:port."""
    listen = f"127.0.0.1:{free_port()}"
    values = {"CLUSTER_LISTEN": listen, **{f"S3_NODE{n}": node for n, node in enumerate(nodes, 1)}}
    with running(folder, "cluster", values):
        yield listen


@contextmanager
def running(folder: Path, name: str, values: Mapping[str, str]) -> Iterator[None]:
    """nginx on one of the templates; returns when it answers."""
    write(folder, name, values)
    command = [NGINX, "-c", str(folder / "nginx.conf"), "-p", str(folder)]
    tested = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert tested.returncode == 0, tested.stderr
    child = ServerProcess(command, stderr=subprocess.DEVNULL)
    listen = values.get("TIANYUAN_LISTEN") or values["CLUSTER_LISTEN"]
    try:
        wait_until_up(f"http://{listen}", child)
        yield
    finally:
        child.terminate()
        child.wait(30)


def write(folder: Path, name: str, values: Mapping[str, str]) -> None:
    """Fill in the template as envsubst does: nginx's own variables stay."""
    folder.mkdir(parents=True, exist_ok=True)
    text = (TEMPLATES / f"{name}.conf.template").read_text(encoding="utf-8")
    for variable, value in values.items():
        text = text.replace("${" + variable + "}", value)
    assert not re.search(r"\$\{[A-Z]", text), "a name of the template has no value"
    (folder / f"{name}.conf").write_text(text, encoding="utf-8")
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(_AROUND.format(folder=folder, user=user, name=name), encoding="utf-8")
