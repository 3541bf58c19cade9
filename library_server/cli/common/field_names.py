"""Fields of a record, and what was changed in them, as the command line says it."""

from __future__ import annotations

from typing import Any

from library_server.cli.common.language import gettext as _
from library_server.translations import field_values

_SHOWN = 60


def field_name(field: str) -> str:
    """A field in the language of the command; the name itself of one that has none."""
    return field_values.field_name(field, _)


def shown_value(field: str, value: Any) -> str:
    """A value of a field in one line, cut where it is long."""
    text = field_values.value_text(field, value, _)
    return f"{text[:_SHOWN]}……" if len(text) > _SHOWN else text or _("（空）")


def change_line(field: str, old: Any, new: Any, place: str = "") -> str:
    """A changed field in one line: its name, its value before and after."""
    name = f"{field_name(field)} {place}".strip()
    return _("%(name)s：%(old)s → %(new)s", name=name, old=shown_value(field, old), new=shown_value(field, new))
