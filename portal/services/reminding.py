"""The clock of the answers: how long each consultation has been waiting, and the letters that say so, once each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.access import Role
from portal.models import Account, AnswerReminder, CommentWindow, Consultation
from portal.rules import answering, window
from portal.rules.answering import Clock
from portal.rules.holidays import Calendar
from portal.sealing import Seal
from portal.services import audit, holidays, outbox, responding
from portal.services.people import EMAIL_CONTEXT

#: who is written to: those who answer and those who publish
REMINDED = (Role.DRAFTER, Role.PUBLISHER)


def waits(consultation: Consultation, at: datetime) -> bool:
    """Whether the public waits for this consultation's answers at `at`."""
    current = consultation.window
    return (
        consultation.is_published
        and current is not None
        and current.closes_at <= at
        and consultation.results_published_at is None
        and not consultation.is_withdrawn
    )


def clock_of(calendar: Calendar, consultation: Consultation, at: datetime, limit: int) -> Clock | None:
    """The clock of one consultation; None before it has a window."""
    current = consultation.window
    if current is None:
        return None
    return answering.clock(calendar, window.last_day(current.closes_at), window.day_in_beijing(at), limit)


def clocks(session: Session, consultations: Iterable[Consultation], at: datetime, limit: int) -> dict[int, Clock]:
    """The clocks of those the public waits for, by their ids."""
    calendar = holidays.calendar(session)
    found = {each.id: clock_of(calendar, each, at, limit) for each in consultations if waits(each, at)}
    return {key: clock for key, clock in found.items() if clock is not None}


def remind_due(session: Session, seal: Seal, at: datetime, limit: int, public_url: str) -> int:
    """Owes the reminders that are due and were not owed before; says how many letters that is.

    A worker that was away for some days writes one letter for all the days it missed.
    """
    audit.take_turn(session)
    waiting = session.scalars(
        select(Consultation)
        .join(CommentWindow, CommentWindow.consultation_id == Consultation.id)
        .where(
            Consultation.first_published_at <= at,
            Consultation.results_published_at.is_(None),
            Consultation.withdrawn_at.is_(None),
            CommentWindow.superseded_at.is_(None),
            CommentWindow.closes_at <= at,
        )
        .options(selectinload(Consultation.windows), joinedload(Consultation.bureau))
        .order_by(Consultation.id)
    ).all()
    calendar = holidays.calendar(session)
    letters = 0
    for consultation in waiting:
        clock = clock_of(calendar, consultation, at, limit)
        if clock is None:
            continue
        known = set(
            session.scalars(select(AnswerReminder.workday).where(AnswerReminder.consultation_id == consultation.id))
        )
        due = [step for step in answering.due_reminders(clock) if step not in known]
        if not due:
            continue
        sent = _owe(session, seal, consultation, clock, at, public_url)
        letters += sent
        session.add_all(
            AnswerReminder(consultation_id=consultation.id, workday=step, letters=sent, reminded_at=at) for step in due
        )
    session.flush()
    return letters


def _owe(session: Session, seal: Seal, consultation: Consultation, clock: Clock, at: datetime, public_url: str) -> int:
    count = responding.count(session, consultation)
    current = consultation.window
    assert current is not None, "a consultation that waits has a window"
    if clock.is_overdue:
        stands = f"已超过答复期限（{clock.limit}个工作日）"
    else:
        stands = f"截止后第{clock.elapsed}个工作日，距答复期限还有{clock.left}个工作日"
    until = f"，最迟应于{window.date_words(clock.due_on)}公布" if clock.due_on else ""
    lines = [
        f"《{consultation.title}（征求意见稿）》征求意见已于{window.closing_words(current.closes_at)}截止，{stands}{until}。",
        "",
        f"公开的意见{count.published}条，已答复{count.answered}条，未答复{count.open}条。"
        if count.published
        else "没有公开的意见，仍须公布征求意见情况的反馈。",
        "",
        "请起草人员抓紧答复，答复完后由发布员公布采纳情况。",
    ]
    if public_url:
        lines.append(f"{public_url}/office/consultations/{consultation.slug}/responses/")
    number = 0
    for account in session.scalars(
        select(Account)
        .where(
            Account.bureau_id == consultation.bureau_id,
            Account.role.in_(REMINDED),
            Account.is_active.is_(True),
            Account.email_sealed != "",
        )
        .order_by(Account.id)
    ):
        outbox.owe(
            session,
            seal,
            kind="reminder",
            recipient=seal.open(account.email_sealed, EMAIL_CONTEXT),
            subject=f"答复提醒：{consultation.title}",
            body="\n".join(lines),
            at=at,
        )
        number += 1
    return number
