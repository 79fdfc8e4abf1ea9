"""Whether the wall clock can be believed: it must go on as the machine's own clock does, and agree with the database's."""

from __future__ import annotations

import time
from collections.abc import Callable

from portal.rules import health

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

    A clock that was wrong from the beginning shows beside another one only: while it is not where the database server's
    is, what cannot be taken back waits, too, and for as long as that lasts.
    """

    def __init__(
        self,
        wall: Callable[[], float] = time.time,
        own: Callable[[], float] = _own,
        apart: Callable[[], float | None] = lambda: None,
    ) -> None:
        """`apart` says by how many seconds the clock is ahead of the database server's, where that has one."""
        self._wall, self._own, self._apart = wall, own, apart
        self.apart: float | None = None
        self._offset = wall() - own()
        self._wrong_since: float | None = None

    def is_steady(self) -> bool:
        """Whether the clock went on as it should since the last look, and agrees with the database server's."""
        went_on = self._went_on()
        self.apart = self._apart()
        return went_on and not health.is_clock_wrong(self.apart)

    def _went_on(self) -> bool:
        offset, own = self._wall() - self._own(), self._own()
        if abs(offset - self._offset) > JUMP:
            if self._wrong_since is None:
                self._wrong_since = own
            if own - self._wrong_since < PATIENCE:
                return False
        # small steps add up: an offset that is believed is the one the next is compared with
        self._offset, self._wrong_since = offset, None
        return True

    def doubt(self) -> str:
        """Why it was not believed at the last look."""
        if self.apart is not None and health.is_clock_wrong(self.apart):
            return f"the clock is {_span(self.apart)} apart from the database server's; put it right"
        return f"the clock was moved by {_span(self.jumped_by)}; waits for {PATIENCE / 60:.0f} minutes"

    @property
    def jumped_by(self) -> float:
        """Seconds by which the clock stands away from where it should."""
        return self._wall() - self._own() - self._offset


def _span(seconds: float) -> str:
    return f"{seconds / 3600:+.1f} hours" if abs(seconds) >= 3600 else f"{seconds / 60:+.0f} minutes"
