"""The guard that like opinions get like answers: members of one campaign answered differently must be explained."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.models import Campaign, Comment, Consultation, Response
from portal.rules.words import CommentState, Disposition

#: how many references a sentence names
NAMED = 5


@dataclass(frozen=True, slots=True)
class Difference:
    """A campaign whose members were answered differently and not explained: for each outcome some of its comments."""

    name: str
    outcomes: tuple[tuple[Disposition, tuple[str, ...], int], ...]

    @property
    def words(self) -> str:
        """C-3、C-5为采纳；C-8等12条为未采纳."""
        return "；".join(
            f"{'、'.join(references)}{f'等{count}条' if count > len(references) else ''}为{disposition.label}"
            for disposition, references, count in self.outcomes
        )


def differences(
    session: Session, consultation: Consultation, campaigns: Collection[int] | None = None
) -> list[Difference]:
    """The campaigns (all when None) that were answered differently without saying why.

    One outcome may stand without a note: it is the rule, and every other outcome is the exception that says why.
    """
    query = (
        select(
            Comment.campaign_id,
            Response.disposition,
            func.count(),
            func.count().filter(Response.note == ""),
        )
        .join(Response, Response.id == Comment.response_id)
        .join(Campaign, Campaign.id == Comment.campaign_id)
        .where(
            Comment.consultation_id == consultation.id,
            Comment.state == CommentState.PUBLISHED,
            Campaign.is_short.is_(False),
        )
        .group_by(Comment.campaign_id, Response.disposition)
    )
    if campaigns is not None:
        query = query.where(Comment.campaign_id.in_(campaigns))
    found: dict[int, dict[Disposition, tuple[int, int]]] = defaultdict(dict)
    for campaign_id, disposition, count, silent in session.execute(query):
        if campaign_id is not None:
            found[campaign_id][disposition] = (count, silent)
    bad = [
        campaign_id
        for campaign_id, outcomes in found.items()
        if len(outcomes) > 1 and sum(1 for _, silent in outcomes.values() if silent) > 1
    ]
    return [_told(session, campaign_id, found[campaign_id]) for campaign_id in sorted(bad)]


def _told(session: Session, campaign_id: int, counts: dict[Disposition, tuple[int, int]]) -> Difference:
    outcomes = []
    for disposition in Disposition:
        if disposition not in counts:
            continue
        numbers = session.scalars(
            select(Comment.number)
            .join(Response, Response.id == Comment.response_id)
            .where(
                Comment.campaign_id == campaign_id,
                Comment.state == CommentState.PUBLISHED,
                Response.disposition == disposition,
            )
            .order_by(Comment.number)
            .limit(NAMED)
        )
        outcomes.append((disposition, tuple(f"C-{number}" for number in numbers), counts[disposition][0]))
    return Difference(name_of(session.get_one(Campaign, campaign_id)), tuple(outcomes))


def name_of(campaign: Campaign) -> str:
    """How a campaign is called: the name somebody gave it, or the beginning of its most typical text."""
    words = " ".join((campaign.representative.public_body or campaign.representative.body).split())
    return campaign.name or (words[:24] + "……" if len(words) > 24 else words)
