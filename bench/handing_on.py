"""How long a job waits until it is done: found by looking once a second, or handed on through a broker.

`python -m bench.handing_on` starts PostgreSQL, Redis and a worker of their own, asks for jobs one after the other that
have nothing to do, and prints the wait of each way; then how long a crowd of jobs takes one consumer and two.
"""

from __future__ import annotations

import dataclasses
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import redis
from sqlalchemy import func, select

from portal import config, create_app
from portal.db import Database
from portal.models import Consultation, Job
from portal.rules.words import JobState
from portal.sealing import Seal
from portal.services import jobs, points, reference
from tests import factories
from tests.postgres import PostgresServer
from tests.redis import RedisServer

ROOT = Path(__file__).resolve().parents[1]
KEY = bytes(range(32))
ONE_BY_ONE, CROWD = 40, 200


def _start(environment: dict[str, str], *command: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", *command], cwd=ROOT, env=os.environ | environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def _end(*processes: subprocess.Popen[bytes]) -> None:
    for each in processes:
        each.terminate()
    for each in processes:
        each.wait(30)


def _is_done(database: Database, job_id: int) -> bool:
    with database.reader() as session:
        return session.scalar(select(Job.state).where(Job.id == job_id)) is JobState.DONE


def _wait(is_so: object, seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while not is_so():  # type: ignore[operator]
        if time.monotonic() > until:
            raise SystemExit("it did not happen")
        time.sleep(0.002)


def _waits(database: Database) -> list[float]:
    """Seconds from the commit that asks for a job to the commit that ends it, one after the other."""
    found, chance = [], random.Random(1)
    for _ in range(ONE_BY_ONE):
        with database.transaction() as session:
            job = points.ask(session, session.scalars(select(Consultation)).one(), datetime.now(UTC))
        began = time.monotonic()
        _wait(lambda job_id=job.id: _is_done(database, job_id))
        found.append(time.monotonic() - began)
        time.sleep(chance.random())  # asked for at any time of a round
    return found


def _said(name: str, waits: list[float]) -> None:
    ordered = sorted(waits)
    print(
        f"{name}: median {statistics.median(ordered) * 1000:.0f} ms, 95 % within"
        f" {ordered[int(0.95 * len(ordered))] * 1000:.0f} ms, longest {ordered[-1] * 1000:.0f} ms, of {len(ordered)}"
    )


def main() -> None:
    server, broker = PostgresServer(), RedisServer()
    folder = tempfile.TemporaryDirectory(prefix="portal-bench-")
    try:
        server.execute("CREATE DATABASE bench")
        url = server.url("bench")
        environment = {"PORTAL_DATABASE_URL": url, "PORTAL_DATA_DIR": folder.name, "PORTAL_SEALING_KEY": KEY.hex()}
        plain = create_app(config.from_environment(environment))
        brokered = create_app(dataclasses.replace(plain.extensions["settings"], broker=broker.url))
        database: Database = plain.extensions["database"]
        database.migrate()
        with database.transaction() as session:
            reference.fill(session)
            factories.consultation(factories.world(session, Seal(KEY)))

        worker = _start(environment, "worker")
        _waits_until_it_works(database)
        _said("looking once a second", _waits(database))
        _end(worker)

        with_broker = environment | {"PORTAL_BROKER": broker.url}
        client = redis.Redis.from_url(broker.url)
        consumers = [_start(with_broker, "consumer")]
        _wait(lambda: _at_queue(client) == 1)
        _said("through the broker", _waits(brokered.extensions["database"]))
        print(f"{CROWD} jobs at once, one consumer: {_crowd(brokered.extensions['database']):.1f} s")
        consumers.append(_start(with_broker, "consumer"))
        _wait(lambda: _at_queue(client) == 2)
        print(f"{CROWD} jobs at once, two consumers: {_crowd(brokered.extensions['database']):.1f} s")
        _end(*consumers)
        client.close()
        for app in (plain, brokered):
            app.extensions["database"].engine.dispose()
    finally:
        broker.remove()
        server.stop()
        folder.cleanup()


def _waits_until_it_works(database: Database) -> None:
    with database.transaction() as session:
        job = points.ask(session, session.scalars(select(Consultation)).one(), datetime.now(UTC))
    _wait(lambda: _is_done(database, job.id))


def _at_queue(client: redis.Redis) -> int:
    return sum(each["cmd"] == "brpop" for each in client.client_list())


def _crowd(database: Database) -> float:
    """Seconds until as many jobs as were asked for in one transaction are done."""
    with database.transaction() as session:
        consultation, at = session.scalars(select(Consultation)).one(), datetime.now(UTC)
        last = max(jobs.ask(session, points.JOB, at=at, consultation=consultation).id for _ in range(CROWD))
    began = time.monotonic()
    left = select(func.count()).select_from(Job).where(Job.id <= last, Job.state != JobState.DONE)

    def is_over() -> bool:
        with database.reader() as session:
            return session.scalar(left) == 0

    _wait(is_over)
    return time.monotonic() - began


if __name__ == "__main__":
    main()
