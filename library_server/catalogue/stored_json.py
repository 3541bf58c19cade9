"""Dataclasses that are stored as JSON. Reading never rejects a stored value, and loses none of another version.

A key without a field, or with a value of another type than its field, is kept in `extra` and written again. Null is
the same as a missing key. A field without a default is always written, any other where it differs from its default.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from types import UnionType
from typing import Any, Self, get_args, get_origin, get_type_hints

_INTEGER_BITS = 63
_Reader = Callable[[Any], Any]


class UnexpectedTypeError(Exception):
    """A JSON value that is not of the type that is read."""


@dataclass(frozen=True, kw_only=True)
class StoredJson:
    """The base of dataclasses that are stored as JSON; `extra` holds what is stored but has no field."""

    extra: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_json(cls, value: object) -> Self:
        """From a JSON value; anything but an object is read as an empty one.

        Raises `UnexpectedTypeError` where a field without a default is missing.
        """
        schema, values, extra = _schema_of(cls), {}, {}
        for name, stored in value.items() if isinstance(value, dict) else ():
            try:
                if name not in schema.readers:
                    extra[name] = stored
                elif stored is not None:
                    values[name] = schema.readers[name](stored)
            except UnexpectedTypeError:
                extra[name] = stored
        if not schema.required <= values.keys():
            raise UnexpectedTypeError
        return cls(extra=extra, **values)

    def to_json(self) -> dict[str, Any]:
        """As a JSON object; its lists and objects may be shared with this value."""
        schema, stored = _schema_of(type(self)), dict(self.extra)
        for name in schema.readers:
            value = getattr(self, name)
            if name in schema.required or value != schema.defaults[name]:
                stored[name] = _to_json_value(value)
        return stored


@dataclass(frozen=True)
class _Schema:
    """The fields of a class by name: what reads each, and the defaults of those that have one."""

    readers: Mapping[str, _Reader]
    defaults: Mapping[str, Any]
    required: frozenset[str]


_schemas: dict[type[StoredJson], _Schema] = {}


def _schema_of(cls: type[StoredJson]) -> _Schema:
    if cls not in _schemas:
        readers = {name: _make_reader(kind) for name, kind in get_type_hints(cls).items() if name != "extra"}
        defaults = {
            json_field.name: json_field.default
            if json_field.default_factory is MISSING
            else json_field.default_factory()
            for json_field in fields(cls)
            if json_field.default is not MISSING or json_field.default_factory is not MISSING
        }
        _schemas[cls] = _Schema(readers, defaults, frozenset(readers.keys() - defaults.keys()))
    return _schemas[cls]


def _make_reader(kind: Any) -> _Reader:
    """Return the reader of an annotated type: a scalar, a list or object of one type, a dataclass, or one of these or
    None.
    """
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is UnionType:
        return _make_reader(next(argument for argument in arguments if argument is not type(None)))
    if origin is tuple and arguments[-1] is Ellipsis:
        return functools.partial(_read_list, _make_reader(arguments[0]))
    if origin is Mapping:
        return functools.partial(_read_object, _make_reader(arguments[1]))
    if issubclass(kind, StoredJson):
        return functools.partial(_read_nested, kind)
    if issubclass(kind, tuple):  # a named tuple, stored as a list
        return functools.partial(
            _read_named_tuple, kind, [_make_reader(annotation) for annotation in get_type_hints(kind).values()]
        )
    return _SCALARS[kind]


def _read_list(read: _Reader, value: object) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise UnexpectedTypeError
    return tuple(read(item) for item in value)


def _read_object(read: _Reader, value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise UnexpectedTypeError
    return {name: read(item) for name, item in value.items()}


def _read_nested(kind: type[StoredJson], value: object) -> StoredJson:
    if not isinstance(value, dict):
        raise UnexpectedTypeError
    return kind.from_json(value)


def _read_named_tuple(kind: Callable[..., tuple[Any, ...]], readers: list[_Reader], value: object) -> tuple[Any, ...]:
    if not isinstance(value, list) or len(value) != len(readers):
        raise UnexpectedTypeError
    return kind(*(read(item) for read, item in zip(readers, value, strict=True)))


def _read_text(value: object) -> str:
    if not isinstance(value, str):
        raise UnexpectedTypeError
    return value


def _read_flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise UnexpectedTypeError
    return value


def _read_integer(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value.bit_length() > _INTEGER_BITS:
        raise UnexpectedTypeError
    return value


def _read_number(value: object) -> float:
    if isinstance(value, float) and math.isfinite(value):
        return value
    return _read_integer(value)


_SCALARS: dict[Any, _Reader] = {str: _read_text, bool: _read_flag, int: _read_integer, float: _read_number}


def _to_json_value(value: Any) -> Any:
    if isinstance(value, StoredJson):
        return value.to_json()
    if isinstance(value, tuple):
        return [_to_json_value(item) for item in value]
    if isinstance(value, Mapping):
        return {name: _to_json_value(item) for name, item in value.items()}
    return value
