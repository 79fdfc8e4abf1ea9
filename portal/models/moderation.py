"""The record of moderation: every decision, and the words masked in the public copy. Rows are only added."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, Code, Key, Line, Prose
from portal.models.bureau import Account
from portal.rules.words import CommentState


class ModerationDecision(Base):
    """Who decided what about a comment, when, and why (审核决定)."""

    __tablename__ = "moderation_decision"
    __table_args__ = (
        UniqueConstraint("comment_id", "revision"),
        CheckConstraint("to_state <> 'withheld' OR (reason_code <> '' AND note <> '')", name="withholding_says_why"),
        Index("ix_moderation_decision_last", "decided_by_id", "id"),
        Index(
            "ix_moderation_decision_bulk",
            "bulk_act_id",
            "id",
            sqlite_where=text("bulk_act_id IS NOT NULL"),
            postgresql_where=text("bulk_act_id IS NOT NULL"),
        ),
    )

    id: Mapped[Key]
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"))
    #: the comment's revision this decision made
    revision: Mapped[int]
    decided_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime]
    from_state: Mapped[CommentState]
    to_state: Mapped[CommentState]
    reason_code: Mapped[Code] = mapped_column(default="")
    note: Mapped[Prose] = mapped_column(default="")
    # plain numbers, as columns added later are
    #: the published comment it was merged into
    merged_into_id: Mapped[int | None]
    #: the decision this one takes back
    undoes_id: Mapped[int | None]
    #: the act on many comments it was part of
    bulk_act_id: Mapped[int | None]
    #: who proposed the withholding that a second person confirmed
    proposed_by_id: Mapped[int | None]

    decided_by: Mapped[Account] = relationship()
    proposed_by: Mapped[Account | None] = relationship(
        primaryjoin="foreign(ModerationDecision.proposed_by_id) == Account.id", viewonly=True
    )
    redactions: Mapped[list[Redaction]] = relationship(order_by="Redaction.start")
    cleared: Mapped[list[ClearedSpan]] = relationship(order_by="ClearedSpan.start")

    @property
    def hides_more(self) -> bool:
        """Whether it left a public comment public and only hid more of it (补充隐去)."""
        return self.from_state is self.to_state is CommentState.PUBLISHED


class Redaction(Base):
    """A span of a comment's words masked in the public copy (隐去), in characters of the original."""

    __tablename__ = "redaction"
    __table_args__ = (CheckConstraint('0 <= "start" AND "start" < "end"', name="is_a_span"),)

    id: Mapped[Key]
    decision_id: Mapped[int] = mapped_column(ForeignKey("moderation_decision.id"), index=True)
    field: Mapped[Code]
    start: Mapped[int]
    end: Mapped[int]
    kind: Mapped[Code]
    replacement: Mapped[Line]


class LateRedaction(Base):
    """A redaction made after the words had been public (补充隐去): what was frozen before is shown without them too."""

    __tablename__ = "late_redaction"

    id: Mapped[Key]
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), index=True)
    redaction_id: Mapped[int] = mapped_column(ForeignKey("redaction.id"), unique=True)
    hidden_at: Mapped[datetime]


class ClearedSpan(Base):
    """A span the machine took for personal data and a person said is none (不是个人信息)."""

    __tablename__ = "cleared_span"

    id: Mapped[Key]
    decision_id: Mapped[int] = mapped_column(ForeignKey("moderation_decision.id"), index=True)
    field: Mapped[Code]
    start: Mapped[int]
    end: Mapped[int]
    kind: Mapped[Code]
