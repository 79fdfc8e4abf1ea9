"""A year of holidays as an administrator pastes it from the yearly notice of the State Council, line by line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from portal.errors import NotValid
from portal.rules.holidays import SATURDAY, Mark, YearOfDays, days_between
from portal.rules.words import STATUTORY_HOLIDAYS

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
    """What is wrong with one pasted line; `line` counts from 1, 0 is the text as a whole."""

    line: int
    what: NotValid


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
                    raise NotValid("%(day)s写了两次", day=day.isoformat())
                days[day] = (mark, name)
        except NotValid as wrong:
            faults.append(LineFault(number, wrong))
    if not faults and not any(mark == "休" for mark, _ in days.values()):
        faults.append(
            LineFault(
                0, NotValid("没有读到放假的日子，请每行写一天，例如：%(example)s", example=f"{year}-01-01 休 元旦")
            )
        )
    named = {name for _, name in days.values()}
    return PastedYear(
        year,
        dict(sorted(days.items())),
        tuple(faults),
        tuple(
            holiday for holiday in STATUTORY_HOLIDAYS if not any(holiday.removesuffix("节") in name for name in named)
        ),
    )


def _read_line(line: str, year: int) -> Iterator[tuple[date, Mark, str]]:
    found = _LINE.fullmatch(_with_year(line))
    if found is None:
        raise NotValid("看不懂“%(line)s”，请写成“日期 休或班 节日名称”，例如：%(example)s", line=line[:30],
                         example=f"{year}-01-01 休 元旦")  # fmt: skip
    *numbers, said, name = found.groups()
    mark = _MARKS.get(said)
    if mark is None:
        raise NotValid("“%(word)s”应当是“休”或“班”", word=said[:10])
    name = name.strip()
    if len(name) > _LONGEST_NAME:
        raise NotValid("节日名称最多%(limit)s字", limit=_LONGEST_NAME)
    first = _date(numbers[:3])
    last = _date(numbers[3:]) if numbers[3] else first
    if last < first or (last - first).days >= _LONGEST_SPAN:
        raise NotValid("起止日期有误：%(first)s至%(last)s", first=first.isoformat(), last=last.isoformat())
    for day in days_between(first, last):
        if day.year != year:
            raise NotValid("%(day)s不在%(year)s年", day=day.isoformat(), year=year)
        if mark == "班" and day.weekday() < SATURDAY:
            raise NotValid("%(day)s本来就是工作日，只有周六、周日上班才写“班”", day=day.isoformat())
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
        raise NotValid("没有%(day)s这一天", day="-".join(numbers)) from None


def pasted(days: YearOfDays) -> str:
    """A year as the lines read_pasted() reads."""
    return "\n".join(f"{day.isoformat()} {mark} {name}" for day, (mark, name) in sorted(days.items()))
