"""What an author did with a comment after sending it: corrected or withdrew it, or appealed its withholding."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, Digest, Key, Prose
from portal.models.bureau import Account
from portal.models.submission import Comment
from portal.rules.words import CommentState


class Amendment(Base):
    """A correction (更正) or a withdrawal (撤回). The words first sent stay; a correction is a comment of its own."""

    __tablename__ = "amendment"
    __table_args__ = (UniqueConstraint("comment_id", "revision"),)

    id: Mapped[Key]
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"))
    #: the comment that stands in its place; None for a withdrawal
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id"), unique=True)
    #: the comment's revision this amendment made
    revision: Mapped[int]
    from_state: Mapped[CommentState]
    amended_at: Mapped[datetime]
    #: SHA-256 of what was received; it stands in the ledger of the day like a receipt's
    digest: Mapped[Digest]

    comment: Mapped[Comment] = relationship(foreign_keys=[comment_id])
    replaced_by: Mapped[Comment | None] = relationship(foreign_keys=[replaced_by_id])


class Appeal(Base):
    """An author's objection to a withholding (申诉), in their own words; one for each comment."""

    __tablename__ = "appeal"

    id: Mapped[Key]
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"), unique=True)
    #: the comment's revision it objects to
    revision: Mapped[int]
    body: Mapped[Prose]
    made_at: Mapped[datetime]

    comment: Mapped[Comment] = relationship()
    decision: Mapped[AppealDecision | None] = relationship(back_populates="appeal")


class AppealDecision(Base):
    """What somebody who had no part in the withholding decided on the appeal (申诉结果)."""

    __tablename__ = "appeal_decision"

    id: Mapped[Key]
    appeal_id: Mapped[int] = mapped_column(ForeignKey("appeal.id"), unique=True)
    decided_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime]
    #: whether the comment is published after all
    is_upheld: Mapped[bool]
    words: Mapped[Prose]

    appeal: Mapped[Appeal] = relationship(back_populates="decision")
    decided_by: Mapped[Account] = relationship()
