"""Keeping files and handing them out again. The bytes are rows: a receipt, its file and a backup never disagree."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.errors import TooMany
from portal.models import Attachment
from portal.rules.uploads import Upload
from portal.rules.words import AttachmentPurpose, Scan
from portal.sealing import Seal

CONTEXT = "attachment.content"
#: how many files a bureau may publish beside one draft
MOST_PUBLISHED = 20


def keep(
    session: Session, seal: Seal, consultation_id: int, purpose: AttachmentPurpose, upload: Upload, at: datetime,
    title: str = "",
) -> Attachment:  # fmt: skip
    """Keeps a checked file; what is not public is sealed. Raises TooMany when a draft has its share of files."""
    position = 0
    if purpose is AttachmentPurpose.PUBLISHED:
        position = len(published(session, consultation_id))
        if position >= MOST_PUBLISHED:
            raise TooMany("附件最多%(limit)s个，请合并后再上传。", limit=MOST_PUBLISHED)
    kept = Attachment(
        consultation_id=consultation_id,
        purpose=purpose,
        title=title,
        position=position,
        name=upload.name,
        media_type=upload.media_type,
        size=upload.size,
        digest=upload.digest,
        content=upload.content if purpose.is_public else seal.close_bytes(upload.content, CONTEXT),
        kept_at=at,
        # said by whoever opened the session: the edge scans before anything is written
        scan=session.info.get("scan", Scan.NONE),
    )
    session.add(kept)
    session.flush()
    return kept


def content(seal: Seal, attachment: Attachment) -> bytes:
    """The bytes of a file, opened when they were sealed."""
    if attachment.purpose.is_public:
        return attachment.content
    return seal.open_bytes(attachment.content, CONTEXT)


def published(session: Session, consultation_id: int) -> list[Attachment]:
    """The files beside a draft, in the officer's order, without their bytes."""
    return list(
        session.scalars(
            select(Attachment)
            .where(Attachment.consultation_id == consultation_id, Attachment.purpose == AttachmentPurpose.PUBLISHED)
            .order_by(Attachment.position, Attachment.id)
        )
    )


def weight(session: Session, consultation_id: int) -> int:
    """How many bytes of files one consultation holds, public or not."""
    return session.scalar(select(func.sum(Attachment.size)).where(Attachment.consultation_id == consultation_id)) or 0
