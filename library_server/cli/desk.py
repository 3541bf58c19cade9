"""`desk`: the way in for librarians."""

from __future__ import annotations

import click

from library_server.cli.context import load_settings
from library_server.desk.auth import DeskAuth


@click.command()
@click.option("--base-url", help="Address of the library; TIANYUAN_BASE_URL, or http://127.0.0.1:8000, if unset.")
def desk(base_url: str | None) -> None:
    """Print a link that opens the librarians' pages within the hour, for twelve hours on the device that opens it."""
    settings = load_settings()
    address = (base_url or settings.base_url or "http://127.0.0.1:8000").rstrip("/")
    click.echo(f"{address}/desk/enter?key={DeskAuth(settings.signing_key()).create_login_token()}")
