"""What the public reads of how many agree with a comment: steps, never the number itself, and nothing below the first.

An exact number would tell when a certain person pressed the button, and would invite a race. A step tells how much
weight a comment has. One network counts for at most so many, however many people stand behind its address: all of
them may agree, but one room cannot make a comment the first of its clause.
"""

from __future__ import annotations

from collections.abc import Iterable

#: the steps above the threshold
STEPS = (5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000)
#: how many of one network count
MOST_OF_ONE_NETWORK = 20


def weight(by_network: Iterable[int]) -> int:
    """How many endorsements count, from the number that came from each network."""
    return sum(min(count, MOST_OF_ONE_NETWORK) for count in by_network)


def step(count: int, threshold: int) -> int:
    """The highest step that `count` has reached; 0 below the threshold, which is the first step."""
    if count < threshold:
        return 0
    return max((each for each in STEPS if threshold < each <= count), default=threshold)
