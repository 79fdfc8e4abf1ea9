"""What a summary tells beyond counting: points, campaigns and figures, read from the tables once for all clauses."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.analysis.figure_changes import FigureChange, figure_changes
from portal.analysis.headlines import title
from portal.models import Campaign, Clause, Comment, Consultation, Point, PointMember
from portal.reports.characters import one_line, shortened
from portal.reports.summary import CampaignLine, FigureLine, PointLine
from portal.rules import window
from portal.rules.words import CommentState, PointKind

_PLAIN = {PointKind.APPROVAL, PointKind.OBJECTION}
_TITLE = 30


class Gathered:
    """The comments of a consultation with the places where they stand, and what was found out about them."""

    def __init__(
        self, session: Session, consultation: Consultation, comments: Sequence[Comment],
        place_of: Mapping[Comment, int | None],
    ) -> None:  # fmt: skip
        self._comments = comments
        self._place_of = place_of
        self._point_of: dict[int, int] = dict(
            session.execute(
                select(PointMember.comment_id, PointMember.point_id)
                .join(PointMember.point)
                .where(Point.consultation_id == consultation.id)
            ).all()
        )
        self._stored = {
            point.id: point
            for point in session.scalars(select(Point).where(Point.consultation_id == consultation.id))
        }  # fmt: skip
        self._campaigns = list(
            session.scalars(
                select(Campaign)
                .where(Campaign.consultation_id == consultation.id, Campaign.is_short.is_(False))
                .order_by(Campaign.id)
            )
        )

    def points(self, comments: Iterable[Comment]) -> tuple[PointLine, ...]:
        """The points that the published comments of one clause make: the main ones, the largest, the single ones."""
        found: dict[int, list[Comment]] = defaultdict(list)
        for comment in comments:
            if comment.state is CommentState.PUBLISHED and (point_id := self._point_of.get(comment.id)) is not None:
                found[point_id].append(comment)
        made = [_point(self._stored[point_id], members) for point_id, members in found.items()]
        return tuple(sorted(made, key=_order))

    def campaigns(self) -> tuple[CampaignLine, ...]:
        """The campaigns with two comments or more, the largest first; both counts are of what was received."""
        members: dict[int, list[Comment]] = defaultdict(list)
        for comment in self._comments:
            if comment.campaign_id is not None:
                members[comment.campaign_id].append(comment)
        made = []
        for campaign in self._campaigns:
            inside = members[campaign.id]
            if len(inside) < 2:
                continue
            shown = [comment for comment in inside if comment.state is CommentState.PUBLISHED]
            typical = next(
                (each for each in shown if each.id == campaign.representative_id), shown[0] if shown else None
            )
            days = sorted(window.day_in_beijing(comment.received_at) for comment in inside)
            made.append(
                CampaignLine(
                    campaign.name or (_beginning(typical) if typical else "没有公开的相同、相近意见"),
                    typical.reference if typical else "",
                    len(inside),
                    min(campaign.texts, len(inside)),
                    tuple(comment.reference for comment in shown),
                    days[0],
                    days[-1],
                )
            )
        return tuple(sorted(made, key=lambda each: (-each.submissions, each.references)))

    def figures(self, clauses: Sequence[Clause]) -> tuple[FigureLine, ...]:
        """The figures that published comments want changed, in the order of the draft, the most wanted first."""
        by_place: dict[Any, dict[tuple[str, str, str], list[tuple[FigureChange, str]]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for comment in self._comments:
            if comment.state is not CommentState.PUBLISHED:
                continue
            for change in dict.fromkeys(figure_changes(comment.public_body)):
                # With the figure of the draft said, the name is only more or less complete; without it, it is all.
                key = (change.old, change.unit, "" if change.old else change.indicator)
                by_place[self._place_of[comment]][key].append((change, comment.reference))
        order: list[int | None] = [None, *(clause.id for clause in clauses)]
        names: dict[int | None, tuple[str, str]] = {clause.id: (clause.label, clause.citation) for clause in clauses}
        names[None] = ("", "全文")
        return tuple(
            _figure(*names[place], old, unit, wanted)
            for place in order
            for (old, unit, _), wanted in sorted(
                by_place[place].items(), key=lambda each: (-len(each[1]), each[0])
            )
        )  # fmt: skip


def _figure(label: str, citation: str, old: str, unit: str, wanted: list[tuple[FigureChange, str]]) -> FigureLine:
    names = Counter(change.indicator for change, _ in wanted if change.indicator)
    name = min(names, key=lambda each: (-names[each], each)) if names else ""
    values: dict[str, list[str]] = defaultdict(list)
    for change, reference in wanted:
        value = f"{change.new}{unit}{change.bound}"
        if reference not in values[value]:
            values[value].append(reference)
    wishes = sorted(values.items(), key=lambda each: (-len(each[1]), each[0]))
    return FigureLine(label, citation, name, f"{old}{unit}" if old else "", tuple((v, tuple(r)) for v, r in wishes))


def _point(stored: Point, members: list[Comment]) -> PointLine:
    typical = next((each for each in members if each.id == stored.representative_id), members[0])
    kind = stored.kind
    if kind not in _PLAIN:
        people = {comment.submission.respondent_id for comment in members}
        kind = PointKind.SINGLE if len(people) == 1 else PointKind.ARGUMENT
    named = stored.name or (kind.label if kind in _PLAIN else title(typical.public_body, stored.key_phrases))
    return PointLine(
        stored.key,
        named,
        kind,
        tuple(comment.reference for comment in members),
        typical.reference,
        stored.is_key,
        bool(stored.name),
    )


def _beginning(comment: Comment) -> str:
    return shortened(one_line(comment.public_body), _TITLE)


def _order(point: PointLine) -> tuple[bool, bool, bool, int, tuple[int, ...]]:
    return (
        point.kind in _PLAIN,
        not point.is_key,
        point.kind is PointKind.SINGLE,
        -len(point.references),
        tuple(int(reference[2:]) for reference in point.references),
    )
