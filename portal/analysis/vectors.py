"""Texts as rows of numbers: how often each has which feature, and how few texts of the consultation have it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import log, sqrt

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]

_PAIR = 0.4  # a pair of characters tells less beside its two characters
_MOST_FEATURES = 4_096
_STEPS = np.float32(1 << 12)


def rarity(counts: Iterable[Mapping[str, int]]) -> dict[str, float]:
    """What few texts say tells more than what all say."""
    spread: Counter[str] = Counter()
    total = 0
    for each in counts:
        spread.update(each.keys())
        total += 1
    return {feature: log((1 + total) / (1 + many)) + 1 for feature, many in spread.items()}


def vectors(counts: Sequence[Mapping[str, int]], weight_of: Mapping[str, float]) -> Vectors:
    """A row of length one for each text. Features that one text alone has count in its length only."""
    spread = Counter(feature for each in counts for feature in each)
    common = sorted((feature for feature, many in spread.items() if many > 1), key=lambda each: (-spread[each], each))
    column = {feature: at for at, feature in enumerate(common[:_MOST_FEATURES])}
    rows = np.zeros((len(counts), len(column)), dtype=np.float32)
    for row, each in enumerate(counts):
        weights = {
            feature: (1 + log(many)) * weight_of[feature] * (_PAIR if len(feature) == 2 else 1)
            for feature, many in each.items()
        }
        length = sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        for feature, weight in weights.items():
            if (at := column.get(feature)) is not None:
                rows[row, at] = weight / length
    return rows


def exact(rows: Vectors) -> Vectors:
    """The rows in steps of 1/4096, never longer than they were.

    A product of two such rows, none longer than one, fits into the 24 bits of a float whatever the order of adding up:
    it is the same to the last bit on every processor and with any number of threads.
    """
    stepped: Vectors = np.floor(rows * _STEPS) / _STEPS
    return stepped
