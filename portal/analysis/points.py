"""Points: the comments on one clause that make the same argument, proposed by machine and corrected by people.

Equal texts are one text. Texts that somebody joined, that are a campaign, or that stood in one point before, begin as
one group; groups whose texts are alike on the average are joined (`linkage`), by the features of `wording`. Nothing
random, nothing learnt elsewhere: the same comments, decisions and previous points give the same points, in any order.

The points of before are the frame of what is gathered now: a new comment joins a point or founds one, and no two points
that people have already seen run together by themselves. `previous=()` gathers afresh.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from portal.analysis.clause_points import Clause, Keys, Part, Shape
from portal.analysis.engine import IN_PROCESS, Engine
from portal.analysis.point_values import Comment, Decisions, Kind, Link, Point
from portal.analysis.vectors import rarity

__all__ = ["Comment", "Decisions", "Kind", "Link", "Point", "gather"]

#: clauses are read and gathered together until they have so many comments
_BLOCK = 400
_UNDECIDED = Decisions()


def gather(
    comments: Iterable[Comment],
    decisions: Decisions = _UNDECIDED,
    previous: Iterable[Point] = (),
    alike: Mapping[str, str] | None = None,
    engine: Engine = IN_PROCESS,
) -> tuple[Point, ...]:
    """The points of all clauses, largest first within a clause; every comment is in exactly one.

    `alike` says of comments in which group of near-identical texts they are, if somebody found that out already. The
    engine reads and gathers the clauses; keys are given here, for a key names one point only.
    Raises ValueError when two comments have one id.
    """
    by_clause: dict[str, list[Comment]] = defaultdict(list)
    for comment in sorted(comments, key=lambda each: each.id):
        by_clause[comment.clause].append(comment)
    ids = {comment.id for found in by_clause.values() for comment in found}
    if len(ids) != sum(map(len, by_clause.values())):
        raise ValueError("two comments have the same id")
    before: dict[str, list[Point]] = defaultdict(list)
    for point in previous:
        before[point.clause].append(point)
    clause_of = {point.key: point.clause for found in before.values() for point in found}
    parts = [
        Part(name, found, _of_clause(decisions, name, found, clause_of), before[name], _of(alike or {}, found))
        for name, found in sorted(by_clause.items())
    ]
    blocks = list(_blocks(parts))
    read = list(engine.map(_read, blocks))
    weight_of = rarity(text.counts for clauses in read for clause in clauses for text in clause.texts)
    shaped = engine.map(_shaped, ((clauses, _of_texts(weight_of, clauses)) for clauses in read))
    keys = Keys(set(clause_of) | set(decisions.pinned.values()))
    return tuple(
        point
        for clauses, shapes in zip(read, shaped, strict=True)
        for clause, found in zip(clauses, shapes, strict=True)
        for point in clause.points(found, keys)
    )


def _of_clause(decisions: Decisions, name: str, comments: Iterable[Comment], clause_of: Mapping[str, str]) -> Decisions:
    """What of the decisions is about comments of a clause.

    A pin to a point of another clause holds nothing here: a comment stays on its clause.
    """
    pinned = {
        each.id: key
        for each in comments
        if (key := decisions.pinned.get(each.id)) is not None and clause_of.get(key, name) == name
    }
    here = {each.id for each in comments}
    links = tuple(link for link in decisions.links if link.one in here or link.other in here)
    return replace(decisions, pinned=pinned, links=links)


def _of(alike: Mapping[str, str], comments: Iterable[Comment]) -> dict[str, str]:
    return {each.id: alike[each.id] for each in comments if each.id in alike}


def _of_texts(weight_of: Mapping[str, float], clauses: Iterable[Clause]) -> dict[str, float]:
    inside: set[str] = set()
    inside.update(*(text.counts for clause in clauses for text in clause.texts))
    return {feature: weight_of[feature] for feature in inside}


def _blocks(parts: Iterable[Part]) -> Iterator[list[Part]]:
    """Clauses one after another, a few hundred comments at a time, or one clause that has more."""
    block: list[Part] = []
    held = 0
    for part in parts:
        if block and held + len(part.comments) > _BLOCK:
            yield block
            block, held = [], 0
        block.append(part)
        held += len(part.comments)
    if block:
        yield block


def _read(block: list[Part]) -> list[Clause]:
    return [Clause(part) for part in block]


def _shaped(block: tuple[list[Clause], Mapping[str, float]]) -> list[list[Shape]]:
    clauses, weight_of = block
    return [clause.shapes(weight_of) for clause in clauses]
