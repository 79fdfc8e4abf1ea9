"""One decision on many: what it touches, what it leaves, that it stops, goes on, and is undone as one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from portal.access import Role
from portal.cli.work import KINDS, run_due
from portal.errors import AlreadyDone, NotAllowed, NotThere, NotValid
from portal.models import BulkAct, Campaign, Comment, Consultation, Job, ModerationDecision, SiteSetting
from portal.rules.words import BulkOutcome, CommentState, JobState
from portal.services import audit, bulk, bulk_steps, jobs, moderation, reading, tallies
from portal.services.sifting import Sieve
from tests import factories
from tests.factories import NOON


@pytest.fixture(autouse=True)
def short_steps(monkeypatch):
    monkeypatch.setattr(bulk_steps, "STEP", 7)


@pytest.fixture
def crowd(database, seal):
    """Thirty comments in one campaign, four of them with a telephone number; committed. World, consultation id."""
    with database.writer() as session:
        made = factories.world(session, seal)
        made.colleague = factories.colleague(made)
        found = factories.consultation(made)
        members = []
        for n in range(30):
            body = f"租期太短，电话1380000{n:04d}，请回复。" if n % 8 == 3 else f"租期太短，请延长到三年。{n}"
            members += factories.submission(made, found, body, at=NOON - timedelta(minutes=60 - n))
        factories.submission(made, found, "别的意见")
        campaign = Campaign(
            consultation_id=found.id, representative_id=members[0].id, submissions=30, texts=30,
            first_received_at=NOON, last_received_at=NOON, grouped_at=NOON,
        )  # fmt: skip
        session.add(campaign)
        session.flush()
        for member in members:
            member.campaign_id = campaign.id
        session.commit()
    return made, found.id, campaign.id


def at(seal, moment=NOON):
    return lambda: jobs.Setting(seal, "http://x", moment)


def begun(database, crowd, to=CommentState.PUBLISHED, sieve=None, actor=None, start=True, **more):
    made, found, campaign = crowd
    with database.transaction() as session:
        who = actor or made.actor(Role.MODERATOR)
        consultation = session.get_one(Consultation, found)
        act = bulk.begin(session, who, consultation, sieve or Sieve(campaign=campaign), NOON)
        if start:
            bulk.start(session, who, act, to, at=NOON, **more)
        return act.id


def states(database, **where):
    with database.reader() as session:
        return dict(
            session.execute(select(Comment.state, func.count()).filter_by(**where).group_by(Comment.state)).all()
        )


def test_a_campaign_is_published_but_for_personal_data(database, seal, crowd):
    act_id = begun(database, crowd)
    assert run_due(database, KINDS, at(seal)) == 5
    assert states(database, campaign_id=crowd[2]) == {CommentState.PUBLISHED: 26, CommentState.PENDING: 4}
    with database.reader() as session:
        act = session.get_one(BulkAct, act_id)
        job = session.get_one(Job, act.job_id)
        assert (job.state, job.done, job.total, job.result) == (JobState.DONE, 30, 30, {"decided": 26})
        count, listed = bulk.exceptions(session, act)[BulkOutcome.PERSONAL]
        assert (count, [c.number for c in listed]) == (4, [4, 12, 20, 28])
        assert tallies.differences(session) == []
        assert list(audit.verify(session)) == []
        one = session.scalars(select(Comment).where(Comment.number == 1)).one()
        assert (one.public_body, one.urgency, one.revision) == (one.body, None, 1)
        assert len(reading.comments_after(session, one.submission.consultation, 0, 100)) == 26


def test_what_is_picked_out_is_left(database, seal, crowd):
    made, *_ = crowd
    act_id = begun(database, crowd, start=False)
    with database.transaction() as session:
        act = session.get_one(BulkAct, act_id)
        actor = made.actor(Role.MODERATOR)
        page = bulk.listed(session, act)
        assert (act.total, len(page.comments), page.after) == (30, 20, 20)
        bulk.leave_out(session, actor, act, [1, 2, 99], [c.number for c in page.comments])
        assert bulk.listed(session, act).left_out == {1, 2}
        bulk.leave_out(session, actor, act, [2], [c.number for c in page.comments])
        assert bulk.listed(session, act).left_out == {2}
        bulk.start(session, actor, act, CommentState.PUBLISHED, at=NOON)
        with pytest.raises(AlreadyDone):
            bulk.leave_out(session, actor, act, [1], [1])
    run_due(database, KINDS, at(seal))
    with database.reader() as session:
        assert session.scalars(select(Comment.state).where(Comment.number == 2)).one() is CommentState.PENDING


def test_what_comes_later_is_not_touched(database, seal, crowd):
    made, found, campaign = crowd
    begun(database, crowd)
    with database.transaction() as session:
        made.session = session
        (late,) = factories.submission(made, session.get_one(Consultation, found), "租期太短，请延长。")
        late.campaign_id = campaign
    run_due(database, KINDS, at(seal))
    with database.reader() as session:
        assert session.get_one(Comment, late.id).state is CommentState.PENDING


def test_it_stops_after_a_step_and_goes_on(database, seal, crowd):
    made, *_ = crowd
    act_id = begun(database, crowd)
    steps = iter([False, False, True])
    run_due(database, KINDS, at(seal), lambda: next(steps))
    with database.transaction() as session:
        job = session.get_one(Job, session.get_one(BulkAct, act_id).job_id)
        assert job.done == 14
        jobs.stop(session, made.actor(Role.MODERATOR), job, NOON)
        assert not bulk.may_undo(session, session.get_one(BulkAct, act_id))
    run_due(database, KINDS, at(seal))
    with database.transaction() as session:
        act = session.get_one(BulkAct, act_id)
        job = session.get_one(Job, act.job_id)
        assert (job.state, job.done) == (JobState.STOPPED, 14)
        assert bulk.may_undo(session, act)
        jobs.go_on(session, made.actor(Role.MODERATOR), job, NOON)
    run_due(database, KINDS, at(seal))
    assert states(database, campaign_id=crowd[2])[CommentState.PUBLISHED] == 26


def test_a_single_act_that_crosses_it_stands_and_both_are_told(database, seal, crowd):
    made, *_ = crowd
    act_id = begun(database, crowd)
    colleague = made.colleague
    original = bulk_steps.BULK.gather

    def crossing(session, job, setting):
        gathered = original(session, job, setting)
        if gathered.after == 14:
            # between looking and deciding: one that is in this very step, and one of a later step
            with database.transaction() as writing:
                for number in (9, 30):
                    one = writing.scalars(select(Comment).where(Comment.number == number)).one()
                    moderation.decide(
                        writing, colleague, one, CommentState.WITHHELD, revision=0, at=NOON, reason_code="P4",
                        note="这一条与草案无关",
                    )  # fmt: skip
        return gathered

    run_due(database, {"bulk": jobs.Kind(bulk_steps.apply, crossing)}, at(seal))
    with database.reader() as session:
        act = session.get_one(BulkAct, act_id)
        count, listed = bulk.exceptions(session, act)[BulkOutcome.CHANGED]
        assert (count, [c.number for c in listed]) == (2, [9, 30])
        assert {c.state for c in listed} == {CommentState.WITHHELD}
        assert session.get_one(Job, act.job_id).result == {"decided": 24}
        assert tallies.differences(session) == []
    with database.writer() as session:
        one = session.scalars(select(Comment).where(Comment.number == 1)).one()
        with pytest.raises(AlreadyDone, match="刚刚已由示例审核员处理，现在是“公开”"):
            moderation.decide(session, colleague, one, CommentState.WITHHELD, revision=0, at=NOON, reason_code="P4",
                              note="无关")  # fmt: skip


def test_it_is_undone_as_one_act(database, seal, crowd):
    made, *_ = crowd
    act_id = begun(database, crowd)
    run_due(database, KINDS, at(seal))
    with database.transaction() as session:
        one = session.scalars(select(Comment).where(Comment.number == 5)).one()
        moderation.decide(session, made.colleague, one, CommentState.WITHHELD, revision=1, at=NOON, reason_code="P4",
                          note="无关")  # fmt: skip
    with database.transaction() as session:
        bulk.undo(session, made.actor(Role.MODERATOR), session.get_one(BulkAct, act_id), NOON)
    run_due(database, KINDS, at(seal))
    assert states(database, campaign_id=crowd[2]) == {CommentState.PENDING: 29, CommentState.WITHHELD: 1}
    with database.transaction() as session:
        act = session.get_one(BulkAct, act_id)
        back = bulk.undone_by(session, act)
        assert [c.number for c in bulk.exceptions(session, back)[BulkOutcome.CHANGED][1]] == [5]
        decisions = session.scalar(select(func.count()).select_from(ModerationDecision))
        assert decisions == 26 + 1 + 25
        assert tallies.differences(session) == []
        assert session.scalar(select(func.count()).where(Comment.urgency.is_not(None))) == 30
        with pytest.raises(AlreadyDone):
            bulk.undo(session, made.actor(Role.MODERATOR), act, NOON)


def test_published_ones_are_withheld_and_come_back_with_their_masks(database, seal, crowd):
    made, _, campaign = crowd
    with database.transaction() as session:
        one = session.scalars(select(Comment).where(Comment.number == 4)).one()
        masks = moderation.suggested_masks(one)
        moderation.decide(
            session, made.actor(Role.MODERATOR), one, CommentState.PUBLISHED, revision=0, at=NOON, masks=masks
        )
        public = one.public_body
    act_id = begun(
        database, crowd, CommentState.WITHHELD, Sieve(state=CommentState.PUBLISHED), reason_code="P3", note="广告"
    )
    run_due(database, KINDS, at(seal))
    assert states(database)[CommentState.WITHHELD] == 1
    with database.transaction() as session:
        bulk.undo(session, made.actor(Role.MODERATOR), session.get_one(BulkAct, act_id), NOON)
    run_due(database, KINDS, at(seal))
    with database.reader() as session:
        assert session.scalars(select(Comment.public_body).where(Comment.number == 4)).one() == public
    assert campaign


def test_many_are_merged_into_one(database, seal, crowd):
    made, *_ = crowd
    with database.transaction() as session:
        one = session.scalars(select(Comment).where(Comment.number == 1)).one()
        moderation.decide(session, made.actor(Role.MODERATOR), one, CommentState.PUBLISHED, revision=0, at=NOON)
    with pytest.raises(NotValid, match="并入"):
        begun(database, crowd, CommentState.MERGED, merged_into=31)
    begun(database, crowd, CommentState.MERGED, merged_into=1)
    run_due(database, KINDS, at(seal))
    assert states(database, campaign_id=crowd[2]) == {CommentState.PUBLISHED: 1, CommentState.MERGED: 29}


def test_withholding_many_asks_for_reason_and_a_second_person(database, seal, crowd):
    made, *_ = crowd
    with pytest.raises(NotValid, match="理由"):
        begun(database, crowd, CommentState.WITHHELD)
    with database.transaction() as session:
        session.add(SiteSetting(key="is_second_person_needed", value="1"))
    act_id = begun(database, crowd, CommentState.WITHHELD, reason_code="P3", note="广告")
    assert run_due(database, KINDS, at(seal)) == 0
    with database.transaction() as session:
        act = session.get_one(BulkAct, act_id)
        with pytest.raises(NotAllowed, match="另一位"):
            bulk.start(session, made.actor(Role.MODERATOR), act, CommentState.WITHHELD, at=NOON)
        bulk.start(session, made.colleague, act, CommentState.WITHHELD, at=NOON)
    run_due(database, KINDS, at(seal))
    with database.reader() as session:
        made_by = {(d.decided_by_id, d.proposed_by_id) for d in session.scalars(select(ModerationDecision))}
        assert made_by == {(made.colleague.account_id, made.actor(Role.MODERATOR).account_id)}


def test_an_act_belongs_to_its_bureau(database, seal, crowd):
    act_id = begun(database, crowd, start=False)
    with database.writer() as session:
        other = factories.world(session, seal, "示例市教育局", "jyj")
        with pytest.raises(NotThere):
            bulk.found(session, other.actor(Role.MODERATOR), act_id)
        with pytest.raises(NotAllowed):
            bulk.found(session, other.actor(Role.PUBLISHER), act_id)
        assert jobs.of_bureau(session, other.actor(Role.MODERATOR)) == []


def test_two_workers_do_it_once(database, seal, crowd):
    act_id = begun(database, crowd)
    workers = [threading.Thread(target=run_due, args=(database, KINDS, at(seal))) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    run_due(database, KINDS, at(seal))
    with database.reader() as session:
        assert session.scalar(select(func.count()).where(ModerationDecision.bulk_act_id == act_id)) == 26
        assert session.get_one(Job, session.get_one(BulkAct, act_id).job_id).state is JobState.DONE


KILLED = """
import os, sys, signal
from datetime import UTC, datetime
from portal.cli.work import KINDS, run_due
from portal.db import Database
from portal.sealing import Seal
from portal.services import bulk_steps, jobs
bulk_steps.STEP = 7
real, seen = bulk_steps.apply, []
def apply(*given):
    answer = real(*given)
    seen.append(1)
    if len(seen) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return answer
run_due(Database(sys.argv[1]), {"bulk": jobs.Kind(apply, bulk_steps.gather)}, lambda: jobs.Setting(Seal(bytes(range(32))), "", datetime.now(UTC)))
"""


def test_a_killed_worker_loses_nothing_and_does_nothing_twice(database, database_url, seal, crowd):
    act_id = begun(database, crowd)
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, database_url], env=os.environ | {"PYTHONPATH": "."}, check=False
    )
    assert ended.returncode == -signal.SIGKILL
    with database.reader() as session:
        job = session.get_one(Job, session.get_one(BulkAct, act_id).job_id)
        assert (job.state, job.done) == (JobState.RUNNING, 14)
    run_due(database, KINDS, at(seal))
    with database.reader() as session:
        assert session.scalar(select(func.count()).where(ModerationDecision.bulk_act_id == act_id)) == 26
        assert session.get_one(Job, job.id).done == 30
        assert tallies.differences(session) == []
