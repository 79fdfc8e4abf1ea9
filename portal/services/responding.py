"""The bureau's answers: a disposition with its reason for each comment, then one act that publishes them all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from portal.access import Actor, Permission, require
from portal.errors import AlreadyDone, NotThere, NotValid
from portal.models import Comment, Consultation, Response, Submission
from portal.rules import plaintext, window
from portal.rules.words import CommentState, Disposition
from portal.sealing import Seal
from portal.services import audit, outbox
from portal.services.identity import CONTACT_CONTEXT

LONGEST_REASON = 5000


def published_comments(session: Session, actor: Actor, consultation: Consultation) -> list[Comment]:
    """Every published comment of a consultation with its clause and its response, clause by clause."""
    require(actor, Permission.RESPOND, consultation.bureau_id)
    comments = session.scalars(
        select(Comment)
        .where(Comment.consultation_id == consultation.id, Comment.state == CommentState.PUBLISHED)
        .options(
            joinedload(Comment.clause),
            joinedload(Comment.response),
            joinedload(Comment.submission).joinedload(Submission.respondent),
        )
    )
    return sorted(comments, key=lambda c: (c.clause.position if c.clause else -1, c.number))


def respond(
    session: Session,
    actor: Actor,
    consultation: Consultation,
    numbers: Sequence[int],
    *,
    disposition: str,
    reason: str,
    changed_text: str,
    at: datetime,
) -> Response:
    """Answers one or many comments at once; an earlier answer is kept and superseded.

    A reason is due for everything but 采纳; for 采纳 the changed text is due, or 原稿已体现 (rules C.3, R-C2).
    Raises NotValid naming what is missing, AlreadyDone once the results are published.
    """
    require(actor, Permission.RESPOND, consultation.bureau_id)
    if consultation.results_published_at is not None:
        raise AlreadyDone("采纳情况已经公布，不能直接修改。")
    try:
        chosen = Disposition(disposition)
    except ValueError:
        raise NotValid("请选择采纳情况。", fault="disposition") from None
    reason = plaintext.received_within(reason, LONGEST_REASON, "理由", "reason")
    changed_text = plaintext.received_within(changed_text, LONGEST_REASON, "修改后条文", "changed_text")
    if chosen is Disposition.ADOPTED:
        if not changed_text:
            raise NotValid("采纳的，请写明修改后的条文；原稿已经写明的，写“原稿已体现”。", fault="changed_text")
    elif not reason:
        raise NotValid("请写明理由，提出人和公众都会看到。", fault="reason")
    comments = list(
        session.scalars(select(Comment).where(Comment.consultation_id == consultation.id, Comment.number.in_(numbers)))
    )
    if not comments or len(comments) != len(set(numbers)):
        raise NotThere("没有找到要答复的意见。")
    if any(comment.state is not CommentState.PUBLISHED for comment in comments):
        raise NotValid("只能答复已经公开的意见。")
    response = Response(
        consultation_id=consultation.id,
        disposition=chosen,
        reason=reason,
        changed_text=changed_text if chosen in (Disposition.ADOPTED, Disposition.PARTLY_ADOPTED) else "",
        written_by_id=actor.account_id,
        written_at=at,
    )
    session.add(response)
    session.flush()
    for comment in comments:
        comment.response_id = response.id
        comment.response = response
    session.flush()
    audit.record(
        session,
        actor,
        "comment.respond",
        f"consultation:{consultation.slug}",
        at,
        {"comments": [comment.reference for comment in comments], "disposition": chosen.value},
    )
    return response


def unanswered(session: Session, consultation: Consultation) -> list[Comment]:
    """The published comments that have no response yet, in order."""
    return list(
        session.scalars(
            select(Comment)
            .where(
                Comment.consultation_id == consultation.id,
                Comment.state == CommentState.PUBLISHED,
                Comment.response_id.is_(None),
            )
            .order_by(Comment.number)
        )
    )


def publish_results(session: Session, seal: Seal, actor: Actor, consultation: Consultation, at: datetime) -> None:
    """Publishes the adoption feedback (意见采纳情况反馈) in one act and owes a letter to everyone who left an address.

    Refused while the window is open, while a comment waits for moderation, or while one is unanswered; the
    sentence says which.
    """
    require(actor, Permission.PUBLISH, consultation.bureau_id)
    current = consultation.window
    if not consultation.is_published or current is None:
        raise NotThere("没有这次征求意见。")
    if consultation.results_published_at is not None:
        raise AlreadyDone("采纳情况已经公布过了。")
    if at < current.closes_at:
        raise NotValid("征求意见%(when)s才截止，截止后方可公布采纳情况。", when=window.Deadline(current.closes_at))
    waiting = session.scalar(
        select(func.count()).where(Comment.consultation_id == consultation.id, Comment.state == CommentState.PENDING)
    )
    if waiting:
        raise NotValid("还有%(count)s条意见没有审核，审核完方可公布采纳情况。", count=waiting)
    open_ones = unanswered(session, consultation)
    if open_ones:
        references = "、".join(comment.reference for comment in open_ones[:10])
        raise NotValid(
            "还有%(count)s条意见没有答复（%(references)s），答复完方可公布采纳情况。",
            count=len(open_ones),
            references=references + ("等" if len(open_ones) > 10 else ""),
        )
    consultation.results_published_at = at
    for submission in session.scalars(
        select(Submission)
        .where(Submission.consultation_id == consultation.id)
        .options(joinedload(Submission.respondent))
    ):
        _owe_answer(session, seal, consultation, submission, at)
    session.flush()
    audit.record(session, actor, "results.publish", f"consultation:{consultation.slug}", at)


def _owe_answer(session: Session, seal: Seal, consultation: Consultation, submission: Submission, at: datetime) -> None:
    sealed = submission.respondent.contact_sealed
    address = seal.open_fields(sealed, CONTACT_CONTEXT).get("email") if sealed else None
    if not address:
        return
    received = window.date_words(window.day_in_beijing(submission.received_at))
    lines = [
        f"您于{received}对《{consultation.title}（征求意见稿）》提出的意见（受理编号{submission.receipt_number}）已有答复。"
    ]
    for comment in submission.comments:
        if comment.response is None:
            continue
        where = comment.clause.citation if comment.clause else "全文"
        lines += ["", f"{comment.position + 1}. {where}：{comment.response.disposition.label}"]
        if comment.response.changed_text:
            lines.append(f"修改后：{comment.response.changed_text}")
        if comment.response.reason:
            lines.append(f"理由：{comment.response.reason}")
    lines += ["", "感谢您的参与。", consultation.contact_unit or consultation.bureau.name]
    outbox.owe(
        session,
        seal,
        kind="answer",
        recipient=address,
        subject=f"意见答复 {submission.receipt_number}",
        body="\n".join(lines),
        at=at,
        submission_id=submission.id,
    )
