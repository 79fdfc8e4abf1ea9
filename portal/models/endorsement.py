"""Endorsements of published comments, and how many comments stand on each clause."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, Digest, Key


class Endorsement(Base):
    """Somebody agrees with a published comment (赞同). Who it was cannot be read back, nor followed elsewhere."""

    __tablename__ = "endorsement"
    __table_args__ = (
        UniqueConstraint("comment_id", "visitor_trace"),
        Index("ix_endorsement_visitor", "visitor_trace", "endorsed_at"),
        Index("ix_endorsement_network", "network_trace", "endorsed_at"),
    )

    id: Mapped[Key]
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"))
    #: keyed hashes of a random cookie and of the network's prefix, different in every consultation
    visitor_trace: Mapped[Digest]
    network_trace: Mapped[Digest]
    endorsed_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class Tally(Base):
    """How many comments stand in each state on one clause. The database itself keeps it, by triggers on `comment`."""

    __tablename__ = "tally"

    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), primary_key=True)
    #: the clause's id, 0 for the draft as a whole
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    pending: Mapped[int] = mapped_column(default=0)
    published: Mapped[int] = mapped_column(default=0)
    withheld: Mapped[int] = mapped_column(default=0)
    merged: Mapped[int] = mapped_column(default=0)
    withdrawn: Mapped[int] = mapped_column(default=0)
