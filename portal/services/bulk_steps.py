"""The steps of an act on many comments: some hundreds at a time, each step kept with its place.

What takes long (looking for personal data, preparing the index of the search) is gathered before the transaction, so
that the site goes on answering and taking in comments while a crowd is being decided on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import case, delete, insert, select, update
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.access import Actor
from portal.errors import NotValid
from portal.models import (
    Account,
    Assignment,
    BulkAct,
    BulkException,
    Claim,
    Comment,
    Consultation,
    Job,
    ModerationDecision,
    Submission,
)
from portal.rules.urgency import Flag, Urgency
from portal.rules.words import BulkOutcome, CommentState
from portal.services import audit, bulk, followers, masking, searching, telling
from portal.services.jobs import Kind, Setting
from portal.services.masking import Mask
from portal.services.sifting import Sieve

#: comments decided on in one transaction
STEP = 500


@dataclass(slots=True)
class Gathered:
    """What the next step is about: rows as they were seen, who is left out and why, and where the step ends."""

    rows: Sequence[Any] = ()
    left: dict[int, BulkOutcome] = field(default_factory=dict)
    entries: dict[int, dict[str, Any]] = field(default_factory=dict)
    after: int = 0
    is_last: bool = True


def gather(session: Session, job: Job, _setting: Setting) -> Gathered:
    """Reads the next comments and everything that can be worked out beforehand."""
    act = session.get_one(BulkAct, job.arguments["act"])
    after = job.place.get("after", 0)
    if act.undoes_id is not None:
        back = session.execute(
            select(ModerationDecision.id, ModerationDecision.comment_id, ModerationDecision.revision,
                   ModerationDecision.from_state, ModerationDecision.to_state)
            .where(ModerationDecision.bulk_act_id == act.undoes_id, ModerationDecision.id > after)
            .order_by(ModerationDecision.id)
            .limit(STEP)
        ).all()  # fmt: skip
        return Gathered(back, after=back[-1].id if back else after, is_last=len(back) < STEP)
    rows = session.execute(
        select(Comment.id, Comment.number, Comment.revision, Comment.state, Comment.body, Comment.proposed_text)
        .where(*bulk.touched(act), Comment.number > after)
        .order_by(Comment.number)
        .limit(STEP)
    ).all()
    ids = [row.id for row in rows]
    out = session.scalars(
        select(BulkException.comment_id).where(
            BulkException.bulk_act_id == act.id,
            BulkException.comment_id.in_(ids),
            BulkException.why == BulkOutcome.LEFT_OUT,
        )
    )
    gathered = Gathered(
        rows, dict.fromkeys(out, BulkOutcome.LEFT_OUT), after=rows[-1].number if rows else after,
        is_last=len(rows) < STEP,
    )  # fmt: skip
    if act.to_state is CommentState.PUBLISHED:
        _prepare(session, act, gathered)
    return gathered


def _prepare(session: Session, act: BulkAct, gathered: Gathered) -> None:
    """Finds who has personal data nobody dealt with; words that are said again are looked through once."""
    own = masking.own_numbers(session.get_one(Consultation, act.consultation_id))
    known: dict[tuple[str, str], bool] = {}
    words: dict[tuple[str, str], dict[str, Any]] = {}
    for row in gathered.rows:
        if row.id in gathered.left:
            continue
        text = (row.body, row.proposed_text)
        if text not in known:
            known[text] = any(mask.is_certain for mask in masking.suggested(*text, own))
        if known[text]:
            gathered.left[row.id] = BulkOutcome.PERSONAL
            continue
        if text not in words:
            words[text] = searching.comment_row(act.consultation_id, row.id, *text)
        gathered.entries[row.id] = searching.of_comment(words[text], row.id)


def apply(session: Session, job: Job, setting: Setting, gathered: Gathered) -> bool:
    """Decides on what was gathered, unless somebody decided meanwhile."""
    act = session.get_one(BulkAct, job.arguments["act"])
    actor = session.get_one(Account, job.asked_by_id).actor
    if session.get_one(Consultation, act.consultation_id).results_published_at is not None:
        raise NotValid("采纳情况已经公布，审核决定不能再改。")
    if act.undoes_id is not None:
        decided, put_back = _take_back(session, act, actor, setting, gathered)
    else:
        decided, put_back = _decide(session, act, actor, setting, gathered)
    job.place = {"after": gathered.after}
    job.done += len(gathered.rows)
    job.result = {**job.result, "decided": job.result.get("decided", 0) + decided}
    if put_back:
        job.result = {**job.result, "put_back": job.result.get("put_back", 0) + put_back}
    if gathered.is_last and act.undoes_id is None:
        _note_others(session, act)
    if decided:
        audit.record(
            session, actor, "bulk.step", f"bulk:{act.id}", setting.at,
            {"decided": decided, "up_to": gathered.after} | ({"put_back": put_back} if put_back else {}),
        )  # fmt: skip
    return gathered.is_last


def _current(session: Session, ids: Sequence[int]) -> dict[int, Any]:
    """The comments as they are now, locked in the order of their keys."""
    rows = session.execute(
        select(Comment.id, Comment.revision, Comment.state, Comment.assignee_id)
        .where(Comment.id.in_(ids))
        .order_by(Comment.id)
        .with_for_update(key_share=True)
    )
    return {row.id: row for row in rows}


def _decide(session: Session, act: BulkAct, actor: Actor, setting: Setting, gathered: Gathered) -> tuple[int, int]:
    """How many were decided on, and how many that were merged into them went back into the queue."""
    if act.to_state is CommentState.MERGED:
        _require_target(session, act)
    current = _current(session, [row.id for row in gathered.rows])
    mine = [
        row
        for row in gathered.rows
        if row.id not in gathered.left
        and (current[row.id].revision, current[row.id].state) == (row.revision, row.state)
        and row.id != act.merged_into_id
    ]
    personal = [key for key, why in gathered.left.items() if why is BulkOutcome.PERSONAL]
    if personal:
        session.execute(
            insert(BulkException),
            [{"bulk_act_id": act.id, "comment_id": key, "why": BulkOutcome.PERSONAL} for key in personal],
        )
    if not mine:
        return 0, 0
    ids = [row.id for row in mine]
    put_back = 0
    if act.to_state is CommentState.WITHHELD:
        put_back = followers.put_back(session, actor, ids, setting.at, is_bulk=True)
    session.execute(
        insert(ModerationDecision),
        [
            {
                "comment_id": row.id, "revision": row.revision + 1, "decided_by_id": actor.account_id,
                "decided_at": setting.at, "from_state": row.state, "to_state": act.to_state,
                "reason_code": act.reason_code, "note": act.note, "merged_into_id": act.merged_into_id,
                "bulk_act_id": act.id, "proposed_by_id": act.made_by_id if act.made_by_id != actor.account_id else None,
            }
            for row in mine
        ],
    )  # fmt: skip
    is_published = act.to_state is CommentState.PUBLISHED
    _change(
        session,
        ids,
        state=act.to_state,
        revision=Comment.revision + 1,
        reason_code=act.reason_code,
        public_body=Comment.body if is_published else "",
        public_proposed_text=Comment.proposed_text if is_published else "",
        urgency=None,
        assignee_id=None,
        merged_into_id=act.merged_into_id,
    )
    if act.to_state is CommentState.MERGED:
        _change_where(session, Comment.merged_into_id.in_(ids), merged_into_id=act.merged_into_id)
    session.execute(delete(Claim).where(Claim.comment_id.in_(ids)))
    if any(current[key].assignee_id for key in ids):
        session.execute(
            update(Assignment)
            .where(Assignment.comment_id.in_(ids), Assignment.ended_at.is_(None))
            .values(ended_at=setting.at)
        )
    searching.forget_comments(session, ids)
    if is_published:
        searching.add_rows(session, [gathered.entries[key] for key in ids])
    if act.to_state is CommentState.WITHHELD:
        _tell(session, act, setting, ids)
    return len(mine), put_back


def _change(session: Session, ids: Sequence[int], **values: Any) -> None:
    _change_where(session, Comment.id.in_(ids), **values)


def _change_where(session: Session, condition: Any, **values: Any) -> None:
    session.execute(update(Comment).where(condition).values(**values).execution_options(synchronize_session=False))


def _require_target(session: Session, act: BulkAct) -> None:
    state = session.scalar(
        select(Comment.state).where(Comment.id == act.merged_into_id).with_for_update(key_share=True)
    )
    if state is not CommentState.PUBLISHED:
        raise NotValid("要并入的意见已经不再公开，没有继续办理。")


def _tell(session: Session, act: BulkAct, setting: Setting, ids: Sequence[int]) -> None:
    decisions = session.scalars(
        select(ModerationDecision).where(
            ModerationDecision.bulk_act_id == act.id, ModerationDecision.comment_id.in_(ids)
        )
    ).all()
    comments = {
        comment.id: comment
        for comment in session.scalars(
            select(Comment)
            .where(Comment.id.in_(ids))
            .options(joinedload(Comment.submission).joinedload(Submission.respondent))
        )
    }
    for decision in decisions:
        telling.withheld(session, setting.seal, comments[decision.comment_id], decision, setting.public_url)


def _note_others(session: Session, act: BulkAct) -> None:
    """Writes down what others decided one by one since the list was made: the act left it as they decided."""
    sieve = Sieve.read({**act.sieve, "state": None, "mark": ""})
    same = sieve.conditions()[1:]
    known = select(BulkException.comment_id).where(BulkException.bulk_act_id == act.id)
    others = session.scalars(
        select(Comment.id)
        .join(ModerationDecision, ModerationDecision.comment_id == Comment.id)
        .where(
            ModerationDecision.id > act.sieve.get("since", 0),
            ModerationDecision.bulk_act_id.is_(None),
            ModerationDecision.from_state == (Sieve.read(act.sieve).state or CommentState.PENDING),
            Comment.consultation_id == act.consultation_id,
            Comment.number <= act.up_to_number,
            *same,
            Comment.id.not_in(known),
        )
        .distinct()
    ).all()
    if others:
        session.execute(
            insert(BulkException),
            [{"bulk_act_id": act.id, "comment_id": key, "why": BulkOutcome.CHANGED} for key in others],
        )


# ── taking back ───────────────────────────────────────────────────────────────────────────────────────


def _take_back(session: Session, act: BulkAct, actor: Actor, setting: Setting, gathered: Gathered) -> tuple[int, int]:
    current = _current(session, [row.comment_id for row in gathered.rows])
    mine: list[Any] = []
    changed: list[Any] = []
    for row in gathered.rows:
        now = current[row.comment_id]
        (mine if (now.revision, now.state) == (row.revision, row.to_state) else changed).append(row)
    if changed:
        session.execute(
            insert(BulkException),
            [{"bulk_act_id": act.id, "comment_id": row.comment_id, "why": BulkOutcome.CHANGED} for row in changed],
        )
    if not mine:
        return 0, 0
    ids = [row.comment_id for row in mine if row.from_state is CommentState.PENDING]
    put_back = followers.put_back(session, actor, ids, setting.at, is_bulk=True)
    session.execute(
        insert(ModerationDecision),
        [
            {
                "comment_id": row.comment_id, "revision": row.revision + 1, "decided_by_id": actor.account_id,
                "decided_at": setting.at, "from_state": row.to_state, "to_state": row.from_state, "undoes_id": row.id,
                "bulk_act_id": act.id,
            }
            for row in mine
        ],
    )  # fmt: skip
    advert = Comment.flags.op("&")(int(Flag.ADVERT)) != 0
    _change(
        session,
        ids,
        state=CommentState.PENDING,
        revision=Comment.revision + 1,
        reason_code="",
        public_body="",
        public_proposed_text="",
        merged_into_id=None,
        urgency=case((advert, int(Urgency.SUSPICIOUS)), else_=int(Urgency.USUAL)),
    )
    searching.forget_comments(session, [row.comment_id for row in mine])
    _publish_again(session, [row.comment_id for row in mine if row.from_state is CommentState.PUBLISHED])
    return len(mine), put_back


def _publish_again(session: Session, ids: Sequence[int]) -> None:
    """Makes comments public as they were: with the masks of the decision that had published them."""
    if not ids:
        return
    masks: dict[int, list[Mask]] = {}
    for decision in session.scalars(
        select(ModerationDecision)
        .where(ModerationDecision.comment_id.in_(ids), ModerationDecision.to_state == CommentState.PUBLISHED)
        .options(selectinload(ModerationDecision.redactions))
        .order_by(ModerationDecision.revision)
    ):
        if decision.undoes_id is None:
            masks[decision.comment_id] = [
                Mask(r.field, r.start, r.end, r.kind, r.replacement) for r in decision.redactions
            ]
    for comment in session.scalars(
        select(Comment).where(Comment.id.in_(ids)).execution_options(populate_existing=True)
    ):
        comment.state = CommentState.PUBLISHED
        comment.revision += 1
        comment.reason_code, comment.merged_into_id, comment.urgency = "", None, None
        comment.public_body = masking.public_copy(comment.body, "body", masks.get(comment.id, []))
        comment.public_proposed_text = masking.public_copy(
            comment.proposed_text, "proposed_text", masks.get(comment.id, [])
        )
        session.flush()
        searching.keep_comment(session, comment)


BULK = Kind(apply, gather)
