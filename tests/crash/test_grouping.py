"""A worker that is killed while it puts comments into campaigns, again and again, ends where one that is not would."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bench import planted
from portal.db import Database
from portal.sealing import Seal
from portal.services import grouping
from tests import factories
from tests.services.test_campaigns import NOON, together

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_kill_9_between_and_within_steps(database_url, tmp_path):
    database = Database(database_url)
    made = planted.plant(1_200)
    with database.writer() as session:
        world = factories.world(session, Seal(bytes(range(32))))
        found = factories.consultation(world)
        for begin in range(0, 1_200, 20):
            factories.submission(world, found, *made.texts[begin : begin + 20])
        session.commit()
    environment = os.environ | {
        "PORTAL_DATABASE_URL": database_url,
        "PORTAL_DATA_DIR": str(tmp_path / "data"),
        "PORTAL_SEALING_KEY": bytes(range(32)).hex(),
    }
    chance = random.Random(1)
    killed = 0
    for _ in range(60):
        worker = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "wsgi", "work"], cwd=ROOT, env=environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        if killed < 8:
            # most of what it takes is starting: kill it from when the database has seen it
            before = _version(database)
            deadline = time.monotonic() + 30
            while worker.poll() is None and _version(database) == before and time.monotonic() < deadline:
                time.sleep(0.01)
            time.sleep(chance.random() * 0.1)
            if worker.poll() is None:
                os.killpg(worker.pid, signal.SIGKILL)
                killed += 1
        worker.wait(120)
        with database.reader() as session:
            if not grouping.due(session, NOON):
                break
    assert killed >= 3
    with database.reader() as session:
        assert grouping.due(session, NOON) == []
    by_cluster = {}
    for number, cluster in enumerate(made.clusters, 1):
        if cluster >= 0:
            by_cluster.setdefault(cluster, set()).add(number)
    groups = together(database)  # counts everything anew, too
    largest = max(by_cluster.values(), key=len)
    assert max(len(largest & set(group)) for group in groups) >= 0.8 * len(largest)
    database.engine.dispose()


def _version(database):
    with database.reader() as session:
        return session.connection().exec_driver_sql(
            "SELECT (SELECT count(*) FROM job), (SELECT max(place) FROM job),"
            " (SELECT max(place) FROM campaign_grouping), (SELECT max(upto) FROM campaign_grouping)"
        ).one()  # fmt: skip
