"""The public ledger: what digests were issued on a day, without a word of what was said."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, Digest, Key, Prose


class LedgerDay(Base):
    """One Beijing day of one consultation (回执公示): the file as published, and its SHA-256. Never changed."""

    __tablename__ = "ledger_day"
    __table_args__ = (UniqueConstraint("consultation_id", "on"),)

    id: Mapped[Key]
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"))
    on: Mapped[date]
    count: Mapped[int]
    #: four lines of head, then one digest to a line, in the order they were issued
    text: Mapped[Prose]
    digest: Mapped[Digest]
    published_at: Mapped[datetime]
