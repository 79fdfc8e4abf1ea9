"""Keys of the JSON interface: shown once, kept as a hash, good for what they were made for and no longer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.access import Role
from portal.errors import AlreadyDone, NotAllowed, NotThere, NotValid
from portal.models import AuditEvent
from portal.services import api_keys, audit, people
from tests import factories
from tests.factories import NOON


def platform_key(world, **changes):
    values = {"bureau_id": world.bureau.id, "name": "市政府客户端", "scopes": ["submissions:write"], "per_minute": 60}
    return api_keys.make_for_platform(
        world.session, world.seal, world.actor(Role.ADMINISTRATOR), at=NOON, **{**values, **changes}
    )


def own_key(world, role=Role.MODERATOR, **changes):
    values = {"name": "值班脚本", "scopes": ["moderation:read"], "days": 30, "password": factories.PASSWORD}
    return api_keys.make_own(world.session, world.seal, world.staff[role], at=NOON, **{**values, **changes})


def test_a_key_is_known_by_its_secret_which_is_kept_nowhere(world):
    made, key = platform_key(world)
    assert key.startswith(f"{made.public_id}_")
    assert made.public_id.startswith("cpk_")
    secret = key.removeprefix(f"{made.public_id}_")
    assert len(secret) >= 40
    assert secret not in repr(vars(made))
    assert api_keys.recognised(world.session, world.seal, key, NOON).id == made.id
    for wrong in (key[:-1], key + "x", made.public_id, f"{made.public_id}_", "cpk_", "", "x" * 5000, key.upper()):
        assert api_keys.recognised(world.session, world.seal, wrong, NOON) is None
    assert secret not in repr([event.details for event in world.session.scalars(select(AuditEvent))])


def test_one_with_another_secret_is_compared_whole(world, monkeypatch):
    made, _ = platform_key(world)
    compared = []
    monkeypatch.setattr(api_keys.hmac, "compare_digest", lambda a, b: compared.append((a, b)) or a == b)
    assert api_keys.recognised(world.session, world.seal, f"{made.public_id}_wrong", NOON) is None
    assert api_keys.recognised(world.session, world.seal, "cpk_unknown_wrong", NOON) is None
    assert [len(a) == len(b) == 64 for a, b in compared] == [True, True]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"name": " "}, "name"),
        ({"bureau_id": None}, "bureau"),
        ({"bureau_id": 999}, "bureau"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["moderation:write"]}, "scopes"),
        ({"scopes": ["submissions:write", "everything"]}, "scopes"),
        ({"per_minute": 0}, "per_minute"),
        ({"per_minute": 10_000}, "per_minute"),
    ],
)
def test_what_is_missing_is_named(world, changes, fault):
    world.session.flush()
    with pytest.raises(NotValid) as refusal:
        platform_key(world, **changes)
    assert refusal.value.fault == fault


def test_only_the_administrator_makes_and_ends_keys_of_platforms(world):
    made, key = platform_key(world)
    for role in set(Role) - {Role.ADMINISTRATOR}:
        with pytest.raises(NotAllowed):
            api_keys.make_for_platform(
                world.session, world.seal, world.actor(role), bureau_id=world.bureau.id, name="x",
                scopes=["submissions:write"], per_minute=None, at=NOON,
            )  # fmt: skip
        with pytest.raises(NotAllowed):
            api_keys.listed(world.session, world.actor(role))
        with pytest.raises(NotThere):
            api_keys.revoke(world.session, world.actor(role), made.id, NOON)
    api_keys.revoke(world.session, world.actor(Role.ADMINISTRATOR), made.id, NOON)
    assert api_keys.recognised(world.session, world.seal, key, NOON) is None
    with pytest.raises(AlreadyDone):
        api_keys.revoke(world.session, world.actor(Role.ADMINISTRATOR), made.id, NOON)
    acts = [event.act for event in world.session.scalars(select(AuditEvent)) if event.act.startswith("key.")]
    assert acts == ["key.create", "key.revoke"]
    assert list(audit.verify(world.session)) == []


def test_ones_own_key_needs_the_password_and_ends_by_itself(world):
    with pytest.raises(NotValid) as refusal:
        own_key(world, password="wrong")
    assert refusal.value.fault == "password"
    with pytest.raises(NotValid):
        own_key(world, days=3650)
    _, key = own_key(world, days=7)
    assert key.startswith("cps_")
    assert api_keys.recognised(world.session, world.seal, key, NOON + timedelta(days=7) - timedelta(seconds=1))
    assert api_keys.recognised(world.session, world.seal, key, NOON + timedelta(days=7)) is None


def test_nobody_makes_a_key_for_what_their_role_does_not_allow(world):
    for role in set(Role) - {Role.MODERATOR}:
        with pytest.raises(NotValid):
            own_key(world, role)


def test_ones_own_key_is_nobody_elses_to_end(world):
    made, _ = own_key(world)
    for role in set(Role) - {Role.MODERATOR}:
        with pytest.raises(NotThere):
            api_keys.revoke(world.session, world.actor(role), made.id, NOON)
    api_keys.revoke(world.session, world.actor(Role.MODERATOR), made.id, NOON)


def test_a_closed_account_has_no_keys(world):
    _, key = own_key(world)
    moderator = world.staff[Role.MODERATOR]
    people.close(world.session, world.actor(Role.ADMINISTRATOR), moderator, NOON)
    assert api_keys.recognised(world.session, world.seal, key, NOON) is None
    people.grant(world.session, world.seal, world.actor(Role.SECURITY), moderator, NOON, site="", url="")
    assert api_keys.recognised(world.session, world.seal, key, NOON) is None


def test_there_are_only_so_many(world):
    for _ in range(api_keys.MOST_OWN):
        own_key(world)
    with pytest.raises(NotValid):
        own_key(world)
