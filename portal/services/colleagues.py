"""Asking a colleague to look at a comment (请同事看), with a note; the next decision ends it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, joinedload

from portal.access import Actor, Permission, Role, require
from portal.errors import NotValid
from portal.models import Account, Assignment, Comment
from portal.rules import plaintext
from portal.services import audit, claiming, moderation


def ask(
    session: Session, actor: Actor, comment: Comment, login: str, *, revision: int, at: datetime, note: str
) -> Assignment:
    """Hands a comment to a colleague of the same bureau, by login. A later question takes the place of an earlier."""
    moderation.lock(session, comment, revision)
    bureau_id = comment.submission.consultation.bureau_id
    require(actor, Permission.MODERATE, bureau_id)
    claiming.require_free(session, actor, comment, at)
    colleague = session.scalar(
        select(Account).where(
            Account.login == login,
            Account.bureau_id == bureau_id,
            Account.role == Role.MODERATOR,
            Account.is_active,
            Account.id != actor.account_id,
        )
    )
    if colleague is None:
        raise NotValid("请选择要请的同事。", fault="colleague")
    if moderation.open_appeal(session, comment) is not None and moderation.has_part(session, colleague.id, comment):
        raise NotValid("这位同事参与过原来的决定，不能复核申诉，请选择别的同事。", fault="colleague")
    words = plaintext.received_within(note, 1000, "说明", "note")
    if not words:
        raise NotValid("请写一句要同事看什么。", fault="note")
    end(session, comment.id, at)
    made = Assignment(
        comment_id=comment.id, asked_by_id=actor.account_id, colleague_id=colleague.id, note=words, asked_at=at
    )
    session.add(made)
    comment.assignee_id = colleague.id
    claiming.let_go(session, comment.id)
    session.flush()
    subject = f"consultation:{comment.submission.consultation.slug}/{comment.reference}"
    audit.record(session, actor, "comment.ask", subject, at, {"colleague": colleague.login})
    return made


def end(session: Session, comment_id: int, at: datetime) -> None:
    """Ends the open question on a comment."""
    session.execute(
        update(Assignment).where(Assignment.comment_id == comment_id, Assignment.ended_at.is_(None)).values(ended_at=at)
    )


def questions(session: Session, comment_id: int) -> list[Assignment]:
    """Every question there was on a comment, in order."""
    return list(
        session.scalars(
            select(Assignment)
            .where(Assignment.comment_id == comment_id)
            .options(joinedload(Assignment.asked_by), joinedload(Assignment.colleague))
            .order_by(Assignment.id)
        )
    )


def waiting_for(session: Session, actor: Actor) -> int:
    """How many comments colleagues have handed to this person."""
    return session.scalar(select(func.count()).where(Comment.assignee_id == actor.account_id)) or 0
