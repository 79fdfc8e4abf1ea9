"""Hands for background work: threads beside the rounds of the worker, or of a process that does nothing else.

Without a broker one hand does what the rows say is due, once a second. With one (PORTAL_BROKER) every hand waits at the
queue, so that a job begins when its cause is committed and not with the next look; while the broker is away, it does
what the rows say. Either way a step is one transaction on a locked row, done by `work.do`.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from types import FrameType
from typing import TYPE_CHECKING, cast

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import OperationalError

from portal.cli import work
from portal.cli.shell import database, give_up, settings, tell
from portal.services import jobs, last_runs

if TYPE_CHECKING:
    from portal.broker import Broker

#: how often a hand looks for what is due, in seconds
ROUND = 1.0
#: how often a process notes that it is there, in seconds
NOTE_EVERY = 60.0
#: seconds of work at one job before it gives way to others that wait
TURN = 10.0
#: how often a hand looks for what was lost on the way through the broker, in seconds
SWEEP = 5.0
#: seconds by which clocks of two machines may differ without a job waiting for the next sweep
CLOCKS_DIFFER = 5.0


class Hand:
    """A thread that does one round after the other until it is over, whatever happens in a round."""

    def __init__(self, app: Flask, name: str) -> None:
        self._app, self._name = app, name
        self._is_over = threading.Event()
        self._thread: threading.Thread | None = None

    def go_on(self) -> None:
        """Begins, unless it has begun; begins again should it have ended."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
            self._thread.start()

    def end_soon(self) -> None:
        """Asks it to end after the step in hand."""
        self._is_over.set()

    def end(self) -> None:
        """Waits for the step in hand, and ends."""
        self.end_soon()
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        with self._app.app_context():
            while not self._is_over.is_set():
                try:
                    self._round()
                except OperationalError as fault:
                    # the database is away or locked: what is due still is, so wait and look again
                    tell(f"worker: {fault.orig}")
                    self._is_over.wait(ROUND)

    def _round(self) -> None:
        """Does what the rows say is due, each job for one turn at most, and rests when nothing is left."""
        with database().reader() as session:
            due = jobs.due(session, datetime.now(UTC))
        left = [job_id for job_id in due if self._go_on_with(job_id)]
        if not left:
            self._is_over.wait(ROUND)

    def _go_on_with(self, job_id: int) -> bool:
        """One turn at a job; whether more of it is to be done."""
        return work.do(database(), job_id, work.KINDS, work.setting_now, self._is_over.is_set, TURN)[1]


class HandAtQueue(Hand):
    """A hand that waits at the queue of the broker, and does what the rows say while the broker is away."""

    def __init__(self, app: Flask, name: str, queue: Broker) -> None:
        super().__init__(app, name)
        self._queue = queue.for_work(self._do)
        self._swept_at = -SWEEP

    def _round(self) -> None:
        from portal import broker

        if time.monotonic() - self._swept_at > SWEEP:
            broker.sweep(self._queue, database(), datetime.now(UTC))
            self._swept_at = time.monotonic()
        if self._queue.presence.is_away:
            super()._round()
        else:
            self._queue.do_next()

    def _do(self, job_id: int) -> None:
        with database().reader() as session:
            wait = jobs.seconds_until_due(session, job_id, datetime.now(UTC))
        # it was asked for just now by a machine whose clock is a little ahead
        if 0 < wait <= CLOCKS_DIFFER:
            self._is_over.wait(wait)
        if self._go_on_with(job_id):
            # gives way to others that wait; who ends leaves the rest to others. Lost on the way, it is swept up
            self._queue.hand_on([job_id])


def hands(app: Flask, number: int = 1) -> list[Hand]:
    """The hands that the settings ask for. Without a broker there is one: more would look at the same rows."""
    queue = cast("Broker | None", app.extensions.get("broker"))
    if queue is None:
        return [Hand(app, "hand")]
    return [HandAtQueue(app, f"hand {each}", queue) for each in range(1, number + 1)]


class Every:
    """Something that is done at most once in so many seconds. What failed is done again in the next round."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._done_at = seconds, -seconds

    def do(self, act: Callable[[], object]) -> None:
        if time.monotonic() - self._done_at > self._seconds:
            act()
            self._done_at = time.monotonic()


class Asked:
    """Whether the process was asked to end: by SIGTERM, by Ctrl-C, or by its parent's being gone."""

    def __init__(self) -> None:
        self._parent, self._is_asked = os.getppid(), threading.Event()
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, self._ask)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self._is_asked.set()

    def __bool__(self) -> bool:
        return self._is_asked.is_set() or os.getppid() != self._parent


@click.command("consumer")
@click.option("--hands", "number", type=click.IntRange(1, 64), default=1, show_default=True, help="Jobs at once.")
@with_appcontext
def consumer(number: int) -> None:
    """Do the background work that the broker hands out and nothing else: on any number of machines beside the worker.

    Ends on SIGTERM or Ctrl-C after the step in hand.
    """
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    if not settings().broker:
        give_up("PORTAL_BROKER is not set: without a broker the worker does the background work, and all of it.")
    asked, ours, noted = Asked(), hands(app, number), Every(NOTE_EVERY)
    while not asked:
        for hand in ours:
            hand.go_on()
        try:
            noted.do(_note_presence)
        except OperationalError as fault:
            tell(f"consumer: {fault.orig}")
        time.sleep(ROUND / 2)
    for hand in ours:
        hand.end_soon()
    for hand in ours:
        hand.end()


def _note_presence() -> None:
    with database().transaction() as session:
        last_runs.note(session, last_runs.CONSUMER, datetime.now(UTC))
