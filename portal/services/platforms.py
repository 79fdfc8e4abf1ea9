"""What another platform hands over: one respondent's comments, by the rules of the pages, once for each request."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from portal.errors import AlreadyDone, Faults, NotAllowed, NotThere, NotValid, WindowNotOpen
from portal.models import ApiKey, Clause, Consultation, PlatformSubmission, Submission
from portal.rules import plaintext, window
from portal.rules.window import WindowState
from portal.rules.words import Channel, IdentityNeed
from portal.sealing import Seal
from portal.services import baskets, commenting
from portal.services.baskets import Remark
from portal.services.identity import Identity, Sender, checked
from portal.services.receipts import Receipt

#: the longest name a platform may give to a request
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Handed:
    """One comment as it was handed over: the label of its clause, None for the draft as a whole."""

    label: str | None
    remark: Remark


@dataclass(frozen=True, slots=True)
class Request:
    """What a request asks for, with the digest of its body and what the platform calls it (empty: nothing)."""

    identity: Identity
    comments: Sequence[Handed]
    digest: str
    name: str = ""
    #: the version of the draft the platform showed; None when it does not say
    version: int | None = None


def digest_of(slug: str, body: Mapping[str, Any]) -> str:
    """SHA-256 of what is asked for, however its JSON was written."""
    plain = json.dumps([slug, body], ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


def submit(
    session: Session, seal: Seal, key: ApiKey, slug: str, request: Request, at: datetime, public_url: str = ""
) -> Receipt:
    """Receives a submission at `at`; the same request under the same name is answered with the first receipt.

    Raises NotThere, NotAllowed for another bureau's consultation, WindowNotOpen, Faults naming every field to change,
    AlreadyDone when the name stands for another request.
    """
    # the consultation's row is the turnstile, as for whoever sends from the pages
    consultation = session.scalar(
        select(Consultation)
        .where(Consultation.slug == slug, Consultation.first_published_at <= at)
        .with_for_update(of=Consultation)
    )
    if consultation is None:
        raise NotThere("没有找到这次征求意见。它可能尚未发布，请核对网址。")
    if consultation.bureau_id != key.bureau_id:
        raise NotAllowed("这个密钥只能用于本单位的征求意见。")
    name = plaintext.one_line(request.name, LONGEST_NAME, "Idempotency-Key", "Idempotency-Key")
    trace = seal.trace(f"{key.id}/{name}", "idempotency") if name else None
    if trace is not None and (before := _before(session, key, trace)):
        if not hmac.compare_digest(before.request_digest, request.digest):
            raise NotValid("这个Idempotency-Key已用于另一件内容不同的来稿，请换一个。", fault="Idempotency-Key")
        return _receipt(before.submission, _secret(seal, trace))
    _require_open(consultation, at)
    if request.version is not None and request.version != consultation.version.number:
        raise AlreadyDone(
            "征求意见稿已是第%(number)s稿，请取得新稿的条款后再提交。", number=consultation.version.number
        )
    sender, remarks = _checked(session, consultation, request)
    receipt = commenting.register(
        session, seal, consultation, identity=sender, remarks=remarks, channel=Channel.PLATFORM, received_at=at,
        secret=_secret(seal, trace) if trace else "", answer_from=public_url,
    )  # fmt: skip
    submission_id = session.scalar(select(Submission.id).where(Submission.receipt_number == receipt.number))
    session.add(
        PlatformSubmission(
            submission_id=submission_id, api_key_id=key.id, idempotency_trace=trace, request_digest=request.digest
        )
    )
    session.flush()
    return receipt


def _before(session: Session, key: ApiKey, trace: str) -> PlatformSubmission | None:
    return session.scalar(
        select(PlatformSubmission)
        .where(PlatformSubmission.api_key_id == key.id, PlatformSubmission.idempotency_trace == trace)
        .options(joinedload(PlatformSubmission.submission))
    )


def _secret(seal: Seal, trace: str) -> str:
    """The tracking code. It follows from the request's name, so that the same request is answered with the same."""
    return baskets.lettered(bytes.fromhex(seal.trace(trace, "tracking-secret")))


def _receipt(sent: Submission, secret: str) -> Receipt:
    return Receipt(sent.receipt_number, secret, sent.receipt_digest, sent.received_at, is_new=False)


def _require_open(consultation: Consultation, at: datetime) -> None:
    """The window as the pages have it; there is no grace, for nothing shows when the words were written."""
    current = consultation.window
    if current is None:
        raise NotThere("没有找到这次征求意见。它可能尚未发布，请核对网址。")
    match consultation.state(at):
        case WindowState.WITHDRAWN:
            raise WindowNotOpen(
                "这次征求意见已于%(when)s撤回，没有收下。提交的内容随本答复退回。",
                when=window.Moment(consultation.withdrawn_at or at),
            )
        case WindowState.UPCOMING:
            raise WindowNotOpen(
                "征求意见尚未开始，%(when)s起可以提交。提交的内容随本答复退回。", when=window.Moment(current.opens_at)
            )
        case WindowState.CLOSED:
            raise WindowNotOpen(
                "征求意见已于%(when)s截止，您的提交在%(arrived)s到达，没有收下。提交的内容随本答复退回。",
                when=window.Deadline(current.closes_at),
                arrived=window.Second(at),
            )


def _checked(
    session: Session, consultation: Consultation, request: Request
) -> tuple[Sender, list[tuple[Clause | None, Remark]]]:
    """The sender and the comments, every fault found at once."""
    if consultation.identity_needed is IdentityNeed.VERIFIED:
        raise NotAllowed("这次征求意见要验证提出人的电子邮箱，只能在本网站上提交。")
    faults: list[NotValid] = []
    sender: Sender | None = None
    try:
        sender = checked(request.identity, consultation.identity_needed, consultation.bureau.regions)
    except NotValid as refusal:
        faults.append(_at(refusal, "respondent"))
    wanted = {one.label for one in request.comments if one.label is not None}
    clauses = {
        clause.label: clause
        for clause in session.scalars(
            select(Clause).where(Clause.version_id == consultation.version.id, Clause.label.in_(wanted))
        )
    }
    remarks: list[tuple[Clause | None, Remark]] = []
    for place, one in enumerate(request.comments):
        clause = clauses.get(one.label) if one.label is not None else None
        try:
            if one.label is not None and clause is None:
                raise NotValid("征求意见稿里没有这一条款，请从目录里重新选择。", fault="clause")
            baskets.checked(one.remark, clause)
        except NotValid as refusal:
            faults.append(_at(refusal, f"comments/{place}"))
        remarks.append((clause, one.remark))
    if faults or sender is None:
        raise Faults(faults)
    return sender, remarks


def _at(refusal: NotValid, where: str) -> NotValid:
    """The refusal with the place of its field in the request."""
    return NotValid(refusal.sentence, fault=f"{where}/{refusal.fault}".rstrip("/"), **refusal.places)


def counts(session: Session) -> dict[int, int]:
    """How many submissions came in with each key."""
    rows = session.execute(select(PlatformSubmission.api_key_id, func.count()).group_by(PlatformSubmission.api_key_id))
    return {key_id: int(number) for key_id, number in rows}
