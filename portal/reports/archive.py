"""A zip archive whose bytes depend on its content alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

# The earliest instant a zip archive can state; office programs take no notice of it.
_NO_DATE = (1980, 1, 1, 0, 0, 0)
_CHUNK = 1 << 16


def pack(members: Iterable[tuple[str, Iterable[str]]]) -> bytes:
    """The archive of (name, pieces of text) in the order given, every member with the same fixed date.

    The pieces are compressed as they come, so that a long document never stands in memory whole.
    """
    target = BytesIO()
    with ZipFile(target, "w") as archive:
        for name, pieces in members:
            entry = ZipInfo(name, _NO_DATE)
            entry.compress_type = ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            with archive.open(entry, "w") as member:
                for batch in batches(pieces):
                    member.write(batch.encode())
    return target.getvalue()


def batches(pieces: Iterable[str]) -> Iterator[str]:
    """The pieces joined into strings of some 64,000 characters: few enough to be quick, short enough to be light."""
    waiting: list[str] = []
    length = 0
    for piece in pieces:
        waiting.append(piece)
        length += len(piece)
        if length >= _CHUNK:
            yield "".join(waiting)
            waiting, length = [], 0
    yield "".join(waiting)
