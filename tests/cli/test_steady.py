"""A clock that was moved: what cannot be taken back waits, and nothing waits for days afterwards."""

import dataclasses
import re
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from portal import create_app, mail
from portal.access import Role
from portal.cli.steady import JUMP, PATIENCE, Steady
from portal.models import Consultation, LastRun, OutgoingEmail
from portal.rules import health, window
from portal.services import jobs, outbox, scheduling
from tests import factories
from tests.crash.site import Site
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


# ── beside the database server's clock ────────────────────────────────────────────────────────────────


def test_while_it_is_not_where_the_database_servers_is_it_is_not_believed():
    clocks, apart = Clocks(), [0.0]
    steady = Steady(lambda: clocks.wall, lambda: clocks.own, lambda: apart[0])
    assert steady.is_steady()
    for wrong in (health.CLOCK_WRONG + 1, -health.CLOCK_WRONG - 1):
        apart[0] = wrong
        assert not steady.is_steady()
        clocks.own += 2 * PATIENCE  # no patience makes it right
        clocks.wall += 2 * PATIENCE
        assert not steady.is_steady()
        assert "apart from the database server's" in steady.doubt()
        apart[0] = health.CLOCK_WRONG - 1
        assert steady.is_steady()


def test_both_moved_together_is_not_believed_either():
    clocks = Clocks()
    clocks.steady = Steady(lambda: clocks.wall, lambda: clocks.own, lambda: 0.0)
    assert not clocks.go(1, 86_400)
    assert clocks.steady.doubt() == "the clock was moved by +24.0 hours; waits for 60 minutes"


def test_a_database_server_has_a_clock_and_a_file_has_none(database):
    apart = database.clock_apart()
    if database.engine.dialect.name == "sqlite":
        assert apart is None
    else:
        assert abs(apart) < 5


@pytest.fixture
def hour_ahead(database, monkeypatch):
    """PostgreSQL whose own clock is an hour behind this machine's."""
    name = database.engine.url.database
    with database.engine.connect() as connection:
        connection.execute(text("CREATE SCHEMA moved"))
        connection.execute(
            text(
                "CREATE FUNCTION moved.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS"
                " 'SELECT pg_catalog.clock_timestamp() - interval ''1 hour'''"
            )
        )
        connection.execute(text(f"ALTER DATABASE {name} SET search_path = moved, public, pg_catalog"))
        connection.commit()
    database.engine.dispose()
    return database


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    "command",
    [["consultations", "publish-due"], ["data", "erase-expired"], ["ledger", "publish"], ["webhooks", "deliver"]],
)
def test_commands_that_cannot_be_taken_back_refuse(hour_ahead, app, command):
    assert hour_ahead.clock_apart() == pytest.approx(3600, abs=5)
    answer = app.test_cli_runner().invoke(args=command)
    assert answer.exit_code == 2
    assert "The clock is +3600 seconds apart" in answer.stderr


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_page_of_the_operation_says_it(hour_ahead, app, site):
    page = app.test_client().sign_in("administrator").page("/office/running/")
    assert "比数据库服务器快3600秒" in page.text
    assert "不能撤回的事都停着" in page.text
    figures = app.test_client().get("/metrics").text
    assert re.search(r"^portal_clock_apart_seconds 3(600|599)\.", figures, re.M)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_worker_with_a_wrong_clock_publishes_nothing_until_it_is_right(hour_ahead, seal, tmp_path):
    with hour_ahead.writer() as session:
        made = factories.world(session, seal)
        when = datetime.now(UTC) + timedelta(seconds=2)
        today = window.day_in_beijing(when)
        found = factories.prepared(made, opens_on=today, closes_on=today + timedelta(days=30))
        scheduling.plan(session, made.actor(Role.PUBLISHER), found, when, datetime.now(UTC))
        session.commit()
    site = Site(hour_ahead.url, tmp_path / "site")

    def look():
        with hour_ahead.reader() as session:
            run = session.get(LastRun, "worker")
            return session.scalars(select(Consultation.first_published_at)).one(), run.outcome if run else {}

    try:
        site.start("worker")
        until = time.monotonic() + 60
        while look()[1].get("clock_apart") != pytest.approx(3600, abs=5):
            assert time.monotonic() < until
            time.sleep(0.2)
        while datetime.now(UTC) < when + timedelta(seconds=4):
            time.sleep(0.2)
        assert look()[0] is None
        with hour_ahead.engine.connect() as connection:
            connection.execute(text("DROP FUNCTION moved.clock_timestamp()"))
            connection.commit()
        while look()[0] is None:
            assert time.monotonic() < until + 60
            time.sleep(0.2)
    finally:
        site.end()
