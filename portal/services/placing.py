"""A second round: every comment of the first stands in the new version where a person confirmed it, or is listed alone.

Most comments go where their clause went, which the lineage says and a person confirmed. Comments on a clause that was
divided are proposed to one of its parts by their own words; those on a clause that was removed have no place. Nothing
of a comment changes: the words it was made on are those of its own clause, in its own version, for ever.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, delete, func, insert, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from portal.access import Actor, Permission, require
from portal.drafts.placing import place_in_parts
from portal.errors import NotThere, NotValid
from portal.models import Clause, Comment, Consultation, DraftVersion, Placement, Submission
from portal.rules.words import LineageKind, PlacementKind
from portal.services import audit, lineage

PAGE = 20
#: what a form sends for a comment that has no place in the new version
NOWHERE = "-"
_BATCH = 500


def propose(session: Session, version: DraftVersion) -> int:
    """Proposes a place for every comment whose clause was divided or removed and that has none yet; how many."""
    old = lineage.predecessor(version)
    if old is None:
        return 0
    new = {clause.label: clause for clause in version.clauses}
    stood = _stood_in(session, old)
    proposed = 0
    for line in lineage.lines(session, version):
        if line.kind not in (LineageKind.SPLIT, LineageKind.REMOVED):
            continue
        parts = [new[label] for label in line.new_labels if label in new]
        ids = [clause_id for label in line.old_labels for clause_id in stood.get(label, ())]
        proposed += _propose(session, version, old, line.old_labels, ids, parts)
    session.flush()
    return proposed


def renew(session: Session, version: DraftVersion) -> int:
    """Proposes anew once every line of the lineage is confirmed; what a person confirmed stays. How many wait."""
    session.execute(delete(Placement).where(Placement.version_id == version.id, Placement.confirmed_at.is_(None)))
    if all(line.confirmed_at is not None for line in lineage.lines(session, version)):
        propose(session, version)
    return waiting(session, version).all


def _stood_in(session: Session, version: DraftVersion) -> dict[str, list[int]]:
    """For each clause of a version, the ids of the clauses whose comments stand there by lineage: its own and older."""
    label_of = {clause.id: clause.label for clause in version.clauses}
    found = {clause.label: [clause.id] for clause in version.clauses}
    for older, place in lineage.places(session, version).items():
        if place is not None:
            found[label_of[place]].append(older)
    return found


def _propose(
    session: Session, version: DraftVersion, old: DraftVersion, old_labels: Iterable[str], ids: list[int],
    parts: list[Clause],
) -> int:  # fmt: skip
    has_place = select(Placement.comment_id).where(Placement.version_id == version.id)
    was_put_here = (
        select(Placement.comment_id)
        .join(Clause, Clause.id == Placement.clause_id)
        .where(Placement.version_id == old.id, Clause.label.in_(list(old_labels)))
    )
    was_put_elsewhere = select(Placement.comment_id).where(
        Placement.version_id == old.id, Placement.comment_id.not_in(was_put_here)
    )
    rows = session.execute(
        select(Comment.id, Comment.quote, Comment.proposed_text, Comment.body).where(
            Comment.clause_id.in_(ids) & Comment.id.not_in(was_put_elsewhere) | Comment.id.in_(was_put_here),
            Comment.id.not_in(has_place),
        )
    ).all()
    made = []
    for comment_id, quote, proposed_text, body in rows:
        at = place_in_parts([part.words for part in parts], quote, proposed_text, body) if parts else None
        kind = PlacementKind.ORPHANED if not parts else PlacementKind.UNDECIDED if at is None else PlacementKind.PLACED
        made.append(
            {
                "comment_id": comment_id, "version_id": version.id, "kind": kind,
                "clause_id": parts[at].id if at is not None else None,
            }
        )  # fmt: skip
    for start in range(0, len(made), _BATCH):
        session.execute(insert(Placement), made[start : start + _BATCH])
    return len(made)


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many comments still wait for a person to say where they stand, by what was proposed."""

    placed: int = 0
    orphaned: int = 0
    undecided: int = 0

    @property
    def all(self) -> int:
        return self.placed + self.orphaned + self.undecided


def waiting(session: Session, version: DraftVersion) -> Waiting:
    """What is not confirmed yet in this version."""
    counts = dict(
        session.execute(
            select(Placement.kind, func.count())
            .where(Placement.version_id == version.id, Placement.confirmed_at.is_(None))
            .group_by(Placement.kind)
        ).all()
    )
    return Waiting(*(counts.get(kind, 0) for kind in PlacementKind))


@dataclass(frozen=True, slots=True)
class Listed:
    """Some placements, the undecided first, and where the next page begins (None at the end)."""

    placements: list[Placement]
    after: int | None


def listed(session: Session, actor: Actor, consultation: Consultation, *, is_confirmed: bool, after: int = 0) -> Listed:
    """The placements of the newest version, in the order of their comments."""
    require(actor, Permission.IMPORT_DRAFT, consultation.bureau_id)
    query = _with_words(select(Placement)).where(
        Placement.version_id == consultation.version_in_preparation.id,
        Placement.confirmed_at.is_not(None) if is_confirmed else Placement.confirmed_at.is_(None),
        Comment.number > after,
    )
    found = list(session.scalars(query.order_by(Comment.number).limit(PAGE + 1)))
    return Listed(found[:PAGE], found[PAGE - 1].comment.number if len(found) > PAGE else None)


def _with_words(query: Select[Placement]) -> Select[Placement]:
    return query.join(Placement.comment).options(
        contains_eager(Placement.comment).joinedload(Comment.clause).joinedload(Clause.version),
        contains_eager(Placement.comment).joinedload(Comment.submission).joinedload(Submission.respondent),
        joinedload(Placement.clause),
    )


def put(session: Session, actor: Actor, consultation: Consultation, number: int, label: str, at: datetime) -> Placement:
    """Says where one comment stands in the newest version: a clause's label, `all` for the whole, or NOWHERE.

    Raises NotThere for a comment or clause that is not there, NotValid for a comment on that version itself.
    """
    require(actor, Permission.IMPORT_DRAFT, consultation.bureau_id)
    version = consultation.version_in_preparation
    comment = session.scalar(
        select(Comment)
        .where(Comment.consultation_id == consultation.id, Comment.number == number)
        .options(joinedload(Comment.clause))
    )
    if comment is None:
        raise NotThere("没有这条意见。")
    if comment.clause is None or comment.clause.version_id == version.id:
        raise NotValid("这条意见就是对这一稿提出的，不用另定对应位置。", fault="number")
    clause = next((clause for clause in version.clauses if clause.label == label), None)
    if clause is None and label != NOWHERE:
        raise NotValid("请选择这条意见在新稿中的位置。", fault="label")
    found = session.scalar(
        select(Placement).where(Placement.comment_id == comment.id, Placement.version_id == version.id)
    )
    if found is None:
        found = Placement(comment_id=comment.id, version_id=version.id)
        session.add(found)
    found.clause_id = clause.id if clause is not None else None
    found.kind = PlacementKind.PLACED if clause is not None else PlacementKind.ORPHANED
    found.confirmed_by_id, found.confirmed_at = actor.account_id, at
    session.flush()
    audit.record(
        session, actor, "placement.put", f"consultation:{consultation.slug}/{comment.reference}", at,
        {"version": version.number, "from": comment.clause.label, "to": label},
    )  # fmt: skip
    return found


def confirm_proposed(session: Session, actor: Actor, consultation: Consultation, at: datetime) -> int:
    """Confirms every place that was proposed, and that orphans have none; the undecided still wait. How many."""
    require(actor, Permission.IMPORT_DRAFT, consultation.bureau_id)
    version = consultation.version_in_preparation
    found = session.scalars(
        select(Placement).where(
            Placement.version_id == version.id,
            Placement.confirmed_at.is_(None),
            Placement.kind != PlacementKind.UNDECIDED,
        )
    ).all()
    for placement in found:
        placement.confirmed_by_id, placement.confirmed_at = actor.account_id, at
    session.flush()
    if found:
        audit.record(
            session, actor, "placement.confirm", f"consultation:{consultation.slug}", at,
            {"version": version.number, "count": len(found)},
        )  # fmt: skip
    return len(found)


def require_confirmed(session: Session, version: DraftVersion) -> None:
    """Raises NotValid while a comment waits for its place: nothing is silently moved."""
    propose(session, version)
    if count := waiting(session, version).all:
        raise NotValid("还有%(count)s条上一稿的意见没有确认在新稿中的位置，确认后方可发布。", count=count)


def overridden(session: Session, version: DraftVersion) -> dict[int, int | None]:
    """For each comment with a place of its own in this version: the clause id, None for the draft as a whole."""
    return dict(
        session.execute(
            select(Placement.comment_id, Placement.clause_id).where(Placement.version_id == version.id)
        ).all()
    )
