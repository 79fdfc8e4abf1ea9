"""What is decided twice: undoing, merging, withholding by two people, appeals, sealed words."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.access import Role
from portal.errors import AlreadyDone, NotAllowed, NotValid
from portal.models import Account, AuditEvent, Comment, ModerationDecision, OutgoingEmail, SiteSetting
from portal.rules.words import CommentState
from portal.services import (
    amending,
    appeals,
    audit,
    looking,
    moderation,
    outbox,
    proposing,
    summaries,
    tallies,
    telling,
    tracking,
)
from tests import factories
from tests.factories import NOON

PERSONAL = "我叫王小明，电话13800001234。巡查太少。"


@pytest.fixture
def found(world):
    return factories.consultation(world)


@pytest.fixture
def colleague(world):
    return factories.colleague(world)


def decide(world, comment, to, actor=None, at=NOON, **words):
    return moderation.decide(
        world.session, actor or world.actor(Role.MODERATOR), comment, CommentState(to), revision=comment.revision, at=at,
        **words,
    )  # fmt: skip


def undo(world, comment, actor=None, at=NOON):
    return moderation.undo(
        world.session, actor or world.actor(Role.MODERATOR), comment, revision=comment.revision, at=at
    )


# ── undoing ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_decision_is_undone_by_another_decision(world, found):
    (comment,) = factories.submission(world, found, PERSONAL)
    masks = moderation.suggested_masks(comment)
    decide(world, comment, "published", masks=masks)
    public = comment.public_body
    decide(world, comment, "withheld", reason_code="P4", note="无关")
    undo(world, comment)
    assert (comment.state, comment.public_body, comment.reason_code) == (CommentState.PUBLISHED, public, "")
    kept = moderation.decisions(world.session, comment)
    assert [(d.to_state.value, d.undoes_id) for d in kept] == [
        ("published", None), ("withheld", None), ("published", kept[1].id),
    ]  # fmt: skip
    assert len(kept[2].redactions) == len(masks)
    with pytest.raises(AlreadyDone, match="没有可以撤销"):
        undo(world, comment)
    assert list(audit.verify(world.session)) == []


def test_only_ones_own_and_only_for_a_while(world, found, colleague):
    (comment,) = factories.submission(world, found, "意见")
    decide(world, comment, "published")
    assert moderation.undoable(world.session, world.actor(Role.MODERATOR), NOON)[1] is comment
    assert moderation.undoable(world.session, colleague, NOON) is None
    with pytest.raises(NotAllowed, match="自己的决定"):
        undo(world, comment, colleague)
    late = NOON + moderation.UNDO_WITHIN + timedelta(seconds=1)
    assert moderation.undoable(world.session, world.actor(Role.MODERATOR), late) is None
    with pytest.raises(NotValid, match="30分钟"):
        undo(world, comment, at=late)
    undo(world, comment)
    assert comment.state is CommentState.PENDING


def test_a_letter_that_has_not_gone_out_is_not_owed_after_undoing(world, found):
    (comment,) = factories.submission(world, found, "意见", name="王小明", email="w@example.com")
    made = decide(world, comment, "withheld", reason_code="P4", note="无关")
    assert telling.withheld(world.session, world.seal, comment, made, "http://x")
    (letter,) = letters(world)
    assert letter.due_at == NOON + moderation.UNDO_WITHIN
    assert "与草案无关。无关" in world.seal.open(letter.body_sealed, outbox.BODY)
    undo(world, comment)
    assert letters(world) == []


def letters(world):
    return list(world.session.scalars(select(OutgoingEmail).where(OutgoingEmail.kind != "receipt")))


# ── merging ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_comment_is_merged_into_a_published_one_and_totals_balance(world, found):
    (first,) = factories.submission(world, found, "每日巡查两次。")
    (second,) = factories.submission(world, found, "每日巡查两次！", name="王小明", email="w@example.com")
    with pytest.raises(NotValid, match="只能并入"):
        decide(world, second, "merged", merged_into=first.number)
    decide(world, first, "published")
    for number in (None, second.number, 99):
        with pytest.raises(NotValid, match="并入"):
            decide(world, second, "merged", merged_into=number)
    decide(world, second, "merged", merged_into=first.number)
    assert (second.state, second.merged_into_id, second.urgency) == (CommentState.MERGED, first.id, None)
    totals = tallies.totals(world.session, found.id)
    assert (totals[CommentState.MERGED], totals[CommentState.PUBLISHED]) == (1, 1)
    summary = summaries.summarise(world.session, found, NOON, "")
    assert summary.totals.is_balanced
    assert summary.totals.merged == 1
    (story,) = tracking.stories(world.session, second.submission)
    assert story.merged_into is first
    decide(world, second, "pending")
    assert second.merged_into_id is None


def test_what_was_merged_follows_its_target(world, found):
    comments = [factories.submission(world, found, f"意见{n}")[0] for n in range(3)]
    decide(world, comments[0], "published")
    decide(world, comments[1], "published")
    decide(world, comments[2], "merged", merged_into=comments[1].number)
    decide(world, comments[1], "merged", merged_into=comments[0].number)
    world.session.expire_all()
    assert comments[2].merged_into_id == comments[0].id
    undo(world, comments[1])
    assert comments[1].state is CommentState.PUBLISHED


# ── withholding by two people ─────────────────────────────────────────────────────────────────────────


@pytest.fixture
def by_two(world):
    world.session.add(SiteSetting(key="is_second_person_needed", value="1"))
    world.session.flush()


def propose(world, comment, actor=None):
    return proposing.propose(
        world.session, actor or world.actor(Role.MODERATOR), comment, revision=comment.revision, at=NOON,
        reason_code="P4", note="与草案无关",
    )  # fmt: skip


def test_nobody_withholds_alone_where_two_are_asked_for(world, found, by_two, colleague):
    (comment,) = factories.submission(world, found, "意见")
    with pytest.raises(NotValid, match="两个人"):
        decide(world, comment, "withheld", reason_code="P4", note="无关")
    propose(world, comment)
    assert comment.state is CommentState.PENDING
    with pytest.raises(AlreadyDone):
        propose(world, comment, colleague)
    mine = world.actor(Role.MODERATOR)
    with pytest.raises(NotAllowed, match="另一位"):
        proposing.confirm(world.session, mine, comment, revision=0, at=NOON)
    made = proposing.confirm(world.session, colleague, comment, revision=0, at=NOON)
    assert (made.decided_by_id, made.proposed_by_id) == (colleague.account_id, mine.account_id)
    assert (comment.state, comment.reason_code, comment.urgency) == (CommentState.WITHHELD, "P4", None)


def test_the_second_person_may_not_agree_or_publish(world, found, by_two, colleague):
    (comment,) = factories.submission(world, found, "意见")
    propose(world, comment)
    with pytest.raises(NotValid, match="为什么不同意"):
        proposing.decline(world.session, colleague, comment, revision=0, at=NOON, note="")
    proposing.decline(world.session, colleague, comment, revision=0, at=NOON, note="说的就是草案")
    assert comment.urgency == 3
    propose(world, comment)
    moderation.decide(world.session, colleague, comment, CommentState.PUBLISHED, revision=0, at=NOON)
    assert [p.outcome.value for p in proposing.of_comment(world.session, comment.id)] == ["declined", "overtaken"]


# ── appeals ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def appealed(world, found):
    (comment,) = factories.submission(world, found, PERSONAL, name="王小明", email="w@example.com")
    decide(world, comment, "withheld", reason_code="P4", note="与草案无关")
    amending.appeal(world.session, comment.submission, comment.number, "说的就是第二条", NOON)
    return comment


def judge(world, comment, actor, is_upheld, **more):
    return appeals.decide(
        world.session, world.seal, actor, comment, is_upheld=is_upheld, words=more.pop("words", "与第二条有关"),
        revision=comment.revision, at=NOON, public_url="http://x", **more,
    )  # fmt: skip


def test_an_appeal_is_judged_by_somebody_else(world, appealed, colleague):
    mine = world.actor(Role.MODERATOR)
    with pytest.raises(NotAllowed, match="没有参与"):
        judge(world, appealed, mine, is_upheld=True)
    with pytest.raises(NotValid, match="申诉"):
        decide(world, appealed, "published", masks=moderation.suggested_masks(appealed))
    with pytest.raises(NotValid, match="已经申诉"):
        undo(world, appealed)
    with pytest.raises(NotValid, match="没有决定"):
        judge(world, appealed, colleague, is_upheld=True)
    with pytest.raises(NotValid, match="理由"):
        judge(world, appealed, colleague, is_upheld=False, words="")
    judge(world, appealed, colleague, is_upheld=True, masks=moderation.suggested_masks(appealed))
    assert appealed.state is CommentState.PUBLISHED
    (story,) = tracking.stories(world.session, appealed.submission)
    assert story.appeal.decision.is_upheld
    (letter,) = letters(world)
    assert "同意，意见已经公开" in world.seal.open(letter.body_sealed, outbox.BODY)


def test_an_appeal_nobody_is_left_to_decide_is_known(world, appealed):
    assert appeals.judges(world.session, appealed) == []
    assert appeals.undecidable(world.session) == [appealed]
    assert appeals.undecidable(world.session, world.bureau.id) == [appealed]
    assert appeals.undecidable(world.session, world.bureau.id + 1) == []
    assert moderation.undoable(world.session, world.actor(Role.MODERATOR), NOON) is None
    third = factories.colleague(world)
    assert [each.id for each in appeals.judges(world.session, appealed)] == [third.account_id]
    assert appeals.undecidable(world.session) == []
    judge(world, appealed, third, is_upheld=False)
    world.session.get_one(Account, third.account_id).is_active = False
    world.session.flush()
    assert appeals.undecidable(world.session) == []  # decided: nobody waits


def test_an_appeal_that_is_not_upheld_is_over(world, appealed, colleague):
    judge(world, appealed, colleague, is_upheld=False)
    assert (appealed.state, appealed.urgency) == (CommentState.WITHHELD, None)
    assert moderation.open_appeal(world.session, appealed) is None
    decide(world, appealed, "pending")


# ── sealed words ──────────────────────────────────────────────────────────────────────────────────────


def test_unlawful_words_are_shown_only_after_a_logged_look(world, found):
    unlawful, idle = (factories.submission(world, found, f"意见{n}")[0] for n in range(2))
    decide(world, unlawful, "withheld", reason_code="M8", note="侮辱他人")
    decide(world, idle, "withheld", reason_code="P4", note="无关")
    codes = looking.sealing_codes(world.session)
    assert (looking.is_sealed(unlawful, codes), looking.is_sealed(idle, codes)) == (True, False)
    assert {"M1", "M9", "P7"} <= codes
    looking.see_sealed(world.session, world.actor(Role.MODERATOR), unlawful, NOON)
    event = world.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert (event.act, event.details) == ("sealed.see", {"reason": "M8"})


def test_decisions_and_cleared_spans_are_never_rewritten(world, found):
    (comment,) = factories.submission(world, found, PERSONAL)
    spans = moderation.suggested_masks(comment)
    decision = decide(world, comment, "published", masks=spans[:1], cleared=spans[1:])
    decision.cleared[0].kind = "name"
    with pytest.raises(Exception, match="never rewritten"):
        world.session.flush()
    world.session.rollback()
    assert world.session.scalar(select(ModerationDecision.id)) is None
    assert world.session.scalar(select(Comment.id)) is None
