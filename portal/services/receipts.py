"""The receipt: what its digest is taken of, and the letter that carries it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import Comment, Submission
from portal.rules import window
from portal.rules.uploads import size_words
from portal.sealing import Seal
from portal.services import baskets, outbox

#: what a trade secret told beside a comment is sealed for
CONFIDENTIAL_CONTEXT = "comment.confidential"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a sender keeps: the public number, the secret for tracking, the digest of what was received."""

    number: str
    secret: str
    digest: str
    received_at: datetime
    is_new: bool = True


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file that was handed in to support a comment: its name, its bytes counted, its SHA-256."""

    name: str
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class Told:
    """One comment as it was sent: where, the words, and the trade secret told beside them."""

    clause_id: int | None
    label: str
    citation: str
    words: baskets.Words
    confidential: str = ""
    #: the file handed in with it
    evidence: Evidence | None = None


def told(seal: Seal, comment: Comment) -> Told:
    """A kept comment as it was sent, its trade secret opened."""
    return Told(
        comment.clause_id,
        comment.clause.label if comment.clause else "",
        comment.clause.citation if comment.clause else "全文",
        baskets.Words(
            comment.stance, comment.body, comment.proposed_text, comment.anchor, comment.quote, comment.evidence_id
        ),
        confidential(seal, comment),
        Evidence(comment.evidence.name, comment.evidence.size, comment.evidence.digest) if comment.evidence else None,
    )


def confidential(seal: Seal, comment: Comment) -> str:
    """The trade secret told beside a comment; empty when there is none."""
    return seal.open(comment.confidential_sealed, CONFIDENTIAL_CONTEXT) if comment.confidential_sealed else ""


def payload(
    slug: str,
    number: str,
    received_at: datetime,
    kind: str,
    organisation: str,
    comments: Sequence[Told],
    *,
    letter_digest: str = "",
    region: str = "",
) -> dict[str, Any]:
    """What the receipt's digest is taken of: everything received but the contact data, which is erased one day."""
    found: dict[str, Any] = {
        "consultation": slug,
        "receipt": number,
        "received_at": received_at.isoformat(),
        "kind": kind,
        "organisation": organisation,
        "comments": [_words(one) for one in comments],
    }
    if region:
        found["region"] = region
    return found | ({"letter": letter_digest} if letter_digest else {})


def _words(one: Told) -> dict[str, str]:
    words = {
        "clause": one.label,
        "stance": one.words.stance.value,
        "body": one.words.body,
        "proposed_text": one.words.proposed_text,
        "quote": one.words.quoted,
    }
    if one.confidential:
        words["confidential"] = one.confidential
    if one.evidence:
        words["evidence"] = one.evidence.digest
    return words


def payload_of(seal: Seal, submission: Submission) -> dict[str, Any]:
    """The payload of a kept submission: anyone who holds it finds the digest again."""
    return payload(
        submission.consultation.slug,
        submission.receipt_number,
        submission.received_at,
        submission.respondent.kind.value,
        submission.respondent.organisation,
        [told(seal, comment) for comment in submission.first_comments],
        letter_digest=submission.letter.digest if submission.letter else "",
        region=submission.respondent.region,
    )


def amendment_payload(
    number: str, reference: str, act: str, amended_at: datetime, replacement: Told | None
) -> dict[str, Any]:
    """What the digest of a correction or a withdrawal is taken of."""
    found: dict[str, Any] = {
        "receipt": number,
        "comment": reference,
        "act": act,
        "amended_at": amended_at.isoformat(),
    }
    return found | ({"words": _words(replacement)} if replacement else {})


def owe(
    session: Session,
    seal: Seal,
    address: str,
    receipt: Receipt,
    comments: Sequence[Told],
    title: str,
    unit: str,
    public_url: str,
    at: datetime | None = None,
) -> None:
    """Owes the letter that is the receipt: number, code, digest and everything that was sent.

    `at` is when it is owed, where that is not when the submission was received.
    """
    received = window.instant_words(receipt.received_at)
    lines = [
        f"您对《{title}（征求意见稿）》提出的{len(comments)}条意见已于{received}收到。",
        "",
        f"受理编号：{receipt.number}",
        f"查询码：{receipt.secret}",
        f"内容摘要（SHA-256）：{receipt.digest}",
        "",
        "凭受理编号和查询码，可以在网站“查询来稿”栏查看办理情况；截止前还可以更正或者撤回。请不要把查询码告诉他人。",
    ]
    if public_url:
        lines.append(f"{public_url}/receipts/{receipt.number}?key={receipt.secret}")
    lines += ["", "您提交的内容："]
    for position, one in enumerate(comments, 1):
        lines += ["", f"{position}. {one.citation}（{one.words.stance.label}）", one.words.body]
        if one.words.quoted:
            lines.append(f"针对：{one.words.quoted}")
        if one.words.proposed_text:
            lines.append(f"建议改为：{one.words.proposed_text}")
        if one.evidence:
            lines.append(f"依据材料：{one.evidence.name}（{size_words(one.evidence.size)}）")
        if one.confidential:
            lines.append("（另有商业秘密说明一段，已加密收到，不写入邮件。）")
    lines += ["", unit]
    submission_id = session.scalar(select(Submission.id).where(Submission.receipt_number == receipt.number))
    outbox.owe(
        session,
        seal,
        kind="receipt",
        recipient=address,
        subject=f"来稿回执 {receipt.number}",
        body="\n".join(lines),
        at=at or receipt.received_at,
        submission_id=submission_id,
    )
