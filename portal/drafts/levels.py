"""How deep each clause stands, learned from the document: 一、 may hang below 第三章 or hold 第三条."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from portal.drafts.marks import CONVENTION, Mark

_PAIRS = (
    ("article", "cn"), ("section", "cn"), ("chapter", "cn"), ("article", "cnp"), ("cn", "cnp"), ("cn", "num"),
    ("cnp", "num"), ("num", "nump"), ("num", "circ"), ("nump", "circ"), ("cnp", "nump"),
)  # fmt: skip


def ranks(marks: Sequence[Mark]) -> dict[str, float]:
    """The depth of every kind of mark in this document; smaller holds greater."""
    rank: dict[str, float] = {kind: float(value) for kind, value in CONVENTION.items()}
    rank |= {"annex": -1.0, "numb": rank["section"] + 0.1, "box": 50.0}
    for size in range(2, 7):
        rank[f"dec{size}"] = rank["section"] + 0.1 * size
    present = {mark.kind for mark in marks}
    for upper, lower in _PAIRS:
        if upper in present and lower in present and rank[upper] < rank[lower]:
            usual, turned = _inside(marks, lower, upper), _inside(marks, upper, lower)
            if turned >= 2 and turned > usual:
                rank[lower] = rank[upper] - 0.5
    for upper in ("article", "cn", "cnp"):
        if upper in present and _carries_on(marks, upper):
            rank |= {f"dec{size}": rank[upper] + 0.05 * size for size in range(2, 7)}
    return rank


def _carries_on(marks: Sequence[Mark], upper: str) -> bool:
    """Whether 2.1 stands below the second of a kind, its first figure saying so all through the document."""
    value = agree = total = 0
    for mark in marks:
        if mark.kind == upper:
            value = mark.last
        elif mark.kind.startswith("dec"):
            total += 1
            agree += mark.value[0] == value
    return total >= 2 and agree >= 0.9 * total and agree > sum(mark.kind in {"num", "numb"} for mark in marks)


def _inside(marks: Sequence[Mark], inner: str, outer: str) -> int:
    """How often a series of `inner` begins anew, or counts on, between two neighbours of one series of `outer`.

    Articles count on through the whole text, so that they are inside what they lie between.
    """
    count = 0
    last: Mark | None = None
    began = False
    previous: Mark | None = None
    for mark in marks:
        if mark.kind == outer:
            if last is not None and began and mark.last == last.last + 1:
                count += 1
            last, began = mark, False
        elif mark.kind == inner:
            counts_on = inner == "article" and previous is not None and mark.last == previous.last + 1
            began = began or (last is not None and (mark.last == 1 or counts_on))
            previous = mark
        elif mark.kind in {"annex", "box"}:
            last, began, previous = None, False, None
    return count


@dataclass(slots=True)
class Open:
    """A clause that may still take children: its node, its mark."""

    node: int
    mark: Mark


class Nesting:
    """The stack of open clauses; `place` finds the parent of the next mark."""

    def __init__(self, rank: dict[str, float]) -> None:
        self.rank = rank
        self.stack: list[Open] = []
        self.box_at: int | None = None
        self.box_text = False
        self.outside: list[Open] = []

    @property
    def top(self) -> int:
        """The deepest open clause, -1 at the root."""
        return self.stack[-1].node if self.stack else -1

    def place(self, mark: Mark, node: int) -> int:
        """Open a clause; its parent is returned and everything that cannot hold it is closed."""
        if mark.kind == "annex":
            self.stack.clear()
            self.box_at = None
            self.outside = []
        elif mark.kind == "box":
            self.leave_box()
            # Items that were open outside may go on after the box.
            while self.stack and self._depth(self.stack[-1].mark) > self.rank["cnp"]:
                self.outside.insert(0, self.stack.pop())
        else:
            self._close_for(mark)
        parent = self.top
        self.stack.append(Open(node, mark))
        if mark.kind == "box":
            self.box_at = len(self.stack) - 1
            self.box_text = False
        return parent

    def leave_box(self) -> None:
        """Close the open box and what is in it."""
        if self.box_at is not None:
            self.stack[self.box_at :] = self.outside
            self.box_at = None
        self.outside = []

    def _depth(self, mark: Mark) -> float:
        return self.rank.get(mark.kind, 99.0)

    def _close_for(self, mark: Mark) -> None:
        if self.box_at is not None and self._leaves_box(mark):
            self.leave_box()
        floor = self.box_at + 1 if self.box_at is not None else 0
        if mark.kind.startswith("dec"):
            for i in range(len(self.stack) - 1, floor - 1, -1):
                above = self.stack[i].mark
                if above.value == mark.value[:-1] and (above.kind.startswith("dec") or above.kind in {"num", "numb"}):
                    del self.stack[i + 1 :]
                    return
        same = [i for i in range(floor, len(self.stack)) if self.stack[i].mark.kind == mark.kind]
        if same:
            at = self._sibling(mark, same)
            if at is not None:
                del self.stack[at:]
            return
        while len(self.stack) > floor and self._depth(self.stack[-1].mark) > self._depth(mark):
            if self.stack[-1].mark.kind == "annex":
                break
            self.stack.pop()

    def _sibling(self, mark: Mark, same: Sequence[int]) -> int | None:
        """Which open clause of the same kind the mark follows; None when it opens a new level below."""
        for i in reversed(same):
            open_mark = self.stack[i].mark
            if open_mark.shape == mark.shape and mark.last != 1:
                return i
        deepest = self.stack[same[-1]].mark
        if mark.last == 1 and deepest.shape != mark.shape and mark.kind in {"num", "nump"} and len(same) == 1:
            return None
        for i in reversed(same):
            if mark.last == self.stack[i].mark.last + 1:
                return i
        return same[-1]

    def _leaves_box(self, mark: Mark) -> bool:
        assert self.box_at is not None
        if mark.kind == "cnp":
            return not self._is_box_series(mark)
        if self.rank.get(mark.kind, 99.0) < self.rank["cnp"]:
            return True
        inner = [o.mark for o in self.stack[self.box_at + 1 :] if o.mark.kind == mark.kind]
        outer = [o.mark for o in (*self.stack[: self.box_at], *self.outside) if o.mark.kind == mark.kind]
        if not outer:
            return False
        resumes = mark.last == outer[-1].last + 1
        if not inner:
            return resumes and mark.last != 1
        follows = mark.last == inner[-1].last + 1
        if resumes and follows:
            return self.box_text or (mark.shape == outer[-1].shape != inner[-1].shape)
        return resumes and not follows

    def _is_box_series(self, mark: Mark) -> bool:
        """（一） inside a box: when it cannot be the next （X） of the clause that holds the box."""
        assert self.box_at is not None
        outer = [o.mark for o in self.stack[: self.box_at] if o.mark.kind == mark.kind]
        inner = [o.mark for o in self.stack[self.box_at + 1 :] if o.mark.kind == mark.kind]
        if inner:
            return mark.last == inner[-1].last + 1 and not (outer and mark.last == outer[-1].last + 1)
        # A box that has no words yet begins with its own （一）.
        is_empty = self.box_at == len(self.stack) - 1 and not self.box_text
        return mark.last == 1 and (bool(outer) or is_empty)
