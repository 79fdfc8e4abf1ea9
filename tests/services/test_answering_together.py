"""Answering many at once: two drafters, campaigns, precedents, kept reasons."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from portal.access import Role
from portal.errors import AlreadyDone, NotThere, NotValid
from portal.models import AuditEvent, Comment, Response
from portal.services import precedents, reason_templates, responding
from tests import factories
from tests.factories import NOON
from tests.services.test_responding import AFTER, published, respond
from tests.services.test_results import campaign


@pytest.fixture
def found(world):
    return factories.consultation(world)


def answer(world, found, numbers, disposition="not_adopted", **words):
    given = {"reason": "依法收取。", "changed_text": "", "at": AFTER} | words
    return responding.respond(
        world.session, world.actor(Role.DRAFTER), found, numbers, disposition=disposition, **given
    )


def test_of_two_drafters_the_second_is_told_what_the_first_wrote(world, found):
    (comment,) = published(world, found, "意见")
    answer(world, found, [comment.number])
    with pytest.raises(AlreadyDone, match="C-1刚刚已由示例起草人员答复为“未采纳”"):
        answer(world, found, [comment.number], "explained")  # saw it without an answer
    seen = {comment.number: comment.response_id}
    answer(world, found, [comment.number], "explained", seen=seen)
    with pytest.raises(AlreadyDone):
        answer(world, found, [comment.number], "kept_for_study", seen=seen)


class TestSentAgain:
    def test_the_same_answer_of_the_same_person_is_done(self, world, found):
        (comment,) = published(world, found, "意见")
        first = answer(world, found, [comment.number])
        assert answer(world, found, [comment.number], reason=" 依法收取。\r\n") is first
        assert world.session.scalar(select(func.count()).select_from(Response)) == 1
        acts = select(func.count()).where(AuditEvent.act == "comment.respond")
        assert world.session.scalar(acts) == 1

    @pytest.mark.parametrize(
        "other", [{"disposition": "explained"}, {"reason": "另一个理由。"}, {"note": "说明。"}, {"reason": ""}]
    )  # fmt: skip
    def test_another_answer_is_a_collision(self, world, found, other):
        (comment,) = published(world, found, "意见")
        answer(world, found, [comment.number])
        with pytest.raises(AlreadyDone):
            answer(world, found, [comment.number], **other)

    def test_the_same_words_of_a_colleague_are_a_collision(self, world, found):
        (comment,) = published(world, found, "意见")
        first = answer(world, found, [comment.number])
        first.written_by_id = world.staff[Role.PUBLISHER].id
        world.session.flush()
        with pytest.raises(AlreadyDone):
            answer(world, found, [comment.number])

    def test_what_was_ticked_more_is_answered_along(self, world, found):
        numbers = [comment.number for comment in published(world, found, "一", "二")]
        first = answer(world, found, numbers[:1])
        both = answer(world, found, numbers)
        assert both is not first
        assert {comment.response_id for comment in found_comments(world)} == {both.id}

    def test_the_campaign_ticked_the_second_time_is_answered(self, world, found):
        comments = [published(world, found, "取消收费")[0] for _ in range(3)]
        campaign(world, found, comments)
        answer(world, found, [comments[0].number], note="先答复一条。")
        whole = answer(world, found, [comments[0].number], note="先答复一条。", is_whole_campaign=True)
        assert {c.response_id for c in comments} == {whole.id}
        again = answer(world, found, [comments[0].number], note="先答复一条。", is_whole_campaign=True)
        assert again is whole


def found_comments(world):
    return world.session.scalars(select(Comment)).all()


def test_an_unchanged_text_is_no_adoption(world, found):
    (comment,) = published(world, found, "意见")
    wording = comment.clause.wording
    with pytest.raises(NotValid, match="和原文一样"):
        respond(world, found, [comment.number], changed_text=wording)
    response = respond(world, found, [comment.number], "partly_adopted", reason="部分。", changed_text=f" {wording}")
    assert (response.changed_text, response.clause_id) == ("", None)


class TestCampaign:
    def test_is_answered_at_once(self, world, found):
        comments = [published(world, found, "取消收费", path=path)[0] for path in [("二、", "（一）"), (), ()]]
        campaign(world, found, comments, texts=1)
        other = published(world, found, "另一条")[0]
        response = answer(world, found, [comments[0].number], "partly_adopted", is_whole_campaign=True,
                          changed_text="免收工本费。")  # fmt: skip
        assert {c.response_id for c in comments} == {response.id}
        assert response.clause_id == comments[0].clause_id
        assert other.response_id is None
        standing = responding.campaign_of(world.session, comments[1])
        assert (standing.published, standing.answered, standing.name) == (3, 3, "取消收费")

    def test_what_somebody_answered_apart_is_left_alone_and_must_be_explained(self, world, found):
        comments = [published(world, found, "取消收费")[0] for _ in range(3)]
        campaign(world, found, comments)
        answer(world, found, [comments[2].number], "explained")
        with pytest.raises(NotValid, match=r"“取消收费”的答复不一致：C-1、C-2为未采纳；C-3为解释说明"):
            answer(world, found, [comments[0].number], is_whole_campaign=True)

    def test_an_explained_difference_is_kept(self, world, found):
        comments = [published(world, found, "取消收费")[0] for _ in range(3)]
        campaign(world, found, comments)
        answer(world, found, [comments[2].number], "explained")
        answer(world, found, [comments[0].number, comments[1].number], note="C-3 另附了材料，单独说明。")
        assert comments[0].response.note == "C-3 另附了材料，单独说明。"
        # answering it again along with the others, as they are answered, needs no note
        answer(world, found, [comments[2].number], seen={comments[2].number: comments[2].response_id})

    def test_short_words_are_no_campaign(self, world, found):
        comments = [published(world, found, "支持")[0] for _ in range(2)]
        campaign(world, found, comments).is_short = True
        world.session.flush()
        answer(world, found, [comments[0].number], "explained")
        answer(world, found, [comments[1].number], "adopted", changed_text="原稿已体现")


def test_precedents_are_of_the_clause_and_of_like_words(world, found):
    (here,) = published(world, found, "建议增加夜间巡查次数")
    (like,) = published(world, found, "建议增加夜间的巡查次数和人员", path=("三、", "（一）"))
    (same_clause,) = published(world, found, "保洁员工资太低")
    published(world, found, "毫不相干的话", path=("三、", "（二）"))
    answer(world, found, [like.number], reason="已有安排。")
    answer(world, found, [same_clause.number], reason="按合同执行。")
    found_ones = precedents.found(world.session, found, here, here.clause)
    assert [(p.comment.number, p.is_on_clause) for p in found_ones] == [
        (like.number, False),
        (same_clause.number, True),
    ]
    earlier = factories.consultation(world, "earlier")
    (again,) = published(world, earlier, "建议增加夜间巡查次数")
    (first, *_) = precedents.found(world.session, earlier, again, again.clause)
    assert first.consultation is found
    assert first.response.reason == "已有安排。"


def test_reasons_are_kept_per_bureau(world):
    actor = world.actor(Role.DRAFTER)
    reason_templates.keep(world.session, actor, "预算", "资金另行安排。", NOON)
    kept = reason_templates.keep(world.session, actor, "预算", "资金按预算程序另行编列。", NOON)
    assert [(t.name, t.words) for t in reason_templates.of_bureau(world.session, actor)] == [
        ("预算", "资金按预算程序另行编列。")
    ]
    other = factories.world(world.session, world.seal, "示例市财政局", "czj").actor(Role.DRAFTER)
    assert reason_templates.of_bureau(world.session, other) == []
    with pytest.raises(NotThere):
        reason_templates.remove(world.session, other, kept.id, NOON)
    with pytest.raises(NotValid):
        reason_templates.keep(world.session, actor, " ", "x", NOON)
    reason_templates.remove(world.session, actor, kept.id, NOON)
    assert reason_templates.of_bureau(world.session, actor) == []
