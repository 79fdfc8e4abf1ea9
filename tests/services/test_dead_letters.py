"""Letters nobody could deliver: masked, sent again or given up by an administrator only, and logged."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal.access import Actor, Role
from portal.errors import AlreadyDone, NotAllowed, NotThere, NotValid
from portal.models import AuditEvent
from portal.services import dead_letters, measuring, outbox
from portal.services.outbox import GIVEN_UP_AFTER
from tests.factories import NOON

ADMIN = Actor(None, "管理员", Role.ADMINISTRATOR, 1)
FAULT = "SMTPRecipientsRefused: {'zhangsan@example.com': (550, b'no such user <zhangsan@example.com>')}"


@pytest.fixture
def owe(world, seal):
    def owe(attempts=GIVEN_UP_AFTER, fault=FAULT):
        letter = outbox.owe(
            world.session,
            seal,
            kind="receipt",
            recipient="zhangsan@example.com",
            subject="回执",
            body="secret",
            at=NOON,
        )
        letter.attempts, letter.last_fault = attempts, fault
        world.session.flush()
        return letter

    return owe


def test_what_waits_is_shown_masked_and_without_its_words(world, seal, owe):
    dead, failing, fresh = owe(), owe(attempts=2), owe(attempts=0, fault="")
    (shown,) = dead_letters.listed(world.session, seal, ADMIN)
    assert (shown.letter, shown.to) == (dead, "z***@example.com")
    assert "zhangsan" not in shown.fault
    assert "550" in shown.fault
    assert [one.letter for one in dead_letters.late(world.session, seal, ADMIN)] == [failing]
    assert measuring.measure(world.session, NOON).letters_given_up == 1
    assert measuring.measure(world.session, NOON).letters_waiting == 2
    assert fresh.sent_at is None


def test_sent_again_it_begins_anew(world, seal, owe):
    letter = dead_letters.letter(world.session, ADMIN, owe().id)
    dead_letters.send_again(world.session, ADMIN, letter, NOON)
    assert (letter.attempts, letter.due_at) == (0, NOON)
    assert dead_letters.listed(world.session, seal, ADMIN) == []
    with pytest.raises(AlreadyDone):
        dead_letters.letter(world.session, ADMIN, letter.id)
    owe(), owe()
    assert dead_letters.send_all_again(world.session, ADMIN, NOON) == 2
    assert dead_letters.send_all_again(world.session, ADMIN, NOON) == 0
    acts = world.session.scalars(select(AuditEvent).where(AuditEvent.act == "letter.again")).all()
    assert [event.details for event in acts] == [{"kind": "receipt"}, {"count": 2}]


def test_given_up_it_is_neither_sent_nor_counted(world, seal, owe):
    letter = owe()
    with pytest.raises(NotValid, match="理由"):
        dead_letters.give_up(world.session, ADMIN, letter, "  ", NOON)
    dead_letters.give_up(world.session, ADMIN, letter, "地址已失效，已电话告知", NOON)
    assert dead_letters.listed(world.session, seal, ADMIN) == []
    assert [one.letter for one in dead_letters.given_up(world.session, seal, ADMIN)] == [letter]
    assert measuring.measure(world.session, NOON).letters_given_up == 0
    assert dead_letters.send_all_again(world.session, ADMIN, NOON) == 0
    event = world.session.scalars(select(AuditEvent).where(AuditEvent.act == "letter.give_up")).one()
    assert event.details["reason"] == "地址已失效，已电话告知"
    with pytest.raises(AlreadyDone):
        dead_letters.letter(world.session, ADMIN, letter.id)


def test_pages_follow_one_another(world, seal, owe, monkeypatch):
    monkeypatch.setattr(dead_letters, "PAGE", 2)
    made = [owe().id for _ in range(3)][::-1]
    first = dead_letters._shown(world.session, seal, ADMIN, dead_letters.waits_for_a_person(), 0, limit=2)
    then = dead_letters.listed(world.session, seal, ADMIN, before=first[-1].letter.id)
    assert [one.letter.id for one in (*first, *then)] == made


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_nobody_else_may(world, seal, owe, role):
    other = Actor(None, "x", role, 1)
    letter = owe()
    for act in (
        lambda: dead_letters.listed(world.session, seal, other),
        lambda: dead_letters.letter(world.session, other, letter.id),
        lambda: dead_letters.send_again(world.session, other, letter, NOON),
        lambda: dead_letters.send_all_again(world.session, other, NOON),
        lambda: dead_letters.give_up(world.session, other, letter, "x", NOON),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_a_letter_that_is_not_there(world):
    with pytest.raises(NotThere):
        dead_letters.letter(world.session, ADMIN, 99)


def test_a_letter_of_a_lost_key_can_still_be_given_up(world, owe):
    from portal.sealing import Seal

    owe()
    (shown,) = dead_letters.listed(world.session, Seal(b"x" * 32), ADMIN)
    assert shown.to == ""
