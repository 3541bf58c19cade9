"""Messages for people without a language: the code of a sentence and its parameters."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Union

Parameter = Union[str, int, "Message", Sequence["Message"]]


@dataclass(frozen=True)
class Message:
    """The code of a sentence and what is put into it; the sentence itself is chosen where it is shown.

    The parameter `detail` is the text of another program, in any language; it follows the sentence in brackets.
    """

    code: str
    parameters: Mapping[str, Parameter] = field(default_factory=dict)

    def __str__(self) -> str:
        """English, for logs: the words of the code, then the parameters."""
        words = self.code.replace("_", " ")
        values = ", ".join(f"{name}={_to_plain(value)}" for name, value in self.parameters.items() if value != "")
        return f"{words}: {values}" if values else words


def _to_plain(value: Parameter) -> str:
    return str(value) if isinstance(value, str | int | Message) else "; ".join(map(str, value))


class CodedError(Exception):
    """Base of errors that are shown to people.

    `code` is stable. `message` is what happened; it has a code of its own where `code` has several sentences.
    """

    code = "failed"

    def __init__(self, reason: str | None = None, /, **parameters: Parameter) -> None:
        self.message = Message(reason or self.code, parameters)
        super().__init__(str(self.message))

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled without a call of `__init__`, whose arguments are not those of `Exception`."""
        return _restore_error, (type(self), self.args), self.__dict__


def _restore_error(kind: type[CodedError], arguments: tuple[Any, ...]) -> CodedError:
    return kind.__new__(kind, *arguments)


def dump_messages(messages: Sequence[Message]) -> str:
    """Messages as JSON, to be stored and shown later; an empty text for none."""
    if not messages:
        return ""
    return json.dumps([{"code": message.code, **message.parameters} for message in messages], ensure_ascii=False)


def load_messages(text: str) -> list[Message] | None:
    """Return what `dump_messages` wrote; None for any other text."""
    try:
        values = json.loads(text)
        return [Message(value.pop("code"), value) for value in values]
    except (ValueError, TypeError, AttributeError, KeyError):
        return None
