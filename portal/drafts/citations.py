"""How a clause is cited: 第四部分第（二）条第5项, 第十五条第二款, 第六章第二节, 专栏2第3项, 表1."""

from __future__ import annotations

from collections.abc import Sequence

from portal.drafts.draft import Node

_SUFFIX = "、.．，,"


def _bare(number: str) -> str:
    return number.strip().rstrip(_SUFFIX)


def citation(nodes: Sequence[Node], index: int) -> str:
    """The citation of nodes[index] in the convention of its draft (law or plan), from the numbers as printed."""
    node = nodes[index]
    chain: list[int] = [index]
    while nodes[chain[0]].parent >= 0:
        chain.insert(0, nodes[chain[0]].parent)
    words = ""
    for position, at in enumerate(chain):
        step = nodes[at]
        if not step.number:
            continue
        number = _bare(step.number)
        match step.kind:
            case "article" | "box" | "table" | "annex":
                words = number
            case "cn" if position == 0 and nodes[chain[0]].kind == "cn":
                words = f"第{number}部分"
            case "cnp" if words.endswith("部分"):
                words += f"第{number}条"
            case "num" if words:
                words += f"第{number}项"
            case "item":
                words += f"第{number}项"
            case "subitem":
                words += f"第{number}目"
            case "paragraph":
                words += number
            case _:
                words += step.number.strip() if not words or step.kind in ("chapter", "section") else number
    if node.number:
        return words
    siblings = [i for i, other in enumerate(nodes) if other.parent == node.parent and not other.number]
    order = siblings.index(index) + 1
    if not words:
        return node.heading or ("前言" if order == 1 else f"前言第{order}段")
    return f"{words}第{order}款" if nodes[node.parent].kind == "article" else f"{words}（第{order}段）"
