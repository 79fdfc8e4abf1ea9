"""What the public reads of one consultation: its clauses and published comments."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, or_, select, tuple_
from sqlalchemy.orm import Session, contains_eager, joinedload

from portal.errors import NotThere
from portal.models import (
    Clause,
    Comment,
    Consultation,
    DraftVersion,
    Endorsement,
    Lineage,
    Placement,
    Submission,
    Tally,
)
from portal.rules.words import CommentOrder, CommentState
from portal.services import tallies

#: how many published comments one page shows
PAGE = 20


def published(session: Session, slug: str, at: datetime) -> Consultation:
    """The consultation behind a public address. Raises NotThere before it was published."""
    consultation = (
        session.scalars(
            select(Consultation)
            .where(Consultation.slug == slug, Consultation.first_published_at <= at)
            # one look for everything: there are a few windows and a few versions, never many
            .options(
                joinedload(Consultation.bureau),
                joinedload(Consultation.document_type),
                joinedload(Consultation.windows),
                joinedload(Consultation.versions),
            )
        )
        .unique()
        .one_or_none()
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


@dataclass(frozen=True, slots=True)
class Heard:
    """How much was said. `published` counts by clause id of the version the public reads, None for the whole draft.

    Comments on an earlier version count where their clause now stands, or on the whole when it is gone; `elsewhere`
    says for each of those places from which clauses of earlier versions comments came to it.
    """

    totals: dict[CommentState, int]
    published: dict[int | None, int]
    elsewhere: dict[int | None, list[int]]
    #: the version comments may have a place of their own in; None while there is only one
    placed_in: int | None = None

    @property
    def received(self) -> int:
        return sum(self.totals.values())


def heard(session: Session, consultation: Consultation) -> Heard:
    """How many comments stand in each state and on each clause: two short queries, however many comments there are."""
    version = consultation.version
    is_first = len([v for v in consultation.versions if v.published_at is not None]) < 2
    rows = session.execute(
        select(Tally.place, Clause.label, Clause.version_id, *tallies.COLUMNS)
        .outerjoin(Clause, Clause.id == Tally.place)
        .where(Tally.consultation_id == consultation.id)
    ).all()
    now_at = {} if is_first else _now_at(session, consultation)
    found = Heard(dict.fromkeys(CommentState, 0), {}, {})
    for clause_id, label, version_id, *counts in rows:
        for state, count in zip(CommentState, counts, strict=True):
            found.totals[state] += count
        place: int | None = clause_id or None
        if place is not None and version_id != version.id:
            place = now_at.get((version_id, label))
            found.elsewhere.setdefault(place, []).append(clause_id)
        if said := counts[list(CommentState).index(CommentState.PUBLISHED)]:
            found.published[place] = found.published.get(place, 0) + said
    return found if is_first else _with_placements(session, version, found, now_at)


def _with_placements(
    session: Session, version: DraftVersion, found: Heard, now_at: dict[tuple[int, str], int | None]
) -> Heard:
    """The counts once the comments that have a place of their own are counted there."""
    rows = session.execute(
        select(Clause.version_id, Clause.label, Placement.clause_id, func.count())
        .join(Comment, Comment.id == Placement.comment_id)
        .join(Clause, Clause.id == Comment.clause_id)
        .where(Placement.version_id == version.id, Comment.state == CommentState.PUBLISHED)
        .group_by(Clause.version_id, Clause.label, Placement.clause_id)
    )
    for version_id, label, place, count in rows:
        by_lineage = now_at.get((version_id, label))
        found.published[by_lineage] = found.published.get(by_lineage, 0) - count
        found.published[place] = found.published.get(place, 0) + count
    published = {place: count for place, count in found.published.items() if count}
    return replace(found, published=published, placed_in=version.id)


def _now_at(session: Session, consultation: Consultation) -> dict[tuple[int, str], int | None]:
    """Where each clause of earlier versions stands in the one the public reads, by version and label.

    Follows the lineage of every version in between; a split leads to its first part.
    """
    version = consultation.version
    rows = session.execute(
        select(Lineage.old_version_id, Lineage.new_version_id, Lineage.old_labels, Lineage.new_labels)
        .join(DraftVersion, DraftVersion.id == Lineage.new_version_id)
        .where(DraftVersion.consultation_id == consultation.id, DraftVersion.number <= version.number)
        .order_by(DraftVersion.number.desc())
    )
    found: dict[tuple[int, str], int | None] = {(version.id, c.label): c.id for c in version.clauses}
    for old_version, new_version, old_labels, new_labels in rows:
        place = found.get((new_version, new_labels[0])) if new_labels else None
        found.update({(old_version, label): place for label in old_labels})
    return found


def public_counts(session: Session, consultation: Consultation) -> dict[int | None, int]:
    """How many comments are published on each clause id of the version the public reads; None: on the draft as a whole."""
    return heard(session, consultation).published


def place_of(session: Session, consultation: Consultation, comment: Comment) -> Clause | None:
    """The clause of the version the public reads on which a comment stands; None: the draft as a whole."""
    clause = comment.clause
    if clause is None or clause.version_id == consultation.version.id:
        return clause
    placed = session.execute(
        select(Placement.clause_id).where(
            Placement.comment_id == comment.id, Placement.version_id == consultation.version.id
        )
    ).one_or_none()
    place = placed.clause_id if placed else _now_at(session, consultation).get((clause.version_id, clause.label))
    return session.get(Clause, place) if place is not None else None


def counts(session: Session, consultation: Consultation) -> dict[CommentState, int]:
    """How many comments stand in each state."""
    return tallies.totals(session, consultation.id)


@dataclass(frozen=True, slots=True)
class Page:
    """Some published comments, and where the next page begins (None at the end); `mine` are those I endorsed."""

    comments: list[Comment]
    before: str | None
    mine: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins: below this comment. `concurrence` counts only in the order of most concurring."""

    number: int
    concurrence: int = 0

    @classmethod
    def read(cls, text: str) -> Cursor | None:
        """A cursor of an address, such as 34 or 20-34; None for anything else."""
        parts = text.split("-")
        if not 1 <= len(parts) <= 2 or not all(p.isascii() and p.isdecimal() and len(p) <= 9 for p in parts):
            return None
        return cls(int(parts[-1]), int(parts[0]) if len(parts) == 2 else 0)


def _on(heard: Heard, clause_id: int | None) -> ColumnElement[bool]:
    """The condition under which a comment stands on this clause (None: on the draft as a whole)."""
    here: ColumnElement[bool] = Comment.clause_id == clause_id if clause_id is not None else Comment.clause_id.is_(None)
    if came_from := heard.elsewhere.get(clause_id, []):
        here = or_(here, Comment.clause_id.in_(came_from))
    if heard.placed_in is None:
        return here
    placed = select(Placement.comment_id).where(Placement.version_id == heard.placed_in)
    placed_here = placed.where(
        Placement.clause_id == clause_id if clause_id is not None else Placement.clause_id.is_(None)
    )
    return or_(and_(here, Comment.id.not_in(placed)), Comment.id.in_(placed_here))


def published_comments(
    session: Session,
    consultation: Consultation,
    clause_id: int | None,
    before: Cursor | None = None,
    limit: int = PAGE,
    *,
    order: CommentOrder = CommentOrder.NEWEST,
    said: Heard | None = None,
    visitor_trace: str = "",
) -> Page:
    """Published comments on one clause (None: on the draft as a whole), those below the cursor.

    New comments come in above a cursor, so that turning pages neither repeats nor skips one.
    """
    query = _published(consultation, _on(said or heard(session, consultation), clause_id), visitor_trace)
    if order is CommentOrder.CONCURRING:
        query = query.order_by(Comment.concurrence.desc(), Comment.number.desc())
        if before is not None:
            query = query.where(
                tuple_(Comment.concurrence, Comment.number)
                < tuple_(literal(before.concurrence), literal(before.number))
            )
    else:
        query = query.order_by(Comment.number.desc())
        if before is not None:
            query = query.where(Comment.number < before.number)
    rows = session.execute(query.limit(limit + 1)).all()
    found = [comment for comment, _ in rows[:limit]]
    last = found[-1] if len(rows) > limit else None
    cursor = None if last is None else f"{last.number}"
    if last is not None and order is CommentOrder.CONCURRING:
        cursor = f"{last.concurrence}-{last.number}"
    return Page(found, cursor, frozenset(comment.number for comment, is_mine in rows[:limit] if is_mine))


def _published(consultation: Consultation, condition: ColumnElement[bool], visitor_trace: str) -> Select[Comment, bool]:
    is_mine = exists().where(
        and_(
            Endorsement.comment_id == Comment.id,
            Endorsement.visitor_trace == visitor_trace,
            Endorsement.withdrawn_at.is_(None),
        )
    )
    return (
        select(Comment, is_mine if visitor_trace else literal(False))
        .join(Comment.submission)
        .where(Comment.consultation_id == consultation.id, Comment.state == CommentState.PUBLISHED, condition)
        .options(
            contains_eager(Comment.submission).joinedload(Submission.respondent),
            joinedload(Comment.clause).joinedload(Clause.version),
        )
    )


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
            joinedload(Comment.published_response),
        )
        .order_by(Comment.number)
        .limit(limit)
    )
    if on is not None:
        query = query.where(_on(heard(session, consultation), on.id))
    return list(session.scalars(query))


def published_comment(session: Session, consultation: Consultation, number: int) -> Comment:
    """One published comment by its number. Raises NotThere."""
    comment = session.scalar(
        select(Comment)
        .where(
            Comment.consultation_id == consultation.id,
            Comment.number == number,
            Comment.state == CommentState.PUBLISHED,
        )
        .options(joinedload(Comment.clause))
    )
    if comment is None:
        raise NotThere("没有这条公开的意见。它可能还在审核，或者没有公开，请核对网址。")
    return comment
