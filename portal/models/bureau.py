"""Bureaus, the staff who belong to them, and their signing in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.access import Actor, Role
from portal.models.base import Base, Code, Digest, Key, Line, Prose


class Bureau(Base):
    """An office that publishes drafts (单位)."""

    __tablename__ = "bureau"

    id: Mapped[Key]
    code: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Line]
    short_name: Mapped[Line]
    #: the districts and counties a respondent may say to be from (所在地区), in their order; none: nobody is asked
    regions: Mapped[list[str]] = mapped_column(default=list)


class Account(Base):
    """A member of staff who can sign in."""

    __tablename__ = "account"

    id: Mapped[Key]
    bureau_id: Mapped[int] = mapped_column(ForeignKey("bureau.id"), index=True)
    login: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Line]
    role: Mapped[Role]
    password_hash: Mapped[Line]
    is_active: Mapped[bool] = mapped_column(default=True)
    failed_sign_ins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    #: where invitations go, sealed; empty when they are handed over on paper
    email_sealed: Mapped[Prose] = mapped_column(default="")
    password_changed_at: Mapped[datetime | None]
    #: hashes of the passwords before this one, newest first; none of them may come back
    former_passwords: Mapped[list[str]] = mapped_column(default=list)
    #: the secret of the second factor, sealed; empty while there is none
    totp_sealed: Mapped[Prose] = mapped_column(default="")
    #: the half-minute of the last code that was taken: a code seen over a shoulder is of no use
    totp_last_step: Mapped[int] = mapped_column(default=0)
    #: keyed hashes of the recovery codes that are left
    recovery_traces: Mapped[list[str]] = mapped_column(default=list)
    #: who confirmed that this person may have this role; the account stays closed until then
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    granted_at: Mapped[datetime | None]

    bureau: Mapped[Bureau] = relationship()

    @property
    def has_second_factor(self) -> bool:
        return self.totp_sealed != ""

    @property
    def actor(self) -> Actor:
        """Who this account is, for the policy."""
        return Actor(account_id=self.id, name=self.name, role=self.role, bureau_id=self.bureau_id)


class SignIn(Base):
    """One signing in: the cookie holds a random token, the table its keyed hash, so it can be ended here."""

    __tablename__ = "sign_in"

    id: Mapped[Key]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    token_trace: Mapped[Digest] = mapped_column(unique=True)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    #: whether the bureau's identity provider said who it is, and no password was typed here
    is_by_provider: Mapped[bool] = mapped_column(default=False)
    #: whether the provider also vouched for a second factor, by a word the deployment believes
    is_factor_vouched: Mapped[bool] = mapped_column(default=False)

    account: Mapped[Account] = relationship()


class AccountIdentity(Base):
    """Who an account is at an identity provider: the subject never changes, unlike names and addresses."""

    __tablename__ = "account_identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"), UniqueConstraint("account_id", "issuer"))

    id: Mapped[Key]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    issuer: Mapped[Line]
    subject: Mapped[Line]
    #: the security administrator who bound it; None when it was bound by its login at the first signing in
    bound_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    bound_at: Mapped[datetime]

    account: Mapped[Account] = relationship(foreign_keys=account_id)


class Invitation(Base):
    """A link with which a member of staff sets a password, once and for a short time."""

    __tablename__ = "invitation"

    id: Mapped[Key]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    token_trace: Mapped[Digest] = mapped_column(unique=True)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship()
