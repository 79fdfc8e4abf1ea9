"""Registering what did not come by the website (来稿登记): written down by one person, handed in for a second one."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access import Actor, Permission, require
from portal.errors import AlreadyDone, NotThere, NotValid, TooMany
from portal.letters import folding, pieces
from portal.models import (
    Consultation,
    Enclosure,
    IncomingMail,
    OpinionSheet,
    RegisteredRemark,
    Registration,
)
from portal.rules import plaintext, window
from portal.rules.uploads import Upload
from portal.rules.words import (
    SELF_SENT,
    AttachmentPurpose,
    Channel,
    RegistrationSource,
    RegistrationState,
    RespondentKind,
    Stance,
)
from portal.sealing import Seal
from portal.services import attachments, audit, baskets, identity
from portal.services.identity import Identity, Sender
from portal.services.resolving import Finder

#: what contact data and the words as received are sealed for
CONTACT_CONTEXT = "registration.contact"
TEXT_CONTEXT = "registration.text"
LONGEST_TEXT = 100_000
MOST_REMARKS = 100
MOST_ENCLOSURES = 20
#: what staff can enter: everything but the website's own form
CHANNELS = tuple(channel for channel in Channel if channel not in SELF_SENT)


@dataclass(frozen=True, slots=True)
class Typed:
    """One remark as somebody typed it. `label` is the clause that was chosen where the words fit several."""

    cited: str = ""
    body: str = ""
    stance: str = Stance.CHANGE.value
    proposed_text: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Filled:
    """A registration as it was typed. Contact data that is left empty stays as it was, unless it is to go."""

    channel: str = ""
    received_on: date | None = None
    received_time: time | None = None
    postmarked_on: date | None = None
    kind: str = RespondentKind.CITIZEN.value
    organisation: str = ""
    uscc: str = ""
    is_organisation_hidden: bool = False
    name: str = ""
    phone: str = ""
    email: str = ""
    region: str = ""
    is_contact_dropped: bool = False
    text: str = ""
    late_reason: str = ""
    remarks: Sequence[Typed] = field(default=())


def begin(
    session: Session,
    seal: Seal,
    actor: Actor,
    consultation: Consultation,
    filled: Filled,
    at: datetime,
    *,
    files: Sequence[Upload] = (),
) -> Registration:
    """Begins a registration. Raises NotValid at the first field that has to be changed."""
    require(actor, Permission.REGISTER, consultation.bureau_id)
    return make(session, seal, actor, consultation, filled, at, files=files)


def make(
    session: Session,
    seal: Seal,
    actor: Actor,
    consultation: Consultation,
    filled: Filled,
    at: datetime,
    *,
    source: RegistrationSource = RegistrationSource.HAND,
    files: Sequence[Upload] = (),
    finder: Finder | None = None,
    mail: IncomingMail | None = None,
    sheet: OpinionSheet | None = None,
    sheet_rows: str = "",
) -> Registration:
    """What `begin` does, also for what the machine takes in: mail that arrived, the rows of a sheet."""
    require_receiving(consultation)
    registration = Registration(
        consultation=consultation,
        source=source,
        mail=mail,
        sheet=sheet,
        sheet_rows=sheet_rows,
        key=secrets.token_hex(16),
        entered_by_id=actor.account_id,
        entered_at=at,
        changed_at=at,
        written_by=[actor.account_id] if actor.account_id is not None else [],
    )
    with session.no_autoflush:
        _write(seal, registration, filled, at, finder or Finder.of(consultation))
    session.add(registration)
    session.flush()
    enclose(session, seal, registration, files, at)
    audit.record(
        session, actor, "registration.begin", subject_of(registration), at,
        {"source": source.value, "channel": registration.channel.value},
    )  # fmt: skip
    return registration


def write(
    session: Session,
    seal: Seal,
    actor: Actor,
    registration: Registration,
    filled: Filled,
    revision: int,
    at: datetime,
    *,
    files: Sequence[Upload] = (),
) -> None:
    """Writes what was typed into a registration that nobody has confirmed. Raises AlreadyDone over a newer one."""
    hold(session, actor, registration, revision)
    if registration.state is not RegistrationState.DRAFT:
        raise AlreadyDone("这件登记现在是“%(state)s”，不能再改。需要改的，请先退回。", state=registration.state.label)
    with session.no_autoflush:
        former = list(registration.remarks)
        _write(seal, registration, filled, at, Finder.of(registration.consultation))
        fresh = [remark for remark in registration.remarks if remark not in former]
        registration.remarks = []
    session.flush()
    registration.remarks = fresh
    touch(registration, actor, at)
    enclose(session, seal, registration, files, at)


def _write(seal: Seal, registration: Registration, filled: Filled, at: datetime, finder: Finder) -> None:
    consultation = registration.consultation
    channel = _channel(filled.channel)
    received_on = _received_on(consultation, filled, at)
    if channel is Channel.LETTER and filled.postmarked_on is not None and filled.postmarked_on > received_on:
        raise NotValid("邮戳日期晚于收到日期，请检查。", fault="postmarked_on")
    sender = _sender(seal, registration, filled)
    registration.channel = channel
    registration.received_on, registration.received_time = received_on, filled.received_time
    registration.postmarked_on = filled.postmarked_on if channel is Channel.LETTER else None
    registration.kind, registration.organisation, registration.uscc = sender.kind, sender.organisation, sender.uscc
    registration.region = sender.region
    registration.is_organisation_hidden = filled.is_organisation_hidden and sender.kind.is_organisation
    registration.contact_sealed = seal.close_fields(sender.contact, CONTACT_CONTEXT) if sender.contact else ""
    text = plaintext.received_within(filled.text, LONGEST_TEXT, "来件全文", "text")
    registration.text_sealed = seal.close(text, TEXT_CONTEXT) if text else ""
    registration.late_reason = plaintext.one_line(filled.late_reason, 300, "逾期受理的理由", "late_reason")
    registration.remarks = _remarks(filled.remarks, finder)


def _remarks(typed: Sequence[Typed], finder: Finder) -> list[RegisteredRemark]:
    said = [one for one in typed if one.body.strip() or one.proposed_text.strip() or one.cited.strip()]
    if len(said) > MOST_REMARKS:
        raise TooMany("一件来稿最多分成%(most)s条，请合并相近的内容。", most=MOST_REMARKS)
    found = []
    for position, one in enumerate(said):
        cited = plaintext.one_line(one.cited, 200, "条款", f"cited-{position}")
        place = finder.find(cited, one.label)
        found.append(
            RegisteredRemark(
                position=position,
                cited="" if place.is_whole else cited,
                clause=place.clause,
                stance=_stance(one.stance, position),
                body=plaintext.received_within(
                    one.body, baskets.LONGEST_BODY, "意见和理由", f"body-{position}", plaintext.SPLIT
                ),
                proposed_text=plaintext.received_within(
                    one.proposed_text, baskets.LONGEST_BODY, "修改后的文字", f"proposed-{position}"
                ),
            )
        )
    return found


def _stance(value: str, position: int) -> Stance:
    try:
        return Stance(value)
    except ValueError:
        raise NotValid("请选择态度。", fault=f"stance-{position}") from None


def _channel(value: str) -> Channel:
    if value not in {channel.value for channel in CHANNELS}:
        raise NotValid("请选择提出方式。", fault="channel")
    return Channel(value)


def _received_on(consultation: Consultation, filled: Filled, at: datetime) -> date:
    if filled.received_on is None:
        raise NotValid("请填写收到日期，例如2026-03-12。", fault="received_on")
    moment = received_at(filled.received_on, filled.received_time)
    if moment > at:
        raise NotValid("收到的时间还没有到，请检查。", fault="received_on")
    published_at = consultation.first_published_at
    if published_at is not None and filled.received_on < window.day_in_beijing(published_at):
        raise NotValid("收到日期早于公布征求意见稿的日期，请检查。", fault="received_on")
    return filled.received_on


def received_at(on: date, clock: time | None) -> datetime:
    """The instant of arrival; the beginning of the day where the hour is not known."""
    return datetime.combine(on, clock or time(), window.BEIJING).astimezone(UTC)


def _sender(seal: Seal, registration: Registration, filled: Filled) -> Sender:
    kept = {} if filled.is_contact_dropped else contact_of(seal, registration)
    return identity.registered(
        Identity(
            kind=filled.kind,
            organisation=filled.organisation,
            uscc=filled.uscc,
            is_organisation_hidden=filled.is_organisation_hidden,
            name=filled.name or kept.get("name", ""),
            phone=filled.phone or kept.get("phone", ""),
            email=filled.email or kept.get("email", ""),
            region=filled.region,
        ),
        # what was chosen before the list was changed may stay
        {*registration.consultation.bureau.regions, registration.region or ""},
    )


def contact_of(seal: Seal, registration: Registration) -> dict[str, str]:
    """The contact data of a registration. Whoever shows it to a person records that."""
    sealed = registration.contact_sealed
    return seal.open_fields(sealed, CONTACT_CONTEXT) if sealed else {}


def text_of(seal: Seal, registration: Registration) -> str:
    """The words as they were received."""
    return seal.open(registration.text_sealed, TEXT_CONTEXT) if registration.text_sealed else ""


def proposed(text: str) -> list[Typed]:
    """How the machine would cut a letter into comments, for a person to change."""
    return [
        Typed(piece.cited, _within(piece.body), piece.stance.value, piece.proposed_text)
        for piece in pieces.cut(folding.own_words(text))
    ]


def _within(body: str) -> str:
    return body[: baskets.LONGEST_BODY]


def enclose(session: Session, seal: Seal, registration: Registration, files: Sequence[Upload], at: datetime) -> None:
    """Keeps scans and files beside a registration; one that is there already is not kept twice."""
    held = {enclosure.attachment.digest for enclosure in registration.enclosures}
    for upload in files:
        if upload.digest in held:
            continue
        if len(held) >= MOST_ENCLOSURES:
            raise TooMany("一件来稿最多附%(most)s个文件，请合并后再上传。", most=MOST_ENCLOSURES)
        held.add(upload.digest)
        kept = attachments.keep(session, seal, registration.consultation_id, AttachmentPurpose.ENCLOSURE, upload, at)
        registration.enclosures.append(Enclosure(attachment=kept))
    session.flush()


def remove_enclosure(
    session: Session, actor: Actor, registration: Registration, enclosure_id: int, revision: int, at: datetime
) -> None:
    """Takes a file that was added by mistake away again, while nobody has confirmed."""
    hold(session, actor, registration, revision)
    if registration.state is not RegistrationState.DRAFT or registration.mail_id is not None:
        raise AlreadyDone("随邮件来的附件、已交复核的附件，不能删去。")
    enclosure = next((one for one in registration.enclosures if one.id == enclosure_id), None)
    if enclosure is None:
        raise NotThere("没有这个附件，可能已经删去。")
    attachment = enclosure.attachment
    registration.enclosures.remove(enclosure)
    session.flush()
    session.delete(attachment)
    touch(registration, actor, at)
    audit.record(
        session, actor, "registration.file_removed", subject_of(registration), at, {"digest": attachment.digest}
    )


def require_receiving(consultation: Consultation) -> None:
    """Raises a refusal where nothing can be registered: before the publication, after the results."""
    if not consultation.is_published:
        raise NotThere("征求意见还没有发布，不能登记来稿。")
    if consultation.results_published_at is not None:
        raise NotValid("采纳情况已经公布，不能再登记来稿。")


def hold(session: Session, actor: Actor, registration: Registration, revision: int) -> None:
    """Locks a registration and refuses what was decided on a page that is older than it."""
    require(actor, Permission.REGISTER, registration.consultation.bureau_id)
    session.execute(select(Registration.id).where(Registration.id == registration.id).with_for_update(key_share=True))
    session.refresh(registration, ["revision", "state", "written_by", "submission_id"])
    if registration.revision != revision:
        raise AlreadyDone("这件登记刚在别处改过，您的这一次没有保存。请看过现在的内容再办。")


def touch(registration: Registration, actor: Actor, at: datetime) -> None:
    """Counts a change, and keeps who made it."""
    registration.revision += 1
    registration.changed_at = at
    if actor.account_id is not None and actor.account_id not in registration.written_by:
        registration.written_by = [*registration.written_by, actor.account_id]


def subject_of(registration: Registration) -> str:
    """How the audit log names a registration."""
    return f"consultation:{registration.consultation.slug}/registration:{registration.id}"
