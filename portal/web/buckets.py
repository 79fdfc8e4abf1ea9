"""Token buckets in the memory of one server process."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime

_MOST_KEPT = 50_000


@dataclass(frozen=True, slots=True)
class Limit:
    """So many at once, and one more every `seconds`."""

    name: str
    most: int
    seconds: float


class Buckets:
    """What is left of each limit."""

    def __init__(self) -> None:
        self._left: dict[tuple[str, str], tuple[float, datetime]] = {}
        self._turn = threading.Lock()

    def take(self, limit: Limit, key: str, at: datetime) -> float:
        """Takes one; 0, or how many seconds to wait until there is one again."""
        with self._turn:
            if len(self._left) > _MOST_KEPT:
                self._left.clear()
            left, before = self._left.get((limit.name, key), (float(limit.most), at))
            left = min(limit.most, left + max(0.0, (at - before).total_seconds()) / limit.seconds)
            if left < 1:
                self._left[limit.name, key] = (left, at)
                return (1 - left) * limit.seconds
            self._left[limit.name, key] = (left - 1, at)
            return 0
