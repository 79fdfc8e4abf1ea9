"""Reminders, scorecards and the document that was issued in the end."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta

import openpyxl
import pytest
from sqlalchemy import func, select

from portal.access import Role
from portal.errors import NotValid
from portal.models import AnswerReminder, OutgoingEmail
from portal.rules import uploads, window
from portal.rules.answering import Share
from portal.services import adopting, case_files, outbox, reminding, scorecards
from portal.services.people import EMAIL_CONTEXT
from tests import factories
from tests.services.test_responding import AFTER, publish, published, respond

LIMIT = 20


@pytest.fixture
def found(world):
    """Its last day is 2026-04-01."""
    made = factories.consultation(world)
    for role in (Role.DRAFTER, Role.PUBLISHER, Role.MODERATOR):
        world.staff[role].email_sealed = world.seal.close(f"{role.value}@example.gov.cn", EMAIL_CONTEXT)
    world.session.flush()
    return made


def at(month, day):
    return datetime(2026, month, day, 4, 0, tzinfo=UTC)


def remind(world, when):
    return reminding.remind_due(world.session, world.seal, when, LIMIT, "https://example.gov.cn")


def test_each_reminder_is_owed_once(world, found):
    assert remind(world, at(4, 1)) == 0  # still open
    assert remind(world, at(4, 8)) == 0  # the fourth working day: 4月4日至6日 are rested
    assert remind(world, at(4, 9)) == 2  # drafter and publisher
    assert remind(world, at(4, 9)) == 0
    assert remind(world, at(4, 10)) == 0
    assert remind(world, at(4, 16)) == 2
    assert world.session.scalars(select(AnswerReminder.workday).order_by(AnswerReminder.workday)).all() == [5, 10]


def test_a_worker_that_was_away_writes_one_letter(world, found):
    published(world, found, "意见")
    assert remind(world, at(5, 20)) == 2
    assert world.session.scalar(select(func.count(AnswerReminder.id))) == 4
    letter = world.session.scalars(select(OutgoingEmail).where(OutgoingEmail.kind == "reminder")).first()
    body = world.seal.open(letter.body_sealed, outbox.BODY)
    assert "已超过答复期限（20个工作日），最迟应于2026年4月30日公布" in body
    assert "公开的意见1条，已答复0条，未答复1条。" in body
    assert "/office/consultations/hehu/responses/" in body


def test_what_was_published_or_withdrawn_reminds_nobody(world, found):
    publish(world, found)
    assert remind(world, at(5, 20)) == 0
    assert not reminding.waits(found, at(5, 20))


def test_the_front_page_knows_what_is_overdue(world, found):
    (clock,) = reminding.clocks(world.session, [found], at(5, 20), LIMIT).values()
    assert clock.is_overdue
    assert clock.due_on == date(2026, 4, 30)
    assert reminding.clocks(world.session, [found], at(3, 20), LIMIT) == {}


class TestScorecard:
    def test_figures_with_their_wholes(self, world, found):
        one, two = published(world, found, "一", "二")
        respond(world, found, [one.number])
        respond(world, found, [two.number], "not_adopted", reason="按预算安排。")
        publish(world, found)
        card = scorecards.of_bureau(world.session, "slj", at(5, 20), LIMIT)
        assert (card.opened, len(card.over), len(card.fed_back), card.received) == (1, 1, 1, 2)
        assert (card.answered, card.adopted) == (Share(2, 2), Share(1, 2))
        assert card.adopted.percent == ""  # two opinions are no percentage
        assert card.middle_days_open is None
        (record,) = card.records
        assert (record.days_open, record.days_to_answer) == (31, 2)  # 4月1日 to 4月6日: 2 and 3 April are worked
        assert card.within_limit == Share(1, 1)

    def test_twelve_months(self, world, found):
        """TC-D01."""
        assert scorecards.bureaus(world.session, at(5, 20)) == [(world.bureau, 1)]
        later = found.first_published_at + timedelta(days=366)
        assert scorecards.bureaus(world.session, later) == [(world.bureau, 0)]
        assert scorecards.of_bureau(world.session, "slj", later, LIMIT).opened == 0


class TestAdoptedDocument:
    def add(self, world, found, upload=None, **words):
        issued = adopting.Issued(**({"title": "示例市河湖保洁工作方案"} | words))
        actor = world.actor(Role.PUBLISHER)
        return adopting.add(world.session, world.seal, actor, found, issued, upload, AFTER)

    def test_comes_after_the_results_as_file_or_link(self, world, found):
        with pytest.raises(NotValid, match="先公布采纳情况"):
            self.add(world, found, link="https://example.gov.cn/1")
        publish(world, found)
        with pytest.raises(NotValid, match="上传正式文件"):
            self.add(world, found)
        with pytest.raises(NotValid, match="http"):
            self.add(world, found, link="javascript:alert(1)")
        self.add(world, found, link="https://example.gov.cn/1")
        self.add(world, found, uploads.checked(b"text of the document\n", "a.txt"))
        assert adopting.file(world.session, found, AFTER).content == b"text of the document"
        assert adopting.current(world.session, found, AFTER - timedelta(days=1)) is None

    def test_is_issued_between_the_draft_and_today(self, world, found):
        publish(world, found)
        first, today = window.day_in_beijing(found.first_published_at), window.day_in_beijing(AFTER)
        one = timedelta(days=1)
        for day, sentence in ((today + one, "印发日期还没有到"), (first - one, "印发日期早于征求意见稿首次发布的日期")):
            with pytest.raises(NotValid, match=sentence) as refused:
                self.add(world, found, link="https://example.gov.cn/1", adopted_on=day)
            assert refused.value.fault == "adopted_on"
        assert adopting.current(world.session, found, AFTER) is None
        for day in (first, today):
            self.add(world, found, link="https://example.gov.cn/1", adopted_on=day)
            kept = adopting.current(world.session, found, AFTER)
            assert kept is not None
            assert kept.adopted_on == day


def test_the_papers_for_the_file(world, found):
    from portal.services import routing

    one, two = published(world, found, "建议每日巡查两次", "反对收费", email="a@example.com")
    respond(world, found, [one.number], changed_text="城区河道每日巡查两次，农村河道每周巡查一次。")
    routing.route(world.session, world.actor(Role.DRAFTER), found, {one.clause_id: ("河湖科", None)}, AFTER)
    actor = world.actor(Role.DRAFTER)
    content, _, title = case_files.render(world.session, actor, found, "working-table.xlsx", AFTER)
    assert title == "意见汇总处理表"
    sheet = openpyxl.load_workbook(io.BytesIO(content))["意见汇总处理表"]
    first, second = ([cell.value for cell in row] for row in sheet.iter_rows(min_row=2))
    assert first[9:12] == ["采纳", "修改为“城区河道每日巡查两次，农村河道每周巡查一次。”", "河湖科"]
    assert second[9] == "尚未答复"
    content, _, _ = case_files.render(world.session, actor, found, "situation.docx", AFTER)
    assert content == case_files.render(world.session, actor, found, "situation.docx", AFTER)[0]
    from docx import Document

    text = "\n".join(p.text for p in Document(io.BytesIO(content)).paragraphs)
    for words in ("关于《示例市河湖保洁工作方案》公开征求意见情况的说明", "共30日（首日不计；首尾均计为31日）", "【请填写：几】个部门",
                  "主要修改如下：", "修改为“城区河道每日巡查两次"):  # fmt: skip
        assert words in text.replace("\n", ""), words
    assert two.response_id is None
