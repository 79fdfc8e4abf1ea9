"""What the public reads of one consultation: its clauses and published comments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from portal.errors import NotThere
from portal.models import Clause, Comment, Consultation, DraftVersion, Submission
from portal.rules.words import CommentState
from portal.services import lineage

#: how many published comments one page shows
PAGE = 20


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


def place_of(session: Session, consultation: Consultation, comment: Comment) -> Clause | None:
    """The clause of the version the public reads on which a comment stands; None: the draft as a whole."""
    if comment.clause_id is None:
        return None
    place = _moved(session, consultation).get(comment.clause_id, comment.clause_id)
    return session.get(Clause, place) if place is not None else None


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


def comments_after(
    session: Session, consultation: Consultation, after: int, limit: int, on: Clause | None = None
) -> list[Comment]:
    """Published comments in the order they came, those with a number above `after`; of one clause when given."""
    query = (
        select(Comment)
        .where(
            Comment.consultation_id == consultation.id,
            Comment.state == CommentState.PUBLISHED,
            Comment.number > after,
        )
        .options(
            joinedload(Comment.submission).joinedload(Submission.respondent),
            joinedload(Comment.clause).joinedload(Clause.version),
            joinedload(Comment.response),
        )
        .order_by(Comment.number)
        .limit(limit)
    )
    if on is not None:
        query = query.where(or_(*_on(session, consultation, on.id)))
    return list(session.scalars(query))
