"""What was published of the answers, what was reminded of, and the document that was adopted in the end."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.attachment import Attachment
from portal.models.base import Base, Digest, Key, Line, Prose
from portal.rules.words import Disposition, FeedbackForm


class PublishedResult(Base):
    """One version of the adoption feedback as the public read it (意见采纳情况反馈). A correction is a new version."""

    __tablename__ = "published_result"
    __table_args__ = (UniqueConstraint("consultation_id", "number"),)

    id: Mapped[Key]
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"))
    number: Mapped[int]
    form: Mapped[FeedbackForm]
    #: everything but the rows: title, letter, figures, groups (reports.adoption)
    head: Mapped[dict[str, Any]]
    #: what was corrected and why (更正说明); empty for the first version
    correction: Mapped[Prose] = mapped_column(default="")
    #: why some comments have no answer of their own (未逐条答复); empty when every one has
    unanswered_reason: Mapped[Prose] = mapped_column(default="")
    #: SHA-256 of head and rows
    digest: Mapped[Digest]
    #: None for what was published before there were versions
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    published_at: Mapped[datetime]


class PublishedAnswer(Base):
    """One row of a published version: equal comments with one answer, personal data masked."""

    __tablename__ = "published_answer"
    __table_args__ = (
        UniqueConstraint("result_id", "position"),
        Index("ix_published_answer_outcome", "result_id", "disposition", "position"),
    )

    id: Mapped[Key]
    result_id: Mapped[int] = mapped_column(ForeignKey("published_result.id"))
    position: Mapped[int]
    #: which group of the grouped form it belongs to
    subject: Mapped[Prose]
    clause: Mapped[Prose]
    label: Mapped[Line]
    references: Mapped[list[str]]
    words: Mapped[Prose]
    respondent: Mapped[Line]
    #: None: not answered one by one
    disposition: Mapped[Disposition | None]
    reason: Mapped[Prose]
    original: Mapped[Prose]
    changed: Mapped[Prose]


class AnswerReminder(Base):
    """That the staff of one consultation were reminded on one working day after its end; once each."""

    __tablename__ = "answer_reminder"
    __table_args__ = (UniqueConstraint("consultation_id", "workday"),)

    id: Mapped[Key]
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"))
    workday: Mapped[int]
    letters: Mapped[int]
    reminded_at: Mapped[datetime]


class AdoptedDocument(Base):
    """The document that was issued in the end (正式文件): a file here, a link elsewhere, or both. The newest counts."""

    __tablename__ = "adopted_document"

    id: Mapped[Key]
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), index=True)
    title: Mapped[Line]
    document_number: Mapped[Line]
    adopted_on: Mapped[date | None]
    link: Mapped[Line]
    attachment_id: Mapped[int | None] = mapped_column(ForeignKey("attachment.id"))
    added_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    added_at: Mapped[datetime]

    attachment: Mapped[Attachment | None] = relationship()
