"""Background work goes on where the last committed step left it, once, and says what became of it."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from portal.access import Role
from portal.cli.work import run_due
from portal.errors import AlreadyDone, NotThere, NotValid
from portal.models import Job
from portal.rules.words import JobState
from portal.services import jobs
from tests import factories
from tests.factories import NOON


def counting(upto=5):
    """A kind of job that counts, and what it was seen to do."""
    seen = []

    def apply(_session, job, _setting, _gathered):
        job.place = {"next": job.place.get("next", 0) + 1}
        job.done += 1
        seen.append(job.done)
        return job.done >= upto

    return {"count": jobs.Kind(apply)}, seen


@pytest.fixture
def asked(database, seal):
    """A job asked for in a consultation of its own, committed; and a setting to do it in."""
    with database.writer() as session:
        made = factories.world(session, seal)
        found = factories.consultation(made)
        actor = made.actor(Role.MODERATOR)
        job = jobs.ask(session, "count", at=NOON, actor=actor, consultation=found, key="count:1", total=5)
        session.commit()
        return job.id, actor


def at(seal, moment=NOON):
    return lambda: jobs.Setting(seal, "http://127.0.0.1", moment)


def test_every_step_is_kept_and_the_last_one_ends_it(database, seal, asked):
    kinds, seen = counting()
    assert run_due(database, kinds, at(seal)) == 5
    assert seen == [1, 2, 3, 4, 5]
    with database.reader() as session:
        job = session.get_one(Job, asked[0])
        assert (job.state, job.done, job.finished_at, job.key) == (JobState.DONE, 5, NOON, None)
    assert run_due(database, kinds, at(seal)) == 0


def test_asking_again_while_it_waits_is_shown_the_same(database, asked):
    with database.transaction() as session:
        assert jobs.ask(session, "count", at=NOON, key="count:1").id == asked[0]
        assert jobs.is_open(session, "count:1")


def test_a_step_that_fails_is_rolled_back_and_tried_again_later(database, seal, asked):
    kinds, seen = counting()

    def broken(session, job, setting, gathered):
        kinds["count"].apply(session, job, setting, gathered)
        if len(seen) == 3:
            raise OSError("the disk is full")
        return False

    run_due(database, {"count": jobs.Kind(broken)}, at(seal))
    with database.reader() as session:
        job = session.get_one(Job, asked[0])
        assert (job.done, job.state, job.attempts, job.fault) == (2, JobState.RUNNING, 1, "OSError: the disk is full")
    assert run_due(database, kinds, at(seal)) == 0
    assert run_due(database, kinds, at(seal, NOON + timedelta(minutes=1))) == 3
    with database.reader() as session:
        assert session.get_one(Job, asked[0]).state is JobState.DONE


def test_after_failing_again_and_again_it_waits_for_a_person(database, seal, asked):
    job_id, actor = asked

    def broken(*_):
        raise OSError("no")

    for hours in range(8):
        run_due(database, {"count": jobs.Kind(broken)}, at(seal, NOON + timedelta(hours=hours)))
    with database.transaction() as session:
        job = session.get_one(Job, job_id)
        assert (job.state, job.attempts) == (JobState.FAILED, len(jobs.BACK_OFF) + 1)
        jobs.go_on(session, actor, job, NOON)
    assert run_due(database, counting()[0], at(seal)) == 5


def test_a_refusal_ends_it_with_the_sentence(database, seal, asked):
    def refuse(session, job, _setting, _gathered):
        job.done = 99
        raise NotValid("这一步不能办。")

    run_due(database, {"count": jobs.Kind(refuse)}, at(seal))
    with database.reader() as session:
        job = session.get_one(Job, asked[0])
        assert (job.state, job.fault, job.done) == (JobState.FAILED, "这一步不能办。", 0)


def test_it_can_be_stopped_and_taken_up_again(database, seal, asked):
    job_id, actor = asked
    kinds, _ = counting()
    with database.transaction() as session:
        jobs.stop(session, actor, session.get_one(Job, job_id), NOON)
    assert run_due(database, kinds, at(seal)) == 1
    with database.transaction() as session:
        job = session.get_one(Job, job_id)
        assert (job.state, job.done) == (JobState.STOPPED, 0)
        with pytest.raises(AlreadyDone):
            jobs.stop(session, actor, job, NOON)
        jobs.go_on(session, actor, job, NOON)
    assert run_due(database, kinds, at(seal)) == 5


def test_what_was_gathered_for_another_place_is_thrown_away(database, seal, asked):
    def gather(_session, job, _setting):
        return job.place.get("next", 0)

    def apply(session, job, _setting, gathered):
        assert gathered == job.place.get("next", 0)
        job.place = {"next": gathered + 1}
        job.done += 1
        return job.done == 5

    kinds = {"count": jobs.Kind(apply, gather)}
    with database.reader() as looking:
        old = jobs.gather(looking, asked[0], kinds, at(seal)())
    with database.transaction() as session:
        assert jobs.step(session, asked[0], kinds, at(seal)(), old)
    with database.transaction() as session:
        assert not jobs.step(session, asked[0], kinds, at(seal)(), old)
    assert run_due(database, kinds, at(seal)) == 4


def test_many_workers_do_each_step_once(database, seal, asked):
    kinds, seen = counting(40)
    gate = threading.Barrier(4)

    def work():
        gate.wait()
        for _ in range(60):
            run_due(database, kinds, at(seal))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reader() as session:
        job = session.get_one(Job, asked[0])
        assert (job.done, job.state, job.attempts) == (40, JobState.DONE, 0)
    assert sorted(seen) == list(range(1, 41))


def test_a_job_of_another_bureau_is_not_there(database, seal, asked):
    with database.transaction() as session:
        other = factories.world(session, seal, "示例市教育局", "jyj")
        with pytest.raises(NotThere):
            jobs.job(session, other.actor(Role.MODERATOR), asked[0])
        assert jobs.of_bureau(session, other.actor(Role.MODERATOR)) == []
        assert [job.id for job in jobs.of_bureau(session, asked[1])] == [asked[0]]
