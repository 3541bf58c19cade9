"""nginx in front of a server, from the deployment's own template, on loopback."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.serving import free_port, wait_until_up

NGINX = "/usr/sbin/nginx"
TEMPLATE = Path(__file__).parents[1] / "storage_config/deploy/nginx/tianyuan.conf.template"
_AROUND = """
daemon off; {user} worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
    uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
    include {folder}/tianyuan.conf;
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
    write(folder, values)
    command = [NGINX, "-c", str(folder / "nginx.conf"), "-p", str(folder)]
    child = subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        wait_until_up(f"http://127.0.0.1:{port}", child)
        yield f"http://127.0.0.1:{port}"
    finally:
        child.terminate()
        child.wait(30)


def write(folder: Path, values: Mapping[str, str]) -> None:
    """Fill in the template as envsubst does: nginx's own variables stay."""
    folder.mkdir(parents=True, exist_ok=True)
    text = TEMPLATE.read_text(encoding="utf-8")
    for name, value in values.items():
        text = text.replace("${" + name + "}", value)
    (folder / "tianyuan.conf").write_text(text, encoding="utf-8")
    (folder / "nginx.conf").write_text(
        _AROUND.format(folder=folder, user="user root;" if os.geteuid() == 0 else ""), encoding="utf-8"
    )
