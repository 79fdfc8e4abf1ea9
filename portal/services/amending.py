"""What an author may still do after sending: correct or withdraw a comment, or appeal against its withholding.

The words first sent never change. A correction is a comment of its own that begins moderation anew, and the one it
stands for counts as withdrawn: received = pending + published + withheld + merged + withdrawn holds all along.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.access import ANYBODY
from portal.errors import AlreadyDone, NotThere, NotValid, WindowNotOpen
from portal.models import Amendment, Appeal, Comment, Consultation, Submission
from portal.rules import plaintext, window
from portal.rules.receipts import digest
from portal.rules.urgency import urgency
from portal.rules.window import WindowState
from portal.rules.words import CommentState
from portal.sealing import Seal
from portal.services import arriving, baskets, followers, masking, receipts, searching
from portal.services.baskets import Remark
from portal.services.tracking import AMENDABLE

LONGEST_APPEAL = 2000


def correct(
    session: Session,
    seal: Seal,
    submission: Submission,
    number: int,
    remark: Remark,
    *,
    revision: int,
    at: datetime,
    confidential: str = "",
) -> Amendment:
    """Puts new words in the place of a comment before the window closes; they wait for moderation as new ones do.

    `revision` is the comment's revision its author saw. Raises AlreadyDone when a moderator decided meanwhile or it
    was amended already, WindowNotOpen after the deadline, NotValid when the words did not change.
    """
    comment = _in_hand(session, submission, number, revision, at)
    words = baskets.sendable(baskets.where_it_was(remark, comment.clause, comment.anchor), comment.clause)
    secret = plaintext.received_within(confidential, baskets.LONGEST_BODY, "商业秘密说明", "confidential")
    was = (comment.stance, comment.body, comment.proposed_text, comment.quote)
    is_same = (words.stance, words.body, words.proposed_text, words.quoted) == was
    if is_same and secret == receipts.confidential(seal, comment):
        raise NotValid("文字没有改动。请改好后再提交，或者按“不改了”。", fault="body")
    numbered, position = session.execute(
        select(Consultation.comments_numbered, func.max(Comment.position))
        .join(Comment, Comment.consultation_id == Consultation.id)
        .where(Comment.submission_id == submission.id)
        .group_by(Consultation.comments_numbered)
    ).one()
    flags = masking.flags(words.body, words.proposed_text, masking.own_numbers(submission.consultation))
    replacement = Comment(
        channel=submission.channel,
        respondent_kind=submission.respondent.kind,
        flags=flags,
        urgency=urgency(CommentState.PENDING, flags),
        consultation_id=comment.consultation_id,
        submission=submission,
        clause_id=comment.clause_id,
        clause=comment.clause,
        position=position + 1,
        number=numbered + 1,
        received_at=at,
        stance=words.stance,
        body=words.body,
        proposed_text=words.proposed_text,
        **baskets.quotation_of(words),
        evidence_id=comment.evidence_id,
        confidential_sealed=seal.close(secret, receipts.CONFIDENTIAL_CONTEXT) if secret else "",
    )
    session.add(replacement)
    session.execute(
        update(Consultation)
        .where(Consultation.id == comment.consultation_id)
        .values(comments_numbered=numbered + 1)
        .execution_options(synchronize_session=False)
    )
    return _withdrawn(session, seal, submission, comment, at, replacement)


def withdraw(
    session: Session, seal: Seal, submission: Submission, number: int, *, revision: int, at: datetime
) -> Amendment:
    """Takes one comment back before the window closes. Raises as `correct` does."""
    comment = _in_hand(session, submission, number, revision, at)
    return _withdrawn(session, seal, submission, comment, at, None)


def withdraw_all(session: Session, seal: Seal, submission: Submission, at: datetime) -> int:
    """Takes back everything of a submission that still stands; how many comments that was."""
    standing = [comment for comment in submission.comments if comment.state in AMENDABLE]
    if not standing:
        raise AlreadyDone("这件来稿的意见都已经撤回。")
    # all rows first, then the turn in the log: whoever decides takes them in this order
    in_hand = [_in_hand(session, submission, comment.number, None, at) for comment in standing]
    followers.put_back(session, ANYBODY, [comment.id for comment in in_hand], at)
    for comment in in_hand:
        _withdrawn(session, seal, submission, comment, at, None)
    return len(standing)


def require_amendable(submission: Submission, number: int, at: datetime) -> None:
    """Raises what correcting or withdrawing this comment would raise, before anybody writes a word."""
    comment = _one(submission, number)
    _require_in_time(submission.consultation, at)
    _require_standing(comment)


def _one(submission: Submission, number: int) -> Comment:
    comment = next((one for one in submission.comments if one.number == number), None)
    if comment is None:
        raise NotThere("这件来稿里没有这条意见。")
    return comment


def _require_in_time(consultation: Consultation, at: datetime) -> None:
    current = consultation.window
    match consultation.state(at):
        case WindowState.WITHDRAWN:
            raise WindowNotOpen(
                "这次征求意见已于%(when)s撤回，意见照常保存，不能再更正或者撤回。",
                when=window.Moment(consultation.withdrawn_at or at),
            )
        case WindowState.CLOSED if current is not None:
            raise WindowNotOpen(
                "征求意见已于%(when)s截止，不能再更正或者撤回；如有重要情况，请联系起草单位。",
                when=window.Deadline(current.closes_at),
            )


def _require_standing(comment: Comment) -> None:
    if comment.state not in AMENDABLE:
        raise AlreadyDone("%(reference)s已经更正或撤回过，请看回执页最新的情况。", reference=comment.reference)


def _in_hand(session: Session, submission: Submission, number: int, revision: int | None, at: datetime) -> Comment:
    comment = _one(submission, number)
    _require_in_time(submission.consultation, at)
    # the consultation first, as sending does, then its campaigns, as grouping does, then the comment, as deciding does;
    # then look again
    session.execute(
        select(Consultation.id).where(Consultation.id == comment.consultation_id).with_for_update(key_share=True)
    )
    arriving.lock(session, comment.consultation_id)
    session.execute(select(Comment.id).where(Comment.id == comment.id).with_for_update(key_share=True))
    session.refresh(comment, ["state", "revision"])
    _require_standing(comment)
    if revision is not None and comment.revision != revision:
        raise AlreadyDone(
            "%(reference)s刚刚审核过，现在是“%(state)s”。您的更正没有提交，请看一看再定；您写的内容在下面。",
            reference=comment.reference,
            state=comment.state.label,
        )
    return comment


def _withdrawn(
    session: Session, seal: Seal, submission: Submission, comment: Comment, at: datetime, replacement: Comment | None
) -> Amendment:
    words = receipts.told(seal, replacement) if replacement else None
    act = "correct" if replacement else "withdraw"
    followers.put_back(session, ANYBODY, [comment.id], at)
    amendment = Amendment(
        comment=comment,
        replaced_by=replacement,
        revision=comment.revision + 1,
        from_state=comment.state,
        amended_at=at,
        digest=digest(receipts.amendment_payload(submission.receipt_number, comment.reference, act, at, words)),
    )
    comment.revision += 1
    comment.state = CommentState.WITHDRAWN
    comment.urgency = comment.assignee_id = comment.merged_into_id = None
    comment.reason_code = ""
    comment.public_body = comment.public_proposed_text = ""
    session.add(amendment)
    session.flush()
    searching.keep_comment(session, comment)
    arriving.leave(session, comment)
    return amendment


def appeal(session: Session, submission: Submission, number: int, body: str, at: datetime) -> Appeal:
    """Keeps an author's objection to the withholding of a comment, once. The office sees it beside the comment."""
    comment = next((one for one in submission.comments if one.number == number), None)
    if comment is None or comment.state is not CommentState.WITHHELD:
        raise NotThere("这条意见没有“不予公开”的决定，不用申诉。")
    session.execute(select(Comment.id).where(Comment.id == comment.id).with_for_update(key_share=True))
    if session.scalar(select(Appeal.id).where(Appeal.comment_id == comment.id)):
        raise AlreadyDone("这条意见已经收到过申诉，不用再提。")
    words = plaintext.received_within(body, LONGEST_APPEAL, "申诉理由", "appeal")
    if not words:
        raise NotValid("请写明为什么应当公开。", fault="appeal")
    made = Appeal(comment_id=comment.id, revision=comment.revision, body=words, made_at=at)
    session.add(made)
    comment.urgency = urgency(comment.state, comment.flags, is_appealed=True)
    session.flush()
    return made
