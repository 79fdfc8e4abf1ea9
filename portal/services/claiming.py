"""Who has which comment in hand, so that two moderators never take the same one. A claim ends by itself."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, exists, select
from sqlalchemy.orm import Session, joinedload

from portal.access import Actor, Permission, require
from portal.errors import AlreadyDone
from portal.models import Claim, Comment

#: how long a comment stays in somebody's hand without a sign of them
LASTS = timedelta(minutes=10)


def holder(session: Session, comment_id: int, at: datetime) -> Claim | None:
    """The claim on a comment that still holds."""
    return session.scalar(
        select(Claim)
        .where(Claim.comment_id == comment_id, Claim.expires_at > at)
        .options(joinedload(Claim.account))
        .execution_options(populate_existing=True)
    )


def is_held_by_another(actor: Actor, at: datetime) -> ColumnElement[bool]:
    """The condition under which a comment is in somebody else's hand."""
    return exists().where(Claim.comment_id == Comment.id, Claim.expires_at > at, Claim.account_id != actor.account_id)


def is_due(claim: Claim | None, actor: Actor, at: datetime) -> bool:
    """Whether taking the comment in hand would change anything: it is free, or my claim is half over."""
    return claim is None or (claim.account_id == actor.account_id and claim.expires_at - at < LASTS / 2)


def take(
    session: Session, actor: Actor, comment: Comment, at: datetime, *, is_taken_over: bool = False
) -> Claim | None:
    """Takes a comment in hand and lets go of any other; who has it now. `is_taken_over`: also from a colleague."""
    require(actor, Permission.MODERATE, comment.submission.consultation.bureau_id)
    # one row to wait for, so that of two who take the same comment in the same instant the second finds the first
    session.execute(select(Comment.id).where(Comment.id == comment.id).with_for_update(key_share=True))
    current = holder(session, comment.id, at)
    if current is not None and current.account_id != actor.account_id and not is_taken_over:
        return current
    session.execute(delete(Claim).where((Claim.account_id == actor.account_id) | (Claim.comment_id == comment.id)))
    made = Claim(comment_id=comment.id, account_id=actor.account_id, expires_at=at + LASTS)
    session.add(made)
    session.flush()
    return made


def let_go(session: Session, comment_id: int) -> None:
    """Ends the claim on a comment."""
    session.execute(delete(Claim).where(Claim.comment_id == comment_id))


def require_free(session: Session, actor: Actor, comment: Comment, at: datetime) -> None:
    """Raises AlreadyDone while a colleague has the comment in hand."""
    current = holder(session, comment.id, at)
    if current is not None and current.account_id != actor.account_id:
        raise AlreadyDone(
            "%(reference)s正由%(who)s办理。您的决定没有保存；如需由您来办，请先按“接手办理”。",
            reference=comment.reference,
            who=current.account.name,
        )
