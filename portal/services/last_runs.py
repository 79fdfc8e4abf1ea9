"""When what happens by itself happened last, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import LastRun

WORKER, CONSUMER, BACKUP, RETENTION = "worker", "consumer", "backup", "retention"


def note(session: Session, name: str, at: datetime, outcome: Mapping[str, Any] | None = None) -> None:
    """Writes down that it was done just now."""
    session.merge(LastRun(name=name, ran_at=at, outcome=dict(outcome or {})))
    session.flush()


def all_of_them(session: Session) -> dict[str, LastRun]:
    """Every last run, by its name."""
    return {run.name: run for run in session.scalars(select(LastRun))}
