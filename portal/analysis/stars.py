"""Groups that do not chain: everything in a group is near its representative, not merely near something in it.

A text that is near two unlike ones would tie them together, and a clause quoted by thousands would tie together all
who quote it. So the most typical text gathers those near it, then the most typical of what is left, and so on.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from portal.analysis.bands import once

Rows = npt.NDArray[np.int64]

#: a group that has grown beyond this looks again for its most typical text
MANY = 8


def stars(
    number: int,
    pairs: tuple[Rows, Rows, npt.NDArray[np.float64]],
    copies: Rows,
    are_near: Callable[[int, Rows], npt.NDArray[np.bool_]],
    most_typical: Callable[[Rows], int],
) -> Rows:
    """The representative of each of a number of rows; its own for one that is alone.

    `pairs` are near pairs with their likeness, `copies` says how often each text came. Not every near pair need be
    among them: a group grows over the pairs of its members, each newcomer compared with the representative.
    """
    one, two, likeness = pairs
    weights = copies.astype(np.float64)
    weights += np.bincount(one, likeness * copies[two], number) + np.bincount(two, likeness * copies[one], number)
    ends = np.concatenate((two, one))[np.argsort(np.concatenate((one, two)), kind="stable")]
    begins = np.concatenate(([0], np.cumsum(np.bincount(one, minlength=number) + np.bincount(two, minlength=number))))
    star_of = np.full(number, -1, np.int64)

    is_asked = np.zeros(number, bool)

    def unasked_neighbours(rows: Rows) -> Rows:
        found = np.concatenate([ends[begins[row] : begins[row + 1]] for row in rows])
        found = once(found[(star_of[found] < 0) & ~is_asked[found]])
        is_asked[found] = True
        return found

    def gathered(centre: int) -> Rows:
        is_asked[centre] = True
        # Its neighbours are near it: that is what pairs are. Those beyond have to be asked.
        newest = unasked_neighbours(np.array([centre]))
        members = np.concatenate(([centre], newest))
        asked = [members]
        while newest.size:
            newest = unasked_neighbours(newest)
            asked.append(newest)
            newest = newest[are_near(centre, newest)] if newest.size else newest
            members = np.concatenate((members, newest))
        is_asked[np.concatenate(asked)] = False
        return members

    linked = np.flatnonzero(np.diff(begins))
    # Ties are broken by the row, and rows are ordered by what the texts say.
    for row in linked[np.argsort(-weights[linked], kind="stable")].tolist():
        if star_of[row] >= 0:
            continue
        centre, members = row, gathered(row)
        if len(members) > MANY and (typical := most_typical(members)) != centre:
            centre, members = typical, gathered(typical)
        star_of[members] = centre
    return np.where(star_of < 0, np.arange(number), star_of)
