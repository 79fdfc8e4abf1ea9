"""Moderation: one decision at a time, each kept for ever, and taken back only by another decision."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.access import Actor, Permission, require
from portal.errors import AlreadyDone, NotAllowed, NotThere, NotValid
from portal.models import (
    Account,
    Appeal,
    AppealDecision,
    Assignment,
    ClearedSpan,
    Comment,
    Consultation,
    ModerationDecision,
    OutgoingEmail,
    Redaction,
    Submission,
    WithholdingProposal,
    WithholdingReason,
)
from portal.rules import plaintext
from portal.rules.urgency import urgency
from portal.rules.words import CommentState, ProposalOutcome
from portal.services import audit, claiming, followers, masking, searching, site
from portal.services.masking import FIELDS as FIELDS
from portal.services.masking import Mask as Mask
from portal.services.masking import mask_of as mask_of
from portal.services.masking import masks_of_words as masks_of_words
from portal.services.masking import own_numbers as own_numbers
from portal.services.masking import public_copy as public_copy
from portal.services.masking import suggested_masks as suggested_masks

#: what a moderator may decide, from which state
ALLOWED = {
    (CommentState.PENDING, CommentState.PUBLISHED),
    (CommentState.PENDING, CommentState.WITHHELD),
    (CommentState.PUBLISHED, CommentState.WITHHELD),
    (CommentState.WITHHELD, CommentState.PUBLISHED),
    (CommentState.PUBLISHED, CommentState.PENDING),
    (CommentState.WITHHELD, CommentState.PENDING),
    (CommentState.MERGED, CommentState.PENDING),
    (CommentState.MERGED, CommentState.PUBLISHED),
}
#: from which states a comment may be merged into an equal one
MERGEABLE = {CommentState.PENDING, CommentState.PUBLISHED}
#: how long whoever decided may take it back with one key; afterwards it is put back into the queue like any other
UNDO_WITHIN = timedelta(minutes=30)


def comment(session: Session, actor: Actor, consultation: Consultation, number: int) -> Comment:
    """One comment with its clause and who sent it. Raises NotThere."""
    require(actor, Permission.MODERATE, consultation.bureau_id)
    found = session.scalar(
        select(Comment)
        .where(Comment.consultation_id == consultation.id, Comment.number == number)
        .options(joinedload(Comment.clause), joinedload(Comment.submission).joinedload(Submission.respondent))
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
            .options(
                joinedload(ModerationDecision.decided_by),
                joinedload(ModerationDecision.proposed_by),
                selectinload(ModerationDecision.redactions),
                selectinload(ModerationDecision.cleared),
            )
            .order_by(ModerationDecision.revision)
        )
    )


def last_decision(session: Session, comment_id: int) -> ModerationDecision | None:
    """The newest decision on a comment."""
    return session.scalar(
        select(ModerationDecision)
        .where(ModerationDecision.comment_id == comment_id)
        .order_by(ModerationDecision.revision.desc())
        .limit(1)
        .options(joinedload(ModerationDecision.decided_by))
    )


def needs_second_person(session: Session) -> bool:
    """Whether the site asks for two people to withhold a comment."""
    return bool(site.values(session).get("is_second_person_needed"))


def lock(session: Session, comment: Comment, revision: int) -> None:
    """Locks the row and looks again: as it is now, not as it was when the page was drawn.

    Raises AlreadyDone, saying who decided what, when somebody did meanwhile.
    """
    session.execute(select(Comment.id).where(Comment.id == comment.id).with_for_update(key_share=True))
    session.refresh(comment)
    if not 0 <= revision <= comment.revision:
        raise NotValid("页面已经过期，请刷新后再决定。")
    if comment.revision != revision:
        last = last_decision(session, comment.id)
        who = "提出人" if comment.state is CommentState.WITHDRAWN else last.decided_by.name if last else "他人"
        raise AlreadyDone(
            "%(reference)s刚刚已由%(who)s处理，现在是“%(state)s”。您的决定没有保存，请先看一看再定。",
            reference=comment.reference,
            who=who,
            state=comment.state.label,
        )


def is_done_already(session: Session, actor: Actor, comment: Comment, to: str, revision: int) -> bool:
    """Whether this very decision is kept already: a button pressed twice, or sent again when no answer came."""
    last = last_decision(session, comment.id)
    return last is not None and (last.decided_by_id, last.to_state.value, last.revision) == (
        actor.account_id, to, revision + 1
    )  # fmt: skip


def require_reason(session: Session, code: str, note: str) -> None:
    """Raises NotValid unless a reason of the list and the particulars are given."""
    known = select(WithholdingReason.id).where(WithholdingReason.code == code, WithholdingReason.retired_at.is_(None))
    if not session.scalar(known):
        raise NotValid("请选择不予公开的理由。批评、反对征求意见稿，不是不予公开的理由。", fault="reason_code")
    if not note:
        raise NotValid("请写明不予公开的具体情况，提出人查询时会看到。", fault="note")


def open_appeal(session: Session, comment: Comment) -> Appeal | None:
    """The objection to the withholding of a comment that nobody has decided on."""
    return session.scalar(
        select(Appeal)
        .outerjoin(AppealDecision, AppealDecision.appeal_id == Appeal.id)
        .where(Appeal.comment_id == comment.id, AppealDecision.id.is_(None))
    )


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
    cleared: Sequence[Mask] = (),
    own: frozenset[str] = frozenset(),
    merged_into: int | None = None,
    undoes_id: int | None = None,
    proposed_by_id: int | None = None,
    by_appeal: bool = False,
) -> ModerationDecision:
    """Publishes, withholds or merges a comment, or puts it back into the queue, and keeps who did it and why.

    `revision` is the comment's revision the moderator saw: when somebody decided meanwhile, AlreadyDone says who.
    Withholding needs a reason code of the list and a note, and where the site asks for it a second person
    (`proposed_by_id`). Publishing needs every certain span of personal data hidden, moved, or `cleared` as none.
    Merging names the number of a published comment; what was merged into the comment follows it there, and otherwise
    goes back into the queue once the comment is no longer public. Raises NotValid otherwise.
    """
    lock(session, comment, revision)
    consultation = comment.submission.consultation
    require(actor, Permission.MODERATE, consultation.bureau_id)
    claiming.require_free(session, actor, comment, at)
    may = comment.state in MERGEABLE if to is CommentState.MERGED else (comment.state, to) in ALLOWED
    if not may and undoes_id is None:
        raise NotValid("这条意见现在不能这样处理。")
    if consultation.results_published_at is not None:
        raise NotValid("采纳情况已经公布，审核决定不能再改。")
    if not by_appeal and comment.state is CommentState.WITHHELD and open_appeal(session, comment):
        raise NotValid("提出人已经申诉，请由没有参与原决定的人在“申诉复核”里决定。")
    note = plaintext.received_within(note, 1000, "审核说明", "note")
    if to is CommentState.WITHHELD and undoes_id is None:
        require_reason(session, reason_code, note)
        if proposed_by_id is None and needs_second_person(session):
            raise NotValid("不予公开需要两个人：请先提出，再由另一位审核员确认。")
    elif to is not CommentState.WITHHELD:
        reason_code = ""
    target = _target(session, comment, merged_into) if to is CommentState.MERGED else None
    if to is CommentState.PUBLISHED and undoes_id is None:
        left = masking.undecided(masking.suggested_masks(comment, own), masks, cleared)
        if left:
            raise NotValid("还有%(count)s处个人信息没有决定。请逐处选择隐去，或者选“不是个人信息”。", fault="masks",
                           count=len(left))  # fmt: skip
    decision = ModerationDecision(
        comment_id=comment.id,
        revision=comment.revision + 1,
        decided_by_id=actor.account_id,
        decided_at=at,
        from_state=comment.state,
        to_state=to,
        reason_code=reason_code,
        note=note,
        merged_into_id=target.id if target else None,
        undoes_id=undoes_id,
        proposed_by_id=proposed_by_id,
    )
    _settle(session, comment, actor, at)
    if to is CommentState.PUBLISHED:
        decision.redactions = [
            Redaction(field=m.field, start=m.start, end=m.end, kind=m.kind, replacement=m.replacement) for m in masks
        ]
        decision.cleared = [ClearedSpan(field=m.field, start=m.start, end=m.end, kind=m.kind) for m in cleared]
        comment.public_body = public_copy(comment.body, "body", masks)
        comment.public_proposed_text = public_copy(comment.proposed_text, "proposed_text", masks)
    else:
        comment.public_body = comment.public_proposed_text = ""
    if target is not None:
        # whatever was merged into this one follows it
        merged = update(Comment).where(Comment.merged_into_id == comment.id)
        session.execute(merged.values(merged_into_id=target.id))
    elif to is not CommentState.PUBLISHED:
        followers.put_back(session, actor, [comment.id], at)
    comment.revision += 1
    comment.state = to
    comment.reason_code = reason_code
    comment.merged_into_id = target.id if target else None
    comment.urgency = urgency(to, comment.flags)
    session.add(decision)
    session.flush()
    searching.keep_comment(session, comment)
    audit.record(
        session,
        actor,
        "comment.undo" if undoes_id else f"comment.{to.value}",
        f"consultation:{consultation.slug}/{comment.reference}",
        at,
        {"revision": comment.revision, "reason": reason_code, "masked": len(masks)}
        | ({"cleared": len(cleared)} if cleared else {})
        | ({"into": target.reference} if target else {})
        | ({"to": to.value} if undoes_id else {}),
    )
    return decision


def _target(session: Session, comment: Comment, number: int | None) -> Comment:
    """The published comment another is merged into, locked so that it stays published until then."""
    if number is None:
        raise NotValid("请写明并入哪一条已公开的意见，例如C-12。", fault="merged_into")
    found = session.scalar(
        select(Comment)
        .where(Comment.consultation_id == comment.consultation_id, Comment.number == number)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if found is None or found.state is not CommentState.PUBLISHED or found.id == comment.id:
        raise NotValid("只能并入另一条已公开的意见，C-%(number)s不是。", fault="merged_into", number=number)
    return found


def _settle(session: Session, comment: Comment, actor: Actor, at: datetime) -> None:
    """Ends what waited on a comment: the claim, the question to a colleague, the proposal that was overtaken."""
    claiming.let_go(session, comment.id)
    session.execute(
        update(Assignment).where(Assignment.comment_id == comment.id, Assignment.ended_at.is_(None)).values(ended_at=at)
    )
    comment.assignee_id = None
    session.execute(
        update(WithholdingProposal)
        .where(WithholdingProposal.comment_id == comment.id, WithholdingProposal.settled_at.is_(None))
        .values(settled_at=at, settled_by_id=actor.account_id, outcome=ProposalOutcome.OVERTAKEN)
    )


# ── undoing ───────────────────────────────────────────────────────────────────────────────────────────


def undoable(session: Session, actor: Actor, at: datetime) -> tuple[ModerationDecision, Comment] | None:
    """My last decision while I may take it back with one key, and its comment; None otherwise."""
    last = session.scalar(
        select(ModerationDecision)
        .where(ModerationDecision.decided_by_id == actor.account_id)
        .order_by(ModerationDecision.id.desc())
        .limit(1)
    )
    if last is None or last.undoes_id or last.bulk_act_id or last.decided_at < at - UNDO_WITHIN:
        return None
    if last.hides_more:
        return None
    found = session.scalar(
        select(Comment).where(Comment.id == last.comment_id).options(
            joinedload(Comment.submission).joinedload(Submission.consultation)
        )
    )  # fmt: skip
    if found is None or found.revision != last.revision or found.submission.consultation.bureau_id != actor.bureau_id:
        return None
    if open_appeal(session, found) is not None:
        return None  # somebody else decides now
    return (last, found) if found.submission.consultation.results_published_at is None else None


def undo(session: Session, actor: Actor, comment: Comment, *, revision: int, at: datetime) -> ModerationDecision:
    """Takes back one's own last decision on a comment: a new decision leads back to what was before.

    Raises NotAllowed for somebody else's, NotValid when its time is over, AlreadyDone when it was taken back or
    somebody decided since.
    """
    lock(session, comment, revision)
    last = last_decision(session, comment.id)
    if last is None or last.undoes_id is not None:
        raise AlreadyDone("%(reference)s没有可以撤销的决定。", reference=comment.reference)
    if last.decided_by_id != actor.account_id:
        raise NotAllowed("只能撤销自己的决定。如有不同意见，请退回待审，写明理由。")
    if last.bulk_act_id is not None:
        raise NotValid("这是批量办理的一部分，请在“后台任务”里整批撤销，或者单独退回待审。")
    if last.hides_more:
        raise NotValid("补充隐去的文字不能一键恢复。确有必要的，请退回待审，重新决定。")
    if at - last.decided_at > UNDO_WITHIN:
        raise NotValid("已经过了30分钟，不能一键撤销。请退回待审，重新决定。")
    masks, reason, note, into = _before(session, comment, last)
    made = decide(
        session, actor, comment, last.from_state, revision=revision, at=at, masks=masks, reason_code=reason, note=note,
        merged_into=into, undoes_id=last.id,
    )  # fmt: skip
    # a letter that has not gone out yet is no longer owed
    session.execute(
        delete(OutgoingEmail).where(OutgoingEmail.kind == f"withheld-{comment.id}", OutgoingEmail.sent_at.is_(None))
    )
    return made


def _before(session: Session, comment: Comment, last: ModerationDecision) -> tuple[list[Mask], str, str, int | None]:
    """What has to be restored to stand where a comment stood before its last decision."""
    if last.from_state is CommentState.PENDING:
        return [], "", "", None
    earlier = session.scalar(
        select(ModerationDecision)
        .where(
            ModerationDecision.comment_id == comment.id,
            ModerationDecision.revision < last.revision,
            ModerationDecision.to_state == last.from_state,
        )
        .order_by(ModerationDecision.revision.desc())
        .limit(1)
        .options(selectinload(ModerationDecision.redactions))
    )
    if earlier is None:
        raise NotValid("找不到原来的决定，不能一键撤销。请退回待审，重新决定。")
    masks = [Mask(r.field, r.start, r.end, r.kind, r.replacement) for r in earlier.redactions]
    into = None
    if earlier.merged_into_id is not None:
        into = session.scalar(select(Comment.number).where(Comment.id == earlier.merged_into_id))
    return masks, earlier.reason_code, earlier.note, into


# ── appeals, as the queue shows them ──────────────────────────────────────────────────────────────────


def appeal(session: Session, comment: Comment) -> Appeal | None:
    """The author's objection to the withholding of a comment, with what was decided on it."""
    return session.scalar(
        select(Appeal)
        .where(Appeal.comment_id == comment.id)
        .options(joinedload(Appeal.decision).joinedload(AppealDecision.decided_by))
    )


def has_part(session: Session, account_id: int | None, comment: Comment) -> bool:
    """Whether this person decided on the comment or proposed its withholding: their own appeal judge they are not."""
    decided = select(ModerationDecision.id).where(
        ModerationDecision.comment_id == comment.id,
        (ModerationDecision.decided_by_id == account_id) | (ModerationDecision.proposed_by_id == account_id),
    )
    return session.scalar(decided.limit(1)) is not None


def moderators(session: Session, actor: Actor) -> list[Account]:
    """The moderators of the actor's bureau."""
    return list(
        session.scalars(
            select(Account)
            .where(Account.bureau_id == actor.bureau_id, Account.role == "moderator", Account.is_active)
            .order_by(Account.name, Account.id)
        )
    )
