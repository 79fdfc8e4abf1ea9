"""The moderation desk: the queue, and one decision at a time, each kept for ever."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.access import Actor, Permission, require
from portal.analysis import personal_data
from portal.errors import AlreadyDone, NotThere, NotValid
from portal.models import (
    Account,
    Appeal,
    Attachment,
    Comment,
    Consultation,
    ModerationDecision,
    Redaction,
    Submission,
    WithholdingReason,
)
from portal.rules import plaintext
from portal.rules.words import CommentState
from portal.sealing import Seal
from portal.services import audit, searching
from portal.services.identity import CONTACT_CONTEXT
from portal.services.receipts import CONFIDENTIAL_CONTEXT

PAGE = 20

#: what a moderator may decide, from which state
ALLOWED = {
    (CommentState.PENDING, CommentState.PUBLISHED),
    (CommentState.PENDING, CommentState.WITHHELD),
    (CommentState.PUBLISHED, CommentState.WITHHELD),
    (CommentState.WITHHELD, CommentState.PUBLISHED),
    (CommentState.PUBLISHED, CommentState.PENDING),
    (CommentState.WITHHELD, CommentState.PENDING),
}
#: the two fields of a comment that can hold personal data
FIELDS = ("body", "proposed_text")


@dataclass(frozen=True, slots=True)
class Queue:
    """Some of the comments that wait, oldest first; `after` is where the next page begins (None at the end)."""

    comments: list[Comment]
    waiting: int
    after: int | None


def queue(
    session: Session,
    actor: Actor,
    consultation: Consultation,
    state: CommentState = CommentState.PENDING,
    after: int = 0,
) -> Queue:
    """The comments of a consultation in one state, in the order they came."""
    require(actor, Permission.MODERATE, consultation.bureau_id)
    waiting = session.scalar(
        select(func.count()).where(Comment.consultation_id == consultation.id, Comment.state == state)
    )
    found = list(
        session.scalars(
            select(Comment)
            .where(Comment.consultation_id == consultation.id, Comment.state == state, Comment.number > after)
            .options(joinedload(Comment.clause), joinedload(Comment.submission).joinedload(Submission.respondent))
            .order_by(Comment.number)
            .limit(PAGE + 1)
        )
    )
    return Queue(found[:PAGE], waiting or 0, found[PAGE - 1].number if len(found) > PAGE else None)


def comment(session: Session, actor: Actor, consultation: Consultation, number: int) -> Comment:
    """One comment with all that stands beside it on the desk. Raises NotThere."""
    require(actor, Permission.MODERATE, consultation.bureau_id)
    found = session.scalar(
        select(Comment)
        .where(Comment.consultation_id == consultation.id, Comment.number == number)
        .options(
            joinedload(Comment.clause),
            joinedload(Comment.submission).joinedload(Submission.respondent),
            joinedload(Comment.submission).selectinload(Submission.comments).joinedload(Comment.clause),
        )
    )
    if found is None:
        raise NotThere("没有这条意见。")
    return found


def decisions(session: Session, comment: Comment) -> list[ModerationDecision]:
    """Every decision on a comment, in order."""
    return list(
        session.scalars(
            select(ModerationDecision)
            .where(ModerationDecision.comment_id == comment.id)
            .options(joinedload(ModerationDecision.decided_by), selectinload(ModerationDecision.redactions))
            .order_by(ModerationDecision.revision)
        )
    )


def next_waiting(session: Session, consultation: Consultation, after: int) -> int | None:
    """The number of the next waiting comment after this one; from the top again at the end; None when all is done."""
    waiting = select(func.min(Comment.number)).where(
        Comment.consultation_id == consultation.id, Comment.state == CommentState.PENDING
    )
    return session.scalar(waiting.where(Comment.number > after)) or session.scalar(waiting)


@dataclass(frozen=True, slots=True)
class Mask:
    """A span of one of the comment's fields to be masked in the public copy, in characters of the original."""

    field: str
    start: int
    end: int
    kind: str
    replacement: str
    is_certain: bool = False

    @property
    def name(self) -> str:
        """How a form refers to it."""
        return f"{self.field}:{self.start}:{self.end}"


def own_numbers(consultation: Consultation) -> frozenset[str]:
    """The bureau's own contact data in the notice, which is never masked."""
    fields = (consultation.phone, consultation.fax, consultation.email)
    return frozenset(part for field in fields for part in field.split("；") if part)


def suggested_masks(comment: Comment, own: frozenset[str] = frozenset()) -> list[Mask]:
    """The personal data the machine found in the comment's words; a person decides."""
    return [
        Mask(
            field,
            span.start,
            span.end,
            span.kind,
            span.replacement,
            is_certain=span.confidence == "high",
        )
        for field in FIELDS
        for span in personal_data.find(getattr(comment, field), own)
    ]


def mask_of(comment: Comment, name: str, suggestions: Sequence[Mask]) -> Mask:
    """The mask a form refers to: one that was suggested, or a span somebody chose. Raises NotValid."""
    for suggestion in suggestions:
        if suggestion.name == name:
            return suggestion
    field, _, place = name.partition(":")
    start, _, end = place.partition(":")
    if field in FIELDS and _is_place(start) and _is_place(end):
        words = getattr(comment, field)
        if 0 <= int(start) < int(end) <= len(words):
            return Mask(field, int(start), int(end), "chosen", "【已隐去】")
    raise NotValid("要隐去的文字没有找到，请重新选择。", fault="masks")


def _is_place(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 6


def masks_of_words(comment: Comment, words: str) -> list[Mask]:
    """Every place where these words stand in the comment, to be masked. Raises NotValid when they stand nowhere."""
    found = []
    for field in FIELDS:
        text = getattr(comment, field)
        start = text.find(words)
        while start >= 0:
            found.append(Mask(field, start, start + len(words), "chosen", "【已隐去】"))
            start = text.find(words, start + len(words))
    if not found:
        raise NotValid("来稿里没有“%(words)s”这几个字，请照原文填写要隐去的文字。", fault="masks", words=words)
    return found


def public_copy(words: str, field: str, masks: Sequence[Mask]) -> str:
    """The words with every mask of this field applied; overlapping masks hide the union once."""
    copy: list[str] = []
    at = 0
    for mask in sorted((m for m in masks if m.field == field), key=lambda m: (m.start, -m.end)):
        if mask.start >= at:
            copy += [words[at : mask.start], mask.replacement]
        at = max(at, mask.end)
    return "".join([*copy, words[at:]])


def decide(
    session: Session,
    actor: Actor,
    comment: Comment,
    to: CommentState,
    *,
    revision: int,
    at: datetime,
    reason_code: str = "",
    note: str = "",
    masks: Sequence[Mask] = (),
    own: frozenset[str] = frozenset(),
) -> ModerationDecision:
    """Publishes or withholds a comment, or puts it back into the queue, and keeps who did it and why.

    `revision` is the comment's revision the moderator saw: when somebody decided meanwhile, AlreadyDone says who.
    Withholding needs a reason code of the list and a note; publishing with certain personal data left
    unmasked needs a note too. Raises NotValid otherwise.
    """
    # lock, then look again: the row as it is now, not as it was when the page was drawn
    session.execute(select(Comment.id).where(Comment.id == comment.id).with_for_update())
    session.refresh(comment)
    consultation = comment.submission.consultation
    require(actor, Permission.MODERATE, consultation.bureau_id)
    if not 0 <= revision <= comment.revision:
        raise NotValid("页面已经过期，请刷新后再决定。")
    if comment.revision != revision:
        last = session.scalar(
            select(Account.name)
            .join(ModerationDecision, ModerationDecision.decided_by_id == Account.id)
            .where(ModerationDecision.comment_id == comment.id)
            .order_by(ModerationDecision.revision.desc())
            .limit(1)
        )
        raise AlreadyDone(
            "%(reference)s刚刚已由%(who)s处理，现在是“%(state)s”。您的决定没有保存，请先看一看再定。",
            reference=comment.reference,
            who="提出人" if comment.state is CommentState.WITHDRAWN else last or "他人",
            state=comment.state.label,
        )
    if (comment.state, to) not in ALLOWED:
        raise NotValid("这条意见现在不能这样处理。")
    if consultation.results_published_at is not None:
        raise NotValid("采纳情况已经公布，审核决定不能再改。如确有错误，请先更正采纳情况。")
    note = plaintext.received_within(note, 1000, "审核说明", "note")
    if to is CommentState.WITHHELD:
        if not session.scalar(select(WithholdingReason.id).where(WithholdingReason.code == reason_code)):
            raise NotValid("请选择不予公开的理由。批评、反对征求意见稿，不是不予公开的理由。", fault="reason_code")
        if not note:
            raise NotValid("请写明不予公开的具体情况，提出人查询时会看到。", fault="note")
    else:
        reason_code = ""
    if to is CommentState.PUBLISHED:
        undecided = [m for m in suggested_masks(comment, own) if m.is_certain and not _is_covered(m, masks)]
        if undecided and not note:
            raise NotValid("还有%(count)s处个人信息没有隐去。请勾选隐去，或写明为什么可以公开。", fault="masks",
                           count=len(undecided))  # fmt: skip
    decision = ModerationDecision(
        comment_id=comment.id,
        revision=comment.revision + 1,
        decided_by_id=actor.account_id,
        decided_at=at,
        from_state=comment.state,
        to_state=to,
        reason_code=reason_code,
        note=note,
    )
    if to is CommentState.PUBLISHED:
        decision.redactions = [
            Redaction(field=m.field, start=m.start, end=m.end, kind=m.kind, replacement=m.replacement) for m in masks
        ]
        comment.public_body = public_copy(comment.body, "body", masks)
        comment.public_proposed_text = public_copy(comment.proposed_text, "proposed_text", masks)
    else:
        comment.public_body = comment.public_proposed_text = ""
    comment.revision += 1
    comment.state = to
    comment.reason_code = reason_code
    session.add(decision)
    session.flush()
    searching.keep_comment(session, comment)
    audit.record(
        session,
        actor,
        f"comment.{to.value}",
        f"consultation:{consultation.slug}/{comment.reference}",
        at,
        {"revision": comment.revision, "reason": reason_code, "masked": len(masks)},
    )
    return decision


def _is_covered(suggestion: Mask, masks: Sequence[Mask]) -> bool:
    return any(m.field == suggestion.field and m.start <= suggestion.start and suggestion.end <= m.end for m in masks)


def see_contact(session: Session, seal: Seal, actor: Actor, comment: Comment, at: datetime) -> dict[str, str]:
    """The contact data behind a comment. Every look is an audit event."""
    consultation = comment.submission.consultation
    require(actor, Permission.SEE_CONTACT, consultation.bureau_id)
    audit.record(
        session,
        actor,
        "contact.see",
        f"consultation:{consultation.slug}/{comment.reference}",
        at,
        {"receipt": comment.submission.receipt_number, "minor": comment.submission.respondent.is_minor},
    )
    sealed = comment.submission.respondent.contact_sealed
    return seal.open_fields(sealed, CONTACT_CONTEXT) if sealed else {}


def see_evidence(session: Session, actor: Actor, comment: Comment, at: datetime) -> Attachment:
    """What a respondent handed in with a comment. It may name people, so every look is an audit event."""
    consultation = comment.submission.consultation
    require(actor, Permission.MODERATE, consultation.bureau_id)
    if comment.evidence is None:
        raise NotThere("这条意见没有附材料。")
    audit.record(
        session,
        actor,
        "evidence.see",
        f"consultation:{consultation.slug}/{comment.reference}",
        at,
        {"digest": comment.evidence.digest},
    )
    return comment.evidence


def see_confidential(
    session: Session, seal: Seal, actor: Actor, consultation: Consultation, number: int, at: datetime
) -> str:
    """The trade secret told beside a comment. Every look is an audit event. Raises NotThere where there is none."""
    require(actor, Permission.SEE_CONFIDENTIAL, consultation.bureau_id)
    found = session.scalar(select(Comment).where(Comment.consultation_id == consultation.id, Comment.number == number))
    if found is None or not found.confidential_sealed:
        raise NotThere("这条意见没有附商业秘密说明。")
    audit.record(session, actor, "confidential.see", f"consultation:{consultation.slug}/{found.reference}", at)
    return seal.open(found.confidential_sealed, CONFIDENTIAL_CONTEXT)


def see_letter(session: Session, actor: Actor, comment: Comment, at: datetime) -> Attachment:
    """The scan of a sealed letter that came with a comment. Every look is an audit event. Raises NotThere."""
    consultation = comment.submission.consultation
    require(actor, Permission.SEE_CONTACT, consultation.bureau_id)
    found = comment.submission.letter
    if found is None:
        raise NotThere("这件来稿没有附盖章的书面意见。")
    audit.record(session, actor, "letter.see", f"consultation:{consultation.slug}/{comment.reference}", at)
    return found


def appeal(session: Session, comment: Comment) -> Appeal | None:
    """The author's objection to the withholding of a comment."""
    return session.scalar(select(Appeal).where(Appeal.comment_id == comment.id))


def appealed(session: Session, consultation: Consultation) -> set[int]:
    """The numbers of the withheld comments whose authors objected."""
    return set(
        session.scalars(
            select(Comment.number)
            .join(Appeal, Appeal.comment_id == Comment.id)
            .where(Comment.consultation_id == consultation.id, Comment.state == CommentState.WITHHELD)
        )
    )
