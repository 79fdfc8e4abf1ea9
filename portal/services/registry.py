"""Looking at registrations: which there are, one of them, and, logged, what of it names people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.access import Actor, Permission, require
from portal.errors import NotThere
from portal.models import Attachment, Consultation, Enclosure, RegisteredRemark, Registration
from portal.rules.words import RegistrationState
from portal.sealing import Seal
from portal.services import audit
from portal.services.registering import contact_of, subject_of

PAGE = 50


@dataclass(frozen=True, slots=True)
class Listed:
    """Some registrations in one state, the oldest first; `after` is where the next page begins."""

    registrations: list[Registration]
    after: int | None


def listed(
    session: Session, actor: Actor, consultation: Consultation, state: RegistrationState, after: int = 0
) -> Listed:
    """The registrations of a consultation in one state."""
    require(actor, Permission.REGISTER, consultation.bureau_id)
    found = list(
        session.scalars(
            select(Registration)
            .where(
                Registration.consultation_id == consultation.id, Registration.state == state, Registration.id > after
            )
            .options(
                selectinload(Registration.remarks).joinedload(RegisteredRemark.clause),
                joinedload(Registration.entered_by),
                joinedload(Registration.submission),
            )
            .order_by(Registration.id)
            .limit(PAGE + 1)
        )
    )
    return Listed(found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None)


def counts(session: Session, consultation: Consultation) -> dict[RegistrationState, int]:
    """How many registrations stand in each state."""
    rows = session.execute(
        select(Registration.state, func.count())
        .where(Registration.consultation_id == consultation.id)
        .group_by(Registration.state)
    ).all()
    return dict.fromkeys(RegistrationState, 0) | dict(rows)


def registration(session: Session, actor: Actor, consultation: Consultation, registration_id: int) -> Registration:
    """One registration of a consultation. Raises NotThere."""
    require(actor, Permission.REGISTER, consultation.bureau_id)
    found = session.scalar(
        select(Registration)
        .where(Registration.id == registration_id, Registration.consultation_id == consultation.id)
        .options(
            selectinload(Registration.remarks).joinedload(RegisteredRemark.clause),
            selectinload(Registration.enclosures).joinedload(Enclosure.attachment),
            joinedload(Registration.entered_by),
            joinedload(Registration.confirmed_by),
            joinedload(Registration.submission),
            joinedload(Registration.mail),
        )
    )
    if found is None:
        raise NotThere("没有这件登记。")
    return found


def of_submission(session: Session, submission_id: int) -> int | None:
    """Which registration a submission came of; None for what came by the website."""
    return session.scalar(select(Registration.id).where(Registration.submission_id == submission_id))


def see_contact(session: Session, seal: Seal, actor: Actor, registration: Registration, at: datetime) -> dict[str, str]:
    """The contact data of a registration. Every look is an audit event."""
    require(actor, Permission.REGISTER, registration.consultation.bureau_id)
    audit.record(session, actor, "contact.see", subject_of(registration), at)
    return contact_of(seal, registration)


def see_enclosure(
    session: Session, actor: Actor, registration: Registration, enclosure_id: int, at: datetime
) -> Attachment:
    """A scan or a file that came with it; it names people, so every look is an audit event."""
    require(actor, Permission.REGISTER, registration.consultation.bureau_id)
    found = next((one.attachment for one in registration.enclosures if one.id == enclosure_id), None)
    if found is None:
        raise NotThere("没有这个附件，可能已经删去。")
    audit.record(session, actor, "enclosure.see", subject_of(registration), at, {"digest": found.digest})
    return found
