"""One decision on many comments: a list to look at first, exceptions, then a job; undone as one act.

What is touched is what the sieve lets through among the comments that were there when the list was made. A comment that
somebody decided on meanwhile is left as they decided. Comments with personal data nobody has dealt with are never
published this way; they are listed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.orm import Session, joinedload

from portal.access import Actor, Permission, require
from portal.errors import AlreadyDone, NotAllowed, NotThere, NotValid
from portal.models import (
    BulkAct,
    BulkException,
    Comment,
    Consultation,
    Job,
    ModerationDecision,
    Submission,
)
from portal.rules import plaintext
from portal.rules.urgency import Urgency
from portal.rules.words import BulkOutcome, CommentState
from portal.services import audit, jobs, moderation
from portal.services.sifting import Sieve

#: comments on one page of the list
PAGE = 20
#: the kind of the job, as the worker knows it
KIND = "bulk"
#: what may be done to many at once, and from which states
FROM = {
    CommentState.PUBLISHED: (CommentState.PENDING,),
    CommentState.WITHHELD: (CommentState.PENDING, CommentState.PUBLISHED),
    CommentState.MERGED: (CommentState.PENDING, CommentState.PUBLISHED),
}


def touched(act: BulkAct) -> list[ColumnElement[bool]]:
    """The condition under which the act is about a comment. What waits for a second person or on appeal is not."""
    sieve = Sieve.read(act.sieve)
    found = [Comment.consultation_id == act.consultation_id, Comment.number <= act.up_to_number, *sieve.conditions()]
    if sieve.is_open:
        found.append(Comment.state == CommentState.PENDING)
        found.append(Comment.urgency.in_((int(Urgency.SUSPICIOUS), int(Urgency.USUAL))))
    else:
        found.append(or_(Comment.urgency.is_(None), Comment.urgency >= int(Urgency.SUSPICIOUS)))
    return found


def begin(session: Session, actor: Actor, consultation: Consultation, sieve: Sieve, at: datetime) -> BulkAct:
    """Makes the list of what an act on many would touch; nothing is decided yet."""
    require(actor, Permission.MODERATE, consultation.bureau_id)
    if sieve.state not in (None, CommentState.PENDING, CommentState.PUBLISHED):
        raise NotValid("只有待审和公开的意见可以批量办理。")
    act = BulkAct(
        consultation_id=consultation.id,
        to_state=CommentState.WITHHELD if sieve.state is CommentState.PUBLISHED else CommentState.PUBLISHED,
        # what was decided until now belongs to the list; what is decided later, one by one, is told as an exception
        sieve=sieve.kept() | {"since": session.scalar(select(func.max(ModerationDecision.id))) or 0},
        up_to_number=session.scalar(
            select(Consultation.comments_numbered).where(Consultation.id == consultation.id)
        ),
        total=0,
        made_by_id=actor.account_id,
        made_at=at,
    )  # fmt: skip
    act.total = session.scalar(select(func.count()).select_from(Comment).where(*touched(act))) or 0
    if not act.total:
        raise NotValid("这样筛选没有可以批量办理的意见。")
    session.add(act)
    session.flush()
    return act


def found(session: Session, actor: Actor, act_id: int) -> BulkAct:
    """An act of the actor's own bureau. Raises NotThere."""
    require(actor, Permission.MODERATE)
    act = session.scalar(
        select(BulkAct)
        .where(BulkAct.id == act_id)
        .options(joinedload(BulkAct.consultation), joinedload(BulkAct.made_by), joinedload(BulkAct.merged_into))
    )
    if act is None or act.consultation.bureau_id != actor.bureau_id:
        raise NotThere("没有这次批量办理。")
    return act


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of what the act is about; `left_out` are the numbers somebody picked out."""

    comments: list[Comment]
    left_out: frozenset[int]
    after: int | None


def listed(session: Session, act: BulkAct, after: int = 0) -> Listed:
    """The comments an act would touch, in the order they came, those with a number above `after`."""
    numbers = session.scalars(
        select(Comment.number).where(*touched(act), Comment.number > after).order_by(Comment.number).limit(PAGE + 1)
    ).all()
    comments = session.scalars(
        select(Comment)
        .where(Comment.consultation_id == act.consultation_id, Comment.number.in_(numbers[:PAGE]))
        .order_by(Comment.number)
        .options(joinedload(Comment.clause), joinedload(Comment.submission).joinedload(Submission.respondent))
    )
    out = session.scalars(
        select(Comment.number)
        .join(BulkException, BulkException.comment_id == Comment.id)
        .where(BulkException.bulk_act_id == act.id, BulkException.why == BulkOutcome.LEFT_OUT)
    )
    return Listed(list(comments), frozenset(out), numbers[PAGE - 1] if len(numbers) > PAGE else None)


def exceptions(session: Session, act: BulkAct, limit: int = PAGE) -> dict[BulkOutcome, tuple[int, list[Comment]]]:
    """What the act left as it was: how many for each reason, and the first of them."""
    counts = session.execute(
        select(BulkException.why, func.count()).where(BulkException.bulk_act_id == act.id).group_by(BulkException.why)
    ).all()
    return {
        why: (
            count,
            list(
                session.scalars(
                    select(Comment)
                    .join(BulkException, BulkException.comment_id == Comment.id)
                    .where(BulkException.bulk_act_id == act.id, BulkException.why == why)
                    .order_by(Comment.number)
                    .limit(limit)
                )
            ),
        )
        for why, count in counts
    }


def leave_out(session: Session, actor: Actor, act: BulkAct, numbers: Sequence[int], shown: Sequence[int]) -> None:
    """Picks comments of one page out of the act: of those `shown`, `numbers` are left as they are."""
    require(actor, Permission.MODERATE, act.consultation.bureau_id)
    _require_waiting(act)
    ids = dict(
        session.execute(
            select(Comment.number, Comment.id).where(
                Comment.consultation_id == act.consultation_id, Comment.number.in_(list(shown)[: PAGE * 2])
            )
        ).all()
    )
    session.execute(
        delete(BulkException).where(BulkException.bulk_act_id == act.id, BulkException.comment_id.in_(ids.values()))
    )
    for number in set(numbers) & set(ids):
        session.add(BulkException(bulk_act_id=act.id, comment_id=ids[number], why=BulkOutcome.LEFT_OUT))
    session.flush()


def _require_waiting(act: BulkAct) -> None:
    if act.started_at is not None:
        raise AlreadyDone("这次批量办理已经开始，不能再改。")


def start(
    session: Session,
    actor: Actor,
    act: BulkAct,
    to: CommentState,
    *,
    at: datetime,
    reason_code: str = "",
    note: str = "",
    merged_into: int | None = None,
) -> Job | None:
    """Begins the act; the job that does it, or None while it waits for a second person to begin it.

    Raises NotValid as one decision would.
    """
    session.execute(select(BulkAct.id).where(BulkAct.id == act.id).with_for_update(key_share=True))
    session.refresh(act)
    require(actor, Permission.MODERATE, act.consultation.bureau_id)
    _require_waiting(act)
    if act.consultation.results_published_at is not None:
        raise NotValid("采纳情况已经公布，审核决定不能再改。")
    is_second = act.reason_code != "" and to is CommentState.WITHHELD and act.to_state is CommentState.WITHHELD
    state = Sieve.read(act.sieve).state or CommentState.PENDING
    if to not in FROM or state not in FROM[to]:
        raise NotValid("请选择怎样办理。", fault="to")
    words = plaintext.received_within(note, 1000, "审核说明", "note")
    if to is CommentState.WITHHELD and not is_second:
        moderation.require_reason(session, reason_code, words)
    if to is CommentState.MERGED:
        act.merged_into_id = _target(session, act, merged_into)
    needs_second = to is CommentState.WITHHELD and moderation.needs_second_person(session)
    if needs_second and is_second and act.made_by_id == actor.account_id:
        raise NotAllowed("自己提出的不予公开，要由另一位审核员确认。")
    if not (needs_second and is_second):
        act.to_state, act.note = to, words
        act.reason_code = reason_code if to is CommentState.WITHHELD else ""
    if needs_second and not is_second:
        session.flush()
        _record(session, actor, act, "bulk.propose", at)
        return None
    act.started_at = at
    job = jobs.ask(
        session, KIND, at=at, actor=actor, consultation=act.consultation, arguments={"act": act.id}, total=act.total
    )
    act.job_id = job.id
    session.flush()
    _record(session, actor, act, "bulk.start", at)
    return job


def _target(session: Session, act: BulkAct, number: int | None) -> int:
    target = session.scalar(
        select(Comment.id).where(
            Comment.consultation_id == act.consultation_id,
            Comment.number == (number or 0),
            Comment.state == CommentState.PUBLISHED,
        )
    )
    if target is None:
        raise NotValid("请写明并入哪一条已公开的意见，例如C-12。", fault="merged_into")
    return target


def may_undo(session: Session, act: BulkAct) -> bool:
    """Whether an act can be taken back: it was begun, its job is over, and nobody has taken it back yet."""
    if act.started_at is None or act.undoes_id is not None or act.consultation.results_published_at is not None:
        return False
    job = session.get(Job, act.job_id) if act.job_id else None
    if job is None or job.state in jobs.OPEN_STATES:
        return False
    return session.scalar(select(BulkAct.id).where(BulkAct.undoes_id == act.id)) is None


def undo(session: Session, actor: Actor, act: BulkAct, at: datetime) -> Job:
    """Takes an act back as one: everything it decided goes back to where it was, unless somebody decided since."""
    session.execute(select(BulkAct.id).where(BulkAct.id == act.id).with_for_update(key_share=True))
    require(actor, Permission.MODERATE, act.consultation.bureau_id)
    if not may_undo(session, act):
        raise AlreadyDone("这次批量办理现在不能撤销：还在办理，或者已经撤销过。")
    done = session.scalar(
        select(func.count()).select_from(ModerationDecision).where(ModerationDecision.bulk_act_id == act.id)
    )
    back = BulkAct(
        consultation_id=act.consultation_id,
        consultation=act.consultation,
        to_state=CommentState.PENDING,
        sieve=act.sieve,
        up_to_number=act.up_to_number,
        total=done or 0,
        made_by_id=actor.account_id,
        made_at=at,
        started_at=at,
        undoes_id=act.id,
    )
    session.add(back)
    session.flush()
    job = jobs.ask(
        session, KIND, at=at, actor=actor, consultation=act.consultation, arguments={"act": back.id}, total=back.total
    )
    back.job_id = job.id
    session.flush()
    _record(session, actor, back, "bulk.undo", at)
    return job


def _record(session: Session, actor: Actor, act: BulkAct, name: str, at: datetime) -> None:
    details = {"to": act.to_state.value, "total": act.total, "reason": act.reason_code, "sieve": act.sieve}
    if act.undoes_id:
        details["undoes"] = act.undoes_id
    audit.record(session, actor, name, f"bulk:{act.id}", at, details)


def undone_by(session: Session, act: BulkAct) -> BulkAct | None:
    """The act that took this one back."""
    return session.scalar(select(BulkAct).where(BulkAct.undoes_id == act.id))


def of_job(session: Session, job_ids: Sequence[int]) -> dict[int, BulkAct]:
    """The acts behind these jobs."""
    acts = session.scalars(select(BulkAct).where(BulkAct.job_id.in_(job_ids)))
    return {act.job_id: act for act in acts if act.job_id is not None}
