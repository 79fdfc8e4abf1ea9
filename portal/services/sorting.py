"""Correcting points by hand: merge, split, move, rename, mark as key. At once on the page, and remembered for ever.

Each act changes the stored points and adds the decisions that make the engine come to the same (services/points.py);
what the machine has to say anew, such as key phrases, is asked for in the background.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from portal.access import Actor, Permission, require
from portal.errors import AlreadyDone, NotThere, NotValid
from portal.models import Comment, Consultation, Point, PointDecision, PointMember, Submission
from portal.rules import plaintext
from portal.rules.words import CommentState, PointKind
from portal.services import audit, places, point_rows, points

LONGEST_NAME = 100
#: of a point so many comments are shown at once, and so many when all of it is asked for
SHOWN, MOST = 30, 2_000
#: what a form sends to make a point of its own of one comment
ALONE = "-"


def point(session: Session, consultation: Consultation, key: str) -> Point:
    """A point by its key. Raises NotThere."""
    found = session.scalar(select(Point).where(Point.consultation_id == consultation.id, Point.key == key))
    if found is None:
        raise NotThere("没有这个观点，可能刚被合并了。请看看这一条现在的观点。")
    return found


def members(session: Session, chosen: Point) -> list[Comment]:
    """The published comments that make a point, by number."""
    return list(
        session.scalars(
            select(Comment)
            .join(PointMember, PointMember.comment_id == Comment.id)
            .where(PointMember.point_id == chosen.id, Comment.state == CommentState.PUBLISHED)
            .options(joinedload(Comment.submission).joinedload(Submission.respondent))
            .order_by(Comment.number)
        )
    )


@dataclass(frozen=True, slots=True)
class Sorted:
    """A point with those of its comments that are shown, and how many it has."""

    point: Point
    members: list[Comment]
    size: int


def on_clause(
    session: Session, actor: Actor, consultation: Consultation, clause_id: int | None, whole: str = ""
) -> list[Sorted]:
    """The points of one clause, main ones first; of a large one the first comments, of the point `whole` all."""
    require(actor, Permission.SORT_POINTS, consultation.bureau_id)
    found = points.stored(session, consultation).get(clause_id, [])
    wanted = {each.point.key: each.numbers[: MOST if each.point.key == whole else SHOWN] for each in found}
    numbers = [number for some in wanted.values() for number in some]
    comments = {}
    for start in range(0, len(numbers), 500):
        for comment in session.scalars(
            select(Comment)
            .where(Comment.consultation_id == consultation.id, Comment.number.in_(numbers[start : start + 500]))
            .options(joinedload(Comment.submission).joinedload(Submission.respondent), joinedload(Comment.clause))
        ):
            comments[comment.number] = comment
    return [
        Sorted(each.point, [comments[number] for number in wanted[each.point.key]], len(each.numbers)) for each in found
    ]


def merge(session: Session, actor: Actor, consultation: Consultation, keys: Sequence[str], at: datetime) -> Point:
    """Makes one point of several on one clause. The one with a name stays, then the largest."""
    require(actor, Permission.SORT_POINTS, consultation.bureau_id)
    chosen = [point(session, consultation, key) for key in dict.fromkeys(keys)]
    if len(chosen) < 2:
        raise NotValid("请至少选择两个要合并的观点。", fault="keys")
    if len({each.clause_id for each in chosen}) > 1:
        raise NotValid("只能合并同一条款的观点。", fault="keys")
    _require_arguments(chosen)
    chosen.sort(key=lambda each: (not each.name, -each.size, each.key))
    kept, others = chosen[0], chosen[1:]
    keys_given_up = [each.key for each in others]
    for comment_id in _pinned(session, consultation, keys_given_up):
        _decide(session, actor, consultation, at, "pinned", key=kept.key, one=comment_id)
    for other in others:
        _decide(session, actor, consultation, at, "together", one=kept.representative_id, other=other.representative_id)
        point_rows.put_members(session, _ids(session, other), kept.id)
        kept.is_key = kept.is_key or other.is_key
        if not kept.name and other.name:
            kept.name = other.name
            _decide(session, actor, consultation, at, "named", key=kept.key, words=other.name)
        kept.key_phrases = list(dict.fromkeys([*kept.key_phrases, *other.key_phrases]))[:5]
    _recount(session, kept)
    point_rows.remove_empty(session, consultation)
    _done(session, actor, consultation, at, "points.merge", {"kept": kept.key, "merged": keys_given_up})
    return kept


def split(
    session: Session, actor: Actor, consultation: Consultation, key: str, numbers: Sequence[int], at: datetime
) -> Point:
    """Makes a point of its own of some comments of a point; the new point."""
    require(actor, Permission.SORT_POINTS, consultation.bureau_id)
    old = point(session, consultation, key)
    _require_arguments([old])
    inside = members(session, old)
    leaving = [comment for comment in inside if comment.number in set(numbers)]
    staying = [comment for comment in inside if comment.number not in set(numbers)]
    if not leaving:
        raise NotValid("请选择要分出去的意见。", fault="numbers")
    if not staying:
        raise NotValid("全部意见都选上了，没有可以分开的。请至少留下一条。", fault="numbers")
    new = Point(
        consultation_id=consultation.id,
        clause_id=old.clause_id,
        key=_new_key(session, consultation, old.key, leaving),
        kind=PointKind.SINGLE,
        representative_id=leaving[0].id,
        size=0,
        gathered_at=at,
    )
    session.add(new)
    session.flush()
    point_rows.put_members(session, [comment.id for comment in leaving], new.id)
    for comment in leaving:
        _decide(session, actor, consultation, at, "pinned", key=new.key, one=comment.id)
    _hold(session, actor, consultation, at, old, staying)
    _recount(session, old)
    _recount(session, new)
    _done(
        session, actor, consultation, at, "points.split",
        {"from": old.key, "to": new.key, "comments": [comment.reference for comment in leaving]},
    )  # fmt: skip
    return new


def move(
    session: Session, actor: Actor, consultation: Consultation, numbers: Sequence[int], to: str, at: datetime
) -> Point:
    """Puts comments of one clause into another point there, or (ALONE) each into one of its own; the last such point."""
    require(actor, Permission.SORT_POINTS, consultation.bureau_id)
    if not numbers:
        raise NotValid("请选择要移动的意见。", fault="numbers")
    for number in dict.fromkeys(numbers):
        reached = _move(session, actor, consultation, number, to, at)
    return reached


def _move(session: Session, actor: Actor, consultation: Consultation, number: int, to: str, at: datetime) -> Point:
    comment = session.scalar(
        select(Comment).where(
            Comment.consultation_id == consultation.id,
            Comment.number == number,
            Comment.state == CommentState.PUBLISHED,
        )
    )
    member = session.get(PointMember, comment.id) if comment is not None else None
    if comment is None or member is None:
        raise NotThere("没有这条意见，或者它还没有归入观点。")
    old = session.get_one(Point, member.point_id)
    if to == ALONE:
        return _alone(session, actor, consultation, old, number, at)
    target = point(session, consultation, to)
    if target.id == old.id:
        raise NotValid("这条意见已经在这个观点里。", fault="to")
    if target.clause_id != old.clause_id:
        raise NotValid("只能移到同一条款的观点。", fault="to")
    _require_arguments([target])
    _hold(session, actor, consultation, at, target, members(session, target))
    _decide(session, actor, consultation, at, "pinned", key=target.key, one=comment.id)
    point_rows.put_members(session, [comment.id], target.id)
    session.flush()
    staying = members(session, old)
    if staying:
        if old.kind in (PointKind.ARGUMENT, PointKind.SINGLE):
            _hold(session, actor, consultation, at, old, staying)
        _recount(session, old)
    _recount(session, target)
    point_rows.remove_empty(session, consultation)
    _done(
        session, actor, consultation, at, "points.move", {"comment": comment.reference, "to": target.key}
    )  # fmt: skip
    return target


def _alone(session: Session, actor: Actor, consultation: Consultation, old: Point, number: int, at: datetime) -> Point:
    """A comment in a point of its own; where only yes or no is said, pulling one out needs nobody to hold the rest."""
    if old.kind in (PointKind.APPROVAL, PointKind.OBJECTION):
        raise NotValid("只表示赞成或者不赞成的意见，请移到有关的观点，不单独成为观点。", fault="to")
    return split(session, actor, consultation, old.key, [number], at)


def rename(
    session: Session, actor: Actor, consultation: Consultation, key: str, name: str, at: datetime, seen: str = ""
) -> Point:
    """Gives a point a name; an empty one gives the naming back to the key phrases.

    `seen` is the stamp of the name as the page showed it; empty where nobody looked.
    Raises AlreadyDone when somebody else has named it otherwise meanwhile.
    """
    require(actor, Permission.SORT_POINTS, consultation.bureau_id)
    places.lock(session, consultation)
    chosen = point(session, consultation, key)
    session.refresh(chosen, ["name"])
    given = " ".join(plaintext.received_within(name, LONGEST_NAME, "观点的名称", "name").split())
    if given == chosen.name:
        return chosen
    if seen and seen != plaintext.stamp(chosen.name):
        raise AlreadyDone(
            "这个观点的名称刚刚已由他人修改，您的这一次没有保存。您写的名称在下面，请看过最新的名称再改。"
        )
    chosen.name = given
    _decide(session, actor, consultation, at, "named", key=key, words=chosen.name)
    session.flush()
    audit.record(
        session, actor, "points.rename", f"consultation:{consultation.slug}", at, {"point": key, "name": chosen.name}
    )
    return chosen


def mark(session: Session, actor: Actor, consultation: Consultation, key: str, is_key: bool, at: datetime) -> Point:
    """Says that a point is one of the main points of the draft, or that it is not."""
    require(actor, Permission.SORT_POINTS, consultation.bureau_id)
    chosen = point(session, consultation, key)
    chosen.is_key = is_key
    _decide(session, actor, consultation, at, "marked", key=key, words="1" if is_key else "")
    session.flush()
    audit.record(
        session, actor, "points.mark", f"consultation:{consultation.slug}", at, {"point": key, "is_key": is_key}
    )
    return chosen


# ── what the acts share ───────────────────────────────────────────────────────────────────────────────


def _require_arguments(chosen: Iterable[Point]) -> None:
    if any(each.kind in (PointKind.APPROVAL, PointKind.OBJECTION) for each in chosen):
        raise NotValid("只表示赞成或者不赞成的意见单列，不与观点合并，也不拆分；其中有具体建议的，可以逐条移出。")


def _decide(
    session: Session, actor: Actor, consultation: Consultation, at: datetime, kind: str, *,
    key: str = "", one: int | None = None, other: int | None = None, words: str = "",
) -> None:  # fmt: skip
    assert actor.account_id is not None
    session.add(
        PointDecision(
            consultation_id=consultation.id, kind=kind, point_key=key, one_id=one, other_id=other, words=words,
            decided_by_id=actor.account_id, decided_at=at,
        )
    )  # fmt: skip


def _hold(
    session: Session, actor: Actor, consultation: Consultation, at: datetime, held: Point, staying: Sequence[Comment]
) -> None:
    """Says of one comment that it stays in its point, so that the point keeps its key when its others are pulled out."""
    ids = {comment.id for comment in staying}
    if held.representative_id not in ids:
        held.representative_id = staying[0].id
    if not ids & set(_pinned(session, consultation, [held.key])):
        _decide(session, actor, consultation, at, "pinned", key=held.key, one=held.representative_id)


def _pinned(session: Session, consultation: Consultation, keys: Sequence[str]) -> list[int]:
    """The comments whose newest pin is to one of these points."""
    newest: dict[int | None, str] = {}
    for one_id, key in session.execute(
        select(PointDecision.one_id, PointDecision.point_key)
        .where(PointDecision.consultation_id == consultation.id, PointDecision.kind == "pinned")
        .order_by(PointDecision.id)
    ):
        newest[one_id] = key
    return sorted(comment_id for comment_id, key in newest.items() if comment_id is not None and key in keys)


def _ids(session: Session, chosen: Point) -> list[int]:
    return list(session.scalars(select(PointMember.comment_id).where(PointMember.point_id == chosen.id)))


def _recount(session: Session, chosen: Point) -> None:
    session.flush()
    size, people = session.execute(
        select(func.count(), func.count(func.distinct(Submission.respondent_id)))
        .select_from(PointMember)
        .join(PointMember.comment)
        .join(Comment.submission)
        .where(PointMember.point_id == chosen.id)
    ).one()
    chosen.size = size
    if chosen.kind in (PointKind.ARGUMENT, PointKind.SINGLE):
        chosen.kind = PointKind.SINGLE if people == 1 else PointKind.ARGUMENT
    session.flush()


def _new_key(session: Session, consultation: Consultation, old: str, leaving: Sequence[Comment]) -> str:
    given = set(session.scalars(select(Point.key).where(Point.consultation_id == consultation.id)))
    given |= set(
        session.scalars(select(PointDecision.point_key).where(PointDecision.consultation_id == consultation.id))
    )
    attempt = 0
    while True:
        words = f"{old}\0{','.join(comment.reference for comment in leaving)}\0{attempt}"
        if (key := hashlib.sha256(words.encode()).hexdigest()[:12]) not in given:
            return key
        attempt += 1


def _done(
    session: Session, actor: Actor, consultation: Consultation, at: datetime, act: str, details: dict[str, object]
) -> None:
    audit.record(session, actor, act, f"consultation:{consultation.slug}", at, details)
    points.ask(session, consultation, at, actor)
