"""Average linkage: which groups of texts are so alike, on the average over their texts, that they are one.

Single linkage chains: A is like B, B is like C, and soon a clause is one heap. The average over all pairs does not.
Groups come in with a weight each, and pairs that may never be joined are minus infinity; everything is determined by
the order of the rows, which the caller keeps.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float32]

NEVER = -np.inf


def joined(likeness: Matrix, weights: npt.NDArray[np.float32], threshold: float) -> npt.NDArray[np.intp]:
    """For each row the row it is joined to: the first of its group. `likeness` is used up; its diagonal is ignored."""
    rows = len(likeness)
    home = np.arange(rows)
    if rows < 2:
        return home
    weights = weights.copy()
    np.fill_diagonal(likeness, NEVER)
    nearest = likeness.argmax(axis=1)
    best = likeness[home, nearest]
    while True:
        one = int(best.argmax())
        if best[one] < threshold:
            return home
        other = int(nearest[one])
        one, other = min(one, other), max(one, other)
        total = weights[one] + weights[other]
        row = (weights[one] * likeness[one] + weights[other] * likeness[other]) / total
        row[one] = row[other] = NEVER
        likeness[one] = likeness[:, one] = row
        likeness[other] = likeness[:, other] = NEVER
        weights[one] = total
        home[home == other] = one
        best[other] = NEVER
        # Only rows that looked at one of the two have to look again; for the others the new group may be nearer.
        again = np.flatnonzero((nearest == one) | (nearest == other))
        again = again[again != other]
        again = np.union1d(again, [one])
        nearest[again] = likeness[again].argmax(axis=1)
        best[again] = likeness[again, nearest[again]]
        nearer = row > best
        nearest[nearer], best[nearer] = one, row[nearer]
