"""What may still become of a window the public relies on: it may be extended, or the consultation withdrawn.

Nothing else: it is neither shortened nor closed early, here or in the database (migration 0006).
"""

from __future__ import annotations

from datetime import date, datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access import Actor, Permission, require
from portal.errors import AlreadyDone, NotThere, NotValid, WindowNotOpen
from portal.models import CommentWindow, Consultation
from portal.rules import plaintext, window
from portal.rules.window import WindowState
from portal.services import audit, publishing

#: a withdrawal is explained in at least as many characters as a shortened period
SHORTEST_REASON = 10
LONGEST_ANNOUNCEMENT = 5_000


def extension_words(consultation: Consultation, closes_at: datetime | None) -> str:
    """The public notice of an extension (延期公告), after form C-7."""
    current = consultation.window
    until = window.closing_words(closes_at) if closes_at else f"{publishing.BLANK}：新的截止时间】"
    since = window.closing_words(current.closes_at) if current else ""
    return (
        f"为便于社会各界充分提出意见，《{consultation.title}（征求意见稿）》公开征求意见截止时间由{since}"
        f"延长至{until}，提出意见的方式不变。"
    )


def longer(consultation: Consultation, closes_on: date | None, closes_time: time | None, at: datetime) -> datetime:
    """The new end of an open window. Raises a refusal for one that cannot be extended, or not to that day."""
    current = _open(consultation, at)
    if closes_on is None:
        raise NotValid("请填写新的截止日期。", fault="closes_on")
    bounds = publishing.days(window.day_in_beijing(current.opens_at), closes_on, closes_time)
    if bounds is None or bounds[1] <= current.closes_at:
        raise NotValid(
            "新的截止时间要晚于现在的%(when)s。已经公布的期限只能延长，不能缩短或提前结束。",
            fault="closes_on",
            when=window.Deadline(current.closes_at),
        )
    return bounds[1]


def _open(consultation: Consultation, at: datetime) -> CommentWindow:
    """The window that may be extended. Raises when the consultation is not out, is withdrawn or is over."""
    current = consultation.window
    if not consultation.is_published or current is None:
        raise NotThere("公告还没有发布，请直接修改公告里的期限。")
    match consultation.state(at):
        case WindowState.WITHDRAWN:
            raise AlreadyDone("这次征求意见已经撤回，不能再延期。")
        case WindowState.CLOSED:
            raise WindowNotOpen(
                "征求意见已于%(when)s截止，不能再延期。需要继续听取意见的，请另行发布一次征求意见。",
                when=window.Deadline(current.closes_at),
            )
    return current


def extend(
    session: Session,
    actor: Actor,
    consultation: Consultation,
    closes_on: date | None,
    closes_time: time | None,
    announcement: str,
    at: datetime,
) -> CommentWindow:
    """Extends the window and tells the public; the window before it stays in the history.

    An empty announcement is filled from the form. A reason for a shortened period goes on only while the extended
    period is still too short.
    """
    require(actor, Permission.PUBLISH, consultation.bureau_id)
    _take(session, consultation)
    before = _open(consultation, at)
    closes_at = longer(consultation, closes_on, closes_time, at)
    words = plaintext.received_within(announcement, LONGEST_ANNOUNCEMENT, "延期公告", "announcement")
    if publishing.BLANK in words:
        raise NotValid("延期公告里还有没有填写的地方（“【请填写……】”），请填好或者删去。", fault="announcement")
    assessment = None
    if consultation.document_type is not None:
        assessment = publishing.assess_window(
            session, consultation, consultation.document_type, before.opens_at, closes_at, before.shortened_reason, at,
            publishing.mode_of(before),
        )  # fmt: skip
    is_still_short = assessment is None or assessment.is_shortened
    after = CommentWindow(
        consultation_id=consultation.id,
        opens_at=before.opens_at,
        closes_at=closes_at,
        rule_code=before.rule_code,
        count_mode=before.count_mode,
        shortened_reason=before.shortened_reason if is_still_short else "",
        announcement=words or extension_words(consultation, closes_at),
        created_at=at,
    )
    session.add(after)
    session.flush()  # the database marks the window before it as superseded
    session.refresh(before)
    session.expire(consultation, ["windows"])
    audit.record(
        session, actor, "window.extend", f"consultation:{consultation.slug}", at,
        {"from": before.closes_at.isoformat(), "to": closes_at.isoformat()},
    )  # fmt: skip
    return after


def withdraw(session: Session, actor: Actor, consultation: Consultation, reason: str, at: datetime) -> None:
    """Withdraws the consultation: its page says why, nothing more is received, everything received stays."""
    require(actor, Permission.PUBLISH, consultation.bureau_id)
    _take(session, consultation)
    if not consultation.is_published:
        raise NotThere("公告还没有发布，不用撤回。")
    if consultation.is_withdrawn:
        raise AlreadyDone("这次征求意见已经撤回。")
    if consultation.results_published_at is not None:
        raise AlreadyDone("采纳情况已经公布，不能再撤回。")
    words = plaintext.received_within(reason, publishing.LONGEST_REASON, "撤回的理由", "reason")
    if len("".join(words.split())) < SHORTEST_REASON:
        raise NotValid("请写明撤回的理由，不少于%(least)s字，随页面公布。", fault="reason", least=SHORTEST_REASON)
    consultation.withdrawn_at, consultation.withdrawal_reason = at, words
    session.flush()
    audit.record(session, actor, "consultation.withdraw", f"consultation:{consultation.slug}", at, {"reason": words})


def _take(session: Session, consultation: Consultation) -> None:
    """Locks the consultation and looks again: of two officers the second sees what the first has done."""
    session.execute(select(Consultation.id).where(Consultation.id == consultation.id).with_for_update(key_share=True))
    session.refresh(consultation, ["withdrawn_at", "withdrawal_reason", "results_published_at", "windows"])
