"""The rows of points: what was found is written down, and no row that is right is touched."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, exists, insert, select, update
from sqlalchemy.orm import Session

from portal.analysis import points as engine
from portal.models import Comment, Consultation, Point, PointMember
from portal.rules.words import CommentState, PointKind

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Found:
    """What one step found: the points of some places, for the decisions known then."""

    next_place: int | None
    decided: int
    version_id: int
    places: frozenset[int | None]
    clause_of: Mapping[str, int | None]
    number_of: Mapping[str, int]  # engine's id → comment id
    points: Sequence[engine.Point]


def write(session: Session, consultation: Consultation, found: Found, at: datetime) -> int:
    """Makes the stored points of some places those that were found; touches no row that is right. How many comments."""
    stored = {
        point.key: point for point in session.scalars(select(Point).where(Point.consultation_id == consultation.id))
    }
    ids: dict[str, int] = {}
    for each in found.points:
        point = stored.get(each.key)
        if point is None:
            point = Point(consultation_id=consultation.id, key=each.key, gathered_at=at, kind=PointKind.SINGLE, size=0)
            point.representative_id = found.number_of[each.representative]
            session.add(point)
        values = {
            "clause_id": found.clause_of[each.clause],
            "kind": PointKind(each.kind),
            "name": each.name,
            "key_phrases": list(each.key_phrases),
            "representative_id": found.number_of[each.representative],
            "size": each.size,
        }
        changed = {name: value for name, value in values.items() if getattr(point, name) != value}
        for name, value in changed.items():
            setattr(point, name, value)
        if changed:
            point.gathered_at = at
        stored[each.key] = point
    session.flush()
    for each in found.points:
        ids.update(dict.fromkeys(each.members, stored[each.key].id))
    _write_members(session, {found.number_of[name]: point_id for name, point_id in ids.items()})
    return len(ids)


def _write_members(session: Session, wanted: Mapping[int, int]) -> None:
    stored: dict[int, int] = {}
    names = list(wanted)
    for start in range(0, len(names), _BATCH):
        part = names[start : start + _BATCH]
        rows = select(PointMember.comment_id, PointMember.point_id).where(PointMember.comment_id.in_(part))
        stored.update(dict(session.execute(rows).all()))
    new = [{"comment_id": each, "point_id": to} for each, to in wanted.items() if each not in stored]
    moved: dict[int, list[int]] = defaultdict(list)
    for each, to in wanted.items():
        if each in stored and stored[each] != to:
            moved[to].append(each)
    for start in range(0, len(new), _BATCH):
        session.execute(insert(PointMember), new[start : start + _BATCH])
    for to, comments in moved.items():
        put_members(session, comments, to)


def put_members(session: Session, comments: Sequence[int], point_id: int) -> None:
    """Puts comments that make another point into this one."""
    for start in range(0, len(comments), _BATCH):
        session.execute(
            update(PointMember)
            .where(PointMember.comment_id.in_(comments[start : start + _BATCH]))
            .values(point_id=point_id)
            .execution_options(synchronize_session=False)
        )


def tidy(session: Session, consultation: Consultation) -> None:
    """Takes away what is not published any more, and points that nobody makes."""
    gone = (
        select(PointMember.comment_id)
        .join(PointMember.comment)
        .where(Comment.consultation_id == consultation.id, Comment.state != CommentState.PUBLISHED)
    )
    session.execute(
        delete(PointMember)
        .where(PointMember.comment_id.in_(gone))
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    remove_empty(session, consultation)


def remove_empty(session: Session, consultation: Consultation) -> None:
    """Takes away points without comments."""
    session.flush()
    session.execute(
        delete(Point)
        .where(Point.consultation_id == consultation.id, ~exists().where(PointMember.point_id == Point.id))
        .execution_options(synchronize_session="fetch")
    )
