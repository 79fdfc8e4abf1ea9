"""Files that came while the virus scanner was away are looked at when it is back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, undefer

from portal.access import ANYBODY
from portal.models import Attachment
from portal.rules.words import Scan
from portal.sealing import Seal
from portal.services import attachments, audit

#: files of one round
MOST = 20


def owed(session: Session, seal: Seal) -> list[tuple[int, bytes]]:
    """Some of the files that were not looked at yet, with their bytes, the oldest first."""
    found = session.scalars(
        select(Attachment)
        .where(Attachment.scan == Scan.OWED)
        .order_by(Attachment.id)
        .limit(MOST)
        .options(undefer(Attachment.content))
    )
    return [(file.id, attachments.content(seal, file)) for file in found]


def settle(session: Session, file_id: int, scan: Scan, words: str, at: datetime) -> None:
    """Keeps what the scanner said of a file; an infected one is not handed out any more, and that is logged."""
    file = session.get_one(Attachment, file_id)
    file.scan = scan
    session.flush()
    if scan is Scan.INFECTED:
        audit.record(session, ANYBODY, "file.infected", f"file:{file_id}", at, {"found": words})


def count(session: Session) -> int:
    """How many files wait to be looked at."""
    return session.scalar(select(func.count()).select_from(Attachment).where(Attachment.scan == Scan.OWED)) or 0
