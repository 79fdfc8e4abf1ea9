"""Mail we owe: a row in the same transaction as the act it tells of, sent after the commit."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, Code, Key, Line, Prose


class OutgoingEmail(Base):
    """One letter owed. Address and text are sealed: a receipt holds the secret that opens it."""

    __tablename__ = "outgoing_email"
    __table_args__ = (Index("ix_outgoing_email_due", "sent_at", "due_at"),)

    id: Mapped[Key]
    kind: Mapped[Code]
    submission_id: Mapped[int | None] = mapped_column(ForeignKey("submission.id"), index=True)
    recipient_sealed: Mapped[Prose]
    subject: Mapped[Line]
    body_sealed: Mapped[Prose]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    last_fault: Mapped[Prose] = mapped_column(default="")
    sent_at: Mapped[datetime | None]
    #: whose subscription it is of; no foreign key, for the letters go first
    subscription_id: Mapped[int | None] = mapped_column(index=True)
    #: the address that ends what this letter came by (RFC 8058), sealed; empty when there is nothing to end
    leave_sealed: Mapped[Prose] = mapped_column(default="")
    #: when and why somebody decided that it is not to be sent any more
    given_up_at: Mapped[datetime | None]
    given_up_note: Mapped[Line] = mapped_column(default="")
