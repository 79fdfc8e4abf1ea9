"""The periods an administrator sets for what is written about people, and what they lead to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.access import Actor, Permission, require
from portal.errors import NotValid
from portal.models import Consultation, Respondent, SiteSetting, Submission
from portal.rules import retention as rules
from portal.rules.retention import PERIODS, Periods
from portal.services import audit
from portal.services import site as site_service


def periods(session: Session, log_days: int = rules.LOG.usual) -> Periods:
    """The periods in force."""
    return rules.periods(site_service.values(session), log_days)


def proposed(session: Session, given: Mapping[str, str], at: datetime, log_days: int = rules.LOG.usual) -> Periods:
    """The periods as they would be with what was typed. Raises NotValid for a period outside of its bounds."""
    found: dict[str, int] = {}
    for period in PERIODS:
        typed = given.get(period.key, "").strip()
        days = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 6 else -1
        if not period.least <= days <= period.most:
            raise NotValid(
                "这一项是%(least)s至%(most)s之间的整数，单位是日。", fault=period.key, least=period.least,
                most=period.most,
            )  # fmt: skip
        found[period.key] = days
    now = periods(session, log_days)
    contact = found[rules.CONTACT.key]
    made = replace(now, contact=contact, basket=found[rules.BASKET.key], log=found[rules.LOG.key])
    if contact > now.contact:
        # whoever gave an address was told the shorter time
        before = min(now.contact, now.contact_before) if now.longer_at else now.contact
        made = replace(made, longer_at=at, contact_before=before)
    return made


def keep(session: Session, actor: Actor, chosen: Periods, at: datetime, log_days: int = rules.LOG.usual) -> bool:
    """Puts the periods in force; whether anything changed. The worker goes by them at its next round."""
    require(actor, Permission.OPERATE)
    now = periods(session, log_days)
    if chosen == now:
        return False
    _put(session, {period.key: str(chosen.days(period)) for period in PERIODS})
    if chosen.longer_at is not None and chosen.longer_at != now.longer_at:
        _put(
            session,
            {
                rules.LONGER_AT: chosen.longer_at.astimezone(UTC).isoformat(timespec="microseconds"),
                rules.DAYS_BEFORE: str(chosen.contact_before),
            },
        )
    session.flush()
    changes = {
        period.key: [now.days(period), chosen.days(period)]
        for period in PERIODS
        if now.days(period) != chosen.days(period)
    }
    audit.record(session, actor, "retention.keep", "site", at, changes)
    return True


def _put(session: Session, values: Mapping[str, str]) -> None:
    for key, value in values.items():
        kept = session.get(SiteSetting, key)
        if kept is None:
            session.add(SiteSetting(key=key, value=value))
        else:
            kept.value = value


@dataclass(frozen=True, slots=True)
class Coming:
    """A consultation whose contact data goes on a day to come."""

    consultation: Consultation
    erased_at: datetime
    respondents: int


def coming(session: Session, chosen: Periods, limit: int = 20) -> list[Coming]:
    """What goes next, the soonest first: consultations with published results and contact data that is still there."""
    held = (
        select(Submission.consultation_id, func.count().label("held"))
        .join(Respondent, Submission.respondent_id == Respondent.id)
        .where(Respondent.contact_sealed != "")
        .group_by(Submission.consultation_id)
        .subquery()
    )
    found = []
    for consultation, number in session.execute(
        select(Consultation, held.c.held)
        .join(held, held.c.consultation_id == Consultation.id)
        .where(Consultation.results_published_at.is_not(None))
    ):
        days = chosen.contact
        published = consultation.first_published_at
        if chosen.longer_at is not None and published is not None and published <= chosen.longer_at:
            days = min(days, chosen.contact_before)
        found.append(Coming(consultation, consultation.results_published_at + timedelta(days=days), number))
    found.sort(key=lambda one: (one.erased_at, one.consultation.id))
    return found[:limit]
