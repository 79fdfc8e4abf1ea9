"""Which of many texts are worth comparing: those that stand near one another in one of ninety-six sorted bands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from portal.analysis.engine import IN_PROCESS
from portal.analysis.sketches import AGREEING, PERMUTATIONS, Signatures, band_key, worth_comparing

Pairs = npt.NDArray[np.uint64]
Number = TypeVar("Number", bound=np.generic)

#: how far a text looks to either side among those with the same head. Up to so many more texts all meet all.
REACH = 8
#: where more share one head it looks only so far
_SHORT_REACH = 2
#: where very many do, because they quote the same clause or are a great campaign, it looks at the next one, and only if
#: the tail is the same too: what sets a text apart from the many is in other bands
_MANY = 32
_AT_ONCE = 8
_HALF = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)


def candidates(signed: Signatures, is_settled: npt.NDArray[np.bool_]) -> Iterator[Pairs]:
    """Pairs of rows worth comparing, some bands at a time, never the same pair twice; each is lower << 32 | higher.

    Whoever iterates may set `is_settled` for rows that know enough neighbours: two such are not paired any more.
    This is done where the signatures are: to send them elsewhere would take longer than to look at them.
    """
    bytes_of = signed[:, :PERMUTATIONS].astype(np.uint8)
    met = np.empty(0, np.uint64)
    for begin in range(0, PERMUTATIONS, _AT_ONCE):
        found = IN_PROCESS.map(
            lambda first: neighbours(band_key(signed, first), is_settled), range(begin, begin + _AT_ONCE)
        )
        pairs = once(np.concatenate(list(found)))
        parts = (pairs[part : part + 100_000] for part in range(0, len(pairs), 100_000))
        agreeing = IN_PROCESS.map(lambda part: _agreeing(part, signed, bytes_of), parts)
        alike = np.concatenate([np.empty(0, np.uint64), *agreeing])
        alike = alike[~_among(alike, met)]
        met = np.sort(np.concatenate((met, alike)))
        yield alike


def neighbours(keys: npt.NDArray[np.uint64], is_settled: npt.NDArray[np.bool_]) -> Pairs:
    """The pairs of one band."""
    order = np.argsort(keys)
    heads = (keys[order] >> _HALF).astype(np.uint32)
    begins = np.flatnonzero(np.concatenate(([True], heads[1:] != heads[:-1])))
    sizes = np.diff(begins, append=len(heads))
    # Most heads are of one text only, so what is sorted further is little.
    among = np.repeat(sizes > 1, sizes)
    order, size, heads = order[among], np.repeat(sizes, sizes)[among], heads[among]
    whole = keys[order]
    found = [np.empty(0, np.uint64)]
    for step in range(1, REACH + 1):
        is_pair = heads[step:] == heads[:-step]
        is_pair &= size[step:] <= (_MANY if step <= _SHORT_REACH else REACH + 1)
        if step == 1:
            is_pair |= whole[1:] == whole[:-1]
        at = np.flatnonzero(is_pair)
        one, two = order[at], order[at + step]
        is_open = ~(is_settled[one] & is_settled[two])
        one, two = one[is_open], two[is_open]
        found.append(np.minimum(one, two).astype(np.uint64) << _HALF | np.maximum(one, two).astype(np.uint64))
    return np.concatenate(found)


def once(values: npt.NDArray[Number]) -> npt.NDArray[Number]:
    """The values in order, each once: numpy's own way takes ten times as long."""
    ordered: npt.NDArray[Number] = np.sort(values)
    is_first = np.ones(len(ordered), bool)
    is_first[1:] = ordered[1:] != ordered[:-1]
    return ordered[is_first]


def apart(pairs: Pairs) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The lower and the higher row of each pair."""
    return (pairs >> _HALF).astype(np.int64), (pairs & _LOW).astype(np.int64)


def _agreeing(pairs: Pairs, signed: Signatures, bytes_of: npt.NDArray[np.uint8]) -> Pairs:
    """The pairs worth comparing. Most are not, and their lowest bytes are enough to see it."""
    found = [np.empty(0, np.uint64)]
    for begin in range(0, len(pairs), 2_000):
        part = pairs[begin : begin + 2_000]
        one, two = apart(part)
        agreed = np.packbits(bytes_of[one] == bytes_of[two], axis=1).view(np.uint32)
        part = part[np.bitwise_count(agreed).sum(axis=1) >= AGREEING]
        one, two = apart(part)
        found.append(part[worth_comparing(signed[one], signed[two])])
    return np.concatenate(found)


def _among(values: Pairs, others: Pairs) -> npt.NDArray[np.bool_]:
    """Which values stand in a sorted array."""
    if not others.size:
        return np.zeros(len(values), bool)
    at = np.minimum(np.searchsorted(others, values), len(others) - 1)
    return np.asarray(others[at] == values)
