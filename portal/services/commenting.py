"""Sending: one submission from a basket or from paper, its receipt, and finding it again."""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.errors import NotThere, NotValid
from portal.models import (
    Clause,
    Comment,
    Consultation,
    ModerationDecision,
    Respondent,
    Submission,
)
from portal.rules import identifiers, masking, plaintext, receipts, window
from portal.rules.words import Channel, CommentState, RespondentKind
from portal.sealing import Seal
from portal.services import baskets, outbox

CONTACT_CONTEXT = "respondent.contact"
#: the personal-information notice somebody saw when sending; a new wording gets a new name
NOTICE_VERSION = "2026-11"


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
                raise NotValid("统一社会信用代码有误：%(why)s", fault="uscc", why=check)
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
    raw = bytes.fromhex(seal.trace(baskets.plain_code(basket_code), "tracking-secret"))
    letters = base64.b32encode(raw).decode()[:12]
    return "-".join(letters[i : i + 4] for i in range(0, 12, 4))


def submit(session: Session, seal: Seal, consultation: Consultation, *, code: str, identity: Identity,
           at: datetime) -> Receipt:  # fmt: skip
    """Sends everything in the basket as one submission received at `at`.

    Sending the same basket again returns the first receipt (`is_new` False). Raises WindowNotOpen, NotValid,
    or NotThere when the basket is empty or unknown.
    """
    trace = baskets.trace(seal, code)
    # lock the consultation's row first: of two equal forms the second then finds what the first has done,
    # and nothing is received after a withdrawal that was committed a moment ago
    consultation.withdrawn_at = session.scalar(
        select(Consultation.withdrawn_at).where(Consultation.id == consultation.id).with_for_update()
    )
    sent = session.scalar(select(Submission).where(Submission.basket_code_trace == trace))
    if sent is not None:
        return Receipt(sent.receipt_number, secret_of(seal, code), sent.receipt_digest, sent.received_at, is_new=False)
    baskets.require_open(consultation, at)
    person = checked_identity(identity)
    found = baskets.basket(session, seal, consultation.id, code)
    if found is None or not found.items:
        raise NotThere("“我的意见”里还没有内容。请先在条文下写下意见，再提交。")
    remarks = [(item.clause, baskets.words_of(item)) for item in found.items]
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
    remarks: list[tuple[Clause | None, baskets.Remark]],
    channel: Channel,
    received_at: datetime,
    registered_by_id: int | None = None,
    postmarked_on: date | None = None,
) -> Receipt:
    """Enters a submission that did not come through the basket: a letter, a call, a meeting."""
    secret = baskets.new_code()
    person = checked_identity(identity)
    words = [(clause, baskets.checked(remark, clause)) for clause, remark in remarks]
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
    remarks: list[tuple[Clause | None, baskets.Words]],
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
        secret_trace=seal.trace(baskets.plain_code(secret), "receipt"),
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
                body=words.body or baskets.ONLY_PROPOSED,
                proposed_text=words.proposed_text,
                anchor=words.anchor,
                quote=words.anchor.exact if words.anchor else words.quote,
                evidence_id=words.evidence_id,
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
    given = seal.trace(baskets.plain_code(secret), "receipt")
    expected = submission.secret_trace if submission else "0" * 64
    return submission if hmac.compare_digest(given, expected) else None


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
