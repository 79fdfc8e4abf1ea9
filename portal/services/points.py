"""Points of a consultation: gathered by machine, a bounded part at a time, and remembered when they are made again.

What is gathered is what the public may read: published comments, in their public copies, at the clause where they
stand in the newest published version. The engine is given the points of before and all that people decided
(`regarding`), so that a correction holds for ever and a point keeps its key as comments come.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from portal.access import Actor
from portal.analysis import points as engine
from portal.analysis.engine import IN_PROCESS, Engine
from portal.analysis.point_values import PROPOSES
from portal.drafts.difference import difference, passage
from portal.models import (
    Campaign,
    Clause,
    Comment,
    Consultation,
    DraftVersion,
    Job,
    Point,
    PointDecision,
    PointMember,
    Submission,
)  # fmt: skip
from portal.rules.words import CommentState, PointKind
from portal.services import jobs, lineage, placing, point_rows
from portal.services.point_rows import Found

JOB = "points.gather"
#: so many comments are gathered in one step, or one clause if it alone has more
_STEP = 5_000
_BATCH = 500
#: 【已隐去】, 138****5678, 王**, https://…: a point would be called by them
_NO_ARGUMENT = re.compile(
    r"【[^【】\n]{0,20}】|https?://[\x21-\x7e]+|(?:[\w@.-]{1,20}|[一-鿿])?\*{2,}[\w@.-]{0,20}", re.ASCII
)


def ask(session: Session, consultation: Consultation, at: datetime, actor: Actor | None = None) -> Job:
    """Asks for the points to be made again; while that waits or runs, the answer is the job there is."""
    return jobs.ask(
        session, JOB, at=at, actor=actor, consultation=consultation, key=_key(consultation.id),
        total=published(session, consultation),
    )  # fmt: skip


def _key(consultation_id: int) -> str:
    return f"points:{consultation_id}"


def is_being_gathered(session: Session, consultation: Consultation) -> bool:
    """Whether the points are waiting to be made again, or being made."""
    return jobs.is_open(session, _key(consultation.id))


def ask_where_stale(session: Session, at: datetime) -> int:
    """Asks for points wherever a published comment makes none yet; how many were asked for."""
    stale = list(
        session.scalars(
            select(Consultation).where(
                exists().where(
                    Comment.consultation_id == Consultation.id, Comment.state == CommentState.PUBLISHED, _has_no_point()
                )
            )
        )
    )
    for consultation in stale:
        ask(session, consultation, at)
    return len(stale)


def _published(consultation_id: int) -> tuple[Any, ...]:
    return (Comment.consultation_id == consultation_id, Comment.state == CommentState.PUBLISHED)


def _has_no_point() -> Any:
    return ~exists().where(PointMember.comment_id == Comment.id)


def published(session: Session, consultation: Consultation) -> int:
    """How many comments are published."""
    return session.scalar(select(func.count()).where(*_published(consultation.id))) or 0


def without_point(session: Session, consultation: Consultation) -> int:
    """How many published comments make no point yet."""
    return session.scalar(select(func.count()).where(*_published(consultation.id), _has_no_point())) or 0


# ── where comments stand ──────────────────────────────────────────────────────────────────────────────


def stands(session: Session, consultation: Consultation) -> dict[int, int | None]:
    """For each published comment (by id) the clause of the newest published version; None for the whole draft."""
    version = consultation.version
    moved, own = lineage.places(session, version), placing.overridden(session, version)
    rows = session.execute(select(Comment.id, Comment.clause_id).where(*_published(consultation.id))).all()
    return {
        comment_id: own.get(comment_id, moved.get(clause_id, clause_id) if clause_id is not None else None)
        for comment_id, clause_id in rows
    }


# ── gathering: reads, decides, changes nothing ────────────────────────────────────────────────────────


def gather(session: Session, job: Job, setting: jobs.Setting) -> Found | None:
    """The points of the next places of the draft."""
    consultation = job.consultation
    if consultation is None:
        return None
    version = consultation.version
    at = job.place.get("next", 0) if job.place.get("version") == version.id else 0
    order: list[int | None] = [None, *_clause_ids(session, version)]
    here = stands(session, consultation)
    chosen = next(_parts(order[at:], Counter(here.values())))
    end = at + len(chosen)
    labels = _labels(session, version)
    return found_at(session, consultation, here, chosen, labels, end if end < len(order) else None, setting.engine)


def found_at(
    session: Session, consultation: Consultation, here: Mapping[int, int | None], places: Sequence[int | None],
    labels: Mapping[int | None, str], next_place: int | None = None, by: Engine = IN_PROCESS,
) -> Found:  # fmt: skip
    """The points of some places as the engine sees them, with what people decided and what stood before."""
    wanted = frozenset(places)
    decided, decisions = regarding(session, consultation)
    ids = [comment_id for comment_id, place in here.items() if place in wanted]
    wordings = _wordings(session, consultation.version)
    comments, alike, number_of = [], {}, {}
    for row in _words(session, ids):
        name = _name(row.number)
        number_of[name] = row.id
        words = argued(row.public_body)
        if row.public_proposed_text:
            # of a clause written anew only what is new is an argument: the rest is the draft's own
            words += f"{PROPOSES}{newly_worded(wordings.get(here[row.id], ''), row.public_proposed_text)}"
        comments.append(engine.Comment(name, labels[here[row.id]], words, str(row.respondent_id)))
        if row.campaign is not None:
            alike[name] = str(row.campaign)
    before = list(_before(session, consultation, here, wanted, labels, {i: name for name, i in number_of.items()}))
    return Found(
        next_place,
        decided,
        consultation.version.id,
        wanted,
        {labels[place]: place for place in places},
        number_of,
        engine.gather(comments, decisions, before, alike, by),
    )


def renew(session: Session, consultation: Consultation, at: datetime) -> None:
    """Makes all points again in this transaction: for commands, and where there is little to gather."""
    version = consultation.version
    order: list[int | None] = [None, *_clause_ids(session, version)]
    here, labels = stands(session, consultation), _labels(session, version)
    for places in _parts(order, Counter(here.values())):
        point_rows.write(session, consultation, found_at(session, consultation, here, places, labels), at)
    point_rows.tidy(session, consultation)


def _parts(order: Sequence[int | None], many: Mapping[int | None, int]) -> Iterator[list[int | None]]:
    """The places cut into steps: as many as hold so many comments together, and one at the least."""
    chosen: list[int | None] = []
    held = 0
    for place in order:
        if chosen and held + many[place] > _STEP:
            yield chosen
            chosen, held = [], 0
        chosen.append(place)
        held += many[place]
    yield chosen


def _name(number: int) -> str:
    """How the engine knows a comment: its number, so that the order of names is the order of numbers."""
    return f"{number:08d}"


def _clause_ids(session: Session, version: DraftVersion) -> list[int]:
    return list(session.scalars(select(Clause.id).where(Clause.version_id == version.id).order_by(Clause.position)))


def _labels(session: Session, version: DraftVersion) -> dict[int | None, str]:
    rows = session.execute(select(Clause.id, Clause.label).where(Clause.version_id == version.id)).all()
    return {None: "", **dict(rows)}


def _wordings(session: Session, version: DraftVersion) -> dict[int | None, str]:
    return {
        clause.id: clause.wording for clause in session.scalars(select(Clause).where(Clause.version_id == version.id))
    }


def newly_worded(wording: str, proposed: str) -> str:
    """What a proposed wording adds to the wording of its clause; all of it when it resembles nothing there."""
    added = [words for act, words in difference(passage(wording, proposed), proposed) if act == "ins"]
    return "，".join(added)


def argued(words: str) -> str:
    """The words of a public copy without what is no argument: hidden spans, masked numbers and names, addresses."""
    return _NO_ARGUMENT.sub(" ", words).strip() or words


def _words(session: Session, ids: Sequence[int]) -> Iterator[Any]:
    for start in range(0, len(ids), _BATCH):
        yield from session.execute(
            select(
                Comment.id, Comment.number, Comment.public_body, Comment.public_proposed_text,
                Submission.respondent_id, Campaign.id.label("campaign"),
            )
            .join(Comment.submission)
            .outerjoin(Campaign, (Campaign.id == Comment.campaign_id) & Campaign.is_short.is_(False))
            .where(Comment.id.in_(ids[start : start + _BATCH]))
        )  # fmt: skip


def _before(
    session: Session, consultation: Consultation, here: Mapping[int, int | None], places: frozenset[int | None],
    labels: Mapping[int | None, str], name_of: Mapping[int, str],
) -> Iterator[engine.Point]:  # fmt: skip
    """The stored points that stand at these places now: each where most of its comments stand."""
    members: dict[int, list[int]] = defaultdict(list)
    for comment_id, point_id in session.execute(
        select(PointMember.comment_id, PointMember.point_id)
        .join(PointMember.point)
        .where(Point.consultation_id == consultation.id)
        .order_by(PointMember.comment_id)
    ):
        if comment_id in here:
            members[point_id].append(comment_id)
    for point in session.scalars(select(Point).where(Point.consultation_id == consultation.id).order_by(Point.id)):
        if not (inside := members.get(point.id)):
            continue
        shares = Counter(here[each] for each in inside)
        place = min(shares, key=lambda each: (-shares[each], labels[each]))
        if place not in places:
            continue
        names = tuple(sorted(name_of[each] for each in inside if each in name_of))
        representative = name_of.get(point.representative_id, names[0] if names else "")
        yield engine.Point(point.key, labels[place], point.kind.value, names, representative, ())  # type: ignore[arg-type]


def regarding(session: Session, consultation: Consultation) -> tuple[int, engine.Decisions]:
    """What people decided, for the engine; with the number of the last decision."""
    rows = session.scalars(
        select(PointDecision).where(PointDecision.consultation_id == consultation.id).order_by(PointDecision.id)
    ).all()
    ids = {each for row in rows for each in (row.one_id, row.other_id) if each is not None}
    numbers = {comment_id: _name(number) for comment_id, number in _numbers(session, sorted(ids))}
    links, pinned, names = [], {}, {}
    for row in rows:
        if row.kind == "together" and row.one_id and row.other_id:
            links.append(engine.Link(numbers[row.one_id], numbers[row.other_id], is_together=True))
        elif row.kind == "pinned" and row.one_id:
            pinned[numbers[row.one_id]] = row.point_key
        elif row.kind == "named":
            names[row.point_key] = row.words
    return rows[-1].id if rows else 0, engine.Decisions(
        links, pinned, {key: name for key, name in names.items() if name}
    )


def _numbers(session: Session, ids: Sequence[int]) -> Iterator[tuple[int, int]]:
    for start in range(0, len(ids), _BATCH):
        part = ids[start : start + _BATCH]
        yield from session.execute(select(Comment.id, Comment.number).where(Comment.id.in_(part))).all()


# ── applying: one short transaction ───────────────────────────────────────────────────────────────────


def apply(session: Session, job: Job, setting: jobs.Setting, found: Found | None) -> bool:
    """Writes what was found; does it over when somebody decided something meanwhile."""
    consultation = job.consultation
    if consultation is None or found is None:
        return True
    last = session.scalar(
        select(func.max(PointDecision.id)).where(PointDecision.consultation_id == consultation.id)
    )  # fmt: skip
    if (last or 0) != found.decided or consultation.version.id != found.version_id:
        return False
    written = point_rows.write(session, consultation, found, setting.at)
    job.place = {"version": found.version_id, "next": found.next_place}
    job.done = min(job.total, job.done + written)
    if found.next_place is not None:
        return False
    point_rows.tidy(session, consultation)
    job.result = {"points": session.scalar(select(func.count()).where(Point.consultation_id == consultation.id))}
    return True


KIND = jobs.Kind(apply, gather)


# ── looking ───────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored point and the numbers of its published comments."""

    point: Point
    numbers: tuple[int, ...]


def stored(session: Session, consultation: Consultation) -> dict[int | None, list[Stored]]:
    """All points by the clause they stand at, main ones first, then the largest."""
    numbers: dict[int, list[int]] = defaultdict(list)
    for point_id, number in session.execute(
        select(PointMember.point_id, Comment.number)
        .join(PointMember.comment)
        .where(*_published(consultation.id))
        .order_by(Comment.number)
    ):
        numbers[point_id].append(number)
    found: dict[int | None, list[Stored]] = defaultdict(list)
    for point in session.scalars(select(Point).where(Point.consultation_id == consultation.id)):
        if point.id in numbers:
            found[point.clause_id].append(Stored(point, tuple(numbers[point.id])))
    for each in found.values():
        each.sort(key=lambda one: (not one.point.is_key, -len(one.numbers), one.numbers))
    return found


def counts(found: Mapping[int | None, Iterable[Stored]]) -> Counter[PointKind]:
    """How many points of each kind there are."""
    return Counter(each.point.kind for one in found.values() for each in one)
