"""Lighthouse on the pages where people read and watch, in its mobile mode: performance, accessibility, best practices,
search engines, of 100 each.

Lighthouse is no part of the project: `npm install lighthouse@12.2.3` in a folder of your own, and give its program by
`LIGHTHOUSE` (`node_modules/.bin/lighthouse`) unless it is on the PATH. Performance depends on the machine's other work.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from ingest_tools.sample import make_sample
from tests.support.servers.chromium import ARGUMENTS, CHROMIUM
from tests.support.servers.serving import serving_folder

CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
PROMISED = (95, 100, 100, 100)
PAGES = {
    "EPUB": ("/read/{}", "湘江船歌"),
    "PDF": ("/read/{}", "四季菜园"),
    "text": ("/read/{}?text=1", "湘江船歌"),
    "film": ("/watch/{}", "春梢怎么管"),
    "sound": ("/watch/{}", "柑橘手记：立春看土"),
}


def run() -> None:
    """Print the four scores of each page, and the audits that took from them."""
    program = os.environ.get("LIGHTHOUSE") or shutil.which("lighthouse")
    if not program:
        print("not run: there is no lighthouse; LIGHTHOUSE names its program")
        return
    with tempfile.TemporaryDirectory() as temporary:
        files = Path(temporary) / "files"
        make_sample(files)
        with serving_folder(files, Path(temporary) / "home") as (address, ids):
            for name, (path, title) in PAGES.items():
                report = _examine(program, address + path.format(ids[title]), Path(temporary) / "report.json")
                scores = [round(report["categories"][category]["score"] * 100) for category in CATEGORIES]
                print(f"{name}: {scores} of {list(PROMISED)} {', '.join(_losses(report))}", flush=True)


def _examine(program: str, address: str, written: Path) -> dict[str, Any]:
    command = [
        program, address, "--quiet", "--output=json", f"--output-path={written}",
        f"--chrome-flags=--headless=new {' '.join(ARGUMENTS)}",
    ]  # fmt: skip
    environment = {"CHROME_PATH": CHROMIUM, **os.environ}
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=300)
    report: dict[str, Any] = json.loads(written.read_text("utf-8"))
    return report


def _losses(report: dict[str, Any]) -> list[str]:
    """The audits that count and have less than 90, with what was seen."""
    losses = []
    for category in report["categories"].values():
        for reference in category["auditRefs"]:
            audit = report["audits"][reference["id"]]
            if reference["weight"] and audit["score"] is not None and audit["score"] < 0.9:
                losses.append(f"{audit['id']} {audit.get('displayValue', '')}".strip())
    return losses
