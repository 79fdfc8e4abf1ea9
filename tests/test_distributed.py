"""Mass analysis on two workers, each a process: the same as in this one, and what happens when one of them is lost."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest
from sqlalchemy import select

from bench import planted
from bench.points import many
from portal import config, distributed
from portal.analysis import campaigns, points
from portal.analysis.engine import IN_PROCESS
from portal.cli import work
from portal.distributed import Dask, EngineFault
from portal.models import Comment, Job
from portal.rules.words import JobState
from portal.services import jobs
from tests import factories
from tests.dask import Cluster
from tests.factories import NOON
from tests.postgres import free_port

TEXTS = list(enumerate(planted.plant(3_000).texts))
COMMENTS = many(40, 2_000)


@pytest.fixture(scope="module")
def cluster():
    made = Cluster()
    yield made
    made.remove()


def test_campaigns_and_points_are_the_same_in_process_and_on_two_workers(cluster):
    engine = Dask(cluster.url)
    here = campaigns.group(TEXTS)
    assert len(here) > 50
    assert campaigns.group(TEXTS, engine=engine) == here
    first = points.gather(COMMENTS[:-50])
    assert points.gather(COMMENTS[:-50], engine=engine) == first
    assert points.gather(COMMENTS, previous=first, engine=engine) == points.gather(COMMENTS, previous=first)


def test_what_the_function_raised_is_raised_here(cluster):
    with pytest.raises(ValueError, match="math domain error"):
        list(Dask(cluster.url).map(math.sqrt, [4, -1, 9]))


def test_a_worker_with_another_program_is_refused(cluster, monkeypatch):
    monkeypatch.setattr(distributed, "program", lambda: "0123456789abcdef")
    with pytest.raises(EngineFault, match="install the same release"):
        campaigns.group(TEXTS[:200], engine=Dask(cluster.url))


def test_a_job_that_finds_no_scheduler_fails_loudly_and_is_tried_again(cluster, database, seal):
    with database.writer() as session:
        world = factories.world(session, seal)
        consultation = factories.consultation(world)
        said = [each for _, text in TEXTS[:60] for each in (text, text + "谢谢！")]
        for text in said:
            factories.submission(world, consultation, text)
        session.commit()

    def run(engine, at):
        work.run_due(database, work.KINDS, lambda: jobs.Setting(seal, "", at, engine=engine))

    def state():
        with database.reader() as session:
            job = session.scalars(select(Job).order_by(Job.id.desc())).first()
            members = {}
            for number, campaign in session.execute(
                select(Comment.number, Comment.campaign_id).order_by(Comment.number)
            ):
                members.setdefault(campaign, []).append(number)
            members.pop(None, None)
            return job.state, job.attempts, job.fault, sorted(map(tuple, members.values()))

    work.ask_for_due(database, NOON)
    run(Dask(f"tcp://127.0.0.1:{free_port()}", patience=0.5), NOON)
    job_state, attempts, fault, grouped = state()
    assert (job_state, attempts, grouped) == (JobState.RUNNING, 1, [])
    assert fault.startswith("EngineFault: no scheduler or no worker at tcp://127.0.0.1:")

    later = NOON + timedelta(minutes=jobs.BACK_OFF[0])
    run(Dask(cluster.url), later)
    assert state() == (JobState.DONE, 0, "", [each.members for each in campaigns.group(enumerate(said, 1))])


class Interrupted:
    """An engine during whose work something happens: after so many blocks were made."""

    def __init__(self, engine, after, happens):
        self.engine, self.left, self.happens = engine, after, happens

    def map(self, function, blocks):
        return self.engine.map(function, self._watched(blocks))

    def _watched(self, blocks):
        for block in blocks:
            self.left -= 1
            if self.left == 0:
                self.happens()
            yield block


def test_a_worker_is_killed_in_the_middle_and_then_the_scheduler(cluster, monkeypatch):
    monkeypatch.setattr(campaigns, "_AT_ONCE", 150)
    monkeypatch.setattr(points, "_BLOCK", 50)
    here = campaigns.group(TEXTS)
    watched = Interrupted(Dask(cluster.url), 30, cluster.kill_worker)
    assert campaigns.group(TEXTS, engine=watched) == here
    assert watched.left < 0
    assert len(cluster.workers) == 1
    assert points.gather(COMMENTS, engine=Dask(cluster.url)) == points.gather(COMMENTS)

    with pytest.raises(EngineFault, match=r"is lost|no scheduler"):
        campaigns.group(TEXTS, engine=Interrupted(Dask(cluster.url, patience=2), 30, cluster.kill_scheduler))


def test_the_setting(tmp_path):
    base = {"PORTAL_DATA_DIR": str(tmp_path)}
    assert distributed.chosen(config.from_environment(base)) is IN_PROCESS
    address = {"PORTAL_DASK_SCHEDULER": "tcp://127.0.0.1:8786"}
    assert distributed.chosen(config.from_environment(base | address)) is IN_PROCESS
    chosen = distributed.chosen(config.from_environment(base | address | {"PORTAL_ENGINE": "dask"}))
    assert chosen == Dask("tcp://127.0.0.1:8786")
    for wrong in (
        {"PORTAL_ENGINE": "dask"},
        {"PORTAL_ENGINE": "dask", "PORTAL_DASK_SCHEDULER": "127.0.0.1"},
        {"PORTAL_ENGINE": "spark"},
    ):
        with pytest.raises(ValueError, match="PORTAL_ENGINE"):
            config.from_environment(base | wrong)
