"""The next text of a draft: prepared beside the one the public reads, then published with a note on what changed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from portal.access import Actor, Permission, require
from portal.drafts.draft import Draft
from portal.errors import AlreadyDone, NotThere, NotValid
from portal.models import Consultation, DraftVersion
from portal.rules import plaintext
from portal.services import audit, importing, lineage, places, placing, publishing, searching


def prepare(
    session: Session, actor: Actor, consultation: Consultation, draft: Draft, *, source_name: str, at: datetime
) -> DraftVersion:
    """Begins the next version from a draft that was read. Raises AlreadyDone while another is being prepared."""
    require(actor, Permission.IMPORT_DRAFT, consultation.bureau_id)
    _require_not_over(consultation)
    newest = consultation.version_in_preparation
    if newest.published_at is None:
        raise AlreadyDone("已经有一稿正在准备，请先发布或在那一稿上修改。")
    version = DraftVersion(
        number=newest.number + 1, title=consultation.title, source_name=source_name, corrections=[], created_at=at
    )
    consultation.versions.append(version)
    importing.lay_out(session, version, draft)
    audit.record(
        session, actor, "version.prepare", f"consultation:{consultation.slug}", at, {"version": version.number}
    )
    return version


def publish(session: Session, actor: Actor, consultation: Consultation, note: str, at: datetime) -> None:
    """Puts the next version before the public. Every line of its lineage must have been confirmed by a person."""
    require(actor, Permission.PUBLISH, consultation.bureau_id)
    places.lock(session, consultation)
    session.refresh(consultation, ["withdrawn_at", "results_published_at"])
    _require_not_over(consultation)
    version = consultation.version_in_preparation
    if version.published_at is not None:
        raise AlreadyDone("没有正在准备的新稿。")
    if not consultation.is_published:
        raise NotValid("第一稿请随公告一起发布。")
    waiting = [line for line in lineage.lines(session, version) if line.confirmed_at is None]
    if waiting:
        raise NotValid("还有%(count)s处条款沿革没有确认，确认后方可发布。", count=len(waiting))
    placing.require_confirmed(session, version)
    note = plaintext.received_within(note, 2000, "修改说明", "note")
    if not note:
        raise NotValid("请写明这一稿为什么修改、改了什么，随新稿公布。", fault="note")
    version.change_note = note
    version.digest = publishing.digest_of(version)
    session.flush()
    version.published_at = at
    session.flush()
    searching.keep_consultation(session, consultation)
    audit.record(
        session, actor, "version.publish", f"consultation:{consultation.slug}", at,
        {"version": version.number, "digest": version.digest},
    )  # fmt: skip


def _require_not_over(consultation: Consultation) -> None:
    """Raises NotValid once the consultation has ended: what is asked then is another question."""
    if consultation.withdrawn_at is not None:
        raise NotValid("这次征求意见已经撤回，不能再发布新的一稿。如需再次征求意见，请另行导入，作为新的一件发布。")
    if consultation.results_published_at is not None:
        raise NotValid("采纳情况已经公布，不能再发布新的一稿。如需再次征求意见，请另行导入，作为新的一件发布。")


def published(consultation: Consultation, number: int) -> DraftVersion:
    """A version the public may see, by its number. Raises NotThere."""
    found = next((v for v in consultation.versions if v.number == number and v.published_at is not None), None)
    if found is None:
        raise NotThere("没有这一稿，或者它尚未发布。")
    return found
