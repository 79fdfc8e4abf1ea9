"""A long title broken into lines by meaning: no word is torn, and the lines are about as long as each other."""

from __future__ import annotations

from itertools import accumulate, pairwise

import rjieba

WIDTH = 20  # characters of 22 pt in 156 mm
_DRAFT_SUFFIX = "（征求意见稿）"
_NEVER_FIRST, _NEVER_LAST = frozenset("年月日%％）)》〉”、，。：；-—"), frozenset("（(《〈“-—")
_NEVER, _TORN, _WEAK = 60.0, 14.0, 6.0


def title_lines(name: str, width: int = WIDTH) -> list[str]:
    """The lines of a title, each at most `width` Chinese characters wide; a Latin letter or a figure counts half.

    As few lines as will do; among those the division that tears no word and is the most even. A line may end after 》
    and before （征求意见稿） rather than elsewhere.
    """
    wide = [0.0, *accumulate(0.5 if mark.isascii() else 1.0 for mark in name)]
    for lines in range(1, len(name) + 1):
        if wide[-1] <= lines * width and (cuts := _cuts(name, wide, lines, width)):
            return [name[start:end] for start, end in pairwise(cuts)]
    return [name]


def _cuts(name: str, wide: list[float], lines: int, width: int) -> list[int]:
    """Where to cut into so many lines: the positions from 0 to the end; none where no division fits."""
    words = {0, *accumulate(len(word) for word in rjieba.cut(name))}
    even = wide[-1] / lines
    # best[at]: the badness of the best division of what is before `at`, and where its last line begins
    best: dict[int, tuple[float, list[int]]] = {0: (0.0, [0])}
    for line in range(1, lines + 1):
        after: dict[int, tuple[float, list[int]]] = {}
        for end in range(line, len(name) + 1) if line < lines else (len(name),):
            found = [
                (bad + (wide[end] - wide[start] - even) ** 2, cuts)
                for start, (bad, cuts) in best.items()
                if start < end and wide[end] - wide[start] <= width
            ]
            if found:
                bad, cuts = min(found)
                after[end] = (bad + (_badness(name, end, words) if end < len(name) else 0), [*cuts, end])
        best = after
    return best[len(name)][1] if len(name) in best else []


def _badness(name: str, at: int, words: set[int]) -> float:
    """How bad it is to begin a line at a position."""
    before, after = name[at - 1], name[at]
    if after in _NEVER_FIRST or before in _NEVER_LAST:
        return _NEVER
    if name.startswith(_DRAFT_SUFFIX, at) or before == "》":
        return -_TORN
    if at not in words:
        return _TORN
    return _WEAK if after in "的和与及" else 0.0
