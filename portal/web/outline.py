"""How a draft is laid out on a page: the contents with their counts, and the passages of the text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from portal.models import Clause

_FIGURE = re.compile(r"[\[（(≥≤<>＞＜]?\s*[-+−]?\d[\d.,]*\s*[%％‰]?[\])）]?$")
_SENTENCE = re.compile(r"[^。！？；\n]+[。！？；]?[”’）]*")

#: kinds that are set as a heading across the page, and as which
HEADINGS = {
    "part": "zhang",
    "subpart": "zhang",
    "chapter": "zhang",
    "section": "jie",
    "subsection": "jie",
    "annex": "zhang",
    "cn": "yi",
}


@dataclass
class Entry:
    """One line of the contents: `said` counts the published comments on it and on everything under it."""

    clause: Clause
    said: int
    entries: list[Entry] = field(default_factory=list)


def contents(clauses: Sequence[Clause], counts: dict[int | None, int]) -> list[Entry]:
    """The contents, to the depth a reader can take in: headings and boxes, at most three levels."""
    roots: list[Entry] = []
    open_entries: list[Entry] = []
    for clause in clauses:
        said = counts.get(clause.id, 0)
        while open_entries and open_entries[-1].clause.depth >= clause.depth:
            open_entries.pop()
        for entry in open_entries:
            entry.said += said
        if clause.depth > 2 or not (clause.number or clause.heading):
            continue
        entry = Entry(clause, said)
        (open_entries[-1].entries if open_entries else roots).append(entry)
        open_entries.append(entry)
    return roots


def most_said(entries: Sequence[Entry]) -> int:
    """The largest count in the contents: the longest bar is its own."""
    return max((max(entry.said, most_said(entry.entries)) for entry in entries), default=0)


@dataclass(frozen=True, slots=True)
class Passage:
    """One clause as it is set: `style` is its class, `level` the level of its heading in the page (2 to 6)."""

    clause: Clause
    style: str
    level: int
    is_in_box: bool = False

    @property
    def paragraphs(self) -> list[str]:
        return [part for part in self.clause.text.split("\n") if part]

    @property
    def figures(self) -> frozenset[int]:
        """The columns of a table that hold numbers only: they are set flush right."""
        columns = zip(*self.clause.rows[1:], strict=False)
        return frozenset(
            place for place, cells in enumerate(columns) if any(cells) and all(not c or _FIGURE.match(c) for c in cells)
        )

    @property
    def runs_in(self) -> bool:
        """Whether heading and text stand in one paragraph, as （一） and 1. do in print."""
        return self.style == "run"


def passages(clauses: Sequence[Clause]) -> list[Passage]:
    """Every clause with how it is set."""
    boxed: set[int] = set()
    found = []
    for clause in clauses:
        is_in_box = clause.parent_position in boxed
        if clause.kind == "box" or is_in_box:
            boxed.add(clause.position)
        style = HEADINGS.get(clause.kind, clause.kind if clause.kind in ("box", "table") else "run")
        found.append(Passage(clause, style, min(clause.depth + 2, 6), is_in_box))
    return found


def sentences(clause: Clause) -> list[str]:
    """The sentences of a clause, for those who quote by choosing one and not by selecting it."""
    parts = _SENTENCE.findall(clause.words)
    return [part for part in dict.fromkeys(p.strip() for p in parts) if len(part) > 1]


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A line of the source, or a run of lines folded away (`number` to `last`) because nothing is doubtful there."""

    number: int
    words: str = ""
    dropped: str = ""
    why_dropped: str = ""
    last: int = 0

    @property
    def kept(self) -> str:
        """What is left of the line when the dropped words are taken off its beginning."""
        return self.words.strip().removeprefix(self.dropped) if self.dropped else self.words


#: how many lines around a doubt and around the clause in hand are shown
_AROUND_DOUBT = 1
_AROUND_HAND = 3
#: a fold of fewer lines than this is longer to open than to read
_WORTH_FOLDING = 3


def clause_at(clauses: Sequence[Clause], line: int) -> Clause | None:
    """The clause a line of the source belongs to: the one that begins on it, or the last one before it."""
    on = next((clause for clause in clauses if clause.line == line), None)
    return on or max((clause for clause in clauses if clause.line <= line), key=lambda c: c.position, default=None)


def lines_of(clauses: Sequence[Clause], in_hand: Clause | None) -> range:
    """The lines of the source a clause was read from: up to the next clause; none when no clause is in hand."""
    if in_hand is None:
        return range(0)
    after = min((clause.line for clause in clauses if clause.line > in_hand.line), default=in_hand.line + 1)
    return range(in_hand.line, after)


def source_lines(
    text: str, junk: dict[int, tuple[str, str]], doubts: Sequence[int], in_hand: range, show: str = ""
) -> list[SourceLine]:
    """The source beside the outline: the clause in hand and the lines around it, or without one all that is doubtful.

    Everything else is folded; `show` is "all", or the first line of the fold to open.
    """
    if in_hand:
        shown = set(range(in_hand.start - _AROUND_HAND, in_hand.stop + _AROUND_HAND))
    else:
        shown = {near for line in doubts for near in range(line - _AROUND_DOUBT, line + _AROUND_DOUBT + 1)} | set(junk)
    found: list[SourceLine] = []
    quiet: list[SourceLine] = []

    def fold() -> None:
        if len(quiet) < _WORTH_FOLDING or show in ("all", str(quiet[0].number)):
            found.extend(quiet)
        else:
            found.append(SourceLine(quiet[0].number, last=quiet[-1].number))
        quiet.clear()

    for number, words in enumerate(text.split("\n"), 1):
        if not words.strip():
            continue
        line = SourceLine(number, words, *junk.get(number, ("", "")))
        if number in shown:
            fold()
            found.append(line)
        else:
            quiet.append(line)
    fold()
    return found
