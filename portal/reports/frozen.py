"""A summary as one JSON text and back, so that it can be kept and read again unchanged.

The text of fifty thousand comments is never there as a whole, nor are its values: it is written, hashed, packed and
read again piece by piece, a comment at a time. Packed, each piece is a line of its own; the digest is of the text
without those line ends, and so is that of a summary that was kept before there was packing.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import gzip
import hashlib
import itertools
import json
import types
import typing
import zlib
from collections.abc import Iterator
from datetime import date, datetime
from enum import Enum
from functools import cache
from io import BytesIO
from typing import Any

from portal.reports.summary import Summary

#: so deep lie the comments: summary, clauses, clause, comments
_DEPTH = 4
#: what is said of a summary, not in it
_OUTSIDE = frozenset({"digest", "is_public"})
#: of most comments many others say the same: little work packs them as well as much
_EFFORT = 3


@dataclasses.dataclass(frozen=True, slots=True)
class Packed:
    """A summary as it is kept: the packed text, in letters, and the SHA-256 of the text itself."""

    content: str
    digest: str


def pack(summary: Summary) -> Packed:
    """The summary packed, with its digest, in one pass; the same summary gives the same letters."""
    found, target = hashlib.sha256(), BytesIO()
    with gzip.GzipFile(fileobj=target, mode="wb", compresslevel=_EFFORT, mtime=0) as packed:
        for piece in _written(summary, _DEPTH):
            raw = piece.encode()
            found.update(raw)
            packed.write(raw + b"\n")
    return Packed(base64.b64encode(target.getbuffer()).decode("ascii"), found.hexdigest())


def unpack(content: str | dict[str, Any], digest: str) -> Summary:
    """The summary that was packed. Raises ValueError when it is not what the digest was taken of.

    What was kept before there was packing is there as JSON values.
    """
    summary: Summary
    if isinstance(content, dict):
        found = hashlib.sha256()
        for piece in _written(content, _DEPTH):
            found.update(piece.encode())
        summary = _value(Summary, content)
        matches = found.hexdigest() == digest
    else:
        try:
            reader = _Reader(base64.b64decode(content, validate=True))
            summary = reader.read(Summary)
            matches = reader.digest() == digest
        except (binascii.Error, OSError, EOFError, zlib.error, LookupError, TypeError) as fault:
            raise ValueError(f"cannot be unpacked: {fault}") from fault
    if not matches:
        raise ValueError("this is not what the digest was taken of")
    return summary


def _written(value: Any, depth: int) -> Iterator[str]:
    """The pieces that json.dumps() would write as one, keys in order, down to a depth.

    A piece begins or parts a collection that lies above that depth, or is a whole value; none has a line end in it.
    """
    if depth and dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = sorted(field.name for field in dataclasses.fields(value))
        left_out = _OUTSIDE if isinstance(value, Summary) else frozenset()
        yield from _keyed({name: getattr(value, name) for name in names if name not in left_out}, depth)
    elif depth and value and isinstance(value, dict):
        yield from _keyed(value, depth)
    elif depth and value and isinstance(value, list | tuple):
        begins = "["
        for item in value:
            yield begins
            yield from _written(item, depth - 1)
            begins = ", "
        yield "]"
    else:
        yield json.dumps(_plain(value), ensure_ascii=False, sort_keys=True)


def _keyed(values: dict[str, Any], depth: int) -> Iterator[str]:
    begins = "{"
    for key in sorted(values):
        yield f"{begins}{json.dumps(key, ensure_ascii=False)}: "
        yield from _written(values[key], depth - 1)
        begins = ", "
    yield "}"


class _Reader:
    """Reads the pieces of a packed summary into the values they are of, one after the other."""

    def __init__(self, packed: bytes) -> None:
        self._lines = gzip.GzipFile(fileobj=BytesIO(packed))
        self._found = hashlib.sha256()
        self._alike: dict[str, str] = {}

    def read(self, kind: Any) -> Any:
        """The value that comes next, of a type."""
        return self._read(kind, self._piece())

    def digest(self) -> str:
        """The digest of everything. Raises ValueError when more follows than was read."""
        if self._lines.read(1):
            raise ValueError("there is more than a summary")
        return self._found.hexdigest()

    def _piece(self) -> bytes:
        line = self._lines.readline()
        if not line.endswith(b"\n"):
            raise EOFError("it ends too early")
        piece = line[:-1]
        self._found.update(piece)
        return piece

    def _read(self, kind: Any, piece: bytes) -> Any:
        if piece == b"[":
            return self._items(_kinds_of_items(_without_none(kind)))
        if piece.startswith(b"{") and piece.endswith(b": "):
            return self._fields(_without_none(kind), piece)
        return _value(kind, json.loads(piece, object_hook=self._once))

    def _items(self, kinds: Iterator[Any]) -> tuple[Any, ...]:
        found, piece = [], b", "
        while piece == b", ":
            found.append(self.read(next(kinds, Any)))
            piece = self._piece()
        return tuple(found)

    def _fields(self, kind: Any, piece: bytes) -> Any:
        hints = _hints(kind) if isinstance(kind, type) and dataclasses.is_dataclass(kind) else None
        found = {}
        while piece != b"}":
            name = json.loads(piece[1:-2])
            # a field that is no longer thought of is read and left
            found[name] = self.read(hints.get(name, Any) if hints is not None else Any)
            piece = self._piece()
        if hints is None:
            return found
        return kind(**{name: value for name, value in found.items() if name in hints})

    def _once(self, values: dict[str, Any]) -> dict[str, Any]:
        """The same words once, however many comments say them."""
        alike = self._alike
        return {name: alike.setdefault(value, value) if type(value) is str else value for name, value in values.items()}


def _without_none(kind: Any) -> Any:
    if typing.get_origin(kind) in (types.UnionType, typing.Union):
        return next(argument for argument in typing.get_args(kind) if argument is not type(None))
    return kind


def _kinds_of_items(kind: Any) -> Iterator[Any]:
    """Of what types the items of a tuple are, one after the other."""
    arguments = typing.get_args(kind)
    is_of_any_length = len(arguments) == 2 and arguments[1] is Ellipsis
    return itertools.repeat(arguments[0]) if is_of_any_length else iter(arguments)


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
