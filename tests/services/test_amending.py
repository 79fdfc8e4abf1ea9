"""After sending: corrections, withdrawals and appeals; the words first sent stay and the totals balance."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.access import Role
from portal.errors import AlreadyDone, NotThere, NotValid, WindowNotOpen
from portal.models import Amendment, Appeal, Comment
from portal.rules.urgency import Urgency
from portal.rules.words import CommentState
from portal.services import amending, baskets, commenting, moderation, reading, receipts, summaries, tracking
from portal.services.baskets import ONLY_PROPOSED, Remark
from tests import factories
from tests.factories import NOON

LATER = NOON + timedelta(hours=1)


@pytest.fixture
def found(world):
    return factories.consultation(world)


@pytest.fixture
def submission(world, found):
    comments = factories.submission(world, found, "每日巡查两次。", "经费太少。")
    return comments[0].submission


def decide(world, comment, to, revision=0, **more):
    moderation.decide(world.session, world.actor(Role.MODERATOR), comment, to, revision=revision, at=NOON, **more)


def correct(world, submission, number, body, revision=0, at=LATER):
    return amending.correct(
        world.session, world.seal, submission, number, Remark("change", body), revision=revision, at=at
    )


def balanced(world, found):
    counts = reading.counts(world.session, found)
    summaries.require_balance(summaries.summarise(world.session, found, LATER))
    return {state.value: count for state, count in counts.items() if count}


def test_a_correction_is_a_comment_of_its_own_and_waits_for_moderation(world, found, submission):
    first = submission.comments[0]
    decide(world, first, CommentState.PUBLISHED)
    made = correct(world, submission, 1, "每日巡查三次。", revision=1)
    assert made.replaced_by.state is CommentState.PENDING
    assert made.replaced_by.number == 3
    assert first.state is CommentState.WITHDRAWN
    assert first.body == "每日巡查两次。"
    assert first.public_body == ""
    assert balanced(world, found) == {"pending": 2, "withdrawn": 1}
    told = tracking.stories(world.session, submission)
    assert [story.comment.number for story in told] == [2, 3]
    assert [before.body for before in told[1].earlier] == ["每日巡查两次。"]


def test_a_correction_leaves_the_quotation_where_it_was(world, found):
    clause = factories.clause(found, "二、", "（一）")
    first = Remark("change", "每周一次不够。", quote="巡查一次", quote_after=26)
    baskets.add_item(world.session, world.seal, found, clause, first, code="CODE", at=NOON)
    commenting.submit(world.session, world.seal, found.slug, code="CODE", identity=commenting.Identity(), at=NOON)
    comment = world.session.scalars(select(Comment)).one()
    assert comment.quote_start > clause.printed.index("巡查一次")
    again = Remark("change", "每周一次还不够。", quote="巡查一次")
    made = amending.correct(world.session, world.seal, comment.submission, 1, again, revision=0, at=LATER)
    assert made.replaced_by.anchor == comment.anchor


def test_a_correction_can_be_corrected_again(world, found, submission):
    correct(world, submission, 1, "二稿")
    correct(world, submission, 3, "三稿", at=LATER + timedelta(minutes=1))
    story = tracking.stories(world.session, submission)[1]
    assert [before.body for before in story.earlier] == ["每日巡查两次。", "二稿"]
    assert story.comment.body == "三稿"
    assert balanced(world, found) == {"pending": 2, "withdrawn": 2}


def test_the_receipts_digest_is_of_what_was_first_sent(world, found, submission):
    from portal.rules.receipts import digest

    correct(world, submission, 1, "改过的文字")
    assert digest(receipts.payload_of(world.seal, submission)) == submission.receipt_digest


def test_one_or_all_can_be_withdrawn(world, found, submission):
    amending.withdraw(world.session, world.seal, submission, 2, revision=0, at=LATER)
    assert balanced(world, found) == {"pending": 1, "withdrawn": 1}
    assert amending.withdraw_all(world.session, world.seal, submission, LATER) == 1
    assert balanced(world, found) == {"withdrawn": 2}
    with pytest.raises(AlreadyDone):
        amending.withdraw_all(world.session, world.seal, submission, LATER)
    with pytest.raises(AlreadyDone, match="已经更正或撤回过"):
        correct(world, submission, 1, "又改", revision=1)


def test_a_moderator_and_an_author_at_once_the_second_is_told(world, found, submission):
    first, second = submission.comments
    decide(world, first, CommentState.PUBLISHED)
    with pytest.raises(AlreadyDone, match="刚刚审核过，现在是“公开”"):
        correct(world, submission, 1, "没看到已公开", revision=0)
    amending.withdraw(world.session, world.seal, submission, 2, revision=0, at=LATER)
    with pytest.raises(AlreadyDone, match="提出人"):
        decide(world, second, CommentState.PUBLISHED, revision=0)
    with pytest.raises(NotValid, match="不能这样处理"):
        decide(world, second, CommentState.PUBLISHED, revision=1)


def test_after_the_deadline_nothing_changes(world, found, submission):
    over = found.window.closes_at
    with pytest.raises(WindowNotOpen):
        correct(world, submission, 1, "晚了", at=over)
    with pytest.raises(WindowNotOpen):
        amending.withdraw(world.session, world.seal, submission, 1, revision=0, at=over)
    amending.withdraw(world.session, world.seal, submission, 1, revision=0, at=over - timedelta(microseconds=1))


def test_a_correction_says_something_and_something_new(world, found, submission):
    with pytest.raises(NotValid) as refused:
        correct(world, submission, 1, "")
    assert refused.value.fault == "body"
    with pytest.raises(NotValid, match="没有改动"):
        correct(world, submission, 1, "每日巡查两次。")
    with pytest.raises(NotThere):
        correct(world, submission, 99, "别人的")


def test_a_trade_secret_goes_along_and_stays_sealed(world, found, submission):
    made = amending.correct(
        world.session, world.seal, submission, 1, Remark("change", "新"), revision=0, at=LATER,
        confidential="成本每吨八百元",
    )  # fmt: skip
    assert "八百元" not in made.replaced_by.confidential_sealed
    assert receipts.confidential(world.seal, made.replaced_by) == "成本每吨八百元"


def test_an_appeal_is_recorded_once(world, found, submission):
    first = submission.comments[0]
    with pytest.raises(NotThere):
        amending.appeal(world.session, submission, 1, "为什么", LATER)
    decide(world, first, CommentState.WITHHELD, reason_code="P4", note="与草案无关")
    with pytest.raises(NotValid) as refused:
        amending.appeal(world.session, submission, 1, " ", LATER)
    assert refused.value.fault == "appeal"
    amending.appeal(world.session, submission, 1, "说的就是第二条。", LATER)
    with pytest.raises(AlreadyDone):
        amending.appeal(world.session, submission, 1, "再说一次", LATER)
    kept = world.session.scalars(select(Appeal)).one()
    assert (kept.body, kept.revision) == ("说的就是第二条。", 1)
    assert first.urgency == Urgency.APPEAL


def test_every_amendment_leaves_a_row(world, found, submission):
    correct(world, submission, 1, "二稿")
    amending.withdraw(world.session, world.seal, submission, 2, revision=0, at=LATER)
    rows = world.session.scalars(select(Amendment).order_by(Amendment.id)).all()
    assert [(row.comment.number, bool(row.replaced_by_id), row.from_state) for row in rows] == [
        (1, True, CommentState.PENDING),
        (2, False, CommentState.PENDING),
    ]
    assert len({row.digest for row in rows}) == 2
    assert world.session.scalars(select(Comment.body).where(Comment.number == 1)).one() == "每日巡查两次。"


def test_a_correction_may_consist_of_a_proposed_wording_alone(world, found, submission):
    clause = submission.comments[0].clause
    remark = Remark("change", "", proposed_text=f"{clause.wording}每日两次。")
    made = amending.correct(world.session, world.seal, submission, 1, remark, revision=0, at=LATER)
    assert made.replaced_by.body == ONLY_PROPOSED
    assert made.replaced_by.proposed_text.endswith("每日两次。")
