"""Sketches of texts: ninety-six numbers that agree in about as many places as two texts have triples of letters in common.

Each number is the smallest of a text's hashed triples of letters under one of ninety-six permutations (MinHash). Two
numbers in a row make the head of a band; texts that share the head of any of forty-eight bands are worth comparing. The
two numbers after it are the tail: they put the more alike side by side where many texts share one head.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from portal.analysis.letters import Codes, folded

Signatures = npt.NDArray[np.uint16]
Units = npt.NDArray[np.uint16]
Starts = npt.NDArray[np.int64]

#: texts with fewer letters are never near one another: a changed word is a changed opinion. They may be equal.
SHORTEST = 16
#: a text is sketched and compared by so many of its first letters, and is equal to another by all of them
LONGEST = 8_000
BANDS = 48
#: how many keys of a band begin with one head
HEAD = 1 << 24
_ROWS = 2
#: the numbers of a signature; what follows them says from where in the text they come
PERMUTATIONS = BANDS * _ROWS
_MULTIPLIERS = np.random.Generator(np.random.PCG64(20_211_103)).integers(0, 1 << 31, PERMUTATIONS, np.uint32) * 2 + 1
#: of the ninety-six so many must agree in two texts, or comparing them is not worth its time
AGREEING = 18
#: a quarter of a text with fewer triples may well be edited all over, so it counts as the whole
_SMALL = 48
_QUARTER_BITS = np.uint32(2)
_QUARTER = np.uint32(3)
#: for each quarter of a text, ninety-six bits say which numbers come from there
_MASK = PERMUTATIONS // 16
#: so many products are in memory at once
_ROOM = 1 << 18
_TRIPLE = tuple(np.uint32(odd) for odd in (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D))


@dataclass(frozen=True, slots=True)
class Sketch:
    """What is needed of one text to find and to compare it: its letters, and its signature unless it is short."""

    letters: str
    signature: bytes

    @property
    def is_short(self) -> bool:
        return not self.signature


def sketch(text: str) -> Sketch:
    """The sketch of one text. Texts with equal letters are the same text."""
    codes, starts = folded((text,))
    letters = codes.tobytes().decode("utf-32-le")
    if len(codes) < SHORTEST:
        return Sketch(letters, b"")
    units, starts = shortened(codes, starts)
    return Sketch(letters, signatures(units, starts).tobytes())


def band_keys(of: Sketch) -> tuple[int, ...]:
    """One key for each band, fit for a column of 64-bit integers; none for a short text.

    The band is in the highest bits, then the head, then the tail. Texts to compare with are those whose key stands
    next to this one, from `head_of(key)` up to, but not with, `head_of(key) + HEAD`.
    """
    if of.is_short:
        return ()
    return tuple(keys(np.frombuffer(of.signature, np.uint16)[None, :])[0].tolist())


def keys(signed: Signatures) -> npt.NDArray[np.int64]:
    """The band keys of many signatures, a row for each."""
    bands = np.arange(BANDS, dtype=np.uint64)
    columns = (bands[:, None] * _ROWS + np.arange(_ROWS * 2, dtype=np.uint64)) % PERMUTATIONS
    parts = signed[:, columns].astype(np.uint64)
    whole = np.bitwise_or.reduce(parts << np.arange(48, -1, -16, dtype=np.uint64), axis=2)
    made: npt.NDArray[np.int64] = (bands << np.uint64(56) | whole >> np.uint64(8)).astype(np.int64)
    return made


def head_of(key: int) -> int:
    """The smallest key with the same band and head."""
    return key - key % HEAD


def band_key(signed: Signatures, first: int) -> npt.NDArray[np.uint64]:
    """The keys of the band that begins with one of the numbers, for many signatures: 32 bits of head, 32 of tail."""
    key = np.zeros(len(signed), np.uint64)
    for row in range(_ROWS * 2):
        key = key << np.uint64(16) | signed[:, (first + row) % PERMUTATIONS]
    return key


def shortened(codes: Codes, starts: Starts) -> tuple[Units, Starts]:
    """The first letters of each text in 16 bits: enough to tell letters apart, half the memory."""
    units = (codes ^ codes >> np.uint32(16)).astype(np.uint16)
    lengths = np.diff(starts)
    if not lengths.size or lengths.max() <= LONGEST:
        return units, starts
    place = np.arange(len(units)) - np.repeat(starts[:-1], lengths)
    return units[place < LONGEST], np.concatenate(([0], np.cumsum(np.minimum(lengths, LONGEST))))


def signatures(units: Units, starts: Starts) -> Signatures:
    """The signatures of texts that lie one after another; each has at least three letters."""
    number = len(starts) - 1
    wide = units.astype(np.uint32)
    hashed = wide[:-2] * _TRIPLE[0] + wide[1:-1] * _TRIPLE[1] + wide[2:] * _TRIPLE[2]
    hashed ^= hashed >> np.uint32(15)
    hashed *= np.uint32(0x2C1B3C6D)
    hashed ^= hashed >> np.uint32(13)
    # A triple that begins with one of the last two letters of a text would reach into the next text.
    within = np.ones(len(hashed), bool)
    for back in (1, 2):
        within[starts[1:-1] - back] = False
    # The two lowest bits are kept free: there the smallest brings along in which quarter of its text it stands.
    hashed = hashed[within] << _QUARTER_BITS
    begins = starts[:-1] - 2 * np.arange(number)
    lengths = np.diff(starts) - 2
    quarters = (4 * (np.arange(len(hashed)) - np.repeat(begins, lengths)) // np.repeat(lengths, lengths)).astype(
        np.uint32
    )
    numbers = np.empty((PERMUTATIONS, number), np.uint16)
    quarter_of = np.empty((PERMUTATIONS, number), np.uint8)
    at_once = max(1, _ROOM // len(hashed))
    for row in range(0, PERMUTATIONS, at_once):
        part = slice(row, row + at_once)
        smallest = np.minimum.reduceat(hashed * _MULTIPLIERS[part, None] + quarters, begins, axis=1)
        # Of the number its lowest bits: they are as good as all of them at telling two triples apart.
        numbers[part] = smallest >> _QUARTER_BITS
        quarter_of[part] = smallest & _QUARTER
    is_small = lengths < _SMALL
    signed = np.empty((number, PERMUTATIONS + 4 * _MASK), np.uint16)
    signed[:, :PERMUTATIONS] = numbers.T
    for quarter in range(4):
        begin = PERMUTATIONS + quarter * _MASK
        signed[:, begin : begin + _MASK] = (
            np.packbits((quarter_of == quarter) | is_small, axis=0).T.copy().view(np.uint16)
        )
    return signed


def worth_comparing(ones: Signatures, twos: Signatures) -> npt.NDArray[np.bool_]:
    """For each pair of signatures, whether enough of them agrees and, in one text, some of each quarter does.

    Two comments that quote one clause agree in the quotation only; this costs far less than comparing them.
    """
    agreed: npt.NDArray[np.bool_] = ones[:, :PERMUTATIONS] == twos[:, :PERMUTATIONS]
    packed = np.packbits(agreed, axis=1).view(np.uint16)[:, None, :]
    is_worth: npt.NDArray[np.bool_] = np.count_nonzero(agreed, axis=1) >= AGREEING
    return is_worth & (_is_in_each_quarter(ones, packed) | _is_in_each_quarter(twos, packed))


def _is_in_each_quarter(signed: Signatures, agreed: Signatures) -> npt.NDArray[np.bool_]:
    masks = signed[:, PERMUTATIONS:].reshape(len(signed), 4, _MASK)
    found: npt.NDArray[np.bool_] = np.all(np.any(masks & agreed, axis=2), axis=1)
    return found
