"""The queue: what waits for the desk, the most urgent first, across the consultations of a bureau.

The order is appeals, what waits for a second person, what looks suspicious, then the rest; in each of these first the
consultations that end soon, then by age. Every page is found along an index from where the last one ended, so that the
thousandth page of a crowd costs what the first one of a handful does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, func, literal, select, tuple_
from sqlalchemy.orm import Session, joinedload

from portal.access import Actor, Permission, require
from portal.models import Account, Claim, Comment, Consultation, Submission, Tally
from portal.rules.urgency import NEAR_DEADLINE, USUAL_PROMISE, due_at
from portal.rules.window import WindowState
from portal.rules.words import CommentState
from portal.services import claiming, holidays, sifting, site
from portal.services.sifting import Sieve

PAGE = 20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the order a comment stands. For what does not wait only `number` counts."""

    urgency: int
    tier: int
    received_at: datetime
    comment_id: int
    number: int = 0

    @property
    def text(self) -> str:
        """The place in an address."""
        micros = (self.received_at - _EPOCH) // timedelta(microseconds=1)
        return f"{self.urgency}.{self.tier}.{micros}.{self.comment_id}.{self.number}"

    @classmethod
    def read(cls, text: str) -> Place | None:
        """A place of an address; None for anything else."""
        parts = text.split(".")
        if len(parts) != 5 or not all(p.isascii() and p.isdecimal() and len(p) <= 17 for p in parts):
            return None
        urgency, tier, micros, comment_id, number = map(int, parts)
        if max(urgency, tier) > 9 or max(comment_id, number) > 2_147_483_647:
            return None
        return cls(urgency, tier, _EPOCH + timedelta(microseconds=micros), comment_id, number)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the queue."""

    comment: Comment
    place: Place
    due_at: datetime
    #: the colleague who has it in hand
    held_by: str = ""


@dataclass(frozen=True, slots=True)
class Queue:
    """One page of the queue, how many there are in all, and where the next page begins (None at the end)."""

    entries: list[Entry]
    count: int
    after: str | None


def consultations(session: Session, actor: Actor) -> list[Consultation]:
    """The published consultations of the bureau, the newest first."""
    require(actor, Permission.MODERATE)
    return list(
        session.scalars(
            select(Consultation)
            .where(Consultation.bureau_id == actor.bureau_id, Consultation.first_published_at.is_not(None))
            .options(joinedload(Consultation.windows))
            .order_by(Consultation.first_published_at.desc(), Consultation.id.desc())
        ).unique()
    )


def titles(session: Session, actor: Actor, limit: int = 30) -> list[tuple[str, str]]:
    """Address and title of the published consultations of the bureau, the newest first."""
    rows = session.execute(
        select(Consultation.slug, Consultation.title)
        .where(Consultation.bureau_id == actor.bureau_id, Consultation.first_published_at.is_not(None))
        .order_by(Consultation.first_published_at.desc(), Consultation.id.desc())
        .limit(limit)
    )
    return [(slug, title) for slug, title in rows]


def tier(consultation: Consultation, at: datetime) -> int:
    """0 while a consultation ends soon, otherwise 1."""
    current = consultation.window
    if current is None or consultation.state(at) is not WindowState.OPEN:
        return 1
    return 0 if current.closes_at - at <= timedelta(days=NEAR_DEADLINE) else 1


def promise_days(session: Session) -> int:
    """Within how many working days the site promises to moderate."""
    set_by_hand = site.values(session).get("promise_days", "")
    return int(set_by_hand) if set_by_hand.isdecimal() and int(set_by_hand) else USUAL_PROMISE


def page(
    session: Session,
    actor: Actor,
    among: Sequence[Consultation],
    sieve: Sieve,
    at: datetime,
    after: Place | None = None,
    limit: int = PAGE,
) -> Queue:
    """One page of the queue of these consultations."""
    for each in among:
        require(actor, Permission.MODERATE, each.bureau_id)
    counts = sifting.counts(session, [each.id for each in among], sieve)
    number = sum(counts.values())
    places = _places(session, [each for each in among if counts.get(each.id)], sieve, at, after, limit + 1)
    shown = places[:limit]
    comments = {
        comment.id: comment
        for comment in session.scalars(
            select(Comment)
            .where(Comment.id.in_([place.comment_id for place in shown]))
            .options(joinedload(Comment.clause), joinedload(Comment.submission).joinedload(Submission.respondent))
        )
    }
    held = dict(
        session.execute(
            select(Claim.comment_id, Account.name)
            .join(Account, Account.id == Claim.account_id)
            .where(Claim.comment_id.in_(comments), Claim.expires_at > at, Claim.account_id != actor.account_id)
        ).all()
    )
    days, calendar = promise_days(session), holidays.calendar(session)
    due: dict[object, datetime] = {}
    entries = []
    for place in shown:
        comment = comments[place.comment_id]
        day = comment.received_at.date(), comment.received_at.hour >= 16
        if day not in due:
            due[day] = due_at(comment.received_at, days, calendar)
        entries.append(Entry(comment, place, due[day], held.get(comment.id, "")))
    return Queue(entries, number, shown[-1].text if len(places) > limit else None)


def following(
    session: Session, actor: Actor, among: Sequence[Consultation], sieve: Sieve, at: datetime, after: Place | None
) -> Comment | None:
    """The next comment nobody else has in hand; from the top again at the end; None when nothing is left."""
    free = ~claiming.is_held_by_another(actor, at)
    for start in (after, None) if after else (None,):
        found = _places(session, among, sieve, at, start, 1, free)
        if found:
            return session.get(Comment, found[0].comment_id)
    return None


def place_of(comment: Comment, consultation: Consultation, at: datetime) -> Place:
    """Where a comment stands in the order."""
    urgency = comment.urgency if comment.urgency is not None else 9
    return Place(urgency, tier(consultation, at), comment.received_at, comment.id, comment.number)


def _places(
    session: Session,
    among: Sequence[Consultation],
    sieve: Sieve,
    at: datetime,
    after: Place | None,
    limit: int,
    *more: ColumnElement[bool],
) -> list[Place]:
    if not among:
        return []
    if sieve.campaign is not None or not sieve.is_open:
        return _by_number(session, [each.id for each in among], sieve, after, limit, more)
    found: list[Place] = []
    for each in among:
        level = tier(each, at)
        query = (
            select(Comment.urgency, Comment.received_at, Comment.id, Comment.number)
            .where(sifting.along_index(sieve, [each.id]), *sieve.conditions(), *more)
            .order_by(Comment.urgency, Comment.received_at, Comment.id)
            .limit(limit)
        )
        if after is not None:
            query = query.where(_beyond(after, level))
        found += [Place(row.urgency, level, row.received_at, row.id, row.number) for row in session.execute(query)]
    return sorted(found, key=lambda place: (place.urgency, place.tier, place.received_at, place.comment_id))[:limit]


def _beyond(after: Place, level: int) -> ColumnElement[bool]:
    """What stands behind a place, among the comments of a consultation of this tier."""
    if level < after.tier:
        return Comment.urgency > after.urgency
    if level > after.tier:
        return Comment.urgency >= after.urgency
    return tuple_(Comment.urgency, Comment.received_at, Comment.id) > tuple_(
        literal(after.urgency), literal(after.received_at, Comment.received_at.type), literal(after.comment_id)
    )


def _by_number(
    session: Session,
    ids: list[int],
    sieve: Sieve,
    after: Place | None,
    limit: int,
    more: Sequence[ColumnElement[bool]],
) -> list[Place]:
    """What does not wait, consultation by consultation, the newest first; a campaign as it came in."""
    order = Comment.number if sieve.campaign is not None else Comment.number.desc()
    begins_in = None
    if after is not None:
        begins_in = session.scalar(select(Comment.consultation_id).where(Comment.id == after.comment_id))
    found: list[Place] = []
    for each in ids[ids.index(begins_in) if begins_in in ids else 0 :]:
        query = (
            select(Comment.received_at, Comment.id, Comment.number)
            .where(sifting.along_index(sieve, [each]), *sieve.conditions(), *more)
            .order_by(order)
            .limit(limit - len(found))
        )
        if after is not None and each == begins_in:
            is_rising = sieve.campaign is not None
            query = query.where(Comment.number > after.number if is_rising else Comment.number < after.number)
        found += [Place(9, 1, row.received_at, row.id, row.number) for row in session.execute(query)]
        if len(found) >= limit:
            break
    return found


def totals(session: Session, among: Sequence[Consultation]) -> dict[CommentState, int]:
    """How many comments of these consultations stand in each state."""
    columns = [func.coalesce(func.sum(getattr(Tally, state.value)), 0) for state in CommentState]
    row = session.execute(select(*columns).where(Tally.consultation_id.in_([each.id for each in among]))).one()
    return dict(zip(CommentState, map(int, row), strict=True))


def others(session: Session, comment: Comment, limit: int = 12) -> tuple[list[Comment], int]:
    """The other comments of the same submission, the first of them, and how many there are."""
    where = (Comment.submission_id == comment.submission_id, Comment.id != comment.id)
    found = session.scalars(
        select(Comment).where(*where).order_by(Comment.position).limit(limit).options(joinedload(Comment.clause))
    )
    return list(found), session.scalar(select(func.count()).where(*where)) or 0
