"""What stylesheets may not rely on: phones have Chromium of 2018."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REFUSED = {
    "gap of a flexible box": "display: flex; gap: 4px;",
    "gap of what is not said to be a grid": "gap: 4px;",
    "height by ratio": "aspect-ratio: 3/4;",
    "height of the window that is seen": "height: 100dvh;",
    "the larger of two, with a variable": "min-height: 50px; min-height: max(50px, var(--tap));",
    "logical sides": "margin-inline: 4px;",
}
ACCEPTED = {
    "gap of a grid": "display: grid; gap: 4px;",
    "ratio where it is known": "height: 80px; @supports (aspect-ratio: 1) { & { aspect-ratio: 3/4; } }",
    "a height before": "height: 100vh; height: 100dvh;",
}
SELECTORS = {":focus-visible": False, "a:is(.x, .y)": False, ":not(.x, .y)": False, ":focus:not(:focus-visible)": True}


def faults_of(css: dict[str, str], tmp_path: Path) -> dict[str, bool]:
    """Whether the rule for old browsers refuses each stylesheet."""
    files = {tmp_path / f"{number}.css": name for number, name in enumerate(css)}
    for file, name in files.items():
        file.write_text(f"{css[name]}\n")
    config = {"plugins": [str(ROOT / "scripts/stylelint-old-browsers.mjs")], "rules": {"library/old-browsers": True}}
    (tmp_path / "config.json").write_text(json.dumps(config))
    stylelint = ROOT / "node_modules/stylelint/bin/stylelint.mjs"
    options = ["--config", str(tmp_path / "config.json"), "--formatter", "json"]
    command = [str(ROOT / "scripts/node"), str(stylelint), *options, *map(str, files)]
    finished = subprocess.run(command, capture_output=True, check=False, cwd=ROOT)
    report = json.loads(finished.stdout or finished.stderr)
    return {files[Path(entry["source"])]: bool(entry["warnings"]) for entry in report}


@pytest.mark.slow
def test_what_old_browsers_leave_out_is_refused(tmp_path: Path) -> None:
    rules = {name: f".box {{ {body} }}" for name, body in (REFUSED | ACCEPTED).items()}
    selectors = {selector: f"{selector} {{ color: red; }}" for selector in SELECTORS}
    expected = {name: name in REFUSED for name in rules} | {name: not known for name, known in SELECTORS.items()}
    assert faults_of(rules | selectors, tmp_path) == expected
