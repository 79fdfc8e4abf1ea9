"""The letters that tell respondents what became of their comments (form C-8), owed in the act that publishes it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.drafts.difference import passage
from portal.models import Clause, Comment, Consultation, Respondent, Submission
from portal.rules import window
from portal.rules.answering import IN_DRAFT
from portal.rules.words import CommentState
from portal.sealing import Seal
from portal.services import outbox
from portal.services.identity import CONTACT_CONTEXT

_BATCH = 500


def owe(
    session: Session, seal: Seal, consultation: Consultation, at: datetime, *, is_correction: bool, note: str,
    public_url: str,
) -> int:  # fmt: skip
    """Owes a letter to everyone who left an address and has something new to read; says how many.

    Of a correction only those are told whose answer is another now.
    """
    query = (
        select(Submission)
        .join(Respondent, Respondent.id == Submission.respondent_id)
        .where(Submission.consultation_id == consultation.id, Respondent.contact_sealed != "")
        .options(
            joinedload(Submission.respondent),
            selectinload(Submission.comments).options(joinedload(Comment.clause), joinedload(Comment.response)),
        )
        .order_by(Submission.id)
        .execution_options(yield_per=_BATCH)
    )
    if is_correction:
        query = query.where(
            Submission.comments.any(
                func.coalesce(Comment.response_id, 0) != func.coalesce(Comment.published_response_id, 0)
            )
        )
    wordings: dict[int, Clause] = {clause.id: clause for clause in consultation.version.clauses}
    count = 0
    for submission in session.scalars(query):
        sealed = submission.respondent.contact_sealed
        address = seal.open_fields(sealed, CONTACT_CONTEXT).get("email") if sealed else None
        told = [comment for comment in submission.comments if comment.state is CommentState.PUBLISHED]
        if is_correction:
            told = [comment for comment in told if comment.response_id != comment.published_response_id]
        if not address or not told:
            continue
        outbox.owe(
            session,
            seal,
            kind="answer",
            recipient=address,
            subject=f"意见答复{'（更正）' if is_correction else ''} {submission.receipt_number}",
            body=_words(consultation, submission, told, wordings, note if is_correction else "", public_url),
            at=at,
            submission_id=submission.id,
        )
        count += 1
    return count


def _words(
    consultation: Consultation, submission: Submission, told: list[Comment], clauses: dict[int, Clause], note: str,
    public_url: str,
) -> str:  # fmt: skip
    received = window.date_words(window.day_in_beijing(submission.received_at))
    lines = [
        f"您于{received}对《{consultation.title}（征求意见稿）》提出的{len(told)}条意见"
        f"（受理编号{submission.receipt_number}）已收悉。",
    ]
    if note:
        lines += ["", f"此前公布的答复有更正，以本次为准。更正说明：{note}"]
    for number, comment in enumerate(told, 1):
        lines += ["", f"{number}. {comment.clause.citation if comment.clause else '全文'}（{comment.reference}）"]
        response = comment.response
        if response is None:
            lines.append("这条意见未逐条答复，原因见采纳情况反馈。")
            continue
        reason = f"，理由：{response.reason.rstrip('。')}" if response.reason else ""
        lines.append(f"经研究，{response.disposition.label}{reason}。")
        if response.changed_text.rstrip("。") == IN_DRAFT:
            lines.append(f"{IN_DRAFT}。")
        elif response.changed_text:
            clause = clauses.get(response.clause_id or 0) or comment.clause
            if clause is not None and (original := passage(clause.wording, response.changed_text)):
                lines.append(f"原文：{original}")
            lines.append(f"修改后：{response.changed_text}")
    if public_url:
        lines += [
            "",
            f"全部采纳情况：{public_url}/consultations/{consultation.slug}/results",
            f"办理情况（需查询码）：{public_url}/receipts/{submission.receipt_number}",
        ]
    lines += ["", "感谢您的参与。", consultation.publisher]
    return "\n".join(lines)
