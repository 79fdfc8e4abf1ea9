"""The contents list before a draft: the same headings come again in the body, so these are no clauses."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

from portal.drafts.lines import Line
from portal.drafts.marks import marks_at

_TITLE = re.compile(r"^(?:[-—IVX\d\s]{0,6})目\s*[录錄次]$")
# Nothing is given back once it was taken: a long row of dots or blanks is looked at once.
_LEADER = re.compile(
    r"(?:(?<![.．·…‥。\s_])[.．·…‥。\s_]{4,}+|(?<!\.)\.{3,}+|(?<!…)…++|\t)\s*+[-—(（]?\s*+[\dIVX]*+(?:\s?\d)*+\s*+[-—)）]?$"
)
_LONGEST = 300
_PAGE = re.compile(r"[\s.．·…‥_]*\d{1,3}$")
_DOTS = re.compile(r"^[\s.．·…‥_]*\d*$|^[.．·…‥_\s]{3,}")


def _is_led(text: str) -> bool:
    """Whether dots or blanks lead to the end of the line, or to a page number there."""
    return len(text) < _LONGEST and bool(_LEADER.search(text))


def _without_leader(text: str) -> str:
    return _LEADER.sub("", text) if len(text) < _LONGEST else text


def _bare(text: str) -> str:
    """A line without its leader, its page and its blanks."""
    plain = _without_leader(text)
    return re.sub(r"\s", "", _PAGE.sub("", plain) if len(plain) < _LONGEST else plain)


def _entry(text: str) -> tuple[str, tuple[int, ...], str] | None:
    """What an entry names: the kind and value of its mark and its heading without leader and page."""
    plain = _without_leader(text)
    for mark in marks_at(plain):
        if mark.kind in {"num", "numb", "nump", "circ", "alpha"} and not _is_led(text):
            return None
        heading = re.sub(r"\s", "", plain[mark.end :])
        return mark.kind, mark.value, heading
    return None


def entries(lines: Sequence[Line], found: dict[int, str]) -> frozenset[str]:
    """What the contents list names, without blanks, leaders and pages: headings that are known to be whole."""
    return frozenset(_bare(lines[i].text) for i in found if _entry(lines[i].text) is not None)


def contents_lines(lines: Sequence[Line], skip: set[int]) -> dict[int, str]:
    """Indexes of the lines of a contents list and of its title, with why."""
    found: dict[int, str] = {}
    filled = [i for i, line in enumerate(lines) if line.text and i not in skip]
    keys: dict[tuple[str, tuple[int, ...], str], list[int]] = {}
    for order, i in enumerate(filled):
        if len(lines[i].text) < 120 and (entry := _entry(lines[i].text)):
            keys.setdefault(entry, []).append(order)
    below: _Below | None = None
    order = 0
    while order < len(filled):
        text = lines[filled[order]].text
        titled = bool(_TITLE.match(text))
        if not titled and not (_is_led(text) and _entry(text)) and not _is_repeated_run(lines, filled, order, keys):
            order += 1
            continue
        start = order + 1 if titled else order
        if titled and below is None:
            below = _Below(lines, filled)
        end = _end(lines, filled, start, keys, below if titled else None)
        if titled:
            found[filled[order]] = "目录"
        if end - start >= (1 if titled else 3):
            for k in range(start, end):
                found[filled[k]] = "目录"
            order = end
        else:
            order += 1
        if order > 2_000 and not found:
            break
    return found


def _is_repeated_run(
    lines: Sequence[Line], filled: Sequence[int], order: int, keys: dict[tuple[str, tuple[int, ...], str], list[int]]
) -> bool:
    """Four headings in a row that all come again later, in order: a list that lost its title."""
    last = order + 40
    for k in range(order, order + 4):
        if k >= len(filled) or len(lines[filled[k]].text) > 60:
            return False
        entry = _entry(lines[filled[k]].text)
        if entry is None or not entry[2]:
            return False
        places = keys.get(entry, [])
        later = bisect_right(places, max(last if k > order else order + 3, order + 3))
        if later == len(places):
            return False
        last = places[later] if k > order else order + 3
    return True


class _Below:
    """Whether a heading comes again below, even glued to what follows it."""

    def __init__(self, lines: Sequence[Line], filled: Sequence[int]) -> None:
        self.starts: list[int] = []
        parts: list[str] = []
        size = 0
        for i in filled:
            bare = re.sub(r"\s", "", lines[i].text)
            self.starts.append(size)
            parts.append(bare)
            size += len(bare)
        self.text = "".join(parts)

    def has(self, plain: str, order: int) -> bool:
        return len(plain) >= 4 and order + 1 < len(self.starts) and self.text.find(plain, self.starts[order + 1]) >= 0


def _end(
    lines: Sequence[Line],
    filled: Sequence[int],
    start: int,
    keys: dict[tuple[str, tuple[int, ...], str], list[int]],
    below: _Below | None = None,
) -> int:
    """The order of the first line after the list that starts at `start`."""
    seen: list[str] = []
    entries = 0
    k = start
    while k < len(filled) and k - start < 600:
        text = lines[filled[k]].text
        led = _is_led(text)
        entry = _entry(text) if len(text) < 120 else None
        plain = _bare(text)
        if plain and not led and (plain in seen[:2] or (seen and len(seen[0]) >= 4 and plain.startswith(seen[0]))):
            break
        listed = below is not None and len(text) <= 60 and not text.endswith("。") and below.has(plain, k)
        if entry is not None and (led or listed or _last_place(entry, keys) > k):
            entries += 1
        elif led or (_DOTS.match(text) and k > start) or _goes_on(lines, filled, k, keys):
            pass
        else:
            break
        seen.append(plain)
        k += 1
    return k if entries else start


def _last_place(
    entry: tuple[str, tuple[int, ...], str], keys: dict[tuple[str, tuple[int, ...], str], list[int]]
) -> int:
    """Where an entry, with or without its page, comes for the last time; -1 when it does not."""
    kind, value, heading = entry
    places = keys.get(entry, [])
    last = places[-1] if places else -1
    if not places or _PAGE.search(heading):
        longer = keys.get((kind, value, _PAGE.sub("", heading)), [])
        last = max(last, longer[-1] if longer else -1)
    return last


def _goes_on(
    lines: Sequence[Line], filled: Sequence[int], k: int, keys: dict[tuple[str, tuple[int, ...], str], list[int]]
) -> bool:
    """A short line without a mark inside the list: an unnumbered entry or the second half of a long one."""
    text = lines[filled[k]].text
    if len(text) > 40 or text.endswith(("。", "；", "：")) or k + 1 >= len(filled):
        return False
    following = lines[filled[k + 1]].text
    if _is_led(following):
        return bool(_entry(following) or _is_led(text))
    entry = _entry(following) if len(following) < 120 else None
    return entry is not None and _last_place(entry, keys) > k + 1
