"""The files a bureau publishes beside its draft: added, named and ordered until publication, frozen after it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access import Actor, Permission, require
from portal.errors import Frozen, NotThere
from portal.models import Attachment, Consultation
from portal.rules import plaintext
from portal.rules.uploads import Upload
from portal.rules.words import AttachmentPurpose
from portal.sealing import Seal
from portal.services import attachments, audit

LONGEST_TITLE = 100


def _open(actor: Actor, consultation: Consultation) -> None:
    require(actor, Permission.IMPORT_DRAFT, consultation.bureau_id)
    if consultation.is_published:
        raise Frozen("附件已随公告发布，不能再增加、修改或删除。")


def add(
    session: Session, seal: Seal, actor: Actor, consultation: Consultation, upload: Upload, title: str, at: datetime
) -> Attachment:
    """Puts a checked file beside the draft."""
    _open(actor, consultation)
    title = plaintext.one_line(title, LONGEST_TITLE, "附件名称", "attachment_title")
    kept = attachments.keep(session, seal, consultation.id, AttachmentPurpose.PUBLISHED, upload, at, title)
    audit.record(
        session, actor, "file.add", f"consultation:{consultation.slug}", at,
        {"name": kept.name, "size": kept.size, "digest": kept.digest},
    )  # fmt: skip
    return kept


def one(session: Session, consultation: Consultation, file_id: int) -> Attachment:
    """A file beside the draft. Raises NotThere for anything else, what respondents handed in above all."""
    found = session.scalar(
        select(Attachment).where(
            Attachment.id == file_id,
            Attachment.consultation_id == consultation.id,
            Attachment.purpose == AttachmentPurpose.PUBLISHED,
        )
    )
    if found is None:
        raise NotThere("没有这个附件，它可能已被删除。")
    return found


def rename(session: Session, actor: Actor, consultation: Consultation, titles: dict[int, str], at: datetime) -> None:
    """Gives files the titles the page calls them by; an empty one leaves the file's own name."""
    changed = {}
    for file in attachments.published(session, consultation.id):
        title = plaintext.one_line(titles.get(file.id, file.title), LONGEST_TITLE, "附件名称", f"title-{file.id}")
        if title != file.title:
            _open(actor, consultation)
            file.title = changed[file.name] = title
    if changed:
        session.flush()
        audit.record(session, actor, "file.rename", f"consultation:{consultation.slug}", at, changed)


def move_up(session: Session, actor: Actor, consultation: Consultation, file_id: int, at: datetime) -> None:
    """Moves a file one place up the list."""
    _open(actor, consultation)
    file = one(session, consultation, file_id)
    files = attachments.published(session, consultation.id)
    place = files.index(file)
    if place:
        files[place - 1], files[place] = files[place], files[place - 1]
    for position, each in enumerate(files):
        each.position = position
    session.flush()
    audit.record(session, actor, "file.move", f"consultation:{consultation.slug}", at, {"name": file.name})


def remove(session: Session, actor: Actor, consultation: Consultation, file_id: int, at: datetime) -> None:
    """Takes a file away again."""
    _open(actor, consultation)
    file = one(session, consultation, file_id)
    details = {"name": file.name, "digest": file.digest}
    session.delete(file)
    session.flush()
    audit.record(session, actor, "file.remove", f"consultation:{consultation.slug}", at, details)
