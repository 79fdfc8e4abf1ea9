"""Showing that an e-mail address is one's own, where a consultation asks for it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, Digest, Key


class EmailCode(Base):
    """Six digits sent to an address (验证码). Address, digits and basket are kept as keyed hashes."""

    __tablename__ = "email_code"
    __table_args__ = (Index("ix_email_code_sent", "consultation_id", "address_trace", "sent_at"),)

    id: Mapped[Key]
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"))
    address_trace: Mapped[Digest]
    code_trace: Mapped[Digest]
    #: the basket it was asked for from, and the only one it is good for
    basket_trace: Mapped[Digest]
    sent_at: Mapped[datetime] = mapped_column(index=True)
    tries: Mapped[int] = mapped_column(default=0)
    confirmed_at: Mapped[datetime | None]
