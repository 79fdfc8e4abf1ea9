"""The document that was issued in the end: attached or linked, and linked to the consultation it came from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.access import Actor, Permission, require
from portal.errors import NotThere, NotValid
from portal.models import AdoptedDocument, Attachment, Consultation
from portal.rules import plaintext, window
from portal.rules.uploads import Upload
from portal.rules.words import AttachmentPurpose
from portal.sealing import Seal
from portal.services import attachments, audit

LONGEST = 300


@dataclass(frozen=True, slots=True)
class Issued:
    """What an officer says of the document."""

    title: str
    document_number: str = ""
    adopted_on: date | None = None
    link: str = ""


def add(
    session: Session, seal: Seal, actor: Actor, consultation: Consultation, issued: Issued, upload: Upload | None,
    at: datetime,
) -> AdoptedDocument:  # fmt: skip
    """Shows the document on the consultation's pages; one added before gives way to it and is kept.

    Raises NotValid naming what is missing, for a link that is none and for a day of issue, in Beijing, that is to come
    or lies before the draft was first published.
    """
    require(actor, Permission.PUBLISH, consultation.bureau_id)
    if consultation.results_published_at is None:
        raise NotValid("请先公布采纳情况，再附上正式文件。")
    title = plaintext.one_line(issued.title, LONGEST, "文件名称", "title")
    number = plaintext.one_line(issued.document_number, LONGEST, "发文字号", "document_number")
    link = plaintext.one_line(issued.link, LONGEST, "网址", "link")
    if not title:
        raise NotValid("请填写正式文件的名称。", fault="title")
    if link and (urlsplit(link).scheme not in ("http", "https") or not urlsplit(link).netloc):
        raise NotValid("网址要以http://或https://开头。", fault="link")
    _require_possible(consultation, issued.adopted_on, at)
    if not link and upload is None:
        raise NotValid("请上传正式文件，或填写它在网上的地址。", fault="file")
    kept = None
    if upload is not None:
        kept = attachments.keep(session, seal, consultation.id, AttachmentPurpose.ADOPTED, upload, at, title)
    document = AdoptedDocument(
        consultation_id=consultation.id,
        title=title,
        document_number=number,
        adopted_on=issued.adopted_on,
        link=link,
        attachment_id=kept.id if kept else None,
        added_by_id=actor.account_id,
        added_at=at,
    )
    session.add(document)
    session.flush()
    audit.record(
        session, actor, "document.adopt", f"consultation:{consultation.slug}", at,
        {"title": title, "number": number, "link": link, "digest": kept.digest if kept else ""},
    )  # fmt: skip
    return document


def _require_possible(consultation: Consultation, adopted_on: date | None, at: datetime) -> None:
    if adopted_on is None:
        return
    if adopted_on > window.day_in_beijing(at):
        raise NotValid("印发日期还没有到，请检查。", fault="adopted_on")
    began = consultation.first_published_at
    if began is not None and adopted_on < (first := window.day_in_beijing(began)):
        raise NotValid(
            "印发日期早于征求意见稿首次发布的日期（%(day)s），请检查。", fault="adopted_on", day=window.Day(first)
        )


def current(session: Session, consultation: Consultation, at: datetime) -> AdoptedDocument | None:
    """The document the public is shown; None while there is none."""
    return session.scalar(
        select(AdoptedDocument)
        .where(AdoptedDocument.consultation_id == consultation.id, AdoptedDocument.added_at <= at)
        .options(joinedload(AdoptedDocument.attachment))
        .order_by(AdoptedDocument.id.desc())
        .limit(1)
    )


def file(session: Session, consultation: Consultation, at: datetime) -> Attachment:
    """The file of the document the public is shown. Raises NotThere."""
    found = current(session, consultation, at)
    if found is None or found.attachment is None:
        raise NotThere("没有这个附件，它可能已被删除。")
    return found.attachment
