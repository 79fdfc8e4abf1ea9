"""All comments of a consultation looked at: which belong together, by their words and by what people decided.

Nothing is changed here. Every read comes first, and then the work that takes minutes, in which the database is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import numpy as np
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from portal.analysis import campaign_facts, census
from portal.analysis.campaigns import Group, grouped
from portal.analysis.distinct import told_apart
from portal.analysis.engine import IN_PROCESS, Engine
from portal.analysis.regrouping import continued, decided
from portal.models import Campaign, Comment, Respondent, Submission
from portal.rules.words import CommentState
from portal.services import jobs, judging
from portal.services.arriving import words

#: a campaign of more comments is not counted while somebody waits for its page
LARGE = 10_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def survey(session: Session, consultation_id: int, upto: int, engine: Engine = IN_PROCESS) -> bytes:
    """Groups every comment up to a number, applies what people decided, and takes the census."""
    here = (Comment.consultation_id == consultation_id, Comment.number <= upto)
    rows = judging.in_force(session, consultation_id)
    kept: dict[int, str] = {}

    def numbered() -> Iterator[tuple[int, str]]:
        for comment_id, body, proposed_text in session.execute(
            select(Comment.id, Comment.body, Comment.proposed_text)
            .where(*here)
            .order_by(Comment.number)
            .execution_options(yield_per=2_000)
        ):
            said = words(body, proposed_text)
            if rows:
                kept[comment_id] = said
            yield comment_id, said

    told = told_apart(numbered())
    facts = _told(session, here)
    before = _before(session, here)
    named = set(
        session.scalars(select(Campaign.id).where(Campaign.consultation_id == consultation_id, Campaign.name != ""))
    )
    session.expunge_all()
    jobs.look_no_longer(session)  # from here on it takes minutes
    groups = grouped(told, engine=engine)
    centres = {group.representative for group in groups if not group.is_short}
    if rows:
        groups = decided(groups, judging.decisions(rows, told), kept)
        centres |= {group.representative for group in groups if not group.is_short}
    heirs = _heirs(before, named, groups)
    made = census.taken(told, groups, centres, heirs, facts.told, facts.came(groups))
    return made.packed()


def _before(session: Session, here: tuple[ColumnElement[bool], ...]) -> dict[int, list[int]]:
    """The members of each campaign as they stand."""
    members: dict[int, list[int]] = {}
    rows = select(Comment.campaign_id, Comment.id).where(*here, Comment.campaign_id.is_not(None)).order_by(Comment.id)
    for campaign_id, comment_id in session.execute(rows):
        members.setdefault(cast(int, campaign_id), []).append(comment_id)
    return members


def _heirs(before: dict[int, list[int]], named: set[int], groups: tuple[Group, ...]) -> dict[int, int]:
    """Which campaign goes on in which group. A name that people gave is not lost to a greater one without."""
    olds = [Group(tuple(ids), ids[0], 1, is_short=False) for ids in before.values()]
    campaign_of = {group.number: campaign_id for group, campaign_id in zip(olds, before, strict=True)}
    heirs = {}
    for number, numbers in continued(olds, groups).items():
        went_on = [campaign_of[each] for each in numbers]
        heirs[number] = next((each for each in went_on if each in named), went_on[0])
    return heirs


@dataclass(frozen=True, slots=True)
class _Facts:
    """What is known of each comment beside its words, in the order of their keys."""

    told: census.Told
    channels: list[str]
    kinds: list[str]

    def came(self, groups: tuple[Group, ...]) -> dict[int, dict[str, Any]]:
        """When and how the comments of each large group came, by the place of the group."""
        found = {}
        for index, group in enumerate(groups):
            if len(group.members) > LARGE:
                at = np.searchsorted(self.told.numbers, np.array(group.members, np.int64)).tolist()
                instants = self.told.received[at].tolist()
                rows = [
                    (_EPOCH + timedelta(microseconds=instant), self.channels[i], self.kinds[i])
                    for i, instant in zip(at, instants, strict=True)
                ]
                if (came := campaign_facts.came(rows)) is not None:
                    found[index] = came.packed()
        return found


def _told(session: Session, here: tuple[ColumnElement[bool], ...]) -> _Facts:
    query = (
        select(
            Comment.id, Comment.submission_id, Comment.state, Comment.received_at, Submission.channel, Respondent.kind
        )
        .join(Comment.submission)
        .join(Submission.respondent)
        .where(*here)
    )
    rows = session.execute(query.order_by(Comment.id)).all()
    told = census.Told(
        np.array([row.id for row in rows], np.int64),
        np.array([row.submission_id for row in rows], np.int64),
        np.array([row.state is not CommentState.WITHDRAWN for row in rows], np.bool_),
        np.array([(row.received_at - _EPOCH) // timedelta(microseconds=1) for row in rows], np.int64),
    )
    return _Facts(told, [row.channel.value for row in rows], [row.kind.value for row in rows])
