"""A citizen, a moderator and a drafter at work, in a real browser with scripts."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser.hands import follow
from tests.pages import Browser


def sign_in(page: Page, role: str) -> None:
    page.goto("/office/sign-in")
    page.get_by_label("登录名").fill(role)
    page.get_by_label("密码").fill(factories.PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page).to_have_url(re.compile("/office/$"))


def received(app, *bodies: str) -> None:
    """Submissions that came in before the journey begins."""
    client: Browser = app.test_client()
    for body in bodies:
        client.post("/consultations/hehu/clauses/2-1", data={"stance": "change", "body": body})
        client.post("/consultations/hehu/comment", data={"kind": "citizen"})


@pytest.mark.parametrize("width", [390, 1280])
def test_a_citizen_comments_on_two_clauses_and_keeps_the_receipt(page: Page, width: int):
    page.set_viewport_size({"width": width, "height": 900})
    page.goto("/")
    page.get_by_role("link", name="示例市河湖保洁工作方案").click()
    page.locator("#c-2-1 a.gut").click()
    form = page.locator("#c-2-1 .panel form")
    expect(form).to_be_visible()
    form.get_by_label("不赞成").check()
    form.get_by_label("意见和理由").fill("每日巡查一次不够。")
    form.get_by_role("button", name="放入我的意见").click()
    expect(page.get_by_role("status")).to_contain_text("已放入“我的意见”")
    expect(page.locator(".basket")).to_contain_text("我的意见1条")

    page.locator("#c-2-2 a.gut").click()
    form = page.locator("#c-2-2 .panel form")
    form.locator("summary", has_text="直接修改条文").click()
    wording = form.get_by_label("建议改为")
    wording.fill(wording.input_value().replace("200万元", "500万元"))
    form.get_by_label("意见和理由").fill("经费应当与任务相当。")
    form.get_by_role("button", name="放入我的意见").click()
    expect(page.locator(".basket")).to_contain_text("我的意见2条")

    page.get_by_role("link", name="检查并提交").click()
    expect(page.locator("ins").first).to_contain_text("500")
    page.get_by_role("button", name="提交2条意见").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("已经收到您的意见")
    number = page.locator("#receipt-number").inner_text()
    secret = page.locator("#receipt-secret").inner_text()

    page.context.clear_cookies()
    page.goto("/receipts/")
    page.get_by_label("受理编号").fill(number)
    page.get_by_label("查询码").fill(secret)
    page.locator("main").get_by_role("button", name="查询").click()
    expect(page.locator("main")).to_contain_text("每日巡查一次不够。")
    expect(page.locator("main")).to_contain_text("待审核")


def test_what_was_typed_survives_a_reload_and_a_selection_fills_the_quotation(page: Page):
    page.goto("/consultations/hehu/clauses/2-1")
    page.locator(".panel").get_by_label("意见和理由").fill("写到一半")
    page.reload()
    expect(page.locator(".panel").get_by_label("意见和理由")).to_have_value("写到一半")
    page.evaluate(
        """() => { const text = document.querySelector('#c-2-1 .run p').firstChild;
        const range = document.createRange(); range.setStart(text, 0); range.setEnd(text, 6);
        const selection = getSelection(); selection.removeAllRanges(); selection.addRange(range); }"""
    )
    expect(page.locator(".panel textarea[name=quote]")).to_have_value("城区河道每日")


def test_an_enterprise_by_keyboard_alone(page: Page):
    page.goto("/consultations/hehu/clauses/2-1#c-2-1")
    page.locator(".panel").get_by_label("建议修改").focus()
    page.keyboard.press("Tab")
    page.keyboard.type("建议写明巡查时间。")
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent").strip() == "放入我的意见":
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("已放入")
    page.goto("/consultations/hehu/comment")
    page.get_by_label("个人", exact=True).focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("企业", exact=True)).to_be_checked()
    expect(page.get_by_label("单位名称")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.type("示例市恒川新材料有限公司")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("周明")
    page.keyboard.press("Tab")
    page.keyboard.type("0999-5550123")
    page.get_by_label(re.compile("我已阅读")).focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="提交1条意见").focus()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("示例市恒川新材料有限公司")


def test_a_moderator_by_keyboard_alone(page: Page, app):
    received(app, "我叫王小明，电话13800001234。巡查太少。", "加微信办贷款", "强烈反对这份方案。")
    sign_in(page, "moderator")
    page.goto("/office/consultations/hehu/moderation/")
    # what looks like an advertisement comes first
    expect(page.locator(".work")).to_contain_text("加微信办贷款")
    page.keyboard.press("w")
    expect(page.locator("#reason_code")).to_be_focused()
    page.keyboard.type("P3")
    page.locator("#note").focus()
    page.keyboard.type("广告，与草案无关。")
    page.get_by_role("button", name="不予公开").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".work")).to_contain_text("13800001234")
    page.wait_for_load_state()
    page.keyboard.press("a")
    expect(page.locator(".work")).to_contain_text("强烈反对这份方案。")
    page.wait_for_load_state()
    page.keyboard.press("a")
    expect(page.locator(".work")).to_contain_text("都审核完了")
    expect(page.locator(".desk-head .balance")).to_contain_text("公开2")
    page.context.clear_cookies()
    page.goto("/consultations/hehu/clauses/2-1")
    expect(page.locator(".voices")).to_contain_text("我叫王**，电话138****1234。巡查太少。")
    expect(page.locator(".voices")).not_to_contain_text("加微信")


def test_a_drafter_answers_and_downloads_the_summary(page: Page, app, clock):
    received(app, "巡查太少。", "经费太少。")
    moderator: Browser = app.test_client().sign_in("moderator")
    for number in (1, 2):
        moderator.post(f"/office/consultations/hehu/moderation/{number}", data={"to": "published", "revision": "0"})
    clock.at = datetime(2026, 4, 10, 4, 0, tzinfo=UTC)
    sign_in(page, "drafter")
    page.get_by_role("link", name=re.compile("答复")).first.click()
    page.locator("section[aria-labelledby=clauses-h] td a").first.click()
    save = page.locator("#answer > button.btn[value=save]")
    expect(page.locator("#hand-h + p")).to_contain_text("C-1")
    page.get_by_label("采纳", exact=True).check()
    page.locator("#changed_text").fill("城区河道每日巡查两次。")
    save.click()
    expect(page.locator("#hand-h + p")).to_contain_text("C-2")
    page.get_by_label("未采纳").check()
    page.locator("#changed_text").fill("")
    page.locator("#reason").fill("经费按预算安排。")
    follow(page, save)
    page.get_by_role("link", name="汇总", exact=True).click()
    page.get_by_role("button", name="留存这份汇总，供签发和下载").click()
    for extension in ("DOCX", "PDF", "XLSX", "CSV", "JSON", "HTML"):
        with page.expect_download() as waiting:
            page.get_by_role("link", name=extension, exact=True).click()
        assert waiting.value.suggested_filename.endswith(f".{extension.lower()}")
        assert waiting.value.path().stat().st_size > 300


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_outline_is_corrected_by_keyboard(page: Page, app, address, site):
    client = app.test_client().sign_in("publisher")
    answer = client.post("/office/import", data={"text": factories.DRAFT.replace("（二）强化监督", "（一）强化监督")})
    outline = answer.headers["Location"]
    sign_in(page, "publisher")
    page.goto(outline)
    page.keyboard.press("n")
    page.keyboard.type("四、监督检查")
    page.keyboard.press("Enter")
    page.wait_for_url("**#doubts-h")
    assert "没有拿不准的地方" in page.inner_text(".doubts")
    page.keyboard.press("j")
    page.wait_for_url("**clause=*")
    page.keyboard.press("j")
    page.wait_for_url("**clause=1*")
    page.keyboard.press("r")
    page.keyboard.press("Control+A")
    page.keyboard.type("总的要求")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    assert page.input_value("#heading") == "总的要求"
    page.keyboard.press("e")
    page.keyboard.press("Control+Home")
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    with page.expect_navigation():
        page.keyboard.press("Alt+Enter")
    assert "手工修改3处" in page.inner_text("main")
    with page.expect_navigation():
        page.keyboard.press("z")
    assert "手工修改2处" in page.inner_text("main")
