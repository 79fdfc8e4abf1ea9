"""One text of the draft and its clauses. Once published neither changes; the database refuses it too."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, Code, Digest, Key, Line, Prose

if TYPE_CHECKING:
    from portal.models.consultation import Consultation


class DraftVersion(Base):
    """One text of the draft (征求意见稿); frozen by publishing."""

    __tablename__ = "draft_version"
    __table_args__ = (UniqueConstraint("consultation_id", "number"),)

    id: Mapped[Key]
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"))
    number: Mapped[int]
    title: Mapped[Line]
    source_name: Mapped[Line]
    #: the text that was read, line by line, so that the outline can be laid beside it
    source_text: Mapped[Prose] = mapped_column(deferred=True)
    facts: Mapped[dict[str, Any]] = mapped_column(deferred=True)
    doubts: Mapped[list[Any]] = mapped_column(deferred=True)
    junk: Mapped[list[Any]] = mapped_column(deferred=True)
    #: the clauses as the machine read them, and the officer's corrections since: the clauses are the one with the other
    read_nodes: Mapped[list[Any]] = mapped_column(deferred=True)
    corrections: Mapped[list[Any]] = mapped_column(deferred=True)
    #: numeric targets found in the clauses: indicator, value, unit, year
    targets: Mapped[list[Any]] = mapped_column(deferred=True)
    #: what the bureau says of this version beside the one before it
    change_note: Mapped[Prose] = mapped_column(default="")
    #: SHA-256 of the clauses as published
    digest: Mapped[Digest | None]
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]

    consultation: Mapped[Consultation] = relationship(back_populates="versions")
    clauses: Mapped[list[Clause]] = relationship(
        back_populates="version", order_by="Clause.position", cascade="all, delete-orphan"
    )


class Clause(Base):
    """A node of a version (条款): the number as printed, the heading, the text under it."""

    __tablename__ = "clause"
    __table_args__ = (UniqueConstraint("version_id", "label"),)

    id: Mapped[Key]
    version_id: Mapped[int] = mapped_column(ForeignKey("draft_version.id"))
    position: Mapped[int]
    parent_position: Mapped[int]
    depth: Mapped[int]
    kind: Mapped[Code]
    number: Mapped[Line]
    heading: Mapped[Prose]
    text: Mapped[Prose]
    rows: Mapped[list[Any]]
    path: Mapped[list[str]]
    #: the stable address of the clause in its version
    label: Mapped[Code]
    citation: Mapped[Line]
    line: Mapped[int]
    responsibilities: Mapped[list[Any]]

    version: Mapped[DraftVersion] = relationship(back_populates="clauses")

    @property
    def words(self) -> str:
        """The clause's own words: heading, text and cells, without its number."""
        cells = ("　".join(row) for row in self.rows)
        return "\n".join(part for part in (self.heading, self.text, *cells) if part)

    @property
    def printed(self) -> str:
        """The clause as it stands on the page, number first: what a selection can be taken from."""
        return f"{self.number}{self.words}"

    @property
    def wording(self) -> str:
        """The words a respondent may propose otherwise: the text, or the heading where there is no text."""
        return self.text or self.heading

    @property
    def name(self) -> str:
        """How a page calls the clause: number and heading, or its citation where it has neither."""
        gap = "　" if self.number and self.number[-1] not in "、.．）)" else ""
        named = f"{self.number}{gap}{self.heading.rstrip('。')}" or self.citation
        return named or {"box": "专栏（无标题）", "table": "表（无标题）"}.get(self.kind, self.text[:16])


class Lineage(Base):
    """What became of one or several clauses in the next version (条款沿革): proposed by machine, confirmed by a person.

    `old_labels` and `new_labels` are addresses in the two versions: one to one when kept, changed or moved, one to
    several for a split, several to one for a merge, none on one side for what was added or removed.
    """

    __tablename__ = "lineage"

    id: Mapped[Key]
    old_version_id: Mapped[int] = mapped_column(ForeignKey("draft_version.id"))
    new_version_id: Mapped[int] = mapped_column(ForeignKey("draft_version.id"), index=True)
    position: Mapped[int]
    kind: Mapped[Code]
    old_labels: Mapped[list[str]]
    new_labels: Mapped[list[str]]
    is_proposed: Mapped[bool] = mapped_column(default=True)
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    confirmed_at: Mapped[datetime | None]
