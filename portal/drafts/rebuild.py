"""After an officer corrected an outline: paths, parents and addresses anew, from the depths alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from portal.drafts.draft import Node
from portal.drafts.labels import Labels
from portal.drafts.marks import marks_at


def relabel(nodes: Sequence[Node]) -> tuple[Node, ...]:
    """The same nodes in the same order, each under the last one before it that is less deep.

    A node deeper than the one before it by more than one level is brought to one level below it.
    """
    labels = Labels()
    out: list[Node] = []
    above: list[int] = []
    for node in nodes:
        depth = min(node.depth, out[-1].depth + 1) if out else 0
        del above[depth:]
        parent = above[-1] if above else -1
        path = out[parent].path if parent >= 0 else ()
        if node.number:
            path = (*path, node.number)
        mark = next(iter(marks_at(node.number)), None) if node.number else None
        label = labels.label(node.kind, mark, out[parent].label if parent >= 0 else "")
        out.append(replace(node, depth=depth, parent=parent, path=path, label=label))
        above.append(len(out) - 1)
    return tuple(out)
