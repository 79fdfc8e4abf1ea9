"""What people decide about campaigns: what belongs together, what does not, and what a campaign is called.

Every decision is kept and applied again whenever all is grouped anew. A decision about the only comment that says
something is one about its words: whoever says the same later follows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from portal.access import Actor, Permission, require
from portal.analysis.campaigns import most_typical
from portal.analysis.distinct import Distinct
from portal.analysis.regrouping import Decisions
from portal.errors import AlreadyDone, NotThere, NotValid
from portal.models import Campaign, CampaignDecision, CampaignGrouping, Comment, Consultation, DistinctText
from portal.rules import plaintext
from portal.services import audit, counting
from portal.services.arriving import lock, words_of

MOVED, MOVED_TEXT, JOINED, APART, APART_TEXT, RENAMED = (
    "moved", "moved_text", "joined", "apart", "apart_text", "renamed",
)  # fmt: skip
#: a decision about more comments than this is carried out by grouping all anew, in the background
AT_ONCE = 2_000
#: of the texts left behind, so many of the most frequent are looked at for the most typical one
_LOOKED_AT = 64
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a decision: the campaign it led to (None for a comment that now stands alone, or when the worker
    has yet to carry it out), and how many comments it was about."""

    campaign: Campaign | None
    comments: int
    is_carried_out: bool


# ── remembering ───────────────────────────────────────────────────────────────────────────────────────


def in_force(session: Session, consultation_id: int) -> list[CampaignDecision]:
    """Every decision on what belongs together, in order."""
    return list(
        session.scalars(
            select(CampaignDecision)
            .where(CampaignDecision.consultation_id == consultation_id, CampaignDecision.kind != RENAMED)
            .order_by(CampaignDecision.id)
        )
    )


def decisions(rows: Iterable[CampaignDecision], told: Distinct) -> Decisions:
    """The decisions as grouping reads them, in ids of comments. Who says the same words follows where that was meant."""
    order = np.argsort(told.numbers)
    numbers = told.numbers[order]
    moved: dict[int, int] = {}
    followed: dict[int, int] = {}
    joined: set[tuple[int, int]] = set()
    apart: set[tuple[int, int]] = set()

    def follow(one: int, companion: int) -> None:
        at = int(np.searchsorted(numbers, one))
        if at < len(numbers) and numbers[at] == one and (row := told.rows[order[at]]) >= 0:
            followed.update(dict.fromkeys(told.numbers[told.rows == row].tolist(), companion))

    for each in rows:
        one, other = each.one_id, each.other_id or 0
        pair = (min(one, other), max(one, other))
        apart.discard(pair)
        joined.discard(pair)
        match each.kind:
            case "joined":
                joined.add(pair)
            case "moved" | "moved_text":
                moved[one] = other
            case "apart" | "apart_text":
                apart.add(pair)
                # it follows nobody any more, and of two that are apart it is the one that leaves
                moved[one] = one
        if each.kind.endswith("_text"):
            follow(one, other if each.kind == MOVED_TEXT else one)
    for number, companion in followed.items():
        if number != companion:
            moved.setdefault(number, companion)
    return Decisions(moved, frozenset(joined), frozenset(apart))


def _remember(
    session: Session, actor: Actor, consultation_id: int, kind: str, one: int, other: int | None, at: datetime,
    said: str = "",
) -> None:  # fmt: skip
    session.add(
        CampaignDecision(
            consultation_id=consultation_id, kind=kind, one_id=one, other_id=other, words=said,
            decided_by_id=actor.account_id, decided_at=at,
        )
    )  # fmt: skip
    session.flush()


def history(session: Session, campaign: Campaign, limit: int = 20) -> list[CampaignDecision]:
    """The newest decisions about comments that are in a campaign now."""
    here = select(Comment.id).where(Comment.campaign_id == campaign.id)
    recent = (
        select(CampaignDecision.id)
        .where(CampaignDecision.consultation_id == campaign.consultation_id)
        .order_by(CampaignDecision.id.desc())
        .limit(1_000)
    )
    return list(
        session.scalars(
            select(CampaignDecision)
            .where(
                CampaignDecision.id.in_(recent),
                or_(
                    CampaignDecision.one_id.in_(here.where(Comment.id == CampaignDecision.one_id)),
                    CampaignDecision.other_id.in_(here.where(Comment.id == CampaignDecision.other_id)),
                ),
            )
            .order_by(CampaignDecision.id.desc())
            .limit(limit)
        )
    )


# ── deciding ──────────────────────────────────────────────────────────────────────────────────────────


def _in_hand(session: Session, actor: Actor, consultation: Consultation, *campaigns: Campaign) -> CampaignGrouping:
    """Nobody else changes campaigns of this consultation until the transaction ends."""
    require(actor, Permission.MODERATE, consultation.bureau_id)
    grouping = lock(session, consultation.id)
    if grouping is None:
        raise NotThere("没有这一组意见。")
    if grouping.began_at is not None:
        raise AlreadyDone("系统正在重新归组，您的改动没有保存。请过几分钟再办。")
    for campaign in campaigns:
        session.expire(campaign)
        if session.get(Campaign, campaign.id) is None or campaign.consultation_id != consultation.id:
            raise NotThere("没有这一组意见，可能刚刚被并入另一组。")
    return grouping


def rename(
    session: Session, actor: Actor, consultation: Consultation, campaign: Campaign, name: str, at: datetime
) -> None:
    """Gives a campaign a name, or takes it away. It keeps the name when it is grouped anew."""
    _in_hand(session, actor, consultation, campaign)
    campaign.name = plaintext.received_within(" ".join(name.split()), LONGEST_NAME, "名称", "name")
    _remember(session, actor, consultation.id, RENAMED, campaign.representative_id, None, at, campaign.name)
    _record(session, actor, consultation, "rename", campaign, at, {"name": campaign.name})


def move_texts(
    session: Session,
    actor: Actor,
    consultation: Consultation,
    campaign: Campaign,
    text_ids: Sequence[int],
    to: Campaign | None,
    at: datetime,
) -> Outcome:
    """Moves all who say certain texts into another campaign, or (`to` None) out of this one together."""
    grouping = _in_hand(session, actor, consultation, campaign, *([to] if to else []))
    texts = list(
        session.scalars(
            select(DistinctText)
            .where(DistinctText.id.in_(text_ids), DistinctText.campaign_id == campaign.id)
            .order_by(DistinctText.comment_id)
        )
    )
    if not texts:
        raise NotValid("请先勾选要移动的文字。", fault="texts")
    about = [(text.comment_id, True) for text in texts]
    ids = select(Comment.id).where(Comment.text_id.in_([text.id for text in texts]))
    count = session.scalar(select(func.count()).where(Comment.text_id.in_([text.id for text in texts]))) or 0
    moving = session.scalars(ids).all() if count <= AT_ONCE else None
    return _move(session, actor, consultation, grouping, campaign, about, count, moving, to, at)


def move_comments(
    session: Session,
    actor: Actor,
    consultation: Consultation,
    campaign: Campaign,
    numbers: Sequence[int],
    to: Campaign | None,
    at: datetime,
) -> Outcome:
    """Moves single comments into another campaign, or (`to` None) out of this one together."""
    grouping = _in_hand(session, actor, consultation, campaign, *([to] if to else []))
    rows = session.execute(
        select(Comment.id, DistinctText.id.label("text_id"))
        .outerjoin(DistinctText, DistinctText.id == Comment.text_id)
        .where(Comment.campaign_id == campaign.id, Comment.number.in_(numbers[:AT_ONCE]))
        .order_by(Comment.id)
    ).all()
    if not rows:
        raise NotValid("请先勾选要移动的意见。", fault="numbers")
    moving = [row.id for row in rows]
    shared = set(
        session.scalars(
            select(Comment.text_id)
            .where(Comment.text_id.in_({row.text_id for row in rows}), Comment.id.not_in(moving))
            .distinct()
        )
    )
    about = [(row.id, row.text_id not in shared) for row in rows]
    return _move(session, actor, consultation, grouping, campaign, about, len(moving), moving, to, at)


def _move(
    session: Session,
    actor: Actor,
    consultation: Consultation,
    grouping: CampaignGrouping,
    campaign: Campaign,
    about: list[tuple[int, bool]],
    count: int,
    moving: Sequence[int] | None,
    to: Campaign | None,
    at: datetime,
) -> Outcome:
    """`about` has the comments that the decision names, and whether who says the same follows; `moving` all that move."""
    if to is not None and to.id == campaign.id:
        raise NotValid("这些意见已经在这一组里。", fault="to")
    first = about[0][0]
    if to is not None:
        companion = to.representative_id
        _lift(session, actor, consultation.id, [one for one, _ in about], to, at)
        for one, is_text in about:
            _remember(session, actor, consultation.id, MOVED_TEXT if is_text else MOVED, one, companion, at)
    else:
        stays = _left_behind(session, campaign, about, moving)
        if stays is None:
            raise NotValid("不能把一组里的意见全部移出去，请至少留下一条。", fault="texts")
        _remember(session, actor, consultation.id, APART_TEXT if about[0][1] else APART, first, stays, at)
        for one, is_text in about[1:]:
            _remember(session, actor, consultation.id, MOVED_TEXT if is_text else MOVED, one, first, at)
    details = {"comments": count, "first": first} | ({"to": to.id} if to else {})
    _record(session, actor, consultation, "move" if to else "split", campaign, at, details)
    if moving is None:
        grouping.whole_at = None
        session.flush()
        return Outcome(to, count, is_carried_out=False)
    arrived = counting.carry(session, campaign, moving, to, at)
    _settle(session, campaign, at)
    if arrived is not None:
        _settle(session, arrived, at)
    return Outcome(arrived, count, is_carried_out=True)


def _left_behind(
    session: Session, campaign: Campaign, about: list[tuple[int, bool]], moving: Sequence[int] | None
) -> int | None:
    """The comment that speaks for what stays: the representative, unless it goes itself."""
    if moving is None:
        texts = select(Comment.text_id).where(Comment.id.in_([one for one, _ in about]))
        stays = and_(Comment.campaign_id == campaign.id, Comment.text_id.not_in(texts))
    else:
        stays = and_(Comment.campaign_id == campaign.id, Comment.id.not_in(moving))
    first = about[0][0]
    # to put the very two apart that joined two campaigns would undo the joining, with all who came by it
    partners = {
        each.other_id if each.one_id == first else each.one_id
        for each in in_force(session, campaign.consultation_id)
        if each.kind == JOINED and first in (each.one_id, each.other_id)
    }
    others = stays & Comment.id.not_in([each for each in partners if each])
    return (
        session.scalar(select(Comment.id).where(others, Comment.id == campaign.representative_id))
        or session.scalar(select(func.min(Comment.id)).where(others))
        or session.scalar(select(func.min(Comment.id)).where(stays))
    )


def _lift(
    session: Session, actor: Actor, consultation_id: int, ones: Sequence[int], to: Campaign, at: datetime
) -> None:
    """Undoes what kept comments apart from a campaign they are now to join: a later row about the same two does."""
    named = set(ones)
    for each in in_force(session, consultation_id):
        if each.kind not in (APART, APART_TEXT) or each.other_id is None:
            continue
        for one, other in ((each.one_id, each.other_id), (each.other_id, each.one_id)):
            if one in named and session.get_one(Comment, other).campaign_id == to.id:
                _remember(session, actor, consultation_id, MOVED, one, other, at)


def join(
    session: Session, actor: Actor, consultation: Consultation, campaign: Campaign, other: Campaign, at: datetime
) -> Outcome:
    """Makes one campaign of two. The greater goes on; the name of either is kept."""
    grouping = _in_hand(session, actor, consultation, campaign, other)
    if campaign.id == other.id:
        raise NotValid("请填写另外一组的组号。", fault="to")
    kept, given_up = (campaign, other) if campaign.comments >= other.comments else (other, campaign)
    for each in in_force(session, consultation.id):
        if each.kind in (APART, APART_TEXT) and each.other_id is not None:
            places = {session.get_one(Comment, comment_id).campaign_id for comment_id in (each.one_id, each.other_id)}
            if places == {kept.id, given_up.id}:
                _remember(session, actor, consultation.id, JOINED, each.one_id, each.other_id, at)
    _remember(session, actor, consultation.id, JOINED, kept.representative_id, given_up.representative_id, at)
    kept.name = kept.name or given_up.name
    _record(session, actor, consultation, "join", kept, at, {"other": given_up.id, "comments": given_up.comments})
    count = session.scalar(select(func.count()).where(Comment.campaign_id == given_up.id)) or 0
    if count > AT_ONCE:
        grouping.whole_at = None
        session.flush()
        return Outcome(kept, count, is_carried_out=False)
    moving = session.scalars(select(Comment.id).where(Comment.campaign_id == given_up.id)).all()
    counting.carry(session, given_up, moving, kept, at)
    _settle(session, given_up, at)
    _settle(session, kept, at)
    return Outcome(kept, count, is_carried_out=True)


def _settle(session: Session, campaign: Campaign, at: datetime) -> None:
    """Counts a campaign after something came or went. What has one member left is no campaign any more."""
    campaign.grouped_at = at
    left = session.scalars(select(Comment.id).where(Comment.campaign_id == campaign.id).limit(2)).all()
    if len(left) < 2:
        session.execute(
            update(Comment)
            .where(Comment.campaign_id == campaign.id)
            .values(campaign_id=None)
            .execution_options(synchronize_session=False)
        )
        for text in session.scalars(select(DistinctText).where(DistinctText.campaign_id == campaign.id)):
            text.campaign_id = None
            counting.make_centre(session, text)
        session.flush()
        session.execute(delete(Campaign).where(Campaign.id == campaign.id))
        session.expunge(campaign)
        return
    counting.recount(session, campaign)
    place = session.scalar(select(Comment.campaign_id).where(Comment.id == campaign.representative_id))
    if place != campaign.id:
        texts = session.scalars(
            select(DistinctText)
            .where(DistinctText.campaign_id == campaign.id)
            .order_by(DistinctText.comments.desc(), DistinctText.id)
            .limit(_LOOKED_AT)
        ).all()
        said = {text.comment_id: words_of(text.comment) for text in texts}
        campaign.representative_id = most_typical(said)
        campaign.is_short = campaign.is_short and campaign.texts == 1
    session.flush()
    for text in session.scalars(
        select(DistinctText).join(Comment, Comment.text_id == DistinctText.id).where(
            Comment.id == campaign.representative_id
        )
    ):  # fmt: skip
        counting.make_centre(session, text)
    session.flush()


def ask_anew(session: Session, actor: Actor, consultation: Consultation, at: datetime) -> None:
    """Has all comments of a consultation grouped anew, in the background. What people decided is applied again."""
    grouping = _in_hand(session, actor, consultation)
    grouping.whole_at = None
    session.flush()
    audit.record(session, actor, "campaign.regroup", f"consultation:{consultation.slug}", at)


def _record(
    session: Session,
    actor: Actor,
    consultation: Consultation,
    act: str,
    campaign: Campaign,
    at: datetime,
    details: dict[str, Any],
) -> None:
    subject = f"consultation:{consultation.slug}/campaign:{campaign.id}"
    audit.record(session, actor, f"campaign.{act}", subject, at, details)
