"""What was published of the results: its versions, read page by page or whole, and the digest each was published with.

Words that were hidden later (`hiding`) are not shown; what is kept, and its digest, stay as they were published.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from portal.models import Consultation, PublishedAnswer, PublishedResult
from portal.reports import frozen
from portal.reports.adoption import AdoptionTable
from portal.reports.adoption_rows import AdoptionRow
from portal.reports.hiding import hidden
from portal.rules.receipts import canonical
from portal.rules.words import Disposition
from portal.services import hiding

#: how many rows one page shows
PAGE = 50


def latest_number(session: Session, consultation: Consultation) -> int | None:
    """The number of the version the public reads; None before there is one."""
    return session.scalar(
        select(func.max(PublishedResult.number)).where(PublishedResult.consultation_id == consultation.id)
    )


def versions(session: Session, consultation: Consultation, at: datetime) -> list[PublishedResult]:
    """Every published version, the newest first."""
    return list(
        session.scalars(
            select(PublishedResult)
            .where(PublishedResult.consultation_id == consultation.id, PublishedResult.published_at <= at)
            .order_by(PublishedResult.number.desc())
        )
    )


def corrected_since(
    session: Session, consultation: Consultation, instant: datetime, at: datetime
) -> PublishedResult | None:
    """The newest correction that was published after an instant, by `at`; None when there is none."""
    return session.scalar(
        select(PublishedResult)
        .where(
            PublishedResult.consultation_id == consultation.id,
            PublishedResult.number > 1,
            PublishedResult.published_at > instant,
            PublishedResult.published_at <= at,
        )
        .order_by(PublishedResult.number.desc())
        .limit(1)
    )


def feedback_of(session: Session, result: PublishedResult) -> AdoptionTable:
    """The head of a published version, without its rows."""
    return hidden(_head(result), hiding.words_hidden(session, result.consultation_id))


def _head(result: PublishedResult) -> AdoptionTable:
    content = {key: value for key, value in result.head.items() if key != "row_count"}
    found: AdoptionTable = frozen.value_of(AdoptionTable, content)
    return found


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a published version."""

    rows: list[AdoptionRow]
    number: int
    pages: int
    total: int


def page(
    session: Session, result: PublishedResult, number: int, outcome: Disposition | None, subject: str = ""
) -> Page:
    """One page of the rows, of one outcome or of one group when asked."""
    words = hiding.words_hidden(session, result.consultation_id)
    query = select(PublishedAnswer).where(PublishedAnswer.result_id == result.id)
    if outcome is not None:
        query = query.where(PublishedAnswer.disposition == outcome)
    if subject:
        # the link names the group as it is shown
        called = {hidden(group, words).subject: group.subject for group in _head(result).groups} if words else {}
        query = query.where(PublishedAnswer.subject == called.get(subject, subject))
    total = (
        session.scalar(select(func.count()).select_from(query.subquery()))
        if outcome is not None or subject
        else int(result.head["row_count"])
    ) or 0
    pages = max(1, -(-total // PAGE))
    number = min(max(1, number), pages)
    rows = _read_rows(session, query.offset((number - 1) * PAGE).limit(PAGE))
    return Page([hidden(row, words) for row in rows], number, pages, total)


def _read_rows(session: Session, query: Select[PublishedAnswer]) -> list[AdoptionRow]:
    return [
        AdoptionRow(
            number=row.position,
            references=tuple(row.references),
            subject=row.subject,
            clause=row.clause,
            label=row.label,
            comment=row.words,
            respondent=row.respondent,
            disposition=row.disposition,
            reason=row.reason,
            original=row.original,
            changed=row.changed,
        )
        for row in session.scalars(query.order_by(PublishedAnswer.position))
    ]


def whole(session: Session, result: PublishedResult) -> AdoptionTable:
    """A published version with every row, as a file needs it."""
    return hidden(_whole(session, result), hiding.words_hidden(session, result.consultation_id))


def _whole(session: Session, result: PublishedResult) -> AdoptionTable:
    rows = _read_rows(session, select(PublishedAnswer).where(PublishedAnswer.result_id == result.id))
    return replace(_head(result), rows=tuple(rows))


def is_whole(session: Session, result: PublishedResult) -> bool:
    """Whether a published version still has the digest it was published with."""
    rows = [stored(row) for row in _whole(session, result).rows]
    return digest_of(dict(result.head), rows) == result.digest


# ── how it is stored ──────────────────────────────────────────────────────────────────────────────────


def head_of(feedback: AdoptionTable) -> dict[str, Any]:
    """Everything of the feedback but its rows, as JSON values."""
    head: dict[str, Any] = frozen.plain(replace(feedback, rows=()))
    return head | {"row_count": feedback.row_count}


def stored(row: AdoptionRow) -> dict[str, Any]:
    """One row as the table of answers holds it."""
    return {
        "position": row.number,
        "subject": row.subject,
        "clause": row.clause,
        "label": row.label,
        "references": list(row.references),
        "words": row.comment,
        "respondent": row.respondent[:500],
        "disposition": row.disposition,
        "reason": row.reason,
        "original": row.original,
        "changed": row.changed,
    }


def digest_of(head: dict[str, Any], rows: list[dict[str, Any]]) -> str:
    """SHA-256 of what was published."""
    found = hashlib.sha256(canonical(head))
    for row in rows:
        found.update(canonical({**row, "disposition": row["disposition"].value if row["disposition"] else None}))
    return found.hexdigest()
