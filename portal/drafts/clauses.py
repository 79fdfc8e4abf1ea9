"""Paragraphs to segments: what begins with a mark, and clauses that were glued into one line taken apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from portal.drafts.lines import Line, Paragraph
from portal.drafts.marks import Mark, marks_at
from portal.drafts.sequence import Tracker, first_mark, plausible_body, spoken_of
from portal.drafts.wraps import Measure, is_finished

_INSIDE = re.compile(
    r"(?<=[。！？!?）)”》;；:： \u3000\u00a0\t%％])"
    r"(?=第\s?[一二三四五六七八九十百零〇\d]|[一二三四五六七八九十]{1,3}[、.．]|[（(][一二三四五六七八九十]{1,3}[）)]|[（(]?\d{1,2}[）)]|"
    r"\d{1,2}[.．、]|[①-⑳]|专栏\s?\d)"
)
_PAGE_AND_DECIMAL = re.compile(r"^\d{2,5}\.\d")
_ENACTED = re.compile(r"(?:通过|公布|发布|批准|施行|修订|修正)[）)]?$")


@dataclass(slots=True)
class Segment:
    """A paragraph and the mark it opens with; `body` begins after the mark."""

    paragraph: Paragraph
    mark: Mark | None

    @property
    def body(self) -> str:
        """The words after the mark."""
        return self.paragraph.text[self.mark.end :].strip() if self.mark else self.paragraph.text


def uses_decimals(lines: Sequence[Line]) -> bool:
    """Whether 1.1 and 2.3 number clauses here: several series of them that count on, with words after them."""
    values: list[tuple[int, ...]] = []
    for line in lines:
        for mark in marks_at(line.text):
            if mark.kind.startswith("dec") and mark.value[0] < 60:
                rest = line.text[mark.end :].strip()
                if (
                    rest
                    and re.match(r"[\u3400-\u9fff“《（(A-Za-z]", rest)
                    and not re.match(r"[万亿元个家%倍公平]", rest)
                ):
                    values.append(mark.value)
                break
    follows = sum(
        1
        for before, after in pairwise(values)
        if (after[:-1] == before[:-1] and after[-1] == before[-1] + 1) or after[-1] == 1
    )
    return len(values) >= 4 and follows >= 0.6 * (len(values) - 1)


def without_glued_pages(lines: Sequence[Line]) -> tuple[list[Line], list[Line]]:
    """In a text numbered 5.1.3 a page number may have run into the mark: 425.1.3 is page 42 and 5.1.3.

    The lines come back without those pages, and the pages as lines of their own.
    """
    tracker = Tracker()
    out: list[Line] = []
    pages: list[Line] = []
    for line in lines:
        cut = _glued_page(line.text, tracker)
        if cut:
            pages.append(replace(line, text=line.text[:cut].strip()))
            line = replace(line, text=line.text[cut:].strip())
        for mark in marks_at(line.text):
            if mark.kind == "numb" or (mark.kind.startswith("dec") and mark.value[0] < 60):
                tracker.push(mark)
                break
        out.append(line)
    return out, pages


def _glued_page(text: str, tracker: Tracker) -> int:
    if not _PAGE_AND_DECIMAL.match(text):
        return 0
    whole = next((mark for mark in marks_at(text) if mark.kind.startswith("dec")), None)
    if whole is not None and tracker.fit(whole) in {"next", "first"}:
        return 0
    for cut in range(1, 4):
        for mark in marks_at(text, cut):
            if mark.kind.startswith("dec") and text[cut] != "0" and tracker.fit(mark) in {"next", "first"}:
                return cut
    return 0


class Beginnings:
    """Tells, line by line while wraps are undone, whether a line opens a clause."""

    def __init__(self, measure: Measure, decimals: bool, known: frozenset[str] = frozenset()) -> None:
        self.known = known
        self.tracker = Tracker()
        self.measure = measure
        self.decimals = decimals

    def __call__(self, line: Line, previous: Line | None) -> Mark | None:
        """The mark with which `line` begins a clause; a full line before it that ends no sentence speaks against it."""
        weak = previous is not None and self.measure.wrapped and self.measure.is_full(previous)
        if weak and previous is not None:
            division = self._division(line, previous)
            if division is not None:
                return division
            # Only a heading may fill a line and end without a stop.
            if not is_finished(previous.text) and not _opens_heading(previous.text):
                return None
        return first_mark(line.text, self.tracker, self.decimals, strong=not weak)

    def _division(self, line: Line, previous: Line) -> Mark | None:
        """第三节 with its heading, alone on a line that does not reach the edge, is no part of a sentence."""
        for mark in marks_at(line.text):
            parted = line.text[mark.end - 1] in " \u3000\u00a0\t、：" or line.text[mark.end : mark.end + 1] in {
                "",
                "\t",
            }
            begins = mark.last == 1 and not self.tracker.open and len(line.text) <= 14
            if mark.kind in {"part", "chapter", "section"} and (parted or begins) and not spoken_of(line.text, mark):
                ended = is_finished(previous.text) or previous.text.endswith("|")
                alone = ended or not self.measure.is_full(line)
                return mark if alone and not re.search(r"[。；：]", line.text) else None
            if mark.kind == "article" and mark.last == 1 and not self.tracker.open:
                return mark if parted or _ENACTED.search(previous.text) else None
        return None

    @property
    def is_head(self) -> bool:
        """Whether no clause has begun yet."""
        return not self.tracker.open

    def is_whole(self, text: str) -> bool:
        """Whether a line is a heading that the contents list gives in full, so that nothing of it follows."""
        return bool(self.known) and re.sub(r"\s", "", text) in self.known

    def feed(self, text: str, opens: bool) -> None:
        """Let the series know of a line: the mark a paragraph opens with, and marks glued inside it."""
        mark = first_mark(text, self.tracker, self.decimals) if opens else None
        if mark is not None:
            self.tracker.push(mark, text)
        floor = mark.end if mark else 0
        brackets = _Brackets(text)
        for match in _INSIDE.finditer(text):
            if match.start() > floor and not brackets.hold(match.start()):
                inner = _inner_mark(text, match.start(), self.tracker, self.decimals, mark)
                if inner is not None and inner.kind != "box":
                    self.tracker.push(inner)
                    floor = inner.end


def _opens_heading(text: str) -> bool:
    return bool(marks_at(text)) and not re.search(r"[。；：;:]", text)


def segments(paragraphs: Sequence[Paragraph], decimals: bool) -> list[Segment]:
    """Every paragraph with its mark; glued clauses become paragraphs of their own."""
    tracker = Tracker()
    out: list[Segment] = []
    for paragraph in paragraphs:
        if paragraph.cells:
            out.append(Segment(paragraph, None))
            continue
        mark = first_mark(paragraph.text, tracker, decimals)
        if mark is not None:
            tracker.push(mark, paragraph.text)
        out += _taken_apart(paragraph, mark, tracker, decimals)
    return out


def _taken_apart(paragraph: Paragraph, mark: Mark | None, tracker: Tracker, decimals: bool) -> list[Segment]:
    text = paragraph.text
    start = 0
    pieces: list[Segment] = []
    opening = mark
    floor = mark.end if mark else 0
    brackets = _Brackets(text)
    for match in _INSIDE.finditer(text):
        at = match.start()
        if at <= floor or brackets.hold(at):
            continue
        inner = _inner_mark(text, at, tracker, decimals, opening)
        if inner is None:
            continue
        pieces.append(_piece(paragraph, start, at, opening))
        start, opening, floor = at, inner, inner.end
        brackets.restart(at)
        tracker.push(inner)
    if not pieces:
        return [Segment(paragraph, mark)]
    pieces.append(_piece(paragraph, start, len(text), opening))
    return pieces


def _piece(paragraph: Paragraph, start: int, end: int, mark: Mark | None) -> Segment:
    text = paragraph.text[start:end].rstrip()
    moved = replace(mark, end=min(mark.end - start, len(text))) if mark else None
    return Segment(replace(paragraph, text=text, glued=start > 0, gap=paragraph.gap and start == 0), moved)


def _inner_mark(text: str, at: int, tracker: Tracker, decimals: bool, opening: Mark | None) -> Mark | None:
    before = text[at - 1]
    spaced = before.isspace()
    for mark in marks_at(text, at):
        if mark.kind in {"alpha", "numb", "annex", "table"} or (mark.kind.startswith("dec") and not decimals):
            continue
        if mark.kind == "box":
            return (
                mark if spaced and tracker.open.get("box") is None and text[mark.end : mark.end + 1].isspace() else None
            )
        if mark.kind == "cn" and mark.shape in {"", ",", "，"}:
            continue
        if not plausible_body(text, mark) or spoken_of(text, mark):
            return None
        fit = tracker.fit(mark)
        sentence = text[max(at - 60, 0) : at].rstrip()
        ended = sentence.endswith(("。", "！", "？", "；", ";", "）", ")", "”", "："))
        if mark.kind in {"part", "chapter", "section", "article"}:
            parted = text[mark.end - 1] in " \u3000\u00a0、：:．." or text[mark.end : mark.end + 1].isspace()
            if mark.kind in {"chapter", "section"} and fit in {"gap", "loose"} and parted and (spaced or ended):
                return mark if _is_heading_after(text, mark) else None
            believed = spaced or (ended and (parted or fit == "next"))
            return mark if fit in {"next", "first"} and believed else None
        if before in ":：;；":
            return None
        if mark.kind == "num" and (not text[mark.end : mark.end + 2].strip() or text[mark.end].isdigit()):
            return None
        if (
            mark.kind == "cn"
            and fit in {"gap", "loose"}
            and (spaced or before == "。")
            and _is_heading_after(text, mark)
        ):
            return mark
        if fit in {"next", "continues"}:
            return mark if spaced or before in "。）)！？!?”" else None
        if fit == "first":
            # A first item opens under a heading (after a blank) or after a full sentence.
            opened = opening is not None or (mark.kind == "cn" and _is_heading_after(text, mark))
            return mark if spaced or (before in "。）)" and opened) else None
        return None
    return None


def _is_heading_after(text: str, mark: Mark) -> bool:
    """A mark out of series is believed inside a line only before a short heading that a blank ends."""
    commas = "，," if mark.kind in {"chapter", "section"} else ""
    found = re.match(r"[ \u3000]*([^\s。；;：:、.]{4,30})(?:[ \u3000]|$)", text[mark.end :])
    return found is not None and not re.search(r"[，,]" if not commas else r"[，,].*[，,]", found[1])


class _Brackets:
    """Whether a place of a text lies inside brackets or a title; places are asked for from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.open = [0] * len(_PAIRED)
        self.last_quote = text.rfind("”")

    def restart(self, at: int) -> None:
        """Brackets opened before `at` no longer count."""
        self.at = at
        self.open = [0] * len(_PAIRED)

    def hold(self, at: int) -> bool:
        """Whether `at` is inside."""
        part = self.text[self.at : at]
        self.at = at
        for k, (opening, closing) in enumerate(_PAIRED):
            self.open[k] += sum(map(part.count, opening)) - sum(map(part.count, closing))
        return any(count > 0 for count in self.open[:-1]) or (self.open[-1] > 0 and self.last_quote >= at)


_PAIRED = (("（(", "）)"), ("《", "》"), ("〔", "〕"), ("“", "”"))
