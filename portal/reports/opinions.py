"""What a report reads out of the opinions of a summary: who makes a point, what wordings are proposed, who disagrees.

Everything here is computed from the frozen value, so every file says the same, and what is counted can be looked up.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from portal.drafts import excerpts
from portal.drafts.difference import Piece
from portal.reports.summary import ClauseSummary, CommentLine, PointLine, Summary
from portal.rules.regions import NOT_GIVEN
from portal.rules.words import Channel, PointKind, RespondentKind, Stance

#: a cell of fewer comments is not told in a copy for the public
SMALLEST_CELL = 3
MAIN_POINTS = 10
MOST_UNITS = 16
#: whose opinions are also told apart (国办发〔2019〕9号)
APART = (RespondentKind.ENTERPRISE, RespondentKind.ASSOCIATION)

T = TypeVar("T")
Cell = tuple[RespondentKind, Stance, Channel]


@dataclass(frozen=True, slots=True)
class Wording:
    """A wording proposed for a clause, with everybody who proposes just this.

    The pieces are the difference against what it stands for in the clause, with long stretches that stay left out.
    """

    pieces: tuple[Piece, ...]
    text: str
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """That some want a clause as it is and others do not."""

    support: tuple[str, ...]
    oppose: tuple[str, ...]
    change: tuple[str, ...]


class Opinions:
    """A summary laid open for telling: comments by their references, points with their people."""

    def __init__(self, summary: Summary) -> None:
        self.summary = summary
        self.line_of: dict[str, CommentLine] = {line.reference: line for line in summary.comments}
        self.point_of: dict[str, PointLine] = {
            reference: point for clause in summary.clauses for point in clause.points for reference in point.references
        }
        self.words_of: dict[str, tuple[str, ...]] = defaultdict(tuple)
        for paragraph in summary.narrative:
            self.words_of[paragraph.place] += (paragraph.words,)

    # ── points ────────────────────────────────────────────────────────────────────────────────────────

    def main_points(self) -> list[tuple[ClauseSummary, PointLine]]:
        """Those that people marked first, then the largest that several people make."""
        found = [
            (clause, point)
            for clause in self.summary.clauses
            for point in clause.points
            if point.is_key or point.kind is PointKind.ARGUMENT
        ]
        found.sort(key=lambda each: (not each[1].is_key, -len(each[1].references)))
        marked = sum(1 for _, point in found if point.is_key)
        return found[: max(MAIN_POINTS, marked)]

    def of_kind(self, *kinds: PointKind) -> list[tuple[ClauseSummary, PointLine]]:
        """The points of some kinds, in the order of the draft."""
        return [
            (clause, point) for clause in self.summary.clauses for point in clause.points if point.kind in kinds
        ]  # fmt: skip

    def units(self) -> list[tuple[str, list[tuple[int, ClauseSummary]]]]:
        """The draft cut into its uppermost parts for the strip, each clause with its position; the whole draft last.

        A draft that falls into very many parts is shown in one piece, without names.
        """
        clauses = [(at, clause) for at, clause in enumerate(self.summary.clauses) if clause.label]
        whole = [(at, clause) for at, clause in enumerate(self.summary.clauses) if not clause.label]
        uppermost = min((clause.depth for _, clause in clauses), default=0)
        units: list[tuple[str, list[tuple[int, ClauseSummary]]]] = []
        for at, clause in clauses:
            # before the first part stands what has no number: the preamble
            if (clause.depth == uppermost and clause.number) or not units:
                units.append((clause.number or "引言", []))
            units[-1][1].append((at, clause))
        if len(units) > MOST_UNITS:
            units = [("", clauses)]
        return [*units, ("全文", whole)] if whole else units

    def lines(self, references: Iterable[str]) -> list[CommentLine]:
        return [self.line_of[reference] for reference in references if reference in self.line_of]

    def kinds(self, point: PointLine) -> list[tuple[RespondentKind, int | None]]:
        """Who makes a point, never blended; None stands for a cell too small to be told."""
        return self.kinds_of(point.references)

    def kinds_of(self, references: Iterable[str]) -> list[tuple[RespondentKind, int | None]]:
        many = Counter(line.respondent_kind for line in self.lines(references))
        return self._told([(kind, many[kind]) for kind in RespondentKind if many[kind]])

    def stances(self, point: PointLine) -> list[tuple[Stance, int | None]]:
        many = Counter(line.stance for line in self.lines(point.references))
        return self._told([(stance, many[stance]) for stance in Stance if many[stance]])

    def cells(self, point: PointLine) -> list[tuple[Cell, int | None]]:
        """Kind × stance × channel of a point, in the order of the lists."""
        many = Counter(
            (line.respondent_kind, line.stance, line.channel) for line in self.lines(point.references)
        )  # fmt: skip
        order = [(kind, stance, channel) for kind in RespondentKind for stance in Stance for channel in Channel]
        return self._told([(cell, many[cell]) for cell in order if many[cell]])

    def _told(self, cells: list[tuple[T, int]]) -> list[tuple[T, int | None]]:
        return suppressed(cells) if self.summary.is_public else list(cells)

    def regions(self) -> list[tuple[str, tuple[int, int] | None]]:
        """Every region with its submissions and comments, 未填 for those who gave none; None where they are untold.

        A copy for the public goes by submissions: one person may send many comments.
        """
        told = self._told([((region, remarks), pieces) for region, pieces, remarks in self.summary.by_region])
        return [
            (region or NOT_GIVEN, None if pieces is None else (pieces, remarks)) for (region, remarks), pieces in told
        ]

    # ── clauses ───────────────────────────────────────────────────────────────────────────────────────

    def without_point(self, clause: ClauseSummary) -> tuple[str, ...]:
        """The published comments of a clause that make no point yet: they are listed, never lost."""
        return tuple(line.reference for line in clause.comments if line.reference not in self.point_of)

    def coverage(self) -> tuple[int, int]:
        """How many published comments stand in a point, and how many are published."""
        everything = self.summary.comments
        return sum(1 for line in everything if line.reference in self.point_of), len(everything)

    def wordings(self, clause: ClauseSummary) -> list[Wording]:
        """The wordings proposed for a clause; equal ones are one, those that most propose first."""
        return wordings(clause.comments)

    def point_wordings(self, point: PointLine) -> list[Wording]:
        return wordings(self.lines(point.references))

    def disagreement(self, clause: ClauseSummary) -> Disagreement | None:
        """Who wants the clause as it is and who does not, when there are both."""
        by: dict[Stance, list[str]] = defaultdict(list)
        for line in clause.comments:
            by[line.stance].append(line.reference)
        if not by[Stance.SUPPORT] or not (by[Stance.OPPOSE] or by[Stance.CHANGE]):
            return None
        return Disagreement(tuple(by[Stance.SUPPORT]), tuple(by[Stance.OPPOSE]), tuple(by[Stance.CHANGE]))

    # ── people ────────────────────────────────────────────────────────────────────────────────────────

    def apart(
        self, kind: RespondentKind
    ) -> list[tuple[ClauseSummary, list[tuple[PointLine | None, list[CommentLine]]]]]:
        """What one kind of respondent says, clause by clause, by point; None for comments without one."""
        found = []
        for clause in self.summary.clauses:
            groups: dict[str, tuple[PointLine | None, list[CommentLine]]] = {}
            for line in clause.comments:
                if line.respondent_kind is kind:
                    point = self.point_of.get(line.reference)
                    groups.setdefault(point.key if point else "", (point, []))[1].append(line)
            if groups:
                found.append((clause, sorted(groups.values(), key=lambda each: -len(each[1]))))
        return found


def wordings(lines: Iterable[CommentLine]) -> list[Wording]:
    """The wordings some comments propose, each against the words it was proposed for; equal ones are one."""
    same: dict[tuple[str, str], list[CommentLine]] = defaultdict(list)
    for line in lines:
        if line.proposed_text.strip():
            same["".join(line.original_text.split()), _bare(line.proposed_text)].append(line)
    made = [
        Wording(
            excerpts.proposed(found[0].original_text, found[0].proposed_text),
            found[0].proposed_text,
            tuple(line.reference for line in found),
        )
        for found in same.values()
    ]
    return sorted(made, key=lambda each: -len(each.references))


def _bare(text: str) -> str:
    """A wording without blanks and without the stop at its end."""
    return "".join(text.split()).rstrip("。；;.")


def suppressed(cells: list[tuple[T, int]]) -> list[tuple[T, int | None]]:
    """Cells with the small ones untold; when that is one alone, the next smallest too, or the sum would tell it."""
    small = {at for at, (_, count) in enumerate(cells) if count < SMALLEST_CELL}
    if len(small) == 1 and len(cells) > 1:
        small.add(min((at for at in range(len(cells)) if at not in small), key=lambda at: cells[at][1]))
    return [(cell, None if at in small else count) for at, (cell, count) in enumerate(cells)]
