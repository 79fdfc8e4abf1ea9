"""A planned publication happens once, at its instant or as soon after as anybody is awake, or says why not."""

from __future__ import annotations

import json
import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from portal.access import Role
from portal.errors import AlreadyDone, NotAllowed, NotThere, NotValid
from portal.models import AuditEvent, Consultation, PlannedPublication
from portal.rules.words import PlanOutcome
from portal.services import publishing, scheduling
from tests import factories
from tests.factories import NOON

LATER = datetime(2026, 3, 13, 1, 0, tzinfo=UTC)  # nine in the morning of the next day in Beijing


def prepared(world, **changes):
    return factories.prepared(
        world, **({"opens_on": date(2026, 3, 13), "closes_on": date(2026, 4, 30), "document_type": "ZDJC"} | changes)
    )


def plan(world, found, publishes_at=LATER, at=NOON, role=Role.PUBLISHER):
    return scheduling.plan(world.session, world.actor(role), found, publishes_at, at)


def test_it_waits_then_publishes_at_the_instant_it_really_happens(world):
    found = prepared(world)
    planned = plan(world, found)
    assert scheduling.due(world.session, LATER - timedelta(seconds=1)) == []
    assert scheduling.carry_out(world.session, planned.id, LATER - timedelta(seconds=1)) is None
    late = LATER + timedelta(seconds=3)
    assert scheduling.due(world.session, late) == [planned.id]
    assert scheduling.carry_out(world.session, planned.id, late) is PlanOutcome.PUBLISHED
    assert found.first_published_at == late
    assert scheduling.carry_out(world.session, planned.id, late) is None
    event = world.session.scalars(select(AuditEvent).where(AuditEvent.act == "consultation.publish")).one()
    assert event.actor == "示例发布员"


@pytest.mark.parametrize(
    ("changes", "publishes_at", "sentence"),
    [
        ({}, NOON, "已经过去"),
        ({}, None, "请填写定时发布"),
        ({"closes_on": date(2026, 4, 12)}, datetime(2026, 3, 14, 1, tzinfo=UTC), "29日"),
        ({"closes_on": date(2026, 4, 11)}, LATER, "29日"),
        ({"email": "", "postal_address": ""}, LATER, "书面"),
    ],
)
def test_what_would_not_be_legal_then_is_refused_now(world, changes, publishes_at, sentence):
    with pytest.raises(NotValid, match=sentence):
        plan(world, prepared(world, **changes), publishes_at)


def test_it_can_be_planned_anew_and_cancelled(world):
    found = prepared(world)
    first = plan(world, found)
    second = plan(world, found, LATER + timedelta(minutes=5))
    assert (first.outcome, second.outcome) == (PlanOutcome.CANCELLED, PlanOutcome.WAITING)
    scheduling.cancel(world.session, world.actor(Role.PUBLISHER), found, NOON)
    assert scheduling.due(world.session, LATER + timedelta(days=1)) == []
    with pytest.raises(NotThere):
        scheduling.cancel(world.session, world.actor(Role.PUBLISHER), found, NOON)
    assert not found.is_published


def test_only_a_publisher(world):
    found = prepared(world)
    for role in (Role.ADMINISTRATOR, Role.MODERATOR, Role.DRAFTER, Role.AUDITOR):
        with pytest.raises(NotAllowed):
            plan(world, found, role=role)


def test_pressing_the_button_first_is_no_fault(world):
    found = prepared(world, opens_on=date(2026, 3, 12))
    planned = plan(world, found, NOON + timedelta(hours=1))
    publishing.publish(world.session, world.actor(Role.PUBLISHER), found, NOON)
    assert scheduling.carry_out(world.session, planned.id, NOON + timedelta(hours=1)) is PlanOutcome.CANCELLED
    assert found.first_published_at == NOON
    with pytest.raises(AlreadyDone):
        plan(world, found)


def test_what_can_no_longer_go_out_stays_in_and_says_why(world):
    """The notice was changed meanwhile, and the worker slept for two days."""
    found = prepared(world)
    planned = plan(world, found)
    publishing.fill_notice(
        world.session, world.actor(Role.PUBLISHER), found,
        factories.notice(opens_on=date(2026, 3, 13), closes_on=date(2026, 4, 12), document_type="ZDJC", email="",
                         postal_address=""), NOON,
    )  # fmt: skip
    late = LATER + timedelta(days=2)
    assert scheduling.carry_out(world.session, planned.id, late) is PlanOutcome.FAILED
    assert found.first_published_at is None
    assert found.version.published_at is None
    said = "；".join(fault.message for fault in scheduling.faults(planned))
    for words in ("书面提出方式", "28日", "2026年3月13日已经过去"):
        assert words in said, said
    publishing.fill_notice(
        world.session, world.actor(Role.PUBLISHER), found,
        factories.notice(opens_on=date(2026, 3, 16), closes_on=date(2026, 4, 30), document_type="ZDJC"), late,
    )  # fmt: skip
    again = plan(world, found, late + timedelta(days=1), late)
    assert scheduling.newest(world.session, [found.id]) == {found.id: again}
    assert scheduling.carry_out(world.session, again.id, late + timedelta(days=1)) is PlanOutcome.PUBLISHED


def test_an_officer_who_left_publishes_nothing(world):
    found = prepared(world)
    planned = plan(world, found)
    world.staff[Role.PUBLISHER].is_active = False
    assert scheduling.carry_out(world.session, planned.id, LATER) is PlanOutcome.FAILED
    assert not found.is_published


def test_many_processes_publish_once(database, seal):
    with database.writer() as session:
        made = factories.world(session, seal)
        found = prepared(made)
        planned = plan(made, found).id
        session.commit()
        key = found.id
    outcomes = []
    gate = threading.Barrier(6)

    def work():
        gate.wait()
        for plan_id in [planned] * 3:
            with database.transaction() as session:
                outcomes.append(scheduling.carry_out(session, plan_id, LATER))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count(PlanOutcome.PUBLISHED) == 1
    assert outcomes.count(None) == 17
    with database.reader() as session:
        assert session.get(Consultation, key).first_published_at == LATER
        events = select(func.count(AuditEvent.id)).where(AuditEvent.act == "consultation.publish")
        assert session.scalar(events) == 1


def test_the_command_does_what_the_worker_does(app, seal):
    """What fell due while nobody was running goes out at the next start."""
    database = app.extensions["database"]
    today = datetime.now(UTC).date()
    with database.writer() as session:
        made = factories.world(session, seal)
        found = prepared(made, document_type="WNGH", opens_on=today + timedelta(days=1),
                         closes_on=today + timedelta(days=40))  # fmt: skip
        planned = PlannedPublication(
            consultation=found, publishes_at=datetime.now(UTC) - timedelta(minutes=1),
            planned_by_id=made.staff[Role.PUBLISHER].id, planned_at=datetime.now(UTC) - timedelta(days=1),
        )  # fmt: skip
        session.add(planned)
        session.commit()
    ran = app.test_cli_runner().invoke(args=["consultations", "publish-due"])
    assert ran.exit_code == 0, ran.output
    assert json.loads(ran.stdout)["plans"] == [{"plan": 1, "outcome": "published"}]
    assert json.loads(app.test_cli_runner().invoke(args=["consultations", "publish-due"]).stdout) == {"plans": []}
