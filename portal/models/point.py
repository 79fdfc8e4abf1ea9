"""Points: the comments on one clause that make one argument, and what people decided about them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.analysis.headlines import title
from portal.models.base import Base, Code, Key, Line
from portal.models.bureau import Account
from portal.models.draft import Clause
from portal.models.submission import Comment
from portal.rules.words import PointKind


class Point(Base):
    """One argument on one clause (观点). Its key stays the same as comments come and points are made again."""

    __tablename__ = "point"
    __table_args__ = (
        UniqueConstraint("consultation_id", "key"),
        Index("ix_point_clause", "consultation_id", "clause_id"),
    )

    id: Mapped[Key]
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"))
    #: the clause of the version the public sees where it stands; None for the draft as a whole
    clause_id: Mapped[int | None] = mapped_column(ForeignKey("clause.id"))
    key: Mapped[Code]
    kind: Mapped[PointKind]
    #: given by a person; empty while its representative and the key phrases name it
    name: Mapped[Line] = mapped_column(default="")
    key_phrases: Mapped[list[str]] = mapped_column(default=list)
    representative_id: Mapped[int] = mapped_column(ForeignKey("comment.id"))
    #: a person holds it to be one of the main points of the whole draft
    is_key: Mapped[bool] = mapped_column(default=False)
    size: Mapped[int]
    gathered_at: Mapped[datetime]

    clause: Mapped[Clause | None] = relationship()
    representative: Mapped[Comment] = relationship(foreign_keys=representative_id)
    members: Mapped[list[PointMember]] = relationship(back_populates="point", order_by="PointMember.comment_id")

    @property
    def title(self) -> str:
        """What it is called: by a person, or by what the comment that stands for it says."""
        if self.name or self.kind in (PointKind.APPROVAL, PointKind.OBJECTION):
            return self.name or self.kind.label
        return title(self.representative.public_body, self.key_phrases)


class PointMember(Base):
    """That a comment makes a point. A comment makes one point only, so the comment is the key."""

    __tablename__ = "point_member"

    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"), primary_key=True)
    point_id: Mapped[int] = mapped_column(ForeignKey("point.id"), index=True)

    point: Mapped[Point] = relationship(back_populates="members")
    comment: Mapped[Comment] = relationship()


class PointDecision(Base):
    """What a person decided about points, remembered when they are made again. Rows are only added."""

    __tablename__ = "point_decision"

    id: Mapped[Key]
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), index=True)
    #: together, pinned, named, marked; a later row about the same thing outweighs an earlier one
    kind: Mapped[Code]
    point_key: Mapped[Code] = mapped_column(default="")
    one_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id"))
    other_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id"))
    words: Mapped[Line] = mapped_column(default="")
    decided_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime]

    decided_by: Mapped[Account] = relationship()
