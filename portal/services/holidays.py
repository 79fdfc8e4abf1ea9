"""The calendar of working days as this site keeps it: read for every calculation, kept year by year by an administrator."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.access import Actor, Permission, require
from portal.errors import NotValid
from portal.models import Holiday
from portal.rules.holidays import CALENDAR, Calendar, Mark, YearOfDays
from portal.rules.yearly_notice import PastedYear, read_pasted
from portal.services import audit

FIRST_YEAR, LAST_YEAR = 2000, 2100


def calendar(session: Session) -> Calendar:
    """Every year there is data for, as the value the rules count with."""
    years: dict[int, dict[date, tuple[Mark, str]]] = defaultdict(dict)
    for holiday in session.scalars(select(Holiday).order_by(Holiday.day)):
        years[holiday.day.year][holiday.day] = ("休" if holiday.is_rest else "班", holiday.name)
    return Calendar(dict(years))


def read(text: str, year: int | None) -> PastedYear:
    """A pasted year, for the officer to look at before it is kept. Raises NotValid without a usable year."""
    if year is None or not FIRST_YEAR <= year <= LAST_YEAR:
        raise NotValid("请填写年份，例如2027。", fault="year")
    return read_pasted(text, year)


def keep_year(session: Session, actor: Actor, year: int | None, text: str, at: datetime) -> PastedYear:
    """Keeps a year as it was pasted, in place of what was known of it. Raises NotValid while a line is wrong."""
    require(actor, Permission.KEEP_LISTS)
    found = read(text, year)
    if found.faults:
        raise NotValid("有%(count)s行需要改正，改好后再保存。", fault="lines", count=len(found.faults))
    before = calendar(session).years.get(found.year, {})
    session.execute(
        delete(Holiday).where(Holiday.day >= date(found.year, 1, 1), Holiday.day <= date(found.year, 12, 31))
    )
    _add(session, found.days)
    session.flush()
    audit.record(
        session, actor, "holidays.keep", f"year:{found.year}", at,
        {
            "added": [_said(day, found.days) for day in found.days if before.get(day) != found.days[day]],
            "removed": [_said(day, before) for day in sorted(before) if day not in found.days],
        },
    )  # fmt: skip
    return found


def fill(session: Session) -> None:
    """Adds the years the program knows and the table does not; never touches a year somebody may have edited."""
    known = calendar(session)
    for year, days in CALENDAR.years.items():
        if not known.knows(year):
            _add(session, days)
    session.flush()


def _add(session: Session, days: YearOfDays) -> None:
    session.add_all(Holiday(day=day, is_rest=mark == "休", name=name) for day, (mark, name) in days.items())


def _said(day: date, days: YearOfDays) -> str:
    mark, name = days[day]
    return f"{day.isoformat()} {mark} {name}"
