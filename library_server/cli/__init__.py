"""`tianyuan`: the commands of librarians and operators. Each is imported when it is called."""

from __future__ import annotations

import sys
from typing import Any, cast

import click

from library_server import __version__
from library_server.cli.errors import sentence_of
from library_server.cli.localization.language import choose_language, translate_click
from library_server.cli.localization.translated_help import translate_help
from library_server.lazy_imports import hidden_module, import_string, lazy_imports
from library_server.translations.message_catalogs import LANGUAGES

with hidden_module("rich"):  # structlog would import it with all of Pygments, to colour tracebacks
    import structlog

# the function of each command, by import string
COMMANDS = {
    "ingest": "ingest_tools.cli.ingest:ingest",
    "batches": "library_server.cli.batches:batches",
    "retry": "ingest_tools.cli.ingest:retry",
    "same": "library_server.cli.duplicates:same",
    "history": "library_server.cli.duplicates:history",
    "machine": "library_server.cli.review:machine",
    "export": "library_server.cli.export:export_command",
    "search": "library_server.cli.search:search",
    "index": "library_server.cli.search:index",
    "storage": "library_server.cli.storage:storage",
    "backup": "library_server.cli.backup:backup",
    "restore": "library_server.cli.backup:restore",
    "desk": "library_server.cli.desk:desk",
    "serve": "library_server.cli.serve:serve",
    "worker": "library_server.cli.serve:worker",
    "demo": "ingest_tools.cli.demo:demo",
}


class _Commands(click.Group):
    def make_context(self, *given: Any, **options: Any) -> click.Context:
        """Return the context of a command, whose errors Click says in its language."""
        translate_click()
        return super().make_context(*given, **options)

    def invoke(self, context: click.Context) -> object:
        """Run a command; end it with one sentence where settings, store, database or disk cannot be used."""
        try:
            return super().invoke(context)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            sentence = sentence_of(error)
            if sentence is None:
                raise
            raise click.ClickException(sentence) from error

    def get_help(self, context: click.Context) -> str:
        """Return the help, in the language of the command; `translate_help` does not reach the command that
        calls it.
        """
        translated = translate_help(self)
        return super(_Commands, cast(_Commands, translated)).get_help(context)

    def list_commands(self, _context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        with lazy_imports():
            return translate_help(cast(click.Command, import_string(COMMANDS[name])))


@click.group(cls=_Commands)
@click.version_option(__version__)
@click.option(
    "--lang",
    type=click.Choice(LANGUAGES),
    is_eager=True,
    expose_value=False,
    callback=choose_language,
    help="Language of what is printed; that of LC_ALL, LC_MESSAGES or LANG if unset, else Chinese.",
)
def main() -> None:
    """Tianyuan Digital Library."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
