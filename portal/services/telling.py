"""Letters to the author of a comment about what the desk decided; the tracking page says the same."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import AppealDecision, Comment, ModerationDecision, WithholdingReason
from portal.sealing import Seal
from portal.services import outbox
from portal.services.identity import CONTACT_CONTEXT
from portal.services.moderation import UNDO_WITHIN


def withheld(session: Session, seal: Seal, comment: Comment, decision: ModerationDecision, public_url: str) -> bool:
    """Owes the letter that tells of a withholding, to go out once it can no longer be undone; whether there is an address."""
    reason = _reason(session, decision.reason_code)
    return _owe(
        session,
        seal,
        comment,
        kind=f"withheld-{comment.id}",
        subject=f"意见{comment.reference}不予公开",
        lines=[
            f"您对《{comment.submission.consultation.title}（征求意见稿）》提出的意见{comment.reference}经审核不予公开，"
            "原文照录保存，仍计入收到的意见。",
            f"理由：{reason}。{decision.note}",
            "如有不同意见，可以在查询页面提出申诉，由没有参与原决定的人复核；截止前还可以更正。",
        ],
        at=decision.decided_at,
        due_at=decision.decided_at + UNDO_WITHIN,
        public_url=public_url,
    )


def appeal_decided(session: Session, seal: Seal, comment: Comment, decision: AppealDecision, public_url: str) -> bool:
    """Owes the letter that tells the outcome of an appeal."""
    outcome = "同意，意见已经公开" if decision.is_upheld else "维持不予公开"
    return _owe(
        session,
        seal,
        comment,
        kind="appeal",
        subject=f"意见{comment.reference}申诉结果",
        lines=[f"您就意见{comment.reference}提出的申诉已经复核：{outcome}。", f"说明：{decision.words}"],
        at=decision.decided_at,
        due_at=decision.decided_at,
        public_url=public_url,
    )


def _reason(session: Session, code: str) -> str:
    return session.scalar(select(WithholdingReason.words).where(WithholdingReason.code == code)) or code


def _owe(
    session: Session,
    seal: Seal,
    comment: Comment,
    *,
    kind: str,
    subject: str,
    lines: list[str],
    at: datetime,
    due_at: datetime,
    public_url: str,
) -> bool:
    submission = comment.submission
    sealed = submission.respondent.contact_sealed
    address = seal.open_fields(sealed, CONTACT_CONTEXT).get("email") if sealed else None
    if not address:
        return False
    where = f"{public_url}/receipts/{submission.receipt_number}" if public_url else ""
    letter = outbox.owe(
        session,
        seal,
        kind=kind,
        recipient=address,
        subject=subject,
        body="\n".join(
            [*lines, "", f"受理编号：{submission.receipt_number}", *([where] if where else []), "",
             submission.consultation.publisher]
        ),
        at=at,
        submission_id=submission.id,
    )  # fmt: skip
    letter.due_at = due_at
    return True
