"""The bureau's words on one or many comments, who is to write them, and the sentences it uses again."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, Key, Line, Prose
from portal.models.bureau import Account
from portal.rules.words import Disposition


class Response(Base):
    """A disposition with its reason (答复). Private until the results are published; a correction is a new row."""

    __tablename__ = "response"

    id: Mapped[Key]
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), index=True)
    disposition: Mapped[Disposition]
    reason: Mapped[Prose]
    changed_text: Mapped[Prose]
    #: the clause whose words are changed, when one is; a plain number, for comments elsewhere may share the answer
    clause_id: Mapped[int | None]
    #: why members of one campaign are answered differently (不一致的说明); for the file, not for the public
    note: Mapped[Prose] = mapped_column(default="")
    written_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    written_at: Mapped[datetime]

    written_by: Mapped[Account] = relationship()


class ResponsibleOffice(Base):
    """A division or unit that answers for clauses of one consultation (承办单位)."""

    __tablename__ = "responsible_office"
    __table_args__ = (UniqueConstraint("consultation_id", "name"),)

    id: Mapped[Key]
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"))
    name: Mapped[Line]

    members: Mapped[list[OfficeMember]] = relationship(
        back_populates="office", cascade="all, delete-orphan", order_by="OfficeMember.id"
    )


class OfficeMember(Base):
    """A member of staff who answers for an office (承办人)."""

    __tablename__ = "office_member"
    __table_args__ = (UniqueConstraint("office_id", "account_id"),)

    id: Mapped[Key]
    office_id: Mapped[int] = mapped_column(ForeignKey("responsible_office.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)

    office: Mapped[ResponsibleOffice] = relationship(back_populates="members")
    account: Mapped[Account] = relationship()


class Routing(Base):
    """Which office answers the comments on one clause, and by which day (分办). Without a clause: on the whole draft."""

    __tablename__ = "routing"
    __table_args__ = (UniqueConstraint("consultation_id", "clause_id"),)

    id: Mapped[Key]
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"))
    clause_id: Mapped[int | None] = mapped_column(ForeignKey("clause.id"))
    office_id: Mapped[int] = mapped_column(ForeignKey("responsible_office.id"), index=True)
    due_on: Mapped[date | None]
    routed_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    routed_at: Mapped[datetime]

    office: Mapped[ResponsibleOffice] = relationship()


class ReasonTemplate(Base):
    """A reason a bureau gives again and again (常用理由)."""

    __tablename__ = "reason_template"
    __table_args__ = (UniqueConstraint("bureau_id", "name"),)

    id: Mapped[Key]
    bureau_id: Mapped[int] = mapped_column(ForeignKey("bureau.id"))
    name: Mapped[Line]
    words: Mapped[Prose]
    kept_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    kept_at: Mapped[datetime]
