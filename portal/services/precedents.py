"""What the bureau answered before: on the same clause, and to similar words in this and earlier consultations."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from portal.models import Clause, Comment, Consultation, Response
from portal.services import places

#: how many answers of the bureau are looked through, the newest first
LOOKED_THROUGH = 2000
SHOWN = 6
#: the least part of the pairs of letters two texts must have in common
ALIKE = 0.28


@dataclass(frozen=True, slots=True)
class Precedent:
    """An earlier answer: to what, where, and how near the words are (1: the same)."""

    comment: Comment
    response: Response
    consultation: Consultation
    is_on_clause: bool
    likeness: float


def pairs(text: str) -> frozenset[str]:
    """The pairs of letters of a text, whatever stands between them."""
    letters = "".join(mark for mark in text.lower() if mark.isalnum())
    return frozenset(letters[at : at + 2] for at in range(len(letters) - 1))


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """How much two sets have in common, against the mean of their sizes."""
    if not one or not other:
        return 0.0
    return len(one & other) / math.sqrt(len(one) * len(other))


def found(session: Session, consultation: Consultation, comment: Comment, clause: Clause | None) -> list[Precedent]:
    """Answers worth looking at before writing one: on this clause, and to similar words, the nearest first."""
    firsts = (
        select(func.min(Comment.id))
        .join(Response, Response.id == Comment.response_id)
        .join(Consultation, Consultation.id == Comment.consultation_id)
        .where(Consultation.bureau_id == consultation.bureau_id, Comment.id != comment.id)
        .where(Comment.response_id != (comment.response_id or 0))
        .group_by(Comment.response_id)
        .order_by(Comment.response_id.desc())
        .limit(LOOKED_THROUGH)
    )
    rows = session.execute(
        select(Comment, Consultation)
        .join(Consultation, Consultation.id == Comment.consultation_id)
        .where(Comment.id.in_(firsts.scalar_subquery()))
        .options(joinedload(Comment.response), joinedload(Comment.clause))
    ).all()
    here = set(
        session.scalars(
            select(Comment.response_id)
            .where(
                Comment.consultation_id == consultation.id,
                Comment.response_id.is_not(None),
                places.standing_on(session, consultation, clause),
            )
            .distinct()
        )
    )
    wanted = pairs(comment.public_body)
    return _best(
        Precedent(other, other.response, where, other.response_id in here, likeness(wanted, pairs(other.public_body)))
        for other, where in rows
        if other.response is not None
    )


def _best(every: Iterable[Precedent]) -> list[Precedent]:
    near = [one for one in every if one.likeness >= ALIKE or one.is_on_clause]
    return sorted(near, key=lambda one: (-round(one.likeness, 1), not one.is_on_clause, -one.response.id))[:SHOWN]
