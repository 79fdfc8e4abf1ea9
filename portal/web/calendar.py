"""A year of the holiday calendar laid out as one hangs it on the wall: twelve months of weeks, Monday first."""

from __future__ import annotations

from calendar import Calendar as Weeks
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from portal.rules.holidays import Calendar, Mark

_WEEKS = Weeks()


@dataclass(frozen=True, slots=True)
class DayCell:
    """One day of a month. `mark` is 休 or 班 where the notice names the day."""

    day: date
    is_workday: bool
    mark: Mark | None
    name: str


@dataclass(frozen=True, slots=True)
class Span:
    """Days in a row that the notice names together."""

    first: date
    last: date
    mark: Mark
    name: str

    @property
    def length(self) -> int:
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class YearPage:
    """A year: its months as weeks of days (None outside the month), the spans of its notice, its working days."""

    year: int
    months: list[list[list[DayCell | None]]]
    spans: list[Span]
    workdays: int


def year_page(calendar: Calendar, year: int) -> YearPage | None:
    """The year laid out; None when there is no data for it."""
    if not calendar.knows(year):
        return None
    months = [
        [[_cell(calendar, day) if day.month == month else None for day in week] for week in weeks]
        for month, weeks in ((month, _WEEKS.monthdatescalendar(year, month)) for month in range(1, 13))
    ]
    return YearPage(year, months, _spans(calendar, year), calendar.workdays(date(year, 1, 1), date(year, 12, 31)))


def _cell(calendar: Calendar, day: date) -> DayCell:
    mark = calendar.mark(day)
    return DayCell(day, calendar.is_workday(day), mark[0] if mark else None, mark[1] if mark else "")


def _spans(calendar: Calendar, year: int) -> list[Span]:
    named = sorted(calendar.years[year].items())
    # days in a row differ from their place in the list by the same number
    runs = groupby(enumerate(named), key=lambda each: (each[1][1], each[1][0].toordinal() - each[0]))
    found = []
    for ((mark, name), _offset), members in runs:
        days = [day for _place, (day, _mark) in members]
        found.append(Span(days[0], days[-1], mark, name))
    return found
