"""Where the lines of printed pages stand: which are indented, which reach the right edge, which head every page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

from portal.drafts.lines import Line, read_lines, width
from portal.drafts.pages import page_number

# A line of text fills its room; the cells of a row leave most of theirs empty.
_DENSE = 0.8
# What is never torn at the end of a line: a word or a figure, with the stops after it.
_UNTORN = re.compile(r"(?:[A-Za-z0-9.,:%/+-]+|[“‘（《〈(]*.)[，。、；：！？”’）》〉,.;:!?)%]*(?:[A-Za-z0-9.,:%/+-]+)?")
_LONGEST_WORD = 40
_ENDED = ("。", "；", "：")


@dataclass(slots=True)
class _Placed:
    """A line of a page: `left` and `right` in points, None where the page does not tell."""

    text: str
    left: float | None
    right: float | None
    bottom: float
    height: float
    page: int


def laid_out(pages: Sequence[dict[str, Any]]) -> tuple[list[Line], dict[int, str]]:
    """The pages as PDFium gives them to lines that know their place; and which lines are the pages' own, with why."""
    placed = [
        [_Placed(text, left, right, bottom or 0.0, height or 0.0, number) for text, left, right, bottom, height in page["lines"]]
        for number, page in enumerate(pages)
    ]  # fmt: skip
    em = _em([line for page in placed for line in page])
    edges = [_edges(placed, pages, side, em) for side in (0, 1)]
    heads = _heads(placed)
    following = _following([line for page in placed for line in page if id(line) not in heads])
    lines: list[Line] = []
    page_marks: dict[int, str] = {}
    for number, page in enumerate(placed):
        left, right = edges[number % 2]
        pitch = _pitch(page)
        above: _Placed | None = None
        for line in page:
            why = heads.get(id(line))
            if above is not None and line.left is not None and pitch and above.bottom - line.bottom > 1.5 * pitch:
                lines.append(Line(len(lines) + 1, ""))
            for read in read_lines(line.text):
                read.number = len(lines) + 1
                if line.left is not None and line.right is not None and em:
                    read.indent = max(0, round(2 * (line.left - left) / em))
                    dense = width(line.text) * em / 2 >= _DENSE * (line.right - line.left)
                    room = max(2.5, 0.7 + following.get(id(line), 0) / 2) * em
                    read.fills = dense and right is not None and right - line.right < room
                if why:
                    page_marks[len(lines)] = why
                lines.append(read)
            above = line if line.left is not None and not why else None
    return lines, page_marks


def _following(lines: Sequence[_Placed]) -> dict[int, int]:
    """How many columns the first word of the next line takes: where it had no room, the line above was full."""
    found: dict[int, int] = {}
    for line, below in pairwise(lines):
        word = _UNTORN.match(below.text[:_LONGEST_WORD])
        found[id(line)] = min(width(word[0]), _LONGEST_WORD) if word else 0
    return found


def _em(lines: Sequence[_Placed]) -> float:
    """How wide a Han character is, in points: learned from the long lines."""
    sizes = [2 * (line.right - line.left) / width(line.text) for line in lines
             if line.left is not None and line.right is not None and width(line.text) >= 20]  # fmt: skip
    return median(sizes) if sizes else 0.0


def _edges(
    placed: Sequence[Sequence[_Placed]], pages: Sequence[dict[str, Any]], side: int, em: float
) -> tuple[float, float | None]:
    """The left and the right edge of the text on left-hand or right-hand pages; no right edge where nothing was cut."""
    lines = [line for page in placed[side::2] for line in page if line.left is not None and line.right is not None]
    if not lines:
        return 0.0, None
    least = max(2, len(lines) // 25)
    left = _shared([line.left or 0.0 for line in lines], least, min)
    right = _shared([line.right or 0.0 for line in lines], least, max)
    width_of_page = float(pages[side]["width"]) if side < len(pages) else 0.0
    # Lines that all end far from the edge of the paper were not cut there.
    return left, right if right - left >= max(12 * em, 0.45 * width_of_page) else None


def _shared(values: Sequence[float], least: int, choose: Callable[[Sequence[float]], float]) -> float:
    """The outermost place that several lines share."""
    counts = Counter(round(value / 2) for value in values)
    often = [place for place in counts if sum(counts.get(place + d, 0) for d in (-1, 0, 1)) >= least]
    return 2.0 * choose(often) if often else choose(values)


def _pitch(page: Sequence[_Placed]) -> float:
    steps = [above.bottom - below.bottom for above, below in pairwise(page)
             if above.left is not None and below.left is not None and above.bottom > below.bottom]  # fmt: skip
    return median(steps) if steps else 0.0


def _heads(placed: Sequence[Sequence[_Placed]]) -> dict[int, str]:
    """Lines at the top or foot of a page that come at the same place on others, and page numbers."""
    found: dict[int, str] = {}
    outer: list[list[_Placed]] = []
    for page in placed:
        ordered = sorted((line for line in page if line.left is not None and line.text), key=lambda line: -line.bottom)
        outer.append(ordered[:2] + ordered[2:][-2:])
    counts = Counter(key for lines in outer for key in {_key(line) for line in lines})
    usual = median([line.height for page in placed for line in page if line.left is not None] or [0.0])
    for lines in outer:
        for line in lines:
            often = counts[_key(line)]
            # What heads every page, or every second; or what is printed smaller and heads a chapter.
            repeated = often >= max(2, 0.4 * len(placed)) or (often >= 3 and line.height < 0.85 * usual)
            if page_number(line.text):
                if (repeated or _is_counted(line)) and line in (lines[0], lines[-1]):
                    found[id(line)] = "页码"
            elif repeated and len(line.text) < 60 and not line.text.endswith(_ENDED):
                found[id(line)] = "页眉"
    return found


def _is_counted(line: _Placed) -> bool:
    return page_number(line.text) == str(line.page + 1)


def _key(line: _Placed) -> tuple[str, int]:
    return re.sub(r"\d+", "#", re.sub(r"\s", "", line.text)), round(line.bottom / 4)
