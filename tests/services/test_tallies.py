"""The tally the database keeps is the truth, whatever writes the comments."""

from __future__ import annotations

from sqlalchemy import insert, select, text, update

from portal.access import Role
from portal.models import Comment, Tally
from portal.rules.words import CommentState
from portal.services import moderation, reading, tallies
from tests import factories
from tests.factories import NOON


def decide(world, comment, to, **words):
    moderation.decide(
        world.session, world.actor(Role.MODERATOR), comment, to, revision=comment.revision, at=NOON, **words
    )


def test_sending_and_deciding_keep_it(world):
    found = factories.consultation(world)
    first, second, third = factories.submission(world, found, "一", "二", "三")
    factories.submission(world, found, "总体赞成", path=())
    decide(world, first, CommentState.PUBLISHED)
    decide(world, second, CommentState.WITHHELD, reason_code="P3", note="广告")
    decide(world, third, CommentState.PUBLISHED)
    decide(world, third, CommentState.PENDING)
    assert tallies.differences(world.session) == []
    assert tallies.totals(world.session, found.id) == {
        CommentState.PENDING: 2, CommentState.PUBLISHED: 1, CommentState.WITHHELD: 1, CommentState.MERGED: 0,
        CommentState.WITHDRAWN: 0,
    }  # fmt: skip
    heard = reading.heard(world.session, found)
    assert heard.published == {first.clause_id: 1}
    assert heard.received == 4


def test_statements_over_many_rows_keep_it_too(world):
    found = factories.consultation(world)
    comments = factories.submission(world, found, *"一二三四五")
    rows = [
        {"consultation_id": found.id, "submission_id": comments[0].submission_id, "clause_id": None if n % 2 else comments[0].clause_id,
         "position": 10 + n, "number": 10 + n, "received_at": NOON, "stance": "change", "body": "又一条"}
        for n in range(6)
    ]  # fmt: skip
    world.session.execute(insert(Comment), rows)
    world.session.execute(update(Comment).values(state=CommentState.MERGED).where(Comment.number > 3))
    world.session.execute(update(Comment).values(concurrence=5))
    assert tallies.differences(world.session) == []
    assert tallies.totals(world.session, found.id)[CommentState.MERGED] == 8


def test_a_transaction_that_fails_leaves_it_as_it_was(world):
    found = factories.consultation(world)
    world.session.commit()
    factories.submission(world, found, "一")
    world.session.rollback()
    assert world.session.scalars(select(Tally)).all() == []


def test_a_wrong_tally_is_found_and_mended(world):
    found = factories.consultation(world)
    factories.submission(world, found, "一", "二")
    world.session.execute(text("UPDATE tally SET pending = 7"))
    assert [place for place, _ in tallies.differences(world.session)] == [found.id]
    assert len(tallies.recount(world.session)) == 1
    assert tallies.differences(world.session) == []
    assert tallies.recount(world.session) == []
