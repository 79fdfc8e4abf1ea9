"""Where every comment of a consultation stands after grouping, as arrays: what is then written down, part by part.

An entry is one distinct text in one campaign, or alone. Equal texts are one entry, unless people parted them.
"""

from __future__ import annotations

import io
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from portal.analysis.campaigns import Group
from portal.analysis.distinct import Distinct

Numbers = npt.NDArray[np.int64]
Truths = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of some comments beside their words: one row for each, smallest number first."""

    numbers: Numbers
    submissions: Numbers
    #: those withdrawn do not stand, and are not counted
    stands: Truths
    #: microseconds since 1970
    received: Numbers


@dataclass(frozen=True, slots=True)
class Census:
    """The comments, the entries (in the order of their digests) and the groups."""

    #: of each comment: its number, its entry (-1 if it has no letters) and its group (-1 when alone)
    numbers: Numbers
    entry_of: Numbers
    group_of: Numbers
    #: of each entry: what tells its letters from others, its group, its first comment, how many stand, and whether what
    #: arrives is compared with it
    digests: npt.NDArray[np.uint8]
    entry_group: Numbers
    entry_first: Numbers
    entry_comments: Numbers
    is_centre: Truths
    #: of each group
    representative: Numbers
    #: the campaign before that goes on in it; 0 for a new one
    continues: Numbers
    is_short: Truths
    submissions: Numbers
    comments: Numbers
    texts: Numbers
    first_received: Numbers
    last_received: Numbers
    #: when and how the comments of the large ones came, by their place: letters of JSON
    came: npt.NDArray[np.uint8]

    def digest(self, entry: int) -> str:
        """The digest of an entry as it is stored."""
        return bytes(self.digests[entry]).hex()

    def packed(self) -> bytes:
        """The census in one piece."""
        out = io.BytesIO()
        np.savez_compressed(out, **{each.name: getattr(self, each.name) for each in fields(self)})
        return out.getvalue()

    @classmethod
    def unpacked(cls, packed: bytes) -> Census:
        """What `packed` gave."""
        with np.load(io.BytesIO(packed), allow_pickle=False) as arrays:
            return cls(**{each.name: arrays[each.name] for each in fields(cls)})


def taken(
    distinct: Distinct,
    groups: Sequence[Group],
    centres: Collection[int],
    continues: Mapping[int, int],
    told: Told,
    came: Mapping[int, Mapping[str, Any]],
) -> Census:
    """The census of texts that were told apart and grouped.

    `centres` are comments whose texts represent what the machine or people put together; whatever is alone and not
    short is a centre too. `continues` gives the campaign before by the number of the group.
    """
    order = np.argsort(distinct.numbers)
    numbers, rows = distinct.numbers[order], distinct.rows[order]
    if not np.array_equal(numbers, told.numbers):
        raise ValueError("the words and the facts are not of the same comments")
    group_of = np.full(len(numbers), -1, np.int64)
    for index, group in enumerate(groups):
        group_of[np.searchsorted(numbers, np.array(group.members, np.int64))] = index

    width = len(groups) + 1
    has_letters = rows >= 0
    pairs, inverse = np.unique(rows[has_letters] * width + group_of[has_letters] + 1, return_inverse=True)
    entry_of = np.full(len(numbers), -1, np.int64)
    entry_of[has_letters] = inverse
    entry_group, entry_row = pairs % width - 1, pairs // width
    entry_first = np.full(len(pairs), np.iinfo(np.int64).max, np.int64)
    np.minimum.at(entry_first, inverse, numbers[has_letters])
    entry_comments = np.bincount(inverse[told.stands[has_letters]], minlength=len(pairs))
    is_centre = (entry_group < 0) & ~distinct.is_short[entry_row]
    named = entry_of[np.searchsorted(numbers, np.array(sorted(centres), np.int64))]
    is_centre[named[named >= 0]] = True

    stands = told.stands & (group_of >= 0)
    whose = np.unique(np.stack((group_of[stands], told.submissions[stands])), axis=1)[0]
    heard = (entry_group >= 0) & (entry_comments > 0)
    first = np.full(len(groups), np.iinfo(np.int64).max, np.int64)
    last = np.zeros(len(groups), np.int64)
    inside = group_of >= 0
    np.minimum.at(first, group_of[inside], told.received[inside])
    np.maximum.at(last, group_of[inside], told.received[inside])
    return Census(
        numbers=numbers,
        entry_of=entry_of,
        group_of=group_of,
        digests=np.frombuffer(distinct.digests[entry_row].tobytes(), np.uint8).reshape(-1, 16),
        entry_group=entry_group,
        entry_first=entry_first,
        entry_comments=entry_comments,
        is_centre=is_centre,
        representative=np.array([group.representative for group in groups], np.int64),
        continues=np.array([continues.get(group.number, 0) for group in groups], np.int64),
        is_short=np.array([group.is_short for group in groups], np.bool_),
        submissions=np.bincount(whose, minlength=len(groups)),
        comments=np.bincount(group_of[stands], minlength=len(groups)),
        texts=np.bincount(entry_group[heard], minlength=len(groups)),
        first_received=first,
        last_received=last,
        came=np.frombuffer(json.dumps(came).encode(), np.uint8),
    )
