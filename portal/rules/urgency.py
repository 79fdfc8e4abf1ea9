"""How urgently a comment waits for the desk, what to know of it beforehand, and the promise its age is measured by."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from enum import IntEnum, IntFlag

from portal.rules.holidays import Calendar
from portal.rules.window import BEIJING, day_in_beijing
from portal.rules.words import CommentState

#: working days within which a comment is moderated, unless the site promises otherwise
USUAL_PROMISE = 2
#: days before the end of a window from which its comments come first
NEAR_DEADLINE = 2


class Urgency(IntEnum):
    """The first order of the queue: the smaller, the sooner. The second is age."""

    APPEAL = 0
    CONFIRMATION = 1
    SUSPICIOUS = 2
    USUAL = 3


#: what the tally says where nothing waits
NOTHING_WAITS = 9


class Flag(IntFlag):
    """What a moderator should know beforehand. A flag never decides anything."""

    PERSONAL = 1
    ADVERT = 2


def urgency(state: CommentState, flags: int, *, is_proposed: bool = False, is_appealed: bool = False) -> int | None:
    """How urgently a comment waits; None when nothing about it does."""
    if is_appealed and state is CommentState.WITHHELD:
        return Urgency.APPEAL
    if is_proposed and state in (CommentState.PENDING, CommentState.PUBLISHED):
        return Urgency.CONFIRMATION
    if state is not CommentState.PENDING:
        return None
    return Urgency.SUSPICIOUS if flags & Flag.ADVERT else Urgency.USUAL


def due_at(received_at: datetime, working_days: int, calendar: Calendar) -> datetime:
    """When the promise ends: with the last of so many working days after the day it came."""
    day = day_in_beijing(received_at)
    for _ in range(working_days):
        day = _next_workday(day, calendar)
    return datetime.combine(day + timedelta(days=1), time(), BEIJING)


def _next_workday(day: date, calendar: Calendar) -> date:
    day += timedelta(days=1)
    # a year nobody has entered yet is counted by its weeks: a clock that stops is of no use to anybody
    while not (calendar.is_workday(day) if calendar.knows(day.year) else day.weekday() < 5):
        day += timedelta(days=1)
    return day
