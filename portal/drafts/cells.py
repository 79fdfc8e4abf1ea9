"""The rows and columns of a table whose frame was lost: bars round the cells, or one cell to a line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

_BARS = re.compile(r"[|｜]")
#: the number of an indicator (6.高新技术企业数量), never a figure (13.31)
_COUNTED = re.compile(r"^(\d{1,3})[.、．](?!\d)")


def rows_of(texts: Sequence[str]) -> list[tuple[str, ...]]:
    """The lines of a flattened table to rows of cells, as printed and in their order; no figure is made up.

    Three things are known: a bare bar opens a row and a bar ends a cell, on however many lines; or a line holds a
    whole row with bars between its cells; or every line is a cell and the numbers of the indicators (1. 2. 3.) come
    at one distance, which is then the length of a row. Otherwise each line stays a row of one cell.
    """
    if any(text.strip() in ("|", "｜") for text in texts):
        return _squared(_barred(texts))
    if not any(_BARS.search(text) for text in texts):
        if sum("\t" in text for text in texts) > 0.5 * len(texts):
            return [tuple(cell.strip() for cell in text.split("\t")) for text in texts]
        return _counted(texts)
    return [_parted(text) for text in texts]


def _barred(texts: Sequence[str]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    row: list[str] = []
    cell = ""
    for text in [*texts, "|"]:
        if text.strip() in ("|", "｜"):
            if cell:
                row.append(cell)
            if row:
                rows.append(tuple(row))
            row, cell = [], ""
            continue
        cell += text.rstrip("|｜ \u3000")
        if text.endswith(("|", "｜")):
            row.append(cell)
            cell = ""
    return rows


def _squared(rows: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Rows of one length: where a cell stands for several rows, those below it begin with an empty one."""
    width = max(map(len, rows), default=0)
    if any(len(row) < width - 1 for row in rows):
        return rows
    return [row if len(row) == width else ("", *row) for row in rows]


def _parted(text: str) -> tuple[str, ...]:
    inner = text.strip().strip("|｜")
    return tuple(cell.strip() for cell in _BARS.split(inner)) if _BARS.search(inner) else (text,)


def _counted(texts: Sequence[str]) -> list[tuple[str, ...]]:
    starts: list[int] = []
    for index, text in enumerate(texts):
        match = _COUNTED.match(text)
        if match and int(match.group(1)) == len(starts) + 1:
            starts.append(index)
    width = starts[0] if starts else 0
    regular = all(later - earlier == width for earlier, later in pairwise(starts))
    if len(starts) < 3 or width < 2 or not regular or len(texts) - starts[-1] != width:
        return [(text,) for text in texts]
    return [tuple(texts[k : k + width]) for k in range(0, len(texts), width)]
