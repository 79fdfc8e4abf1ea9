"""Comments merged into another one, when that one is no longer public: they wait for moderation again.

A merged comment is answered with the one it was merged into. Were that one withheld, put back or withdrawn, nobody would
answer those behind it, and no page would show them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session, aliased

from portal.access import Actor
from portal.models import Comment, Consultation, ModerationDecision
from portal.rules.urgency import urgency
from portal.rules.words import CommentState
from portal.services import audit

#: the note of the decisions, as their history tells it
NOTE = "并入的%s不再公开，退回待审。"


def count(session: Session, comment: Comment) -> int:
    """How many comments are merged into this one."""
    merged = select(func.count()).where(Comment.merged_into_id == comment.id, Comment.state == CommentState.MERGED)
    return session.scalar(merged) or 0


def put_back(session: Session, actor: Actor, targets: Sequence[int], at: datetime, *, is_bulk: bool = False) -> int:
    """Puts everything merged into these comments back into the queue; how many that were.

    Each gets a decision of its own, and the audit log what any decision leaves; of an act on many the log tells by
    steps. Where no account acts, as when an author withdraws a comment, the log alone tells it: nobody decided.
    Call it before the decision on the target is added: whoever takes back their last decision means that one.
    """
    into = aliased(Comment)
    rows = session.execute(
        select(Comment, into.number, Consultation.slug)
        .join(into, into.id == Comment.merged_into_id)
        .join(Consultation, Consultation.id == Comment.consultation_id)
        .where(Comment.merged_into_id.in_(targets), Comment.state == CommentState.MERGED)
        .order_by(Comment.id)
        .with_for_update(key_share=True, of=Comment)
        .execution_options(populate_existing=True)
    ).all()
    if not rows:
        return 0
    if actor.account_id is not None:
        session.execute(
            insert(ModerationDecision),
            [
                {
                    "comment_id": comment.id, "revision": comment.revision + 1, "decided_by_id": actor.account_id,
                    "decided_at": at, "from_state": CommentState.MERGED, "to_state": CommentState.PENDING,
                    "note": NOTE % f"C-{number}",
                }
                for comment, number, _ in rows
            ],
        )  # fmt: skip
    for comment, _, _ in rows:
        comment.revision += 1
        comment.state = CommentState.PENDING
        comment.merged_into_id = None
        comment.urgency = urgency(CommentState.PENDING, comment.flags)
    session.flush()
    for comment, number, slug in () if is_bulk else rows:
        audit.record(
            session, actor, "comment.pending", f"consultation:{slug}/{comment.reference}", at,
            {"revision": comment.revision, "reason": "", "masked": 0, "from": f"C-{number}"},
        )  # fmt: skip
    return len(rows)
