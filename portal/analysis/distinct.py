"""Many texts told apart: which are the same text, letter for letter, and the letters of each distinct one."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice, pairwise

import numpy as np
import numpy.typing as npt

from portal.analysis.letters import Codes, folded
from portal.analysis.sketches import LONGEST, SHORTEST, Starts, Units, shortened

#: so many texts, or texts of so many characters together, are folded at once
_AT_ONCE = 4_000
_CHARACTERS = 1_000_000


@dataclass(frozen=True, slots=True)
class Distinct:
    """Distinct texts in an order that depends on the texts alone, whatever order they came in."""

    #: what came: its number, and the row of its text; -1 for what has neither letter nor digit
    numbers: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int64]
    #: of each row: its letters one after another, where they begin, whether it is short, and how often it came
    units: Units
    starts: Starts
    is_short: npt.NDArray[np.bool_]
    copies: npt.NDArray[np.int64]
    #: sixteen bytes that tell the whole of the text from any other
    digests: npt.NDArray[np.void]


def told_apart(texts: Iterable[tuple[int, str]]) -> Distinct:
    """Reads numbered texts once; they need not be kept."""
    numbers, rows = array("q"), array("q")
    row_of: dict[bytes, int] = {}
    parts: list[Units] = []
    lengths: list[int] = []
    for part in _in_parts(texts):
        codes, starts = folded([text for _, text in part])
        is_new = np.zeros(len(part), bool)
        for i, digest in enumerate(_digests(codes, starts)):
            row = -1
            if digest:
                row = row_of.setdefault(digest, len(row_of))
                is_new[i] = row == len(lengths)
                if is_new[i]:
                    lengths.append(int(starts[i + 1] - starts[i]))
            numbers.append(part[i][0])
            rows.append(row)
        kept = codes[np.repeat(is_new, np.diff(starts))]
        bounds = np.concatenate(([0], np.cumsum(np.diff(starts)[is_new])))
        parts.append(shortened(kept, bounds)[0])
    return _ordered(np.array(numbers, np.int64), np.array(rows, np.int64), list(row_of), parts, lengths)


def digest_of(text: str) -> bytes:
    """The same sixteen bytes for one text; empty if it has neither letter nor digit."""
    return next(_digests(*folded((text,))))


def _in_parts(texts: Iterable[tuple[int, str]]) -> Iterator[list[tuple[int, str]]]:
    """Some texts at a time: a few thousand, or fewer if they are long."""
    left = iter(texts)
    while part := list(islice(left, 1)):
        characters = len(part[0][1])
        while characters < _CHARACTERS and len(part) < _AT_ONCE and (more := next(left, None)):
            part.append(more)
            characters += len(more[1])
        yield part


def _digests(codes: Codes, starts: Starts) -> Iterator[bytes]:
    """What tells the whole of each text from any other; empty for a text without letters."""
    letters = codes.tobytes()
    places = (starts * 4).tolist()
    for begin, end in pairwise(places):
        yield blake2b(letters[begin:end], digest_size=16).digest() if end > begin else b""


def _ordered(
    numbers: npt.NDArray[np.int64],
    rows: npt.NDArray[np.int64],
    digests: list[bytes],
    parts: list[Units],
    whole_lengths: list[int],
) -> Distinct:
    """The rows put in the order of their digests."""
    halves = np.frombuffer(b"".join(digests), ">u8").reshape(-1, 2)
    order = np.lexsort((halves[:, 1], halves[:, 0]))
    units = np.concatenate([np.empty(0, np.uint16), *parts])
    parts.clear()
    whole = np.array(whole_lengths, np.int64)
    lengths = np.minimum(whole, LONGEST)
    starts = np.concatenate(([0], np.cumsum(lengths)))
    moved = np.empty_like(units)
    bounds = np.concatenate(([0], np.cumsum(lengths[order])))
    for begin in range(0, len(order), _AT_ONCE):
        part = order[begin : begin + _AT_ONCE]
        first, last = bounds[begin], bounds[begin + len(part)]
        places = np.arange(first, last) + np.repeat(starts[part] - bounds[begin : begin + len(part)], lengths[part])
        moved[first:last] = units[places]
    place = np.empty(len(order) + 1, np.int64)
    place[order] = np.arange(len(order))
    place[-1] = -1  # no letters, no row
    rows = place[rows]
    return Distinct(
        numbers,
        rows,
        moved,
        bounds,
        whole[order] < SHORTEST,
        np.bincount(rows[rows >= 0], minlength=len(order)),
        halves[order].view(np.dtype("V16")).ravel(),
    )
