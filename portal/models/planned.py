"""A publication that was planned for an instant, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, Key
from portal.models.bureau import Account
from portal.models.consultation import Consultation
from portal.rules.words import PlanOutcome


class PlannedPublication(Base):
    """A publication that happens by itself (定时发布). One waits per consultation; what is settled stays as history."""

    __tablename__ = "planned_publication"
    __table_args__ = (
        Index(
            "uq_planned_publication_waiting",
            "consultation_id",
            unique=True,
            sqlite_where=text("settled_at IS NULL"),
            postgresql_where=text("settled_at IS NULL"),
        ),
    )

    id: Mapped[Key]
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), index=True)
    publishes_at: Mapped[datetime]
    planned_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    planned_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    outcome: Mapped[PlanOutcome] = mapped_column(default=PlanOutcome.WAITING)
    #: why it could not go out: sentences with their places
    faults: Mapped[list[Any]] = mapped_column(default=list)

    consultation: Mapped[Consultation] = relationship()
    planned_by: Mapped[Account] = relationship()
