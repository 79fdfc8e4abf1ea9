"""Agreeing with a published comment (赞同): one per person, without an account, withdrawable, hard to stuff."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.errors import NotThere, TooMany
from portal.models import Comment, Consultation, Endorsement
from portal.rules import endorsement
from portal.rules.words import CommentState
from portal.sealing import Seal
from portal.services import baskets

#: how many comments one person may endorse in how long: faster than this nobody reads
VISITOR_LIMIT, VISITOR_SPAN = 30, timedelta(minutes=10)
#: how many endorsements may come from one network in how long: a school behind one address is no crowd of robots
NETWORK_LIMIT, NETWORK_SPAN = 300, timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whoever looks at a page, without knowing who: a random mark kept in a cookie, and the prefix of a network."""

    mark: str
    network: str


def visitor_trace(seal: Seal, consultation_id: int, visitor: Visitor) -> str:
    """How a visitor is kept in one consultation: not to be read back, and not the same in another consultation."""
    return seal.trace(f"{consultation_id}/{visitor.mark}", "endorsement.visitor")


def _network_trace(seal: Seal, consultation_id: int, visitor: Visitor) -> str:
    return seal.trace(f"{consultation_id}/{visitor.network}", "endorsement.network")


def endorse(
    session: Session,
    seal: Seal,
    consultation: Consultation,
    number: int,
    visitor: Visitor,
    at: datetime,
    threshold: int,
) -> Comment:
    """Counts one person as agreeing with a published comment; a second time changes nothing.

    Raises WindowNotOpen, NotThere for a comment that is not public, TooMany.
    """
    baskets.require_open(consultation, at)
    comment = _held(session, consultation, number)
    mine = _mine(session, seal, comment, visitor)
    if mine is not None and mine.withdrawn_at is None:
        return comment
    network = _network_trace(seal, consultation.id, visitor)
    if mine is None:
        mine = Endorsement(comment_id=comment.id, visitor_trace=visitor_trace(seal, consultation.id, visitor))
        _require_few(session, mine.visitor_trace, network, at)
        session.add(mine)
    mine.network_trace, mine.endorsed_at, mine.withdrawn_at = network, at, None
    _settle(session, comment, threshold)
    return comment


def withdraw(
    session: Session,
    seal: Seal,
    consultation: Consultation,
    number: int,
    visitor: Visitor,
    at: datetime,
    threshold: int,
) -> Comment:
    """Takes an endorsement back; when there was none, nothing changes."""
    baskets.require_open(consultation, at)
    comment = _held(session, consultation, number)
    mine = _mine(session, seal, comment, visitor)
    if mine is not None and mine.withdrawn_at is None:
        mine.withdrawn_at = at
        _settle(session, comment, threshold)
    return comment


def _held(session: Session, consultation: Consultation, number: int) -> Comment:
    """The comment, locked until the commit: of two endorsements at once the second counts the first."""
    comment = session.scalar(
        select(Comment)
        .where(
            Comment.consultation_id == consultation.id,
            Comment.number == number,
            Comment.state == CommentState.PUBLISHED,
        )
        .with_for_update(key_share=True)
    )
    if comment is None:
        raise NotThere("没有这条公开的意见，它可能已经改为不公开。请刷新页面看一看。")
    return comment


def _mine(session: Session, seal: Seal, comment: Comment, visitor: Visitor) -> Endorsement | None:
    return session.scalar(
        select(Endorsement).where(
            Endorsement.comment_id == comment.id,
            Endorsement.visitor_trace == visitor_trace(seal, comment.consultation_id, visitor),
        )
    )


def _require_few(session: Session, visitor: str, network: str, at: datetime) -> None:
    for column, value, limit, span in (
        (Endorsement.visitor_trace, visitor, VISITOR_LIMIT, VISITOR_SPAN),
        (Endorsement.network_trace, network, NETWORK_LIMIT, NETWORK_SPAN),
    ):
        recent = session.scalar(select(func.count()).where(column == value, Endorsement.endorsed_at > at - span))
        if (recent or 0) >= limit:
            raise TooMany("赞同得太快了，请过几分钟再来。已经赞同的都在，不用重按。")


def _settle(session: Session, comment: Comment, threshold: int) -> None:
    session.flush()
    by_network = session.scalars(
        select(func.count())
        .where(Endorsement.comment_id == comment.id, Endorsement.withdrawn_at.is_(None))
        .group_by(Endorsement.network_trace)
    )
    comment.concurrence = endorsement.step(endorsement.weight(by_network), threshold)
    session.flush()
