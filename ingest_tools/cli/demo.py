"""`demo`: fill an empty library with the sample collection and serve it."""

from __future__ import annotations

import os

import click

from library_server.cli.context import open_configured_library
from library_server.cli.localization.language import current_language
from library_server.cli.localization.language import gettext as _
from library_server.cli.output import console
from library_server.jobs.registry import available_tasks
from library_server.processes.interpreter import module_command, module_environment


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
def demo(host: str, port: int) -> None:
    """Fill an empty library with the sample collection, then serve it."""
    _fill_if_empty()
    console.print(f"http://{host}:{port}")
    command = module_command(
        "library_server.cli", "--lang", current_language(), "serve", "--host", host, "--port", str(port)
    )
    os.execve(command[0], command, module_environment())  # noqa: S606 - the command is our own


def _fill_if_empty() -> None:
    from ingest_tools.cli.ingest_runner import run_ingest
    from ingest_tools.pipeline.options import Options
    from ingest_tools.sample import make_sample
    from library_server.catalogue.records import queries
    from library_server.cli.background_work import work_until_done

    library = open_configured_library()
    with library.database.reading() as session:
        if queries.count_published(session):
            return
    console.print(_("正在准备样本馆藏……"))
    folder = make_sample(library.settings.home / "sample")
    report = run_ingest(
        library, [folder], Options(tasks=available_tasks(library.settings.transcribe_command), actor="demo")
    )
    work_until_done(library)
    console.print(_("%(count)s 种，%(seconds)s 秒", count=report.added, seconds=f"{report.seconds:.0f}"))
