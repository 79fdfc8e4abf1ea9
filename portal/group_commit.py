"""Many who press a button at once share one commit: acts that take turns anyway are done in one transaction.

What a submission costs is for a good part not its statements but the transaction around them: the lock that is handed
from one to the next, and the wait until the disk has it. Whoever comes while another holds the lock therefore puts
their act beside it, and the holder does it too before committing. Nobody is answered before the commit.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from enum import Enum, auto
from typing import Any, TypeVar, cast

from sqlalchemy.orm import Session

from portal.errors import Refusal

T = TypeVar("T")

#: acts of one transaction: as many as a person does not notice waiting for
MOST = 16
#: seconds: who has waited longer for a leader that failed in the end is not made to wait as long again
PATIENCE = 10


class _Turn(Enum):
    DONE = auto()
    LEAD = auto()
    ALONE = auto()
    FAILED = auto()


class _Act:
    """One act, and what became of it."""

    def __init__(self, do: Callable[[Session], Any]) -> None:
        self._do = do
        self._told = threading.Lock()
        self._told.acquire()
        self.turn = _Turn.DONE
        self.answer: Any = None
        self.refusal: Refusal | None = None
        self.fault: Exception | None = None
        self._began = time.monotonic()

    def carry_out(self, session: Session) -> None:
        self.answer = self.refusal = None
        try:
            self.answer = self._do(session)
        except Refusal as refusal:
            self.refusal = refusal

    def tell(self, turn: _Turn) -> None:
        self.turn = turn
        self._told.release()

    def tell_of(self, fault: BaseException) -> None:
        """That its leader failed: it tries alone, unless it has waited long enough to know how that ends."""
        if isinstance(fault, Exception) and time.monotonic() - self._began > PATIENCE:
            self.fault = fault
            self.tell(_Turn.FAILED)
        else:
            self.tell(_Turn.ALONE)

    def wait(self) -> _Turn:
        self._told.acquire()
        return self.turn

    def outcome(self) -> Any:
        if fault := self.refusal or self.fault:
            raise fault
        return self.answer


class GroupCommit:
    """Does acts of many threads in the transaction of one of them.

    An act is given a session and returns what its caller is to get. It may be done on another thread and more than
    once, so it takes everything it needs with it. **It refuses before it writes**: a Refusal leaves the others of its
    group as they are. Any other fault takes back the whole group, and each of them is done again by itself, so that
    one cannot spoil another's; who has waited long already is told the fault.
    """

    def __init__(self, transaction: Callable[[], AbstractContextManager[Session]]) -> None:
        self._transaction = transaction
        self._guard = threading.Lock()
        #: those who wait, by what they wait for; there is a line as long as somebody leads it
        self._lines: dict[str, deque[_Act]] = {}

    def run(self, line: str, do: Callable[[Session], T]) -> T:
        """What the act returns, once it is committed. Acts of one line are committed together. Raises what it raises."""
        mine = _Act(do)
        turn = self._join(line, mine)
        if turn is _Turn.LEAD:
            turn = self._lead(line, mine)
        if turn is _Turn.ALONE:
            with self._transaction() as session:
                mine.carry_out(session)
        return cast(T, mine.outcome())

    def _join(self, line: str, mine: _Act) -> _Turn:
        with self._guard:
            waiting = self._lines.get(line)
            if waiting is None:
                self._lines[line] = deque()
                return _Turn.LEAD
            waiting.append(mine)
        return mine.wait()

    def _lead(self, line: str, mine: _Act) -> _Turn:
        """Does one's own act and those that came meanwhile; then whoever waits longest leads."""
        group = [mine]
        try:
            with self._transaction() as session:
                mine.carry_out(session)
                while len(group) < MOST and (following := self._next(line)):
                    group.append(following)
                    following.carry_out(session)
        except BaseException as fault:
            # also those who have not been looked at: what stopped this group may stop the next as long
            for other in group[1:] + self._dissolve(line):
                other.tell_of(fault)
            if len(group) == 1 or not isinstance(fault, Exception):
                raise
            return _Turn.ALONE
        self._hand_on(line)
        for other in group[1:]:
            other.tell(_Turn.DONE)
        return _Turn.DONE

    def _next(self, line: str) -> _Act | None:
        with self._guard:
            waiting = self._lines[line]
            return waiting.popleft() if waiting else None

    def _hand_on(self, line: str) -> None:
        with self._guard:
            if waiting := self._lines[line]:
                waiting.popleft().tell(_Turn.LEAD)
            else:
                del self._lines[line]

    def _dissolve(self, line: str) -> list[_Act]:
        with self._guard:
            return list(self._lines.pop(line))
