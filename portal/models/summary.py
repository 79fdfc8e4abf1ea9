"""A summary that was frozen: its content and digest, who signed it, its files, and what staff write for the next one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, Code, Digest, Key, Line, Prose
from portal.models.bureau import Account
from portal.rules.words import SummaryState


class FrozenSummary(Base):
    """One summary of one consultation at one cut-off instant. Only staff see it until it is released."""

    __tablename__ = "frozen_summary"
    __table_args__ = (UniqueConstraint("consultation_id", "number"),)

    id: Mapped[Key]
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"))
    number: Mapped[int]
    cut_off_at: Mapped[datetime]
    #: everything it says, packed (reports.frozen); before there was packing, as JSON values. A list of summaries needs
    #: none of it
    content: Mapped[str | dict[str, Any]] = mapped_column(JSON, deferred=True)
    digest: Mapped[Digest]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[datetime]
    released_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    #: when the public was let see it
    released_at: Mapped[datetime | None]

    made_by: Mapped[Account | None] = relationship(foreign_keys=made_by_id)
    signatures: Mapped[list[SummarySignature]] = relationship(order_by="SummarySignature.id")

    @property
    def state(self) -> SummaryState:
        """How far it is: what was signed last, and before that a draft."""
        return self.signatures[-1].state if self.signatures else SummaryState.DRAFT


class SummarySignature(Base):
    """That somebody reviewed or released a summary, or that a later one took its place. Rows are only added."""

    __tablename__ = "summary_signature"
    __table_args__ = (UniqueConstraint("summary_id", "state"),)

    id: Mapped[Key]
    summary_id: Mapped[int] = mapped_column(ForeignKey("frozen_summary.id"))
    state: Mapped[SummaryState]
    #: the digest of what was signed
    digest: Mapped[Digest]
    note: Mapped[Line] = mapped_column(default="")
    signed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    signed_at: Mapped[datetime]

    signed_by: Mapped[Account | None] = relationship()


class SummaryFile(Base):
    """One file of a kept summary, built in the background. It can be built again: the same data gives the same bytes."""

    __tablename__ = "summary_file"
    __table_args__ = (UniqueConstraint("summary_id", "name"),)

    id: Mapped[Key]
    summary_id: Mapped[int] = mapped_column(ForeignKey("frozen_summary.id"))
    #: docx, pdf …, redline.docx, archive.zip
    name: Mapped[Code]
    media_type: Mapped[Line]
    size: Mapped[int]
    digest: Mapped[Digest]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    made_at: Mapped[datetime]


class NarrativeParagraph(Base):
    """A paragraph staff wrote for the next summary, in plain words with references [C-34]; freezing copies it."""

    __tablename__ = "narrative_paragraph"

    id: Mapped[Key]
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), index=True)
    #: the label of the clause it stands with; empty at the head of the report
    place: Mapped[Code] = mapped_column(default="")
    words: Mapped[Prose]
    #: proposed by the wording service and not taken over by a person yet: it is in no summary
    is_proposed: Mapped[bool] = mapped_column(default=False)
    written_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    written_at: Mapped[datetime]

    written_by: Mapped[Account | None] = relationship()
