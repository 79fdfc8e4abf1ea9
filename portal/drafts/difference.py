"""What changed between two wordings, in pieces a reader of Chinese can follow.

The longest common subsequence is computed over tokens (a Han character, a number, a Latin word), then islands of
agreement too small to help the eye are given up and edits are slid to where a phrase begins or ends.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

Op = Literal["same", "del", "ins"]
Piece = tuple[Op, str]

_TOKEN = re.compile(r"\d+(?:[.,]\d+)*[%％‰]?|[A-Za-z]+|\s+|.", re.S)
_SENTENCE = re.compile(r"[^。！？；!?;\n]*[。！？；!?;\n]+|[^。！？；!?;\n]+")
_WEAK = frozenset("的了和与及、，,。；;：: 　在为是等或将对")
_ENDS = {**dict.fromkeys("\n", 5), **dict.fromkeys("。！？；!?;", 4), **dict.fromkeys("，,：:、 　", 3)}
_OPENING = frozenset("（(“‘《〈【[")
_CLOSING = frozenset("）)”’》〉】]")
# Beyond this many token pairs the table no longer fits in a few megabytes: whole sentences are matched first.
_TABLE = 36_000_000


#: a new text of this share of the old one's length is a rewriting of all of it
_AS_LONG = 0.75
_RESEMBLES = 0.4
_MOST_SENTENCES = 12
_SENTENCES = re.compile("[^。；！？\n]*[。；！？\n]?")
_STOPS = frozenset("。；！？")
#: letters at the beginning and at the end that a rewriting of the whole shares with it
_SAME_BEGINNING, _SAME_END = 8, 6


def difference(old: str, new: str) -> tuple[Piece, ...]:
    """Two wordings in; ("same" | "del" | "ins", text) pieces out, a deletion before the insertion that replaces it.

    Joining "same" and "del" gives `old`, joining "same" and "ins" gives `new`.
    """
    if old == new:
        return (("same", old),) if old else ()
    head = _common_prefix(old, new)
    tail = _common_prefix(old[head:][::-1], new[head:][::-1])
    # A number or a word is never cut in two by the common beginning or end.
    while head and _splits_word(old, head) | _splits_word(new, head):
        head -= 1
    while tail and _splits_word(old, len(old) - tail) | _splits_word(new, len(new) - tail):
        tail -= 1
    middle = _middle(old[head : len(old) - tail], new[head : len(new) - tail])
    pieces: list[Piece] = [("same", old[:head]), *middle, ("same", old[len(old) - tail :])]
    return tuple(_slide(_without_islands(_ordered(pieces))))


def passage(old: str, new: str) -> str:
    """The sentences of a wording that a new text stands for: all of them when it is about as long.

    People often write only the sentence they changed; beside the whole clause it would look as if all else was struck.
    Whole sentences of the wording and nothing else are what is left of it: they stand for all, for the rest was struck.
    So does what begins and ends as the wording does.
    Empty when a short text resembles nothing of the old one, for then it was added.
    """
    start, end = _place(old, new)
    return old[start:end]


def in_place(old: str, new: str) -> tuple[Piece, ...]:
    """The whole of a wording with a new text put where its passage stands, at the end when it resembles nothing there.

    Pieces as those of `difference`: joining "same" and "del" gives `old`, joining "same" and "ins" what it becomes.
    """
    start, end = _place(old, new)
    if (start, end) == (0, len(old)):
        return difference(old, new)
    # the stop of the sentence stays when the new text has none, or it would run into what follows
    if start < end and old[end - 1] in _STOPS and new.rstrip()[-1:] not in _STOPS:
        end -= 1
    pieces: list[Piece] = [("same", old[:start]), *difference(old[start:end], new), ("same", old[end:])]
    return tuple(_ordered(pieces))


def _place(old: str, new: str) -> tuple[int, int]:
    """From where to where the passage stands; nowhere is the end of the wording."""
    whole = (0, len(old))
    if len(new) >= _AS_LONG * len(old) or _begins_and_ends_alike(old.strip(), new.strip()):
        return whole
    sentences = [part for part in _SENTENCES.findall(old) if part]
    left = iter(part.strip() for part in sentences)
    # each is looked for after the one before, so they stand in the order of the wording
    if all(part in left for said in _SENTENCES.findall(new) if (part := said.strip())):
        return whole
    best, likeness, at = (len(old), len(old)), _RESEMBLES, 0
    for start, first in enumerate(sentences):
        taken = ""
        for sentence in sentences[start : start + _MOST_SENTENCES]:
            taken += sentence
            if len(taken) > 3 * len(new):
                break
            inner = taken.strip()
            if (alike := similarity(inner, new)) > likeness:
                begin = at + len(taken) - len(taken.lstrip())
                best, likeness = (begin, begin + len(inner)), alike
        at += len(first)
    return best


def _begins_and_ends_alike(old: str, new: str) -> bool:
    """Whether a shorter text goes from the beginning of the old one to its end: what it leaves out was struck."""
    return (
        len(new) >= _SAME_BEGINNING + _SAME_END
        and new.startswith(old[:_SAME_BEGINNING])
        and new.endswith(old[-_SAME_END:])
    )


def similarity(old: str, new: str) -> float:
    """How much of two wordings is common: 1 for equal texts, 0 for texts that share nothing."""
    if not old and not new:
        return 1.0
    same = _length_of_common(old, new)
    return 2 * same / (len(old) + len(new))


def _length_of_common(a: Sequence[str], b: Sequence[str]) -> int:
    masks: dict[str, int] = {}
    for i, token in enumerate(a):
        masks[token] = masks.get(token, 0) | 1 << i
    full = (1 << len(a)) - 1
    row = full
    for token in b:
        u = row & masks.get(token, 0)
        row = ((row + u) | (row - u)) & full
    return len(a) - row.bit_count()


def _middle(old: str, new: str) -> list[Piece]:
    if not old or not new:
        return [("del", old), ("ins", new)]
    a, b = _TOKEN.findall(old), _TOKEN.findall(new)
    if len(a) * len(b) <= _TABLE:
        return _aligned(a, b)
    a, b = _SENTENCE.findall(old), _SENTENCE.findall(new)
    if len(a) * len(b) > _TABLE:
        return [("del", old), ("ins", new)]
    pieces: list[Piece] = []
    for kind, text in _ordered(_aligned(a, b)):
        if kind == "ins" and pieces and pieces[-1][0] == "del":
            replaced = pieces.pop()[1]
            x, y = _TOKEN.findall(replaced), _TOKEN.findall(text)
            pieces += _aligned(x, y) if len(x) * len(y) <= _TABLE else [("del", replaced), ("ins", text)]
        else:
            pieces.append((kind, text))
    return pieces


def _aligned(a: Sequence[str], b: Sequence[str]) -> list[Piece]:
    """Hyyrö's bit-parallel longest common subsequence: one big integer per token of `b`, then a walk back."""
    masks: dict[str, int] = {}
    for i, token in enumerate(a):
        masks[token] = masks.get(token, 0) | 1 << i
    full = (1 << len(a)) - 1
    row = full
    rows: list[int] = []
    for token in b:
        u = row & masks.get(token, 0)
        row = ((row + u) | (row - u)) & full
        rows.append(row)
    back: list[Piece] = []
    i, j = len(a), len(b)
    while i and j:
        # A cleared bit i-1 in row j-1 says the common part grows at a[i-1] within b[:j].
        if rows[j - 1] >> (i - 1) & 1:
            i -= 1
            back.append(("del", a[i]))
        elif j > 1 and not rows[j - 2] >> (i - 1) & 1:
            j -= 1
            back.append(("ins", b[j]))
        else:
            i -= 1
            j -= 1
            back.append(("same", a[i]))
    back += [("del", token) for token in reversed(a[:i])]
    back += [("ins", token) for token in reversed(b[:j])]
    return back[::-1]


def _ordered(pieces: Sequence[Piece]) -> list[Piece]:
    """Neighbours of one kind joined; within a run of edits, what went before what came."""
    out: list[Piece] = []
    gone: list[str] = []
    come: list[str] = []

    def settle() -> None:
        for kind, parts in (("del", gone), ("ins", come)):
            if text := "".join(parts):
                out.append((kind, text))  # type: ignore[arg-type]
            parts.clear()

    for kind, text in pieces:
        if not text:
            continue
        if kind == "same":
            settle()
            if out and out[-1][0] == "same":
                out[-1] = ("same", out[-1][1] + text)
            else:
                out.append((kind, text))
        else:
            (gone if kind == "del" else come).append(text)
    settle()
    return out


def _without_islands(pieces: list[Piece]) -> list[Piece]:
    """Give up agreement that is smaller than the edits around it: 中小[企]业 reads worse than the whole phrase."""
    while True:
        groups = _groups(pieces)
        kept: list[Piece] = []
        changed = False
        for index, (gone, come, same) in enumerate(groups):
            kept += [("del", gone), ("ins", come)]
            if (
                index + 1 < len(groups)
                and same
                and (gone or come)
                and _is_island(same, (gone, come), groups[index + 1])
            ):
                kept += [("del", same), ("ins", same)]
                changed = True
            else:
                kept.append(("same", same))
        pieces = _ordered(kept)
        if not changed:
            return pieces


def _groups(pieces: Sequence[Piece]) -> list[tuple[str, str, str]]:
    """(deleted, inserted, what stays after) in order."""
    groups: list[tuple[str, str, str]] = []
    gone = come = ""
    for kind, text in pieces:
        if kind == "del":
            gone = text
        elif kind == "ins":
            come = text
        else:
            groups.append((gone, come, text))
            gone = come = ""
    if gone or come:
        groups.append((gone, come, ""))
    return groups


def _is_island(same: str, before: tuple[str, str], after: tuple[str, str, str]) -> bool:
    if "\n" in same:
        return False
    left, right = max(map(len, before)), max(map(len, after[:2]))
    replaced = (before[0] and before[1]) or (after[0] and after[1])
    weight = sum(0.4 if char in _WEAK else 1 for char in same)
    if weight <= 1 and (replaced or min(left, right) > 2):
        return True
    # Twice over, because a sentence rewritten word by word is easier to read as two sentences.
    return weight * 2 <= min(left, right) or (bool(replaced) and weight < min(left, right) and weight <= 3)


def _slide(pieces: list[Piece]) -> list[Piece]:
    """A lone insertion or deletion may stand a little earlier or later: put its edges where a phrase begins."""
    out = list(pieces)
    for i in range(1, len(out) - 1):
        kind, text = out[i]
        if kind == "same" or out[i - 1][0] != "same" or out[i + 1][0] != "same":
            continue
        before, after = out[i - 1][1], out[i + 1][1]
        best = (_edge(before, text, after), 0, before, text, after)
        left, middle, right = before, text, after
        step = 0
        while left and middle and left[-1] == middle[-1] and step > -40:
            left, middle, right = left[:-1], left[-1] + middle[:-1], middle[-1] + right
            step -= 1
            best = max(best, (_edge(left, middle, right), -abs(step), left, middle, right))
        left, middle, right = before, text, after
        step = 0
        while right and middle and right[0] == middle[0] and step < 40:
            left, middle, right = left + middle[0], middle[1:] + right[0], right[1:]
            step += 1
            best = max(best, (_edge(left, middle, right), -abs(step), left, middle, right))
        out[i - 1], out[i], out[i + 1] = ("same", best[2]), (kind, best[3]), ("same", best[4])
    return _ordered(out)


def _edge(before: str, text: str, after: str) -> int:
    score = _ENDS.get(before[-1], 0) if before else 6
    score += _ENDS.get(text[-1], 0) if text else 0
    score += 1 if not after else 0
    if _splits_word(before + text + after, len(before)) or _splits_word(before + text + after, len(before) + len(text)):
        score -= 8
    if text and (text[0] in _CLOSING or text[-1] in _OPENING):
        score -= 2
    if text and text[0] in _OPENING and text[-1] in _CLOSING:
        score += 4
    return score


def _splits_word(text: str, at: int) -> bool:
    if not 0 < at < len(text):
        return False
    left, right = text[at - 1], text[at]
    if left.isascii() and right.isascii() and left.isalpha() and right.isalpha():
        return True
    return (left.isdigit() and (right.isdigit() or right in ".%％‰")) or (left == "." and right.isdigit())


def _common_prefix(a: str, b: str) -> int:
    low, high = 0, min(len(a), len(b))
    if a[:high] == b[:high]:
        return high
    while low < high:
        middle = (low + high + 1) // 2
        if a[:middle] == b[:middle]:
            low = middle
        else:
            high = middle - 1
    return low
