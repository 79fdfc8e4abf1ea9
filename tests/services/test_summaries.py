"""The summary: its totals balance whatever happens, and what was kept does not change."""

from __future__ import annotations

import dataclasses
import random

import pytest
from sqlalchemy import func, select, text

from portal import reports
from portal.access import Role
from portal.errors import AlreadyDone, NotAllowed, NotValid
from portal.models import AuditEvent, Comment, Submission
from portal.reports.summary import TotalsDoNotBalance, imbalances
from portal.rules import plaintext
from portal.rules.words import CommentState, SummaryState
from portal.services import moderation, narrating, summaries
from tests import factories
from tests.factories import NOON


@pytest.fixture
def found(world):
    return factories.consultation(world)


def summarise(world, found):
    return summaries.summarise(world.session, found, NOON, "https://example.gov.cn")


def test_nothing_received_is_a_summary(world, found):
    summary = summarise(world, found)
    assert (summary.submissions, summary.totals.received, summary.comments) == (0, 0, ())
    assert list(imbalances(summary)) == []


@pytest.mark.parametrize("seed", range(6))
def test_totals_balance_after_any_course_of_events(world, found, seed):
    chance = random.Random(seed)
    moderator = world.actor(Role.MODERATOR)
    paths = [("一、",), ("二、", "（一）"), ("二、", "（二）"), ()]
    for _ in range(12):
        kind = chance.choice(["citizen", "enterprise", "association"])
        factories.submission(
            world, found, *["意见"] * chance.randint(1, 3), path=chance.choice(paths), kind=kind,
            organisation="示例单位" if kind != "citizen" else "", stance=chance.choice(["support", "oppose", "question"]),
        )  # fmt: skip
    for comment in world.session.scalars(select(Comment)).all():
        for _ in range(chance.randint(0, 3)):
            to = chance.choice([s for f, s in moderation.ALLOWED if f is comment.state])
            moderation.decide(
                world.session, moderator, comment, to, revision=comment.revision, at=NOON,
                reason_code=chance.choice(["P3", "P4", "M8"]), note="说明",
            )  # fmt: skip
    summary = summarise(world, found)
    assert list(imbalances(summary)) == []
    in_database = dict(world.session.execute(select(Comment.state, func.count()).group_by(Comment.state)).all())
    assert dict(summary.totals.parts()) == {state: in_database.get(state, 0) for state in CommentState}
    assert summary.submissions == world.session.scalar(select(func.count(Submission.id)))
    assert {line.reference for line in summary.comments} == {
        c.reference for c in world.session.scalars(select(Comment).where(Comment.state == CommentState.PUBLISHED))
    }


def test_only_published_words_are_in_it(world, found):
    shown, hidden, _waiting = factories.submission(world, found, "电话13800001234，公开。", "广告骗子", "还没审")
    moderator = world.actor(Role.MODERATOR)
    moderation.decide(
        world.session, moderator, shown, CommentState.PUBLISHED, revision=0, at=NOON,
        masks=moderation.suggested_masks(shown),
    )  # fmt: skip
    moderation.decide(
        world.session, moderator, hidden, CommentState.WITHHELD, revision=0, at=NOON, reason_code="P3", note="广告。"
    )
    summary = summarise(world, found)
    assert [line.body for line in summary.comments] == ["电话138****1234，公开。"]
    assert summary.totals.withheld_by_reason == (("P3", "广告、垃圾信息或外部链接", 1),)
    for name in ("csv", "json", "html"):
        words = reports.render(name, summary).decode("utf-8-sig")
        assert "138****1234" in words
        for secret in ("13800001234", "广告骗子", "还没审"):
            assert secret not in words


def test_a_corrupted_database_makes_it_refuse_and_say_where(world, found):
    factories.submission(world, found, "一", "二")
    world.session.flush()
    # a comment that stands in a version nobody sees
    world.session.execute(text("UPDATE comment SET state = 'lost' WHERE number = 2"))
    world.session.expire_all()
    with pytest.raises(LookupError, match="lost"):
        summaries.freeze(world.session, world.actor(Role.DRAFTER), found, NOON, "")


def test_an_unbalanced_summary_is_not_kept(world, found, monkeypatch):
    factories.submission(world, found, "一", "二")
    real = summaries._totals
    monkeypatch.setattr(summaries, "_totals", lambda comments, reasons: real(comments[:-1], reasons))
    with pytest.raises(TotalsDoNotBalance, match="按"):
        summaries.freeze(world.session, world.actor(Role.DRAFTER), found, NOON, "")


def test_what_was_kept_comes_back_equal_and_gives_the_same_bytes(world, found):
    factories.submission(world, found, "一", "二", kind="enterprise", organisation="示例企业")
    for comment in world.session.scalars(select(Comment)).all():
        moderation.decide(
            world.session, world.actor(Role.MODERATOR), comment, CommentState.PUBLISHED, revision=0, at=NOON
        )
    kept = summaries.freeze(world.session, world.actor(Role.DRAFTER), found, NOON, "https://example.gov.cn")
    world.session.flush()
    world.session.expire_all()
    thawed = summaries.thaw(summaries.kept_summary(world.session, found, kept.number))
    assert thawed == dataclasses.replace(summarise(world, found), number=1, digest=kept.digest)
    for name in reports.FORMATS:
        assert reports.render(name, thawed) == reports.render(name, thawed), name


def test_a_later_comment_does_not_change_what_was_kept(world, found):
    kept = summaries.freeze(world.session, world.actor(Role.DRAFTER), found, NOON, "")
    factories.submission(world, found, "后来的")
    assert summaries.thaw(kept).totals.received == 0
    assert summaries.freeze(world.session, world.actor(Role.DRAFTER), found, NOON, "").number == 2


def test_only_staff_see_it_until_it_is_released(world, found):
    kept = summaries.freeze(world.session, world.actor(Role.DRAFTER), found, NOON, "")
    assert summaries.released_summary(world.session, found) is None
    with pytest.raises(NotAllowed):
        summaries.release(world.session, world.actor(Role.DRAFTER), found, kept, NOON)
    with pytest.raises(NotValid, match="复审、签发"):
        summaries.release(world.session, world.actor(Role.PUBLISHER), found, kept, NOON)
    summaries.sign(world.session, world.actor(Role.MODERATOR), found, kept, SummaryState.REVIEWED, NOON)
    summaries.sign(world.session, world.actor(Role.PUBLISHER), found, kept, SummaryState.RELEASED, NOON)
    summaries.release(world.session, world.actor(Role.PUBLISHER), found, kept, NOON)
    assert summaries.released_summary(world.session, found) is kept
    with pytest.raises(AlreadyDone):
        summaries.release(world.session, world.actor(Role.PUBLISHER), found, kept, NOON)


def test_of_two_who_tell_of_outreach_the_second_is_told(world, found):
    def tell(words, seen=""):
        narrating.tell_outreach(world.session, world.actor(Role.DRAFTER), found, words, NOON, seen)

    empty = plaintext.stamp("")
    tell("张贴二维码。", empty)
    tell("张贴二维码。", empty)  # both mean the same
    with pytest.raises(AlreadyDone, match="刚刚已由他人修改"):
        tell("召开座谈会。", empty)
    assert found.outreach == "张贴二维码。"
    tell("召开座谈会。", plaintext.stamp("张贴二维码。"))
    assert found.outreach == "召开座谈会。"


def test_personal_data_stands_in_no_paragraph_and_not_in_the_log(world, found):
    drafter = world.actor(Role.DRAFTER)
    with pytest.raises(NotValid, match=r"个人信息（138\*\*\*\*5678）"):
        narrating.write(world.session, drafter, found, "", "提出人电话13812345678，建议修改。", NOON)
    with pytest.raises(NotValid, match="个人信息"):
        narrating.tell_outreach(world.session, drafter, found, "联系人13812345678", NOON)
    narrating.write(world.session, drafter, found, "", "起草单位召开了两次座谈会。", NOON)
    event = world.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert event.act == "narrative.write"
    assert "座谈会" not in str(event.details)
