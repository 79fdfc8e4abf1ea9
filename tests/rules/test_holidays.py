"""The calendar knows what was announced and nothing else."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from portal.rules.holidays import CALENDAR, CalendarMissing


@pytest.mark.parametrize(
    ("day", "is_worked"),
    [
        ("2022-01-29", True),  # a Saturday worked for Spring Festival
        ("2022-01-30", True),
        ("2022-01-31", False),
        ("2022-02-06", False),
        ("2022-02-07", True),
        ("2021-10-09", True),
        ("2021-10-07", False),
        ("2022-04-02", True),
        ("2022-04-05", False),
        ("2022-12-31", False),
        ("2023-10-06", False),
        ("2024-10-12", True),
        ("2025-10-08", False),
        ("2026-01-04", True),
        ("2026-02-23", False),
        ("2026-11-21", False),
        ("2026-11-23", True),
    ],
)
def test_days(day, is_worked):
    assert CALENDAR.is_workday(date.fromisoformat(day)) is is_worked


# Working days a year, as each yearly notice leaves them.
@pytest.mark.parametrize(
    ("year", "workdays"), [(2021, 250), (2022, 249), (2023, 249), (2024, 251), (2025, 248), (2026, 248)]
)
def test_working_days_of_a_year(year, workdays):
    assert CALENDAR.workdays(date(year, 1, 1), date(year, 12, 31)) == workdays


def test_every_make_up_day_is_a_weekend():
    for days in CALENDAR.years.values():
        for day, (mark, name) in days.items():
            assert name
            if mark == "班":
                assert day.weekday() >= 5


def test_names_the_holiday():
    assert CALENDAR.mark(date(2022, 2, 1)) == ("休", "春节")
    assert CALENDAR.mark(date(2022, 1, 29)) == ("班", "春节")
    assert CALENDAR.mark(date(2022, 3, 1)) is None
    assert CALENDAR.mark(date(2025, 10, 6)) == ("休", "中秋节")


@pytest.mark.parametrize("day", [date(2020, 12, 31), date(2027, 1, 1), date(2027, 1, 2)])
def test_does_not_guess(day):
    """Not even a Saturday is known to be rested: it may be a make-up day."""
    with pytest.raises(CalendarMissing, match=str(day.year)) as raised:
        CALENDAR.is_workday(day)
    assert raised.value.year == day.year


def test_a_year_can_be_added():
    more = CALENDAR.with_year(2027, {date(2027, 1, 1): ("休", "元旦"), date(2027, 1, 2): ("班", "元旦")})
    assert more.knows(2027)
    assert not CALENDAR.knows(2027)
    assert not more.is_workday(date(2027, 1, 1))
    assert more.is_workday(date(2027, 1, 2))
    assert more.next_workday(date(2026, 12, 31)) == date(2027, 1, 2)


def test_a_year_holds_only_its_own_days():
    with pytest.raises(ValueError):
        CALENDAR.with_year(2027, {date(2026, 1, 1): ("休", "元旦")})


def test_an_empty_span_has_no_working_days():
    assert CALENDAR.workdays(date(2022, 1, 2), date(2022, 1, 1)) == 0


def test_next_workday_jumps_the_holiday():
    assert CALENDAR.next_workday(date(2022, 1, 30)) == date(2022, 2, 7)
    assert CALENDAR.next_workday(date(2022, 3, 12)) - date(2022, 3, 12) == timedelta(days=2)
