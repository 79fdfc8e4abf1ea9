"""Mail that arrives (来信): kept whole and sealed, told apart from what machines send, made a registration to be cut.

Every message leaves a row, whatever it turned out to be. The same message never makes two registrations.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select
from sqlalchemy.exc import DataError
from sqlalchemy.orm import Session, joinedload

from portal.access import ANYBODY, Actor, Permission, require
from portal.drafts.lines import squeezed
from portal.errors import AlreadyDone, NotThere, NotValid, Refusal
from portal.letters import messages
from portal.letters.messages import Letter, NotReadable
from portal.models import Bureau, Consultation, IncomingMail, Job, Mailbox
from portal.rules import identifiers, masking, window
from portal.rules.words import Channel, JobState, MailKind, RegistrationSource, Scan
from portal.sealing import Seal
from portal.services import audit, jobs, registering
from portal.services.registering import Filled

#: what sender, subject and message are sealed for
SENDER_CONTEXT = "incoming_mail.sender"
SUBJECT_CONTEXT = "incoming_mail.subject"
CONTENT_CONTEXT = "incoming_mail.content"
PAGE = 50
_INFECTED = NotReadable("这封邮件带有病毒，没有读，也没有存下来；原件还在邮箱里。请与发件人联系。").args[0]
READING = "mail.read"


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message and what could be read of it, before any transaction: a letter, or the sentence why not."""

    origin: str
    raw: bytes
    letter: Letter | None
    fault: str = ""
    #: when the server took it, where the box knows
    arrived_at: datetime | None = None
    scan: Scan = Scan.NONE


def judged(arrived: Arrived, scan: Scan) -> Arrived:
    """What the virus scanner said of a message: of one that carries a virus only that it came is kept."""
    if scan is Scan.INFECTED:
        return replace(
            arrived,
            letter=None,
            fault=_INFECTED,
            scan=scan,
        )
    return replace(arrived, scan=scan)


def read(raw: bytes | None, origin: str, arrived_at: datetime | None = None) -> Arrived:
    """Reads one message. Never raises: what cannot be read says so."""
    if raw is None:
        return Arrived(origin, b"", None, "这封邮件超过25 MB，没有读。请用邮件软件打开，手工登记。", arrived_at)
    try:
        return Arrived(origin, raw, messages.read(raw), arrived_at=arrived_at)
    except NotReadable as fault:
        return Arrived(origin, raw[: messages.LARGEST_MESSAGE], None, str(fault), arrived_at)


def read_file(data: bytes) -> list[Arrived]:
    """Every message of an .eml or .mbox file. The same file makes the same origins."""
    name = hashlib.sha256(data).hexdigest()[:24]
    return [read(raw, f"file:{name}:{place}") for place, raw in enumerate(messages.of_file(data))]


def take_all(
    session: Session,
    seal: Seal,
    bureau: Bureau,
    arrived: Sequence[Arrived],
    at: datetime,
    *,
    actor: Actor = ANYBODY,
    consultation: Consultation | None = None,
) -> list[IncomingMail]:
    """Takes in some messages, each by itself; those that were taken before from the same place are passed over."""
    if actor is not ANYBODY:
        require(actor, Permission.REGISTER, bureau.id)
    audit.take_turn(session)  # two readers of one box: the second finds what the first has taken
    taken: list[IncomingMail] = []
    told = session.info.get("scan", Scan.NONE)
    for each in arrived:
        known = select(IncomingMail.id).where(IncomingMail.bureau_id == bureau.id, IncomingMail.origin == each.origin)
        if session.scalar(known) is not None:
            continue
        try:
            session.info["scan"] = each.scan if each.scan is not Scan.NONE else told
            with session.begin_nested():
                mail = _take(session, seal, bureau, each, at, actor, consultation)
        except (Refusal, ValueError, TypeError, DataError):
            # whatever a stranger wrote: it is listed, and the next one is read
            spoiled = replace(
                each, letter=None, fault=NotReadable("这封邮件没有读进来，请用邮件软件打开，手工登记。").args[0]
            )
            mail = _take(session, seal, bureau, spoiled, at, actor, consultation)
        session.expire(mail, ["registration"])
        taken.append(mail)
    return taken


def _take(
    session: Session,
    seal: Seal,
    bureau: Bureau,
    arrived: Arrived,
    at: datetime,
    actor: Actor,
    consultation: Consultation | None,
) -> IncomingMail:
    letter = arrived.letter
    came_at = min(arrived.arrived_at or (letter.arrived_at if letter else None) or at, at)
    mail = IncomingMail(
        bureau=bureau,
        kind=letter.kind if letter else MailKind.UNREADABLE,
        origin=arrived.origin,
        digest=letter.digest if letter else hashlib.sha256(arrived.raw).hexdigest(),
        content_sealed=seal.close_bytes(arrived.raw, CONTENT_CONTEXT)
        if arrived.raw and arrived.scan is not Scan.INFECTED
        else None,
        arrived_at=came_at,
        read_at=at,
        remarks=[{"sentence": arrived.fault, "places": {}}] if arrived.fault else [],
    )
    if letter is not None:
        _describe(seal, mail, letter)
        if arrived.arrived_at is None and letter.is_dated_by_sender:
            if letter.arrived_at is not None and letter.arrived_at > at:
                _remark(mail, "发件人所填的日期还没有到，到达时间记的是导入的时间，请核对。")
            else:
                _remark(mail, "到达时间取自发件人所填的日期，请核对。")
        mail.same_as = _same(session, mail)
        if mail.same_as is not None:
            mail.kind = MailKind.SAME
            mail.consultation = mail.same_as.consultation
    session.add(mail)
    session.flush()
    if letter is not None and mail.kind is MailKind.OPINION:
        meant = consultation or _meant(session, bureau, letter)
        if meant is None:
            _remark(mail, "没有写明针对哪一件征求意见，请选择。")
        else:
            _register(session, seal, actor, mail, letter, meant, at)
    elif consultation is not None and mail.consultation is None:
        mail.consultation = consultation
    session.flush()
    return mail


def _describe(seal: Seal, mail: IncomingMail, letter: Letter) -> None:
    sender = {"name": letter.name, "address": letter.address}
    mail.sender_sealed = seal.close_fields(sender, SENDER_CONTEXT)
    mail.subject_sealed = seal.close(letter.subject, SUBJECT_CONTEXT)
    if letter.message_id:
        mail.message_trace = seal.trace(f"{letter.message_id}\n{letter.address.lower()}", "message-id")
    mail.remarks = [{"sentence": left.sentence, "places": left.places} for left in letter.left]


def _remark(mail: IncomingMail, sentence: str, **places: str) -> None:
    mail.remarks = [*mail.remarks, {"sentence": sentence, "places": places}]


def _same(session: Session, mail: IncomingMail) -> IncomingMail | None:
    """The mail this one repeats: the same number from the same sender, or the same words and files from them."""
    like = IncomingMail.digest == mail.digest
    if mail.message_trace:
        like = or_(like, IncomingMail.message_trace == mail.message_trace)
    return session.scalar(
        select(IncomingMail)
        .where(IncomingMail.bureau_id == mail.bureau.id, IncomingMail.kind == MailKind.OPINION, like)
        .order_by(IncomingMail.id)
        .limit(1)
    )


def _meant(session: Session, bureau: Bureau, letter: Letter) -> Consultation | None:
    """The consultation a mail is about: by its title, by the address it was sent to, or the only one there is."""
    possible = list(
        session.scalars(
            select(Consultation)
            .where(
                Consultation.bureau_id == bureau.id,
                Consultation.first_published_at.is_not(None),
                Consultation.results_published_at.is_(None),
            )
            .order_by(Consultation.id)
        )
    )
    for words in (letter.subject, letter.text[:3000]):
        plain = squeezed(words)
        named = [one for one in possible if len(one.title) >= 4 and squeezed(one.title) in plain]
        if len(named) == 1:
            return named[0]
    addressed = [one for one in possible if set(one.email.lower().split("；")) & set(letter.recipients)]
    if len(addressed) == 1:
        return addressed[0]
    return possible[0] if len(possible) == 1 else None


def _register(
    session: Session, seal: Seal, actor: Actor, mail: IncomingMail, letter: Letter, consultation: Consultation,
    at: datetime,
) -> None:  # fmt: skip
    mail.consultation = consultation
    clock = window.in_beijing(mail.arrived_at)
    address = letter.address if identifiers.check("email", letter.address).is_valid else ""
    if letter.address and not address:
        _remark(mail, "发件人的地址有误，受理后不能回复。")
    # the subject often says what the mail is about, and sometimes all of it
    text = letter.text or letter.subject
    try:
        registering.make(
            session,
            seal,
            actor,
            consultation,
            Filled(
                channel=Channel.EMAIL.value,
                received_on=clock.date(),
                received_time=clock.time().replace(tzinfo=None),
                name=letter.name,
                email=address,
                text=text,
                remarks=registering.proposed(text),
            ),
            at,
            source=RegistrationSource.MAIL,
            files=letter.files,
            mail=mail,
        )
    except Refusal as refusal:
        session.expire(mail, ["registration"])
        mail.remarks = [
            *mail.remarks,
            {"sentence": refusal.sentence, "places": {k: str(v) for k, v in refusal.places.items()}},
        ]


# ── what people do with it ────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Shown:
    """One mail on the page: its subject, and its sender masked."""

    mail: IncomingMail
    subject: str
    sender: str


def listed(session: Session, seal: Seal, actor: Actor, consultation: Consultation, before: int = 0) -> list[Shown]:
    """The newest mails of a consultation, and those of the bureau that nobody has assigned to one."""
    require(actor, Permission.REGISTER, consultation.bureau_id)
    found = select(IncomingMail).where(
        IncomingMail.bureau_id == consultation.bureau_id,
        or_(IncomingMail.consultation_id == consultation.id, IncomingMail.consultation_id.is_(None)),
    )
    if before:
        found = found.where(IncomingMail.id < before)
    mails = session.scalars(
        found.options(joinedload(IncomingMail.registration), joinedload(IncomingMail.same_as))
        .order_by(IncomingMail.id.desc())
        .limit(PAGE)
    )
    return [shown(seal, mail) for mail in mails]


def shown(seal: Seal, mail: IncomingMail) -> Shown:
    """A mail as a list shows it."""
    sender = seal.open_fields(mail.sender_sealed, SENDER_CONTEXT) if mail.sender_sealed else {}
    subject = seal.open(mail.subject_sealed, SUBJECT_CONTEXT) if mail.subject_sealed else ""
    address = sender.get("address", "")
    return Shown(mail, subject, masking.mask("email", address) if "@" in address else "")


def mail_of(session: Session, actor: Actor, consultation: Consultation, mail_id: int) -> IncomingMail:
    """One mail of this consultation, or one that is not assigned. Raises NotThere."""
    require(actor, Permission.REGISTER, consultation.bureau_id)
    found = session.get(IncomingMail, mail_id)
    if (
        found is None
        or found.bureau_id != consultation.bureau_id
        or found.consultation_id not in (None, consultation.id)
    ):
        raise NotThere("没有这封来信。")
    return found


def register_anyway(
    session: Session, seal: Seal, actor: Actor, consultation: Consultation, mail: IncomingMail, at: datetime
) -> None:
    """Registers a mail that was not: not assigned so far, or taken for an automatic or a bulk one."""
    require(actor, Permission.REGISTER, consultation.bureau_id)
    session.execute(select(IncomingMail.id).where(IncomingMail.id == mail.id).with_for_update(key_share=True))
    session.refresh(mail, ["consultation_id", "kind"])
    session.expire(mail, ["registration"])
    if mail.registration is not None:
        raise AlreadyDone("这封来信已经登记。")
    if mail.content_sealed is None:
        raise NotValid("这封邮件太大，没有存下来，请手工登记。")
    arrived = read(seal.open_bytes(mail.content_sealed, CONTENT_CONTEXT), mail.origin)
    if arrived.letter is None:
        raise NotValid(arrived.fault)
    before = len(mail.remarks)
    _register(session, seal, actor, mail, arrived.letter, consultation, at)
    session.flush()
    session.expire(mail, ["registration"])
    if mail.registration is None:
        for said in mail.remarks[before:]:
            raise NotValid(said["sentence"], **said["places"])
        raise NotValid("这封邮件没有登记成功，请手工登记。")
    mail.kind = MailKind.OPINION
    mail.remarks = [one for one in mail.remarks if not one["sentence"].startswith("没有写明针对")]
    audit.record(session, actor, "mail.register", f"mail:{mail.id}", at, {"consultation": consultation.slug})


def see_message(session: Session, seal: Seal, actor: Actor, mail: IncomingMail, at: datetime) -> bytes:
    """The message as it arrived, for a mail program. Every look is an audit event."""
    require(actor, Permission.REGISTER, mail.bureau_id)
    if mail.content_sealed is None:
        raise NotThere("这封邮件没有存下来。")
    audit.record(session, actor, "mail.see", f"mail:{mail.id}", at, {"digest": mail.digest})
    return seal.open_bytes(mail.content_sealed, CONTENT_CONTEXT)


# ── the box ───────────────────────────────────────────────────────────────────────────────────────────


def ask_to_read(session: Session, address: str, every: timedelta, at: datetime) -> None:
    """Asks for the box to be read when that is due; what was done of it more than a day ago is forgotten."""
    box = session.get(Mailbox, address)
    if (box is not None and box.read_at is not None and box.read_at > at - every) or jobs.is_open(session, READING):
        return
    session.execute(
        delete(Job).where(Job.kind == READING, Job.state == JobState.DONE, Job.finished_at < at - timedelta(days=1))
    )
    jobs.ask(session, READING, at=at, key=READING)


def place(session: Session, address: str) -> tuple[str, int]:
    """How far a box has been read: the server's numbering and the last number."""
    box = session.get(Mailbox, address)
    return (box.validity, box.last_uid) if box else ("", 0)


def bureau_of_box(session: Session, code: str) -> Bureau:
    """The bureau whose box it is. Raises NotValid where that is not said and not clear."""
    found = list(session.scalars(select(Bureau).where(Bureau.code == code) if code else select(Bureau).limit(2)))
    if len(found) != 1:
        raise NotValid("请用PORTAL_IMAP_BUREAU写明这个邮箱是哪个单位的。")
    return found[0]


def keep_place(
    session: Session,
    address: str,
    bureau: Bureau,
    at: datetime,
    *,
    validity: str = "",
    last_uid: int = 0,
    fault: str = "",
) -> Mailbox:
    """Keeps how far a box was read, or why it could not be."""
    box = session.get(Mailbox, address)
    if box is None:
        box = Mailbox(address=address, bureau_id=bureau.id, validity="", last_uid=0)
        session.add(box)
    box.read_at, box.fault = at, fault
    if not fault:
        box.validity, box.last_uid = validity, last_uid
    session.flush()
    return box


def boxes(session: Session, bureau_id: int) -> list[Mailbox]:
    """The boxes of a bureau, for the page that says when they were last read."""
    return list(session.scalars(select(Mailbox).where(Mailbox.bureau_id == bureau_id).order_by(Mailbox.address)))
