"""The moderation desk: what may be decided, by whom, and what is kept of it."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select

from portal.access import Role
from portal.errors import AlreadyDone, NotAllowed, NotValid
from portal.models import AuditEvent, Comment, ModerationDecision
from portal.rules.words import CommentState
from portal.services import audit, looking, masking, moderation, reading
from tests import factories
from tests.factories import NOON

PERSONAL = "我叫王小明，电话13800001234，邮箱wang@example.com。巡查太少。"


@pytest.fixture
def found(world):
    return factories.consultation(world)


def decide(world, comment, to, role=Role.MODERATOR, revision=None, **words):
    return moderation.decide(
        world.session,
        world.actor(role),
        comment,
        CommentState(to),
        revision=comment.revision if revision is None else revision,
        at=NOON,
        **words,
    )


def test_nothing_is_public_before_approval(world, found):
    (comment,) = factories.submission(world, found, "批评：这份方案不切实际。")
    assert reading.published_comments(world.session, found, comment.clause_id).comments == []
    assert reading.public_counts(world.session, found) == {}
    decide(world, comment, "published")
    assert reading.published_comments(world.session, found, comment.clause_id).comments == [comment]
    assert reading.public_counts(world.session, found) == {comment.clause_id: 1}


def test_withholding_asks_for_a_code_and_a_note(world, found):
    (comment,) = factories.submission(world, found, "加微信办贷款")
    with pytest.raises(NotValid, match="理由"):
        decide(world, comment, "withheld", note="广告")
    with pytest.raises(NotValid, match="理由"):
        decide(world, comment, "withheld", reason_code="CRITICISM", note="批评政府")
    with pytest.raises(NotValid, match="具体情况"):
        decide(world, comment, "withheld", reason_code="P3")
    decide(world, comment, "withheld", reason_code="P3", note="广告，与草案无关。")
    assert (comment.state, comment.reason_code) == (CommentState.WITHHELD, "P3")


def test_criticism_is_not_a_reason(world):
    from portal.services import reference

    words = "".join(reason.words for reason in reference.withholding_reasons(world.session))
    assert "批评" not in words
    assert "反对征求意见" not in words


def test_the_second_of_two_moderators_is_told_and_nothing_is_overwritten(world, found):
    (comment,) = factories.submission(world, found, "意见")
    decide(world, comment, "published")
    with pytest.raises(AlreadyDone, match="示例审核员处理，现在是“公开”"):
        decide(world, comment, "withheld", revision=0, reason_code="P4", note="无关")
    assert comment.state is CommentState.PUBLISHED


def test_two_moderators_at_the_same_instant(database, seal):
    with database.writer() as session:
        made = factories.world(session, seal)
        (comment,) = factories.submission(made, factories.consultation(made), "意见")
        session.commit()
        actor, number = made.actor(Role.MODERATOR), comment.id
    outcomes: list[str] = []
    gate = threading.Barrier(2)

    def moderate() -> None:
        gate.wait()
        with database.writer() as session:
            mine = session.get(Comment, number)
            try:
                moderation.decide(session, actor, mine, CommentState.PUBLISHED, revision=0, at=NOON)
                session.commit()
                outcomes.append("done")
            except AlreadyDone:
                outcomes.append("told")

    threads = [threading.Thread(target=moderate) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "told"]
    with database.reader() as session:
        assert len(session.scalars(select(ModerationDecision)).all()) == 1


def test_every_decision_is_kept(world, found):
    (comment,) = factories.submission(world, found, "意见")
    decide(world, comment, "published")
    decide(world, comment, "withheld", reason_code="P4", note="与草案无关。")
    decide(world, comment, "pending")
    decide(world, comment, "published")
    kept = moderation.decisions(world.session, comment)
    assert [(d.from_state.value, d.to_state.value) for d in kept] == [
        ("pending", "published"),
        ("published", "withheld"),
        ("withheld", "pending"),
        ("pending", "published"),
    ]
    acts = world.session.scalars(select(AuditEvent.act).order_by(AuditEvent.id)).all()[-4:]
    assert acts == ["comment.published", "comment.withheld", "comment.pending", "comment.published"]
    assert list(audit.verify(world.session)) == []


def test_personal_data_leaves_only_masked(world, found):
    (comment,) = factories.submission(world, found, PERSONAL)
    masks = moderation.suggested_masks(comment)
    decide(world, comment, "published", masks=masks)
    assert comment.public_body == "我叫王**，电话138****1234，邮箱w***@example.com。巡查太少。"
    assert comment.body == PERSONAL


def test_publication_waits_until_every_certain_span_is_decided(world, found):
    (comment,) = factories.submission(world, found, PERSONAL)
    spans = moderation.suggested_masks(comment)
    with pytest.raises(NotValid, match="处个人信息没有决定"):
        decide(world, comment, "published", note="一句说明不够")
    with pytest.raises(NotValid, match="还有1处"):
        decide(world, comment, "published", masks=spans[:-1])
    decision = decide(world, comment, "published", masks=spans[:-1], cleared=spans[-1:])
    assert comment.public_body.endswith("邮箱wang@example.com。巡查太少。")
    assert [(c.field, c.kind) for c in decision.cleared] == [("body", "email")]


def test_a_suggestion_can_be_moved(world, found):
    (comment,) = factories.submission(world, found, PERSONAL)
    name, *rest = moderation.suggested_masks(comment)
    shorter = masking.moved(comment, name, "小明")
    decide(world, comment, "published", masks=[shorter, *rest])
    assert comment.public_body.startswith("我叫王")
    assert "小明" not in comment.public_body
    with pytest.raises(NotValid, match="没有“李四”"):
        masking.moved(comment, name, "李四")


def test_a_moderator_can_mask_words_the_machine_missed(world, found):
    (comment,) = factories.submission(world, found, "找村东头老李，老李知道。")
    masks = moderation.masks_of_words(comment, "老李")
    decide(world, comment, "published", masks=masks)
    assert comment.public_body == "找村东头【已隐去】，【已隐去】知道。"
    with pytest.raises(NotValid, match="没有“老王”"):
        moderation.masks_of_words(comment, "老王")


def test_overlapping_masks_hide_the_union_once():
    masks = [moderation.Mask("body", 2, 6, "chosen", "■"), moderation.Mask("body", 4, 8, "chosen", "□")]
    assert moderation.public_copy("0123456789", "body", masks) == "01■89"


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.PUBLISHER, Role.DRAFTER, Role.AUDITOR])
def test_only_moderators_decide(world, found, role):
    (comment,) = factories.submission(world, found, "意见")
    with pytest.raises(NotAllowed):
        decide(world, comment, "published", role=role)


def test_another_bureaus_moderator_may_not(world, found):
    (comment,) = factories.submission(world, found, "意见")
    other = factories.world(world.session, world.seal, "示例市教育局", "jyj")
    with pytest.raises(NotAllowed):
        decide(other, comment, "published")


def test_looking_at_contact_data_is_logged(world, found):
    (comment,) = factories.submission(world, found, "意见", name="王小明", email="w@example.com")
    seen = looking.see_contact(world.session, world.seal, world.actor(Role.MODERATOR), comment, NOON)
    assert seen == {"name": "王小明", "email": "w@example.com"}
    event = world.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert (event.act, event.details["receipt"]) == ("contact.see", comment.submission.receipt_number)
    assert "王小明" not in str(event.details)
