"""Fields in the original script, which MARC 21 keeps in 880 linked to their transcription (Appendix A, model A)."""

from __future__ import annotations

import re
from dataclasses import replace

from pymarc import Field, Indicators, Record, Subfield

from library_server.exchange.bibliographic import Bibliographic, deduplicate

_LINK = re.compile(r"(?P<tag>\d{3})-(?P<number>\d{2})")
_UNLINKED = "00"


def with_originals(record: Record) -> Record | None:
    """Return the record with each transcribed field replaced by its original; None where it has no such fields.

    A field 880 that belongs to none (number 00, or a number that no field has) is added as the field it stands for.
    """
    originals: dict[tuple[str, str], Field] = {}
    unlinked: list[Field] = []
    for field in record.get_fields("880"):
        if (link := _parse_link(field)) is None:
            continue
        made = _copy_with_tag(field, link[0])
        if link[1] == _UNLINKED or link in originals:
            unlinked.append(made)
        else:
            originals[link] = made
    if not originals and not unlinked:
        return None
    replaced = Record(leader=str(record.leader))
    for field in record.fields:
        link = _parse_link(field) if field.tag != "880" and not field.is_control_field() else None
        original = originals.pop((field.tag, link[1]), None) if link and link[0] == "880" else None
        replaced.add_field(original or field)
    replaced.add_field(*originals.values(), *unlinked)
    return replaced


def with_transcriptions(described: Bibliographic, transcribed: Bibliographic) -> Bibliographic:
    """Return a description in the original script that can also be found by the transcription of its titles and
    names.
    """
    titles = [transcribed.title] if transcribed.title not in {"", described.title} else []
    own = {agent.name for agent in described.agents}
    names = deduplicate(agent.name for agent in transcribed.agents if agent.name not in own)
    return replace(
        described,
        variant_titles=deduplicate([*described.variant_titles, *titles, *transcribed.variant_titles]),
        notes=[*described.notes, *([f"转写：{'；'.join(names)}"] if names else [])],
    )


def _parse_link(field: Field) -> tuple[str, str] | None:
    """Return the tag and number that $6 names: `880-01`, or in 880 itself `245-01/$1`."""
    link = _LINK.match(next(iter(field.get_subfields("6")), ""))
    return (link["tag"], link["number"]) if link else None


def _copy_with_tag(field: Field, tag: str) -> Field:
    subfields = [Subfield(code=part.code, value=part.value) for part in field.subfields if part.code != "6"]
    return Field(tag=tag, indicators=Indicators(field.indicator1, field.indicator2), subfields=subfields)
