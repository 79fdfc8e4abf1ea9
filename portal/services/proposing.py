"""Withholding by two people: one proposes, another confirms or declines. Nobody confirms their own proposal."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.access import Actor, Permission, require
from portal.errors import AlreadyDone, NotAllowed, NotThere, NotValid
from portal.models import Comment, ModerationDecision, WithholdingProposal
from portal.rules import plaintext
from portal.rules.urgency import urgency
from portal.rules.words import CommentState, ProposalOutcome
from portal.services import audit, claiming, moderation


def waiting(session: Session, comment_id: int) -> WithholdingProposal | None:
    """The proposal on a comment that nobody has settled."""
    return session.scalar(
        select(WithholdingProposal)
        .where(WithholdingProposal.comment_id == comment_id, WithholdingProposal.settled_at.is_(None))
        .options(joinedload(WithholdingProposal.proposed_by))
    )


def of_comment(session: Session, comment_id: int) -> list[WithholdingProposal]:
    """Every proposal there was on a comment, in order."""
    return list(
        session.scalars(
            select(WithholdingProposal)
            .where(WithholdingProposal.comment_id == comment_id)
            .options(joinedload(WithholdingProposal.proposed_by), joinedload(WithholdingProposal.settled_by))
            .order_by(WithholdingProposal.id)
        )
    )


def propose(
    session: Session, actor: Actor, comment: Comment, *, revision: int, at: datetime, reason_code: str, note: str
) -> WithholdingProposal:
    """Proposes to withhold a comment; it comes first in the queue of everybody else. Raises as `decide` does."""
    moderation.lock(session, comment, revision)
    require(actor, Permission.MODERATE, comment.submission.consultation.bureau_id)
    claiming.require_free(session, actor, comment, at)
    if (comment.state, CommentState.WITHHELD) not in moderation.ALLOWED:
        raise NotValid("这条意见现在不能这样处理。")
    if (found := waiting(session, comment.id)) is not None:
        raise AlreadyDone("%(who)s已经提出不予公开，等另一位审核员确认。", who=found.proposed_by.name)
    words = plaintext.received_within(note, 1000, "审核说明", "note")
    moderation.require_reason(session, reason_code, words)
    made = WithholdingProposal(
        comment_id=comment.id,
        proposed_by_id=actor.account_id,
        proposed_at=at,
        reason_code=reason_code,
        note=words,
    )
    session.add(made)
    comment.urgency = urgency(comment.state, comment.flags, is_proposed=True)
    claiming.let_go(session, comment.id)
    session.flush()
    _record(session, actor, comment, "comment.propose", at, made)
    return made


def _in_hand(session: Session, actor: Actor, comment: Comment, revision: int, at: datetime) -> WithholdingProposal:
    moderation.lock(session, comment, revision)
    require(actor, Permission.MODERATE, comment.submission.consultation.bureau_id)
    claiming.require_free(session, actor, comment, at)
    found = waiting(session, comment.id)
    if found is None:
        raise NotThere("这条意见没有待确认的建议，可能已经有人处理。")
    return found


def confirm(session: Session, actor: Actor, comment: Comment, *, revision: int, at: datetime) -> ModerationDecision:
    """Withholds a comment as somebody else proposed. Raises NotAllowed for one's own proposal."""
    found = _in_hand(session, actor, comment, revision, at)
    if found.proposed_by_id == actor.account_id:
        raise NotAllowed("自己提出的不予公开，要由另一位审核员确认。")
    found.outcome, found.settled_at, found.settled_by_id = ProposalOutcome.CONFIRMED, at, actor.account_id
    session.flush()
    return moderation.decide(
        session, actor, comment, CommentState.WITHHELD, revision=revision, at=at, reason_code=found.reason_code,
        note=found.note, proposed_by_id=found.proposed_by_id,
    )  # fmt: skip


def decline(session: Session, actor: Actor, comment: Comment, *, revision: int, at: datetime, note: str) -> None:
    """Does not agree, or takes one's own proposal back: the comment stays where it is and waits as before."""
    found = _in_hand(session, actor, comment, revision, at)
    words = plaintext.received_within(note, 1000, "审核说明", "note")
    if not words and found.proposed_by_id != actor.account_id:
        raise NotValid("请写明为什么不同意，提出的人会看到。", fault="note")
    found.outcome, found.settled_at = ProposalOutcome.DECLINED, at
    found.settled_by_id, found.settled_note = actor.account_id, words
    comment.urgency = urgency(comment.state, comment.flags)
    session.flush()
    _record(session, actor, comment, "comment.decline", at, found)


def _record(
    session: Session, actor: Actor, comment: Comment, act: str, at: datetime, proposal: WithholdingProposal
) -> None:
    subject = f"consultation:{comment.submission.consultation.slug}/{comment.reference}"
    audit.record(session, actor, act, subject, at, {"proposal": proposal.id, "reason": proposal.reason_code})
