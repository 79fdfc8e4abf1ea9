"""What the public sends: a basket being filled, then a submission with its respondent and comments."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.drafts.anchors import Anchor
from portal.models.attachment import Attachment
from portal.models.base import Base, Code, Digest, Key, Line, Prose
from portal.models.consultation import Consultation
from portal.models.draft import Clause
from portal.models.response import Response
from portal.rules.urgency import Urgency
from portal.rules.words import Channel, CommentState, RespondentKind, Stance


class Quotation:
    """The words of the clause a comment is about (引用原文), and where they stand in the clause as printed."""

    quote: Mapped[Prose] = mapped_column(default="")
    quote_prefix: Mapped[Line] = mapped_column(default="")
    quote_suffix: Mapped[Line] = mapped_column(default="")
    #: characters of the clause as printed; None when nothing is quoted, or for what was kept before places were
    quote_start: Mapped[int | None]
    quote_end: Mapped[int | None]

    @property
    def anchor(self) -> Anchor | None:
        """The quotation with its place, when both are known."""
        if not self.quote or self.quote_start is None or self.quote_end is None:
            return None
        return Anchor(self.quote, self.quote_prefix, self.quote_suffix, self.quote_start, self.quote_end)

    @anchor.setter
    def anchor(self, anchor: Anchor | None) -> None:
        self.quote = anchor.exact if anchor else ""
        self.quote_prefix = anchor.prefix if anchor else ""
        self.quote_suffix = anchor.suffix if anchor else ""
        self.quote_start = anchor.start if anchor else None
        self.quote_end = anchor.end if anchor else None


class Basket(Base):
    """Comments somebody is still writing (我的意见), kept under a private resume code. Nothing personal is in it."""

    __tablename__ = "basket"

    id: Mapped[Key]
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"))
    code_trace: Mapped[Digest] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    touched_at: Mapped[datetime]

    items: Mapped[list[BasketItem]] = relationship(
        back_populates="basket", order_by="BasketItem.id", cascade="all, delete-orphan"
    )


class BasketItem(Quotation, Base):
    """One comment that has not been sent yet, saved as it is typed."""

    __tablename__ = "basket_item"
    # a key stands on pages that stay open: it is not given to another comment when this one is removed
    __table_args__ = (UniqueConstraint("basket_id", "key"), {"sqlite_autoincrement": True})

    id: Mapped[Key]
    basket_id: Mapped[int] = mapped_column(ForeignKey("basket.id", ondelete="CASCADE"))
    clause_id: Mapped[int | None] = mapped_column(ForeignKey("clause.id"))
    #: made with the empty form, so that saving the same form twice makes one comment
    key: Mapped[Code]
    #: counts changes; a form names the count it was filled from, so two tabs cannot overwrite one another
    revision: Mapped[int] = mapped_column(default=1)
    stance: Mapped[Stance]
    body: Mapped[Prose]
    proposed_text: Mapped[Prose] = mapped_column(default="")
    evidence_id: Mapped[int | None] = mapped_column(ForeignKey("attachment.id"))
    written_at: Mapped[datetime]

    basket: Mapped[Basket] = relationship(back_populates="items")
    clause: Mapped[Clause | None] = relationship()
    evidence: Mapped[Attachment | None] = relationship()


class Respondent(Base):
    """Who submitted (提出人). Name, phone and e-mail are sealed; an organisation's name is public."""

    __tablename__ = "respondent"

    id: Mapped[Key]
    kind: Mapped[RespondentKind]
    organisation: Mapped[Line] = mapped_column(default="")
    uscc: Mapped[Code] = mapped_column(default="")
    #: where they say to be from, in the words of the bureau's list at that time; empty when not given. It is counted,
    #: and stands beside no comment
    region: Mapped[Code] = mapped_column(default="")
    #: what public pages print: 公众, 王**, or the organisation's name
    shown_as: Mapped[Line]
    contact_sealed: Mapped[Prose] = mapped_column(default="")
    contact_erased_at: Mapped[datetime | None]
    #: the version of the personal-information notice that was read
    notice_version: Mapped[Code] = mapped_column(default="")
    #: under 14: a guardian's name and contact are sealed with the rest, and no name is ever published
    is_minor: Mapped[bool] = mapped_column(default=False)
    #: when the e-mail address was shown to be theirs
    verified_at: Mapped[datetime | None]


class Submission(Base):
    """What one respondent sent at one moment through one channel (来稿，件), and its receipt (受理编号)."""

    __tablename__ = "submission"

    id: Mapped[Key]
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), index=True)
    respondent_id: Mapped[int] = mapped_column(ForeignKey("respondent.id"))
    channel: Mapped[Channel]
    received_at: Mapped[datetime]
    postmarked_on: Mapped[date | None]
    registered_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    #: when staff entered what did not come by the web; its digest stands in the ledger of that day
    registered_at: Mapped[datetime | None]
    #: why it was received after the deadline (逾期); empty for what came in time
    late_reason: Mapped[Line] = mapped_column(default="")
    #: a scan of the letter with the organisation's seal
    letter_id: Mapped[int | None] = mapped_column(ForeignKey("attachment.id"))
    #: the basket it came from; unique, so that a double click or a resent form makes one submission
    basket_code_trace: Mapped[Digest | None] = mapped_column(unique=True)
    receipt_number: Mapped[Code] = mapped_column(unique=True)
    receipt_digest: Mapped[Digest]
    secret_trace: Mapped[Digest]

    consultation: Mapped[Consultation] = relationship()
    respondent: Mapped[Respondent] = relationship()
    letter: Mapped[Attachment | None] = relationship()
    comments: Mapped[list[Comment]] = relationship(back_populates="submission", order_by="Comment.position")

    @property
    def first_comments(self) -> list[Comment]:
        """The comments as they were sent: what the receipt's digest is of. Corrections came later."""
        return [comment for comment in self.comments if comment.received_at == self.received_at]


def _usual_urgency(context: Any) -> int | None:
    """What is entered in another state than pending (a restored set, a sample) does not wait."""
    state = context.get_current_parameters().get("state", CommentState.PENDING)
    return int(Urgency.USUAL) if state == CommentState.PENDING else None


class Comment(Quotation, Base):
    """One remark on one clause or on the whole draft (意见，条). Its words never change; its state does."""

    __tablename__ = "comment"
    __table_args__ = (
        UniqueConstraint("consultation_id", "number"),
        UniqueConstraint("submission_id", "position"),
        CheckConstraint("length(body) > 0", name="says_something"),
        # the two orders in which the public reads the comments on a clause
        Index("ix_comment_newest", "consultation_id", "state", "clause_id", "number"),
        Index("ix_comment_concurring", "consultation_id", "state", "clause_id", "concurrence", "number"),
        # only of those that have one: sending writes nothing here
        Index(
            "ix_comment_campaign",
            "campaign_id",
            "state",
            "number",
            sqlite_where=text("campaign_id IS NOT NULL"),
            postgresql_where=text("campaign_id IS NOT NULL"),
        ),
        Index(
            "ix_comment_response_id",
            "response_id",
            sqlite_where=text("response_id IS NOT NULL"),
            postgresql_where=text("response_id IS NOT NULL"),
        ),
        Index(
            "ix_comment_text",
            "text_id",
            sqlite_where=text("text_id IS NOT NULL"),
            postgresql_where=text("text_id IS NOT NULL"),
        ),
        # the queue in its order, with what it can be sifted by: only what waits for the desk is in it
        Index(
            "ix_comment_waiting",
            "consultation_id",
            "urgency",
            "received_at",
            "id",
            "clause_id",
            "channel",
            "respondent_kind",
            "stance",
            "flags",
            sqlite_where=text("urgency IS NOT NULL"),
            postgresql_where=text("urgency IS NOT NULL"),
        ),
        # the comments in one state, likewise
        Index(
            "ix_comment_state",
            "consultation_id",
            "state",
            "number",
            "clause_id",
            "channel",
            "respondent_kind",
            "stance",
            "flags",
        ),
        Index(
            "ix_comment_assignee",
            "assignee_id",
            "urgency",
            sqlite_where=text("assignee_id IS NOT NULL"),
            postgresql_where=text("assignee_id IS NOT NULL"),
        ),
        Index(
            "ix_comment_merged_into",
            "merged_into_id",
            sqlite_where=text("merged_into_id IS NOT NULL"),
            postgresql_where=text("merged_into_id IS NOT NULL"),
        ),
    )

    id: Mapped[Key]
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"))
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    clause_id: Mapped[int | None] = mapped_column(ForeignKey("clause.id"), index=True)
    position: Mapped[int]
    #: its number in the consultation: C-34
    number: Mapped[int]
    received_at: Mapped[datetime]
    stance: Mapped[Stance]
    body: Mapped[Prose]
    proposed_text: Mapped[Prose] = mapped_column(default="")
    #: what the respondent handed in to support it; sealed, for staff only
    evidence_id: Mapped[int | None] = mapped_column(ForeignKey("attachment.id"))
    #: a trade secret told beside the words (商业秘密): sealed, in no public copy, export or search
    confidential_sealed: Mapped[Prose] = mapped_column(default="")
    state: Mapped[CommentState] = mapped_column(default=CommentState.PENDING)
    #: counts decisions; a decision names the count it was made on, so two moderators cannot overwrite one another
    revision: Mapped[int] = mapped_column(default=0)
    reason_code: Mapped[Code] = mapped_column(default="")
    #: the public copy, written when it was published: the words with personal data masked
    public_body: Mapped[Prose] = mapped_column(default="")
    public_proposed_text: Mapped[Prose] = mapped_column(default="")
    response_id: Mapped[int | None] = mapped_column(ForeignKey("response.id"))
    #: the answer the public may read: what `response_id` was when the results were last published
    published_response_id: Mapped[int | None]
    #: the step of endorsements it has reached, as the public reads it: 20 for “20人以上赞同”; 0 below the first step
    concurrence: Mapped[int] = mapped_column(default=0)
    #: the campaign it belongs to; a plain number, for the campaign names a comment in its turn
    campaign_id: Mapped[int | None]
    #: its text among the distinct ones of that campaign; None as long as it was not looked at
    text_id: Mapped[int | None]
    #: channel and kind of respondent once more, so that the queue is sifted by them without a look elsewhere
    channel: Mapped[Channel | None]
    respondent_kind: Mapped[RespondentKind | None]
    #: what a moderator should know beforehand (rules.urgency.Flag)
    flags: Mapped[int] = mapped_column(default=0)
    #: how urgently it waits for the desk (rules.urgency); None when nothing about it waits
    urgency: Mapped[int | None] = mapped_column(default=_usual_urgency)
    #: the colleague who was asked to look at it; plain numbers, as columns added later are
    assignee_id: Mapped[int | None]
    #: the published comment it was merged into
    merged_into_id: Mapped[int | None]

    submission: Mapped[Submission] = relationship(back_populates="comments")
    clause: Mapped[Clause | None] = relationship()
    response: Mapped[Response | None] = relationship(foreign_keys=response_id)
    published_response: Mapped[Response | None] = relationship(
        primaryjoin="foreign(Comment.published_response_id) == Response.id", viewonly=True
    )
    evidence: Mapped[Attachment | None] = relationship()

    @property
    def reference(self) -> str:
        """How everybody refers to it: C-34."""
        return f"C-{self.number}"
