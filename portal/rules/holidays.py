"""Which days are worked and which are rested, as the State Council announces them year by year.

The table is data: a year is a handful of holiday spans (休) and of worked weekend days (班). A year without data is
never guessed: questions about its days raise CalendarMissing. (行政许可法 第八十二条: working days leave out the
statutory holidays; which weekend days are worked instead is known only from the yearly notice.)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Mark = Literal["休", "班"]
YearOfDays = Mapping[date, tuple[Mark, str]]

SATURDAY = 5
_ONE_DAY = timedelta(days=1)


class CalendarMissing(LookupError):
    """There is no holiday calendar for a year; `year` names it, and the text is fit for the screen."""

    def __init__(self, year: int) -> None:
        self.year = year
        super().__init__(f"缺少{year}年的节假日安排，无法计算工作日")


@dataclass(frozen=True, slots=True)
class Calendar:
    """The years we know. `years` maps a year to its marked days; unmarked days follow the week."""

    years: Mapping[int, YearOfDays]

    def knows(self, year: int) -> bool:
        return year in self.years

    def with_year(self, year: int, days: YearOfDays) -> Calendar:
        """A calendar that also knows (or knows anew) one year. Raises ValueError for a day of another year."""
        if any(day.year != year for day in days):
            raise ValueError(f"a day outside {year} in the calendar of {year}")
        return Calendar({**self.years, year: dict(days)})

    def mark(self, day: date) -> tuple[Mark, str] | None:
        """What the notice says of a day (休 or 班, and of which holiday), None for an ordinary day.

        Raises CalendarMissing when the year has no data.
        """
        try:
            return self.years[day.year].get(day)
        except KeyError:
            raise CalendarMissing(day.year) from None

    def is_workday(self, day: date) -> bool:
        """True for a day that is worked, make-up days included. Raises CalendarMissing."""
        mark = self.mark(day)
        return mark[0] == "班" if mark else day.weekday() < SATURDAY

    def next_workday(self, day: date) -> date:
        """The first worked day after a day. Raises CalendarMissing when it falls in a year without data."""
        day += _ONE_DAY
        while not self.is_workday(day):
            day += _ONE_DAY
        return day

    def workdays(self, first: date, last: date) -> int:
        """Worked days from `first` to `last`, both included; 0 when `last` is before `first`.

        Raises CalendarMissing when any day of the span is in a year without data.
        """
        return sum(self.is_workday(day) for day in days_between(first, last))


def days_between(first: date, last: date) -> Iterator[date]:
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        yield date.fromordinal(ordinal)


def _span(text: str) -> Iterator[tuple[int, int]]:
    """Month and day of every day in "1.31-2.6" or "4.5"."""
    first, _, last = text.partition("-")
    (m1, d1), (m2, d2) = (map(int, end.split(".")) for end in (first, last or first))
    # 2000 is a leap year, so every month and day there is exists in it; spans never cross a new year.
    for day in days_between(date(2000, m1, d1), date(2000, m2, d2)):
        yield day.month, day.day


def _year(year: int, lines: str) -> dict[date, tuple[Mark, str]]:
    """A year from its lines "name span [+ make-up day …]"; only days that differ from the week need be there."""
    days: dict[date, tuple[Mark, str]] = {}
    for line in lines.split(";"):
        name, rest, *worked = line.split()
        days.update({date(year, m, d): ("休", name) for m, d in _span(rest)})
        days.update({date(year, m, d): ("班", name) for text in worked for m, d in _span(text)})
    return days


# From the General Office's yearly notices on holidays; a make-up day stands after the holiday it pays for.
CALENDAR = Calendar(
    {
        year: _year(year, lines)
        for year, lines in {
            2021: "元旦 1.1-1.3; 春节 2.11-2.17 2.7 2.20; 清明节 4.3-4.5; 劳动节 5.1-5.5 4.25 5.8;"
            "端午节 6.12-6.14; 中秋节 9.19-9.21 9.18; 国庆节 10.1-10.7 9.26 10.9",
            2022: "元旦 1.1-1.3; 春节 1.31-2.6 1.29 1.30; 清明节 4.3-4.5 4.2; 劳动节 4.30-5.4 4.24 5.7;"
            "端午节 6.3-6.5; 中秋节 9.10-9.12; 国庆节 10.1-10.7 10.8 10.9; 元旦 12.31",
            2023: "元旦 1.1-1.2; 春节 1.21-1.27 1.28 1.29; 清明节 4.5; 劳动节 4.29-5.3 4.23 5.6;"
            "端午节 6.22-6.24 6.25; 中秋节 9.29; 国庆节 9.30-10.6 10.7 10.8; 元旦 12.30-12.31",
            2024: "元旦 1.1; 春节 2.10-2.17 2.4 2.18; 清明节 4.4-4.6 4.7; 劳动节 5.1-5.5 4.28 5.11;"
            "端午节 6.10; 中秋节 9.15-9.17 9.14; 国庆节 10.1-10.7 9.29 10.12",
            2025: "元旦 1.1; 春节 1.28-2.4 1.26 2.8; 清明节 4.4-4.6; 劳动节 5.1-5.5 4.27;"
            "端午节 5.31-6.2; 国庆节 10.1-10.8 9.28 10.11; 中秋节 10.6",
            2026: "元旦 1.1-1.3 1.4; 春节 2.15-2.23 2.14 2.28; 清明节 4.4-4.6; 劳动节 5.1-5.5 5.9;"
            "端午节 6.19-6.21; 中秋节 9.25-9.27; 国庆节 10.1-10.7 9.20 10.10",
        }.items()
    }
)
