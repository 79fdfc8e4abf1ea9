"""The map of the site for search engines: which pages of a consultation there are, and when each last changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.models import CommentWindow, Consultation, DraftVersion
from portal.services import listing


@dataclass(frozen=True, slots=True)
class Address:
    """What a map has to know of one consultation."""

    slug: str
    #: publication, further version, extension or withdrawal, whichever came last
    changed_at: datetime
    #: None while there are no results to be read
    answered_at: datetime | None
    has_note: bool


def addresses(session: Session, at: datetime, limit: int) -> list[Address]:
    """The public consultations, newest first."""
    revised_at = (
        select(func.max(DraftVersion.published_at))
        .where(DraftVersion.consultation_id == Consultation.id, DraftVersion.published_at <= at)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            Consultation.slug,
            Consultation.first_published_at,
            Consultation.withdrawn_at,
            Consultation.results_published_at,
            Consultation.explanatory_note != "",
            CommentWindow.announcement != "",
            CommentWindow.created_at,
            revised_at,
        )
        .join(CommentWindow, CommentWindow.consultation_id == Consultation.id)
        .where(Consultation.first_published_at <= at, CommentWindow.superseded_at.is_(None))
        .order_by(Consultation.first_published_at.desc())
        .limit(limit)
    )
    return [
        Address(
            slug,
            listing.latest(
                published_at,
                revised,
                window_made_at if is_extended else None,
                withdrawn_at if withdrawn_at and withdrawn_at <= at else None,
            ),
            answered_at if answered_at and answered_at <= at else None,
            has_note,
        )
        for slug, published_at, withdrawn_at, answered_at, has_note, is_extended, window_made_at, revised in rows
        if published_at is not None
    ]
