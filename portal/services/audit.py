"""The audit log: appending to the chain, and finding where a chain was broken."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.access import Actor
from portal.models import AuditEvent

#: the hash "before" the first row
GENESIS = "0" * 64
#: PostgreSQL's advisory lock that lets one transaction at a time append
_CHAIN_LOCK = 7_310_001


def _hash(previous: str, at: datetime, account_id: int | None, actor: str, act: str, subject: str, details: Any) -> str:
    body = json.dumps(
        [previous, at.astimezone(UTC).isoformat(timespec="microseconds"), account_id, actor, act, subject, details],
        ensure_ascii=False,
        sort_keys=True,
    )
    return hashlib.sha256(body.encode()).hexdigest()


def take_turn(session: Session) -> None:
    """Waits until no other transaction is appending or numbering; SQLite's one writer has its turn already."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _CHAIN_LOCK})


def record(
    session: Session, actor: Actor, act: str, subject: str, at: datetime, details: dict[str, Any] | None = None
) -> AuditEvent:
    """Adds one event to the chain: who, what act, on what subject, with which details (JSON values)."""
    take_turn(session)
    session.flush()
    last = session.scalar(select(AuditEvent.hash).order_by(AuditEvent.id.desc()).limit(1)) or GENESIS
    name = actor.name or "系统"
    details = details or {}
    event = AuditEvent(
        at=at,
        account_id=actor.account_id,
        actor=name,
        act=act,
        subject=subject,
        details=details,
        previous_hash=last,
        hash=_hash(last, at, actor.account_id, name, act, subject, details),
    )
    session.add(event)
    session.flush()
    return event


@dataclass(frozen=True, slots=True)
class Break:
    """A place where the chain does not hold: the row's id and what is wrong."""

    event_id: int
    what: str


def verify(session: Session) -> Iterator[Break]:
    """Yields every place where a row was changed, removed or inserted; nothing when the log is whole.

    A cut at the very end cannot be seen from inside; compare the last hash with one kept elsewhere.
    """
    previous = GENESIS
    for event in session.scalars(select(AuditEvent).order_by(AuditEvent.id).execution_options(yield_per=1000)):
        if event.previous_hash != previous:
            yield Break(event.id, "这一行之前有记录被删除或插入")
        expected = _hash(
            event.previous_hash, event.at, event.account_id, event.actor, event.act, event.subject, event.details
        )
        if event.hash != expected:
            yield Break(event.id, "这一行被改动过")
        previous = event.hash


def exported(session: Session) -> Iterator[str]:
    """Every event as a line of JSON, oldest first, with the hashes: what an auditor checks the chain with elsewhere."""
    for event in session.scalars(select(AuditEvent).order_by(AuditEvent.id).execution_options(yield_per=1000)):
        line = {
            "id": event.id,
            "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "account_id": event.account_id,
            "actor": event.actor,
            "act": event.act,
            "subject": event.subject,
            "details": event.details,
            "previous_hash": event.previous_hash,
            "hash": event.hash,
        }
        yield json.dumps(line, ensure_ascii=False) + "\n"
