"""The public's part: filling a basket, sending it once, and the receipt."""

from __future__ import annotations

import base64
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.errors import NotThere, NotValid, TooMany, WindowNotOpen
from portal.models import (
    Basket,
    BasketItem,
    Clause,
    Comment,
    Consultation,
    ModerationDecision,
    Respondent,
    Submission,
)
from portal.rules import identifiers, masking, plaintext, receipts, window
from portal.rules.words import Channel, CommentState, RespondentKind, Stance
from portal.sealing import Seal
from portal.services import outbox

LONGEST_BODY = 5000
MOST_ITEMS = 300
CONTACT_CONTEXT = "respondent.contact"
#: the personal-information notice somebody saw when sending; a new wording gets a new name
NOTICE_VERSION = "2026-11"


# ── the basket ────────────────────────────────────────────────────────────────────────────────────────


def new_code() -> str:
    """A private resume code: 60 bits, easy to copy from paper, such as K7QM-92HD-XW4T."""
    letters = base64.b32encode(secrets.token_bytes(10)).decode()[:12]
    return "-".join(letters[i : i + 4] for i in range(0, 12, 4))


def plain_code(code: str) -> str:
    """The code as it is looked up: upper case, dashes and spaces gone, digits nobody uses read as letters."""
    return "".join(code.upper().split()).replace("-", "").translate(str.maketrans("018", "OLB"))


def usable_code(session: Session, seal: Seal, code: str) -> str:
    """The code somebody holds, or a new one when they hold none or have already sent what it opened."""
    if not code:
        return new_code()
    is_sent = session.scalar(select(Submission.id).where(Submission.basket_code_trace == _basket_trace(seal, code)))
    return new_code() if is_sent else code


def basket(session: Session, seal: Seal, consultation_id: int, code: str) -> Basket | None:
    """The basket this code opens in this consultation, with its items and their clauses."""
    if not code:
        return None
    return session.scalar(
        select(Basket)
        .where(Basket.consultation_id == consultation_id, Basket.code_trace == _basket_trace(seal, code))
        .options(selectinload(Basket.items).joinedload(BasketItem.clause))
    )


def _basket_trace(seal: Seal, code: str) -> str:
    return seal.trace(plain_code(code), "basket")


def require_open(consultation: Consultation, at: datetime) -> None:
    """Raises WindowNotOpen, with the exact time, unless comments are received at `at`."""
    current = consultation.window
    if not consultation.is_published or current is None:
        raise NotThere("没有这次征求意见。")
    match window.state(current.opens_at, current.closes_at, at):
        case window.WindowState.UPCOMING:
            raise WindowNotOpen(
                "征求意见尚未开始，%(when)s起可以提交。您写的内容仍在本页，可以先复制保存。",
                when=window.Moment(current.opens_at),
            )
        case window.WindowState.CLOSED:
            raise WindowNotOpen(
                "征求意见已于%(when)s截止，不能再提交。您写的内容仍在本页，可以复制保存；如有重要情况，请联系起草单位。",
                when=window.Deadline(current.closes_at),
            )


@dataclass(frozen=True, slots=True)
class Remark:
    """One comment as somebody typed it."""

    stance: str
    body: str
    proposed_text: str = ""
    quote: str = ""


@dataclass(frozen=True, slots=True)
class _Words:
    stance: Stance
    body: str
    proposed_text: str
    quote: str


def _checked(remark: Remark, clause: Clause | None) -> _Words:
    """The remark cleaned for keeping. Raises NotValid naming what to change."""
    try:
        stance = Stance(remark.stance)
    except ValueError:
        raise NotValid("请选择您的态度。", fault="stance") from None
    body = plaintext.received_within(remark.body, LONGEST_BODY, "意见和理由", "body")
    proposed = plaintext.received_within(remark.proposed_text, LONGEST_BODY, "修改后的文字", "proposed_text")
    if clause is not None and proposed == plaintext.received(clause.text or clause.heading):
        proposed = ""  # the clause's own text, offered for editing and left as it was
    if not body and not proposed:
        raise NotValid("请写下您的意见，或直接修改条文。", fault="body")
    quote = plaintext.received_within(remark.quote, LONGEST_BODY, "引用原文", "quote")
    if quote and (clause is None or quote not in clause.words):
        quote = ""
    return _Words(stance, body or "建议按修改后的文字表述。", proposed, quote)


def add_item(
    session: Session,
    seal: Seal,
    consultation: Consultation,
    clause: Clause | None,
    remark: Remark,
    *,
    code: str,
    at: datetime,
) -> BasketItem:
    """Puts one comment into the basket of `code`, making the basket when there is none."""
    require_open(consultation, at)
    words = _checked(remark, clause)
    found = basket(session, seal, consultation.id, code)
    if found is None:
        found = Basket(
            consultation_id=consultation.id, code_trace=_basket_trace(seal, code), created_at=at, touched_at=at
        )
        session.add(found)
    if len(found.items) >= MOST_ITEMS:
        raise TooMany("一次最多提交%(most)s条意见，请先提交这些。", most=MOST_ITEMS)
    item = BasketItem(
        clause=clause,
        stance=words.stance,
        body=words.body,
        proposed_text=words.proposed_text,
        quote=words.quote,
        written_at=at,
    )
    found.items.append(item)
    found.touched_at = at
    session.flush()
    return item


def change_item(session: Session, item: BasketItem, remark: Remark, at: datetime) -> None:
    """Rewrites a comment that has not been sent."""
    words = _checked(remark, item.clause)
    item.stance, item.body, item.proposed_text, item.quote = words.stance, words.body, words.proposed_text, words.quote
    item.written_at = item.basket.touched_at = at
    session.flush()


def remove_item(session: Session, item: BasketItem) -> None:
    """Takes a comment out of the basket."""
    session.delete(item)
    session.flush()


# ── sending ───────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Identity:
    """Who sends, as typed. Everything but the kind is optional for a citizen."""

    kind: str = RespondentKind.CITIZEN.value
    organisation: str = ""
    uscc: str = ""
    name: str = ""
    phone: str = ""
    email: str = ""
    is_name_public: bool = False
    has_read_notice: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a sender keeps: the public number, the secret for tracking, the digest of what was received."""

    number: str
    secret: str
    digest: str
    received_at: datetime
    is_new: bool = True


@dataclass(frozen=True, slots=True)
class _Person:
    kind: RespondentKind
    organisation: str
    uscc: str
    shown_as: str
    contact: dict[str, str] = field(default_factory=dict)


def checked_identity(identity: Identity) -> _Person:
    """The identity cleaned for keeping. Raises NotValid naming the field to change."""
    try:
        kind = RespondentKind(identity.kind)
    except ValueError:
        raise NotValid("请选择以什么身份提出。", fault="kind") from None
    organisation = plaintext.one_line(identity.organisation, 200, "单位名称", "organisation")
    name = plaintext.one_line(identity.name, 50, "姓名", "name")
    phone = plaintext.one_line(identity.phone, 40, "电话", "phone")
    email = plaintext.one_line(identity.email, 200, "电子邮箱", "email")
    uscc = ""
    if kind.is_organisation:
        if not organisation:
            raise NotValid("请填写单位名称。", fault="organisation")
        if not name:
            raise NotValid("请填写联系人，便于就意见内容与贵单位核对。", fault="name")
        if not phone and not email:
            raise NotValid("请填写电话或电子邮箱，任填一项。", fault="phone")
        if identity.uscc.strip():
            check = identifiers.check("uscc", identity.uscc)
            if not check.is_valid:
                raise NotValid("统一社会信用代码有误：%(why)s", fault="uscc", why=check.why)
            uscc = check.normal
    if phone and not (identifiers.check("mobile", phone).is_valid or identifiers.check("landline", phone).is_valid):
        raise NotValid("电话号码有误，请填写手机号或带区号的固定电话。", fault="phone")
    if email and not identifiers.check("email", email).is_valid:
        raise NotValid("电子邮箱有误，请检查，例如 name@example.com。", fault="email")
    contact = {key: value for key, value in (("name", name), ("phone", phone), ("email", email)) if value}
    if contact and not identity.has_read_notice:
        raise NotValid("留有联系方式的，请先阅读并勾选个人信息处理规则。", fault="has_read_notice")
    if kind.is_organisation:
        shown_as = organisation
    else:
        organisation = ""
        shown_as = masking.mask("name", name) if identity.is_name_public and name else "公众"
    return _Person(kind, organisation, uscc, shown_as, contact)


def secret_of(seal: Seal, basket_code: str) -> str:
    """The tracking secret. It follows from the basket's code, so a resent form can be shown the same one."""
    raw = bytes.fromhex(seal.trace(plain_code(basket_code), "tracking-secret"))
    letters = base64.b32encode(raw).decode()[:12]
    return "-".join(letters[i : i + 4] for i in range(0, 12, 4))


def submit(session: Session, seal: Seal, consultation: Consultation, *, code: str, identity: Identity,
           at: datetime) -> Receipt:  # fmt: skip
    """Sends everything in the basket as one submission received at `at`.

    Sending the same basket again returns the first receipt (`is_new` False). Raises WindowNotOpen, NotValid,
    or NotThere when the basket is empty or unknown.
    """
    trace = _basket_trace(seal, code)
    # lock the consultation's row first: of two equal forms the second then finds what the first has done
    session.execute(select(Consultation.id).where(Consultation.id == consultation.id).with_for_update())
    sent = session.scalar(select(Submission).where(Submission.basket_code_trace == trace))
    if sent is not None:
        return Receipt(sent.receipt_number, secret_of(seal, code), sent.receipt_digest, sent.received_at, is_new=False)
    require_open(consultation, at)
    person = checked_identity(identity)
    found = basket(session, seal, consultation.id, code)
    if found is None or not found.items:
        raise NotThere("“我的意见”里还没有内容。请先在条文下写下意见，再提交。")
    remarks = [(item.clause, _Words(item.stance, item.body, item.proposed_text, item.quote)) for item in found.items]
    submission = _store(
        session, seal, consultation, person, remarks, channel=Channel.WEB, secret=secret_of(seal, code), at=at
    )
    submission.basket_code_trace = trace
    session.delete(found)
    session.flush()
    secret = secret_of(seal, code)
    if address := person.contact.get("email"):
        _owe_receipt(session, seal, consultation, submission, address, secret)
    return Receipt(submission.receipt_number, secret, submission.receipt_digest, submission.received_at)


def register(
    session: Session,
    seal: Seal,
    consultation: Consultation,
    *,
    identity: Identity,
    remarks: list[tuple[Clause | None, Remark]],
    channel: Channel,
    received_at: datetime,
    registered_by_id: int | None = None,
    postmarked_on: date | None = None,
) -> Receipt:
    """Enters a submission that did not come through the basket: a letter, a call, a meeting."""
    secret = new_code()
    person = checked_identity(identity)
    words = [(clause, _checked(remark, clause)) for clause, remark in remarks]
    if not words:
        raise NotValid("请至少登记一条意见。", fault="body")
    submission = _store(session, seal, consultation, person, words, channel=channel, secret=secret, at=received_at)
    submission.registered_by_id = registered_by_id
    submission.postmarked_on = postmarked_on
    session.flush()
    return Receipt(submission.receipt_number, secret, submission.receipt_digest, submission.received_at)


def _store(
    session: Session,
    seal: Seal,
    consultation: Consultation,
    person: _Person,
    remarks: list[tuple[Clause | None, _Words]],
    *,
    channel: Channel,
    secret: str,
    at: datetime,
) -> Submission:
    serial, last_comment = session.execute(
        update(Consultation)
        .where(Consultation.id == consultation.id)
        .values(
            submissions_numbered=Consultation.submissions_numbered + 1,
            comments_numbered=Consultation.comments_numbered + len(remarks),
        )
        .returning(Consultation.submissions_numbered, Consultation.comments_numbered)
        .execution_options(synchronize_session=False)
    ).one()
    number = receipts.receipt_number(receipts.receipt_year(at), consultation.number, serial)
    respondent = Respondent(
        kind=person.kind,
        organisation=person.organisation,
        uscc=person.uscc,
        shown_as=person.shown_as,
        contact_sealed=seal.close_fields(person.contact, CONTACT_CONTEXT) if person.contact else "",
        notice_version=NOTICE_VERSION if person.contact else "",
    )
    submission = Submission(
        consultation_id=consultation.id,
        respondent=respondent,
        channel=channel,
        received_at=at,
        receipt_number=number,
        receipt_digest="",
        secret_trace=seal.trace(plain_code(secret), "receipt"),
    )
    first = last_comment - len(remarks) + 1
    for position, (clause, words) in enumerate(remarks):
        submission.comments.append(
            Comment(
                consultation_id=consultation.id,
                clause_id=clause.id if clause else None,
                clause=clause,
                position=position,
                number=first + position,
                received_at=at,
                stance=words.stance,
                body=words.body,
                proposed_text=words.proposed_text,
                quote=words.quote,
            )
        )
    submission.receipt_digest = receipts.digest(digest_payload(consultation, submission))
    session.add(submission)
    session.flush()
    return submission


def digest_payload(consultation: Consultation, submission: Submission) -> dict[str, Any]:
    """What the receipt's digest is taken of: everything received but the contact data, which is erased one day."""
    return {
        "consultation": consultation.slug,
        "receipt": submission.receipt_number,
        "received_at": submission.received_at.isoformat(),
        "kind": submission.respondent.kind.value,
        "organisation": submission.respondent.organisation,
        "comments": [
            {
                "clause": comment.clause.label if comment.clause else "",
                "stance": comment.stance.value,
                "body": comment.body,
                "proposed_text": comment.proposed_text,
                "quote": comment.quote,
            }
            for comment in submission.comments
        ],
    }


def _owe_receipt(
    session: Session, seal: Seal, consultation: Consultation, submission: Submission, address: str, secret: str
) -> None:
    received = window.instant_words(submission.received_at)
    lines = [
        f"您对《{consultation.title}（征求意见稿）》提出的{len(submission.comments)}条意见已于{received}收到。",
        "",
        f"受理编号：{submission.receipt_number}",
        f"查询码：{secret}",
        f"内容摘要（SHA-256）：{submission.receipt_digest}",
        "",
        "凭受理编号和查询码，可以在网站“查询来稿”栏查看办理情况。请不要把查询码告诉他人。",
        "",
        "您提交的内容：",
    ]
    for comment in submission.comments:
        where = comment.clause.citation if comment.clause else "全文"
        lines += ["", f"{comment.position + 1}. {where}（{comment.stance.label}）", comment.body]
        if comment.proposed_text:
            lines += [f"建议改为：{comment.proposed_text}"]
    lines += ["", f"{consultation.contact_unit or consultation.bureau.name}"]
    outbox.owe(
        session,
        seal,
        kind="receipt",
        recipient=address,
        subject=f"来稿回执 {submission.receipt_number}",
        body="\n".join(lines),
        at=submission.received_at,
        submission_id=submission.id,
    )


# ── the receipt ───────────────────────────────────────────────────────────────────────────────────────


def tracked(session: Session, seal: Seal, number: str, secret: str) -> Submission | None:
    """The submission of this receipt when the secret is its own; None otherwise, whichever was wrong."""
    submission = session.scalar(
        select(Submission)
        .where(Submission.receipt_number == receipts.normal_receipt_number(number))
        .options(
            joinedload(Submission.consultation),
            joinedload(Submission.respondent),
            selectinload(Submission.comments).joinedload(Comment.clause),
            selectinload(Submission.comments).joinedload(Comment.response),
        )
    )
    given = seal.trace(plain_code(secret), "receipt")
    expected = submission.secret_trace if submission else "0" * 64
    return submission if hmac.compare_digest(given, expected) else None


def count_received(session: Session, consultation_id: int) -> int:
    """How many comments (条) the consultation has received, in any state."""
    return session.scalar(select(func.count(Comment.id)).where(Comment.consultation_id == consultation_id)) or 0


def withholding_notes(session: Session, submission: Submission) -> dict[int, str]:
    """For each withheld comment of a submission, what the moderator wrote for its author."""
    rows = session.execute(
        select(Comment.id, ModerationDecision.note)
        .join(ModerationDecision, ModerationDecision.comment_id == Comment.id)
        .where(
            Comment.submission_id == submission.id,
            ModerationDecision.revision == Comment.revision,
            Comment.state == CommentState.WITHHELD,
        )
    )
    return dict(rows.all())
