"""A sheet of opinions (意见表): brought by an officer, looked at row by row, registered whole or not at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.access import Actor, Permission, require
from portal.errors import AlreadyDone, NotThere, NotValid, Refusal
from portal.letters import opinions, sheets
from portal.letters.opinions import Fault, Opinion
from portal.models import Attachment, Consultation, OpinionSheet, Registration
from portal.rules import plaintext, uploads, window
from portal.rules.words import AttachmentPurpose, RegistrationSource, RegistrationState
from portal.sealing import Seal
from portal.services import attachments, audit, baskets, confirming, handing_in, identity, registering
from portal.services.identity import Identity
from portal.services.registering import Filled, Typed
from portal.services.resolving import Finder, Found


@dataclass(frozen=True, slots=True)
class Line:
    """One opinion of the preview: the row, the clause it was found to be about, and what is wrong with it."""

    opinion: Opinion
    row: int
    body: str
    proposed_text: str
    found: Found
    cited: str
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """A sheet as it would be registered."""

    opinions: tuple[Opinion, ...]
    lines: tuple[Line, ...]
    faults: tuple[Fault, ...]
    unknown: tuple[str, ...]
    late: int

    @property
    def is_whole(self) -> bool:
        return bool(self.opinions) and not self.faults


def bring(
    session: Session, seal: Seal, actor: Actor, consultation: Consultation, data: bytes, name: str, at: datetime
) -> OpinionSheet:
    """Keeps a sheet, sealed, to be looked at. Raises NotValid for one that cannot be read, or was imported before."""
    require(actor, Permission.REGISTER, consultation.bureau_id)
    registering.require_receiving(consultation)
    read = opinions.read(sheets.rows(data))
    if not read.opinions:
        raise NotValid(read.faults[0].sentence, fault="file")
    upload = uploads.checked(data, name)
    before = session.scalar(
        select(OpinionSheet)
        .join(OpinionSheet.attachment)
        .where(
            OpinionSheet.consultation_id == consultation.id,
            Attachment.digest == upload.digest,
            OpinionSheet.imported_at.is_not(None),
        )
    )
    if before is not None:
        raise NotValid(
            "这份表格已在%(when)s导入过，没有再导入。", fault="file", when=window.Moment(before.imported_at or at)
        )
    kept = attachments.keep(session, seal, consultation.id, AttachmentPurpose.SHEET, upload, at)
    sheet = OpinionSheet(consultation=consultation, attachment=kept, brought_by_id=actor.account_id or 0, brought_at=at)
    session.add(sheet)
    session.flush()
    audit.record(
        session, actor, "sheet.bring", _subject(sheet), at, {"digest": upload.digest, "letters": len(read.opinions)}
    )
    return sheet


def sheet(session: Session, actor: Actor, consultation: Consultation, sheet_id: int) -> OpinionSheet:
    """A sheet of a consultation. Raises NotThere."""
    require(actor, Permission.REGISTER, consultation.bureau_id)
    found = session.scalar(
        select(OpinionSheet)
        .where(OpinionSheet.id == sheet_id, OpinionSheet.consultation_id == consultation.id)
        .options(joinedload(OpinionSheet.attachment), joinedload(OpinionSheet.brought_by))
    )
    if found is None:
        raise NotThere("没有这份意见表。")
    return found


def listed(session: Session, actor: Actor, consultation: Consultation) -> list[OpinionSheet]:
    """The sheets of a consultation, the newest first."""
    require(actor, Permission.REGISTER, consultation.bureau_id)
    return list(
        session.scalars(
            select(OpinionSheet)
            .where(OpinionSheet.consultation_id == consultation.id)
            .options(joinedload(OpinionSheet.attachment), joinedload(OpinionSheet.brought_by))
            .order_by(OpinionSheet.id.desc())
            .limit(50)
        )
    )


def check(seal: Seal, sheet: OpinionSheet, at: datetime) -> Checked:
    """Reads a kept sheet again and says of every row where it belongs and what is wrong."""
    read = opinions.read(sheets.rows(attachments.content(seal, sheet.attachment)))
    finder = Finder.of(sheet.consultation)
    by_row: dict[int, list[Fault]] = defaultdict(list)
    for fault in read.faults:
        by_row[fault.row].append(fault)
    lines: list[Line] = []
    late = 0
    for opinion in read.opinions:
        by_row[opinion.rows[0]] += _faults_of_sender(sheet.consultation, opinion, at)
        late += _is_late(sheet.consultation, opinion)
        for remark in opinion.remarks:
            found = finder.find(remark.cited)
            by_row[remark.row] += _faults_of_remark(remark, found)
            lines.append(
                Line(
                    opinion, remark.row, remark.body, remark.proposed_text, found, remark.cited,
                    tuple(by_row[remark.row]),
                )
            )  # fmt: skip
    faults = tuple(fault for row in sorted(by_row) for fault in by_row[row])
    unknown = read.unknown
    if not sheet.consultation.bureau.regions and any(opinion.region for opinion in read.opinions):
        unknown = (*unknown, "所在地区")
    return Checked(read.opinions, tuple(lines), faults, unknown, late)


def _faults_of_sender(consultation: Consultation, opinion: Opinion, at: datetime) -> list[Fault]:
    row, found, regions = opinion.rows[0], [], consultation.bureau.regions
    region = _region(opinion, regions)
    if region and region not in regions:
        places = {"typed": region[:30], "known": "、".join(regions)}
        found.append(Fault(row, "所在地区“%(typed)s”不在本单位的列表里，请写：%(known)s；也可以不填。", places))
    try:
        identity.registered(_identity(opinion))
    except NotValid as refusal:
        # an organisation without a name has been told of in the words of the sheet
        if refusal.fault != "organisation":
            found.append(_fault(row, refusal))
    on = opinion.received_on
    published_at = consultation.first_published_at
    if on is not None and on > window.day_in_beijing(at):
        found.append(Fault(row, "收到日期还没有到，请检查。"))
    if on is not None and published_at is not None and on < window.day_in_beijing(published_at):
        found.append(Fault(row, "收到日期早于公布征求意见稿的日期，请检查。"))
    if on is not None and opinion.postmarked_on is not None and opinion.postmarked_on > on:
        found.append(Fault(row, "邮戳日期晚于收到日期，请检查。"))
    return found


def _faults_of_remark(remark: opinions.Remark, found: Found) -> list[Fault]:
    wrong = []
    if not found.is_settled:
        if found.is_nearest:
            wrong.append(Fault(remark.row, "没有找到条款“%(cited)s”，请照征求意见稿写。", {"cited": remark.cited[:60]}))
        else:
            places = {"cited": remark.cited[:60], "places": "、".join(one.citation for one in found.candidates[:5])}
            wrong.append(Fault(remark.row, "条款“%(cited)s”有几处：%(places)s。请写明是哪一处。", places))
    if max(len(remark.body), len(remark.proposed_text)) > baskets.LONGEST_BODY:
        wrong.append(
            Fault(remark.row, "意见太长（最多%(limit)s字），请分成几行。", {"limit": str(baskets.LONGEST_BODY)})
        )
    if len(remark.cited) > 200:
        wrong.append(Fault(remark.row, "条款一栏太长，请只写条款。"))
    return wrong


def _fault(row: int, refusal: Refusal) -> Fault:
    return Fault(row, refusal.sentence, {name: str(place) for name, place in refusal.places.items()})


def _identity(opinion: Opinion) -> Identity:
    return Identity(
        kind=opinion.kind.value, organisation=opinion.organisation, name=opinion.name, phone=opinion.phone,
        email=opinion.email,
    )  # fmt: skip


def _region(opinion: Opinion, regions: Sequence[str]) -> str:
    """The region as it will be kept: what a column says of it counts only where the bureau has a list."""
    return opinion.region if regions else ""


def _is_late(consultation: Consultation, opinion: Opinion) -> bool:
    current = consultation.window
    if current is None or opinion.received_on is None:
        return False
    postmark = opinion.postmarked_on if opinion.channel.value == "letter" else None
    return window.is_late(current.closes_at, opinion.received_on, None, postmark)


def register_all(
    session: Session, seal: Seal, actor: Actor, sheet: OpinionSheet, late_reason: str, at: datetime
) -> int:
    """Registers every letter of a sheet and hands them in, or none; how many. Each row is its own respondent's."""
    consultation = sheet.consultation
    require(actor, Permission.REGISTER, consultation.bureau_id)
    session.execute(select(OpinionSheet.id).where(OpinionSheet.id == sheet.id).with_for_update(key_share=True))
    session.refresh(sheet, ["imported_at"])
    if sheet.imported_at is not None:
        raise AlreadyDone("这份表格已经导入。")
    checked = check(seal, sheet, at)
    if not checked.is_whole:
        raise NotValid("表格里还有%(count)s处要改，改好以后重新上传。没有导入任何一行。", count=len(checked.faults))
    reason = plaintext.one_line(late_reason, 300, "逾期受理的理由", "late_reason")
    if checked.late and len(reason) < 4:
        raise NotValid("其中%(count)s件逾期收到。如予受理，请写明理由。", fault="late_reason", count=checked.late)
    finder = Finder.of(consultation)
    for opinion in checked.opinions:
        made = registering.make(
            session,
            seal,
            actor,
            consultation,
            _filled(opinion, consultation, reason if _is_late(consultation, opinion) else ""),
            at,
            source=RegistrationSource.SHEET,
            finder=finder,
            sheet=sheet,
            sheet_rows="、".join(map(str, opinion.rows))[:500],
        )
        handing_in.require_whole(made)
        made.state = RegistrationState.HANDED_IN
    sheet.imported_at = at
    session.flush()
    audit.record(session, actor, "sheet.register", _subject(sheet), at, {"letters": len(checked.opinions)})
    return len(checked.opinions)


def _filled(opinion: Opinion, consultation: Consultation, late_reason: str) -> Filled:
    return Filled(
        channel=opinion.channel.value,
        received_on=opinion.received_on,
        postmarked_on=opinion.postmarked_on,
        kind=opinion.kind.value,
        organisation=opinion.organisation,
        name=opinion.name,
        phone=opinion.phone,
        email=opinion.email,
        region=_region(opinion, consultation.bureau.regions),
        late_reason=late_reason,
        remarks=[
            Typed(remark.cited, remark.body, remark.stance.value, remark.proposed_text) for remark in opinion.remarks
        ],
    )


def waiting(session: Session, sheet: OpinionSheet) -> Sequence[Registration]:
    """The registrations of a sheet that nobody has confirmed."""
    return list(
        session.scalars(
            select(Registration)
            .where(Registration.sheet_id == sheet.id, Registration.state == RegistrationState.HANDED_IN)
            .order_by(Registration.id)
        )
    )


def confirm_all(
    session: Session, seal: Seal, actor: Actor, sheet: OpinionSheet, at: datetime, public_url: str = ""
) -> int:
    """Confirms everything of a sheet that waits, as one act; how many."""
    found = waiting(session, sheet)
    if not found:
        raise AlreadyDone("这份表格没有等待复核的来稿。")
    for each in found:
        confirming.confirm(session, seal, actor, each, each.revision, at, public_url)
    audit.record(session, actor, "sheet.confirm", _subject(sheet), at, {"letters": len(found)})
    return len(found)


def _subject(sheet: OpinionSheet) -> str:
    return f"consultation:{sheet.consultation.slug}/sheet:{sheet.id}"
