"""`tianyuan`: the commands of librarians and operators. Each is imported when it is called."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import cast

import click
import structlog

from library_server import __version__
from library_server.cli.failures import sentence_of
from library_server.cli.importing import importing

COMMANDS = {
    "ingest": "bringing_in",
    "batches": "batches",
    "retry": "bringing_in",
    "same": "same",
    "history": "same",
    "machine": "machine",
    "export": "exporting",
    "search": "searching",
    "index": "searching",
    "storage": "storage",
    "desk": "desk",
    "serve": "running",
    "worker": "running",
    "demo": "running",
}


class _Commands(click.Group):
    def invoke(self, context: click.Context) -> object:
        """Settings, store, database or disk that cannot be used end any command with one sentence."""
        try:
            return super().invoke(context)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            sentence = sentence_of(error)
            if sentence is None:
                raise
            raise click.ClickException(sentence) from error

    def list_commands(self, _context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        with importing():
            module = import_module(f"library_server.cli.{COMMANDS[name]}")
        return cast(click.Command, getattr(module, f"{name}_command", None) or getattr(module, name))


@click.group(cls=_Commands)
@click.version_option(__version__)
def main() -> None:
    """天元数字图书馆 Tianyuan Digital Library."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
