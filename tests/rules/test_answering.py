"""When answers are due, what may go without one, and shares of small numbers."""

from __future__ import annotations

from datetime import date

import pytest

from portal.rules import answering
from portal.rules.holidays import CALENDAR, CalendarMissing
from portal.rules.words import Disposition, RespondentKind


@pytest.mark.parametrize(
    ("last_day", "days", "due"),
    [
        (date(2021, 12, 21), 20, date(2022, 1, 19)),
        (date(2022, 3, 12), 20, date(2022, 4, 11)),  # 4月2日 is worked, 4月3日至5日 are rested
        (date(2021, 12, 21), 15, date(2022, 1, 12)),
        (date(2022, 3, 12), 15, date(2022, 4, 1)),
    ],
)
def test_working_days_after_the_last_day(last_day, days, due):
    assert answering.workday_after(CALENDAR, last_day, days) == due


def test_a_year_without_holidays_is_named():
    with pytest.raises(CalendarMissing):
        answering.workday_after(CALENDAR, date(2026, 12, 30), 20)
    clock = answering.clock(CALENDAR, date(2026, 12, 20), date(2026, 12, 25), 20)
    assert (clock.due_on, clock.missing_year, clock.elapsed) == (None, 2027, 5)


@pytest.mark.parametrize(
    ("today", "elapsed", "left", "is_overdue", "due"),
    [
        (date(2021, 12, 20), None, None, False, []),
        (date(2021, 12, 21), 0, 20, False, []),
        (date(2021, 12, 22), 1, 19, False, []),
        (date(2021, 12, 28), 5, 15, False, [5]),
        (date(2022, 1, 12), 15, 5, False, [5, 10, 15]),
        (date(2022, 1, 19), 20, 0, False, [5, 10, 15, 20]),
        (date(2022, 1, 20), 21, -1, True, [5, 10, 15, 20]),
    ],
)
def test_the_clock(today, elapsed, left, is_overdue, due):
    clock = answering.clock(CALENDAR, date(2021, 12, 21), today, 20)
    assert (clock.elapsed, clock.left, clock.is_overdue) == (elapsed, left, is_overdue)
    assert answering.due_reminders(clock) == due


def test_a_shorter_limit_reminds_only_before_it():
    clock = answering.clock(CALENDAR, date(2021, 12, 21), date(2022, 1, 19), 7)
    assert answering.due_reminders(clock) == [5, 7]


@pytest.mark.parametrize(
    ("kind", "who", "is_in_campaign", "may"),
    [
        ("QT", RespondentKind.CITIZEN, False, True),
        ("QT", RespondentKind.CITIZEN, True, False),
        ("CXGH", RespondentKind.CITIZEN, False, False),
        ("FWZS", RespondentKind.CITIZEN, False, False),
        ("GFXWJ-E", RespondentKind.ENTERPRISE, False, False),
        ("GFXWJ-E", RespondentKind.ASSOCIATION, False, False),
        ("GFXWJ-E", RespondentKind.CITIZEN, False, True),
    ],
)
def test_what_may_go_without_an_answer_of_its_own(kind, who, is_in_campaign, may):
    assert answering.may_be_left(kind, who, is_in_campaign=is_in_campaign) is may


@pytest.mark.parametrize(
    ("part", "whole", "percent"), [(1, 3, ""), (9, 9, ""), (5, 10, "50.0%"), (1, 16, "6.3%"), (0, 0, "")]
)
def test_small_numbers_get_no_percentage(part, whole, percent):
    assert answering.Share(part, whole).percent == percent


def test_the_share_adopted_leaves_out_what_was_only_explained():
    counts = {
        Disposition.ADOPTED: 1,
        Disposition.PARTLY_ADOPTED: 2,
        Disposition.NOT_ADOPTED: 1,
        Disposition.EXPLAINED: 9,
    }
    assert answering.adopted(counts) == answering.Share(3, 4)
