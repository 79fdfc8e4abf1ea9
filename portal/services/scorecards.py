"""What a bureau did with what it heard: days open, days to answer, shares answered and adopted, with their formulas.

Figures of a bureau, never a ranking of bureaus: a high rate of adoption is no merit in itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from portal.errors import NotThere
from portal.models import Bureau, Comment, CommentWindow, Consultation, Response
from portal.rules import answering, window
from portal.rules.answering import Share
from portal.rules.holidays import Calendar, CalendarMissing
from portal.rules.words import CommentState, Disposition
from portal.services import holidays

YEAR = timedelta(days=365)
#: fewer cases than this have no middle worth naming
FEW = 3


@dataclass(frozen=True, slots=True)
class Record:
    """One consultation: how long it was open, how long the answers took, what became of the comments."""

    slug: str
    title: str
    closes_at: datetime
    days_open: int
    is_over: bool
    #: working days from the end to the publication; None while there is none, or while a calendar is missing
    days_to_answer: int | None
    answered_on: date | None
    received: int
    published: int
    answered: int
    dispositions: dict[Disposition, int]


@dataclass(frozen=True, slots=True)
class Scorecard:
    """A bureau's figures over the consultations first published in the twelve months before an instant."""

    bureau: Bureau
    since: date
    records: tuple[Record, ...]
    limit: int

    @property
    def opened(self) -> int:
        return len(self.records)

    @property
    def over(self) -> tuple[Record, ...]:
        return tuple(record for record in self.records if record.is_over)

    @property
    def fed_back(self) -> tuple[Record, ...]:
        return tuple(record for record in self.over if record.answered_on is not None)

    @property
    def middle_days_open(self) -> float | None:
        return _middle([record.days_open for record in self.records])

    @property
    def middle_days_to_answer(self) -> float | None:
        return _middle([r.days_to_answer for r in self.fed_back if r.days_to_answer is not None])

    @property
    def within_limit(self) -> Share:
        """Of those that were fed back, how many within the limit."""
        counted = [record.days_to_answer for record in self.fed_back if record.days_to_answer is not None]
        return Share(sum(1 for days in counted if days <= self.limit), len(counted))

    @property
    def answered(self) -> Share:
        """Of the published comments on consultations that were fed back, how many have an answer of their own."""
        return Share(sum(r.answered for r in self.fed_back), sum(r.published for r in self.fed_back))

    @property
    def dispositions(self) -> dict[Disposition, int]:
        found = {kind: sum(r.dispositions.get(kind, 0) for r in self.fed_back) for kind in Disposition}
        return {kind: count for kind, count in found.items() if count}

    @property
    def adopted(self) -> Share:
        return answering.adopted(self.dispositions)

    @property
    def received(self) -> int:
        return sum(record.received for record in self.records)


def _middle(values: Sequence[int]) -> float | None:
    return float(median(values)) if len(values) >= FEW else None


def bureaus(session: Session, at: datetime) -> list[tuple[Bureau, int]]:
    """The bureaus that ever published, by name, with how many consultations they opened in twelve months."""
    recent = func.count(Consultation.id).filter(Consultation.first_published_at > at - YEAR)
    rows = session.execute(
        select(Bureau, recent)
        .join(Consultation, Consultation.bureau_id == Bureau.id)
        .where(Consultation.first_published_at <= at)
        .group_by(Bureau.id)
        .order_by(Bureau.name)
    )
    return [(bureau, count) for bureau, count in rows]


def of_bureau(session: Session, code: str, at: datetime, limit: int) -> Scorecard:
    """The scorecard of a bureau by its code. Raises NotThere."""
    bureau = session.scalar(select(Bureau).where(Bureau.code == code))
    if bureau is None:
        raise NotThere("没有这个单位，请核对网址。")
    rows = session.execute(
        select(Consultation, CommentWindow)
        .join(
            CommentWindow,
            and_(CommentWindow.consultation_id == Consultation.id, CommentWindow.superseded_at.is_(None)),
        )
        .where(
            Consultation.bureau_id == bureau.id,
            Consultation.first_published_at <= at,
            Consultation.first_published_at > at - YEAR,
            Consultation.withdrawn_at.is_(None),
        )
        .order_by(Consultation.first_published_at.desc(), Consultation.id.desc())
    ).all()
    out = [found.id for found, _ in rows if found.results_published_at and found.results_published_at <= at]
    published: dict[int, tuple[int, int]] = {}
    for consultation_id, count, answered in session.execute(
        select(Comment.consultation_id, func.count(), func.count(Comment.published_response_id))
        .where(Comment.consultation_id.in_(out), Comment.state == CommentState.PUBLISHED)
        .group_by(Comment.consultation_id)
    ):
        published[consultation_id] = (count, answered)
    outcomes: dict[int, dict[Disposition, int]] = {}
    for consultation_id, disposition, count in session.execute(
        select(Comment.consultation_id, Response.disposition, func.count())
        .join(Response, Response.id == Comment.published_response_id)
        .where(Comment.consultation_id.in_(out), Comment.state == CommentState.PUBLISHED)
        .group_by(Comment.consultation_id, Response.disposition)
    ):
        outcomes.setdefault(consultation_id, {})[disposition] = count
    calendar = holidays.calendar(session)
    records = []
    for found, current in rows:
        last = window.last_day(current.closes_at)
        fed_back = found.results_published_at if found.id in out else None
        count, answered = published.get(found.id, (0, 0))
        records.append(
            Record(
                slug=found.slug,
                title=found.title,
                closes_at=current.closes_at,
                days_open=(last - window.day_in_beijing(current.opens_at)).days + 1,
                is_over=current.closes_at <= at,
                days_to_answer=_workdays(calendar, last, window.day_in_beijing(fed_back)) if fed_back else None,
                answered_on=window.day_in_beijing(fed_back) if fed_back else None,
                received=found.comments_numbered,
                published=count,
                answered=answered,
                dispositions=outcomes.get(found.id, {}),
            )
        )
    return Scorecard(bureau, window.day_in_beijing(at - YEAR) + timedelta(days=1), tuple(records), limit)


def _workdays(calendar: Calendar, last: date, on: date) -> int | None:
    try:
        return calendar.workdays(last + timedelta(days=1), on)
    except CalendarMissing:
        return None
