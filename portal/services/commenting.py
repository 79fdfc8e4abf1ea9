"""Sending: one submission from a basket or from paper, and its receipt."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import Connection, Insert, Table, bindparam, delete, insert, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.util import identity_key

from portal.drafts.anchors import Anchor
from portal.errors import NotThere, NotValid, WindowNotOpen
from portal.models import (
    Attachment,
    Basket,
    BasketItem,
    Bureau,
    Clause,
    Comment,
    CommentWindow,
    Consultation,
    Respondent,
    Submission,
)
from portal.rules import plaintext, window
from portal.rules.receipts import digest, receipt_number, receipt_year
from portal.rules.uploads import Upload
from portal.rules.urgency import Flag, urgency
from portal.rules.window import WindowState
from portal.rules.words import AttachmentPurpose, Channel, CommentState, IdentityNeed
from portal.sealing import Seal
from portal.services import attachments, baskets, email_codes, masking, receipts
from portal.services.identity import CONTACT_CONTEXT, Identity, Sender, checked
from portal.services.receipts import CONFIDENTIAL_CONTEXT, Evidence, Receipt, Told


@dataclass(frozen=True, slots=True)
class Counter:
    """What the act of sending has to know of a consultation. Whoever holds one has its row locked."""

    id: int
    slug: str
    number: int
    title: str
    contact_unit: str
    identity_needed: IdentityNeed
    grace_minutes: int
    submissions_numbered: int
    comments_numbered: int
    first_published_at: datetime | None
    withdrawn_at: datetime | None
    bureau: str
    regions: list[str]
    opens_at: datetime
    closes_at: datetime


def secret_of(seal: Seal, basket_code: str) -> str:
    """The tracking secret. It follows from the basket's code, so a resent form can be shown the same one."""
    return baskets.lettered(bytes.fromhex(seal.trace(baskets.plain_code(basket_code), "tracking-secret")))


def submit(
    session: Session,
    seal: Seal,
    slug: str,
    *,
    code: str,
    identity: Identity,
    at: datetime,
    confidential: Mapping[int, str] | None = None,
    letter: Upload | None = None,
    seen: str = "",
    public_url: str = "",
) -> Receipt:
    """Sends everything in the basket as one submission received at `at`.

    `confidential` has the trade secrets, by the basket item they belong to. Sending the same basket again returns the
    first receipt (`is_new` False). `seen` is the stamp of the basket on the page that was sent. Raises WindowNotOpen, NotValid, or NotThere when the basket is empty or unknown.

    Plain statements instead of objects: this is the act that has to hold when a whole city presses the button.
    """
    connection = session.connection()
    counter = _counter(connection, slug, at)
    trace = baskets.trace(seal, code)
    items = connection.execute(_ITEMS, {"consultation": counter.id, "trace": trace}).all()
    if not items:
        if sent := sent_before(session, seal, code):
            return sent
        _require_in_time(counter, items, at)
        raise NotThere("“我的意见”里还没有内容。请先在条文下写下意见，再提交。")
    _require_in_time(counter, items, at)
    if seen and seen != stamp(items):
        raise NotValid("“我的意见”在别的页面上改动过，下面是现在的内容。请再看一遍，然后提交。")
    sender = checked(identity, counter.identity_needed, counter.regions)
    verified_at = None
    if counter.identity_needed is IdentityNeed.VERIFIED:
        verified_at = email_codes.confirmed_at(session, seal, counter.id, sender.contact["email"], trace, at)
    secrets = confidential or {}
    told = [
        Told(
            item.clause_id,
            item.label or "",
            item.citation or "全文",
            _words_of(item),
            _checked_secret(secrets.get(item.id, ""), item.id),
            Evidence(item.evidence_name, item.evidence_size, item.evidence_digest) if item.evidence_digest else None,
        )
        for item in items
    ]
    handed_in: dict[str, Any] = {"basket_code_trace": trace}
    if letter is not None and sender.kind.is_organisation:
        kept = attachments.keep(session, seal, counter.id, AttachmentPurpose.LETTER, letter, at)
        handed_in |= {"letter_id": kept.id, "letter_digest": kept.digest}
    receipt = _store(
        connection, seal, counter, sender, told, channel=Channel.WEB, secret=secret_of(seal, code), at=at,
        verified_at=verified_at, **handed_in,
    )  # fmt: skip
    connection.execute(_REMOVED, {"basket": items[0].basket_id})
    # SQLite gives the key to the next basket: a session that still holds this one would take them for one another
    if held := session.identity_map.get(identity_key(Basket, items[0].basket_id)):
        session.expunge(held)
    if address := sender.contact.get("email"):
        unit = counter.contact_unit or counter.bureau
        receipts.owe(session, seal, address, receipt, told, counter.title, unit, public_url)
    return receipt


# Statements on tables, made once: nothing in the session knows these rows, so there is nothing to bring up to date.
_BASKET, _ITEM, _CONSULTATION, _BUREAU, _WINDOW, _CLAUSE, _RESPONDENT, _SUBMISSION, _COMMENT, _ATTACHMENT = (
    cast(Table, model.__table__)
    for model in (
        Basket, BasketItem, Consultation, Bureau, CommentWindow, Clause, Respondent, Submission, Comment, Attachment,
    )
)  # fmt: skip

#: what `Counter` holds, in its order. The consultation's row is the turnstile: of two equal forms the second waits here
#: and finds what the first has done
_COUNTER = (
    select(
        *(_CONSULTATION.c[name] for name in (
            "id", "slug", "number", "title", "contact_unit", "identity_needed", "grace_minutes",
            "submissions_numbered", "comments_numbered", "first_published_at", "withdrawn_at",
        )),
        _BUREAU.c.name.label("bureau"),
        _BUREAU.c.regions,
        _WINDOW.c.opens_at,
        _WINDOW.c.closes_at,
    )
    .join_from(_CONSULTATION, _BUREAU, _BUREAU.c.id == _CONSULTATION.c.bureau_id)
    .join(_WINDOW, _WINDOW.c.consultation_id == _CONSULTATION.c.id)
    .where(_CONSULTATION.c.slug == bindparam("slug"), _WINDOW.c.superseded_at.is_(None))
    .with_for_update(of=_CONSULTATION, key_share=True)
)  # fmt: skip
_ITEMS = (
    select(
        *(_ITEM.c[name] for name in (
            "id", "basket_id", "clause_id", "stance", "body", "proposed_text", "written_at", "evidence_id",
            "quote", "quote_prefix", "quote_suffix", "quote_start", "quote_end",
        )),
        _CLAUSE.c.label,
        _CLAUSE.c.citation,
        *(_ATTACHMENT.c[name].label(f"evidence_{name}") for name in ("name", "size", "digest")),
    )
    .join_from(_ITEM, _BASKET, _BASKET.c.id == _ITEM.c.basket_id)
    .outerjoin(_CLAUSE, _CLAUSE.c.id == _ITEM.c.clause_id)
    .outerjoin(_ATTACHMENT, _ATTACHMENT.c.id == _ITEM.c.evidence_id)
    .where(_BASKET.c.consultation_id == bindparam("consultation"), _BASKET.c.code_trace == bindparam("trace"))
    .order_by(_ITEM.c.id)
    # held until it is sent: nobody rewrites a comment between the reading and the sending
    .with_for_update(of=_ITEM, key_share=True)
)  # fmt: skip
_OWN = select(_CONSULTATION.c.phone, _CONSULTATION.c.fax, _CONSULTATION.c.email).where(
    _CONSULTATION.c.id == bindparam("consultation")
)
_NUMBERED = (
    update(_CONSULTATION)
    .where(_CONSULTATION.c.id == bindparam("consultation"))
    .values(submissions_numbered=bindparam("submissions"), comments_numbered=bindparam("comments"))
)
_NEW_RESPONDENT, _NEW_SUBMISSION, _NEW_COMMENT = insert(_RESPONDENT), insert(_SUBMISSION), insert(_COMMENT)
#: what is in it goes with it
_REMOVED = delete(_BASKET).where(_BASKET.c.id == bindparam("basket"))


def stamp(items: Iterable[Any]) -> str:
    """Changes with every comment that is written, rewritten or removed, and with every file: what is sent is what the
    page showed."""
    marks = sorted(f"{item.id} {item.evidence_id or 0} {item.written_at.timestamp():.6f}" for item in items)
    return hashlib.sha256("\n".join(marks).encode()).hexdigest()[:16]


def _counter(connection: Connection, slug: str, at: datetime) -> Counter:
    found = connection.execute(_COUNTER, {"slug": slug}).one_or_none()
    counter = Counter(*list(found)) if found else None
    if counter is None or counter.first_published_at is None or counter.first_published_at > at:
        raise NotThere("没有这次征求意见。")
    return counter


def sent_before(session: Session, seal: Seal, code: str) -> Receipt | None:
    """The receipt of a basket that was sent: a second press of the button is shown the first receipt."""
    if not baskets.plain_code(code):
        return None
    sent = session.execute(
        select(Submission.receipt_number, Submission.receipt_digest, Submission.received_at).where(
            Submission.basket_code_trace == baskets.trace(seal, code)
        )
    ).one_or_none()
    if sent is None:
        return None
    return Receipt(sent.receipt_number, secret_of(seal, code), sent.receipt_digest, sent.received_at, is_new=False)


def grace_ends(consultation: Consultation, items: Sequence[Any], at: datetime) -> datetime | None:
    """Until when these may still be sent after the deadline: all were written before it. None when they may not."""
    current = consultation.window
    if current is None or consultation.state(at) is not WindowState.CLOSED or not _began_in_time(current, items):
        return None
    ends = current.closes_at + timedelta(minutes=consultation.grace_minutes)
    return ends if at < ends else None


def _began_in_time(closing: Counter | CommentWindow, items: Sequence[Any]) -> bool:
    return bool(items) and all(item.written_at < closing.closes_at for item in items)


def _require_in_time(counter: Counter, items: Sequence[Any], at: datetime) -> None:
    """By its own instant: in the window, or within the grace when every word was written before the deadline."""
    if counter.withdrawn_at is not None and counter.withdrawn_at <= at:
        raise WindowNotOpen(
            "这次征求意见已于%(when)s撤回，不再接收意见。您写的内容仍在本页，可以复制保存。",
            when=window.Moment(counter.withdrawn_at),
        )
    state = window.state(counter.opens_at, counter.closes_at, at)
    if state is WindowState.UPCOMING:
        raise WindowNotOpen(
            "征求意见尚未开始，%(when)s起可以提交。您写的内容仍在本页，可以先复制保存。",
            when=window.Moment(counter.opens_at),
        )
    grace_ends_at = counter.closes_at + timedelta(minutes=counter.grace_minutes)
    if state is WindowState.CLOSED and not (_began_in_time(counter, items) and at < grace_ends_at):
        raise WindowNotOpen(
            "征求意见已于%(when)s截止，您的提交在%(arrived)s到达，没有收下。您写的内容都在下面，可以复制或下载；"
            "如有重要情况，请联系起草单位。",
            when=window.Deadline(counter.closes_at),
            arrived=window.Second(at),
        )


def _words_of(item: Any) -> baskets.Words:
    """What one row of the basket says, as it will be kept."""
    anchor = None
    if item.quote and item.quote_start is not None and item.quote_end is not None:
        anchor = Anchor(item.quote, item.quote_prefix, item.quote_suffix, item.quote_start, item.quote_end)
    return baskets.Words(
        item.stance, item.body or baskets.ONLY_PROPOSED, item.proposed_text, anchor, item.quote, item.evidence_id
    )


def _checked_secret(text: str, item_id: int) -> str:
    return plaintext.received_within(text, baskets.LONGEST_BODY, "商业秘密说明", f"confidential-{item_id}")


def register(
    session: Session,
    seal: Seal,
    consultation: Consultation,
    *,
    identity: Identity | Sender,
    remarks: list[tuple[Clause | None, baskets.Remark]],
    channel: Channel,
    received_at: datetime,
    registered_at: datetime | None = None,
    registered_by_id: int | None = None,
    postmarked_on: date | None = None,
    late_reason: str = "",
    letter: Attachment | None = None,
    secret: str = "",
    answer_from: str | None = None,
) -> Receipt:
    """Enters a submission that did not come through the basket: a letter, a call, a meeting.

    With `answer_from`, the address of this site, whoever left an e-mail address is owed the receipt.
    """
    sender = identity if isinstance(identity, Sender) else checked(identity, regions=consultation.bureau.regions)
    told = [
        Told(
            clause.id if clause else None,
            clause.label if clause else "",
            clause.citation if clause else "全文",
            baskets.sendable(remark, clause),
        )
        for clause, remark in remarks
    ]
    if not told:
        raise NotValid("请至少登记一条意见。", fault="body")
    session.flush()
    connection = session.connection()
    counter = Counter(*list(connection.execute(_COUNTER, {"slug": consultation.slug}).one()))
    handed_in: dict[str, Any] = {"letter_id": letter.id, "letter_digest": letter.digest} if letter else {}
    receipt = _store(
        connection, seal, counter, sender, told, channel=channel, secret=secret or baskets.new_code(), at=received_at,
        registered_at=registered_at, registered_by_id=registered_by_id, postmarked_on=postmarked_on,
        late_reason=late_reason, **handed_in,
    )  # fmt: skip
    if answer_from is not None and (address := sender.contact.get("email")):
        unit = counter.contact_unit or counter.bureau
        receipts.owe(
            session, seal, address, receipt, told, counter.title, unit, answer_from, at=registered_at or received_at
        )
    return receipt


def _store(
    connection: Connection,
    seal: Seal,
    counter: Counter,
    sender: Sender,
    told: Sequence[Told],
    *,
    channel: Channel,
    secret: str,
    at: datetime,
    verified_at: datetime | None = None,
    letter_digest: str = "",
    **submission: Any,
) -> Receipt:
    """Numbers and keeps one submission. The counter's row is locked: nobody else numbers meanwhile."""
    number = receipt_number(receipt_year(at), counter.number, counter.submissions_numbered + 1)
    payload = receipts.payload(
        counter.slug, number, at, sender.kind.value, sender.organisation, told, letter_digest=letter_digest,
        region=sender.region,
    )  # fmt: skip
    receipt = Receipt(number, secret, digest(payload), at)
    numbered = {"submissions": counter.submissions_numbered + 1, "comments": counter.comments_numbered + len(told)}
    connection.execute(_NUMBERED, {"consultation": counter.id, **numbered})
    respondent_id = _added(
        connection,
        _NEW_RESPONDENT,
        kind=sender.kind,
        organisation=sender.organisation,
        uscc=sender.uscc,
        region=sender.region,
        shown_as=sender.shown_as,
        contact_sealed=seal.close_fields(sender.contact, CONTACT_CONTEXT) if sender.contact else "",
        notice_version=sender.notice_version,
        is_minor=sender.is_minor,
        verified_at=verified_at,
    )
    submission_id = _added(
        connection,
        _NEW_SUBMISSION,
        consultation_id=counter.id,
        respondent_id=respondent_id,
        channel=channel,
        received_at=at,
        receipt_number=number,
        receipt_digest=receipt.digest,
        secret_trace=seal.trace(baskets.plain_code(secret), "receipt"),
        **submission,
    )
    flags = _flags(connection, counter.id, told)
    connection.execute(
        _NEW_COMMENT,
        [
            {
                "channel": channel,
                "respondent_kind": sender.kind,
                "flags": flags[position],
                "urgency": urgency(CommentState.PENDING, flags[position]),
                "consultation_id": counter.id,
                "submission_id": submission_id,
                "clause_id": one.clause_id,
                "position": position,
                "number": counter.comments_numbered + 1 + position,
                "received_at": at,
                "stance": one.words.stance,
                "body": one.words.body,
                "proposed_text": one.words.proposed_text,
                **baskets.quotation_of(one.words),
                "evidence_id": one.words.evidence_id,
                "confidential_sealed": seal.close(one.confidential, CONFIDENTIAL_CONTEXT) if one.confidential else "",
            }
            for position, one in enumerate(told)
        ],
    )
    return receipt


def _flags(connection: Connection, consultation_id: int, told: Sequence[Told]) -> list[int]:
    """What the desk should know of each comment beforehand; the bureau's own numbers are looked up only when one is found."""
    found = [masking.flags(one.words.body, one.words.proposed_text) for one in told]
    if any(flags & Flag.PERSONAL for flags in found):
        row = connection.execute(_OWN, {"consultation": consultation_id}).one()
        own = frozenset(part for field in row for part in field.split("；") if part)
        found = [masking.flags(one.words.body, one.words.proposed_text, own) for one in told]
    return found


def _added(connection: Connection, statement: Insert, **values: Any) -> int:
    """Adds one row and says its key."""
    key = connection.execute(statement, values).inserted_primary_key
    return int(key[0]) if key else 0
