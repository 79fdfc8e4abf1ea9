"""Publishing what became of the comments, its obstacles, its corrections (rules C: TC-C01 … TC-C07)."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from portal.access import Role
from portal.errors import AlreadyDone, NotAllowed, NotThere, NotValid
from portal.models import Campaign, OutgoingEmail, PublishedAnswer, PublishedResult
from portal.reports import adoption_files
from portal.rules.words import CommentState, Disposition, FeedbackForm, SummaryState
from portal.services import masking, moderation, outbox, published_results, responding, results, summaries, tracking
from portal.services.results import Plan
from tests import factories
from tests.factories import NOON
from tests.services.test_responding import AFTER, publish, published, respond


@pytest.fixture
def found(world):
    return factories.consultation(world)


def campaign(world, found, comments, texts=1):
    made = Campaign(
        consultation_id=found.id, representative_id=comments[0].id, submissions=len(comments), texts=texts,
        first_received_at=NOON, last_received_at=NOON, grouped_at=NOON,
    )  # fmt: skip
    world.session.add(made)
    world.session.flush()
    for comment in comments:
        comment.campaign_id = made.id
    world.session.flush()
    return made


def rows(world, result):
    return published_results.whole(world.session, result).rows


def newest(world, found):
    return published_results.versions(world.session, found, AFTER + timedelta(days=99))[0]


def correct(world, found, why="第一条的理由引用有误，现予更正。", at=AFTER + timedelta(days=1)):
    return results.correct(world.session, world.seal, world.actor(Role.PUBLISHER), found, at, Plan(correction=why))


def test_text_and_table_say_the_same(world, found):
    """TC-C01."""
    outcomes = ["adopted", *["partly_adopted"] * 2, *["explained"] * 3]
    for n, outcome in enumerate(outcomes):
        (comment,) = published(world, found, f"第{n}条意见各不相同")
        respond(world, found, [comment.number], outcome, reason="" if outcome == "adopted" else f"理由{n}。")
    publish(world, found)
    result = newest(world, found)
    feedback = published_results.feedback_of(world.session, result)
    assert "共收到意见6条，其中采纳1条、部分采纳2条、解释说明3条。" in feedback.letter
    assert "（1＋2）÷（1＋2＋0）＝100.0%" in feedback.rate
    assert sum(row.count for row in rows(world, result)) == 6
    assert published_results.is_whole(world.session, result)


def test_a_refusal_without_a_reason_is_refused(world, found):
    """TC-C02."""
    (comment,) = published(world, found, "意见")
    with pytest.raises(NotValid, match="理由"):
        respond(world, found, [comment.number], "not_adopted")


def test_nothing_received_is_published_too(world, found):
    """TC-C03."""
    publish(world, found)
    result = newest(world, found)
    assert result.form is FeedbackForm.NONE
    assert "未收到社会公众提出的意见建议" in published_results.feedback_of(world.session, result).letter


def test_three_with_the_same_words_are_one_row_of_three_people(world, found):
    """TC-C04."""
    comments = [published(world, found, "建议每日巡查两次。")[0] for _ in range(3)]
    respond(world, found, [c.number for c in comments])
    publish(world, found)
    (row,) = rows(world, newest(world, found))
    assert row.references == ("C-1", "C-2", "C-3")
    assert row.respondent.endswith("等3人")


def test_what_members_of_a_campaign_propose_is_told_as_theirs(world, found):
    """Nothing proposed is lost, and nobody is told to have proposed what another did."""
    proposals = ["", "每日巡查两次。", "", "每日巡查三次。", "每日巡查两次。"]
    comments = [
        published(world, found, f"应当多巡查{'！' * (n % 2)}", proposed_text=proposed)[0]
        for n, proposed in enumerate(proposals)
    ]
    campaign(world, found, comments, texts=4)
    respond(world, found, [c.number for c in comments], "not_adopted", reason="按现有力量安排。")
    publish(world, found)
    result = newest(world, found)
    told = {row.references: row.comment for row in rows(world, result)}
    assert set(told) == {("C-1", "C-3"), ("C-2", "C-5"), ("C-4",)}
    assert "建议改为" not in told["C-1", "C-3"]
    assert "两次" in told["C-2", "C-5"]
    assert "三次" in told["C-4",]
    content = adoption_files.render_csv(published_results.whole(world.session, result)).decode("utf-8-sig")
    sheet = list(csv.DictReader(io.StringIO(content)))
    assert {row["意见编号"]: "建议改为" in row["意见内容"] for row in sheet if row["序号"].isdigit()} == {
        "C-1、C-3": False, "C-2、C-5": True, "C-4": True,
    }  # fmt: skip
    assert published_results.is_whole(world.session, result)


@pytest.mark.parametrize("field", ["reason", "changed_text"])
def test_personal_data_blocks_until_it_is_masked(world, found, field, monkeypatch):
    """TC-C05."""
    (comment,) = published(world, found, "意见")
    words = {"reason": "已电话告知。", "changed_text": "每日巡查两次。"}
    other = words | {field: "请拨打13812345678。"}
    with pytest.raises(NotValid, match=r"个人信息（138\*\*\*\*5678）") as refused:
        respond(world, found, [comment.number], "partly_adopted", **other)
    assert refused.value.fault == field
    with monkeypatch.context() as before_it_was_looked_for:
        before_it_was_looked_for.setattr(masking, "require_none", lambda *_: None)
        respond(world, found, [comment.number], "partly_adopted", **other)
    with pytest.raises(NotValid, match=r"1处还有个人信息.*C-1"):
        publish(world, found)
    seen = {comment.number: comment.response_id}
    responding.respond(
        world.session, world.actor(Role.DRAFTER), found, [comment.number], disposition="partly_adopted", at=AFTER,
        seen=seen, **words,
    )  # fmt: skip
    publish(world, found)
    assert "138" not in str(published_results.whole(world.session, newest(world, found)))


def test_a_correction_is_a_new_version_and_the_old_one_stays(world, found):
    """TC-C06."""
    (first, second) = published(world, found, "第一条意见", "第二条意见", email="someone@example.com")
    respond(world, found, [first.number], "explained", reason="依据旧的规定。")
    respond(world, found, [second.number], "explained", reason="按预算安排。")
    publish(world, found)
    with pytest.raises(NotValid, match="没有改动过的答复"):
        correct(world, found)
    responding.respond(
        world.session, world.actor(Role.DRAFTER), found, [first.number], disposition="not_adopted",
        reason="依据新的规定。", changed_text="", at=AFTER, seen={first.number: first.response_id},
    )  # fmt: skip
    world.session.expire_all()
    assert first.published_response.reason == "依据旧的规定。"  # private until it is published
    with pytest.raises(NotValid, match="更正了什么"):
        correct(world, found, "改了")
    correct(world, found)
    new, old = published_results.versions(world.session, found, AFTER + timedelta(days=9))
    assert (old.number, new.number, new.correction) == (1, 2, "第一条的理由引用有误，现予更正。")
    assert [row.reason for row in rows(world, old)] == ["依据旧的规定。", "按预算安排。"]
    assert [row.reason for row in rows(world, new)] == ["依据新的规定。", "按预算安排。"]
    assert first.published_response.reason == "依据新的规定。"
    letters = list(world.session.scalars(select(OutgoingEmail).where(OutgoingEmail.kind == "answer")))
    bodies = [world.seal.open(letter.body_sealed, outbox.BODY) for letter in letters]
    assert "经研究，解释说明，理由：依据旧的规定。" in bodies[0]
    assert "更正说明：第一条的理由引用有误" in bodies[1]
    assert "按预算安排" not in bodies[1]  # that answer is what it was


def test_a_changed_clause_shows_the_old_words_and_the_new(world, found):
    """TC-C07."""
    (comment,) = published(world, found, "每日两次", path=("二、", "（一）"))
    respond(world, found, [comment.number], changed_text="城区河道每日巡查两次，农村河道每周巡查一次。")
    publish(world, found)
    (row,) = rows(world, newest(world, found))
    assert row.original.startswith("城区河道每日巡查一次，农村河道每周巡查一次。")
    assert row.change.endswith("→ 修改后：城区河道每日巡查两次，农村河道每周巡查一次。")
    told = tracking.stories(world.session, comment.submission)
    assert told[0].original == row.original


class TestUnanswered:
    def plan(self, reason="与前面的意见同类，理由相同。"):
        return Plan(unanswered_reason=reason)

    def publish(self, world, found, plan):
        return results.publish(world.session, world.seal, world.actor(Role.PUBLISHER), found, AFTER, plan)

    def test_may_be_left_only_with_a_reason_that_is_published(self, world, found):
        (first, second) = published(world, found, "第一", "第二")
        respond(world, found, [first.number])
        with pytest.raises(NotValid, match="C-2"):
            publish(world, found)
        with pytest.raises(NotValid, match="不少于10字"):
            self.publish(world, found, self.plan("同上"))
        result = self.publish(world, found, self.plan())
        assert result.unanswered_reason == "与前面的意见同类，理由相同。"
        assert (
            "未逐条答复的1条，原因是：与前面的意见同类，理由相同。"
            in published_results.feedback_of(world.session, result).letter
        )
        assert [row.disposition for row in rows(world, result)] == [Disposition.ADOPTED, None]
        assert second.published_response_id is None

    def test_what_many_said_alike_is_always_answered(self, world, found):
        campaign(world, found, [published(world, found, "取消收费")[0] for _ in range(3)])
        with pytest.raises(NotValid, match=r"依规定须逐条答复.*C-1、C-2、C-3"):
            self.publish(world, found, self.plan())

    def test_some_laws_ask_for_every_reason(self, world):
        found = factories.consultation(world, "cxgh", document_type="CXGH")
        published(world, found, "意见")
        with pytest.raises(NotValid, match="依规定须逐条答复"):
            self.publish(world, found, self.plan())

    def test_enterprises_are_answered_on_what_binds_them(self, world):
        found = factories.consultation(world, "gfxwj", document_type="GFXWJ-E")
        published(world, found, "个人意见")
        published(world, found, "企业意见", kind="enterprise", organisation="示例公司")
        with pytest.raises(NotValid, match=r"1条意见依规定须逐条答复.*：C-2。"):
            self.publish(world, found, self.plan())


def test_an_inconsistent_campaign_cannot_be_published(world, found):
    comments = [published(world, found, "取消收费")[0] for _ in range(3)]
    respond(world, found, [comments[0].number], "explained", reason="依法收取。")
    respond(world, found, [comments[1].number, comments[2].number], "not_adopted", reason="依法收取。")
    campaign(world, found, comments)  # grouped after they were answered
    with pytest.raises(NotValid, match=r"不一致：C-2、C-3为未采纳；C-1为解释说明"):
        publish(world, found)


def test_groups_can_be_campaigns(world, found):
    comments = [published(world, found, "取消收费", path=())[0] for _ in range(2)]
    made = campaign(world, found, comments, texts=1)
    made.name = "收费问题"
    respond(world, found, [c.number for c in comments], "not_adopted", reason="依法收取。")
    result = results.publish(
        world.session, world.seal, world.actor(Role.PUBLISHER), found, AFTER, Plan(form="by_campaign")
    )
    (group,) = published_results.feedback_of(world.session, result).groups
    assert (group.subject, group.count) == ("收费问题", 2)


def test_what_was_published_never_changes(world, found):
    (comment,) = published(world, found, "意见")
    respond(world, found, [comment.number])
    publish(world, found)
    for statement in (
        "UPDATE published_result SET correction = 'x'", "DELETE FROM published_answer",
        "UPDATE published_answer SET reason = 'x'",
    ):  # fmt: skip
        with pytest.raises(IntegrityError, match="never changes"), world.session.begin_nested():
            world.session.execute(text(statement))


def test_pages_of_one_outcome(world, found):
    for n in range(published_results.PAGE + 3):
        (comment,) = published(world, found, f"第{n}条意见")
        respond(world, found, [comment.number], "explained" if n else "not_adopted", reason=f"理由{n}")
    publish(world, found)
    result = newest(world, found)
    first = published_results.page(world.session, result, 1, None)
    assert (len(first.rows), first.pages, first.total) == (published_results.PAGE, 2, published_results.PAGE + 3)
    (only,) = published_results.page(world.session, result, 7, Disposition.NOT_ADOPTED).rows
    assert only.references == ("C-1",)


def test_what_was_published_before_there_were_versions_becomes_the_first(world, found):
    (comment,) = published(world, found, "意见")
    response = respond(world, found, [comment.number])
    found.results_published_at = AFTER
    comment.published_response_id = response.id
    world.session.flush()
    assert results.complete(world.session) == 1
    assert results.complete(world.session) == 0
    assert [row.references for row in rows(world, newest(world, found))] == [("C-1",)]


def test_who_may_publish_and_correct(world, found):
    with pytest.raises(NotAllowed):
        publish(world, found, role=Role.DRAFTER)
    with pytest.raises(NotThere):
        correct(world, found)
    publish(world, found)
    with pytest.raises(AlreadyDone):
        publish(world, found)
    assert world.session.scalar(select(PublishedAnswer.id)) is None
    assert world.session.scalars(select(PublishedResult)).one().published_at == AFTER


def test_a_decision_on_a_comment_waits_for_nothing_here(world, found):
    (comment,) = factories.submission(world, found, "待审")
    with pytest.raises(NotValid, match="没有审核"):
        publish(world, found)
    moderation.decide(
        world.session, world.actor(Role.MODERATOR), comment, CommentState.WITHHELD, revision=0, at=NOON,
        reason_code="P4", note="与草案无关。",
    )  # fmt: skip
    publish(world, found)


class TestPreparing:
    def test_what_was_prepared_is_published_while_nothing_changed(self, world, found, monkeypatch):
        (comment,) = published(world, found, "意见")
        assert results.prepare(world.session, found, AFTER, Plan()) is None  # something is unanswered
        respond(world, found, [comment.number])
        prepared = results.prepare(world.session, found, AFTER, Plan())
        monkeypatch.setattr(results, "gather", lambda *_: pytest.fail("gathered twice"))
        actor = world.actor(Role.PUBLISHER)
        result = results.publish(world.session, world.seal, actor, found, AFTER, Plan(), prepared=prepared)
        assert [row.references for row in rows(world, result)] == [("C-1",)]

    def test_what_changed_meanwhile_is_gathered_again(self, world, found):
        (comment,) = published(world, found, "意见")
        respond(world, found, [comment.number])
        prepared = results.prepare(world.session, found, AFTER, Plan())
        responding.respond(
            world.session, world.actor(Role.DRAFTER), found, [comment.number], disposition="explained",
            reason="后来的答复。", changed_text="", at=AFTER, seen={comment.number: comment.response_id},
        )  # fmt: skip
        actor = world.actor(Role.PUBLISHER)
        result = results.publish(world.session, world.seal, actor, found, AFTER, Plan(), prepared=prepared)
        assert [row.reason for row in rows(world, result)] == ["后来的答复。"]


def test_a_summary_with_private_answers_is_not_released(world, found):
    (comment,) = published(world, found, "意见")
    respond(world, found, [comment.number])
    publisher = world.actor(Role.PUBLISHER)
    kept = summaries.freeze(world.session, publisher, found, AFTER, "")
    with pytest.raises(NotValid, match="还没有公布的采纳情况"):
        summaries.release(world.session, publisher, found, kept, AFTER)
    publish(world, found)
    summaries.sign(world.session, world.actor(Role.MODERATOR), found, kept, SummaryState.REVIEWED, AFTER)
    summaries.sign(world.session, publisher, found, kept, SummaryState.RELEASED, AFTER)
    summaries.release(world.session, publisher, found, kept, AFTER)
    # an answer that was changed and is not published yet stands in the next one
    responding.respond(
        world.session, world.actor(Role.DRAFTER), found, [comment.number], disposition="not_adopted",
        reason="依据新的规定。", changed_text="", at=AFTER, seen={comment.number: comment.response_id},
    )  # fmt: skip
    later = summaries.freeze(world.session, publisher, found, AFTER, "")
    summaries.sign(world.session, world.actor(Role.MODERATOR), found, later, SummaryState.REVIEWED, AFTER)
    summaries.sign(world.session, publisher, found, later, SummaryState.RELEASED, AFTER)
    with pytest.raises(NotValid, match="与已公布的采纳情况不一致"):
        summaries.release(world.session, publisher, found, later, AFTER)
    correct(world, found)
    summaries.release(world.session, publisher, found, later, AFTER)
