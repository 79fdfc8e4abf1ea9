"""What became of every clause from one version of a draft to the next."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from portal.drafts.difference import Piece, difference
from portal.drafts.draft import Node
from portal.drafts.lines import squeezed

ChangeKind = Literal["kept", "changed", "moved", "renumbered", "split", "merged", "added", "removed"]

# Two wordings with less in common than this are two clauses, not one that was changed.
_ALIKE = 0.5
_ALIKE_IN_PLACE = 0.25
_COVERED = 0.7


@dataclass(frozen=True, slots=True)
class Change:
    """One clause's fate. `old` and `new` are indexes into the two lists of nodes; a split has several new, a merge
    several old. `pieces` is the difference of the wordings, empty when nothing changed."""

    kind: ChangeKind
    old: tuple[int, ...]
    new: tuple[int, ...]
    pieces: tuple[Piece, ...] = ()


def words_of(node: Node) -> str:
    """The words of a clause as compared: heading, text, cells; not the number."""
    rows = ["\t".join(row) for row in node.rows]
    return "\n".join(part for part in (node.heading, node.text, *rows) if part)


def compare(old: Sequence[Node], new: Sequence[Node]) -> tuple[Change, ...]:
    """Two versions' nodes in; one change for every clause of either out, in the order of the new version."""
    before, after = [words_of(node) for node in old], [words_of(node) for node in new]
    pairs = _pairs(old, new, before, after)
    partner = {a: b for b, a in pairs.items()}
    splits, merges = _splits(before, after, pairs, partner), _merges(before, after, pairs, partner)
    changes: list[tuple[float, Change]] = []
    taken_new = {k for ends in splits.values() for k in ends}
    taken_old = {k for starts in merges.values() for k in starts}
    for a, b in pairs.items():
        if a in splits:
            ends = tuple(sorted({b, *splits[a]}))
            whole = "\n".join(after[k] for k in ends)
            changes.append((ends[0], Change("split", (a,), ends, difference(before[a], whole))))
        elif b in merges:
            starts = tuple(sorted({a, *merges[b]}))
            whole = "\n".join(before[k] for k in starts)
            changes.append((b, Change("merged", starts, (b,), difference(whole, after[b]))))
        else:
            changes.append((b, _fate(old, new, before, after, pairs, a, b)))
    for a, found in splits.items():
        if a not in pairs:
            ends = tuple(sorted(found))
            whole = "\n".join(after[k] for k in ends)
            changes.append((ends[0], Change("split", (a,), ends, difference(before[a], whole))))
    for b in range(len(new)):
        if b not in partner and b not in taken_new and b not in merges:
            changes.append((b, Change("added", (), (b,), difference("", after[b]))))
    for b, found in merges.items():
        if b not in partner:
            starts = tuple(sorted(found))
            whole = "\n".join(before[k] for k in starts)
            changes.append((b, Change("merged", starts, (b,), difference(whole, after[b]))))
    for a in range(len(old)):
        if a not in pairs and a not in taken_old and a not in splits:
            changes.append((_where(a, pairs), Change("removed", (a,), (), difference(before[a], ""))))
    changes.sort(key=lambda item: item[0])
    return tuple(change for _, change in changes)


def _where(a: int, pairs: dict[int, int]) -> float:
    """A clause that is gone is told of after the one that stood before it."""
    for step in range(a - 1, -1, -1):
        if step in pairs:
            return pairs[step] + 0.5 + (a - step) / 1_000_000
    return -1 + a / 1_000_000


def _fate(
    old: Sequence[Node],
    new: Sequence[Node],
    before: Sequence[str],
    after: Sequence[str],
    pairs: dict[int, int],
    a: int,
    b: int,
) -> Change:
    is_same = squeezed(before[a]) == squeezed(after[b])
    pieces = () if is_same else difference(before[a], after[b])
    above = pairs.get(old[a].parent, -1) if old[a].parent >= 0 else -1
    if above != new[b].parent and not (
        old[a].parent >= 0 and above == -1 and old[old[a].parent].number == _number(new, b)
    ):
        return Change("moved", (a,), (b,), pieces)
    if not is_same:
        return Change("changed", (a,), (b,), pieces)
    return Change("kept" if old[a].number == new[b].number else "renumbered", (a,), (b,))


def _number(nodes: Sequence[Node], index: int) -> str | None:
    parent = nodes[index].parent
    return nodes[parent].number if parent >= 0 else None


def _pairs(old: Sequence[Node], new: Sequence[Node], before: Sequence[str], after: Sequence[str]) -> dict[int, int]:
    pairs: dict[int, int] = {}
    taken: set[int] = set()

    def pair(a: int, b: int) -> None:
        pairs[a] = b
        taken.add(b)

    # The same words at the same address; then the same words anywhere, in order.
    for key in (lambda node, text: (node.path, node.kind, squeezed(text)), lambda _, text: squeezed(text)):
        places: dict[object, list[int]] = defaultdict(list)
        for b, node in enumerate(new):
            if b not in taken:
                places[key(node, after[b])].append(b)
        for a, node in enumerate(old):
            found = places.get(key(node, before[a]))
            if a not in pairs and found and squeezed(before[a]):
                pair(a, found.pop(0))
    left = [a for a in range(len(old)) if a not in pairs]
    for _, a, b in sorted(_alike(old, new, before, after, left, taken), reverse=True):
        if a not in pairs and b not in taken:
            pair(a, b)
    # Bare headings and clauses rewritten from end to end keep their address.
    addresses: dict[tuple[str, tuple[str, ...]], list[int]] = defaultdict(list)
    for b, node in enumerate(new):
        if b not in taken and (node.number or not after[b]):
            addresses[node.kind, node.path].append(b)
    for a, node in enumerate(old):
        if a not in pairs and (node.number or not before[a]) and (found := addresses.get((node.kind, node.path))):
            shared = _dice(_grams(before[a]), _grams(after[found[0]]))
            if shared >= _ALIKE_IN_PLACE or not (before[a] and after[found[0]]):
                pair(a, found.pop(0))
    return dict(sorted(pairs.items()))


def _alike(
    old: Sequence[Node],
    new: Sequence[Node],
    before: Sequence[str],
    after: Sequence[str],
    left: Sequence[int],
    taken: set[int],
) -> list[tuple[float, int, int]]:
    """Pairs that share enough of their words, found through the pairs of characters they have in common."""
    grams = {b: _grams(text) for b, text in enumerate(after) if b not in taken}
    holders: dict[str, list[int]] = defaultdict(list)
    for b, counted in grams.items():
        for gram in counted:
            holders[gram].append(b)
    common = max(20, len(grams) // 8)
    found: list[tuple[float, int, int]] = []
    for a in left:
        own = _grams(before[a])
        hits: Counter[int] = Counter()
        for gram in own:
            places = holders.get(gram, ())
            if len(places) <= common:
                hits.update(places)
        for b, _ in hits.most_common(12):
            score = _dice(own, grams[b])
            if (score >= _ALIKE and old[a].kind == new[b].kind) or score >= 0.7:
                found.append(
                    (score + 0.1 * (old[a].path == new[b].path) + 0.05 * (old[a].number == new[b].number), a, b)
                )
    return found


def _grams(text: str) -> Counter[str]:
    bare = squeezed(text)
    return Counter(bare[i : i + 2] for i in range(len(bare) - 1)) if len(bare) > 1 else Counter([bare] if bare else [])


def _dice(a: Counter[str], b: Counter[str]) -> float:
    total = a.total() + b.total()
    return 2 * (a & b).total() / total if total else 0.0


def _covered(part: Counter[str], whole: Counter[str]) -> float:
    return (part & whole).total() / part.total() if part.total() else 0.0


def _splits(
    before: Sequence[str], after: Sequence[str], pairs: dict[int, int], partner: dict[int, int]
) -> dict[int, list[int]]:
    """Old clauses whose words went partly into new ones that have no partner of their own."""
    return _parted(before, after, pairs, partner)


def _merges(
    before: Sequence[str], after: Sequence[str], pairs: dict[int, int], partner: dict[int, int]
) -> dict[int, list[int]]:
    """New clauses that took in old ones that have no partner of their own."""
    return _parted(after, before, partner, pairs)


def _parted(
    wholes: Sequence[str], parts: Sequence[str], pairs: dict[int, int], partner: dict[int, int]
) -> dict[int, list[int]]:
    grams = [_grams(text) for text in wholes]
    found: dict[int, list[int]] = defaultdict(list)
    for k, text in enumerate(parts):
        if k in partner:
            continue
        own = _grams(text)
        if own.total() < 12:
            continue
        best = max(range(len(wholes)), key=lambda w: _covered(own, grams[w]), default=None)
        if best is None or _covered(own, grams[best]) < _COVERED:
            continue
        mate = pairs.get(best)
        if mate is not None and _covered(own, _grams(parts[mate])) >= _COVERED:
            # The words stayed where they were; here they only come again.
            continue
        found[best].append(k)
    return {w: ends for w, ends in found.items() if w in pairs or len(ends) > 1}
