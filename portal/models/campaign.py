"""Near-identical comments, found by machine and judged by people."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, Code, Key, Line
from portal.models.bureau import Account
from portal.models.submission import Comment


class Campaign(Base):
    """Near-identical comments of one consultation (相同、相近意见). Nothing is hidden for belonging to one.

    Its members are the comments that name it. Both counts always stand side by side: N submissions, M texts.
    """

    __tablename__ = "campaign"
    __table_args__ = (Index("ix_campaign_largest", "consultation_id", "submissions"),)

    id: Mapped[Key]
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"))
    #: its most typical comment
    representative_id: Mapped[int] = mapped_column(ForeignKey("comment.id"))
    #: given by hand; empty for most
    name: Mapped[Line] = mapped_column(default="")
    #: equal words of a few letters: many people saying 支持 is no campaign
    is_short: Mapped[bool] = mapped_column(default=False)
    submissions: Mapped[int]
    texts: Mapped[int]
    first_received_at: Mapped[datetime]
    last_received_at: Mapped[datetime]
    grouped_at: Mapped[datetime]

    representative: Mapped[Comment] = relationship(foreign_keys=representative_id)


class CampaignDecision(Base):
    """What a person decided about campaigns, remembered when they are grouped again. Rows are only added."""

    __tablename__ = "campaign_decision"

    id: Mapped[Key]
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), index=True)
    #: moved, joined, apart (analysis.regrouping.Decisions), renamed; a later row about the same two undoes an earlier
    kind: Mapped[Code]
    one_id: Mapped[int] = mapped_column(ForeignKey("comment.id"))
    other_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id"))
    words: Mapped[Line] = mapped_column(default="")
    decided_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime]

    decided_by: Mapped[Account] = relationship()
