"""Messages and stored sentences in the language of a reader, by the `gettext` of the face that shows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from library_server.translations.message_catalogs import CAUSE
from library_server.translations.sentences import SENTENCES
from storage_config.messages import Message, Parameter, load_messages

Gettext = Callable[[str], str]


def render(message: Message, gettext: Gettext) -> str:
    """Return the sentence of a message. A code that has none, of another version, is shown with its parameters."""
    sentence = SENTENCES.get(message.code)
    if sentence is None:
        return str(message)
    values = {name: _render_parameter(value, gettext) for name, value in message.parameters.items()}
    try:
        text = gettext(sentence) % values
    except KeyError:  # stored by a version with other parameters
        return str(message)
    detail = message.parameters.get("detail")
    return f"{text} ({detail})" if detail else text


def _render_parameter(value: Parameter, gettext: Gettext) -> str | int:
    if isinstance(value, str | int):
        return value
    messages = [value] if isinstance(value, Message) else value
    return "; ".join(render(message, gettext) for message in messages)


def translate(text: str, gettext: Gettext) -> str:
    """Return a stored text: messages as JSON, or a sentence of the catalogue that a detail in brackets may follow.

    The cause that may follow is left out. What earlier versions stored, a sentence in both languages, stays as it is.
    """
    if text.startswith("[") and (messages := load_messages(text)) is not None:
        return "; ".join(render(message, gettext) for message in messages)
    sentence, bracket, detail = text.partition(CAUSE)[0].partition(" (")
    return gettext(sentence) + bracket + detail if sentence else text


def cause_of(text: str) -> str:
    """Return the cause of a stored sentence, in the words of a parser; empty where there is none."""
    return text.partition(CAUSE)[2]


def translate_problems(problems: Sequence[Mapping[str, Any]], gettext: Gettext) -> list[dict[str, Any]]:
    """Return the cells of a rejected row, with what was expected in the reader's language."""
    return [{**cell, "expected": translate(cell.get("expected", ""), gettext)} for cell in problems]
