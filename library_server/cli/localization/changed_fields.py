"""What was changed in the fields of a record, as the command line says it."""

from __future__ import annotations

from typing import Any

from library_server.cli.localization.language import gettext as _
from library_server.translations.field_names import field_name
from library_server.translations.field_values import value_text

_SHOWN = 60


def shown_value(field: str, value: Any) -> str:
    """Return a value of a field in one line, cut where it is long."""
    text = value_text(field, value, _)
    return f"{text[:_SHOWN]}……" if len(text) > _SHOWN else text or _("（空）")


def change_line(field: str, old: Any, new: Any, place: str = "") -> str:
    """Return a changed field in one line: its name, its value before and after."""
    name = f"{field_name(field, _)} {place}".strip()
    return _("%(name)s：%(old)s → %(new)s", name=name, old=shown_value(field, old), new=shown_value(field, new))
