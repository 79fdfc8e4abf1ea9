"""A clock that was moved: what cannot be taken back waits, and nothing waits for days afterwards."""

import dataclasses
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal import create_app, mail
from portal.cli.steady import JUMP, PATIENCE, Steady
from portal.models import OutgoingEmail
from portal.services import jobs, outbox
from tests.factories import NOON
from tests.postgres import free_port


class Clocks:
    """The time on the wall and the machine's own."""

    def __init__(self):
        self.wall, self.own = 1_700_000_000.0, 1_000.0
        self.steady = Steady(lambda: self.wall, lambda: self.own)

    def go(self, seconds, moved=0.0):
        self.own += seconds
        self.wall += seconds + moved
        return self.steady.is_steady()


@pytest.mark.parametrize("moved", [86_400.0, -86_400.0])
def test_a_clock_that_was_moved_is_not_believed_for_an_hour(moved):
    clocks = Clocks()
    assert clocks.go(60)
    assert not clocks.go(1, moved)
    assert clocks.steady.jumped_by == pytest.approx(moved)
    assert not clocks.go(PATIENCE - 1)
    assert clocks.go(2)
    assert clocks.go(60)


def test_a_clock_that_is_put_right_again_is_believed_at_once():
    clocks = Clocks()
    assert not clocks.go(1, 86_400)
    assert clocks.go(1, -86_400)
    assert not clocks.go(1, 86_400)  # and a second time counts anew
    assert not clocks.go(PATIENCE - 10)


def test_small_corrections_add_up_without_alarm():
    clocks = Clocks()
    assert all(clocks.go(60, JUMP / 2) for _ in range(10))


def test_a_letter_tried_while_the_clock_was_wrong_does_not_wait_for_it(app, seal, settings):
    tomorrow = NOON + timedelta(days=30)
    database = app.extensions["database"]
    with database.transaction() as session:
        outbox.owe(
            session, seal, kind="receipt", recipient="a@example.com", subject="回执", body="已收到。", at=NOON,
        )  # fmt: skip
    away = create_app(
        dataclasses.replace(
            settings, mail_delivery="smtp", mail_server="127.0.0.1", mail_port=free_port(), mail_timeout=1.0
        )
    )
    assert mail.deliver(away, tomorrow) == mail.Delivery(0, 1)
    with database.reader() as session:
        assert session.scalars(select(OutgoingEmail.due_at)).one() > tomorrow
    away.extensions["database"].engine.dispose()
    assert mail.deliver(app, NOON + timedelta(minutes=1)) == mail.Delivery(1, 0)


def test_a_job_put_off_while_the_clock_was_wrong_does_not_wait_for_it(world):
    job = jobs.ask(world.session, "x", at=NOON)
    jobs.failed(world.session, job.id, OSError("away"), NOON + timedelta(days=1))
    world.session.flush()
    assert jobs.due(world.session, NOON + timedelta(minutes=1)) == [job.id]
    later = jobs.ask(world.session, "y", at=NOON, due_at=NOON + timedelta(minutes=10))
    world.session.flush()
    assert later.id not in jobs.due(world.session, NOON)
