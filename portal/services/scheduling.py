"""Publication that happens by itself (定时发布): planned by an officer, carried out by the worker, once."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access import Actor, Permission, require
from portal.errors import AlreadyDone, NotThere, NotValid, Refusal
from portal.models import Consultation, PlannedPublication
from portal.rules import window
from portal.rules.words import PlanOutcome
from portal.services import audit, publishing


def plan(
    session: Session, actor: Actor, consultation: Consultation, publishes_at: datetime | None, at: datetime
) -> PlannedPublication:
    """Plans the publication for an instant, in place of an earlier plan.

    It must be legal measured from that instant; it is measured again when the instant comes.
    """
    require(actor, Permission.PUBLISH, consultation.bureau_id)
    if consultation.is_published:
        raise AlreadyDone("已经发布过了。")
    if publishes_at is None:
        raise NotValid("请填写定时发布的日期和时间（北京时间）。", fault="publishes_at")
    if publishes_at <= at:
        raise NotValid("定时发布的时间已经过去，请另选一个，或者现在发布。", fault="publishes_at")
    for obstacle in publishing.obstacles(session, consultation, publishes_at):
        raise obstacle
    if (before := waiting(session, consultation, for_update=True)) is not None:
        _settle(before, PlanOutcome.CANCELLED, at)
        session.flush()
    planned = PlannedPublication(
        consultation=consultation, publishes_at=publishes_at, planned_by_id=actor.account_id, planned_at=at
    )
    session.add(planned)
    session.flush()
    audit.record(
        session, actor, "publication.plan", f"consultation:{consultation.slug}", at,
        {"publishes_at": publishes_at.isoformat()},
    )  # fmt: skip
    return planned


def cancel(session: Session, actor: Actor, consultation: Consultation, at: datetime) -> None:
    """Takes the plan back while it waits."""
    require(actor, Permission.PUBLISH, consultation.bureau_id)
    planned = waiting(session, consultation, for_update=True)
    if planned is None:
        raise NotThere("没有等待中的定时发布，它可能已经发布或取消。")
    _settle(planned, PlanOutcome.CANCELLED, at)
    session.flush()
    audit.record(session, actor, "publication.cancel", f"consultation:{consultation.slug}", at)


def waiting(session: Session, consultation: Consultation, *, for_update: bool = False) -> PlannedPublication | None:
    """The plan that waits for its instant."""
    query = select(PlannedPublication).where(
        PlannedPublication.consultation_id == consultation.id, PlannedPublication.settled_at.is_(None)
    )
    return session.scalar(
        query.with_for_update(key_share=True).execution_options(populate_existing=True) if for_update else query
    )


def newest(session: Session, consultation_ids: list[int]) -> dict[int, PlannedPublication]:
    """The newest plan of each consultation: the one a page speaks of."""
    query = (
        select(PlannedPublication)
        .where(PlannedPublication.consultation_id.in_(consultation_ids))
        .order_by(PlannedPublication.id)
    )
    return {planned.consultation_id: planned for planned in session.scalars(query)}


# ── when the instant comes ────────────────────────────────────────────────────────────────────────────


def due(session: Session, at: datetime) -> list[int]:
    """The plans whose instant has come, the earliest first."""
    query = select(PlannedPublication.id).where(
        PlannedPublication.settled_at.is_(None), PlannedPublication.publishes_at <= at
    )
    return list(session.scalars(query.order_by(PlannedPublication.publishes_at, PlannedPublication.id)))


def carry_out(session: Session, plan_id: int, at: datetime) -> PlanOutcome | None:
    """Publishes what one due plan says, as the officer who planned it; None when another process has it in hand.

    The first publication is the instant it really happens, and everything is checked again at it: what can no longer
    go out stays unpublished, and the plan says why.
    """
    planned = session.scalar(
        select(PlannedPublication)
        .where(
            PlannedPublication.id == plan_id,
            PlannedPublication.settled_at.is_(None),
            PlannedPublication.publishes_at <= at,
        )
        .with_for_update(key_share=True, skip_locked=True, of=PlannedPublication)
    )
    if planned is None:
        return None
    consultation, officer = planned.consultation, planned.planned_by
    try:
        with session.begin_nested():
            if not officer.is_active:
                raise NotValid("安排定时发布的账号已停用，请由在岗的发布员重新安排。")
            publishing.publish(session, officer.actor, consultation, at)
    except AlreadyDone:
        _settle(planned, PlanOutcome.CANCELLED, at)  # somebody pressed the button before the clock did
    except Refusal as refusal:
        session.refresh(consultation)
        faults: list[Refusal] = list(publishing.obstacles(session, consultation, at))
        planned.faults = [kept(fault) for fault in faults or [refusal]]
        _settle(planned, PlanOutcome.FAILED, at)
        session.flush()
        audit.record(
            session, officer.actor, "publication.fail", f"consultation:{consultation.slug}", at,
            {"why": [fault.message for fault in faults or [refusal]]},
        )  # fmt: skip
    else:
        _settle(planned, PlanOutcome.PUBLISHED, at)
    session.flush()
    return planned.outcome


def _settle(planned: PlannedPublication, outcome: PlanOutcome, at: datetime) -> None:
    planned.outcome, planned.settled_at = outcome, at


def kept(refusal: Refusal) -> dict[str, Any]:
    """A refusal as JSON: its sentence and its places, so that it can be said again in any language."""
    places = {
        name: {"on": place.on.isoformat()} if isinstance(place, window.Day) else place
        for name, place in refusal.places.items()
    }
    return {"sentence": refusal.sentence, "places": places}


def faults(planned: PlannedPublication) -> list[Refusal]:
    """Why a plan failed."""
    return [
        Refusal(
            said,
            **{
                name: window.Day(date.fromisoformat(place["on"])) if isinstance(place, dict) else place
                for name, place in places.items()
            },
        )
        for said, places in ((fault["sentence"], fault["places"]) for fault in planned.faults)
    ]
