"""How many comments stand where. The database keeps the tally; here it is read, compared with the truth, and mended."""

from __future__ import annotations

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from portal.models import Comment, Tally
from portal.rules.words import CommentState

#: the columns of the tally, in the order a page prints the states
COLUMNS = tuple(getattr(Tally, state.value) for state in CommentState)


def totals(session: Session, consultation_id: int) -> dict[CommentState, int]:
    """How many comments of a consultation stand in each state."""
    row = session.execute(
        select(*(func.coalesce(func.sum(column), 0) for column in COLUMNS)).where(
            Tally.consultation_id == consultation_id
        )
    ).one()
    return dict(zip(CommentState, map(int, row), strict=True))


def counted(session: Session) -> dict[tuple[int, int], tuple[int, ...]]:
    """The truth, counted comment by comment: how many stand in each state, by consultation and place."""
    rows = session.execute(
        select(Comment.consultation_id, Comment.clause_id, Comment.state, func.count()).group_by(
            Comment.consultation_id, Comment.clause_id, Comment.state
        )
    )
    found: dict[tuple[int, int], dict[CommentState, int]] = {}
    for consultation_id, clause_id, state, count in rows:
        found.setdefault((consultation_id, clause_id or 0), {})[state] = count
    return {key: tuple(states.get(state, 0) for state in CommentState) for key, states in found.items()}


def differences(session: Session) -> list[tuple[int, int]]:
    """Where the tally is not the truth, by consultation and place; empty when all is well."""
    kept = {
        (consultation_id, place): tuple(states)
        for consultation_id, place, *states in session.execute(select(Tally.consultation_id, Tally.place, *COLUMNS))
        if any(states)
    }
    truth = counted(session)
    return sorted(key for key in kept.keys() | truth.keys() if kept.get(key) != truth.get(key))


def recount(session: Session) -> list[tuple[int, int]]:
    """Writes the tally anew from the comments; where it was wrong."""
    wrong = differences(session)
    if wrong:
        session.execute(delete(Tally))
        names = [state.value for state in CommentState]
        rows = [
            {"consultation_id": consultation_id, "place": place, **dict(zip(names, states, strict=True))}
            for (consultation_id, place), states in counted(session).items()
        ]
        if rows:
            session.execute(insert(Tally), rows)
    return wrong
