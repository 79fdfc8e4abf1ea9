"""Near-identical comments, found by machine and judged by people."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, UniqueConstraint
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
    #: what stands of it: submissions (件), comments (条) and distinct texts (种); what was withdrawn is not counted
    submissions: Mapped[int]
    comments: Mapped[int] = mapped_column(default=0)
    texts: Mapped[int]
    first_received_at: Mapped[datetime]
    last_received_at: Mapped[datetime]
    grouped_at: Mapped[datetime]
    #: of a large one, when and how its comments came (`campaign_facts.Came`), as it was when all was grouped anew
    came: Mapped[dict[str, Any]] = mapped_column(default=dict)

    representative: Mapped[Comment] = relationship(foreign_keys=representative_id)


class CampaignDecision(Base):
    """What a person decided about campaigns, remembered when they are grouped again. Rows are only added."""

    __tablename__ = "campaign_decision"

    id: Mapped[Key]
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), index=True)
    #: moved, joined, apart (analysis.regrouping.Decisions), the first and the last also of all who say the same words
    #: (moved_text, apart_text), renamed; a later row about the same two undoes an earlier
    kind: Mapped[Code]
    one_id: Mapped[int] = mapped_column(ForeignKey("comment.id"))
    other_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id"))
    words: Mapped[Line] = mapped_column(default="")
    decided_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime]

    decided_by: Mapped[Account] = relationship()


class DistinctText(Base):
    """One text of a consultation, letter for letter, in one campaign or alone (文字). Its comments name it."""

    __tablename__ = "distinct_text"
    __table_args__ = (
        Index("ix_distinct_text_digest", "consultation_id", "digest"),
        Index("ix_distinct_text_most_frequent", "campaign_id", "comments", "id"),
    )

    id: Mapped[Key]
    consultation_id: Mapped[int]
    #: tells its letters (`analysis.letters`) from those of any other text
    digest: Mapped[Code]
    #: None for a text that is in no campaign
    campaign_id: Mapped[int | None]
    #: the first comment that says it
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"))
    #: how many comments say it; what was withdrawn is not counted
    comments: Mapped[int]
    #: whether a text that arrives is compared with this one: it represents a campaign, or stands alone
    is_centre: Mapped[bool] = mapped_column(default=False)

    comment: Mapped[Comment] = relationship()


class TextBand(Base):
    """What finds the texts worth comparing with one that arrives: the band keys (`analysis.sketches`) of the centres."""

    __tablename__ = "text_band"
    # plain numbers and no rows beside the key: there are forty-eight of these for each centre
    __table_args__ = {"sqlite_with_rowid": False}

    consultation_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    text_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class CampaignGrouping(Base):
    """How far the campaigns of a consultation have been formed."""

    __tablename__ = "campaign_grouping"
    __table_args__ = (UniqueConstraint("consultation_id"),)

    id: Mapped[Key]
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"))
    #: the number of the last comment that was put in its place, and of the last when all were grouped anew
    upto: Mapped[int] = mapped_column(default=0)
    whole_upto: Mapped[int] = mapped_column(default=0)
    whole_at: Mapped[datetime | None]
    #: since when all are being grouped anew; people decide nothing meanwhile
    began_at: Mapped[datetime | None]
    #: what is being written, and how far that is
    place: Mapped[dict[str, Any]] = mapped_column(default=dict)
    found: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
