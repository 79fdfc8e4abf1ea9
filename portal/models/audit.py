"""What staff did, in a chain: each row carries the hash of the one before it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, Code, Digest, Key, Line


class AuditEvent(Base):
    """One act of a member of staff or of the system. Rows are only added; the database refuses anything else."""

    __tablename__ = "audit_event"

    id: Mapped[Key]
    at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    actor: Mapped[Line]
    act: Mapped[Code]
    subject: Mapped[Line]
    details: Mapped[dict[str, Any]]
    previous_hash: Mapped[Digest]
    hash: Mapped[Digest] = mapped_column(unique=True)
