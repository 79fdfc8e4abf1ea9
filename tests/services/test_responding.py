"""Answers, and the one act that publishes them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.access import Role
from portal.errors import AlreadyDone, NotAllowed, NotThere, NotValid
from portal.models import OutgoingEmail
from portal.rules.words import CommentState
from portal.services import moderation, outbox, responding, results
from tests import factories
from tests.factories import NOON

AFTER = NOON + timedelta(days=25)


@pytest.fixture
def found(world):
    return factories.consultation(world)


def published(world, found, *bodies, **words):
    comments = factories.submission(world, found, *bodies, **words)
    for comment in comments:
        moderation.decide(
            world.session, world.actor(Role.MODERATOR), comment, CommentState.PUBLISHED, revision=0, at=NOON
        )
    return comments


def respond(world, found, numbers, disposition="adopted", reason="", changed_text="每日巡查两次。", role=Role.DRAFTER):
    return responding.respond(
        world.session, world.actor(role), found, numbers, disposition=disposition, reason=reason,
        changed_text=changed_text, at=AFTER,
    )  # fmt: skip


def publish(world, found, at=AFTER, role=Role.PUBLISHER):
    results.publish(world.session, world.seal, world.actor(role), found, at)


@pytest.mark.parametrize(
    "disposition", ["partly_adopted", "not_adopted", "explained", "kept_for_study", "out_of_scope"]
)
def test_everything_but_adoption_needs_a_reason(world, found, disposition):
    (comment,) = published(world, found, "意见")
    with pytest.raises(NotValid, match="理由"):
        respond(world, found, [comment.number], disposition)
    respond(world, found, [comment.number], disposition, reason="已在第三部分作出规定。")
    assert comment.response.disposition.value == disposition


def test_adoption_needs_the_changed_text(world, found):
    (comment,) = published(world, found, "意见")
    with pytest.raises(NotValid, match="原稿已体现"):
        respond(world, found, [comment.number], changed_text="")
    respond(world, found, [comment.number], changed_text="原稿已体现")
    assert comment.response.changed_text == "原稿已体现"


def test_one_answer_serves_many_comments(world, found):
    comments = published(world, found, "一", "二", "三")
    response = respond(world, found, [c.number for c in comments])
    assert {c.response_id for c in comments} == {response.id}


@pytest.mark.parametrize("numbers", [[], [99], [1, 99]])
def test_unknown_comments_are_not_answered(world, found, numbers):
    published(world, found, "一")
    with pytest.raises(NotThere):
        respond(world, found, numbers)


def test_what_is_not_public_is_not_answered(world, found):
    (comment,) = factories.submission(world, found, "待审")
    with pytest.raises(NotValid):
        respond(world, found, [comment.number])


def test_a_wrong_disposition_is_named(world, found):
    (comment,) = published(world, found, "一")
    with pytest.raises(NotValid) as refused:
        respond(world, found, [comment.number], "maybe")
    assert refused.value.fault == "disposition"


def test_results_wait_for_the_end_the_queue_and_every_answer(world, found):
    (comment,) = published(world, found, "意见")
    (waiting,) = factories.submission(world, found, "待审")
    with pytest.raises(NotValid, match="2026年4月1日24时才截止"):
        publish(world, found, NOON)
    with pytest.raises(NotValid, match="1条意见没有审核"):
        publish(world, found)
    moderation.decide(
        world.session, world.actor(Role.MODERATOR), waiting, CommentState.WITHHELD, revision=0, at=NOON,
        reason_code="P4", note="与草案无关。",
    )  # fmt: skip
    with pytest.raises(NotValid, match=r"1条意见没有答复（C-1）"):
        publish(world, found)
    respond(world, found, [comment.number])
    publish(world, found)
    assert found.results_published_at == AFTER
    with pytest.raises(AlreadyDone):
        publish(world, found)
    with pytest.raises(NotValid, match="已经公布"):
        moderation.decide(
            world.session, world.actor(Role.MODERATOR), comment, CommentState.PENDING, revision=1, at=AFTER
        )


def test_no_comments_is_a_result_too(world, found):
    publish(world, found)
    assert found.results_published_at == AFTER


def test_everyone_who_left_an_address_is_owed_the_answer(world, found):
    (comment,) = published(world, found, "意见", email="someone@example.com")
    published(world, found, "没有邮箱")
    respond(world, found, [comment.number, comment.number + 1], "not_adopted", reason="资金已在预算中安排。")
    publish(world, found)
    email = world.session.scalars(select(OutgoingEmail).where(OutgoingEmail.kind == "answer")).one()
    body = world.seal.open(email.body_sealed, outbox.BODY)
    assert "未采纳" in body
    assert "资金已在预算中安排。" in body


def test_only_drafters_answer_and_only_publishers_publish(world, found):
    (comment,) = published(world, found, "意见")
    with pytest.raises(NotAllowed):
        respond(world, found, [comment.number], role=Role.MODERATOR)
    respond(world, found, [comment.number])
    with pytest.raises(NotAllowed):
        publish(world, found, role=Role.DRAFTER)
