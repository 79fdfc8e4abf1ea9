"""What a summary tells beyond counting: points, campaigns and figures, read from the tables once for all clauses."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from portal.analysis.figure_changes import FigureChange, figure_changes
from portal.analysis.headlines import title
from portal.models import (
    Campaign,
    Clause,
    Comment,
    Consultation,
    DraftVersion,
    Point,
    PointMember,
    Respondent,
    Response,
    Submission,
)
from portal.reports.characters import one_line, shortened
from portal.reports.summary import CampaignLine, CommentLine, FigureLine, PointLine
from portal.rules import window
from portal.rules.words import Channel, CommentState, PointKind, RespondentKind, Stance
from portal.services import lineage, placing

_PLAIN = {PointKind.APPROVAL, PointKind.OBJECTION}
_TITLE = 30


@dataclass(slots=True)
class Received:
    """What counting needs to know of one comment; `line` is what everybody may read of a published one."""

    id: int
    place: int | None
    state: CommentState
    stance: Stance
    kind: RespondentKind
    channel: Channel
    reason_code: str
    received_at: datetime
    submission_id: int
    respondent_id: int
    campaign_id: int | None
    region: str
    line: CommentLine | None


#: of so many comments the columns are read at once
_AT_ONCE = 2_000


def received(session: Session, consultation: Consultation) -> Iterator[Received]:
    """Every comment with the place where it stands in the newest version, by number.

    Columns are read, not rows of the model: of fifty thousand comments those would fill half a gigabyte.
    """
    version = consultation.version
    clauses = {
        clause.id: clause
        for clause in session.scalars(
            select(Clause).join(DraftVersion).where(DraftVersion.consultation_id == consultation.id)
        )
    }
    moved, own = lineage.places(session, version), placing.overridden(session, version)
    answers = {
        answer.id: answer
        for answer in session.execute(
            select(Response.id, Response.disposition, Response.reason, Response.changed_text, Response.clause_id).where(
                Response.consultation_id == consultation.id
            )
        )
    }
    now = {clause.id: clause.wording for clause in version.clauses}
    is_published = Comment.state == CommentState.PUBLISHED
    rows = session.execute(
        select(
            Comment.id, Comment.number, Comment.clause_id, Comment.state, Comment.stance, Comment.reason_code,
            Comment.received_at, Comment.submission_id, Comment.campaign_id, Comment.response_id,
            Submission.respondent_id, Submission.channel, Submission.receipt_number,
            Respondent.kind, Respondent.shown_as, Respondent.region,
            case((is_published, Comment.public_body), else_="").label("body"),
            case((is_published, Comment.public_proposed_text), else_="").label("proposed"),
        )
        .join(Comment.submission)
        .join(Submission.respondent)
        .where(Comment.consultation_id == consultation.id)
        .order_by(Comment.number)
        .execution_options(yield_per=_AT_ONCE)
    )  # fmt: skip
    alike: dict[str, str] = {}
    # closed when a row cannot be read: on PostgreSQL the rows come from a cursor of the server
    with rows:
        for row in rows:
            place = moved.get(row.clause_id, row.clause_id) if row.clause_id is not None else None
            line = None
            if row.state is CommentState.PUBLISHED:
                answer = answers.get(row.response_id)
                line = _line(row, clauses.get(row.clause_id), answer, now, alike)
            yield Received(
                row.id, own.get(row.id, place), row.state, row.stance, row.kind, row.channel, row.reason_code,
                row.received_at, row.submission_id, row.respondent_id, row.campaign_id,
                alike.setdefault(row.region, row.region), line,
            )  # fmt: skip


def _line(row: Any, clause: Clause | None, answer: Any, now: Mapping[int, str], alike: dict[str, str]) -> CommentLine:
    # the clause an answer changes, which is not the comment's own where a campaign was answered at once
    changed = now.get(answer.clause_id, "") if answer is not None and answer.clause_id else ""

    def one(words: str) -> str:
        """The same words once, however many comments say them."""
        return alike.setdefault(words, words)

    return CommentLine(
        reference=f"C-{row.number}",
        receipt_number=one(row.receipt_number),
        clause_label=clause.label if clause else "",
        clause_citation=clause.citation if clause else "全文",
        respondent=one(row.shown_as),
        respondent_kind=row.kind,
        channel=row.channel,
        received_at=row.received_at,
        stance=row.stance,
        body=one(row.body),
        proposed_text=one(row.proposed),
        original_text=one(changed or (clause.wording if clause else "")),
        disposition=answer.disposition if answer is not None else None,
        reason=answer.reason if answer is not None else "",
        changed_text=answer.changed_text if answer is not None else "",
    )


class Gathered:
    """The comments of a consultation with the places where they stand, and what was found out about them."""

    def __init__(self, session: Session, consultation: Consultation, comments: Sequence[Received]) -> None:
        self._comments = comments
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

    def points(self, comments: Iterable[Received]) -> tuple[PointLine, ...]:
        """The points that the published comments of one clause make: the main ones, the largest, the single ones."""
        found: dict[int, list[Received]] = defaultdict(list)
        for comment in comments:
            if comment.line is not None and (point_id := self._point_of.get(comment.id)) is not None:
                found[point_id].append(comment)
        made = [_point(self._stored[point_id], members) for point_id, members in found.items()]
        return tuple(sorted(made, key=_order))

    def campaigns(self) -> tuple[CampaignLine, ...]:
        """The campaigns with two comments or more, the largest first; both counts are of what was received."""
        members: dict[int, list[Received]] = defaultdict(list)
        for comment in self._comments:
            if comment.campaign_id is not None:
                members[comment.campaign_id].append(comment)
        made = []
        for campaign in self._campaigns:
            inside = members[campaign.id]
            if len(inside) < 2:
                continue
            shown = [comment.line for comment in inside if comment.line is not None]
            typical = next(
                (each.line for each in inside if each.line is not None and each.id == campaign.representative_id),
                shown[0] if shown else None,
            )
            days = sorted(window.day_in_beijing(comment.received_at) for comment in inside)
            made.append(
                CampaignLine(
                    campaign.name
                    or (shortened(one_line(typical.body), _TITLE) if typical else "没有公开的相同、相近意见"),
                    typical.reference if typical else "",
                    len(inside),
                    min(campaign.texts, len(inside)),
                    tuple(line.reference for line in shown),
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
            if comment.line is None:
                continue
            for change in dict.fromkeys(figure_changes(comment.line.body)):
                # With the figure of the draft said, the name is only more or less complete; without it, it is all.
                key = (change.old, change.unit, "" if change.old else change.indicator)
                by_place[comment.place][key].append((change, comment.line.reference))
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


def _point(stored: Point, members: list[Received]) -> PointLine:
    lines = [comment.line for comment in members if comment.line is not None]
    typical = next(
        (each.line for each in members if each.line is not None and each.id == stored.representative_id), lines[0]
    )
    kind = stored.kind
    if kind not in _PLAIN:
        people = {comment.respondent_id for comment in members}
        kind = PointKind.SINGLE if len(people) == 1 else PointKind.ARGUMENT
    named = stored.name or (kind.label if kind in _PLAIN else title(typical.body, stored.key_phrases))
    return PointLine(
        stored.key,
        named,
        kind,
        tuple(line.reference for line in lines),
        typical.reference,
        stored.is_key,
        bool(stored.name),
    )


def _order(point: PointLine) -> tuple[bool, bool, bool, int, tuple[int, ...]]:
    return (
        point.kind in _PLAIN,
        not point.is_key,
        point.kind is PointKind.SINGLE,
        -len(point.references),
        tuple(int(reference[2:]) for reference in point.references),
    )
