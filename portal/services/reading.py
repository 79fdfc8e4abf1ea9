"""What the public reads: the shelves of the home page, one consultation, its clauses and published comments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from portal.errors import NotThere
from portal.models import Clause, Comment, CommentWindow, Consultation, DraftVersion, Submission
from portal.rules import window
from portal.rules.window import WindowState
from portal.rules.words import CommentState
from portal.services import lineage

#: a window that ends within this many days stands on the first shelf
SOON_DAYS = 3
#: how many published comments one page shows
PAGE = 20


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the public index."""

    consultation: Consultation
    window: CommentWindow
    received: int
    state: WindowState


@dataclass(frozen=True, slots=True)
class Shelves:
    """The public index, each shelf in its own order."""

    soon: list[Entry]
    open: list[Entry]
    upcoming: list[Entry]
    in_answer: list[Entry]
    answered: list[Entry]
    withdrawn: list[Entry]

    @property
    def is_empty(self) -> bool:
        return not (self.soon or self.open or self.upcoming or self.in_answer or self.answered or self.withdrawn)


def shelves(session: Session, at: datetime) -> Shelves:
    """Every published consultation, on the shelf where it stands at `at`."""
    counts = (
        select(Comment.consultation_id, func.count().label("received")).group_by(Comment.consultation_id).subquery()
    )
    rows = session.execute(
        select(Consultation, CommentWindow, func.coalesce(counts.c.received, 0))
        .join(CommentWindow, CommentWindow.consultation_id == Consultation.id)
        .outerjoin(counts, counts.c.consultation_id == Consultation.id)
        .where(Consultation.first_published_at <= at, CommentWindow.superseded_at.is_(None))
        .options(joinedload(Consultation.bureau), joinedload(Consultation.document_type))
    ).all()
    found = Shelves([], [], [], [], [], [])
    for consultation, current, received in rows:
        state = window.state(current.opens_at, current.closes_at, at)
        if consultation.is_withdrawn:
            state = WindowState.WITHDRAWN
        entry = Entry(consultation, current, received, state)
        if state is WindowState.WITHDRAWN:
            found.withdrawn.append(entry)
        elif state is WindowState.UPCOMING:
            found.upcoming.append(entry)
        elif state is WindowState.OPEN:
            is_soon = window.days_left(current.closes_at, at) < SOON_DAYS
            (found.soon if is_soon else found.open).append(entry)
        elif consultation.results_published_at and consultation.results_published_at <= at:
            found.answered.append(entry)
        else:
            found.in_answer.append(entry)
    for shelf in (found.soon, found.open):
        shelf.sort(key=lambda entry: entry.window.closes_at)
    found.upcoming.sort(key=lambda entry: entry.window.opens_at)
    found.withdrawn.sort(key=lambda entry: entry.consultation.withdrawn_at or at, reverse=True)
    found.in_answer.sort(key=lambda entry: entry.window.closes_at, reverse=True)
    found.answered.sort(key=lambda entry: entry.consultation.results_published_at or at, reverse=True)
    return found


@dataclass(frozen=True, slots=True)
class Record:
    """What the site did in the last twelve months (the year counter of the website rules)."""

    consultations: int
    comments: int
    answered: int


def record(session: Session, at: datetime) -> Record:
    """Counts over the consultations first published in the twelve months before `at`."""
    recent = (Consultation.first_published_at <= at, Consultation.first_published_at > at - timedelta(days=365))
    consultations = session.scalar(select(func.count(Consultation.id)).where(*recent)) or 0
    comments = session.scalar(
        select(func.count(Comment.id)).join(Consultation, Comment.consultation_id == Consultation.id).where(*recent)
    )
    answered = session.scalar(
        select(func.count(Consultation.id)).where(*recent, Consultation.results_published_at <= at)
    )
    return Record(consultations, comments or 0, answered or 0)


def published(session: Session, slug: str, at: datetime) -> Consultation:
    """The consultation behind a public address. Raises NotThere before it was published."""
    consultation = session.scalar(
        select(Consultation)
        .where(Consultation.slug == slug, Consultation.first_published_at <= at)
        .options(
            joinedload(Consultation.bureau),
            joinedload(Consultation.document_type),
            selectinload(Consultation.windows),
            selectinload(Consultation.versions),
        )
    )
    if consultation is None:
        raise NotThere("没有找到这次征求意见。它可能尚未发布，请核对网址。")
    return consultation


def clauses(session: Session, version: DraftVersion) -> list[Clause]:
    """Every clause of a version, in the order of the draft."""
    return list(session.scalars(select(Clause).where(Clause.version_id == version.id).order_by(Clause.position)))


def clause(session: Session, version: DraftVersion, label: str) -> Clause:
    """One clause by its label. Raises NotThere."""
    found = session.scalar(select(Clause).where(Clause.version_id == version.id, Clause.label == label))
    if found is None:
        raise NotThere("征求意见稿里没有这一条款，请从目录里重新选择。")
    return found


def public_counts(session: Session, consultation: Consultation) -> dict[int | None, int]:
    """How many comments are published on each clause id of the version the public reads; None: on the draft as a whole.

    Comments on an earlier version count where their clause now stands, or on the whole when it is gone.
    """
    moved = _moved(session, consultation)
    rows = session.execute(
        select(Comment.clause_id, func.count())
        .where(Comment.consultation_id == consultation.id, Comment.state == CommentState.PUBLISHED)
        .group_by(Comment.clause_id)
    )
    found: dict[int | None, int] = {}
    for clause_id, count in rows:
        place = moved.get(clause_id, clause_id) if clause_id is not None else None
        found[place] = found.get(place, 0) + count
    return found


def _moved(session: Session, consultation: Consultation) -> dict[int, int | None]:
    """Where clauses of earlier versions stand now; empty, and no query, while there is one version."""
    is_first = len([v for v in consultation.versions if v.published_at is not None]) < 2
    return {} if is_first else lineage.places(session, consultation.version)


def counts(session: Session, consultation: Consultation) -> dict[CommentState, int]:
    """How many comments stand in each state."""
    rows = session.execute(
        select(Comment.state, func.count()).where(Comment.consultation_id == consultation.id).group_by(Comment.state)
    )
    found = dict.fromkeys(CommentState, 0)
    found.update(dict(rows.all()))
    return found


@dataclass(frozen=True, slots=True)
class Page:
    """Some published comments, newest first, and where the next page begins (None at the end)."""

    comments: list[Comment]
    before: int | None


def _on(session: Session, consultation: Consultation, clause_id: int | None) -> list[ColumnElement[bool]]:
    """The conditions under which a comment stands on this clause (None: on the draft as a whole)."""
    came_from = [old for old, place in _moved(session, consultation).items() if place == clause_id]
    conditions = [Comment.clause_id == clause_id if clause_id is not None else Comment.clause_id.is_(None)]
    if came_from:
        conditions.append(Comment.clause_id.in_(came_from))
    return conditions


def published_comments(
    session: Session, consultation: Consultation, clause_id: int | None, before: int | None = None, limit: int = PAGE
) -> Page:
    """Published comments on one clause (None: on the draft as a whole), newest first, `before` a comment number."""
    query = (
        select(Comment)
        .join(Comment.submission)
        .where(
            Comment.consultation_id == consultation.id,
            Comment.state == CommentState.PUBLISHED,
            or_(*_on(session, consultation, clause_id)),
        )
        .options(
            contains_eager(Comment.submission).joinedload(Submission.respondent),
            joinedload(Comment.clause).joinedload(Clause.version),
        )
        .order_by(Comment.number.desc())
        .limit(limit + 1)
    )
    if before is not None:
        query = query.where(Comment.number < before)
    found = list(session.scalars(query))
    return Page(found[:limit], found[limit - 1].number if len(found) > limit else None)
