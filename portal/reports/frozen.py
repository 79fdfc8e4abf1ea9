"""A summary as plain JSON values and back, so that it can be kept and read again unchanged."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import types
import typing
from collections.abc import Iterator
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Any

from portal.reports.summary import Summary

#: so deep lie the comments: summary, clauses, clause, comments
_DEPTH = 4

#: what is said of a summary, not in it
_OUTSIDE = ("digest", "is_public")


def freeze(summary: Summary) -> dict[str, Any]:
    """The summary as JSON values: dates in ISO form, enumerations by value."""
    content: dict[str, Any] = _plain(summary)
    for name in _OUTSIDE:
        del content[name]
    return content


def thaw(content: dict[str, Any]) -> Summary:
    """The summary behind the JSON values of freeze(). Raises KeyError or ValueError for anything else."""
    summary: Summary = _value(Summary, content)
    return summary


def digest(content: dict[str, Any]) -> str:
    """SHA-256 of the content as one JSON text with sorted keys, whatever order a database keeps its keys in.

    The text of fifty thousand comments is never there as a whole: each comment is written and forgotten.
    """
    found = hashlib.sha256()
    for piece in _written(content, _DEPTH):
        found.update(piece.encode())
    return found.hexdigest()


def _written(value: Any, depth: int) -> Iterator[str]:
    """The pieces that json.dumps() would write as one, down to a depth."""
    if depth and value and isinstance(value, dict):
        begins = "{"
        for key in sorted(value):
            yield f"{begins}{json.dumps(key, ensure_ascii=False)}: "
            yield from _written(value[key], depth - 1)
            begins = ", "
        yield "}"
    elif depth and value and isinstance(value, list):
        begins = "["
        for item in value:
            yield begins
            yield from _written(item, depth - 1)
            begins = ", "
        yield "]"
    else:
        yield json.dumps(value, ensure_ascii=False, sort_keys=True)


def plain(value: Any) -> Any:
    """Any value of dataclasses, tuples, dates and enumerations as JSON values."""
    return _plain(value)


def value_of(kind: Any, content: Any) -> Any:
    """The value of a type behind the JSON values of plain()."""
    return _value(kind, content)


def _is_asked_for(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):  # a datetime is a date too
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value


def _value(kind: Any, value: Any) -> Any:
    origin = typing.get_origin(kind)
    arguments = typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        if value is None:
            return None
        return _value(next(argument for argument in arguments if argument is not type(None)), value)
    if origin is tuple:
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return tuple(_value(arguments[0], item) for item in value)
        return tuple(_value(argument, item) for argument, item in zip(arguments, value, strict=True))
    if origin is dict:
        return dict(value)
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        hints = _hints(kind)
        # a summary kept before a field was thought of has its default
        present = [field for field in dataclasses.fields(kind) if field.name in value or _is_asked_for(field)]
        return kind(**{field.name: _value(hints[field.name], value[field.name]) for field in present})
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value)
    if kind in (datetime, date):
        return kind.fromisoformat(value)
    return value
