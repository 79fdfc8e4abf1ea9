"""Noticing what happened to consultations: read from what the tables say, so that no act can forget to tell of it.

An event is noticed once. Whom it is told — addresses of programs, subscribers by mail — is owed in the same
transaction. Who asked to be told after it happened is not told.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Select, String, cast, literal, or_, select
from sqlalchemy.orm import Session, joinedload

from portal.models import (
    CommentWindow,
    Consultation,
    DraftVersion,
    Happening,
    PublishedResult,
    Webhook,
    WebhookDelivery,
)
from portal.rules import window
from portal.rules.words import HappeningKind
from portal.services import audit, subscribing


def _facts(at: datetime) -> list[tuple[HappeningKind, Select[Any, Any, Any]]]:
    """For each kind of event the rows it shows in: row, consultation, instant."""
    public = Consultation.first_published_at <= at
    is_not_withdrawn = or_(Consultation.withdrawn_at.is_(None), Consultation.withdrawn_at > CommentWindow.closes_at)
    return [
        (
            HappeningKind.PUBLISHED,
            select(Consultation.id, Consultation.id, Consultation.first_published_at).where(public),
        ),
        (
            HappeningKind.REVISED,
            select(DraftVersion.id, DraftVersion.consultation_id, DraftVersion.published_at)
            .join(Consultation, Consultation.id == DraftVersion.consultation_id)
            .where(public, DraftVersion.number > 1, DraftVersion.published_at <= at),
        ),
        (
            HappeningKind.EXTENDED,
            select(CommentWindow.id, CommentWindow.consultation_id, CommentWindow.created_at)
            .join(CommentWindow.consultation)
            .where(public, CommentWindow.announcement != ""),
        ),
        (
            HappeningKind.CLOSED,
            select(CommentWindow.id, CommentWindow.consultation_id, CommentWindow.closes_at)
            .join(CommentWindow.consultation)
            .where(public, CommentWindow.superseded_at.is_(None), CommentWindow.closes_at <= at, is_not_withdrawn),
        ),
        (
            HappeningKind.RESULTS,
            select(PublishedResult.id, PublishedResult.consultation_id, PublishedResult.published_at)
            .join(Consultation, Consultation.id == PublishedResult.consultation_id)
            .where(public, PublishedResult.published_at <= at),
        ),
        (
            HappeningKind.WITHDRAWN,
            select(Consultation.id, Consultation.id, Consultation.withdrawn_at).where(
                public, Consultation.withdrawn_at <= at
            ),
        ),
    ]


def unnoticed(session: Session, at: datetime) -> list[Happening]:
    """What happened until `at` and was not noticed yet, in the order it happened. Adds nothing."""
    found = []
    for kind, rows in _facts(at):
        row_id = rows.selected_columns[0]
        known = select(Happening.id).where(Happening.key == literal(f"{kind.value}/") + cast(row_id, String))
        for number, consultation_id, happened_at in session.execute(rows.where(~known.exists())):
            found.append(
                Happening(
                    consultation_id=consultation_id,
                    kind=kind,
                    key=f"{kind.value}/{number}",
                    happened_at=happened_at,
                    noticed_at=at,
                )
            )
    return sorted(found, key=lambda happening: happening.happened_at)


def notice(session: Session, at: datetime, public_url: str) -> list[Happening]:
    """Notices what happened and owes telling it; the new events. Of several workers one does it."""
    audit.take_turn(session)
    found = unnoticed(session, at)
    for happening in found:
        session.add(happening)
        session.flush()
        _owe(session, happening, at, public_url)
    session.flush()
    return found


def _owe(session: Session, happening: Happening, at: datetime, public_url: str) -> None:
    consultation = session.get_one(Consultation, happening.consultation_id, options=[joinedload(Consultation.bureau)])
    subscribing.ask_to_tell(session, happening, consultation, at)
    webhooks = session.scalars(
        select(Webhook).where(
            Webhook.bureau_id == consultation.bureau_id,
            Webhook.stopped_at.is_(None),
            Webhook.created_at <= happening.happened_at,
        )
    )
    payload = ""
    for webhook in webhooks:
        if happening.kind.value not in webhook.kinds:
            continue
        payload = payload or json.dumps(told(happening, consultation, public_url), ensure_ascii=False)
        session.add(
            WebhookDelivery(webhook_id=webhook.id, happening_id=happening.id, payload=payload, created_at=at, due_at=at)
        )


def told(happening: Happening, consultation: Consultation, public_url: str) -> dict[str, Any]:
    """What a program is told of an event: nothing that the public pages do not say."""
    current = consultation.window
    where = f"{public_url}/consultations/{consultation.slug}"
    data: dict[str, Any] = {
        "slug": consultation.slug,
        "title": consultation.title,
        "bureau": {"code": consultation.bureau.code, "name": consultation.bureau.name},
        "opens_at": _time(current.opens_at) if current else None,
        "closes_at": _time(current.closes_at) if current else None,
        "url": f"{where}/results" if happening.kind is HappeningKind.RESULTS else f"{where}/",
        "api": f"{public_url}/api/v1/consultations/{consultation.slug}",
    }
    if happening.kind is HappeningKind.REVISED:
        # its own version, also when yet another one is out by now
        version = next(v for v in consultation.versions if happening.key == f"{happening.kind.value}/{v.id}")
        data["version"], data["note"] = version.number, version.change_note
        data["compare"] = f"{where}/compare/{version.number - 1}/{version.number}"
    if happening.kind is HappeningKind.WITHDRAWN:
        data["reason"] = consultation.withdrawal_reason
    return {"type": happening.kind.value, "timestamp": _time(happening.happened_at), "data": data}


def _time(at: datetime) -> str:
    return window.in_beijing(at).isoformat(timespec="seconds")
