"""How much agreement the public is shown."""

from __future__ import annotations

import pytest

from portal.rules.endorsement import MOST_OF_ONE_NETWORK, step, weight


@pytest.mark.parametrize(
    ("count", "threshold", "shown"),
    [(0, 5, 0), (4, 5, 0), (5, 5, 5), (9, 5, 5), (10, 5, 10), (199, 5, 100), (2_000_000, 5, 100_000), (6, 7, 0), (8, 7, 7),
     (12, 7, 10), (3, 2, 2)],
)  # fmt: skip
def test_a_step_is_shown_and_nothing_below_the_first(count, threshold, shown):
    assert step(count, threshold) == shown


def test_one_network_counts_for_so_many_only():
    assert weight([1, 1, 3]) == 5
    assert weight([500]) == MOST_OF_ONE_NETWORK
    assert weight([]) == 0
