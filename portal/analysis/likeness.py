"""Whether two texts are near-identical: one of them must be found all through the other.

A pair of neighbouring letters of one text is covered if it stands anywhere in the other, so that sentences may change
places. Two comments that quote the same clause and then say different things share most of their letters; yet each has
a stretch of which the other has next to nothing. A copy with words changed here and there is covered here and there
from beginning to end, and the original of a copy that says something more is covered whole. So what counts is how much
is covered where least is.

Whoever passes has his letters aligned: the longest common subsequence must take in most of the shorter text, and some
of each stretch of it, once its pieces stand in the order of the other. The shorter the text, the more: where little is
said, a changed word is much.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import add

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import LCSseq
from rapidfuzz.process import cpdist

from portal.analysis.letters import folded
from portal.analysis.sketches import SHORTEST, Starts, Units, shortened

Rows = npt.NDArray[np.int64]
Places = npt.NDArray[np.int32]
Shares = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]

#: the one text must be covered so far; so many pairs of letters, and this share of the one, may be the other's own
_COVERED = 0.58
_OWN = 40
_OWN_SHARE = 0.4
#: covered letters in a row that look like a quotation; outside of them so much is covered, or this much anywhere: a lone
#: change has nothing but long runs around it
_LONG_RUN = 16
_COVERED_OUTSIDE = 0.45
_COVERED_ANYWHERE = 0.5
#: of so many pairs of letters in a row, wherever they are taken, at least this share is covered
_STRETCH = 12
_LEAST, _LEAST_IF_MOVED = 1 / 12, 2 / 12
#: what is less covered than this somewhere is looked at again: of so many letters in a row so many are aligned
_DOUBTFUL = 7 / 12
_ALIGNED_STRETCH = 20
_ALIGNED_LEAST = 8
#: and of what is not in long runs no more than this is missing, unless it is only a few letters
_MISSED_OUTSIDE = 0.4
_FEW = 12
#: this share of the shorter text, and so many letters besides, must be in common in the same order
_ALIGNED = 0.62
_ALIGNED_BESIDES = 6
_PIECE = 4
#: a text with fewer letters is near another only if either is covered by the other
_SMALL = 30

#: pairs of letters are hashed to so many bits, to more if either text has many letters; so many fit at once
_BITS, _BITS_IF_LONG = 13, 16
_LONG = 400
_ROOM = 1 << 20


@dataclass(frozen=True, slots=True)
class Texts:
    """Letters of texts one after another, their pairs, and where each text begins."""

    units: Units
    pairs: Units
    starts: Starts


@dataclass(frozen=True, slots=True)
class Covered:
    """How some texts are covered by others: altogether, outside of long runs, and where they are least."""

    length: Rows
    share: Shares
    outside: Shares
    least: Shares

    @property
    def is_whole(self) -> Truths:
        is_even = (self.outside >= _COVERED_OUTSIDE) | (self.least >= _COVERED_ANYWHERE)
        return (self.share >= _COVERED) & (self.least >= _LEAST) & is_even


def is_near(one: str, other: str) -> bool:
    """Whether two texts are near-identical. Equal texts are, short ones only if they are equal."""
    return near_ones(one, (other,))[0]


def near_ones(text: str, others: Sequence[str]) -> tuple[bool, ...]:
    """Of each of some texts, whether it is near-identical to the one."""
    codes, starts = folded([text, *others])
    lengths = np.diff(starts)
    answers = [
        bool(lengths[0]) and np.array_equal(codes[: starts[1]], codes[starts[i] : starts[i + 1]])
        for i in range(1, len(lengths))
    ]
    units, starts = shortened(codes, starts)
    asked = np.flatnonzero(np.minimum(lengths[1:], lengths[0]) >= SHORTEST)
    for i, is_so in zip(
        asked, near(Texts(units, pairs_of_letters(units), starts), np.zeros_like(asked), asked + 1)[0], strict=True
    ):
        answers[i] |= bool(is_so)
    return tuple(answers)


def near(texts: Texts, first: Rows, second: Rows) -> tuple[Truths, Shares]:
    """For each pair of texts, whether they are near-identical, and how much of both is covered on the average."""
    least, shares = np.zeros(len(first), np.float64), np.zeros(len(first), np.float64)
    starts = texts.starts
    is_long = np.maximum(starts[first + 1] - starts[first], starts[second + 1] - starts[second]) > _LONG
    for asked, bits in ((~is_long, _BITS), (is_long, _BITS_IF_LONG)):
        pairs = np.flatnonzero(asked)
        at_once = _ROOM >> bits
        seen = np.zeros(min(at_once, len(pairs)) << bits, bool)
        for begin in range(0, len(pairs), at_once):
            part = pairs[begin : begin + at_once]
            one, one_bounds = _gathered(texts, first[part], bits)
            two, two_bounds = _gathered(texts, second[part], bits)
            least[part], shares[part] = _judged(
                _covered(_looked_up(seen, one, two), one_bounds),
                _covered(_looked_up(seen, two, one), two_bounds),
            )
    likely = np.flatnonzero(least)
    words, others = _words(texts, first[likely]), _words(texts, second[likely])
    are_near = np.zeros(len(first), bool)
    are_near[likely] = _aligned(words, others, least[likely])
    return are_near, shares


def _judged(one: Covered, two: Covered) -> tuple[Shares, Shares]:
    """Of each pair, how much is covered where least is, of the one that is covered all through by another that does not
    say much more, 0 if neither is; and the mean share.
    """
    by_one = np.where(one.is_whole & _is_little_more(one, two), one.least, 0)
    by_two = np.where(two.is_whole & _is_little_more(two, one), two.least, 0)
    return np.maximum(by_one, by_two), (one.share + two.share) / 2


def _is_little_more(one: Covered, other: Covered) -> Truths:
    # A text that says the same ten times over is covered, and is yet not the same.
    own = np.maximum((1 - other.share) * other.length, abs(other.length - one.length))
    shorter = np.minimum(one.length, other.length)
    return np.where(shorter < _SMALL, other.share >= _COVERED, own <= _OWN + _OWN_SHARE * shorter)


def pairs_of_letters(units: Units) -> Units:
    """At each place the hashed pair of the letter there and the next; the last of a text is of no use."""
    hashed = np.empty(len(units), np.uint16)
    for begin in range(0, len(units), _ROOM):
        part = units[begin : begin + _ROOM + 1].astype(np.uint32)
        mixed = part[:-1] * np.uint32(0x9E3779B1) + part[1:] * np.uint32(0x85EBCA77)
        mixed ^= mixed >> np.uint32(15)
        mixed *= np.uint32(0x2C1B3C6D)
        hashed[begin : begin + len(mixed)] = mixed >> np.uint32(16)
    return hashed


def _gathered(texts: Texts, rows: Rows, bits: int) -> tuple[Places, Rows]:
    """The pairs of letters of some texts, each text with numbers of its own, and where each begins."""
    begins, ends = texts.starts[rows].tolist(), (texts.starts[rows + 1] - 1).tolist()
    pairs = np.concatenate([texts.pairs[begin:end] for begin, end in zip(begins, ends, strict=True)])
    bounds = np.zeros(len(rows) + 1, np.int64)
    np.cumsum(texts.starts[rows + 1] - texts.starts[rows] - 1, out=bounds[1:])
    rooms = np.repeat(np.arange(len(rows), dtype=np.int32) << bits, np.diff(bounds))
    return rooms + (pairs >> (16 - bits)), bounds


def _looked_up(seen: Truths, asked: Places, there: Places) -> Truths:
    """Which of the asked are there. `seen` is all false before and after."""
    seen[there] = True
    found = seen[asked]
    seen[there] = False
    return found


def _covered(hits: Truths, bounds: Rows) -> Covered:
    """How each text is covered by its other, from which of its pairs of letters stand there."""
    count = np.zeros(len(hits) + 1, np.int32)
    np.cumsum(hits, dtype=np.int32, out=count[1:])
    lengths = np.diff(bounds)
    covered = count[bounds[1:]] - count[bounds[:-1]]
    share = covered / lengths

    # Long runs begin and end at a miss, or where their text does; they are few.
    misses = np.flatnonzero(~hits)
    edges = np.concatenate((misses, bounds[1:-1] - 0.5, [-1, len(hits)]))
    edges.sort()
    gaps = np.ceil(edges[1:]) - np.floor(edges[:-1]) - 1
    is_long = gaps >= _LONG_RUN
    of_text = np.searchsorted(bounds, np.ceil(edges[1:])[is_long] - 1, "right") - 1
    in_long_runs = np.bincount(of_text, gaps[is_long], len(lengths))
    outside = (covered - in_long_runs) / np.maximum(lengths - in_long_runs, 1)

    stretch = min(_STRETCH, int(lengths.min()))
    within = count[stretch:] - count[:-stretch]
    for back in range(1, stretch):  # a stretch that begins here would reach into the next text
        within[bounds[1:-1] - back] = stretch
    least = np.minimum.reduceat(within, bounds[:-1]) / stretch

    return Covered(lengths, share, outside, least)


def _words(texts: Texts, rows: Rows) -> list[str]:
    """The letters of some texts as strings; a letter beyond 16 bits looks like another, the same one in each text."""
    begins, ends = texts.starts[rows].tolist(), texts.starts[rows + 1].tolist()
    letters = [texts.units[begin:end].tobytes() for begin, end in zip(begins, ends, strict=True)]
    return [each.decode("utf-16-le", "replace") for each in letters]


def _aligned(ones: list[str], twos: list[str], least: Shares) -> Truths:
    """Whether the letters of the shorter of two texts are mostly the other's, pieces put in their order."""
    pairs = [
        (one, two) if (len(one), one) <= (len(two), two) else (two, one) for one, two in zip(ones, twos, strict=True)
    ]
    shorter, longer = [one for one, _ in pairs], [two for _, two in pairs]
    lengths = np.array([len(words) for words in shorter], np.float64)
    wanted = np.ceil(_ALIGNED * lengths + _ALIGNED_BESIDES)
    are_aligned = np.asarray(cpdist(shorter, longer, scorer=LCSseq.similarity, dtype=np.int32) >= wanted)
    is_doubtful, may_be_moved = least < _DOUBTFUL, least >= _LEAST_IF_MOVED
    for i in np.flatnonzero(are_aligned & is_doubtful | ~are_aligned & may_be_moved):
        if are_aligned[i] and _is_aligned_throughout(shorter[i], longer[i]):
            continue
        moved = _in_order_of(longer[i], shorter[i]) if may_be_moved[i] else shorter[i]
        is_enough = moved != shorter[i] and LCSseq.similarity(moved, longer[i]) >= wanted[i]
        are_aligned[i] = is_enough and (not is_doubtful[i] or _is_aligned_throughout(moved, longer[i]))
    return are_aligned


def _is_aligned_throughout(words: str, other: str) -> bool:
    """Whether no stretch of the words is nearly missing in the other, nor most of what is outside of long runs."""
    missed = in_long_runs = 0
    misses: list[int] = []
    for block in LCSseq.editops(words, other).as_matching_blocks():
        misses += range(missed, block.a)
        missed = block.a + block.size
        if block.size >= _LONG_RUN:
            in_long_runs += block.size
    outside = len(words) - in_long_runs
    if outside >= _FEW and len(misses) > _MISSED_OUTSIDE * outside:
        return False
    most = _ALIGNED_STRETCH - _ALIGNED_LEAST
    return all(last - first >= _ALIGNED_STRETCH for first, last in zip(misses, misses[most:], strict=False))


def _in_order_of(model: str, words: str) -> str:
    """The words, cut into pieces of four letters, each put where most of it stands in the model."""
    place = dict(zip(map(add, model, model[1:]), range(len(model)), strict=False))
    shifts = [place[pair] - i if pair in place else None for i, pair in enumerate(map(add, words, words[1:]))]
    pieces: list[tuple[int, int]] = []
    at = -_PIECE
    for begin in range(0, len(words), _PIECE):
        found = [shift for shift in shifts[begin : begin + _PIECE] if shift is not None]
        if found:
            found.sort()
            at = found[len(found) // 2] + begin
        else:
            at += _PIECE
        pieces.append((at, begin))
    pieces.sort()
    return "".join([words[begin : begin + _PIECE] for _, begin in pieces])
