"""Where comments on an earlier version stand in a later one, when the lineage of their clause does not say it alone."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, Key
from portal.models.draft import Clause
from portal.models.submission import Comment
from portal.rules.words import PlacementKind


class Placement(Base):
    """The place of one comment in one later version (对应位置): proposed by machine, confirmed by a person.

    A comment on a clause that became one clause needs none: it stands where its clause stands. One on a clause that
    was divided or removed does, and so does one that a person put elsewhere.
    """

    __tablename__ = "placement"
    __table_args__ = (
        UniqueConstraint("comment_id", "version_id"),
        Index("ix_placement_place", "version_id", "clause_id"),
    )

    id: Mapped[Key]
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("draft_version.id"))
    #: None when it is orphaned or undecided: then it is listed with the comments on the draft as a whole
    clause_id: Mapped[int | None] = mapped_column(ForeignKey("clause.id"))
    kind: Mapped[PlacementKind]
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    confirmed_at: Mapped[datetime | None]

    comment: Mapped[Comment] = relationship()
    clause: Mapped[Clause | None] = relationship()
