"""Letters that could not be delivered (发不出的邮件): a person sends one again, or gives it up with a reason."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from portal.access import Actor, Permission, require
from portal.errors import AlreadyDone, NotThere, NotValid
from portal.models import OutgoingEmail
from portal.rules import masking, plaintext
from portal.sealing import NotSealedByUs, Seal
from portal.services import audit
from portal.services.outbox import GIVEN_UP_AFTER, RECIPIENT

#: how many letters stand on one page
PAGE = 50
_ADDRESS = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")


@dataclass(frozen=True, slots=True)
class Shown:
    """A letter as the page shows it: never its text, its address only masked."""

    letter: OutgoingEmail
    to: str
    fault: str


def waits_for_a_person() -> tuple[ColumnElement[bool], ...]:
    """The letters that were tried as often as they are."""
    return (
        OutgoingEmail.sent_at.is_(None),
        OutgoingEmail.given_up_at.is_(None),
        OutgoingEmail.attempts >= GIVEN_UP_AFTER,
    )


def listed(session: Session, seal: Seal, actor: Actor, before: int = 0) -> list[Shown]:
    """The letters that wait for a person, the newest first, PAGE of them before the letter `before`."""
    return _shown(session, seal, actor, waits_for_a_person(), before)


def late(session: Session, seal: Seal, actor: Actor) -> list[Shown]:
    """Letters that failed at least once and will be tried again by themselves."""
    failing = (
        OutgoingEmail.sent_at.is_(None),
        OutgoingEmail.given_up_at.is_(None),
        OutgoingEmail.attempts.between(1, GIVEN_UP_AFTER - 1),
        OutgoingEmail.last_fault != "",
    )
    return _shown(session, seal, actor, failing, 0)


def given_up(session: Session, seal: Seal, actor: Actor) -> list[Shown]:
    """What was given up last, with its reason."""
    return _shown(session, seal, actor, (OutgoingEmail.given_up_at.is_not(None),), 0, limit=20)


def _shown(
    session: Session, seal: Seal, actor: Actor, which: Sequence[ColumnElement[bool]], before: int, limit: int = PAGE
) -> list[Shown]:
    require(actor, Permission.OPERATE)
    asked = select(OutgoingEmail).where(*which).order_by(OutgoingEmail.id.desc()).limit(limit)
    if before:
        asked = asked.where(OutgoingEmail.id < before)
    return [shown(seal, letter) for letter in session.scalars(asked)]


def shown(seal: Seal, letter: OutgoingEmail) -> Shown:
    """A letter with its address masked, also inside of what the mail server answered."""
    try:
        to = masking.mask("email", seal.open(letter.recipient_sealed, RECIPIENT)) if letter.recipient_sealed else ""
    except NotSealedByUs:
        to = ""
    return Shown(letter, to, masked(letter.last_fault))


def masked(fault: str) -> str:
    """What a mail server said, without the addresses in it."""
    return _ADDRESS.sub(lambda found: masking.mask("email", found[0]), fault)


def letter(session: Session, actor: Actor, letter_id: int) -> OutgoingEmail:
    """A letter that waits for a person, locked. Raises NotThere, and AlreadyDone when it does not wait any more."""
    require(actor, Permission.OPERATE)
    found = session.scalar(select(OutgoingEmail).where(OutgoingEmail.id == letter_id).with_for_update(key_share=True))
    if found is None:
        raise NotThere("没有这封邮件。")
    if found.sent_at is not None or found.given_up_at is not None or found.attempts < GIVEN_UP_AFTER:
        raise AlreadyDone("这封邮件已经办理过了。")
    return found


def send_again(session: Session, actor: Actor, found: OutgoingEmail, at: datetime) -> None:
    """Lets the worker try a letter from the beginning."""
    require(actor, Permission.OPERATE)
    found.attempts, found.due_at = 0, at
    session.flush()
    audit.record(session, actor, "letter.again", f"letter:{found.id}", at, {"kind": found.kind})


def send_all_again(session: Session, actor: Actor, at: datetime) -> int:
    """The same for every letter that waits for a person; how many."""
    require(actor, Permission.OPERATE)
    found = session.scalars(select(OutgoingEmail).where(*waits_for_a_person()).with_for_update(key_share=True)).all()
    for each in found:
        each.attempts, each.due_at = 0, at
    session.flush()
    if found:
        audit.record(session, actor, "letter.again", "letters", at, {"count": len(found)})
    return len(found)


def give_up(session: Session, actor: Actor, found: OutgoingEmail, reason: str, at: datetime) -> None:
    """Decides that a letter is not sent any more. Raises NotValid without a reason."""
    require(actor, Permission.OPERATE)
    reason = plaintext.one_line(reason, 200, "理由", "reason")
    if not reason:
        raise NotValid("请写明不再发送的理由，例如“地址已失效，已电话告知”。", fault="reason")
    found.given_up_at, found.given_up_note = at, reason
    session.flush()
    audit.record(session, actor, "letter.give_up", f"letter:{found.id}", at, {"kind": found.kind, "reason": reason})


def waiting(session: Session) -> int:
    """How many letters wait for a person."""
    return session.scalar(select(func.count()).select_from(OutgoingEmail).where(*waits_for_a_person())) or 0
