"""Near-identical comments as campaigns: found by machine, judged by people.

Texts that are equal in their letters are one text, sent more than once. Texts that are near-identical (`likeness`)
form a group around its most typical text (`stars`). A text of fewer than sixteen letters, such as 支持 or 同意第三条,
is like another only if it is equal to it, and such a group is marked short: many people saying one word is not a
campaign. What has neither letter nor digit stands alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from portal.analysis.bands import Pairs, apart, candidates
from portal.analysis.distinct import Distinct, told_apart
from portal.analysis.engine import IN_PROCESS, Engine
from portal.analysis.likeness import Shares, Texts, Truths, near, pairs_of_letters
from portal.analysis.sketches import PERMUTATIONS, Signatures, Starts, Units, signatures
from portal.analysis.stars import MANY, Rows, stars

_AT_ONCE = 4_000


@dataclass(frozen=True, slots=True)
class Group:
    """Comments that say the same in the same words, or nearly."""

    #: the numbers of the comments, smallest first: N of them
    members: tuple[int, ...]
    #: the most typical of them, and of its copies the first
    representative: int
    #: how many different texts they are: M
    texts: int
    #: they are equal and of a few letters only
    is_short: bool

    @property
    def number(self) -> int:
        """By what the group is known: its smallest member."""
        return self.members[0]


def group(
    texts: Iterable[tuple[int, str]], done: Callable[[str], object] = lambda _: None, engine: Engine = IN_PROCESS
) -> tuple[Group, ...]:
    """The groups among numbered texts, by number. Their order does not matter; `done` is told of each step."""
    distinct = told_apart(texts)
    done("reading")
    return grouped(distinct, done, engine)


def grouped(
    distinct: Distinct, done: Callable[[str], object] = lambda _: None, engine: Engine = IN_PROCESS
) -> tuple[Group, ...]:
    """The groups among texts that were told apart, by number. The engine sketches and compares them."""
    long = np.flatnonzero(~distinct.is_short)
    signed = _signed(distinct, long, engine)
    done("sketching")
    pairs = _near_pairs(distinct, long, signed, engine)
    done("comparing")
    letters = Texts(distinct.units, pairs_of_letters(distinct.units), distinct.starts)
    star_of = np.arange(len(distinct.copies))
    copies = distinct.copies[long]
    star_of[long] = long[
        stars(
            len(long),
            pairs,
            copies,
            lambda centre, rows: near(letters, np.full(len(rows), long[centre]), long[rows])[0],
            lambda members: _most_typical(signed, members, copies),
        )
    ]
    found = _groups(distinct, star_of)
    done("grouping")
    return found


def most_typical(texts: Mapping[int, str]) -> int:
    """Of numbered texts the one that has most in common with the others, each as often as it came; the first of such."""
    distinct = told_apart(texts.items())
    long = np.flatnonzero(~distinct.is_short)
    if not len(long):
        return min(texts)
    row = long[_most_typical(_signed(distinct, long), np.arange(len(long)), distinct.copies[long])]
    return int(distinct.numbers[distinct.rows == row].min())


@dataclass(frozen=True, slots=True)
class _Texts:
    """Some texts: their letters one after another, and where each begins."""

    units: Units
    starts: Starts


@dataclass(frozen=True, slots=True)
class _Asked:
    """Pairs among some texts, by their places there."""

    texts: _Texts
    first: Rows
    second: Rows


def _some(distinct: Distinct, rows: Rows) -> _Texts:
    lengths = distinct.starts[rows + 1] - distinct.starts[rows]
    starts = np.concatenate(([0], np.cumsum(lengths)))
    places = np.arange(starts[-1]) + np.repeat(distinct.starts[rows] - starts[:-1], lengths)
    return _Texts(distinct.units[places], starts)


def _signed(distinct: Distinct, long: Rows, engine: Engine = IN_PROCESS) -> Signatures:
    """The signatures of the texts that are not short."""
    blocks = (_some(distinct, long[begin : begin + _AT_ONCE]) for begin in range(0, len(long), _AT_ONCE))
    parts = list(engine.map(_signatures, blocks))
    return np.concatenate(parts) if parts else np.empty((0, PERMUTATIONS), np.uint16)


def _signatures(block: _Texts) -> Signatures:
    return signatures(block.units, block.starts)


def _near_pairs(
    distinct: Distinct, long: Rows, signed: Signatures, engine: Engine
) -> tuple[Rows, Rows, npt.NDArray[np.float64]]:
    """The near pairs among the rows of `signed` that the bands bring together, and how alike they are."""
    ones, twos = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    likenesses = [np.empty(0, np.float64)]
    known = np.zeros(len(signed), np.int64)
    is_settled = np.zeros(len(signed), bool)
    for pairs in candidates(signed, is_settled):
        answers = list(engine.map(_compared, _asked(distinct, long, pairs)))
        if not answers:
            continue
        one, two = apart(pairs)
        are_near = np.concatenate([answer[0] for answer in answers])
        ones.append(one[are_near])
        twos.append(two[are_near])
        likenesses.append(np.concatenate([answer[1] for answer in answers])[are_near])
        known += np.bincount(ones[-1], minlength=len(known)) + np.bincount(twos[-1], minlength=len(known))
        is_settled[:] = known >= MANY
    return np.concatenate(ones), np.concatenate(twos), np.concatenate(likenesses)


def _asked(distinct: Distinct, long: Rows, pairs: Pairs) -> Iterator[_Asked]:
    """The pairs in blocks, each with the texts it is about."""
    for begin in range(0, len(pairs), _AT_ONCE):
        one, two = apart(pairs[begin : begin + _AT_ONCE])
        rows, places = np.unique(np.concatenate((one, two)), return_inverse=True)
        yield _Asked(_some(distinct, long[rows]), places[: len(one)], places[len(one) :])


def _compared(block: _Asked) -> tuple[Truths, Shares]:
    units = block.texts.units
    return near(Texts(units, pairs_of_letters(units), block.texts.starts), block.first, block.second)


def _most_typical(signed: Signatures, members: Rows, copies: Rows) -> int:
    """The member that agrees most with a sample of all; of several the first in the order of the texts."""
    members = np.sort(members)
    numbers = signed[members, :PERMUTATIONS]
    step = max(1, len(members) // 64)
    agreed = np.zeros(len(members), np.int64)
    for each, often in zip(numbers[::step], copies[members[::step]].tolist(), strict=True):
        agreed += often * np.count_nonzero(numbers == each, axis=1)
    return int(members[agreed.argmax()])


def _groups(distinct: Distinct, star_of: Rows) -> tuple[Group, ...]:
    """The rows' stars as groups of numbered comments; who is alone is not a group."""
    with_letters = distinct.rows >= 0
    numbers, rows = distinct.numbers[with_letters], distinct.rows[with_letters]
    centres = star_of[rows]
    order = np.lexsort((numbers, centres))
    numbers, rows, centres = numbers[order], rows[order], centres[order]
    bounds = np.flatnonzero(np.diff(centres, prepend=-1, append=-1))
    texts = np.bincount(star_of, minlength=len(star_of))
    found = [
        Group(
            tuple(numbers[begin:end].tolist()),
            int(numbers[begin:end][rows[begin:end] == centres[begin]][0]),
            int(texts[centres[begin]]),
            bool(distinct.is_short[centres[begin]]),
        )
        for begin, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)
        if end - begin > 1
    ]
    return tuple(sorted(found, key=lambda each: each.number))
