"""Starts, bounds and kills the child that reads foreign bytes."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from pathlib import Path
from types import TracebackType

from ingest_tools.description import Description
from ingest_tools.lines import kill, read_line
from ingest_tools.refusals import Refused

SECONDS = 120
REQUESTS_A_CHILD = 2000
PARTING_SECONDS = 5.0


class Parser:
    """One child process at a time, started when first needed and again after it was killed or grew old."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._child: subprocess.Popen[bytes] | None = None
        self._served = 0

    def describe(self, path: Path, out: Path, joined: tuple[Path, ...] = (), *, covers: bool = True) -> Description:
        """Describe a file; derived files are written into `out`, pictures only with `covers`. Raises `Refused`."""
        request = {"path": str(path), "out": str(out), "joined": [str(one) for one in joined], "covers": covers}
        answer = self._ask((json.dumps(request) + "\n").encode("utf-8", "surrogateescape"))
        if "refused" in answer:
            raise Refused(str(answer["refused"]), str(answer["detail"]))
        described = answer["description"]
        assert isinstance(described, dict)
        return Description.from_json(described)

    def close(self) -> None:
        """Let the child end by itself, which it does when nobody asks any more; kill it where it does not."""
        if self._child is None:
            return
        assert self._child.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._child.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(PARTING_SECONDS)
        self._kill()

    def _kill(self) -> None:
        """End the child and all that it started, now."""
        if self._child is None:
            return
        kill(self._child)
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        self._child, self._served = None, 0

    def __enter__(self) -> Parser:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ask(self, request: bytes) -> dict[str, object]:
        child = self._started()
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            child.stdin.write(request)
            child.stdin.flush()
            answer = read_line(child.stdout.fileno(), self._seconds, bytearray())
        except BrokenPipeError as error:
            self._kill()
            raise Refused("parser_crashed") from error
        except Refused:
            self._kill()
            raise
        self._served += 1
        parsed: dict[str, object] = json.loads(answer)
        if parsed.get("refused") == "out_of_memory":
            self._kill()
        return parsed

    def _started(self) -> subprocess.Popen[bytes]:
        if self._served >= REQUESTS_A_CHILD:
            self.close()
        if self._child is None:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "ingest_tools.parsing_child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        return self._child
