"""The bureau's words on one or many comments, and what became of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, Key, Prose
from portal.rules.words import Disposition


class Response(Base):
    """A disposition with its reason (答复). Private until the results are published; a correction is a new row."""

    __tablename__ = "response"

    id: Mapped[Key]
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), index=True)
    disposition: Mapped[Disposition]
    reason: Mapped[Prose]
    changed_text: Mapped[Prose]
    written_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    written_at: Mapped[datetime]
