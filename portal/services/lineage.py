"""What became of each clause between two versions: proposed by machine, confirmed or said otherwise by a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import drafts
from portal.access import Actor, Permission, require
from portal.drafts.draft import Node
from portal.errors import Frozen, NotThere, NotValid
from portal.models import Clause, Consultation, DraftVersion, Lineage
from portal.rules.words import LineageKind
from portal.services import audit


def propose(session: Session, new: DraftVersion) -> None:
    """Lays a version in preparation beside the one before it and proposes what became of each clause.

    What a person confirmed stays as long as its clauses are still there. A first version has nothing before it.
    """
    old = predecessor(new)
    if old is None or new.published_at is not None:
        return
    kept = [
        line
        for line in lines(session, new)
        if line.confirmed_at is not None and set(line.new_labels) <= {c.label for c in new.clauses}
    ]
    for line in lines(session, new):
        if line not in kept:
            session.delete(line)
    session.flush()
    settled_old = {label for line in kept for label in line.old_labels}
    settled_new = {label for line in kept for label in line.new_labels}
    for position, change in enumerate(drafts.compare(nodes_of(old.clauses), nodes_of(new.clauses))):
        old_labels = [old.clauses[i].label for i in change.old]
        new_labels = [new.clauses[i].label for i in change.new]
        if settled_old & set(old_labels) or settled_new & set(new_labels):
            continue
        session.add(
            Lineage(
                old_version_id=old.id, new_version_id=new.id, position=position, kind=change.kind,
                old_labels=old_labels, new_labels=new_labels,
            )
        )  # fmt: skip
    session.flush()


def predecessor(version: DraftVersion) -> DraftVersion | None:
    """The version that came before one; None for the first."""
    return next((v for v in reversed(version.consultation.versions) if v.number < version.number), None)


def nodes_of(clauses: Sequence[Clause]) -> list[Node]:
    """Stored clauses as the values the drafts room works on."""
    return [
        Node(
            kind=c.kind, number=c.number, heading=c.heading, text=c.text, path=tuple(c.path), depth=c.depth,
            parent=c.parent_position, line=c.line, label=c.label, rows=tuple(tuple(row) for row in c.rows),
        )
        for c in clauses
    ]  # fmt: skip


def lines(session: Session, version: DraftVersion) -> list[Lineage]:
    """What became of each clause of the version before this one, in the order of the draft."""
    return list(
        session.scalars(
            select(Lineage).where(Lineage.new_version_id == version.id).order_by(Lineage.position, Lineage.id)
        )
    )


def find(session: Session, consultation: Consultation, line_id: int) -> Lineage:
    """One line of the version in preparation. Raises NotThere when it was compared anew meanwhile."""
    found = session.get(Lineage, line_id)
    if found is None or found.new_version_id != consultation.version_in_preparation.id:
        raise NotThere("没有这一行对照，可能已重新比对。请刷新页面再试。")
    return found


def confirm(
    session: Session,
    actor: Actor,
    consultation: Consultation,
    line_id: int,
    at: datetime,
    *,
    old_labels: Sequence[str] | None = None,
    new_labels: Sequence[str] | None = None,
) -> Lineage:
    """Confirms what the machine proposed, or says it otherwise: which old clauses became which new ones.

    None keeps a side as it is; no old clauses: added, no new ones: removed. The kind follows from how many stand on
    each side and whether the words are the same.
    """
    require(actor, Permission.IMPORT_DRAFT, consultation.bureau_id)
    version = consultation.version_in_preparation
    found = find(session, consultation, line_id)
    if version.published_at is not None:
        raise Frozen("这一稿已经发布，条款沿革不能再改。")
    old = found.old_labels if old_labels is None else list(dict.fromkeys(old_labels))
    new = found.new_labels if new_labels is None else list(dict.fromkeys(new_labels))
    if (old, new) != (found.old_labels, found.new_labels):
        _say_otherwise(session, version, found, old, new)
    found.confirmed_by_id, found.confirmed_at = actor.account_id, at
    session.flush()
    audit.record(
        session, actor, "lineage.confirm", f"consultation:{consultation.slug}", at,
        {"kind": found.kind, "old": found.old_labels, "new": found.new_labels},
    )  # fmt: skip
    return found


def _say_otherwise(
    session: Session, version: DraftVersion, line: Lineage, old_labels: list[str], new_labels: list[str]
) -> None:
    """Lets a line hold other clauses: other lines lose them, and what it let go stands alone until it is placed."""
    before = {clause.label: clause for clause in session.get_one(DraftVersion, line.old_version_id).clauses}
    after = {clause.label: clause for clause in version.clauses}
    if missing := [label for label in old_labels if label not in before]:
        raise NotValid("上一稿里没有条款“%(label)s”。", fault="old_labels", label=missing[0])
    if missing := [label for label in new_labels if label not in after]:
        raise NotValid("新稿里没有条款“%(label)s”。", fault="new_labels", label=missing[0])
    if not old_labels and not new_labels:
        raise NotValid("至少要有一边有条款。", fault="new_labels")
    others = [other for other in lines(session, version) if other is not line]
    for other in others:
        kept_old = [label for label in other.old_labels if label not in old_labels]
        kept_new = [label for label in other.new_labels if label not in new_labels]
        if (kept_old, kept_new) == (other.old_labels, other.new_labels):
            continue
        if kept_old or kept_new:
            _hold(other, kept_old, kept_new, before, after)
            other.confirmed_by_id = other.confirmed_at = None  # somebody has to look at what is left of it
        else:
            session.delete(other)
    freed: list[tuple[list[str], list[str]]] = [([label], []) for label in line.old_labels if label not in old_labels]
    freed += [([], [label]) for label in line.new_labels if label not in new_labels]
    _hold(line, old_labels, new_labels, before, after)
    for old, new in freed:
        alone = Lineage(old_version_id=line.old_version_id, new_version_id=version.id)
        _hold(alone, old, new, before, after)
        alone.position = (after[new[0]] if new else before[old[0]]).position
        session.add(alone)
    session.flush()


def _hold(
    line: Lineage, old_labels: list[str], new_labels: list[str], before: dict[str, Clause], after: dict[str, Clause]
) -> None:
    line.kind = _kind([before[label] for label in old_labels], [after[label] for label in new_labels])
    line.old_labels, line.new_labels = old_labels, new_labels
    line.is_proposed = False


def _kind(old: Sequence[Clause], new: Sequence[Clause]) -> str:
    if not new:
        return LineageKind.REMOVED.value
    if not old:
        return LineageKind.ADDED.value
    if len(new) > 1:
        return LineageKind.SPLIT.value
    if len(old) > 1:
        return LineageKind.MERGED.value
    if old[0].words != new[0].words:
        return LineageKind.CHANGED.value
    if old[0].path == new[0].path:
        return LineageKind.KEPT.value
    return LineageKind.RENUMBERED.value if old[0].path[:-1] == new[0].path[:-1] else LineageKind.MOVED.value


def next_to_read(session: Session, after: Lineage) -> Lineage | None:
    """The next open line with something to read, from a line on and then from the beginning."""
    version = session.get_one(DraftVersion, after.new_version_id)
    waiting = [
        line for line in lines(session, version) if line.confirmed_at is None and LineageKind(line.kind) not in SAME
    ]
    return next((line for line in waiting if line.position >= after.position), waiting[0] if waiting else None)


#: what became of a clause whose words and whose place among its neighbours stayed
SAME = frozenset({LineageKind.KEPT, LineageKind.RENUMBERED})


def confirm_all(
    session: Session, actor: Actor, consultation: Consultation, at: datetime, *, only_same: bool = False
) -> int:
    """Confirms every proposal that is still open, or only those whose words stayed the same; how many."""
    waiting = [
        line
        for line in lines(session, consultation.version_in_preparation)
        if line.confirmed_at is None and (not only_same or LineageKind(line.kind) in SAME)
    ]
    for open_line in waiting:
        confirm(session, actor, consultation, open_line.id, at)
    return len(waiting)


def nearest(clauses: Sequence[Clause], wanted: Sequence[Clause], most: int = 6) -> list[Clause]:
    """Which clauses of one version come nearest in words to some of the other, the nearest first."""
    words = "\n".join(clause.words for clause in wanted)
    scored = [(drafts.similarity(clause.words, words), clause) for clause in clauses if clause.words]
    scored.sort(key=lambda pair: -pair[0])
    return [clause for score, clause in scored[:most] if score > 0.1]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One line of two versions side by side: what became of it, the clauses on each side, and the difference."""

    kind: LineageKind
    old: tuple[Clause, ...]
    new: tuple[Clause, ...]
    pieces: tuple[tuple[str, str], ...]
    line: Lineage | None = None

    @property
    def is_same(self) -> bool:
        return self.kind is LineageKind.KEPT

    @property
    def has_same_words(self) -> bool:
        """Whether nothing but the number or the place is new."""
        return bool(self.old) and all(act == "same" for act, _ in self.pieces)

    @property
    def is_confirmed(self) -> bool:
        return self.line is None or self.line.confirmed_at is not None


def comparison(session: Session, old: DraftVersion, new: DraftVersion) -> list[Comparison]:
    """Two versions clause by clause: by the confirmed lineage when they follow one another, else as compared now."""
    before = {clause.label: clause for clause in old.clauses}
    after = {clause.label: clause for clause in new.clauses}
    kept = [line for line in lines(session, new) if line.old_version_id == old.id]
    if kept:
        rows: list[tuple[LineageKind, list[Clause], list[Clause], Lineage | None]] = [
            (LineageKind(line.kind), [before[x] for x in line.old_labels if x in before],
             [after[x] for x in line.new_labels if x in after], line)
            for line in kept
        ]  # fmt: skip
    else:
        rows = [
            (LineageKind(change.kind), [old.clauses[i] for i in change.old], [new.clauses[i] for i in change.new], None)
            for change in drafts.compare(nodes_of(old.clauses), nodes_of(new.clauses))
        ]
    found = [
        Comparison(kind, tuple(o), tuple(n), pieces(o, n), line)
        for kind, o, n, line in rows
    ]  # fmt: skip
    return sorted(found, key=_order)


def _order(row: Comparison) -> tuple[float, int]:
    if row.new:
        return (row.new[0].position, 1)
    return (row.old[0].position - 0.5, 0) if row.old else (0, 0)


def pieces(old: Sequence[Clause], new: Sequence[Clause]) -> tuple[tuple[str, str], ...]:
    """What was struck, added and kept between the words of some old clauses and some new ones."""
    return drafts.difference("\n".join(c.words for c in old), "\n".join(c.words for c in new))


def places(session: Session, version: DraftVersion) -> dict[int, int | None]:
    """Where each clause of earlier versions stands in this one: old clause id → clause id here, None when it is gone.

    Follows the lineage of every version in between; a split leads to its first part.
    """
    here = {clause.id: clause.id for clause in version.clauses}
    reached: dict[int, int | None] = dict(here)
    current = version
    while (old := predecessor(current)) is not None:
        by_label = {clause.label: clause.id for clause in current.clauses}
        became = {
            label: by_label.get(line.new_labels[0]) if line.new_labels else None
            for line in lines(session, current)
            for label in line.old_labels
        }
        for clause in old.clauses:
            step = became.get(clause.label)
            reached[clause.id] = reached.get(step) if step is not None else None
        current = old
    return {clause_id: place for clause_id, place in reached.items() if clause_id not in here}
