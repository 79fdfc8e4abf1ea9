"""A summary that was frozen: its content, its digest, who made and who released it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, Digest, Key


class FrozenSummary(Base):
    """One summary of one consultation at one cut-off instant. Only staff see it until it is released."""

    __tablename__ = "frozen_summary"
    __table_args__ = (UniqueConstraint("consultation_id", "number"),)

    id: Mapped[Key]
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"))
    number: Mapped[int]
    cut_off_at: Mapped[datetime]
    content: Mapped[dict[str, Any]]
    digest: Mapped[Digest]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[datetime]
    released_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    released_at: Mapped[datetime | None]
