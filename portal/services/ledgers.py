"""The public ledger: each Beijing day's digests in a file of their own, so that anybody can check a receipt was there.

The file of a day is four lines of head and one digest to a line, in the order they were issued:

    consultation: hehu
    day: 2026-03-12
    previous: <the digest of the day before; 64 zeros for the first>
    receipts: 2
    <digest of the first receipt>
    <digest of the second>

Its own digest is the SHA-256 of the file, `sha256sum 2026-03-12.txt`, and the next day's file carries it: nobody can
change, drop or slip in a receipt later without every day after it showing. Corrections and withdrawals have digests
too and stand among the receipts. Nothing in the file says who or what.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, literal, select, union_all
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.models import Amendment, Comment, CommentWindow, Consultation, LedgerDay, Submission
from portal.rules import window
from portal.rules.receipts import digest
from portal.sealing import NotSealedByUs, Seal
from portal.services import receipts

#: the "previous" of a consultation's first day
GENESIS = "0" * 64
#: a day is published this long after its end: whatever arrived in its last second has been committed by then
SETTLING = timedelta(minutes=10)
_DAY = timedelta(days=1)


def settled_day(at: datetime) -> date:
    """The last Beijing day that may be published at an instant."""
    return window.day_in_beijing(at - SETTLING) - _DAY


def publish_due(session: Session, at: datetime) -> int:
    """Publishes every day that is over and not yet published; how many. Days with nothing are published too."""
    rows = session.execute(
        select(Consultation, CommentWindow.opens_at, CommentWindow.closes_at, func.max(LedgerDay.on))
        .join(CommentWindow, CommentWindow.consultation_id == Consultation.id)
        .outerjoin(LedgerDay, LedgerDay.consultation_id == Consultation.id)
        .where(CommentWindow.superseded_at.is_(None), Consultation.first_published_at <= at)
        .group_by(Consultation.id, CommentWindow.id)
        .order_by(Consultation.id)
    ).all()
    published = 0
    last = settled_day(at)
    for consultation, opens_at, closes_at, newest in rows:
        on = newest + _DAY if newest else window.day_in_beijing(opens_at)
        if on > last:
            continue
        # of two workers the second waits here, finds the day and leaves it
        session.execute(
            select(Consultation.id).where(Consultation.id == consultation.id).with_for_update(key_share=True)
        )
        previous = _newest(session, consultation.id)
        on = previous.on + _DAY if previous else on
        closing = window.last_day(closes_at)
        while on <= last:
            digests = _issued(session, consultation.id, on)
            if digests or on <= closing:
                previous = _publish(session, consultation, on, previous, digests, at)
                published += 1
            elif not _issued_after(session, consultation.id, on):
                break
            on += _DAY
    return published


def _newest(session: Session, consultation_id: int) -> LedgerDay | None:
    return session.scalar(
        select(LedgerDay).where(LedgerDay.consultation_id == consultation_id).order_by(LedgerDay.on.desc()).limit(1)
    )


def _publish(
    session: Session, consultation: Consultation, on: date, previous: LedgerDay | None, digests: list[str], at: datetime
) -> LedgerDay:
    head = (
        f"consultation: {consultation.slug}",
        f"day: {on.isoformat()}",
        f"previous: {previous.digest if previous else GENESIS}",
        f"receipts: {len(digests)}",
    )
    text = "".join(f"{line}\n" for line in (*head, *digests))
    day = LedgerDay(
        consultation_id=consultation.id,
        on=on,
        count=len(digests),
        text=text,
        digest=hashlib.sha256(text.encode()).hexdigest(),
        published_at=at,
    )
    session.add(day)
    session.flush()
    return day


#: a letter stands in the ledger of the day it was entered, for then its digest was made
_ISSUED_AT = func.coalesce(Submission.registered_at, Submission.received_at)


def _issued(session: Session, consultation_id: int, on: date) -> list[str]:
    begins, ends = window.bounds(on, on)
    sent = select(
        _ISSUED_AT.label("at"), literal(0).label("kind"), Submission.id, Submission.receipt_digest.label("digest")
    ).where(Submission.consultation_id == consultation_id, begins <= _ISSUED_AT, ends > _ISSUED_AT)
    amended = (
        select(Amendment.amended_at, literal(1), Amendment.id, Amendment.digest)
        .join(Comment, Comment.id == Amendment.comment_id)
        .where(Comment.consultation_id == consultation_id, begins <= Amendment.amended_at, Amendment.amended_at < ends)
    )
    both = union_all(sent, amended).subquery()
    return list(session.scalars(select(both.c.digest).order_by(both.c.at, both.c.kind, both.c.id)))


def _issued_after(session: Session, consultation_id: int, on: date) -> bool:
    _, ends = window.bounds(on, on)
    found = select(Submission.id).where(Submission.consultation_id == consultation_id, ends <= _ISSUED_AT).limit(1)
    return session.scalar(found) is not None


def days(session: Session, consultation_id: int) -> list[LedgerDay]:
    """Every published day of a consultation, newest first."""
    return list(
        session.scalars(
            select(LedgerDay).where(LedgerDay.consultation_id == consultation_id).order_by(LedgerDay.on.desc())
        )
    )


def day(session: Session, consultation_id: int, on: date) -> LedgerDay | None:
    """One published day."""
    return session.scalar(select(LedgerDay).where(LedgerDay.consultation_id == consultation_id, LedgerDay.on == on))


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a digest stands: the day and the line among its receipts, from 1."""

    day: LedgerDay
    place: int


def find(session: Session, consultation_id: int, wanted: str) -> Entry | None:
    """The entry of a digest (64 hexadecimal digits, spaces and capitals do not matter); None when it is in no day."""
    plain = "".join(wanted.split()).lower()
    if len(plain) != 64 or set(plain) - set("0123456789abcdef"):
        return None
    found = session.scalar(
        select(LedgerDay).where(LedgerDay.consultation_id == consultation_id, LedgerDay.text.contains(f"\n{plain}\n"))
    )
    return Entry(found, found.text.splitlines()[4:].index(plain) + 1) if found else None


@dataclass(frozen=True, slots=True)
class Break:
    """A place where the ledger does not hold: which day or receipt, and what is wrong."""

    where: str
    what: str


def verify(session: Session, seal: Seal, consultation: Consultation) -> Iterator[Break]:
    """Yields every day that was changed or does not follow the one before it, and every receipt that is not its own."""
    previous = GENESIS
    for one in reversed(days(session, consultation.id)):
        where = f"{consultation.slug} {one.on.isoformat()}"
        if hashlib.sha256(one.text.encode()).hexdigest() != one.digest:
            yield Break(where, "文件与摘要不符")
        lines = one.text.splitlines()
        if lines[2:3] != [f"previous: {previous}"]:
            yield Break(where, "没有接上前一天")
        if lines[4:] != _issued(session, consultation.id, one.on):
            yield Break(where, "与当天收到的回执不一致")
        previous = one.digest
    kept = select(Submission).where(Submission.consultation_id == consultation.id)
    for submission in session.scalars(
        kept.options(
            joinedload(Submission.consultation),
            joinedload(Submission.respondent),
            joinedload(Submission.letter),
            selectinload(Submission.comments).joinedload(Comment.clause),
        ).execution_options(yield_per=500)
    ):
        try:
            is_own = digest(receipts.payload_of(seal, submission)) == submission.receipt_digest
        except NotSealedByUs:
            is_own = False
        if not is_own:
            yield Break(submission.receipt_number, "内容与回执的摘要不符")
