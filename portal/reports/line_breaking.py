"""Where a Chinese line may end: 禁则, words of Latin script kept whole, and a line that is never too long."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

NEVER_FIRST = frozenset("，。、；：？！）》”’】〉」』〕…—～·,.;:?!)]}%‰℃°")
NEVER_LAST = frozenset("（“‘《〈【「『〔([{￥$#")
_WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+@/&=~.,:'%#")

# How far a line may be cut back for the sake of a rule; past it, the line breaks where it is full.
_PATIENCE = 40


def lines(text: str, advances: Sequence[float], first: float, rest: float) -> list[tuple[int, int]]:
    """The text as spans (start, end), each at most `first` (the first) or `rest` (the others) wide.

    `advances` holds the width of every character. Spaces at the end of a line belong to no line. An empty text has
    no line. A single character wider than the line stands alone.
    """
    ends = list(accumulate(advances))
    length = len(text)
    found: list[tuple[int, int]] = []
    start, room = 0, first
    while start < length:
        begun = ends[start - 1] if start else 0.0
        # A tenth of a millimetre of grace: sums of widths are not exact.
        end = max(bisect_right(ends, begun + room + 0.01, lo=start), start + 1)
        if end >= length:
            found.append((start, length))
            break
        if text[end] != " ":
            end = _allowed(text, start, end)
        stop = end
        while stop > start + 1 and text[stop - 1] == " ":
            stop -= 1
        found.append((start, stop))
        start = end
        while start < length and text[start] == " ":
            start += 1
        room = rest
    return found


def _allowed(text: str, start: int, end: int) -> int:
    """The last place at or before `end` where the line may break; `end` itself when there is none near."""
    floor = max(start, end - _PATIENCE)
    at = end
    while at > floor:
        before, after = text[at - 1], text[at]
        is_word = before in _WORD and after in _WORD and not (before == "/" and after != "/")
        if not (is_word or after in NEVER_FIRST or before in NEVER_LAST):
            # a digest or an address longer than any word is broken where the line is full, not kept for the next
            return end if at < end and _is_endless(text, at) else at
        at -= 1
    return end


def _is_endless(text: str, start: int) -> bool:
    """Whether what begins here is longer than a word."""
    return (
        all(character in _WORD for character in text[start : start + _PATIENCE + 1]) and len(text) - start > _PATIENCE
    )
