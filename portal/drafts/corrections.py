"""An officer's corrections of an outline: values that can be applied, undone, and applied again to a new reading.

A correction names its clause by what is printed (number, opening words, line), not by its place in a list,
so that it still finds it when the file was read again; what finds nothing is reported, never dropped silently.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from opencc import OpenCC

from portal.drafts.damage import POINT
from portal.drafts.draft import Junk, Node
from portal.drafts.marks import marks_at
from portal.drafts.rebuild import relabel
from portal.errors import NotValid

#: acts on one clause; `simplify` and `separate` are acts on the whole draft
ACTS = ("promote", "demote", "split", "join", "rewrite", "head", "drop", "restore", "simplify", "separate")

_OPENING = 16
_SIMPLER = OpenCC("tw2s")


@dataclass(frozen=True, slots=True)
class Target:
    """Which clause is meant: the line it was read from, its number, and the words it opens with."""

    line: int
    number: str
    opening: str

    @classmethod
    def of(cls, node: Node) -> Target:
        return cls(node.line, node.number, (node.heading + node.text)[:_OPENING])


@dataclass(frozen=True, slots=True)
class Correction:
    """One act of an officer. `words` holds what was typed (number, heading, text) or where to split (`cut`)."""

    act: str
    target: Target
    words: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """As it is kept."""
        return {
            "act": self.act,
            "target": [self.target.line, self.target.number, self.target.opening],
            "words": dict(self.words),
        }

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Correction:
        """From what was kept."""
        return cls(kept["act"], Target(*kept["target"]), dict(kept["words"]))


def replay(
    nodes: Sequence[Node], corrections: Sequence[Correction], junk: Sequence[Junk] = ()
) -> tuple[tuple[Node, ...], tuple[Correction, ...]]:
    """The outline with every correction applied in order, and those whose clause is no longer there."""
    current = tuple(nodes)
    lost: list[Correction] = []
    for correction in corrections:
        try:
            current = apply(current, correction, junk)
        except NotValid:
            lost.append(correction)
    return current, tuple(lost)


def apply(nodes: Sequence[Node], correction: Correction, junk: Sequence[Junk] = ()) -> tuple[Node, ...]:
    """The outline with one correction applied. Raises NotValid when its clause is not there or it cannot be done."""
    match correction.act:
        case "simplify":
            return relabel([_mapped(node, simplified) for node in nodes])
        case "separate":
            return relabel([_mapped(node, lambda words: POINT.sub("、", words)) for node in nodes])
        case "restore":
            return _restored(nodes, correction, junk)
    at = place(nodes, correction.target)
    if at is None:
        raise NotValid("没有这一条款，可能已被他人调整。请刷新页面再试。")
    match correction.act:
        case "promote":
            return _moved(nodes, at, -1)
        case "demote":
            return _moved(nodes, at, 1)
        case "drop":
            return _without(nodes, at)
        case "join":
            return _joined(nodes, at)
        case "split":
            return _split(nodes, at, correction.words.get("cut", ""))
        case "rewrite":
            return _rewritten(nodes, at, correction.words)
        case "head":
            return _headed(nodes, at, correction.words.get("title", ""))
    raise NotValid("没有这种修改。")


def place(nodes: Sequence[Node], target: Target) -> int | None:
    """Where the clause stands: exactly as printed on its line, else the only one with its number and opening."""
    fits = [i for i, node in enumerate(nodes) if Target.of(node) == target]
    if not fits:
        fits = [
            i for i, node in enumerate(nodes)
            if node.number == target.number and (node.heading + node.text)[:_OPENING] == target.opening
        ]  # fmt: skip
    if not fits:
        fits = [i for i, node in enumerate(nodes) if node.line == target.line and node.number == target.number]
    return fits[0] if len(fits) == 1 or (fits and Target.of(nodes[fits[0]]) == target) else None


def simplified(words: str) -> str:
    """Words in simplified script; only glyphs change, never the choice of words."""
    return str(_SIMPLER.convert(words))


def _mapped(node: Node, change: Any) -> Node:
    return replace(
        node,
        number=change(node.number),
        heading=change(node.heading),
        text=change(node.text),
        rows=tuple(tuple(change(cell) for cell in row) for row in node.rows),
    )


def _end(nodes: Sequence[Node], at: int) -> int:
    """The first place after a clause and everything under it."""
    end = at + 1
    while end < len(nodes) and nodes[end].depth > nodes[at].depth:
        end += 1
    return end


def _moved(nodes: Sequence[Node], at: int, step: int) -> tuple[Node, ...]:
    deepest = nodes[at - 1].depth + 1 if at else 0
    if not 0 <= nodes[at].depth + step <= deepest:
        raise NotValid("这一条款不能再移动层级了。")
    end = _end(nodes, at)
    moved = [replace(node, depth=node.depth + step) for node in nodes[at:end]]
    return relabel([*nodes[:at], *moved, *nodes[end:]])


def _without(nodes: Sequence[Node], at: int) -> tuple[Node, ...]:
    if len(nodes) == 1:
        raise NotValid("至少要留下一个条款。")
    end = _end(nodes, at)
    under = [replace(node, depth=node.depth - 1) for node in nodes[at + 1 : end]]
    return relabel([*nodes[:at], *under, *nodes[end:]])


def _joined(nodes: Sequence[Node], at: int) -> tuple[Node, ...]:
    if at == 0:
        raise NotValid("第一条前面没有可以并入的条款。")
    above, node = nodes[at - 1], nodes[at]
    # a line that extraction broke goes on where it stopped; anything else is a paragraph of its own
    goes_on = above.text and not node.number and above.text[-1] not in "。；！？：;!?:"
    glue = "" if goes_on else "\n"
    own = f"{node.number}{node.heading}" + (node.text if node.heading.endswith("。") else f"\n{node.text}".rstrip())
    if not (node.number or node.heading):
        own = node.text
    text = f"{above.text}{glue}{own}" if above.text else own
    merged = replace(above, text=text, rows=above.rows + node.rows)
    return _without([*nodes[: at - 1], merged, *nodes[at:]], at)


def _split(nodes: Sequence[Node], at: int, where: str) -> tuple[Node, ...]:
    node = nodes[at]
    cut = int(where) if where.isdigit() else -1
    if not 0 < cut < len(node.text):
        raise NotValid("请把光标放在正文里要分开的地方，再分条。", fault="text")
    first, rest = node.text[:cut].rstrip(), node.text[cut:].lstrip()
    mark = next((m for m in marks_at(rest) if m.end), None)
    number = mark.number if mark else ""
    body = rest[mark.end :].lstrip() if mark else rest
    second = replace(node, number=number, heading="", text=body, rows=())
    return relabel([*nodes[:at], replace(node, text=first), second, *nodes[at + 1 :]])


def _rewritten(nodes: Sequence[Node], at: int, words: dict[str, str]) -> tuple[Node, ...]:
    node = nodes[at]
    changed = replace(
        node,
        number=words.get("number", node.number).strip(),
        heading=words.get("heading", node.heading).strip(),
        text=words.get("text", node.text).strip(),
    )
    if not (changed.number or changed.heading or changed.text or changed.rows):
        raise NotValid("条款不能是空的。不需要的，请用“删去”。", fault="text")
    return relabel([*nodes[:at], changed, *nodes[at + 1 :]])


def _headed(nodes: Sequence[Node], at: int, title: str) -> tuple[Node, ...]:
    """A lost heading put back above a clause, which comes to stand under it with those of its kind that follow.

    The heading stands where the nearest heading of its kind stands; the first of its kind takes the clause's place.
    """
    title = title.strip()
    if not title:
        raise NotValid("请写出要补的标题，例如“第二章　重点任务”。", fault="title")
    node = nodes[at]
    mark = next((m for m in marks_at(title) if m.end), None)
    kind = mark.kind if mark else "paragraph"
    alike = [i for i, other in enumerate(nodes) if mark and other.kind == kind and other.depth <= node.depth]
    depth = nodes[min(alike, key=lambda i: abs(i - at))].depth if alike else node.depth
    heading = Node(
        kind=kind,
        number=mark.number if mark else "",
        heading=title[mark.end :].strip() if mark else title,
        text="",
        path=(),
        depth=depth,
        parent=-1,
        line=node.line,
        label="",
    )
    end = at
    while end < len(nodes) and (
        nodes[end].depth > depth or (nodes[end].depth == depth and nodes[end].kind == node.kind)
    ):
        end += 1
    step = 1 if node.depth == depth else 0
    under = [replace(other, depth=other.depth + step) for other in nodes[at:end]]
    return relabel([*nodes[:at], heading, *under, *nodes[end:]])


def _restored(nodes: Sequence[Node], correction: Correction, junk: Sequence[Junk]) -> tuple[Node, ...]:
    line = correction.target.line
    found = next((item for item in junk if item.line == line), None)
    if found is None or any(node.line == line and node.text == found.text for node in nodes):
        raise NotValid("这一行已经在正文里，或者不是剔除的行。")
    after = max((i for i, node in enumerate(nodes) if node.line <= line), default=-1)
    mark = next((m for m in marks_at(found.text) if m.end), None)
    depth = nodes[after].depth if after >= 0 else 0
    node = Node(
        kind="paragraph",
        number=mark.number if mark else "",
        heading="",
        text=found.text[mark.end :].lstrip() if mark else found.text,
        path=(),
        depth=depth,
        parent=-1,
        line=line,
        label="",
    )
    return relabel([*nodes[: after + 1], node, *nodes[after + 1 :]])
