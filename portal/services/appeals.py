"""Appeals: somebody who had no part in the withholding looks at it again, once, and the author is told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from portal.access import Actor, Permission, Role, require
from portal.errors import NotAllowed, NotThere, NotValid
from portal.models import Account, Appeal, AppealDecision, Comment, Consultation, ModerationDecision, Submission
from portal.rules import plaintext
from portal.rules.words import CommentState
from portal.sealing import Seal
from portal.services import audit, claiming, moderation, telling
from portal.services.masking import Mask

_IS_JUDGE = (Account.role == Role.MODERATOR, Account.is_active)


def _had_part(comment_id: int | InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """The condition that an account decided on a comment or proposed its withholding."""
    return exists().where(
        ModerationDecision.comment_id == comment_id,
        (ModerationDecision.decided_by_id == Account.id) | (ModerationDecision.proposed_by_id == Account.id),
    )


def judges(session: Session, comment: Comment) -> list[Account]:
    """Who can decide on an appeal against the withholding of a comment: the moderators who had no part in it."""
    bureau_id = comment.submission.consultation.bureau_id
    found = select(Account).where(Account.bureau_id == bureau_id, *_IS_JUDGE, ~_had_part(comment.id))
    return list(session.scalars(found.order_by(Account.name, Account.id)))


def undecidable(session: Session, bureau_id: int | None = None) -> list[Comment]:
    """The comments with an appeal that nobody is left to decide, of a bureau or (None) of all; the oldest first."""
    somebody = exists().where(Account.bureau_id == Consultation.bureau_id, *_IS_JUDGE, ~_had_part(Comment.id))
    found = (
        select(Comment)
        .join(Appeal, Appeal.comment_id == Comment.id)
        .outerjoin(AppealDecision, AppealDecision.appeal_id == Appeal.id)
        .join(Consultation, Consultation.id == Comment.consultation_id)
        .where(AppealDecision.id.is_(None), Comment.state == CommentState.WITHHELD, ~somebody)
        .options(joinedload(Comment.submission).joinedload(Submission.consultation).joinedload(Consultation.bureau))
        .order_by(Appeal.id)
    )
    if bureau_id is not None:
        found = found.where(Consultation.bureau_id == bureau_id)
    return list(session.scalars(found))


def decide(
    session: Session,
    seal: Seal,
    actor: Actor,
    comment: Comment,
    *,
    is_upheld: bool,
    words: str,
    revision: int,
    at: datetime,
    public_url: str = "",
    masks: Sequence[Mask] = (),
    cleared: Sequence[Mask] = (),
    own: frozenset[str] = frozenset(),
) -> AppealDecision:
    """Publishes the comment after all, or leaves it withheld; the words go to the author.

    Raises NotAllowed for whoever decided or proposed the withholding.
    """
    moderation.lock(session, comment, revision)
    consultation = comment.submission.consultation
    require(actor, Permission.MODERATE, consultation.bureau_id)
    claiming.require_free(session, actor, comment, at)
    appeal = moderation.open_appeal(session, comment)
    if appeal is None or comment.state is not CommentState.WITHHELD:
        raise NotThere("这条意见没有待复核的申诉，可能已经有人处理。")
    if moderation.has_part(session, actor.account_id, comment):
        raise NotAllowed("申诉要由没有参与原决定的人复核，请交给其他同事。")
    said = plaintext.received_within(words, 1000, "复核说明", "note")
    if not said:
        raise NotValid("请写明复核的理由，提出人会看到。", fault="note")
    if is_upheld:
        moderation.decide(
            session, actor, comment, CommentState.PUBLISHED, revision=revision, at=at, note=said, masks=masks,
            cleared=cleared, own=own, by_appeal=True,
        )  # fmt: skip
    made = AppealDecision(
        appeal_id=appeal.id, decided_by_id=actor.account_id, decided_at=at, is_upheld=is_upheld, words=said
    )
    session.add(made)
    comment.urgency = None
    claiming.let_go(session, comment.id)
    session.flush()
    telling.appeal_decided(session, seal, comment, made, public_url)
    subject = f"consultation:{consultation.slug}/{comment.reference}"
    audit.record(session, actor, "appeal.decide", subject, at, {"upheld": is_upheld})
    return made
