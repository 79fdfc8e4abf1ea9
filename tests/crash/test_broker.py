"""Jobs through a real broker: handed to processes that were started as one starts them, killed, doubled, lost."""

from __future__ import annotations

import pickle
import re
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
import redis
from sqlalchemy import func, select, text

from portal import broker
from portal.access import Role
from portal.db import Database
from portal.models import Account, Consultation, Job, SummaryFile
from portal.rules.words import JobState
from portal.sealing import Seal
from portal.services import building, jobs
from tests import factories
from tests.crash.site import KEY, Site, open_consultation
from tests.crash.visitors import Visitor
from tests.redis import RedisServer

POSTGRES = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
#: the name of the site's queue in Redis
QUEUE = f"huey.redis.portal{Seal(KEY).trace('jobs', 'broker')[:12]}"
SAID = 40


@pytest.fixture
def server():
    made = RedisServer()
    yield made
    made.remove()


@pytest.fixture
def site(database_url, tmp_path, server):
    """The site with its broker; nothing of it is started yet."""
    made = Site(database_url, tmp_path / "site", PORTAL_BROKER=server.url)
    yield made
    made.end()


@pytest.fixture
def database(database_url):
    """The consultation that is open, with comments whose files take some time."""
    made = Database(database_url)
    open_consultation(made)
    with made.writer() as session:
        found = session.scalars(select(Consultation)).one()
        world = factories.World(session, Seal(KEY), found.bureau, {})
        for number in range(SAID):
            factories.submission(world, found, f"第{number}条意见：河道保洁应当每日巡查。")
        session.commit()
    yield made
    made.engine.dispose()


def signed_in(site, login="publisher"):
    visitor = Visitor(site.ports[0])
    _, _, page = visitor.ask("GET", "/office/sign-in")
    visitor.token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page).group(1)
    assert visitor.ask("POST", "/office/sign-in", login=login, password=factories.PASSWORD)[0] == 302
    return visitor


def ask_for_points(visitor):
    assert visitor.ask("POST", "/office/consultations/hehu/points/", x="")[0] == 302


def keep_summary(database):
    """A job of many steps: the files of a summary that is kept."""
    with database.transaction() as session:
        drafter = session.scalars(select(Account).where(Account.login == Role.DRAFTER.value)).one()
        found = session.scalars(select(Consultation)).one()
        building.freeze(session, drafter.actor, found, datetime.now(UTC), "https://example.gov.cn")
        return session.scalar(select(func.max(Job.id)))


def job(database, job_id=None):
    with database.reader() as session:
        return session.get(Job, job_id) if job_id else session.scalars(select(Job).order_by(Job.id.desc())).first()


def wait_until(is_so, seconds=60.0):
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.05)


def is_done(database, job_id=None):
    found = job(database, job_id)
    return found is not None and found.state is JobState.DONE


def files(database):
    with database.reader() as session:
        return list(session.scalars(select(SummaryFile.name).order_by(SummaryFile.id)))


def ready(site):
    return Visitor(site.ports[0]).ask("GET", "/readyz")


def wait_for_consumer(server, number=1):
    """Until so many wait at the queue."""
    client = redis.Redis.from_url(server.url)
    wait_until(lambda: sum(each["cmd"] == "brpop" for each in client.client_list()) >= number)
    client.close()


def test_a_page_asks_and_a_consumer_does_it_at_once(site, database, server):
    site.begin("consumer")
    wait_for_consumer(server)
    publisher = signed_in(site, "moderator")
    began = time.monotonic()
    ask_for_points(publisher)
    wait_until(lambda: is_done(database))
    # sooner than anything that was lost would be handed on again
    assert time.monotonic() - began < broker.LOST_AFTER.total_seconds()
    assert job(database).attempts == 0
    assert ready(site)[2] == "ok\nbroker: 0 waiting\n"


@POSTGRES
def test_a_broker_that_is_away_stops_nobody(site, database, server):
    site.begin()
    moderator = signed_in(site, "moderator")
    server.stop()
    began = time.monotonic()
    ask_for_points(moderator)
    assert time.monotonic() - began < 3
    assert ready(site)[0] == 200
    assert "broker: away" in ready(site)[2]
    asked = job(database)
    assert asked.state is JobState.WAITING

    # nobody was there; when the broker is, whoever comes first hands on what waits
    server.start()
    site.start("consumer")
    wait_until(lambda: is_done(database, asked.id))

    # and while it is away again, the consumer does what the rows say
    server.stop()
    ask_for_points(moderator)
    other = job(database)
    assert other.id != asked.id
    wait_until(lambda: is_done(database, other.id))


@POSTGRES
def test_killed_in_the_middle_another_finishes(site, database, server):
    number = keep_summary(database)
    site.start("consumer")
    wait_until(lambda: job(database, number).done >= 2)
    site.kill("consumer")
    left = job(database, number)
    assert left.state is JobState.RUNNING
    assert left.done < len(building.NAMES)
    site.start("consumer", called="second consumer")
    wait_until(lambda: is_done(database, number))
    assert files(database) == list(building.NAMES)
    assert job(database, number).done == len(building.NAMES)


@POSTGRES
def test_ten_times_the_same_number_is_done_once(site, database, server):
    site.start("consumer")
    site.start("consumer", called="second consumer")
    wait_for_consumer(server, 2)
    number = keep_summary(database)
    client = redis.Redis.from_url(server.url)
    client.lpush(QUEUE, *[str(number)] * 10)
    wait_until(lambda: is_done(database, number))
    wait_until(lambda: client.llen(QUEUE) == 0)
    client.close()
    assert files(database) == list(building.NAMES)
    found = job(database, number)
    assert (found.done, found.attempts, found.fault) == (len(building.NAMES), 0, "")


@POSTGRES
def test_two_consumers_do_one_each(site, database, server):
    site.start("consumer")
    site.start("consumer", called="second consumer")
    wait_for_consumer(server, 2)
    numbers = {keep_summary(database), keep_summary(database)}
    redis.Redis.from_url(server.url).lpush(QUEUE, *map(str, numbers))
    held = text(
        "SELECT count(DISTINCT pid), count(DISTINCT objid) FROM pg_locks WHERE locktype = 'advisory' AND classid = :kind"
    )
    with database.reader() as session:

        def is_in_both_hands():
            found = tuple(session.execute(held, {"kind": jobs._JOB_LOCK}).one())
            session.rollback()
            return found == (2, 2)

        wait_until(is_in_both_hands)
    for number in numbers:
        wait_until(lambda number=number: is_done(database, number))
    assert sorted(files(database)) == sorted(building.NAMES * 2)


class Harm:
    """A pickle of this makes a file where it is read."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (Path(self.path),)


@POSTGRES
def test_nothing_that_is_put_into_redis_is_run(site, database, server, tmp_path):
    """Whoever can write to Redis can at most have jobs looked at that are there anyway."""
    client = redis.Redis.from_url(server.url)
    harmed = tmp_path / "harmed"
    for message in (
        pickle.dumps(Harm(harmed)),
        b"",
        b"0",
        b"-1",
        b"9" * 4000,
        b"1; DROP TABLE job",
        b'{"job": 1}',
        b"99999",
    ):
        client.lpush(QUEUE, message)
    number = keep_summary(database)
    site.start("consumer")
    wait_until(lambda: is_done(database, number))
    wait_until(lambda: client.llen(QUEUE) == 0)
    client.close()
    assert not harmed.exists()
    assert site.processes["consumer"].poll() is None


@POSTGRES
def test_the_worker_alone_does_it_too_and_the_rounds_go_on_beside(site, database, server):
    site.start("rounds")
    number = keep_summary(database)
    with database.reader() as session:
        wait_until(lambda: session.scalar(text("SELECT count(*) FROM last_run WHERE name = 'worker'")) == 1)
        assert session.scalar(text("SELECT count(*) FROM last_run WHERE name = 'consumer'")) == 0
    assert job(database, number).done == 0
    site.start("worker")
    wait_until(lambda: is_done(database, number))
    with database.reader() as session:
        wait_until(lambda: session.scalar(text("SELECT count(*) FROM last_run WHERE name = 'consumer'")) == 1)
