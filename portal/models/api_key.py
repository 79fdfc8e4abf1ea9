"""Who may use the JSON interface to write: keys of other platforms and of staff, and what came in with them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import Base, Code, Digest, Key, Line
from portal.models.bureau import Account, Bureau
from portal.models.submission import Submission


class ApiKey(Base):
    """A key of the JSON interface (接口密钥). Its secret was shown once; the table has its keyed hash.

    With an account it is a member of staff's own (个人密钥) and does what that person may; without one it belongs to
    another platform that works for the bureau.
    """

    __tablename__ = "api_key"

    id: Mapped[Key]
    #: the part of the key that may be known: it finds the row, and names the key on pages and in the log
    public_id: Mapped[Code] = mapped_column(unique=True)
    secret_trace: Mapped[Digest]
    bureau_id: Mapped[int] = mapped_column(ForeignKey("bureau.id"), index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    name: Mapped[Line]
    scopes: Mapped[list[str]]
    #: requests a minute
    per_minute: Mapped[int]
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    bureau: Mapped[Bureau] = relationship()
    account: Mapped[Account | None] = relationship(foreign_keys=[account_id])

    def holds(self, at: datetime) -> bool:
        """Whether it has neither been revoked nor run out."""
        return self.revoked_at is None and (self.expires_at is None or at < self.expires_at)


class PlatformSubmission(Base):
    """A submission that another platform handed over, and the request it came with."""

    __tablename__ = "platform_submission"
    __table_args__ = (UniqueConstraint("api_key_id", "idempotency_trace"),)

    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), primary_key=True)
    api_key_id: Mapped[int] = mapped_column(ForeignKey("api_key.id"))
    #: keyed hash of what the platform calls the request, so that sending it again makes no second submission
    idempotency_trace: Mapped[Digest | None]
    request_digest: Mapped[Digest]

    submission: Mapped[Submission] = relationship()
    api_key: Mapped[ApiKey] = relationship()
