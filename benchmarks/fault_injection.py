"""One function of describe, store, write or index raises at a random call (`FAULTS` times, default 500; `SEED`).

Each time a folder of every kind is taken into a fresh library. All other entries must be in, each once; what was
rejected must come in with the same command; store, database, jobs and index must agree.
"""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from pathlib import Path

import structlog

from tests.support.faults import TARGETS, Fault, FaultRuns


def run() -> None:
    """Print how many faults rejected how many entries, by stage, and those that broke a promise."""
    faults, seed = int(os.environ.get("FAULTS", "500")), int(os.environ.get("SEED", "14"))
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "log.jsonl").open("w") as log:
        structlog.configure(processors=[structlog.processors.JSONRenderer()],
                            logger_factory=structlog.PrintLoggerFactory(log))  # fmt: skip
        runs = FaultRuns(Path(folder), seed)
        rejected: dict[str, Counter[int]] = {stage: Counter() for stage in TARGETS}
        broken = []
        for fault in runs.faults(faults):
            try:
                rejected[_stage(fault)][runs.run(fault)] += 1
            except Exception as error:
                broken.append(f"{fault}: {type(error).__name__}: {error}")
        for stage, counts in rejected.items():
            by_number = ", ".join(f"{number} rejected: {count}" for number, count in sorted(counts.items()))
            print(f"{stage}: {counts.total()} faults; {by_number}")
        print(f"{runs.expected.seen} entries a run, {faults} faults, {len(broken)} broke a promise")
        print(*broken, sep="\n")
        assert not broken


def _stage(fault: Fault) -> str:
    return next(stage for stage, targets in TARGETS.items() if (fault.owner, fault.name) in targets)
