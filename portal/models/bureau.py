"""Bureaus, the staff who belong to them, and their signing in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.access import Actor, Role
from portal.models.base import Base, Code, Digest, Key, Line


class Bureau(Base):
    """An office that publishes drafts (单位)."""

    __tablename__ = "bureau"

    id: Mapped[Key]
    code: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Line]
    short_name: Mapped[Line]


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

    bureau: Mapped[Bureau] = relationship()

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

    account: Mapped[Account] = relationship()
