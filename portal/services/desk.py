"""What the office's front page shows: each consultation of a bureau, its state and its totals."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.access import Actor
from portal.errors import NotThere
from portal.models import Comment, CommentWindow, Consultation, PlannedPublication
from portal.rules.window import WindowState
from portal.rules.words import CommentState
from portal.services import scheduling


@dataclass(frozen=True, slots=True)
class Line:
    """One consultation on the front page. `unanswered` counts published comments without a response; `planned` is
    the newest plan to publish it, whatever became of that."""

    consultation: Consultation
    window: CommentWindow | None
    state: WindowState | None
    counts: dict[CommentState, int]
    unanswered: int
    planned: PlannedPublication | None = None

    @property
    def received(self) -> int:
        return sum(self.counts.values())


def overview(session: Session, actor: Actor, at: datetime) -> list[Line]:
    """The consultations of the actor's bureau: those in preparation first, then by closing time."""
    consultations = list(
        session.scalars(
            select(Consultation)
            .where(Consultation.bureau_id == actor.bureau_id)
            .options(
                selectinload(Consultation.windows),
                joinedload(Consultation.bureau),
                joinedload(Consultation.document_type),
            )
        )
    )
    counts: dict[int, dict[CommentState, int]] = defaultdict(lambda: dict.fromkeys(CommentState, 0))
    ids = [consultation.id for consultation in consultations]
    for consultation_id, stands, count in session.execute(
        select(Comment.consultation_id, Comment.state, func.count())
        .where(Comment.consultation_id.in_(ids))
        .group_by(Comment.consultation_id, Comment.state)
    ):
        counts[consultation_id][stands] = count
    open_ones = session.execute(
        select(Comment.consultation_id, func.count())
        .where(
            Comment.consultation_id.in_(ids),
            Comment.state == CommentState.PUBLISHED,
            Comment.response_id.is_(None),
        )
        .group_by(Comment.consultation_id)
    )
    unanswered = dict(open_ones.all())
    planned = scheduling.newest(session, [each.id for each in consultations if not each.is_published])
    lines = []
    for consultation in consultations:
        lines.append(
            Line(
                consultation,
                consultation.window,
                consultation.state(at) if consultation.is_published else None,
                counts[consultation.id],
                unanswered.get(consultation.id, 0),
                planned.get(consultation.id),
            )
        )
    return sorted(
        lines,
        key=lambda line: (line.consultation.is_published, -(line.window.closes_at.timestamp() if line.window else 0)),
    )


def consultation(session: Session, actor: Actor, slug: str) -> Consultation:
    """A consultation of the actor's own bureau. Raises NotThere for another's: its very existence is not told."""
    found = session.scalar(
        select(Consultation)
        .where(Consultation.slug == slug, Consultation.bureau_id == actor.bureau_id)
        .options(
            joinedload(Consultation.bureau),
            joinedload(Consultation.document_type),
            selectinload(Consultation.windows),
            selectinload(Consultation.versions),
        )
    )
    if found is None:
        raise NotThere("没有找到这次征求意见，或它不属于您所在的单位。")
    return found
