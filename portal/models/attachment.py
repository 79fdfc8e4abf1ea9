"""Files: what a bureau publishes beside its draft, and what respondents hand in with their comments."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, Digest, Key, Line
from portal.rules.words import AttachmentPurpose, Scan


class Attachment(Base):
    """A file and its bytes (附件). What respondents hand in is sealed; what was published never changes."""

    __tablename__ = "attachment"

    id: Mapped[Key]
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), index=True)
    purpose: Mapped[AttachmentPurpose]
    #: how the page calls it; empty where the file's own name will do
    title: Mapped[Line] = mapped_column(default="")
    position: Mapped[int] = mapped_column(default=0)
    name: Mapped[Line]
    media_type: Mapped[Line]
    #: bytes and SHA-256 of the file itself, not of the sealed copy
    size: Mapped[int]
    digest: Mapped[Digest]
    #: the bytes; sealed unless the purpose is public. Loaded only when asked for
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    kept_at: Mapped[datetime]
    #: whether the virus scanner saw it
    scan: Mapped[Scan] = mapped_column(default=Scan.NONE)
