"""The bureau's answers: a disposition with its reason for one comment, several, or a whole campaign.

An answer is private until the results are published. Whoever answers says what they saw standing: of two drafters at
once the second is told what the first has written, and nothing is lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.access import Actor, Permission, require
from portal.errors import AlreadyDone, NotThere, NotValid
from portal.models import Campaign, Clause, Comment, Consultation, Response, Submission
from portal.rules import plaintext
from portal.rules.words import CommentState, Disposition
from portal.services import audit, consistency, masking, places

LONGEST_REASON = 5000
CHANGING = (Disposition.ADOPTED, Disposition.PARTLY_ADOPTED)
#: how many comments of one clause stand on the screen
PAGE = 50


@dataclass(frozen=True, slots=True)
class Answer:
    """What a drafter typed."""

    disposition: str
    reason: str = ""
    changed_text: str = ""
    #: why members of one campaign are answered differently
    note: str = ""


def published_comment(session: Session, actor: Actor, consultation: Consultation, number: int) -> Comment:
    """One published comment with all a drafter needs to see of it. Raises NotThere."""
    require(actor, Permission.RESPOND, consultation.bureau_id)
    found = session.scalar(
        select(Comment)
        .where(
            Comment.consultation_id == consultation.id,
            Comment.number == number,
            Comment.state == CommentState.PUBLISHED,
        )
        .options(
            joinedload(Comment.clause).joinedload(Clause.version),
            joinedload(Comment.response).joinedload(Response.written_by),
            joinedload(Comment.published_response),
            joinedload(Comment.submission).joinedload(Submission.respondent),
        )
    )
    if found is None:
        raise NotThere("没有这条公开的意见。")
    return found


def on_clause(
    session: Session, consultation: Consultation, clause: Clause | None, after: int = 0, limit: int = PAGE
) -> list[Comment]:
    """Published comments on one clause (None: on the whole draft), by number, from the one after `after` on."""
    return list(
        session.scalars(
            select(Comment)
            .where(
                Comment.consultation_id == consultation.id,
                Comment.state == CommentState.PUBLISHED,
                Comment.number > after,
                places.standing_on(session, consultation, clause),
            )
            .options(
                joinedload(Comment.response),
                joinedload(Comment.clause).joinedload(Clause.version),
                joinedload(Comment.submission).joinedload(Submission.respondent),
            )
            .order_by(Comment.number)
            .limit(limit)
        )
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """A campaign a comment belongs to, with both counts, and how far it is answered."""

    campaign: Campaign
    name: str
    published: int
    answered: int
    outcomes: tuple[tuple[Disposition, int], ...]


def campaign_of(session: Session, comment: Comment) -> Standing | None:
    """The campaign of a comment; None when it stands alone."""
    if comment.campaign_id is None:
        return None
    campaign = session.get(Campaign, comment.campaign_id, options=[selectinload(Campaign.representative)])
    if campaign is None:
        return None
    # of an outer join: without an answer there is no disposition
    counted = session.execute(
        select(Response.disposition, func.count())
        .select_from(Comment)
        .outerjoin(Response, Response.id == Comment.response_id)
        .where(Comment.campaign_id == campaign.id, Comment.state == CommentState.PUBLISHED)
        .group_by(Response.disposition)
    )
    outcomes: dict[Disposition | None, int] = {row[0]: row[1] for row in counted}
    published = sum(outcomes.values())
    return Standing(
        campaign,
        consistency.name_of(campaign),
        published,
        published - outcomes.get(None, 0),
        tuple((each, outcomes[each]) for each in Disposition if each in outcomes),
    )


def read_answer(answer: Answer, clause: Clause | None) -> tuple[Disposition, str, str, str]:
    """What was typed, checked: disposition, reason, changed text, note.

    A reason is due for everything but 采纳; for 采纳 the changed text is due, or 原稿已体现 (rules C.3, R-C2).
    Raises NotValid naming what is missing.
    """
    try:
        chosen = Disposition(answer.disposition)
    except ValueError:
        raise NotValid("请选择采纳情况。", fault="disposition") from None
    reason = plaintext.received_within(answer.reason, LONGEST_REASON, "理由", "reason")
    changed = plaintext.received_within(answer.changed_text, LONGEST_REASON, "修改后条文", "changed_text")
    note = plaintext.received_within(answer.note, LONGEST_REASON, "不一致的说明", "note")
    if chosen not in CHANGING:
        changed = ""
    is_as_before = clause is not None and bool(changed) and _plain(changed) == _plain(clause.wording)
    if chosen is Disposition.ADOPTED:
        if not changed:
            raise NotValid("采纳的，请写明修改后的条文；原稿已经写明的，写“原稿已体现”。", fault="changed_text")
        if is_as_before:
            raise NotValid(
                "修改后的条文和原文一样。请改成采纳以后的文字；原稿已经写明的，写“原稿已体现”。", fault="changed_text"
            )
    elif not reason:
        raise NotValid("请写明理由，提出人和公众都会看到。", fault="reason")
    return chosen, reason, "" if is_as_before else changed, note


def _plain(words: str) -> str:
    return "".join(words.split())


def respond(
    session: Session,
    actor: Actor,
    consultation: Consultation,
    numbers: Sequence[int],
    *,
    disposition: str,
    reason: str,
    changed_text: str,
    at: datetime,
    note: str = "",
    seen: Mapping[int, int] | None = None,
    is_whole_campaign: bool = False,
) -> Response:
    """Answers one or many comments at once; an earlier answer is kept and superseded.

    `seen` says which response stood at each comment when it was looked at (nothing: none). The first number is the
    comment in hand: the changed text is a text of its clause. With `is_whole_campaign` every member of its campaign
    is answered that has no answer yet, or has the same one as the comment in hand.
    The same answer sent again by the same person changes nothing; the response that stands is returned.
    Raises NotValid naming what is missing or is inconsistent, AlreadyDone when another has answered meanwhile.
    """
    require(actor, Permission.RESPOND, consultation.bureau_id)
    places.lock(session, consultation)
    comments = _taken(session, consultation, numbers)
    in_hand = next(comment for comment in comments if comment.number == numbers[0])
    clause = places.place_of(session, consultation, in_hand)
    typed = Answer(disposition, reason, changed_text, note)
    is_repeated = _require_as_seen(comments, seen or {}, actor, typed, clause)
    chosen, reason, changed, note = read_answer(typed, clause)
    masking.require_none(reason, consultation, "reason")
    masking.require_none(changed, consultation, "changed_text")
    if is_whole_campaign:
        comments += _members(session, in_hand, {comment.id for comment in comments})
    if is_repeated and in_hand.response is not None and len({comment.response_id for comment in comments}) == 1:
        return in_hand.response
    response = Response(
        consultation_id=consultation.id,
        disposition=chosen,
        reason=reason,
        changed_text=changed,
        clause_id=clause.id if clause is not None and changed else None,
        note=note,
        written_by_id=actor.account_id,
        written_at=at,
    )
    session.add(response)
    session.flush()
    for comment in comments:
        comment.response_id = response.id
        comment.response = response
    session.flush()
    campaigns = {comment.campaign_id for comment in comments if comment.campaign_id is not None}
    for difference in consistency.differences(session, consultation, campaigns) if campaigns else ():
        raise NotValid(
            "相同、相近意见“%(name)s”的答复不一致：%(outcomes)s。请一并答复，或写明为什么不同处理。",
            fault="note",
            name=difference.name,
            outcomes=difference.words,
        )
    audit.record(
        session,
        actor,
        "comment.respond",
        f"consultation:{consultation.slug}",
        at,
        {
            "comments": [comment.reference for comment in comments][:200],
            "count": len(comments),
            "disposition": chosen.value,
            "response": response.id,
        },
    )
    return response


def _taken(session: Session, consultation: Consultation, numbers: Sequence[int]) -> list[Comment]:
    """The comments to be answered, locked. Raises unless each is public."""
    comments = list(
        session.scalars(
            select(Comment)
            .where(Comment.consultation_id == consultation.id, Comment.number.in_(numbers))
            .order_by(Comment.number)
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        )
    )
    if not comments or len(comments) != len(set(numbers)):
        raise NotThere("没有找到要答复的意见。")
    if any(comment.state is not CommentState.PUBLISHED for comment in comments):
        raise NotValid("只能答复已经公开的意见。")
    return comments


def _require_as_seen(
    comments: Sequence[Comment], seen: Mapping[int, int], actor: Actor, typed: Answer, clause: Clause | None
) -> bool:
    """Raises AlreadyDone unless each comment stands as it was seen, or has this very answer of the actor already.

    Says whether one has: a button pressed twice, or sent again when no answer came.
    """
    is_repeated = False
    for comment in comments:
        if (comment.response_id or 0) == seen.get(comment.number, 0):
            continue
        if comment.response is None or not _is_same(comment.response, actor, typed, clause):
            raise AlreadyDone(
                "%(reference)s刚刚已由%(who)s答复为“%(outcome)s”。您的答复没有保存，写的内容还在下面，请看过再定。",
                reference=comment.reference,
                who=comment.response.written_by.name if comment.response else "他人",
                outcome=comment.response.disposition.label if comment.response else "未答复",
            )
        is_repeated = True
    return is_repeated


def _is_same(response: Response, actor: Actor, typed: Answer, clause: Clause | None) -> bool:
    try:
        chosen, reason, changed, note = read_answer(typed, clause)
    except NotValid:
        return False
    clause_id = clause.id if clause is not None and changed else None
    return (
        response.written_by_id, response.disposition, response.reason, response.changed_text, response.clause_id,
        response.note,
    ) == (actor.account_id, chosen, reason, changed, clause_id, note)  # fmt: skip


def _members(session: Session, in_hand: Comment, taken: set[int]) -> list[Comment]:
    if in_hand.campaign_id is None:
        return []
    is_same: ColumnElement[bool] = Comment.response_id.is_(None)
    if in_hand.response_id is not None:
        is_same = or_(is_same, Comment.response_id == in_hand.response_id)
    return list(
        session.scalars(
            select(Comment)
            .where(
                Comment.consultation_id == in_hand.consultation_id,
                Comment.campaign_id == in_hand.campaign_id,
                Comment.state == CommentState.PUBLISHED,
                Comment.id.not_in(taken),
                is_same,
            )
            .order_by(Comment.number)
            .with_for_update(key_share=True)
        )
    )


def unanswered(session: Session, consultation: Consultation, limit: int | None = None) -> list[Comment]:
    """The published comments that have no response yet, in order."""
    return list(
        session.scalars(
            select(Comment)
            .where(
                Comment.consultation_id == consultation.id,
                Comment.state == CommentState.PUBLISHED,
                Comment.response_id.is_(None),
            )
            .order_by(Comment.number)
            .limit(limit)
        )
    )


def next_unanswered(session: Session, consultation: Consultation, after: Comment) -> int | None:
    """The next comment without an answer: on the same clause first, then onwards through the draft."""
    where = [
        Comment.consultation_id == consultation.id,
        Comment.state == CommentState.PUBLISHED,
        Comment.response_id.is_(None),
    ]
    clause = places.place_of(session, consultation, after)
    here = session.scalar(
        select(func.min(Comment.number)).where(*where, places.standing_on(session, consultation, clause))
    )
    if here is not None:
        return here
    onwards = session.scalar(select(func.min(Comment.number)).where(*where, Comment.number > after.number))
    return onwards or session.scalar(select(func.min(Comment.number)).where(*where))


@dataclass(frozen=True, slots=True)
class Count:
    """How many published comments there are, how many of them answered, and how many changed since publication."""

    published: int
    answered: int
    corrected: int

    @property
    def open(self) -> int:
        return self.published - self.answered


def count(session: Session, consultation: Consultation) -> Count:
    """How far the answering is."""
    row = session.execute(
        select(
            func.count(),
            func.count(Comment.response_id),
            func.count().filter(
                func.coalesce(Comment.response_id, 0) != func.coalesce(Comment.published_response_id, 0)
            ),
        ).where(Comment.consultation_id == consultation.id, Comment.state == CommentState.PUBLISHED)
    ).one()
    return Count(*(int(value) for value in row))


def changed_since(session: Session, consultation: Consultation, limit: int = 50) -> list[Comment]:
    """The comments whose answer is not the one the public reads: what a correction would publish."""
    return list(
        session.scalars(
            select(Comment)
            .where(
                Comment.consultation_id == consultation.id,
                Comment.state == CommentState.PUBLISHED,
                func.coalesce(Comment.response_id, 0) != func.coalesce(Comment.published_response_id, 0),
            )
            .options(joinedload(Comment.response), joinedload(Comment.published_response), joinedload(Comment.clause))
            .order_by(Comment.number)
            .limit(limit)
        )
    )
