"""Writers of SQLite take turns: first come, first served, within one process."""

from __future__ import annotations

import sqlite3
import threading
from collections import deque


class Queue:
    """A lock that is handed on in the order it was asked for."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._is_taken = False
        self._waiting: deque[threading.Lock] = deque()

    def take(self, seconds: float) -> bool:
        """Waits for the turn; False when it did not come within these seconds."""
        with self._guard:
            if not self._is_taken:
                self._is_taken = True
                return True
            mine = threading.Lock()
            mine.acquire()
            self._waiting.append(mine)
        if mine.acquire(timeout=seconds):
            return True
        with self._guard:
            if mine in self._waiting:
                self._waiting.remove(mine)
                return False
        return True  # it was handed over at the last moment

    def leave(self) -> None:
        """Hands the turn to whoever waits longest."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_taken = False


class InTurn(sqlite3.Connection):
    """A connection whose writing waits for the other writers of this process.

    SQLite alone makes them look again and again, each time later: the lock stands idle while they sleep, and some sleep
    for seconds. That is left for the few other processes.
    """

    queue: Queue
    _has_turn = False

    def take_turn(self, seconds: float) -> None:
        """Waits until nobody else of this process writes. Raises sqlite3.OperationalError when that takes longer."""
        if not self.queue.take(seconds):
            raise sqlite3.OperationalError("database is locked")
        self._has_turn = True

    def commit(self) -> None:
        try:
            super().commit()
        except sqlite3.Error:
            # a full disk: whoever asked does not take the transaction back once its end was tried
            self.rollback()
            raise
        self._leave()

    def rollback(self) -> None:
        try:
            super().rollback()
        finally:
            self._leave()

    def close(self) -> None:
        try:
            super().close()
        finally:
            self._leave()

    def _leave(self) -> None:
        if self._has_turn:
            self._has_turn = False
            self.queue.leave()


def connections() -> type[InTurn]:
    """A class of connections that share one queue: those of one engine."""
    return type("InTurn", (InTurn,), {"queue": Queue()})
