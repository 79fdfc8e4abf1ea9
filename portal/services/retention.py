"""Erasing contact data on its date: what the privacy page promises."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
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
from portal.rules.retention import Periods
from portal.services import audit, baskets, retention_periods

#: the trace of a code that was sent by e-mail goes after a day
CODE_KEPT = timedelta(days=1)


def is_over(periods: Periods, at: datetime) -> ColumnElement[bool]:
    """The consultations whose contact data has to go. Nobody's is kept longer than the page said when it was given."""
    results = Consultation.results_published_at
    usual = results <= at - timedelta(days=periods.contact)
    if periods.longer_at is None or periods.contact_before >= periods.contact:
        return usual
    promised = and_(
        Consultation.first_published_at <= periods.longer_at, results <= at - timedelta(days=periods.contact_before)
    )
    return or_(usual, promised)


def _respondents(periods: Periods, at: datetime) -> ColumnElement[bool]:
    over = (
        select(Submission.respondent_id)
        .join(Consultation, Submission.consultation_id == Consultation.id)
        .where(is_over(periods, at))
    )
    return and_(Respondent.id.in_(over), Respondent.contact_sealed != "")


def _registrations(periods: Periods, at: datetime) -> ColumnElement[bool]:
    over = select(Consultation.id).where(is_over(periods, at))
    return and_(
        Registration.consultation_id.in_(over), or_(Registration.contact_sealed != "", Registration.text_sealed != "")
    )


def _mails(periods: Periods, at: datetime) -> ColumnElement[bool]:
    over = select(Consultation.id).where(is_over(periods, at))
    nobodys = and_(IncomingMail.consultation_id.is_(None), IncomingMail.read_at <= at - timedelta(days=periods.contact))
    # a mail that nobody found to be about anything is not kept longer than the others
    return and_(or_(IncomingMail.consultation_id.in_(over), nobodys), IncomingMail.content_sealed.is_not(None))


def _baskets(periods: Periods, at: datetime) -> ColumnElement[bool]:
    return Basket.touched_at <= at - timedelta(days=periods.basket)


@dataclass(frozen=True, slots=True)
class Due:
    """How much goes at one instant."""

    respondents: int
    registrations: int
    mails: int
    baskets: int

    @property
    def is_nothing(self) -> bool:
        return not (self.respondents or self.registrations or self.mails or self.baskets)


def due(session: Session, periods: Periods, at: datetime) -> Due:
    """What would be erased at this instant by these periods; erases nothing."""

    def count(model: type[Respondent | Registration | IncomingMail | Basket], which: ColumnElement[bool]) -> int:
        return session.scalar(select(func.count()).select_from(model).where(which)) or 0

    return Due(
        respondents=count(Respondent, _respondents(periods, at)),
        registrations=count(Registration, _registrations(periods, at)),
        mails=count(IncomingMail, _mails(periods, at)),
        baskets=count(Basket, _baskets(periods, at)),
    )


def erase_expired(session: Session, at: datetime) -> int:
    """Erases contact data whose time is over, and the letters that carried it; how many respondents were touched."""
    periods = retention_periods.periods(session)
    erased = session.scalars(
        update(Respondent)
        .where(_respondents(periods, at))
        .values(contact_sealed="", contact_erased_at=at)
        .returning(Respondent.id)
        .execution_options(synchronize_session=False)
    ).all()
    told = _erase_registered(session, periods, at)
    if erased:
        letters = select(Submission.id).where(Submission.respondent_id.in_(erased))
        session.execute(
            update(OutgoingEmail)
            .where(
                OutgoingEmail.submission_id.in_(letters),
                or_(OutgoingEmail.sent_at.is_not(None), OutgoingEmail.given_up_at.is_not(None)),
            )
            .values(recipient_sealed="", body_sealed="")
            .execution_options(synchronize_session=False)
        )
        audit.record(session, ANYBODY, "contact.erase", "respondents", at, {"count": len(erased)})
    if told:
        audit.record(session, ANYBODY, "registration.erase", "registrations", at, {"count": told})
    return len(erased)


def _erase_registered(session: Session, periods: Periods, at: datetime) -> int:
    """What was registered and what came by mail is signed by people: its words go with the contact data. What was said
    stays in the comments, and every digest stays; how many registrations were touched."""
    erased = session.scalars(
        update(Registration)
        .where(_registrations(periods, at))
        .values(contact_sealed="", text_sealed="")
        .returning(Registration.id)
        .execution_options(synchronize_session=False)
    ).all()
    session.execute(
        update(IncomingMail)
        .where(_mails(periods, at))
        .values(content_sealed=None, sender_sealed="", subject_sealed="")
        .execution_options(synchronize_session=False)
    )
    return len(erased)


def remove_old_baskets(session: Session, at: datetime) -> int:
    """Removes baskets that were never sent and not touched for two months, or as long as was set; how many."""
    old = list(session.scalars(select(Basket.id).where(_baskets(retention_periods.periods(session), at))))
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
