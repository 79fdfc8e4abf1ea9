"""What the moderation desk keeps beside the decisions: who has what in hand, who was asked, acts on many at once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, Code, Key, Prose
from portal.models.bureau import Account
from portal.models.consultation import Consultation
from portal.models.submission import Comment
from portal.rules.words import BulkOutcome, CommentState, ProposalOutcome


class DeskTally(Base):
    """How many comments agree in everything the queue can be sifted by. The database keeps it, by triggers on `comment`.

    As many rows as there are such combinations, however many comments there are.
    """

    __tablename__ = "desk_tally"
    __table_args__ = {"sqlite_with_rowid": False}

    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), primary_key=True)
    state: Mapped[Code] = mapped_column(primary_key=True)
    #: 9 where nothing waits for the desk
    urgency: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    #: the clause's id, 0 for the draft as a whole
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    channel: Mapped[Code] = mapped_column(primary_key=True)
    kind: Mapped[Code] = mapped_column(primary_key=True)
    stance: Mapped[Code] = mapped_column(primary_key=True)
    flags: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    count: Mapped[int]


class Claim(Base):
    """A moderator has a comment in hand (正在办理). It ends by itself, so that nobody's lunch holds a comment up."""

    __tablename__ = "claim"

    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"), primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    expires_at: Mapped[datetime]

    account: Mapped[Account] = relationship()


class Assignment(Base):
    """A moderator asks a colleague to look at a comment (请同事看). It ends with the next decision, or by answering."""

    __tablename__ = "assignment"

    id: Mapped[Key]
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"), index=True)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    colleague_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    note: Mapped[Prose]
    asked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    asked_by: Mapped[Account] = relationship(foreign_keys=[asked_by_id])
    colleague: Mapped[Account] = relationship(foreign_keys=[colleague_id])


class WithholdingProposal(Base):
    """A withholding that waits for a second person (待第二人确认). Whoever proposed it never confirms it."""

    __tablename__ = "withholding_proposal"
    __table_args__ = (
        Index(
            "uq_withholding_proposal_open",
            "comment_id",
            unique=True,
            sqlite_where=text("settled_at IS NULL"),
            postgresql_where=text("settled_at IS NULL"),
        ),
        Index("ix_withholding_proposal_comment", "comment_id"),
    )

    id: Mapped[Key]
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"))
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime]
    reason_code: Mapped[Code]
    note: Mapped[Prose]
    outcome: Mapped[ProposalOutcome] = mapped_column(default=ProposalOutcome.WAITING)
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    settled_at: Mapped[datetime | None]
    settled_note: Mapped[Prose] = mapped_column(default="")

    proposed_by: Mapped[Account] = relationship(foreign_keys=[proposed_by_id])
    settled_by: Mapped[Account | None] = relationship(foreign_keys=[settled_by_id])


class BulkAct(Base):
    """One decision on many comments (批量办理): first a list to look at, then an act, done by a job and undone as one."""

    __tablename__ = "bulk_act"

    id: Mapped[Key]
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), index=True)
    #: what it would do: published, withheld or merged; pending when it undoes another
    to_state: Mapped[CommentState]
    reason_code: Mapped[Code] = mapped_column(default="")
    note: Mapped[Prose] = mapped_column(default="")
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id"))
    #: which comments: the filter of the queue, as it was
    sieve: Mapped[dict[str, Any]]
    #: what came after the list was made is not touched
    up_to_number: Mapped[int]
    total: Mapped[int]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id"))
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("bulk_act.id"), unique=True)

    consultation: Mapped[Consultation] = relationship()
    made_by: Mapped[Account] = relationship()
    merged_into: Mapped[Comment | None] = relationship()


class BulkException(Base):
    """A comment an act on many did not touch, and why."""

    __tablename__ = "bulk_exception"

    bulk_act_id: Mapped[int] = mapped_column(ForeignKey("bulk_act.id"), primary_key=True, autoincrement=False)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"), primary_key=True, autoincrement=False)
    why: Mapped[BulkOutcome]

    comment: Mapped[Comment] = relationship()
