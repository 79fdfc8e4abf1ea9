"""Whether the wall clock can be believed: it must go on as the machine's own clock does."""

from __future__ import annotations

import time
from collections.abc import Callable

#: seconds by which the clock may be put right without anybody taking notice
JUMP = 600.0
#: seconds after which a new time is believed, when nobody put the clock back
PATIENCE = 3600.0


def _own() -> float:
    """Seconds since the machine was started, its sleep counted in where the system tells."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Steady:
    """Watches the clock for whoever does by itself what cannot be taken back.

    A clock that was set forward by a day would publish what is planned for tomorrow, close the ledger of a day that
    still goes on, and erase too early. What cannot be taken back waits until the clock is set back, or PATIENCE is over.
    """

    def __init__(self, wall: Callable[[], float] = time.time, own: Callable[[], float] = _own) -> None:
        self._wall, self._own = wall, own
        self._offset = wall() - own()
        self._wrong_since: float | None = None

    def is_steady(self) -> bool:
        """Whether the clock went on as it should since the last look."""
        offset, own = self._wall() - self._own(), self._own()
        if abs(offset - self._offset) > JUMP:
            if self._wrong_since is None:
                self._wrong_since = own
            if own - self._wrong_since < PATIENCE:
                return False
        # small steps add up: an offset that is believed is the one the next is compared with
        self._offset, self._wrong_since = offset, None
        return True

    @property
    def jumped_by(self) -> float:
        """Seconds by which the clock stands away from where it should."""
        return self._wall() - self._own() - self._offset
