"""Signing in: right and wrong passwords, locking, idling, ending."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal.access import Role
from portal.errors import NotAllowed, NotValid
from portal.rules import passwords
from portal.services import accounts
from tests.factories import NOON, PASSWORD


def sign_in(world, login="moderator", password=PASSWORD, at=NOON):
    found = accounts.recognise(world.session, login, password, at)
    token = accounts.begin(world.session, world.seal, found, at) if found else None
    world.session.flush()
    return token


def who(world, token, at=NOON):
    found = accounts.signed_in(world.session, world.seal, token, at)
    return found.account.login if found else None


def test_the_right_password_opens(world):
    token = sign_in(world)
    assert who(world, token) == "moderator"


@pytest.mark.parametrize(("login", "password"), [("moderator", "wrong"), ("nobody", PASSWORD), ("", "")])
def test_anything_else_does_not(world, login, password):
    assert sign_in(world, login, password) is None


def test_five_failures_lock_for_half_an_hour(world):
    for _ in range(5):
        assert sign_in(world, password="wrong") is None
    with pytest.raises(NotAllowed, match="半小时"):
        sign_in(world)
    assert sign_in(world, at=NOON + timedelta(minutes=31))


def test_a_sign_in_ends_when_idle_old_or_ended(world):
    token = sign_in(world)
    assert who(world, token, NOON + timedelta(minutes=29)) == "moderator"
    assert who(world, token, NOON + timedelta(minutes=31)) is None
    at = NOON
    while at < NOON + timedelta(hours=13):
        accounts.keep_alive(world.session, world.seal, token, at)
        at += timedelta(minutes=20)
    assert who(world, token, at) is None
    token = sign_in(world)
    accounts.sign_out(world.session, world.seal, token, world.actor(Role.MODERATOR), NOON)
    assert who(world, token) is None


def test_a_closed_account_is_out_at_once(world):
    token = sign_in(world)
    world.staff[Role.MODERATOR].is_active = False
    world.session.flush()
    assert who(world, token) is None
    assert sign_in(world) is None


def test_the_token_is_not_in_the_database(world):
    from sqlalchemy import text

    token = sign_in(world)
    assert world.session.scalar(text("SELECT token_trace FROM sign_in")) != token


@pytest.mark.parametrize(
    ("login", "password", "fault"), [("moderator", PASSWORD, "login"), ("new", "short", "password")]
)
def test_accounts_are_made_with_care(world, login, password, fault):
    with pytest.raises(NotValid) as refused:
        accounts.create(
            world.session, login=login, name="新人", role=Role.DRAFTER, bureau=world.bureau, password=password, at=NOON
        )
    assert refused.value.fault == fault


def test_easy_passwords_differ_and_are_long_enough():
    made = {accounts.easy_password() for _ in range(100)}
    assert len(made) == 100
    assert min(map(len, made)) >= passwords.SHORTEST
