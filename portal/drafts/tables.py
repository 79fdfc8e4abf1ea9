"""Tables and boxes that lost their frames: rows of bars, cells one to a line, what a caption or an annex opens."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from portal.drafts.cells import rows_of
from portal.drafts.clauses import Segment
from portal.drafts.marks import marks_at

_NOTE = re.compile(r"^(?:备?注|說明|说明|注释)\s*(?:\d+)?\s*[:：]")
_STOPS = tuple("。；;：:")
_REFERENCE = re.compile(r"^\s*(?:所示|中|为|為|显示|列|给出|和|、|是|内|的)")
_SHORT = 40


@dataclass(slots=True)
class Region:
    """Segments [start, end) that are one table or one box; a box keeps its segments as clauses."""

    start: int
    end: int
    kind: Literal["table", "box"]
    rows: list[tuple[str, ...]] = field(default_factory=list)
    notes: list[int] = field(default_factory=list)


def regions(parts: Sequence[Segment]) -> list[Region]:
    """Every table and framed box of the text, in order."""
    found: list[Region] = []
    i = 0
    in_annex = False
    while i < len(parts):
        part = parts[i]
        text = part.paragraph.text
        region: Region | None = None
        if part.paragraph.cells:
            region = _real_table(parts, i)
        elif part.paragraph.frame and (i == 0 or parts[i - 1].paragraph.frame != part.paragraph.frame):
            region = _framed(parts, i)
        elif text == "|":
            region = _barred(parts, i)
        elif part.mark is not None and part.mark.kind == "table" and is_caption(text, part):
            region = _captioned(parts, i)
        elif part.mark is not None and part.mark.kind == "annex" and is_annex_title(text, part):
            in_annex = True
            if _is_bare(text, part) and i + 1 < len(parts) and _names_annex(parts[i + 1]):
                i += 1
        elif part.mark is not None and part.mark.kind in _OUTLINE:
            # An annex that has begun with clauses is no table to its end.
            in_annex = False
        elif in_annex and _NOTE.match(text) is None and _heads_table(parts, i):
            region = Region(i, _annex_end(parts, i), "table")
        elif _is_row(part) and i + 1 < len(parts) and _is_row(parts[i + 1]):
            region = Region(i, _rows_end(parts, i), "table")
        elif _is_tiny(part) and _is_tiny_run(parts, i, 8):
            region = Region(i, _cells_end(parts, i), "table")
        if region is not None and region.end > region.start:
            if region.kind == "table" and not region.rows:
                region.rows = rows_of([parts[k].paragraph.text for k in range(region.start, region.end)])
            found.append(region)
            i = region.end
        else:
            i += 1
    return found


def is_caption(text: str, part: Segment) -> bool:
    """Whether 表1 … names a table and does not only speak of it."""
    assert part.mark is not None
    return (
        len(text) <= 60
        and not text.endswith(_STOPS)
        and not _REFERENCE.match(text[part.mark.end :])
        and "，" not in text
    )


def is_annex_title(text: str, part: Segment) -> bool:
    """Whether a line is the head of an annex (附件1) and not the list of annexes (附件：1.…)."""
    assert part.mark is not None
    rest = text[part.mark.end :].strip()
    if not rest:
        return True
    if rest[0] in ":：":
        rest = rest[1:].strip()
        return not rest and part.mark.value[0] > 0
    return (
        part.mark.value[0] > 0
        and len(rest) < 50
        and not rest.endswith(_STOPS)
        and not rest.startswith(("）", ")", "、"))
    )


def _is_bare(text: str, part: Segment) -> bool:
    assert part.mark is not None
    return not text[part.mark.end :].strip(" \u3000:：")


def _names_annex(part: Segment) -> bool:
    """Whether the line under 附件1 is its title and not the first cell of its table."""
    text = part.paragraph.text
    return part.mark is None and not part.paragraph.cells and 5 <= len(text) <= 50 and not text.endswith(_STOPS)


def _real_table(parts: Sequence[Segment], start: int) -> Region:
    end = start
    frame = parts[start].paragraph.frame
    while end < len(parts) and parts[end].paragraph.cells and parts[end].paragraph.frame == frame:
        end += 1
    return Region(start, end, "table", [parts[k].paragraph.cells for k in range(start, end)])


def _framed(parts: Sequence[Segment], start: int) -> Region | None:
    """A frame of Word or of a page is a box when 专栏 names it, or when it holds a series of items and no more."""
    frame = parts[start].paragraph.frame
    end = start
    while end < len(parts) and parts[end].paragraph.frame == frame and not parts[end].paragraph.cells:
        end += 1
        if end < len(parts) and parts[end].mark is not None and parts[end].mark.kind == "box":  # type: ignore[union-attr]
            break
    kinds = [part.mark.kind for part in parts[start:end] if part.mark is not None]
    if kinds and kinds[0] == "box" and parts[start].mark is not None:
        return Region(start, end, "box")
    is_series = bool(kinds) and set(kinds) <= {"num", "nump", "circ", "alpha"} and end - start < 0.5 * len(parts)
    return Region(start, end, "box") if is_series else None


def _barred(parts: Sequence[Segment], start: int) -> Region | None:
    """From a line that is only a bar to the bar that closes it."""
    end = start
    k = start
    open_ended = True
    while k < len(parts):
        part = parts[k]
        text = part.paragraph.text
        if text == "|":
            if end == start and k > start + 1 and _is_long(parts, start, k):
                # Nothing was closed before a new frame begins: the first bar only ended the frame before it.
                return None
            open_ended = True
            # A bar that opens another frame after this one was closed belongs to the next region.
            if k > start and end == k - 1 and _is_long(parts, start, k) and not _same_frame(parts, k):
                break
        elif text.endswith("|"):
            end = k
            open_ended = False
        elif (part.mark is not None and part.mark.kind in {"chapter", "section", "article", "cn", "cnp", "part"}) or (
            not open_ended and not (len(text) <= 20 and _closes_soon(parts, k))
        ):
            break
        k += 1
        if k - start > 600:
            break
    if end == start:
        return None
    end += 1
    inner = [parts[j].paragraph.text for j in range(start, end) if parts[j].paragraph.text != "|"]
    lengths = sorted(len(text) for text in inner)
    if (lengths and lengths[len(lengths) // 2] > 40) or len(inner) < 4:
        return Region(start, end, "box")
    return Region(start, end, "table", rows_of([parts[j].paragraph.text for j in range(start, end)]))


def _is_long(parts: Sequence[Segment], start: int, end: int) -> bool:
    return any(len(parts[j].paragraph.text) > 60 for j in range(start, end))


def _same_frame(parts: Sequence[Segment], at: int) -> bool:
    return at + 1 < len(parts) and parts[at + 1].mark is not None and parts[at + 1].mark.kind == "num"  # type: ignore[union-attr]


def _closes_soon(parts: Sequence[Segment], at: int) -> bool:
    return any(parts[j].paragraph.text.endswith("|") for j in range(at, min(at + 4, len(parts))))


def _captioned(parts: Sequence[Segment], start: int) -> Region | None:
    end = start + 1
    if end < len(parts) and parts[end].paragraph.cells:
        while end < len(parts) and parts[end].paragraph.cells:
            end += 1
        rows = [parts[k].paragraph.cells for k in range(start + 1, end)]
    else:
        end = _cells_end(parts, start + 1)
        rows = rows_of([parts[k].paragraph.text for k in range(start + 1, end)])
    if end == start + 1:
        return None
    notes = _notes_end(parts, end)
    return Region(start, notes, "table", rows, list(range(end, notes)))


def _cells_end(parts: Sequence[Segment], start: int) -> int:
    k = start
    while k < len(parts):
        part = parts[k]
        text = part.paragraph.text
        if (part.mark is not None and part.mark.kind in _OUTLINE) or _NOTE.match(text):
            break
        if part.mark is not None and part.mark.kind == "table" and is_caption(text, part):
            break
        if not _is_cell(part) and not _cells_follow(parts, k + 1):
            break
        if len(text) > 200:
            break
        k += 1
    return k


_OUTLINE = {"part", "subpart", "chapter", "section", "article", "cn", "cnp", "box", "annex"}


def _is_cell(part: Segment) -> bool:
    if len(re.findall(r"[|｜]", part.paragraph.text)) >= 2:
        return True
    text = part.paragraph.text
    return len(text) <= _SHORT and not text.endswith(("。", "；", "：")) and (part.mark is None or len(text) <= 30)


def _is_row(part: Segment) -> bool:
    """Whether a line holds a whole row of a table: bars between its cells, or as many tabs."""
    text = part.paragraph.text
    return (part.mark is None or part.mark.kind not in _OUTLINE) and len(text) < 300 and (
        len(re.findall(r"[|｜]", text)) >= 3 or (text.count("\t") >= 2 and not text.endswith(_STOPS))
    )  # fmt: skip


def _rows_end(parts: Sequence[Segment], start: int) -> int:
    end = start
    while end < len(parts) and _is_row(parts[end]):
        end += 1
    return end


def _is_tiny(part: Segment) -> bool:
    text = part.paragraph.text
    return part.mark is None and len(text) <= 12 and not text.endswith((*_STOPS, "，", "、"))


def _is_tiny_run(parts: Sequence[Segment], start: int, least: int) -> bool:
    following = parts[start : start + least]
    return len(following) == least and all(map(_is_tiny, following))


def _cells_follow(parts: Sequence[Segment], start: int) -> bool:
    """Whether a long line is still a cell: short ones without a mark come right after it."""
    following = parts[start : start + 3]
    if len(following) < 2 or any(part.mark is not None and part.mark.kind in _OUTLINE for part in following[:2]):
        return False
    return sum(part.mark is None and _is_cell(part) and len(part.paragraph.text) <= 20 for part in following) >= 2


def _notes_end(parts: Sequence[Segment], start: int) -> int:
    """After the last cell: 注：… and, when its notes are numbered, the notes that count on."""
    if start >= len(parts) or not _NOTE.match(parts[start].paragraph.text):
        return start
    text = parts[start].paragraph.text
    match = _NOTE.match(text)
    assert match is not None
    k = start + 1
    rest = text[match.end() :].lstrip()
    while k < len(parts) and parts[k].paragraph.glued:
        k += 1
    numbered = [mark for mark in marks_at(rest) if mark.kind in {"num", "nump", "circ"}]
    if not numbered and start + 1 < k and parts[start + 1].mark is not None:
        numbered = [parts[start + 1].mark]  # type: ignore[list-item]
    if not numbered:
        return k
    last = numbered[0]
    while k < len(parts):
        step = next((m for m in marks_at(parts[k].paragraph.text) if m.kind == last.kind), None)
        if step is not None and step.last == last.last + 1:
            last = step
        elif not parts[k].paragraph.glued and not (last.kind == "num" and _opens(parts[k], "circ", "nump")):
            break
        k += 1
    return k


def _opens(part: Segment, *kinds: str) -> bool:
    return part.mark is not None and part.mark.kind in kinds


def _heads_table(parts: Sequence[Segment], start: int) -> bool:
    return _is_tiny_run(parts, start, 4)


def _annex_end(parts: Sequence[Segment], start: int) -> int:
    for k in range(start, len(parts)):
        part = parts[k]
        if (
            k > start
            and part.mark is not None
            and part.mark.kind == "annex"
            and is_annex_title(part.paragraph.text, part)
        ):
            return k
        if re.match(r"^公开方式|^[（(]?此件", part.paragraph.text):
            return k
    return len(parts)
