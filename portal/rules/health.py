"""Whether the operation is well: bounds for what waits, for what has to happen, and for room on the disk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.rules.words import LabelledEnum

#: a worker notes once a minute that it is there
WORKER_SILENT = timedelta(minutes=5)
LETTER_OLD = 3600.0
JOB_OLD = 1800.0
#: a backup is made every night
BACKUP_OLD = timedelta(hours=36)
DISK_LEAST, DISK_SHARE = 2 * 1024**3, 0.1
#: seconds between the clock of a machine and the database server's: worth a look; and with which nothing is done by
#: itself that cannot be taken back
CLOCK_ODD, CLOCK_WRONG = 10.0, 180.0
DELIVERY_OLD = 3600.0
#: the State Council's notice for the next year comes in November
NEXT_YEAR_FROM = (12, 1)


class Standing(LabelledEnum):
    """How one thing stands."""

    GOOD = "good", "正常"
    LOOK = "look", "请留意"
    BAD = "bad", "有问题"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the operation at one instant; ages in seconds, times in UTC, None where there never was one."""

    at: datetime
    worker_at: datetime | None
    backup_at: datetime | None
    retention_at: datetime | None
    is_schema_current: bool
    letters_given_up: int
    oldest_letter: float
    jobs_failed: int
    oldest_job: float
    #: addresses in use that are told of events, and what is owed to them
    webhooks: int
    deliveries_dead: int
    oldest_delivery: float
    disk_free: int
    disk_size: int
    #: None where none is set
    is_redis_there: bool | None
    is_broker_there: bool | None
    #: when somebody who does what the broker hands out noted last that they are there
    consumer_at: datetime | None
    #: seconds by which the clock of this server, or the worker's, is ahead of the database server's, the farther one;
    #: None where the database has no clock of its own
    clock_apart: float | None
    is_scanner_there: bool | None
    #: the year in Beijing, its month and day, and the years whose holidays are known
    today: tuple[int, int, int]
    known_years: frozenset[int]


def judged(facts: Facts) -> Iterator[tuple[str, Standing]]:
    """Every thing that is looked at, by its name, with how it stands."""
    yield "worker", _within(facts.worker_at, facts.at, WORKER_SILENT)
    yield "schema", Standing.GOOD if facts.is_schema_current else Standing.BAD
    yield "backup", Standing.GOOD if _within(facts.backup_at, facts.at, BACKUP_OLD) is Standing.GOOD else Standing.LOOK
    yield "retention", _within(facts.retention_at, facts.at, timedelta(hours=26))
    yield "letters", _letters(facts)
    yield "jobs", Standing.BAD if facts.jobs_failed else _young(facts.oldest_job, JOB_OLD)
    if facts.webhooks:
        yield "webhooks", Standing.BAD if facts.deliveries_dead else _young(facts.oldest_delivery, DELIVERY_OLD)
    yield "disk", _room(facts)
    if facts.clock_apart is not None:
        yield "clock", _clock(abs(facts.clock_apart))
    if facts.is_redis_there is not None:
        yield "redis", Standing.GOOD if facts.is_redis_there else Standing.LOOK
    if facts.is_broker_there is not None:
        yield "broker", _broker(facts)
    if facts.is_scanner_there is not None:
        yield "scanner", Standing.GOOD if facts.is_scanner_there else Standing.BAD
    yield "holidays", _holidays(facts)


def _within(last: datetime | None, at: datetime, span: timedelta) -> Standing:
    return Standing.GOOD if last is not None and at - last <= span else Standing.BAD


def _young(age: float, most: float) -> Standing:
    return Standing.GOOD if age <= most else Standing.LOOK


def _letters(facts: Facts) -> Standing:
    return Standing.BAD if facts.letters_given_up else _young(facts.oldest_letter, LETTER_OLD)


def _broker(facts: Facts) -> Standing:
    if _within(facts.consumer_at, facts.at, WORKER_SILENT) is Standing.BAD:
        return Standing.BAD  # nobody does background jobs
    return Standing.GOOD if facts.is_broker_there else Standing.LOOK


def is_clock_wrong(apart: float | None) -> bool:
    """Whether a clock stands too far from the database server's to do by it what cannot be taken back."""
    return apart is not None and abs(apart) > CLOCK_WRONG


def _clock(apart: float) -> Standing:
    if is_clock_wrong(apart):
        return Standing.BAD
    return Standing.GOOD if apart <= CLOCK_ODD else Standing.LOOK


def _room(facts: Facts) -> Standing:
    if facts.disk_free < DISK_LEAST // 4:
        return Standing.BAD
    is_roomy = facts.disk_free >= DISK_LEAST and facts.disk_free >= facts.disk_size * DISK_SHARE
    return Standing.GOOD if is_roomy else Standing.LOOK


def _holidays(facts: Facts) -> Standing:
    year, month, day = facts.today
    if year not in facts.known_years:
        return Standing.BAD
    return Standing.LOOK if (month, day) >= NEXT_YEAR_FROM and year + 1 not in facts.known_years else Standing.GOOD
