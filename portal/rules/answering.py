"""When answers are due, how they are counted, and which opinions may not be left without one.

No law names a number of days for publishing the result (rules C.2): the limit is a setting, counted in working days
after the last day of the window. The rates are those the pages state with their formula.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from portal.rules.holidays import Calendar, CalendarMissing
from portal.rules.words import Disposition, RespondentKind

#: the limit unless PORTAL_ANSWER_DAYS says otherwise: as for information that is published unasked (公开条例 第二十六条)
USUAL_LIMIT = 20
#: what is said instead of a changed text where the draft says it already
IN_DRAFT = "原稿已体现"
#: the working days after the end on which the staff are reminded
REMINDERS = (5, 10, 15)
#: below this a share is given as what it is of what, never as a percentage
SMALL = 10
#: kinds of document for which a law asks for the reasons of every opinion (城乡规划法 第二十六条; 征收补偿条例 第十一条)
EVERY_OPINION = frozenset({"CXGH", "FWZS"})
#: kinds of document for which enterprises and associations must be told what became of theirs (营商条例 第六十二条)
EVERY_ENTERPRISE = frozenset({"GFXWJ-E"})


def workday_after(calendar: Calendar, day: date, count: int) -> date:
    """The `count`-th working day after a day. Raises CalendarMissing when it falls in a year without data."""
    for _ in range(count):
        day = calendar.next_workday(day)
    return day


@dataclass(frozen=True, slots=True)
class Clock:
    """How long after the last day of the window it is, and when the answers are due."""

    limit: int
    #: None while the window is open, or while the calendar of a year is missing
    elapsed: int | None
    due_on: date | None
    #: the year whose holidays are not known
    missing_year: int | None = None

    @property
    def is_overdue(self) -> bool:
        return self.elapsed is not None and self.elapsed > self.limit

    @property
    def left(self) -> int | None:
        """Working days that are left; negative once it is overdue."""
        return None if self.elapsed is None else self.limit - self.elapsed


def clock(calendar: Calendar, last_day: date, today: date, limit: int) -> Clock:
    """The clock of a window whose last day was `last_day`."""
    missing = None
    due_on = elapsed = None
    try:
        due_on = workday_after(calendar, last_day, limit)
    except CalendarMissing as fault:
        missing = fault.year
    # on the last day itself none has passed, also when the window ended at an hour of it
    if today >= last_day:
        try:
            elapsed = calendar.workdays(last_day, today) - calendar.workdays(last_day, last_day)
        except CalendarMissing as fault:
            missing = fault.year
    return Clock(limit, elapsed, due_on, missing)


def due_reminders(clock: Clock) -> list[int]:
    """The working days on which somebody should have been reminded by now; the limit itself is the last."""
    if clock.elapsed is None:
        return []
    steps = sorted({*(step for step in REMINDERS if step < clock.limit), clock.limit})
    return [step for step in steps if step <= clock.elapsed]


def may_be_left(kind: str, respondent: RespondentKind, *, is_in_campaign: bool) -> bool:
    """Whether an opinion may go without an answer of its own, a published reason given.

    Never for kinds of document whose law asks for every reason, nor for enterprises on documents that bind them, nor
    for what many people said alike (国办发〔2019〕9号: 对相对集中的意见未予采纳的，要反馈和说明).
    """
    if kind in EVERY_OPINION or is_in_campaign:
        return False
    is_business = respondent in (RespondentKind.ENTERPRISE, RespondentKind.ASSOCIATION)
    return not (kind in EVERY_ENTERPRISE and is_business)


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, with both numbers; a percentage only where the whole is not small."""

    part: int
    whole: int

    @property
    def tenths(self) -> int | None:
        """The share in tenths of a percent, rounded half up; None when the whole is small."""
        if self.whole < SMALL:
            return None
        return (2000 * self.part + self.whole) // (2 * self.whole)

    @property
    def percent(self) -> str:
        """83.3%; empty when the whole is small."""
        return "" if self.tenths is None else f"{self.tenths // 10}.{self.tenths % 10}%"


def adopted(counts: dict[Disposition, int]) -> Share:
    """(采纳＋部分采纳) of (采纳＋部分采纳＋未采纳)."""
    yes = counts.get(Disposition.ADOPTED, 0) + counts.get(Disposition.PARTLY_ADOPTED, 0)
    return Share(yes, yes + counts.get(Disposition.NOT_ADOPTED, 0))
