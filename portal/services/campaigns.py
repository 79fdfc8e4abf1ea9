"""Campaigns read: which there are, what is in them, and what can be said of when and how their comments came.

To belong to a campaign is a fact beside a comment and decides nothing: whatever is in one is shown like any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, joinedload

from portal.access import Actor, Permission, require
from portal.analysis import campaign_facts
from portal.analysis.campaign_facts import Came
from portal.drafts.difference import Piece
from portal.errors import NotThere
from portal.models import Campaign, CampaignGrouping, Comment, Consultation, DistinctText, Respondent, Submission
from portal.rules import window
from portal.rules.words import Channel, CommentState, RespondentKind
from portal.services.arriving import words_of
from portal.services.surveying import LARGE

PAGE = 20
#: a campaign is shown once two comments of it stand
LEAST = 2
#: so many of the most frequent texts are enough to find what all have in common
_LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the campaigns, largest first; `after` is where the next page begins (None at the end)."""

    campaigns: Sequence[Campaign]
    count: int
    after: str | None


@dataclass(frozen=True, slots=True)
class Said:
    """One distinct text of a campaign beside its representative: how often it was said, and what it adds."""

    text: DistinctText
    pieces: tuple[Piece, ...]
    is_representative: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """How far grouping has come: of so many comments so many are in their place; `is_anew` while all is done again."""

    numbered: int
    upto: int
    whole_at: datetime | None
    is_anew: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """When the comments of a campaign came, by what ways, from whom. What was withdrawn came too."""

    came: Came
    #: every day of the window so far, also those on which none came
    by_day: tuple[tuple[date, int], ...]
    channels: tuple[tuple[Channel, int], ...]
    kinds: tuple[tuple[RespondentKind, int], ...]
    quarter_channel: Channel | None
    phrases: tuple[str, ...]
    #: when this was so, if the campaign is too large to be counted while somebody waits
    as_of: datetime | None


# ── for the queue and whoever acts on many ────────────────────────────────────────────────────────────


def of_comment(session: Session, comment: Comment) -> Campaign | None:
    """The campaign of a comment; None when it stands alone, or was not looked at yet."""
    if comment.campaign_id is None:
        return None
    found = session.get(Campaign, comment.campaign_id)
    return found if found is not None and found.comments >= LEAST else None


def members(
    session: Session, campaign: Campaign, state: CommentState | None = None, after: int = 0, limit: int = PAGE
) -> list[Comment]:
    """Members of a campaign after number `after`, in one state or in any, in the order of their numbers."""
    # the index has them by state: a few of each, put in order, instead of all of them sorted
    found = [
        comment_id
        for each in ([state] if state else CommentState)
        for comment_id in session.execute(
            select(Comment.number, Comment.id)
            .where(Comment.campaign_id == campaign.id, Comment.state == each, Comment.number > after)
            .order_by(Comment.number)
            .limit(limit)
        )
    ]
    chosen = [comment_id for _, comment_id in sorted(tuple(row) for row in found)[:limit]]
    return list(
        session.scalars(
            select(Comment)
            .where(Comment.id.in_(chosen))
            .options(joinedload(Comment.clause), joinedload(Comment.submission).joinedload(Submission.respondent))
            .order_by(Comment.number)
        )
    )


def size_by_state(session: Session, campaign: Campaign) -> dict[CommentState, int]:
    """How many comments of a campaign stand in each state: received = the sum of all five, as everywhere."""
    counted = session.execute(
        select(Comment.state, func.count()).where(Comment.campaign_id == campaign.id).group_by(Comment.state)
    )
    return dict.fromkeys(CommentState, 0) | {state: count for state, count in counted}  # noqa: C416


def beside_representative(session: Session, comment: Comment, campaign: Campaign) -> tuple[Piece, ...]:
    """What a comment leaves out and adds, beside the representative of its campaign."""
    if comment.id == campaign.representative_id:
        return (("same", words_of(comment)),)
    return campaign_facts.beside(words_of(session.get_one(Comment, campaign.representative_id)), words_of(comment))


# ── for the pages of campaigns ────────────────────────────────────────────────────────────────────────


def listed(
    session: Session, actor: Actor, consultation: Consultation, *, is_short: bool = False, after: str = ""
) -> Page:
    """The campaigns of a consultation, the largest first; short texts that many sent are a list of their own."""
    require(actor, Permission.MODERATE, consultation.bureau_id)
    here = and_(Campaign.consultation_id == consultation.id, Campaign.is_short == is_short, Campaign.comments >= LEAST)
    query = select(Campaign).where(here)
    if cursor := _cursor(after):
        size, campaign_id = cursor
        query = query.where(Campaign.submissions <= size, or_(Campaign.submissions < size, Campaign.id > campaign_id))
    found = list(
        session.scalars(
            query.options(joinedload(Campaign.representative).joinedload(Comment.clause))
            .order_by(Campaign.submissions.desc(), Campaign.id)
            .limit(PAGE + 1)
        )
    )
    last = found[PAGE - 1] if len(found) > PAGE else None
    return Page(
        found[:PAGE],
        session.scalar(select(func.count()).select_from(Campaign).where(here)) or 0,
        f"{last.submissions}-{last.id}" if last else None,
    )


def _cursor(after: str) -> tuple[int, int] | None:
    """Two numbers of an address; rubbish there means the beginning."""
    one, _, two = after.partition("-")
    if not all(part.isascii() and part.isdecimal() and len(part) < 10 for part in (one, two)):
        return None
    return int(one), int(two)


def campaign(session: Session, actor: Actor, consultation: Consultation, campaign_id: int) -> Campaign:
    """One campaign with its representative. Raises NotThere."""
    require(actor, Permission.MODERATE, consultation.bureau_id)
    found = session.scalar(
        select(Campaign)
        .where(Campaign.id == campaign_id, Campaign.consultation_id == consultation.id)
        .options(joinedload(Campaign.representative).joinedload(Comment.clause))
    )
    if found is None:
        raise NotThere("没有这一组意见，可能刚刚被并入另一组。")
    return found


def texts(session: Session, campaign: Campaign, after: str = "") -> tuple[list[Said], str | None]:
    """The distinct texts of a campaign, the most frequent first, and where the next page begins."""
    query = select(DistinctText).where(DistinctText.campaign_id == campaign.id, DistinctText.comments > 0)
    if cursor := _cursor(after):
        count, text_id = cursor
        query = query.where(
            DistinctText.comments <= count, or_(DistinctText.comments < count, DistinctText.id < text_id)
        )
    found = session.scalars(
        query.options(joinedload(DistinctText.comment).joinedload(Comment.clause))
        .order_by(DistinctText.comments.desc(), DistinctText.id.desc())
        .limit(PAGE + 1)
    ).all()
    model = words_of(campaign.representative)
    said = [
        Said(
            each,
            campaign_facts.beside(model, words_of(each.comment)),
            is_representative=each.id == campaign.representative.text_id,
        )
        for each in found[:PAGE]
    ]
    last = found[PAGE - 1] if len(found) > PAGE else None
    return said, f"{last.comments}-{last.id}" if last else None


def facts(session: Session, consultation: Consultation, campaign: Campaign, at: datetime) -> Facts | None:
    """What can be said of a campaign to a person who judges it; None when it is not known yet."""
    is_large = campaign.comments > LARGE
    came = (Came.unpacked(campaign.came) if campaign.came else None) if is_large else _came(session, campaign)
    if came is None:
        return None
    days = dict(came.days)
    first, last = min(days), max(days)
    if (current := consultation.window) is not None:
        first = min(first, window.day_in_beijing(current.opens_at))
        last = max(last, min(window.last_day(current.closes_at), window.day_in_beijing(at)))
    every_day = (first + timedelta(n) for n in range((last - first).days + 1))
    return Facts(
        came=came,
        by_day=tuple((day, days.get(day, 0)) for day in every_day),
        channels=tuple((Channel(channel), count) for channel, count in came.arrivals.channels),
        kinds=tuple((RespondentKind(kind), count) for kind, count in came.kinds),
        quarter_channel=Channel(came.quarter.channel) if came.quarter else None,
        phrases=_phrases(session, campaign),
        as_of=campaign.grouped_at if is_large else None,
    )


def _came(session: Session, campaign: Campaign) -> Came | None:
    rows = session.execute(
        select(Comment.received_at, Submission.channel, Respondent.kind)
        .join(Comment.submission)
        .join(Submission.respondent)
        .where(Comment.campaign_id == campaign.id)
    )
    return campaign_facts.came([(row.received_at, row.channel.value, row.kind.value) for row in rows])


def _phrases(session: Session, campaign: Campaign) -> tuple[str, ...]:
    most = session.scalars(
        select(DistinctText)
        .where(DistinctText.campaign_id == campaign.id)
        .options(joinedload(DistinctText.comment))
        .order_by(DistinctText.comments.desc(), DistinctText.id.desc())
        .limit(_LOOKED_AT)
    )
    return campaign_facts.shared_phrases(words_of(campaign.representative), [words_of(text.comment) for text in most])


def progress(session: Session, consultation: Consultation) -> Progress:
    """How far grouping has come."""
    grouping = session.scalar(select(CampaignGrouping).where(CampaignGrouping.consultation_id == consultation.id))
    if grouping is None:
        return Progress(consultation.comments_numbered, 0, None, is_anew=False)
    is_anew = grouping.began_at is not None or grouping.whole_at is None
    return Progress(consultation.comments_numbered, grouping.upto, grouping.whole_at, is_anew)
