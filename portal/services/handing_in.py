"""Handing a registration on: in for the second person, back to whoever wrote it, or aside."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from portal.access import Actor
from portal.errors import AlreadyDone, NotValid
from portal.models import Registration
from portal.rules import plaintext, window
from portal.rules.words import RegistrationState
from portal.services import audit
from portal.services.registering import hold, subject_of, touch


def hand_in(session: Session, actor: Actor, registration: Registration, revision: int, at: datetime) -> None:
    """Hands a registration in for the second person. Raises NotValid naming what is still missing."""
    hold(session, actor, registration, revision)
    if registration.state is not RegistrationState.DRAFT:
        raise AlreadyDone("这件登记现在是“%(state)s”。", state=registration.state.label)
    require_whole(registration)
    registration.state, registration.note = RegistrationState.HANDED_IN, ""
    registration.entered_by_id = actor.account_id
    touch(registration, actor, at)
    audit.record(
        session, actor, "registration.hand_in", subject_of(registration), at, {"comments": len(registration.remarks)}
    )


def require_whole(registration: Registration) -> None:
    """Raises NotValid unless everything is there that a submission needs."""
    if not registration.remarks:
        raise NotValid("请至少分出一条意见。", fault="text")
    version_id = registration.consultation.version.id
    for remark in registration.remarks:
        place = remark.position
        if not remark.is_placed:
            raise NotValid(
                "第%(place)s条的条款“%(cited)s”还没有对应上，请选择一个，或改写。", fault=f"cited-{place}", place=place + 1,
                cited=remark.cited,
            )  # fmt: skip
        if remark.clause is not None and remark.clause.version_id != version_id:
            raise NotValid("征求意见稿已经换了一稿，请把每一条重新对应到新稿的条款。", fault=f"cited-{place}")
        if not remark.body and not remark.proposed_text:
            raise NotValid("第%(place)s条还没有写意见。", fault=f"body-{place}", place=place + 1)
    if is_late(registration) and len(registration.late_reason) < 4:
        raise NotValid("这件来稿逾期收到。如予受理，请写明理由。", fault="late_reason")


def is_late(registration: Registration) -> bool:
    """Whether it came after the deadline: letters by their postmark, all else by arrival (rules A.3, R-A11)."""
    current = registration.consultation.window
    return current is not None and window.is_late(
        current.closes_at, registration.received_on, registration.received_time, registration.postmarked_on
    )


def send_back(
    session: Session, actor: Actor, registration: Registration, note: str, revision: int, at: datetime
) -> None:
    """Gives a registration back to whoever entered it, saying what has to be changed; or takes one up again."""
    hold(session, actor, registration, revision)
    if registration.state not in (RegistrationState.HANDED_IN, RegistrationState.SET_ASIDE):
        raise AlreadyDone("这件登记现在是“%(state)s”。", state=registration.state.label)
    registration.note = _said(note, "请写明要改什么。")
    registration.state = RegistrationState.DRAFT
    registration.revision += 1
    registration.changed_at = at
    audit.record(session, actor, "registration.send_back", subject_of(registration), at, {"note": registration.note})


def set_aside(
    session: Session, actor: Actor, registration: Registration, note: str, revision: int, at: datetime
) -> None:
    """Sets aside what is no opinion on this draft; it is kept, and can be taken up again."""
    hold(session, actor, registration, revision)
    if registration.state not in (RegistrationState.DRAFT, RegistrationState.HANDED_IN):
        raise AlreadyDone("这件登记现在是“%(state)s”。", state=registration.state.label)
    registration.note = _said(note, "请写明为什么不受理，例如重复来件、与本文件无关。")
    registration.state = RegistrationState.SET_ASIDE
    registration.revision += 1
    registration.changed_at = at
    audit.record(session, actor, "registration.set_aside", subject_of(registration), at, {"note": registration.note})


def _said(note: str, sentence: str) -> str:
    words = plaintext.one_line(note, 300, "说明", "note")
    if len(words) < 2:
        raise NotValid(sentence, fault="note")
    return words
