"""Where the published comments of a consultation stand in the version the public reads, and how many are answered."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from portal.models import Clause, Comment, Consultation
from portal.rules.words import CommentState
from portal.services import lineage, placing

#: comments, of these answered, the number of the first without an answer or else of the first of all
Count = tuple[int, int, int | None]


def lock(session: Session, consultation: Consultation) -> None:
    """Has whoever else routes, answers or publishes this consultation wait until this transaction ends."""
    session.execute(select(Consultation.id).where(Consultation.id == consultation.id).with_for_update(key_share=True))


def counted(session: Session, consultation: Consultation) -> dict[int | None, Count]:
    """How many published comments stand on each clause, by its id; None for the whole draft."""
    version = consultation.version
    moved = lineage.places(session, version)
    own = placing.overridden(session, version)
    is_published = and_(Comment.consultation_id == consultation.id, Comment.state == CommentState.PUBLISHED)
    found: dict[int | None, Count] = {}

    def add(place: int | None, comments: int, answered: int, first_open: int | None, first: int) -> None:
        before = found.get(place, (0, 0, None))
        total, done = before[0] + comments, before[1] + answered
        waiting = [n for n in (first_open, before[2] if before[0] > before[1] else None) if n is not None]
        found[place] = (total, done, min(waiting) if waiting else min(first, before[2] or first))

    rows = session.execute(
        select(
            Comment.clause_id,
            func.count(),
            func.count(Comment.response_id),
            func.min(Comment.number).filter(Comment.response_id.is_(None)),
            func.min(Comment.number),
        )
        .where(is_published, Comment.id.not_in(list(own)) if own else Comment.id.is_not(None))
        .group_by(Comment.clause_id)
    )
    for clause_id, *counts in rows:
        add(moved.get(clause_id, clause_id) if clause_id is not None else None, *counts)
    if own:
        for comment_id, number, response_id in session.execute(
            select(Comment.id, Comment.number, Comment.response_id).where(is_published, Comment.id.in_(list(own)))
        ):
            is_open = response_id is None
            add(own[comment_id], 1, 0 if is_open else 1, number if is_open else None, number)
    return found


def place_of(session: Session, consultation: Consultation, comment: Comment) -> Clause | None:
    """The clause of the version the public reads a comment stands on; None for the whole draft."""
    version = consultation.version
    own = placing.overridden(session, version)
    if comment.id in own:
        place = own[comment.id]
    elif comment.clause is None or comment.clause.version_id == version.id:
        return comment.clause
    else:
        place = lineage.places(session, version).get(comment.clause.id)
    return session.get(Clause, place) if place is not None else None


def standing_on(session: Session, consultation: Consultation, clause: Clause | None) -> ColumnElement[bool]:
    """The condition that a comment stands on this clause (None: on the whole draft) of the version the public reads."""
    version = consultation.version
    key = clause.id if clause else None
    moved = lineage.places(session, version)
    own = placing.overridden(session, version)
    sources = [old for old, new in moved.items() if new == key] + ([key] if key is not None else [])
    by_clause: ColumnElement[bool] = Comment.clause_id.in_(sources)
    if key is None:
        by_clause = or_(Comment.clause_id.is_(None), by_clause)
    here = [comment_id for comment_id, place in own.items() if place == key]
    elsewhere = [comment_id for comment_id, place in own.items() if place != key]
    if elsewhere:
        by_clause = and_(by_clause, Comment.id.not_in(elsewhere))
    return or_(by_clause, Comment.id.in_(here)) if here else by_clause


def before(session: Session, consultation: Consultation, clause: Clause | None) -> list[Clause]:
    """What a clause was in the version before the one the public reads; nothing when it is new, or the first."""
    version = consultation.version
    old = lineage.predecessor(version)
    if clause is None or old is None:
        return []
    labels = {
        label
        for line in lineage.lines(session, version)
        if clause.label in line.new_labels
        for label in line.old_labels
    }
    return [each for each in old.clauses if each.label in labels]
