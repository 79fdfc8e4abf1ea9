"""What happened to consultations, and whom it is told: each event once, each telling a row until it is done."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, Code, Key, Line, Prose
from portal.models.bureau import Bureau
from portal.models.consultation import Consultation
from portal.rules.words import DeliveryState, HappeningKind


class Happening(Base):
    """Something that happened to a consultation (事件), noticed once however often it is looked for."""

    __tablename__ = "happening"

    id: Mapped[Key]
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), index=True)
    kind: Mapped[HappeningKind]
    #: the kind and the row it shows in: no event is noticed twice
    key: Mapped[Code] = mapped_column(unique=True)
    happened_at: Mapped[datetime]
    noticed_at: Mapped[datetime]

    consultation: Mapped[Consultation] = relationship()


class Webhook(Base):
    """An address that is told of a bureau's events (推送地址)."""

    __tablename__ = "webhook"

    id: Mapped[Key]
    bureau_id: Mapped[int] = mapped_column(ForeignKey("bureau.id"), index=True)
    name: Mapped[Line]
    url: Mapped[Prose]
    #: what payloads are signed with, sealed
    secret_sealed: Mapped[Prose]
    kinds: Mapped[list[str]]
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    stopped_at: Mapped[datetime | None]

    bureau: Mapped[Bureau] = relationship()


class WebhookDelivery(Base):
    """Telling one address of one event (推送): owed in the transaction that noticed it, sent after the commit."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("webhook_id", "happening_id"),
        Index("ix_webhook_delivery_due", "state", "due_at"),
    )

    id: Mapped[Key]
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhook.id"))
    happening_id: Mapped[int] = mapped_column(ForeignKey("happening.id"))
    payload: Mapped[Prose]
    state: Mapped[DeliveryState] = mapped_column(default=DeliveryState.WAITING)
    created_at: Mapped[datetime]
    #: nobody takes it before this; whoever has it in hand moves it on
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    #: what the address answered last; None when it did not
    last_status: Mapped[int | None]
    last_fault: Mapped[Line] = mapped_column(default="")
    delivered_at: Mapped[datetime | None]

    webhook: Mapped[Webhook] = relationship()
    happening: Mapped[Happening] = relationship()
