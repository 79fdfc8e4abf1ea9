"""Looks at what is kept under seal beside a comment. Every look is an audit event."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access import Actor, Permission, require
from portal.errors import NotThere
from portal.models import Attachment, Comment, Consultation, WithholdingReason
from portal.rules.words import CommentState
from portal.sealing import Seal
from portal.services import audit
from portal.services.identity import CONTACT_CONTEXT
from portal.services.receipts import CONFIDENTIAL_CONTEXT


def _subject(comment: Comment) -> str:
    return f"consultation:{comment.submission.consultation.slug}/{comment.reference}"


def see_contact(session: Session, seal: Seal, actor: Actor, comment: Comment, at: datetime) -> dict[str, str]:
    """The contact data behind a comment. Every look is an audit event."""
    require(actor, Permission.SEE_CONTACT, comment.submission.consultation.bureau_id)
    audit.record(
        session,
        actor,
        "contact.see",
        _subject(comment),
        at,
        {"receipt": comment.submission.receipt_number, "minor": comment.submission.respondent.is_minor},
    )
    sealed = comment.submission.respondent.contact_sealed
    return seal.open_fields(sealed, CONTACT_CONTEXT) if sealed else {}


def see_evidence(session: Session, actor: Actor, comment: Comment, at: datetime) -> Attachment:
    """What a respondent handed in with a comment. It may name people, so every look is an audit event."""
    require(actor, Permission.MODERATE, comment.submission.consultation.bureau_id)
    if comment.evidence is None:
        raise NotThere("这条意见没有附材料。")
    audit.record(session, actor, "evidence.see", _subject(comment), at, {"digest": comment.evidence.digest})
    return comment.evidence


def see_confidential(
    session: Session, seal: Seal, actor: Actor, consultation: Consultation, number: int, at: datetime
) -> str:
    """The trade secret told beside a comment. Every look is an audit event. Raises NotThere where there is none."""
    require(actor, Permission.SEE_CONFIDENTIAL, consultation.bureau_id)
    found = session.scalar(select(Comment).where(Comment.consultation_id == consultation.id, Comment.number == number))
    if found is None or not found.confidential_sealed:
        raise NotThere("这条意见没有附商业秘密说明。")
    audit.record(session, actor, "confidential.see", f"consultation:{consultation.slug}/{found.reference}", at)
    return seal.open(found.confidential_sealed, CONFIDENTIAL_CONTEXT)


def see_letter(session: Session, actor: Actor, comment: Comment, at: datetime) -> Attachment:
    """The scan of a sealed letter that came with a comment. Every look is an audit event. Raises NotThere."""
    require(actor, Permission.SEE_CONTACT, comment.submission.consultation.bureau_id)
    found = comment.submission.letter
    if found is None:
        raise NotThere("这件来稿没有附盖章的书面意见。")
    audit.record(session, actor, "letter.see", _subject(comment), at)
    return found


def sealing_codes(session: Session) -> frozenset[str]:
    """The reasons whose comments are sealed once they are withheld."""
    return frozenset(session.scalars(select(WithholdingReason.code).where(WithholdingReason.is_sealing)))


def is_sealed(comment: Comment, codes: frozenset[str]) -> bool:
    """Whether the words of a comment are shown only after a look that is logged."""
    return comment.state is CommentState.WITHHELD and comment.reason_code in codes


def see_sealed(session: Session, actor: Actor, comment: Comment, at: datetime) -> None:
    """Opens the words of a comment that was withheld as unlawful. Every look is an audit event."""
    require(actor, Permission.MODERATE, comment.submission.consultation.bureau_id)
    audit.record(session, actor, "sealed.see", _subject(comment), at, {"reason": comment.reason_code})
