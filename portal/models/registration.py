"""What did not come by the website: letters, mail and sheets as they arrived, until a person has registered them."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.attachment import Attachment
from portal.models.base import Base, Code, Digest, Key, Line, Prose
from portal.models.bureau import Account, Bureau
from portal.models.consultation import Consultation
from portal.models.draft import Clause
from portal.models.submission import Submission
from portal.rules.words import Channel, MailKind, RegistrationSource, RegistrationState, RespondentKind, Stance


class Registration(Base):
    """One letter, call or mail being registered (来稿登记). It becomes a submission when a second person confirms it."""

    __tablename__ = "registration"
    __table_args__ = (
        Index("ix_registration_state", "consultation_id", "state", "id"),
        UniqueConstraint("submission_id"),
        UniqueConstraint("mail_id"),
    )

    id: Mapped[Key]
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"))
    state: Mapped[RegistrationState] = mapped_column(default=RegistrationState.DRAFT)
    source: Mapped[RegistrationSource]
    channel: Mapped[Channel]
    #: as it is known: a letter has a day, a mail and a call have an hour
    received_on: Mapped[date]
    received_time: Mapped[time | None]
    postmarked_on: Mapped[date | None]
    #: who said it; name, phone and e-mail are sealed
    kind: Mapped[RespondentKind] = mapped_column(default=RespondentKind.CITIZEN)
    organisation: Mapped[Line] = mapped_column(default="")
    uscc: Mapped[Code] = mapped_column(default="")
    is_organisation_hidden: Mapped[bool] = mapped_column(default=False)
    #: where they say to be from, as the letter has it
    region: Mapped[Code] = mapped_column(default="")
    contact_sealed: Mapped[Prose] = mapped_column(default="")
    #: the words as they were received, whole; sealed, for letters are signed
    text_sealed: Mapped[Prose] = mapped_column(default="")
    #: why one that came after the deadline is received (逾期)
    late_reason: Mapped[Line] = mapped_column(default="")
    #: what the second person, or whoever set it aside, had to say
    note: Mapped[Line] = mapped_column(default="")
    #: the tracking secret follows from it, so that a lost receipt can be printed again
    key: Mapped[Code]
    #: counts changes; a form names the count it was filled from
    revision: Mapped[int] = mapped_column(default=1)
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    entered_at: Mapped[datetime]
    #: every account that wrote in it: none of them confirms it
    written_by: Mapped[list[Any]] = mapped_column(default=list)
    changed_at: Mapped[datetime]
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    confirmed_at: Mapped[datetime | None]
    submission_id: Mapped[int | None] = mapped_column(ForeignKey("submission.id"))
    mail_id: Mapped[int | None] = mapped_column(ForeignKey("incoming_mail.id"))
    sheet_id: Mapped[int | None] = mapped_column(ForeignKey("opinion_sheet.id"), index=True)
    #: the rows of the sheet it was made of: 5, 6
    sheet_rows: Mapped[Line] = mapped_column(default="")

    consultation: Mapped[Consultation] = relationship()
    entered_by: Mapped[Account | None] = relationship(foreign_keys=[entered_by_id])
    confirmed_by: Mapped[Account | None] = relationship(foreign_keys=[confirmed_by_id])
    submission: Mapped[Submission | None] = relationship()
    mail: Mapped[IncomingMail | None] = relationship()
    sheet: Mapped[OpinionSheet | None] = relationship()
    remarks: Mapped[list[RegisteredRemark]] = relationship(
        back_populates="registration", order_by="RegisteredRemark.position", cascade="all, delete-orphan"
    )
    enclosures: Mapped[list[Enclosure]] = relationship(
        back_populates="registration", order_by="Enclosure.id", cascade="all, delete-orphan"
    )


class RegisteredRemark(Base):
    """One comment to be, cut from what was received: where it was said to belong, and where it does."""

    __tablename__ = "registered_remark"
    __table_args__ = (UniqueConstraint("registration_id", "position"),)

    id: Mapped[Key]
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    position: Mapped[int]
    #: the clause as somebody typed it: 第三部分（二）5; empty for the whole draft
    cited: Mapped[Line] = mapped_column(default="")
    clause_id: Mapped[int | None] = mapped_column(ForeignKey("clause.id"))
    stance: Mapped[Stance] = mapped_column(default=Stance.CHANGE)
    body: Mapped[Prose] = mapped_column(default="")
    proposed_text: Mapped[Prose] = mapped_column(default="")

    registration: Mapped[Registration] = relationship(back_populates="remarks")
    clause: Mapped[Clause | None] = relationship()

    @property
    def is_placed(self) -> bool:
        """Whether it is known where it belongs; nothing typed means the whole draft."""
        return self.clause_id is not None or not self.cited


class Enclosure(Base):
    """A scan of the letter, or a file that came with it (来件的扫描件、附件); sealed."""

    __tablename__ = "enclosure"

    id: Mapped[Key]
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), index=True)
    attachment_id: Mapped[int] = mapped_column(ForeignKey("attachment.id"))

    registration: Mapped[Registration] = relationship(back_populates="enclosures")
    attachment: Mapped[Attachment] = relationship()


class IncomingMail(Base):
    """One e-mail that reached the bureau (来信): kept whole and sealed, whatever it turned out to be."""

    __tablename__ = "incoming_mail"
    __table_args__ = (
        UniqueConstraint("bureau_id", "origin"),
        Index("ix_incoming_mail_known", "bureau_id", "digest"),
        Index("ix_incoming_mail_named", "bureau_id", "message_trace"),
    )

    id: Mapped[Key]
    bureau_id: Mapped[int] = mapped_column(ForeignKey("bureau.id"))
    consultation_id: Mapped[int | None] = mapped_column(ForeignKey("consultation.id"), index=True)
    kind: Mapped[MailKind]
    #: where it was read: the place in the box, or the file and its place in it
    origin: Mapped[Line]
    #: SHA-256 of the message, and a keyed hash of its Message-ID (empty where it has none)
    digest: Mapped[Digest]
    message_trace: Mapped[Line] = mapped_column(default="")
    #: sender, subject and the message itself name people
    sender_sealed: Mapped[Prose] = mapped_column(default="")
    subject_sealed: Mapped[Prose] = mapped_column(default="")
    content_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    arrived_at: Mapped[datetime]
    read_at: Mapped[datetime]
    #: what of it was not taken over and why, each a sentence with its places
    remarks: Mapped[list[Any]] = mapped_column(default=list)
    same_as_id: Mapped[int | None] = mapped_column(ForeignKey("incoming_mail.id"))

    bureau: Mapped[Bureau] = relationship()
    consultation: Mapped[Consultation | None] = relationship()
    same_as: Mapped[IncomingMail | None] = relationship(remote_side="IncomingMail.id")
    registration: Mapped[Registration | None] = relationship(viewonly=True, uselist=False)


class Mailbox(Base):
    """How far the bureau's e-mail box has been read (电子邮箱): the last place, and what went wrong last."""

    __tablename__ = "mailbox"

    address: Mapped[Line] = mapped_column(primary_key=True)
    bureau_id: Mapped[int] = mapped_column(ForeignKey("bureau.id"))
    #: the server's mark of its numbering; another mark means that the numbers begin anew
    validity: Mapped[Code] = mapped_column(default="")
    last_uid: Mapped[int] = mapped_column(BigInteger, default=0)
    read_at: Mapped[datetime | None]
    fault: Mapped[str] = mapped_column(Text, default="")


class OpinionSheet(Base):
    """A table of opinions that was handed in (意见表). Nothing of it is registered before all of it can be."""

    __tablename__ = "opinion_sheet"

    id: Mapped[Key]
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), index=True)
    attachment_id: Mapped[int] = mapped_column(ForeignKey("attachment.id"))
    brought_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    brought_at: Mapped[datetime]
    imported_at: Mapped[datetime | None]

    consultation: Mapped[Consultation] = relationship()
    attachment: Mapped[Attachment] = relationship()
    brought_by: Mapped[Account] = relationship()
