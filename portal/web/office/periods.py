"""What a window being typed comes to, for the notice page and for the page that extends one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from portal.errors import NotValid
from portal.models import Consultation, DocumentType
from portal.rules import periods, window
from portal.rules.periods import Assessment, Count
from portal.services import holidays, publishing, scheduling
from portal.web.gate import now, session, settings


@dataclass(frozen=True, slots=True)
class Period:
    """The counts of a typed window and what the law says of it; `fault` is what must be mended before either."""

    bounds: tuple[datetime, datetime] | None = None
    counts: Count | None = None
    assessment: Assessment | None = None
    fault: NotValid | None = None

    @property
    def proposed_reason(self) -> str:
        """Words for a shortened period, with a blank for the reason; empty where none is needed."""
        found = self.assessment
        return publishing.shortening_words(found) if found is not None and found.is_shortened else ""


def considered(
    consultation: Consultation,
    document_type: DocumentType | None,
    opens_on: date | None,
    closes_on: date | None,
    closes_time: time | None,
    reason: str,
) -> Period:
    """Measured from the real publication, from the planned one, or as if published now."""
    try:
        bounds = publishing.days(opens_on, closes_on, closes_time)
    except NotValid as fault:
        return Period(fault=fault)
    if bounds is None:
        return Period()
    first, last = window.day_in_beijing(bounds[0]), window.last_day(bounds[1])
    if document_type is None:
        return Period(bounds, periods.count(first, last, holidays.calendar(session())))
    planned = None if consultation.is_published else scheduling.waiting(session(), consultation)
    at = planned.publishes_at if planned else now()
    try:
        assessment = publishing.assess_window(
            session(), consultation, document_type, *bounds, reason, at, settings().count_mode
        )
    except NotValid as fault:
        return Period(bounds, periods.count(first, last, holidays.calendar(session())), fault=fault)
    return Period(bounds, assessment.counts, assessment)
