"""Erasing contact data on its date: what the privacy page promises."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.orm import Session

from portal.access import ANYBODY
from portal.models import (
    Basket,
    Consultation,
    EmailCode,
    IncomingMail,
    OutgoingEmail,
    Registration,
    Respondent,
    Submission,
)
from portal.services import audit, baskets

#: contact data goes this long after the results were published (rules E.3, a recommendation under 个人信息保护法 §19)
CONTACT_KEPT = timedelta(days=180)
#: a basket nobody touched goes this long after the window closed
BASKET_KEPT = timedelta(days=60)
#: the trace of a code that was sent by e-mail goes after a day
CODE_KEPT = timedelta(days=1)


def erase_expired(session: Session, at: datetime) -> int:
    """Erases contact data whose time is over, and the letters that carried it; how many respondents were touched."""
    over = (
        select(Submission.respondent_id)
        .join(Consultation, Submission.consultation_id == Consultation.id)
        .where(Consultation.results_published_at <= at - CONTACT_KEPT)
    )
    erased = session.scalars(
        update(Respondent)
        .where(Respondent.id.in_(over), Respondent.contact_sealed != "")
        .values(contact_sealed="", contact_erased_at=at)
        .returning(Respondent.id)
        .execution_options(synchronize_session=False)
    ).all()
    told = _erase_registered(session, at)
    if erased:
        letters = select(Submission.id).where(Submission.respondent_id.in_(erased))
        session.execute(
            update(OutgoingEmail)
            .where(OutgoingEmail.submission_id.in_(letters), OutgoingEmail.sent_at.is_not(None))
            .values(recipient_sealed="", body_sealed="")
            .execution_options(synchronize_session=False)
        )
        audit.record(session, ANYBODY, "contact.erase", "respondents", at, {"count": len(erased)})
    if told:
        audit.record(session, ANYBODY, "registration.erase", "registrations", at, {"count": told})
    return len(erased)


def _erase_registered(session: Session, at: datetime) -> int:
    """What was registered and what came by mail is signed by people: its words go with the contact data. What was said
    stays in the comments, and every digest stays; how many registrations were touched."""
    over = select(Consultation.id).where(Consultation.results_published_at <= at - CONTACT_KEPT)
    erased = session.scalars(
        update(Registration)
        .where(
            Registration.consultation_id.in_(over),
            or_(Registration.contact_sealed != "", Registration.text_sealed != ""),
        )
        .values(contact_sealed="", text_sealed="")
        .returning(Registration.id)
        .execution_options(synchronize_session=False)
    ).all()
    session.execute(
        update(IncomingMail)
        .where(
            # a mail that nobody found to be about anything is not kept longer than the others
            or_(
                IncomingMail.consultation_id.in_(over),
                and_(IncomingMail.consultation_id.is_(None), IncomingMail.read_at <= at - CONTACT_KEPT),
            ),
            IncomingMail.content_sealed.is_not(None),
        )
        .values(content_sealed=None, sender_sealed="", subject_sealed="")
        .execution_options(synchronize_session=False)
    )
    return len(erased)


def remove_old_baskets(session: Session, at: datetime) -> int:
    """Removes baskets that were never sent and not touched for two months; how many."""
    old = list(session.scalars(select(Basket.id).where(Basket.touched_at <= at - BASKET_KEPT)))
    for basket in session.scalars(select(Basket).where(Basket.id.in_(old))):
        for item in list(basket.items):
            baskets.remove_item(session, item)
        session.delete(basket)
    session.flush()
    # codes that can confirm nothing any more; nothing readable is in them
    session.execute(delete(EmailCode).where(EmailCode.sent_at <= at - CODE_KEPT))
    return len(old)


def remove_old_lines(folder: Path, at: datetime, days: int) -> list[str]:
    """Removes the lines of requests of days that are over for longer than `days`; the names of the files."""
    gone = []
    last = f"requests-{(at - timedelta(days=days)).date().isoformat()}.jsonl"
    for path in sorted(folder.glob("requests-????-??-??.jsonl")) if folder.is_dir() else ():
        if path.name < last:
            path.unlink(missing_ok=True)
            gone.append(path.name)
    return gone
