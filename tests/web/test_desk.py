"""The moderation desk without scripts: sifting, deciding, colliding, undoing, many at once, reasons."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.access import Role
from portal.cli.work import KINDS, run_due
from portal.models import AuditEvent, Bureau, Comment, Consultation, ModerationDecision, OutgoingEmail, SiteSetting
from portal.rules.words import CommentState
from portal.services import jobs
from tests import factories
from tests.factories import NOON
from tests.pages import Page
from tests.web.test_commenting import put, receipt, send

ONE = "/office/consultations/hehu/moderation"
PERSONAL = "我叫王小明，电话13800001234，巡查太少。"


@pytest.fixture
def desk(app, site):
    """A moderator's browser, a colleague's, and a way to receive comments."""
    with app.extensions["database"].writer() as session:
        site.session = session
        session.add_all(site.staff.values())
        factories.colleague(site)
        session.commit()

    def received(*bodies, **more):
        with app.extensions["database"].writer() as session:
            site.session = session
            session.add_all(site.staff.values())
            found = session.scalars(select(Consultation)).first()
            made = factories.submission(site, found, *bodies, **more)
            session.commit()
            return [comment.number for comment in made]

    first, second = app.test_client().sign_in("moderator"), app.test_client().sign_in("colleague")
    return first, second, received


def act(client, number, to, revision=0, **fields):
    return client.post(f"{ONE}/{number}", data={"to": to, "revision": str(revision), **fields})


def state(app, number):
    with app.extensions["database"].reader() as session:
        return session.scalars(select(Comment.state).where(Comment.number == number)).one()


def test_the_queue_leads_to_near_duplicates_and_to_registering(desk):
    client, _, received = desk
    (number,) = received("每日巡查两次。")
    links = set(re.findall(r'href="([^"]+)"', client.page(f"{ONE}/{number}").source))
    assert {"/office/consultations/hehu/campaigns/", "/office/consultations/hehu/register/"} <= links


def test_a_clause_is_named_without_the_stop_that_ends_its_heading(app):
    with app.test_request_context():
        shown = app.jinja_env.from_string("{{ '推进人才服务数字化转型。'|unstopped }}、{{ ''|unstopped }}").render()
    assert shown == "推进人才服务数字化转型、"


def test_the_bureaus_queue_leads_to_the_first_and_on_to_the_next(app, desk):
    client, _, received = desk
    for n in range(3):
        received(f"第{n}条", at=NOON - timedelta(hours=9 - n))
    answer = client.get("/office/moderation/")
    assert answer.headers["Location"] == f"{ONE}/1?scope=all"
    page = client.page(answer.headers["Location"])
    assert "待办3条" in page.text
    assert "已等9小时" in page.text
    answer = client.post(f"{ONE}/1?scope=all", data={"to": "published", "revision": "0"})
    assert answer.headers["Location"] == f"{ONE}/2?scope=all&done=1"
    later = re.search(r'href="([^"]+/next[^"]+)"', client.page(answer.headers["Location"]).source).group(1)
    assert client.get(later.replace("&amp;", "&")).headers["Location"] == f"{ONE}/3?scope=all"


def test_sifting_shows_exact_counts_and_what_it_shows(app, desk):
    client, _, received = desk
    received("赞成。", stance="support")
    received(PERSONAL, path=("三、", "（一）"))
    received("专业代写论文，加微信lunwen888", kind="enterprise", organisation="示例企业")
    page = client.page(f"{ONE}/?sift=1")
    for words in ("赞成 1", "建议修改 2", "有个人信息 2", "疑似广告 1", "企业 1"):
        assert words in page.text, words
    assert "待办2条" in client.page(f"{ONE}/?mark=personal&list=1").text
    page = client.page(f"{ONE}/?kind=enterprise&stance=change&list=1")
    assert "待办1条" in page.text
    assert "lunwen888" in page.text
    for address in ("?state=nothing&list=1", "?place=x&list=1", "?after=rubbish&list=1", "?kind=%00&list=1"):
        assert client.get(f"{ONE}/{address}").status_code == 200, address


def test_one_in_a_colleagues_hand_can_be_left_or_taken_over(app, desk):
    first, second, received = desk
    received("一条意见")
    first.page(f"{ONE}/1")
    page = second.page(f"{ONE}/1")
    assert "示例审核员正在办理这一条" in page.text
    answer = act(second, 1, "published", note="我写了半天的说明")
    assert answer.status_code == 409
    text = answer.get_data(as_text=True)
    assert "正由示例审核员办理" in text
    assert "我写了半天的说明" in text
    assert "从左边选一条意见" in second.page(second.get(f"{ONE}/").headers.get("Location", f"{ONE}/?list=1")).text
    assert second.post(f"{ONE}/1/claim", data={}).status_code == 302
    assert act(second, 1, "published").status_code == 302
    assert state(app, 1) is CommentState.PUBLISHED


def test_the_second_of_two_sees_who_decided_and_keeps_what_was_typed(app, desk, clock):
    first, second, received = desk
    received("一条意见")
    first.page(f"{ONE}/1")
    clock.at = NOON + timedelta(minutes=11)
    second.page(f"{ONE}/1")
    act(second, 1, "withheld", reason_code="P4", note="与草案无关")
    answer = act(first, 1, "published", note="我的说明")
    page = Page(answer.get_data(as_text=True))
    page.check()
    assert answer.status_code == 409
    assert "C-1刚刚已由周青处理，现在是“不予公开”" in page.text
    assert "待审 → 不予公开（P4），与草案无关" in page.text
    assert "我的说明" in page.text
    assert state(app, 1) is CommentState.WITHHELD


def test_a_button_pressed_twice_decides_once_and_goes_on(app, desk):
    client, second, received = desk
    received("第一条")
    received("第二条")
    for _ in range(2):
        assert act(client, 1, "published").headers["Location"].startswith(f"{ONE}/2")
    with app.extensions["database"].reader() as session:
        assert len(session.scalars(select(ModerationDecision)).all()) == 1
    assert act(client, 1, "withheld", reason_code="P4", note="与草案无关").status_code == 409
    assert act(second, 1, "published").status_code == 409


def test_undo_is_one_button_on_the_next_page(app, desk):
    client, _, received = desk
    received("第一条")
    received("第二条")
    page = client.page(act(client, 1, "published").headers["Location"])
    assert "C-1 公开" in page.text
    undo = re.search(r'action="([^"]+/undo[^"]*)"', page.source).group(1)
    assert client.post(undo, data={"revision": "1"}).headers["Location"].startswith(f"{ONE}/1")
    assert state(app, 1) is CommentState.PENDING


def test_spans_are_masked_moved_or_said_to_be_none(app, desk):
    client, _, received = desk
    received(PERSONAL)
    page = client.page(f"{ONE}/1")
    name, phone = re.findall(r'name="masks" value="([^"]+)"', page.source)
    answer = act(client, 1, "published")
    assert answer.status_code == 422
    assert "还有2处个人信息没有决定" in answer.get_data(as_text=True)
    answer = act(client, 1, "published", masks=name, cleared=name, extra_mask="没有这几个字")
    assert "没有“没有这几个字”" in answer.get_data(as_text=True)
    answer = client.post(
        f"{ONE}/1",
        data={"to": "published", "revision": "0", "masks": [name, phone], f"words-{phone}": "电话13800001234",
              "extra_mask": "巡查"},
    )  # fmt: skip
    assert answer.status_code == 302
    with app.extensions["database"].reader() as session:
        public = session.scalars(select(Comment.public_body)).one()
    assert "13800001234" not in public
    assert public.startswith("我叫王**，")
    assert "【已隐去】太少" in public


def test_all_suggestions_at_once(app, desk):
    client, _, received = desk
    received("我叫王小明，打一三八零零零零一二三四找我。")
    assert "全部隐去后公开" in client.page(f"{ONE}/1").text
    assert act(client, 1, "published_all").status_code == 302
    with app.extensions["database"].reader() as session:
        assert "一三八" not in session.scalars(select(Comment.public_body)).one()


def test_a_colleague_is_asked_and_answers(app, desk):
    first, second, received = desk
    received("算不算信访？")
    assert act(first, 1, "ask", note="请看").status_code == 422
    assert act(first, 1, "ask", colleague="colleague", note="请看是否转办").status_code == 302
    assert "请我看的 1" in second.page(f"{ONE}/?list=1").text
    page = second.page(second.get("/office/moderation/?mine=1").headers["Location"])
    assert "示例审核员请周青看：请看是否转办" in page.text


def test_merging_is_told_to_the_author(app, client, desk):
    moderator, _, received = desk
    received("每日巡查两次。")
    put(client, body="每日巡查两次！")
    number, _ = receipt(client, send(client))
    act(moderator, 1, "published")
    assert act(moderator, 2, "merged", merged_into="C-9").status_code == 422
    assert act(moderator, 2, "merged", merged_into="c-1").status_code == 302
    page = client.page(f"/receipts/{number}")
    assert "并入相同意见" in page.text
    assert "每日巡查两次。" in page.text


@pytest.mark.parametrize("how", ["withheld", "pending", "undo"])
def test_the_moderator_is_told_what_goes_back_into_the_queue_with_a_target(app, desk, how):
    client, colleague, received = desk
    first, second, target = received("一", "二", "三")
    act(client, target, "published")
    for number in (first, second):
        act(colleague, number, "merged", merged_into=f"C-{target}")
    if how == "undo":
        answer = client.post(f"{ONE}/{target}/undo", data={"revision": "1"})
    else:
        answer = act(client, target, how, 1, reason_code="P3", note="广告")
    page = client.page(answer.headers["Location"])
    assert "并入它的2条已退回待审。" in page.text
    assert {state(app, first), state(app, second)} == {CommentState.PENDING}
    assert "并入的C-3不再公开，退回待审。" in client.page(f"{ONE}/{first}").text
    client.post(f"{ONE}/{first}/claim")
    assert "已退回待审" not in client.page(act(client, first, "published", 2).headers["Location"]).text


def test_two_people_withhold_and_the_author_appeals(app, client, desk, clock):
    first, second, _ = desk
    with app.extensions["database"].transaction() as session:
        session.add(SiteSetting(key="is_second_person_needed", value="1"))
    put(client, body="强烈反对第三条。")
    number, _ = receipt(client, send(client, name="王小明", email="w@example.com", has_read_notice="1"))
    assert "不予公开由两个人决定" in client.page("/rules/moderation").text
    act(first, 1, "withheld", reason_code="P4", note="与草案无关")
    assert state(app, 1) is CommentState.PENDING
    assert act(first, 1, "confirm").status_code == 403
    page = second.page(f"{ONE}/1")
    assert "示例审核员提出不予公开：P4，与草案无关" in page.text
    act(second, 1, "confirm")
    assert state(app, 1) is CommentState.WITHHELD
    client.post(f"/receipts/{number}/comments/1/appeal", data={"appeal": "说的就是第三条"})
    for part in (first, second):
        assert act(part, 1, "uphold", revision=1, note="有关").status_code == 403
    with app.extensions["database"].writer() as session:
        world = factories.World(session, None, session.scalars(select(Bureau)).first())
        factories.colleague(world, "third", "林晚")
        session.commit()
    third = app.test_client().sign_in("third")
    page = third.page(third.get("/office/moderation/").headers["Location"])
    assert "提出人的申诉" in page.text
    assert act(third, 1, "uphold", revision=1, note="确与第三条有关").status_code == 302
    page = client.page(f"/receipts/{number}")
    assert "同意申诉，意见已经公开。确与第三条有关" in page.text
    with app.extensions["database"].reader() as session:
        kinds = session.scalars(select(OutgoingEmail.kind).order_by(OutgoingEmail.id)).all()
    assert kinds == ["receipt", "withheld-1", "appeal"]


def test_an_appeal_that_nobody_can_decide_is_told_to_who_must_act(app, client, desk):
    first, second, _ = desk
    with app.extensions["database"].transaction() as session:
        session.add(SiteSetting(key="is_second_person_needed", value="1"))
    put(client, body="强烈反对第三条。")
    number, _ = receipt(client, send(client, name="王小明", email="w@example.com", has_read_notice="1"))
    act(first, 1, "withheld", reason_code="P4", note="与草案无关")
    act(second, 1, "confirm")
    assert "撤销" in second.page(f"{ONE}/?list=1").text
    client.post(f"/receipts/{number}/comments/1/appeal", data={"appeal": "说的就是第三条"})
    for part in (second, first):
        page = part.page(f"{ONE}/1")
        assert "没有人可以复核这件申诉。请联系系统管理员" in page.text
        assert "colleague" not in {each.get("name") for each in page.all("select")}
        assert "撤销" not in page.text
    answer = act(second, 1, "ask", revision=1, colleague="moderator", note="请看")
    assert answer.status_code == 422
    assert "这位同事参与过原来的决定" in answer.text
    for role in ("administrator", "publisher"):
        front = app.test_client().sign_in(role).page("/office/")
        assert "没有人可以复核的申诉（1件）" in front.text
        assert "新增审核员" in front.text or role == "publisher"
    assert "没有人可以复核" not in app.test_client().sign_in("drafter").page("/office/").text

    with app.extensions["database"].writer() as session:
        world = factories.World(session, None, session.scalars(select(Bureau)).first())
        factories.colleague(world, "third", "林晚")
        session.commit()
    for role in ("administrator", "publisher"):
        assert "没有人可以复核" not in app.test_client().sign_in(role).page("/office/").text
    page = second.page(f"{ONE}/1")
    assert "申诉要由其他同事复核" in page.text
    (offered,) = (each for each in page.all("select") if each.get("name") == "colleague")
    assert [each.get("value") for each in offered.iter("option")] == ["", "third"]
    assert act(second, 1, "ask", revision=1, colleague="third", note="请复核").status_code == 302


def test_unlawful_words_are_behind_a_logged_look(app, desk):
    client, _, received = desk
    received("骂人的话")
    act(client, 1, "withheld", reason_code="M8", note="侮辱他人")
    page = client.page(f"{ONE}/1")
    assert "骂人的话" not in page.source
    assert "来稿原文已封存" in page.text
    assert "骂人的话" not in client.page(f"{ONE}/?state=withheld&list=1").source
    assert "骂人的话" in client.post(f"{ONE}/1/sealed", data={}).get_data(as_text=True)
    with app.extensions["database"].reader() as session:
        assert session.scalars(select(AuditEvent.act).order_by(AuditEvent.id.desc())).first() == "sealed.see"


def test_many_at_once_with_a_look_beforehand(app, desk, seal):
    client, _, received = desk
    for n in range(25):
        received(f"第{n}条" if n else PERSONAL)
    answer = client.post(f"{ONE}/bulk?stance=change", data={})
    address = answer.headers["Location"]
    page = client.page(address)
    for words in ("将办理25条", "待审，建议修改", "去掉勾选"):
        assert words in page.text, words
    shown = re.findall(r'name="shown" value="(\d+)"', page.source)
    assert len(shown) == 20
    client.post(f"{address}exceptions", data={"shown": shown, "touch": [n for n in shown if n != "3"]})
    assert "将办理24条" in client.page(address).text
    assert client.post(f"{address}start", data={"to": "withheld"}).status_code == 422
    assert client.post(f"{address}start", data={"to": "published"}).status_code == 302
    assert "等待办理" in client.page(address).text
    run_due(app.extensions["database"], KINDS, lambda: jobs.Setting(seal, "", NOON))
    page = client.page(address)
    for words in ("已决定23条。", "有个人信息没有处理", "挑出，不一并办理", "整批撤销"):
        assert words in page.text, words
    assert "批量公开" in client.page("/office/jobs/").text
    back = client.post(f"{address}undo", data={}).headers["Location"]
    run_due(app.extensions["database"], KINDS, lambda: jobs.Setting(seal, "", NOON))
    assert "退回原来的状态" in client.page(back).text
    assert state(app, 5) is CommentState.PENDING


def test_a_job_is_stopped_and_goes_on_by_its_buttons(app, desk, seal):
    client, _, received = desk
    received("一条")
    received("两条")
    address = client.post(f"{ONE}/bulk", data={}).headers["Location"]
    client.post(f"{address}start", data={"to": "published"})
    stop = re.search(r'action="([^"]+/stop[^"]*)"', client.page("/office/jobs/").source).group(1)
    client.post(stop, data={})
    run_due(app.extensions["database"], KINDS, lambda: jobs.Setting(seal, "", NOON))
    page = client.page(address)
    assert "已停下" in page.text
    client.post(re.search(r'action="([^"]+/go_on[^"]*)"', page.source).group(1).replace("&amp;", "&"), data={})
    run_due(app.extensions["database"], KINDS, lambda: jobs.Setting(seal, "", NOON))
    assert "已办完" in client.page(address).text


def test_shortcuts_can_be_switched_off(app, desk):
    client, _, received = desk
    received("一条")
    assert "<kbd>A</kbd>" in client.page(f"{ONE}/1").source
    client.get(f"{ONE}/1?keys=off")
    page = client.page(f"{ONE}/1")
    assert "<kbd>A</kbd>" not in page.source
    assert 'data-keys="off"' in page.source


# ── reasons ───────────────────────────────────────────────────────────────────────────────────────────

LIST = "/office/lists/reasons/"


def test_an_administrator_keeps_the_reasons(app, site):
    client = app.test_client().sign_in("administrator")
    good = {"code": "p9", "words": "含有他人作品的大段转载", "basis": "《著作权法》第五十三条"}
    for fault, changes in (
        ("代码是一个大写字母", {"code": "新"}), ("已经有了", {"code": "P1"}), ("请填写理由", {"words": ""}), ("依据", {"basis": ""}),
        ("不能作为不予公开的理由", {"words": "批评本单位工作"}), ("不能作为不予公开的理由", {"words": "反对征求意见稿"}),
        ("不能作为不予公开的理由", {"words": "负面情绪、牢骚"}),
    ):  # fmt: skip
        answer = client.post(f"{LIST}new", data=good | changes)
        assert answer.status_code == 422, changes
        assert fault in answer.get_data(as_text=True), changes
    assert client.post(f"{LIST}new", data=good).status_code == 302
    assert client.post(f"{LIST}P9", data=good | {"words": "大段转载他人作品", "is_sealing": "1"}).status_code == 302
    assert (
        client.post(
            f"{LIST}M1", data={"words": "反对宪法所确定的基本原则", "basis": "第十五条", "is_sealing": "1"}
        ).status_code
        == 302
    )
    page = client.page(LIST)
    assert "大段转载他人作品" in page.text
    assert client.post(f"{LIST}P9/retire", data={}).status_code == 302
    assert client.post(f"{LIST}P9/retire", data={}).status_code == 409
    assert "大段转载" not in app.test_client().page("/rules/moderation").text
    assert client.post(f"{LIST}P9/restore", data={}).status_code == 302
    assert client.post(f"{LIST}P9/remove", data={}).status_code == 302


def test_a_reason_in_use_is_retired_never_deleted(app, desk):
    client, _, received = desk
    received("广告")
    received("广告二")
    act(client, 1, "withheld", reason_code="P3", note="广告")
    administrator = app.test_client().sign_in("administrator")
    assert administrator.post(f"{LIST}P3/remove", data={}).status_code == 409
    assert administrator.post(f"{LIST}P3/retire", data={}).status_code == 302
    assert act(client, 2, "withheld", reason_code="P3", note="广告").status_code == 422
    assert "广告、垃圾信息" not in client.page(f"{ONE}/2").text
    assert app.test_client().sign_in("moderator").get(LIST).status_code == 403
    assert Role.ADMINISTRATOR


def test_after_the_outcome_the_desk_offers_no_act_that_would_be_refused(app, desk):
    moderator, _, received = desk
    received("第一条")
    moderator.post(f"{ONE}/1", data={"to": "published", "revision": "0"})
    assert "退回待审" in moderator.page(f"{ONE}/1").text
    with app.extensions["database"].transaction() as session:
        session.scalars(select(Consultation)).one().results_published_at = factories.NOON
    page = moderator.page(f"{ONE}/1")
    assert "采纳情况已经公布，审核决定不能再改。" in page.text
    assert "退回待审" not in page.text
    answer = moderator.post(f"{ONE}/1", data={"to": "pending", "revision": "1"})
    assert "采纳情况已经公布，审核决定不能再改。" in answer.get_data(as_text=True)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_kind_of_job_has_a_name(app, desk, lang):
    first, _, received = desk
    received("意见")
    with app.extensions["database"].transaction() as session:
        found = session.scalars(select(Consultation)).one()
        for kind in KINDS:
            jobs.ask(session, kind, consultation=found, at=NOON)
    first.set_cookie("lang", lang)
    page = first.page("/office/jobs/")
    titles = ["".join(h2.itertext()).partition("　")[0] for h2 in page.all("h2")]
    assert len(set(titles)) == len(KINDS)
    for title in titles:
        assert title
        assert title not in KINDS
        assert title.isascii() is (lang == "en")
