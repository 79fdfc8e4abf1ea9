"""Who asked to be told by mail. The address is sealed; everything about it goes when somebody leaves."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, Code, Digest, Key, Prose
from portal.models.bureau import Bureau
from portal.models.consultation import Consultation


class Subscription(Base):
    """One address that is told of one topic (邮件订阅), once its owner has confirmed it."""

    __tablename__ = "subscription"
    __table_args__ = (UniqueConstraint("address_trace", "topic"),)

    id: Mapped[Key]
    address_sealed: Mapped[Prose]
    #: keyed hash: finds the address without opening it
    address_trace: Mapped[Digest]
    #: what is told: drafts, drafts/bureau/3, drafts/subject/5, results/12
    topic: Mapped[Code] = mapped_column(index=True)
    consultation_id: Mapped[int | None] = mapped_column(ForeignKey("consultation.id"))
    bureau_id: Mapped[int | None] = mapped_column(ForeignKey("bureau.id"))
    #: what the links in its letters follow from, with the seal's key
    nonce: Mapped[Code]
    asked_at: Mapped[datetime] = mapped_column(index=True)
    confirmed_at: Mapped[datetime | None]

    consultation: Mapped[Consultation | None] = relationship()
    bureau: Mapped[Bureau | None] = relationship()
