"""Options that take an amount with its unit: `--budget 2h`, `--rate 50MB/s`, `--usable 3TB`, `--growth 25%`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from library_server.cli.localization.language import gettext as _
from library_server.translations.rendering import render
from storage_config import units


class Amount(click.ParamType[Any]):
    """An amount read by one of the functions of `storage_config.units`."""

    def __init__(self, name: str, read: Callable[[str], Any]) -> None:
        self.name = name
        self._read = read

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> Any:
        """Return the amount as a number, or a sentence that says what is allowed."""
        if not isinstance(value, str):
            return value
        try:
            return self._read(value)
        except units.InvalidAmount as error:
            self.fail(render(error.message, _), param, context)


BYTES = Amount("bytes", units.parse_size)
RATE = Amount("bytes/s", units.parse_rate)
SECONDS = Amount("duration", units.parse_duration)
SHARE = Amount("share", units.parse_percentage)
