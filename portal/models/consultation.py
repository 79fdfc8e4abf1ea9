"""A consultation, its notice and its comment windows, and the kinds of document there are."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, Code, Key, Line, Prose
from portal.models.bureau import Bureau
from portal.models.draft import DraftVersion
from portal.rules import window
from portal.rules.window import WindowState
from portal.rules.words import IdentityNeed


class DocumentType(Base):
    """A kind of document and the shortest comment period it may have (文件类型); an administrator edits it."""

    __tablename__ = "document_type"

    id: Mapped[Key]
    code: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Line]
    minimum: Mapped[int | None]
    unit: Mapped[Code]
    force: Mapped[Code]
    needs_explanatory_note: Mapped[bool]
    basis: Mapped[Prose]
    position: Mapped[int]


class Holiday(Base):
    """A day the yearly notice of the State Council names (节假日): rested, or a weekend day that is worked.

    A year is known when it has at least one; days that are not named follow the week.
    """

    __tablename__ = "holiday"

    id: Mapped[Key]
    day: Mapped[date] = mapped_column(unique=True)
    is_rest: Mapped[bool]
    name: Mapped[Line]


class WithholdingReason(Base):
    """A ground on which a comment may be withheld (不予公开理由). Criticism of the draft is not among them."""

    __tablename__ = "withholding_reason"

    id: Mapped[Key]
    code: Mapped[Code] = mapped_column(unique=True)
    words: Mapped[Line]
    basis: Mapped[Prose]
    position: Mapped[int]
    #: what was withheld for it is sealed: its words are shown only after a look that is logged
    is_sealing: Mapped[bool] = mapped_column(default=False)
    #: no longer offered; decisions that named it keep it
    retired_at: Mapped[datetime | None]


class Consultation(Base):
    """One public exercise on one draft instrument (征求意见)."""

    __tablename__ = "consultation"
    __table_args__ = (
        CheckConstraint(
            "results_published_at IS NULL OR first_published_at IS NOT NULL", name="results_after_publication"
        ),
    )

    id: Mapped[Key]
    slug: Mapped[Code] = mapped_column(unique=True)
    #: its number on this site; every receipt carries it
    number: Mapped[int] = mapped_column(unique=True)
    bureau_id: Mapped[int] = mapped_column(ForeignKey("bureau.id"), index=True)
    document_type_id: Mapped[int | None] = mapped_column(ForeignKey("document_type.id"))
    title: Mapped[Line]
    notice: Mapped[Prose] = mapped_column(default="")
    explanatory_note: Mapped[Prose] = mapped_column(default="")
    contact_unit: Mapped[Line] = mapped_column(default="")
    phone: Mapped[Line] = mapped_column(default="")
    fax: Mapped[Line] = mapped_column(default="")
    email: Mapped[Line] = mapped_column(default="")
    postal_address: Mapped[Line] = mapped_column(default="")
    postcode: Mapped[Line] = mapped_column(default="")
    subject: Mapped[Line] = mapped_column(default="")
    #: what must be known of whoever sends
    identity_needed: Mapped[IdentityNeed] = mapped_column(default=IdentityNeed.ANONYMOUS)
    #: how long after the deadline a submission that was written before it may still arrive
    grace_minutes: Mapped[int] = mapped_column(default=0)
    is_sample: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    #: written once, when the public first saw it; the legal minimum is measured from it
    first_published_at: Mapped[datetime | None] = mapped_column(index=True)
    results_published_at: Mapped[datetime | None]
    results_due_at: Mapped[datetime | None]
    #: written once with its reason: nothing more is received, what was received stays
    withdrawn_at: Mapped[datetime | None]
    withdrawal_reason: Mapped[Prose] = mapped_column(default="")
    #: how many submissions and comments have been numbered so far
    submissions_numbered: Mapped[int] = mapped_column(default=0)
    comments_numbered: Mapped[int] = mapped_column(default=0)
    #: how often it was looked at (浏览次数); crawlers and looking again do not count
    views: Mapped[int] = mapped_column(default=0)
    #: what was done to reach people (meetings, posters, invitations), in the words of the staff, for the summary
    outreach: Mapped[Prose] = mapped_column(default="")

    bureau: Mapped[Bureau] = relationship()
    document_type: Mapped[DocumentType | None] = relationship()
    windows: Mapped[list[CommentWindow]] = relationship(
        back_populates="consultation", order_by="CommentWindow.id", cascade="all"
    )
    versions: Mapped[list[DraftVersion]] = relationship(
        back_populates="consultation", order_by=DraftVersion.number, cascade="all"
    )

    @property
    def window(self) -> CommentWindow | None:
        """The comment window in force; None before the notice has dates."""
        return next((found for found in self.windows if found.superseded_at is None), None)

    @property
    def version(self) -> DraftVersion:
        """The newest version the public can see; before the first publication, the one being prepared."""
        return next((v for v in reversed(self.versions) if v.published_at is not None), self.versions[-1])

    @property
    def version_in_preparation(self) -> DraftVersion:
        """The newest version of all: the one an officer corrects."""
        return self.versions[-1]

    @property
    def publisher(self) -> str:
        """Whose name stands on the notice: the drafting unit it names, otherwise the bureau."""
        return self.contact_unit or self.bureau.name

    @property
    def is_published(self) -> bool:
        return self.first_published_at is not None

    @property
    def is_withdrawn(self) -> bool:
        return self.withdrawn_at is not None

    @property
    def superseded_windows(self) -> list[CommentWindow]:
        """The windows that were extended, the first one first."""
        return [found for found in self.windows if found.superseded_at is not None]

    def state(self, at: datetime) -> WindowState | None:
        """Where it stands at an instant; None before the notice has dates."""
        if self.withdrawn_at is not None and self.withdrawn_at <= at:
            return WindowState.WITHDRAWN
        current = self.window
        return window.state(current.opens_at, current.closes_at, at) if current else None


class CommentWindow(Base):
    """When comments are received (征求意见时间): [opens_at, closes_at), with the rule it was measured by.

    An extension adds a row, and the database marks the one before it as superseded (migration 0006): one window is
    in force, and none that was published can be followed by one that ends sooner.
    """

    __tablename__ = "comment_window"
    __table_args__ = (CheckConstraint("opens_at < closes_at", name="ends_after_it_begins"),)

    id: Mapped[Key]
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), index=True)
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime] = mapped_column(index=True)
    rule_code: Mapped[Code]
    count_mode: Mapped[Code] = mapped_column(default="civil")
    shortened_reason: Mapped[Prose] = mapped_column(default="")
    #: what the public was told when the window was extended (延期公告); empty for the first window
    announcement: Mapped[Prose] = mapped_column(default="")
    created_at: Mapped[datetime]
    superseded_at: Mapped[datetime | None]

    consultation: Mapped[Consultation] = relationship(back_populates="windows")
