"""Work that is done in the background, a step at a time, and how far it is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, Code, Key, Line, Prose
from portal.models.bureau import Account
from portal.models.consultation import Consultation
from portal.rules.words import JobState


class Job(Base):
    """One long piece of work (后台任务). Each step moves `place` on in the same transaction as what it does."""

    __tablename__ = "job"
    __table_args__ = (Index("ix_job_due", "state", "due_at"),)

    id: Mapped[Key]
    kind: Mapped[Code]
    #: of equal keys one job is waiting or running; what asks for it again is shown that one
    key: Mapped[Line | None] = mapped_column(unique=True)
    consultation_id: Mapped[int | None] = mapped_column(ForeignKey("consultation.id"), index=True)
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime]
    arguments: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[JobState] = mapped_column(default=JobState.WAITING)
    #: where the next step begins; what it holds is known to the kind of job only
    place: Mapped[dict[str, Any]] = mapped_column(default=dict)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: nobody takes it before this; whoever has it in hand moves it on, so a killed worker's job falls due again
    due_at: Mapped[datetime]
    #: how often in a row a step failed
    attempts: Mapped[int] = mapped_column(default=0)
    fault: Mapped[Prose] = mapped_column(default="")
    stop_asked_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    consultation: Mapped[Consultation | None] = relationship()
    asked_by: Mapped[Account | None] = relationship()
