"""What was merged into a comment waits again when that comment is no longer public."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal.access import Role
from portal.cli.work import KINDS, run_due
from portal.models import AuditEvent, BulkAct, Comment, Consultation, Job, ModerationDecision
from portal.rules.urgency import Urgency
from portal.rules.words import CommentState
from portal.services import amending, audit, bulk, followers, jobs, moderation, tallies
from portal.services.sifting import Sieve
from tests import factories
from tests.factories import NOON


@pytest.fixture
def merged(world):
    """A consultation with C-1 and C-2 merged into C-3, which is public."""
    found = factories.consultation(world)
    comments = factories.submission(world, found, "一", "二", "三")
    decide(world, comments[2], "published")
    for comment in comments[:2]:
        decide(world, comment, "merged", merged_into=3)
    return found, *comments


def decide(world, comment, to, **words):
    if to == "withheld":
        words |= {"reason_code": "P3", "note": "广告"}
    return moderation.decide(
        world.session, world.actor(Role.MODERATOR), comment, CommentState(to), revision=comment.revision, at=NOON,
        **words,
    )  # fmt: skip


def require_waiting(session, *comments):
    for comment in comments:
        assert (comment.state, comment.merged_into_id, comment.revision, comment.urgency) == (
            CommentState.PENDING, None, 2, int(Urgency.USUAL)
        )  # fmt: skip
    assert tallies.differences(session) == []
    assert list(audit.verify(session)) == []


@pytest.mark.parametrize("to", ["withheld", "pending"])
def test_what_was_merged_waits_again_once_its_target_is_not_public(world, merged, to):
    _, first, second, target = merged
    assert followers.count(world.session, target) == 2
    decide(world, target, to)
    require_waiting(world.session, first, second)
    assert followers.count(world.session, target) == 0
    for comment in (first, second):
        last = moderation.last_decision(world.session, comment.id)
        assert (last.from_state, last.to_state, last.revision) == (CommentState.MERGED, CommentState.PENDING, 2)
        assert last.note == "并入的C-3不再公开，退回待审。"
    events = world.session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()[-3:]
    assert [(event.act, event.subject[-3:]) for event in events] == [
        ("comment.pending", "C-1"), ("comment.pending", "C-2"), (f"comment.{to}", "C-3")
    ]  # fmt: skip
    # and each can be decided on as any other
    decide(world, first, "published")
    decide(world, second, "merged", merged_into=1)


def test_undoing_the_publication_of_a_target_puts_back_what_was_merged_since(world, merged):
    _, first, second, target = merged
    moderation.undo(world.session, world.actor(Role.MODERATOR), target, revision=target.revision, at=NOON)
    assert target.state is CommentState.PENDING
    require_waiting(world.session, first, second)


def test_the_decision_on_the_target_is_the_one_that_can_be_taken_back(world, merged):
    _, first, second, target = merged
    made = decide(world, target, "withheld")
    assert moderation.undoable(world.session, world.actor(Role.MODERATOR), NOON) == (made, target)
    moderation.undo(world.session, world.actor(Role.MODERATOR), target, revision=target.revision, at=NOON)
    assert target.state is CommentState.PUBLISHED
    require_waiting(world.session, first, second)


def test_what_was_merged_follows_a_target_that_is_merged_itself(world, merged):
    found, first, second, target = merged
    (other,) = factories.submission(world, found, "四")
    decide(world, other, "published")
    decide(world, target, "merged", merged_into=other.number)
    world.session.expire_all()
    assert {first.merged_into_id, second.merged_into_id, target.merged_into_id} == {other.id}
    assert {first.state, second.state, target.state} == {CommentState.MERGED}
    decide(world, other, "withheld")
    require_waiting(world.session, first, second)
    assert target.state is CommentState.PENDING


@pytest.mark.parametrize("whole", [False, True])
def test_what_was_merged_waits_again_when_the_author_withdraws_the_target(world, merged, whole):
    found, *_ = merged
    mine, target = factories.submission(world, found, "四")[0], factories.submission(world, found, "五")[0]
    decide(world, target, "published")
    decide(world, mine, "merged", merged_into=target.number)
    if whole:
        assert amending.withdraw_all(world.session, world.seal, target.submission, NOON) == 1
    else:
        amending.withdraw(
            world.session, world.seal, target.submission, target.number, revision=target.revision, at=NOON
        )
    require_waiting(world.session, mine)
    # no account decided it, so no decision says so: the log does
    decided = select(ModerationDecision).where(ModerationDecision.comment_id == mine.id)
    assert len(world.session.scalars(decided).all()) == 1
    last = world.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()
    assert (last.act, last.account_id, last.details["from"]) == ("comment.pending", None, target.reference)


def on_many(database, seal, actor, found_id, to, **words):
    with database.transaction() as session:
        state = CommentState.PUBLISHED if to is CommentState.WITHHELD else CommentState.PENDING
        act = bulk.begin(session, actor, session.get_one(Consultation, found_id), Sieve(state=state), NOON)
        bulk.start(session, actor, act, to, at=NOON, **words)
        act_id = act.id
    run_due(database, KINDS, lambda: jobs.Setting(seal, "http://x", NOON))
    return act_id


def test_withholding_many_puts_back_what_was_merged_into_them(database, seal, world, merged):
    found, *_ = merged
    actor, found_id = world.actor(Role.MODERATOR), found.id
    world.session.commit()
    act_id = on_many(database, seal, actor, found_id, CommentState.WITHHELD, reason_code="P3", note="广告")
    with database.reader() as session:
        first, second, target = session.scalars(select(Comment).order_by(Comment.number))
        require_waiting(session, first, second)
        assert target.state is CommentState.WITHHELD
        job = session.get_one(Job, session.get_one(BulkAct, act_id).job_id)
        assert (job.result["decided"], job.result["put_back"]) == (1, 2)
        for comment in (first, second):
            assert moderation.last_decision(session, comment.id).to_state is CommentState.PENDING
        step = session.scalars(select(AuditEvent).where(AuditEvent.act == "bulk.step")).one()
        assert step.details["put_back"] == 2


def test_undoing_the_publication_of_many_puts_back_what_was_merged_since(database, seal, world):
    found = factories.consultation(world)
    factories.submission(world, found, "一", "二")
    actor, found_id = world.actor(Role.MODERATOR), found.id
    world.session.commit()
    act_id = on_many(database, seal, actor, found_id, CommentState.PUBLISHED)
    with database.transaction() as session:
        late = session.scalars(select(Comment).where(Comment.number == 2)).one()
        moderation.decide(session, actor, late, CommentState.MERGED, revision=1, at=NOON, merged_into=1)
    with database.transaction() as session:
        bulk.undo(session, actor, session.get_one(BulkAct, act_id), NOON)
    run_due(database, KINDS, lambda: jobs.Setting(seal, "http://x", NOON))
    with database.reader() as session:
        states = session.execute(
            select(Comment.state, Comment.merged_into_id, Comment.revision).order_by(Comment.number)
        )
        assert states.all() == [(CommentState.PENDING, None, 2), (CommentState.PENDING, None, 3)]
        assert tallies.differences(session) == []
        assert list(audit.verify(session)) == []
