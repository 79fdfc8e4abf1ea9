"""Which days are worked and which are rested, as the State Council announces them year by year.

The table is data: a year is a handful of holiday spans (休) and of worked weekend days (班). A year without data is
never guessed: questions about its days raise CalendarMissing. (行政许可法 第八十二条: working days leave out the
statutory holidays; which weekend days are worked instead is known only from the yearly notice.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Mark = Literal["休", "班"]
YearOfDays = Mapping[date, tuple[Mark, str]]

_SATURDAY = 5
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
        return mark[0] == "班" if mark else day.weekday() < _SATURDAY

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
        return sum(self.is_workday(day) for day in _days(first, last))


def _days(first: date, last: date) -> Iterator[date]:
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        yield date.fromordinal(ordinal)


# ── a year as it is pasted from the yearly notice ─────────────────────────────────────────────────────

#: the holidays of 《全国年节及纪念日放假办法》; a year without one of them is worth a second look
STATUTORY = ("元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节")

_DAY = r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?"
_LINE = re.compile(rf"{_DAY}(?:\s*(?:至|到|—|–|~|～)\s*{_DAY})?\s*[\s,，、]\s*(\S+?)[\s,，、]+(.+)")
_MARKS: Mapping[str, Mark] = {
    "休": "休",
    "放假": "休",
    "休息": "休",
    "班": "班",
    "上班": "班",
    "补班": "班",
    "调休": "班",
}
_LONGEST_SPAN = 15
_LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class LineFault:
    """What is wrong with one pasted line; `line` counts from 1, 0 is the text as a whole. `sentence` has %(name)s places."""

    line: int
    sentence: str
    places: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class PastedYear:
    """A pasted year: its days, what must be mended first, and which statutory holidays it does not name."""

    year: int
    days: YearOfDays
    faults: tuple[LineFault, ...]
    not_named: tuple[str, ...]


def read_pasted(text: str, year: int) -> PastedYear:
    """Reads lines such as "2027-01-01 休 元旦" or "2027年2月5日至2月11日 休 春节"; blank lines and # remarks are passed over."""
    days: dict[date, tuple[Mark, str]] = {}
    faults: list[LineFault] = []
    for number, line in enumerate(text.splitlines(), 1):
        line = line.replace("\u3000", " ").strip()
        if not line or line.startswith("#"):
            continue
        try:
            for day, mark, name in _read_line(line, year):
                if day in days:
                    raise _WrongLine("%(day)s写了两次", day=day.isoformat())
                days[day] = (mark, name)
        except _WrongLine as wrong:
            faults.append(LineFault(number, wrong.sentence, wrong.places))
    if not faults and not any(mark == "休" for mark, _ in days.values()):
        faults.append(
            LineFault(0, "没有读到放假的日子，请每行写一天，例如：%(example)s", {"example": f"{year}-01-01 休 元旦"})
        )
    named = {name for _, name in days.values()}
    return PastedYear(
        year,
        dict(sorted(days.items())),
        tuple(faults),
        tuple(holiday for holiday in STATUTORY if not any(holiday.removesuffix("节") in name for name in named)),
    )


class _WrongLine(ValueError):
    def __init__(self, sentence: str, **places: object) -> None:
        self.sentence, self.places = sentence, places
        super().__init__(sentence)


def _read_line(line: str, year: int) -> Iterator[tuple[date, Mark, str]]:
    found = _LINE.fullmatch(_with_year(line))
    if found is None:
        raise _WrongLine("看不懂“%(line)s”，请写成“日期 休或班 节日名称”，例如：%(example)s", line=line[:30],
                         example=f"{year}-01-01 休 元旦")  # fmt: skip
    *numbers, said, name = found.groups()
    mark = _MARKS.get(said)
    if mark is None:
        raise _WrongLine("“%(word)s”应当是“休”或“班”", word=said[:10])
    name = name.strip()
    if len(name) > _LONGEST_NAME:
        raise _WrongLine("节日名称最多%(limit)s字", limit=_LONGEST_NAME)
    first = _date(numbers[:3])
    last = _date(numbers[3:]) if numbers[3] else first
    if last < first or (last - first).days >= _LONGEST_SPAN:
        raise _WrongLine("起止日期有误：%(first)s至%(last)s", first=first.isoformat(), last=last.isoformat())
    for day in _days(first, last):
        if day.year != year:
            raise _WrongLine("%(day)s不在%(year)s年", day=day.isoformat(), year=year)
        if mark == "班" and day.weekday() < _SATURDAY:
            raise _WrongLine("%(day)s本来就是工作日，只有周六、周日上班才写“班”", day=day.isoformat())
        yield day, mark, name


def _with_year(line: str) -> str:
    """The year of the first day also before the second: 2027年2月5日至11日, 至2月11日."""
    found = re.match(rf"{_DAY}\s*(?:至|到|—|–|~|～)\s*(?=\d)", line)
    if found is None:
        return line
    head, rest = line[: found.end()], line[found.end() :]
    if re.match(r"\d{4}\s*[-/.年]", rest):
        return line
    months = re.match(r"(\d{1,2})\s*[-/.月]\s*", rest)
    if months is not None:
        return f"{head}{found[1]}-{months[1]}-{rest[months.end() :]}"
    return f"{head}{found[1]}-{found[2]}-{rest}"


def _date(numbers: list[str]) -> date:
    try:
        return date(*map(int, numbers))
    except ValueError:
        raise _WrongLine("没有%(day)s这一天", day="-".join(numbers)) from None


def pasted(days: YearOfDays) -> str:
    """A year as the lines read_pasted() reads."""
    return "\n".join(f"{day.isoformat()} {mark} {name}" for day, (mark, name) in sorted(days.items()))


def _span(text: str) -> Iterator[tuple[int, int]]:
    """Month and day of every day in "1.31-2.6" or "4.5"."""
    first, _, last = text.partition("-")
    (m1, d1), (m2, d2) = (map(int, end.split(".")) for end in (first, last or first))
    # 2000 is a leap year, so every month and day there is exists in it; spans never cross a new year.
    for day in _days(date(2000, m1, d1), date(2000, m2, d2)):
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
