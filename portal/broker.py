"""Hands jobs to whoever is free, through Redis (huey), where one is set.

The row of a job stays the truth. What goes through Redis is its number, put there after the commit that made the row:
a number that is lost, comes twice or was made up by somebody else changes nothing, because whoever takes it looks at
the row and locks it. What was lost is handed on again by `sweep`. Without the broker the rows are done as if none was
set. A message is read as a number and as nothing else, so that whoever writes to Redis cannot run anything here.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from threading import Lock
from typing import TypeVar

import redis
from flask import Flask
from huey import RedisHuey
from huey.registry import Message
from huey.serializer import Serializer
from sqlalchemy import event
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.db import Database
from portal.sealing import Seal
from portal.services import jobs

log = logging.getLogger("portal.broker")

R = TypeVar("R")

#: seconds Redis is waited for by whoever hands on
TIMEOUT = 0.25
#: seconds Redis keeps those waiting who wait for work, and seconds they wait for Redis
KEPT_WAITING, PATIENCE = 1, 6.0
#: seconds before Redis is asked again after it did not answer
LOOK_AGAIN = 5.0
#: for how long a due job may wait before it is handed on again
LOST_AFTER = timedelta(seconds=5)
#: how many messages are looked at before one is added
MOST_LOOKED_AT = 10_000
#: what a Redis that is away, full, locked or not one at all makes of a call
FAULTS = (redis.RedisError, OSError)

#: the number of a job as a message has it
_NUMBER = re.compile(rb"[1-9][0-9]{0,9}")
#: the largest number a row can have
_LARGEST = 2_147_483_647


class NoNumber(Exception):
    """A message that is no number of a job."""


class JobNumbers(Serializer):  # type: ignore[misc]
    """Writes a message as the number of its job in decimal digits. huey's own would be a pickle, which can run anything."""

    def __init__(self) -> None:
        super().__init__()
        #: what huey calls the one thing there is to do
        self.task = ""

    def _serialize(self, data: Message) -> bytes:
        (job_id,) = data.args
        return str(int(job_id)).encode()

    def _deserialize(self, data: bytes) -> Message:
        number = int(data) if _NUMBER.fullmatch(data) else 0
        if not 0 < number <= _LARGEST:
            raise NoNumber
        return Message(id=f"job-{number}", name=self.task, args=(number,), kwargs={})


class Presence:
    """Whether the broker is there, as far as this process knows. A change is told of once."""

    def __init__(self) -> None:
        self._turn = Lock()
        self._away_until = 0.0
        self.is_away = False

    def is_worth_asking(self) -> bool:
        """Whether it is there, or was last asked so long ago that it may be there again."""
        return time.monotonic() >= self._away_until

    def lost(self, fault: BaseException) -> None:
        """It did not answer: nobody asks it for some seconds."""
        with self._turn:
            self._away_until = time.monotonic() + LOOK_AGAIN
            if not self.is_away:
                # the kind of fault only: a message may hold the address with its password
                log.warning("The broker is away (%s): jobs are done as the rows say", type(fault).__name__)
            self.is_away = True

    def found(self) -> None:
        """It answered."""
        if self.is_away:
            with self._turn:
                self.is_away, self._away_until = False, 0.0
            log.warning("The broker is back: jobs are handed out again")


class Broker:
    """The queue of one site: at one end whoever hands on, which never fails; at the other whoever waits for work."""

    def __init__(
        self,
        url: str,
        name: str,
        do: Callable[[int], None] | None = None,
        presence: Presence | None = None,
    ) -> None:
        self._url, self._name = url, name
        self.presence = presence or Presence()
        pool = redis.ConnectionPool.from_url(
            url, socket_timeout=TIMEOUT if do is None else PATIENCE, socket_connect_timeout=TIMEOUT, retry=None,
            health_check_interval=30,
        )  # fmt: skip
        numbers = JobNumbers()
        # a queue and nothing else of huey: what became of a job, and when it is tried again, its row says
        self._queue = RedisHuey(
            name, results=False, serializer=numbers, connection_pool=pool, read_timeout=KEPT_WAITING
        )

        def job(job_id: int) -> None:
            assert do is not None, "who only hands on does no work"
            do(job_id)

        self._job = self._queue.task(name="job")(job)
        numbers.task = f"{job.__module__}.job"

    def for_work(self, do: Callable[[int], None]) -> Broker:
        """The same queue for those who wait for work; `do` does a job, given its number."""
        return Broker(self._url, self._name, do, self.presence)

    def do_next(self) -> None:
        """Does the job that waits longest, or waits a second for one. Raises what doing it raises."""
        try:
            task = self._queue.dequeue()
        except FAULTS as fault:
            self.presence.lost(fault)
            return
        except NoNumber:
            log.warning("A message that is no number of a job was thrown away")
            return
        if task is not None:
            task.execute()

    def hand_on(self, job_ids: Iterable[int]) -> bool:
        """Puts jobs at the end of the queue; whether the broker has them."""
        return self._asked(lambda: [self._job(job_id) for job_id in job_ids]) is not None

    def queued(self) -> set[int] | None:
        """The jobs in the queue; None when the broker does not answer."""
        found = self._asked(lambda: self._queue.storage.enqueued_items(MOST_LOOKED_AT))
        return None if found is None else {int(each) for each in found if _NUMBER.fullmatch(each)}

    def length(self) -> int | None:
        """How many messages wait; None when the broker does not answer."""
        return self._asked(self._queue.pending_count)

    def _asked(self, question: Callable[[], R]) -> R | None:
        if not self.presence.is_worth_asking():
            return None
        try:
            found = question()
        except FAULTS as fault:
            self.presence.lost(fault)
            return None
        self.presence.found()
        return found


def of(app: Flask) -> Broker | None:
    """The broker of an application; None when none is set."""
    found: Broker | None = app.extensions.get("broker")
    return found


def init_app(app: Flask) -> None:
    """Hands on what was asked for, after every commit. Several sites may share a Redis: each has a queue of its own."""
    settings: Settings = app.extensions["settings"]
    database: Database = app.extensions["database"]
    seal: Seal = app.extensions["seal"]
    made = app.extensions["broker"] = Broker(settings.broker, f"portal{seal.trace('jobs', 'broker')[:12]}")

    def hand_on(session: Session) -> None:
        # the end of a savepoint is called a commit, too
        if not session.in_nested_transaction() and (asked := jobs.asked(session)):
            made.hand_on(asked)

    event.listen(database.writers, "after_commit", hand_on)


def sweep(broker: Broker, database: Database, at: datetime) -> int:
    """Hands on again what is due for longer than it should be and is not in the queue; how many.

    It makes up for what was lost: a process that ended between its commit and the queue or with a job in hand, a Redis
    that was away or started anew, and a try that falls due again. Also looks whether the broker is there.
    """
    queued = broker.queued()
    if queued is None:
        return 0
    with database.reader() as session:
        lost = [job_id for job_id in jobs.waiting(session, at, LOST_AFTER) if job_id not in queued]
    return len(lost) if lost and broker.hand_on(lost) else 0
