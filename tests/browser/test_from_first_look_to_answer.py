"""An enterprise and the 鹿泉 draft, from the home page to the answer: by pointing, by keyboard alone, without scripts."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from portal.access import Role
from portal.models import Comment, Consultation
from portal.rules.words import CommentState
from portal.services import moderation, responding, results
from tests import factories
from tests.browser.hands import Keyboard, Pointing
from tests.factories import NOON

TITLE = "示例市鹿苑区科技创新规划"
ORGANISATION = "示例市恒川新材料有限公司"


@pytest.fixture
def luquan(app, shared, seal) -> list[str]:
    """The draft as it really arrived, published; five of its clauses with text to change."""
    text = next((shared / "seeds").glob("001_*.txt")).read_text(encoding="utf-8")
    with app.extensions["database"].writer() as session:
        made = factories.world(session, seal)
        found = factories.consultation(made, slug="luquan", text=text, title=TITLE)
        session.commit()
        labels = [
            c.label for c in found.version.clauses if c.kind == "article" or (c.text and c.number and c.depth > 1)
        ]
        app.extensions["staff"] = {role: account.actor for role, account in made.staff.items()}
        return labels[:: max(1, len(labels) // 5)][:5]


@pytest.fixture
def site(luquan):
    """What the address serves."""


def moderate_and_answer(app, seal, clock) -> None:
    """The bureau does its part: everything still pending is published, answered after the window, and made public."""
    staff = app.extensions["staff"]
    with app.extensions["database"].writer() as session:
        found = session.scalars(select(Consultation).where(Consultation.slug == "luquan")).one()
        waiting = session.scalars(select(Comment).where(Comment.state == CommentState.PENDING)).all()
        for comment in waiting:
            moderation.decide(
                session, staff[Role.MODERATOR], comment, CommentState.PUBLISHED, revision=comment.revision, at=NOON
            )
        clock.at = NOON + timedelta(days=25)
        first, *others = sorted(waiting, key=lambda comment: not comment.proposed_text)
        responding.respond(
            session, staff[Role.DRAFTER], found, [first.number], disposition="adopted", reason="",
            changed_text=first.proposed_text, at=clock.at,
        )  # fmt: skip
        responding.respond(
            session, staff[Role.DRAFTER], found, [other.number for other in others], disposition="not_adopted",
            reason="已由上位规划作出安排。", changed_text="", at=clock.at,
        )  # fmt: skip
        results.publish(session, seal, staff[Role.PUBLISHER], found, clock.at)
        session.commit()


@pytest.mark.parametrize("manner", ["pointing-390", "pointing-1280", "keyboard-1280", "keyboard-390", "no-scripts-390"])
def test_the_whole_way(chromium: Browser, app, address, luquan, seal, clock, manner):
    way, width = manner.rsplit("-", 1)
    scripts = way != "no-scripts"

    def device() -> Page:
        context = chromium.new_context(
            viewport={"width": int(width), "height": 844}, base_url=address, locale="zh-CN", java_script_enabled=scripts
        )
        page = context.new_page()
        page.on("pageerror", lambda fault: pytest.fail(str(fault)))
        return page

    page = device()
    hands = Keyboard(page) if way == "keyboard" else Pointing(page)
    page.goto("/")
    hands.press(page.get_by_role("link", name=TITLE))
    expect(page.get_by_role("heading", level=1)).to_contain_text(TITLE)

    # five clauses, one of them with other words for the draft
    for count, label in enumerate(luquan, 1):
        hands.press(page.locator(f'a.gut[data-clause="{label}"]'))
        form = page.locator(f'[id="c-{label}"] .panel form[data-keep]')
        expect(form).to_be_visible()
        if count == 2:
            hands.choose(form.get_by_label("不赞成"))
        hands.type(form.get_by_label("意见和理由"), f"我公司对第{count}处的意见：请写明牵头单位和完成时限。")
        if count == 3:
            hands.press(form.locator("summary", has_text="直接修改条文"))
            wording = form.get_by_label("建议改为")
            before = wording.input_value()
            hands.replace(wording, before[:6], "五年内，" + before[:6])
        hands.press(form.get_by_role("button", name="放入我的意见"))
        expect(page.locator(f'[id="c-{label}"] .panel').get_by_role("status").first).to_contain_text("已放入")
    hands.press(page.get_by_role("link", name="检查并提交"))
    expect(page.locator(".remarks > li")).to_have_count(5)
    code = page.locator(".side .code").first.inner_text()

    # a colleague goes on elsewhere with nothing but the code
    page = device()
    hands = Keyboard(page) if way == "keyboard" else Pointing(page)
    page.goto("/consultations/luquan/comment")
    hands.type(page.get_by_label("续写码"), code)
    hands.press(page.get_by_role("button", name="接着写"))
    expect(page.locator(".remarks > li")).to_have_count(5)
    expect(page.locator(".remarks ins").first).to_contain_text("五年内")
    hands.choose(page.get_by_label("企业", exact=True))
    hands.type(page.get_by_label("单位名称"), ORGANISATION)
    hands.type(page.get_by_label("统一社会信用代码"), "91350100M000100Y44")
    hands.type(page.get_by_label("姓名或联系人"), "周明")
    hands.type(page.get_by_label("手机或固定电话"), "0999-5550123")
    hands.choose(page.get_by_label(re.compile("我已阅读")))
    hands.press(page.get_by_role("button", name="提交5条意见"))
    expect(page.get_by_role("alert")).to_contain_text("统一社会信用代码")  # its check digit is wrong
    hands.type(page.get_by_label("统一社会信用代码"), "91350100M000100Y43")
    hands.press(page.get_by_role("button", name="提交5条意见"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("已经收到您的意见")
    number = page.locator("#receipt-number").inner_text()
    secret = page.locator("#receipt-secret").inner_text()

    # the receipt, later and somewhere else
    page = device()
    hands = Keyboard(page) if way == "keyboard" else Pointing(page)
    page.goto("/")
    hands.press(page.get_by_role("link", name="查询来稿", exact=True))
    hands.type(page.get_by_label("受理编号"), number)
    hands.type(page.get_by_label("查询码"), secret)
    hands.press(page.locator("main").get_by_role("button", name="查询"))
    expect(page.locator(".answers > li")).to_have_count(5)
    expect(page.locator("main")).to_contain_text(ORGANISATION)

    hands.press(page.locator(".answers > li").nth(0).get_by_role("link", name=re.compile("^更正")))
    hands.type(page.get_by_label("意见和理由"), "更正：请写明牵头单位、完成时限和经费。")
    hands.press(page.get_by_role("button", name="提交更正"))
    expect(page.locator(".answers")).to_contain_text("更正：请写明牵头单位、完成时限和经费。")
    last = page.locator(".answers > li").nth(4)
    hands.press(last.locator("summary", has_text="撤回这一条"))
    hands.press(last.get_by_role("button", name=re.compile("确定撤回")))
    expect(page.locator(".answers")).to_contain_text("撤回")

    moderate_and_answer(app, seal, clock)
    page.reload()
    expect(page.locator(".answers")).to_contain_text("未采纳")
    expect(page.locator(".answers")).to_contain_text("已由上位规划作出安排。")
    expect(page.locator(".answers .now ins").first).to_contain_text("五年内")
    hands.press(page.get_by_role("link", name="看全部采纳情况"))
    expect(page.locator("main")).to_contain_text("采纳1条")
    for context in chromium.contexts:
        context.close()
