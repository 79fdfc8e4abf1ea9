"""Events are read from the tables, noticed once, and told to whoever asked before they happened."""

from __future__ import annotations

import json
import threading
from datetime import timedelta

import pytest
from jsonschema import Draft202012Validator
from sqlalchemy import func, select

from portal.access import Role
from portal.models import Happening, Webhook, WebhookDelivery
from portal.rules.words import HappeningKind
from portal.services import happenings, results, webhooks, windows
from portal.web.api_schemas import SCHEMAS
from portal.web.openapi import WEBHOOKS
from tests import factories
from tests.factories import NOON
from tests.services import test_versions as second_draft

URL = "https://portal.example.gov.cn"
EARLY = NOON - timedelta(days=30)


def register(world, at=EARLY, **changes):
    values = {
        "bureau_id": world.bureau.id, "name": "门户", "url": "https://hooks.example.com/x",
        "kinds": [kind.value for kind in HappeningKind], "listed": frozenset(), "at": at,
    }  # fmt: skip
    return webhooks.register(world.session, world.seal, world.actor(Role.ADMINISTRATOR), **{**values, **changes})


def kinds(found):
    return [happening.kind for happening in found]


def notice(world, at=NOON):
    return kinds(happenings.notice(world.session, at, URL))


def owed(world):
    return [json.loads(payload) for payload in world.session.scalars(select(WebhookDelivery.payload))]


def test_a_consultation_from_beginning_to_end(world):
    register(world)
    found = factories.consultation(world)
    publisher = world.actor(Role.PUBLISHER)
    assert notice(world) == [HappeningKind.PUBLISHED]
    assert notice(world) == []
    windows.extend(world.session, publisher, found, found.window.closes_at.date() + timedelta(days=10), None, "", NOON)
    assert notice(world) == [HappeningKind.EXTENDED]
    end = found.window.closes_at
    assert notice(world, end - timedelta(seconds=1)) == []
    assert notice(world, end) == [HappeningKind.CLOSED]
    results.publish(world.session, world.seal, publisher, found, end + timedelta(days=1), results.Plan())
    assert notice(world, end + timedelta(days=1)) == [HappeningKind.RESULTS]
    assert notice(world, end + timedelta(days=9)) == []
    told = owed(world)
    assert [one["type"] for one in told] == [
        "consultation.published", "consultation.extended", "consultation.closed", "consultation.results_published",
    ]  # fmt: skip
    assert told[0]["data"]["url"] == f"{URL}/consultations/hehu/"
    assert told[3]["data"]["url"] == f"{URL}/consultations/hehu/results"
    assert told[1]["data"]["closes_at"] > told[0]["data"]["closes_at"]
    assert told[0]["timestamp"].endswith("+08:00")


def test_a_withdrawn_one_does_not_close(world):
    register(world)
    found = factories.consultation(world)
    windows.withdraw(world.session, world.actor(Role.PUBLISHER), found, "依据的上级文件已经废止，不再制定。", NOON)
    assert notice(world) == [HappeningKind.PUBLISHED, HappeningKind.WITHDRAWN]
    assert notice(world, NOON + timedelta(days=60)) == []
    assert owed(world)[1]["data"]["reason"] == "依据的上级文件已经废止，不再制定。"


def test_a_further_version_is_told_with_what_changed(world):
    register(world)
    found = factories.consultation(world)
    notice(world)
    second_draft.prepare(world, found)
    assert notice(world, NOON + timedelta(hours=1)) == []
    second_draft.publish(world, found)
    assert notice(world, NOON + timedelta(hours=1)) == [HappeningKind.REVISED]
    assert notice(world, NOON + timedelta(hours=2)) == []
    told = owed(world)[-1]
    assert told["type"] == "consultation.revised"
    data = told["data"]
    assert (data["version"], data["note"]) == (2, "吸收意见，增加经费和巡查次数。")
    assert data["compare"] == f"{URL}/consultations/hehu/compare/1/2"
    assert "reason" not in data


def test_what_is_told_is_what_the_description_says(world):
    register(world)
    found = factories.consultation(world)
    second_draft.prepare(world, found)
    second_draft.publish(world, found)
    windows.withdraw(world.session, world.actor(Role.PUBLISHER), found, "依据的上级文件已经废止，不再制定。", NOON)
    assert len(notice(world, NOON + timedelta(hours=1))) == 3
    check = Draft202012Validator({"$ref": "#/components/schemas/Event", "components": {"schemas": SCHEMAS}})
    for told in owed(world):
        check.validate(told)
    test = webhooks.test_event(
        world.session, world.seal, world.actor(Role.ADMINISTRATOR), world.session.scalars(select(Webhook)).one(), NOON
    )
    Draft202012Validator({"$ref": "#/components/schemas/TestEvent", "components": {"schemas": SCHEMAS}}).validate(
        json.loads(test.body)
    )
    assert set(WEBHOOKS) == {kind.value for kind in HappeningKind} | {"webhook.test"}


def test_nothing_is_told_before_publication(world):
    register(world)
    factories.prepared(world)
    assert notice(world, NOON + timedelta(days=60)) == []


def test_who_asked_afterwards_is_not_told(world):
    factories.consultation(world)
    register(world, at=NOON)
    assert notice(world) == [HappeningKind.PUBLISHED]
    assert owed(world) == []
    assert notice(world, NOON + timedelta(days=60)) == [HappeningKind.CLOSED]
    assert len(owed(world)) == 1


def test_only_what_was_asked_for_and_of_the_own_bureau(world):
    register(world, kinds=["consultation.closed"])
    elsewhere = factories.world(world.session, world.seal, "示例市教育局", "jyj")
    register(world, bureau_id=elsewhere.bureau.id)
    stopped, _ = register(world)
    webhooks.stop(world.session, world.actor(Role.ADMINISTRATOR), stopped, NOON)
    factories.consultation(world)
    assert notice(world) == [HappeningKind.PUBLISHED]
    assert owed(world) == []


def test_what_was_missed_is_made_up_for(world):
    """The worker was away: what happened meanwhile is told when it is back, in order."""
    register(world)
    factories.consultation(world)
    assert notice(world, NOON + timedelta(days=60)) == [HappeningKind.PUBLISHED, HappeningKind.CLOSED]


def test_of_two_workers_one_notices(database, world):
    register(world)
    factories.consultation(world)
    world.session.commit()
    faults, start = [], threading.Barrier(3)

    def work():
        start.wait()
        try:
            with database.transaction() as session:
                happenings.notice(session, NOON, URL)
        except Exception as fault:
            faults.append(fault)

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert faults == []
    assert world.session.scalar(select(func.count()).select_from(Happening)) == 1
    assert len(owed(world)) == 1


def test_a_look_costs_no_more_for_many(world, monkeypatch):
    from sqlalchemy import event

    for number in range(5):
        factories.consultation(world, f"c{number}")
    happenings.notice(world.session, NOON, URL)
    asked = []
    event.listen(world.session.get_bind(), "before_cursor_execute", lambda *args: asked.append(args[2]))
    assert happenings.unnoticed(world.session, NOON) == []
    assert len(asked) == len(HappeningKind)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"name": ""}, "name"),
        ({"bureau_id": None}, "bureau"),
        ({"url": "http://example.com/"}, "url"),
        ({"kinds": []}, "kinds"),
        ({"kinds": ["consultation.closed", "x"]}, "kinds"),
    ],
)
def test_what_is_missing_is_named(world, changes, fault):
    from portal.errors import NotValid

    with pytest.raises(NotValid) as refusal:
        register(world, **changes)
    assert refusal.value.fault == fault


def test_only_the_administrator_registers(world):
    from portal.errors import NotAllowed

    made, secret = register(world)
    assert secret.startswith("whsec_")
    assert secret not in made.secret_sealed
    for role in set(Role) - {Role.ADMINISTRATOR}:
        with pytest.raises(NotAllowed):
            webhooks.listed(world.session, world.actor(role))
        with pytest.raises(NotAllowed):
            webhooks.stop(world.session, world.actor(role), made, NOON)
