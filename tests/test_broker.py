"""The broker: what is put into it and when, what is read from it, and that nobody fails or waits when it is away."""

from __future__ import annotations

import dataclasses
import logging
import pickle
import socket
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
import redis
from huey.registry import Message
from sqlalchemy import select

from portal import broker, config, create_app, mail
from portal.access import Role
from portal.broker import Broker, JobNumbers, NoNumber
from portal.cli import hands, work
from portal.models import Job
from portal.rules.words import JobState
from portal.services import jobs, last_runs
from tests import factories, pages
from tests.factories import NOON
from tests.postgres import free_port
from tests.redis import RedisServer


@pytest.fixture(scope="module")
def server():
    made = RedisServer()
    yield made
    made.remove()


@pytest.fixture
def brokered(settings, server):
    """An application with a broker, and what is in its queue."""
    made = create_app(dataclasses.replace(settings, broker=server.url))
    made.test_client_class = pages.Browser
    made.extensions["clock"] = lambda: NOON
    yield made
    client = redis.Redis.from_url(server.url)
    client.flushdb()
    client.close()
    made.extensions["database"].engine.dispose()


def queued(app):
    return broker.of(app).queued()


def ask(app, key="count:1", at=NOON):
    with app.extensions["database"].transaction() as session:
        return jobs.ask(session, "count", at=at, key=key).id


# ── what is put in ────────────────────────────────────────────────────────────────────────────────────


def test_a_job_is_handed_on_after_its_commit_and_not_before(brokered):
    with brokered.extensions["database"].writer() as session:
        first = jobs.ask(session, "count", at=NOON, key="count:1")
        with session.begin_nested():
            second = jobs.ask(session, "count", at=NOON, key="count:2")
        assert queued(brokered) == set()
        session.commit()
        assert queued(brokered) == {first.id, second.id}


def test_what_was_rolled_back_is_not_handed_on(brokered):
    with brokered.extensions["database"].writer() as session:
        jobs.ask(session, "count", at=NOON)
        session.rollback()
    assert queued(brokered) == set()


def test_asking_for_what_waits_already_hands_nothing_on(brokered):
    ask(brokered)
    redis.Redis.from_url(broker.of(brokered)._url).flushdb()
    ask(brokered)
    assert queued(brokered) == set()


def test_a_job_that_is_taken_up_again_is_handed_on(brokered, seal):
    with brokered.extensions["database"].transaction() as session:
        made = factories.world(session, seal)
        actor = made.actor(Role.MODERATOR)
        found = jobs.ask(session, "count", at=NOON, consultation=factories.consultation(made))
        found.state = JobState.FAILED
        session.info.clear()
    assert queued(brokered) == set()
    with brokered.extensions["database"].transaction() as session:
        jobs.go_on(session, actor, session.get_one(Job, found.id), NOON)
    assert queued(brokered) == {found.id}


def test_a_page_hands_on_what_it_asked_for(brokered, seal):
    with brokered.extensions["database"].transaction() as session:
        factories.consultation(factories.world(session, seal))
    moderator = brokered.test_client().sign_in("moderator")
    assert moderator.post("/office/consultations/hehu/points/", data={}).status_code == 302
    assert len(queued(brokered)) == 1


def test_two_sites_on_one_redis_have_a_queue_each(brokered, settings, server):
    from portal.sealing import IndexKey

    other = create_app(dataclasses.replace(settings, broker=server.url, index_key=IndexKey(b"other" * 8)))
    ask(brokered)
    assert broker.of(brokered).length() == 1
    assert broker.of(other).length() == 0
    other.extensions["database"].engine.dispose()


# ── what is read ──────────────────────────────────────────────────────────────────────────────────────


def test_a_message_is_a_number_and_nothing_else():
    numbers = JobNumbers()
    numbers.task = "job"
    written = numbers.serialize(Message("x", "job", args=(17,), kwargs={}))
    assert written == b"17"
    read = numbers.deserialize(written)
    assert (read.name, read.args, read.kwargs, read.eta, read.on_complete) == ("job", (17,), {}, None, None)
    for wrong in (
        b"",
        b"0",
        b"01",
        b"-1",
        b"1.0",
        b" 1",
        b"1\n",
        b"2147483648",
        b"9" * 99,
        "１".encode(),
        pickle.dumps(1),
    ):
        with pytest.raises(NoNumber):
            numbers.deserialize(wrong)
    assert numbers.deserialize(b"2147483647").args == (2_147_483_647,)


def test_what_is_no_number_is_thrown_away_and_told_of(brokered, server, caplog):
    done = []
    worker = broker.of(brokered).for_work(done.append)
    redis.Redis.from_url(server.url).lpush(worker._queue.storage.queue_key, pickle.dumps({"job": 1}), b"5")
    with caplog.at_level(logging.WARNING, "portal.broker"):
        worker.do_next()
        worker.do_next()
    assert done == [5]
    assert [record.message for record in caplog.records] == ["A message that is no number of a job was thrown away"]


# ── the broker is away ────────────────────────────────────────────────────────────────────────────────


def test_without_it_the_act_stands_and_the_log_says_it_once(settings, caplog):
    made = create_app(dataclasses.replace(settings, broker=f"redis://127.0.0.1:{free_port()}/1"))
    with caplog.at_level(logging.WARNING, "portal.broker"):
        asked = [ask(made, f"count:{number}") for number in range(5)]
    assert [record.message for record in caplog.records] == [
        "The broker is away (ConnectionError): jobs are done as the rows say"
    ]
    with made.extensions["database"].reader() as session:
        assert list(session.scalars(select(Job.id).order_by(Job.id))) == asked
    answer = made.test_client().get("/readyz")
    assert (answer.status_code, answer.text) == (200, "ok\nbroker: away, jobs are done as the rows say\n")
    made.extensions["database"].engine.dispose()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_silent_broker_costs_a_moment_and_no_more(settings):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        made = create_app(dataclasses.replace(settings, broker=f"redis://127.0.0.1:{silent.getsockname()[1]}/1"))
        began = time.monotonic()
        for number in range(20):
            ask(made, f"count:{number}")
        assert time.monotonic() - began < 3
        assert broker.of(made).presence.is_away
        made.extensions["database"].engine.dispose()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_full_redis_and_one_with_another_password_are_away(settings, server, brokered):
    client = redis.Redis.from_url(server.url)
    client.config_set("maxmemory", 1)
    try:
        ask(brokered)
        assert broker.of(brokered).presence.is_away
    finally:
        client.config_set("maxmemory", 0)
    client.config_set("requirepass", "secret")
    try:
        locked = Broker(server.url, "portal")
        assert not locked.hand_on([1])
        assert locked.length() is None
    finally:
        redis.Redis.from_url(server.url, password="secret").config_set("requirepass", "")


def test_when_it_is_back_what_was_left_is_handed_on(brokered, server, monkeypatch, caplog):
    monkeypatch.setattr(broker, "LOOK_AGAIN", 0.0)
    server.stop()
    asked = ask(brokered)
    server.start()
    database = brokered.extensions["database"]
    with caplog.at_level(logging.WARNING, "portal.broker"):
        # not yet: whoever handed it on may only be slow
        assert broker.sweep(broker.of(brokered), database, NOON + timedelta(seconds=1)) == 0
        assert broker.sweep(broker.of(brokered), database, NOON + timedelta(seconds=6)) == 1
    assert queued(brokered) == {asked}
    assert caplog.records[-1].message == "The broker is back: jobs are handed out again"
    # once: it is in the queue now
    assert broker.sweep(broker.of(brokered), database, NOON + timedelta(seconds=12)) == 0


def test_what_somebody_has_in_hand_is_not_handed_on_again(brokered):
    asked = ask(brokered)
    redis.Redis.from_url(broker.of(brokered)._url).flushdb()
    database, later = brokered.extensions["database"], NOON + timedelta(minutes=1)
    with database.reader() as looking:
        assert jobs.take(looking, asked)
        in_hand = jobs.waiting(looking, later, broker.LOST_AFTER)
        jobs.let_go(looking, asked)
        looking.commit()
        # SQLite cannot know; there it is handed on, and found done or in other hands
        assert in_hand == ([] if database.engine.dialect.name == "postgresql" else [asked])
        assert jobs.waiting(looking, later, broker.LOST_AFTER) == [asked]


def test_no_day_of_rows_that_are_not_due_is_swept(brokered):
    ask(brokered, at=NOON + timedelta(minutes=5))
    redis.Redis.from_url(broker.of(brokered)._url).flushdb()
    assert broker.sweep(broker.of(brokered), brokered.extensions["database"], NOON) == 0


# ── hands ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def counted(monkeypatch):
    """A kind of job of five steps, the only one there is; what was seen of it."""
    seen = []

    def apply(_session, job, _setting, _gathered):
        job.place = {"next": job.place.get("next", 0) + 1}
        job.done += 1
        seen.append((job.id, job.done))
        return job.done >= 5

    monkeypatch.setattr(work, "KINDS", {"count": jobs.Kind(apply)})
    return seen


def wait_until_done(app, *job_ids):
    until = time.monotonic() + 20
    while True:
        with app.extensions["database"].reader() as session:
            states = set(session.scalars(select(Job.state).where(Job.id.in_(job_ids))))
        if states == {JobState.DONE}:
            return
        assert time.monotonic() < until, states
        time.sleep(0.02)


def with_hands(app, number=1):
    ours = hands.hands(app, number)
    for hand in ours:
        hand.go_on()
    return ours


def end(ours):
    for hand in ours:
        hand.end_soon()
    for hand in ours:
        hand.end()


@pytest.mark.parametrize("is_brokered", [True, False])
def test_a_hand_does_what_is_asked_for(app, brokered, counted, is_brokered):
    app = brokered if is_brokered else app
    ours = with_hands(app)
    assert [type(hand) for hand in ours] == [hands.HandAtQueue if is_brokered else hands.Hand]
    asked = ask(app, at=datetime.now(UTC))
    wait_until_done(app, asked)
    end(ours)
    assert counted == [(asked, number) for number in range(1, 6)]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("is_brokered", [True, False])
def test_of_two_jobs_none_waits_for_the_end_of_the_other(app, brokered, counted, monkeypatch, is_brokered):
    app = brokered if is_brokered else app
    monkeypatch.setattr(hands, "TURN", 0.0)
    first, second = (ask(app, key, datetime.now(UTC)) for key in ("count:1", "count:2"))
    ours, began = with_hands(app), time.monotonic()
    wait_until_done(app, first, second)
    # without a rest between the turns
    assert time.monotonic() - began < 4 * hands.ROUND
    end(ours)
    assert [job_id for job_id, _ in counted] == [first, second] * 5


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_clock_that_is_a_little_ahead_elsewhere_delays_nothing(brokered, counted):
    ours = with_hands(brokered)
    began = time.monotonic()
    wait_until_done(brokered, ask(brokered, at=datetime.now(UTC) + timedelta(seconds=1)))
    assert 0.9 < time.monotonic() - began < 4
    end(ours)


def test_ten_times_one_number_in_four_hands(brokered, counted):
    ours = with_hands(brokered, 4)
    asked = ask(brokered, at=datetime.now(UTC))
    assert broker.of(brokered).hand_on([asked] * 10)
    wait_until_done(brokered, asked)
    end(ours)
    assert counted == [(asked, number) for number in range(1, 6)]


def test_a_long_step_holds_up_no_letter(app, monkeypatch):
    """The rounds of the worker go on beside its hand."""
    is_in_hand, may_end = threading.Event(), threading.Event()

    def gather(_session, _job, _setting):
        is_in_hand.set()
        assert may_end.wait(20)

    monkeypatch.setattr(work, "KINDS", {"count": jobs.Kind(lambda *_: True, gather)})
    asked = ask(app, at=datetime.now(UTC))
    ours = with_hands(app)
    assert is_in_hand.wait(20)
    assert mail.deliver(app) == mail.Delivery(0, 0)
    with app.extensions["database"].transaction() as session:
        assert session.get_one(Job, asked).state is JobState.WAITING
    may_end.set()
    wait_until_done(app, asked)
    end(ours)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_without_a_broker_there_is_nothing_to_consume(app):
    run = app.test_cli_runner()
    for command, words in ((["consumer"], "PORTAL_BROKER is not set"), (["worker", "--no-jobs"], "PORTAL_BROKER")):
        answer = run.invoke(args=command)
        assert answer.exit_code == 2
        assert words in answer.stderr


@pytest.mark.parametrize("url", ["http://127.0.0.1", "127.0.0.1:6379", "memory"])
def test_an_address_that_is_none_is_refused(tmp_path, url):
    with pytest.raises(ValueError, match="PORTAL_BROKER"):
        config.from_environment({"PORTAL_DATA_DIR": str(tmp_path), "PORTAL_BROKER": url})


def test_the_address_may_stand_in_a_file(tmp_path):
    (tmp_path / "broker").write_text("redis://:secret@127.0.0.1:6379/1\n")
    found = config.from_environment({"PORTAL_DATA_DIR": str(tmp_path), "PORTAL_BROKER_FILE": str(tmp_path / "broker")})
    assert found.broker == "redis://:secret@127.0.0.1:6379/1"
    assert config.from_environment({"PORTAL_DATA_DIR": str(tmp_path)}).broker == ""


# ── what the operation is told ────────────────────────────────────────────────────────────────────────


def test_the_operation_is_told_of_the_broker(brokered, seal, server):
    with brokered.extensions["database"].transaction() as session:
        factories.world(session, seal)
    administrator = brokered.test_client().sign_in("administrator")
    ask(brokered)
    page = administrator.page("/office/running/").text
    assert "没有进程在办后台任务" in page
    assert "后台任务经它分派，1项在排队" in page
    with brokered.extensions["database"].transaction() as session:
        last_runs.note(session, last_runs.CONSUMER, NOON - timedelta(minutes=4))
    page = administrator.page("/office/running/").text
    assert "没有进程在办后台任务" not in page
    assert "后台任务经它分派，1项在排队" in page
    figures = brokered.test_client().get("/metrics").text
    assert "portal_broker_up 1.0" in figures
    assert "portal_broker_waiting 1.0" in figures
    server.stop()
    try:
        assert "连不上。后台任务改按数据库里的记录办理" in administrator.page("/office/running/").text
        assert "portal_broker_up 0.0" in brokered.test_client().get("/metrics").text
    finally:
        server.start()


def test_where_none_is_set_nothing_is_said_of_it(app, site):
    assert "任务队列" not in app.test_client().sign_in("administrator").page("/office/running/").text
    assert "portal_broker" not in app.test_client().get("/metrics").text
    assert app.test_client().get("/readyz").text == "ok\n"
