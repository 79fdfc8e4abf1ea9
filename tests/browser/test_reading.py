"""Reading and writing clause by clause in a real browser: at two widths, by keyboard alone, and without scripts."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from portal.models import BasketItem
from tests import factories
from tests.browser.hands import follow
from tests.browser.test_accessibility import overflow, violations
from tests.web.test_clauses import publish
from tests.web.test_commenting import put, send

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
LABELS = ("2-1", "2-1-1", "2-2", "3-1", "3-2")


def select_words(page: Page, selector: str, start: int, end: int) -> None:
    """Selects characters of the first text in an element, as a mouse or a finger would."""
    page.evaluate(
        """([selector, start, end]) => {
        const text = document.createTreeWalker(document.querySelector(selector), NodeFilter.SHOW_TEXT).nextNode();
        const range = document.createRange(); range.setStart(text, start); range.setEnd(text, end);
        const selection = getSelection(); selection.removeAllRanges(); selection.addRange(range); }""",
        [selector, start, end],
    )


@ON_SQLITE
@pytest.mark.parametrize("width", [390, 1280])
def test_five_clauses_quoted_reworded_and_taken_up_on_another_device(page: Page, chromium: Browser, address, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.goto("/consultations/hehu/")
    for count, label in enumerate(LABELS, 1):
        page.locator(f"#c-{label} > a.gut").click()
        form = page.locator(f"#c-{label} .panel form[data-keep]")
        form.get_by_label("意见和理由").fill(f"对{label}的意见。")
        expect(form.locator("[data-saved]")).to_contain_text("已保存")
        expect(page.locator("[data-held]")).to_have_text(str(count))
    # a selection in another clause, then its button: the words come along
    select_words(page, "#c-2-1 .run p", 0, 6)
    expect(page.locator("#c-2-1 > a.gut b")).to_have_text("引用并提意见")
    page.locator("#c-2-1 > a.gut").click()
    form = page.locator("#c-2-1 .panel form[data-keep]")
    expect(form.get_by_label("针对的词句")).to_have_value("城区河道每日")
    expect(form.get_by_label("意见和理由")).to_have_value("对2-1的意见。")
    form.locator("summary", has_text="直接修改条文").click()
    wording = form.get_by_label("建议改为")
    wording.fill(wording.input_value().replace("每日巡查一次", "每日巡查两次"))
    expect(form.locator(".preview ins")).to_contain_text("两")
    expect(form.locator("[data-saved]")).to_contain_text("已保存")
    page.reload()
    expect(page.locator("#c-2-1 .preview, #c-2-1 .panel").first).to_be_visible()
    expect(page.locator(".panel").get_by_label("针对的词句")).to_have_value("城区河道每日")
    expect(page.locator(".panel").get_by_label("建议改为")).to_have_value(re.compile("巡查两次"))
    page.locator("[data-basket] summary", has_text="换设备接着写").click()
    link = page.locator("#resume-address").inner_text()

    context = chromium.new_context(viewport={"width": width, "height": 900}, base_url=address, locale="zh-CN")
    other = context.new_page()
    other.goto(re.sub(r"^https?://[^/]+", "", link))
    expect(other.locator("main")).to_contain_text("5条没有提交的意见")
    other.get_by_role("button", name="打开，接着写").click()
    expect(other.locator(".remarks > li")).to_have_count(5)
    expect(other.locator("main")).to_contain_text("对3-2的意见。")
    context.close()


@ON_SQLITE
def test_by_keyboard_alone(page: Page, heard):
    page.goto("/consultations/hehu/")
    link = page.locator("#c-2-1 > a.gut")
    link.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#panel-h")).to_be_focused()
    seen: list[str] = []

    def tab_to(name: str) -> None:
        for _ in range(40):
            page.keyboard.press("Tab")
            words = page.evaluate(
                "(document.activeElement.labels && document.activeElement.labels[0] || document.activeElement).textContent"
            )
            seen.append(words.strip()[:12])
            if name in words:
                return
        raise AssertionError((name, seen))

    tab_to("建议修改")
    page.keyboard.press("ArrowDown")
    tab_to("意见和理由")
    page.keyboard.type("建议写明时间。")
    tab_to("针对其中词句")
    page.keyboard.press("Enter")
    tab_to("从条文里选一句")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".panel textarea[name=quote]")).not_to_have_value("")
    tab_to("放入我的意见")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("已放入")
    page.locator(".voices .endorse button").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".voices .endorse button").first).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".voices .endorse button").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".voices .endorse button").first).to_have_attribute("aria-pressed", "false")


@pytest.fixture
def plain(chromium: Browser, address) -> BrowserContext:
    """A browser that runs no scripts."""
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, base_url=address, locale="zh-CN", java_script_enabled=False
    )
    yield context
    context.close()


@ON_SQLITE
def test_without_scripts(plain: BrowserContext, heard):
    page = plain.new_page()
    page.goto("/consultations/hehu/")
    for label in LABELS:
        page.locator(f"#c-{label} > a.gut").click()
        form = page.locator(f"#c-{label} .panel form[data-keep]")
        form.get_by_label("意见和理由").fill(f"对{label}的意见。")
        if label == "2-2":
            form.locator("summary", has_text="直接修改条文").click()
            wording = form.get_by_label("建议改为")
            wording.fill(wording.input_value().replace("200万元", "500万元"))
            form.get_by_role("button", name="预览修改").click()
            expect(page.locator(".preview ins")).to_contain_text("500")
            form = page.locator(f"#c-{label} .panel form[data-keep]")
        form.get_by_role("button", name="放入我的意见").click()
        expect(page.get_by_role("status").first).to_contain_text("已放入")
    expect(page.locator("[data-held]")).to_have_text("5")
    page.goto("/consultations/hehu/clauses/2-1")
    page.get_by_role("button", name="赞同").first.click()
    expect(page.locator(".endorse button").first).to_contain_text("已赞同")


@pytest.fixture
def heard(app, site):
    """Two published comments on one clause."""
    client = app.test_client()
    put(client, body="每日一次不够。", quote="城区河道每日巡查一次")
    put(client, body="建议写明巡查路线。", proposed_text="城区河道每日巡查两次，农村河道每周巡查一次。")
    send(client)
    publish(app, 1, 2)
    return site


@ON_SQLITE
def test_a_lost_connection_loses_nothing(page: Page):
    page.goto("/consultations/hehu/clauses/2-1")
    form = page.locator(".panel form[data-keep]")
    # the way to the site is cut, only for what is sent
    page.route("**/*", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    form.get_by_label("意见和理由").fill("断网时写的。")
    expect(form.locator("[data-saved]")).to_contain_text("先留在这台设备上")
    assert "断网时写的。" in page.evaluate("Object.values(localStorage).join()")
    page.reload()
    expect(page.locator(".panel").get_by_label("意见和理由")).to_have_value("断网时写的。")
    expect(page.locator("[data-saved]")).to_contain_text("先留在这台设备上")
    page.unroute_all()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("[data-saved]")).to_contain_text("已保存")
    assert page.evaluate("Object.values(localStorage).join()") == ""
    page.faults.clear()  # type: ignore[attr-defined]  # requests that found no way are errors of the network
    page.reload()
    expect(page.locator(".panel").get_by_label("意见和理由")).to_have_value("断网时写的。")


@ON_SQLITE
def test_two_tabs_ask_which_to_keep(page: Page):
    page.goto("/consultations/hehu/clauses/2-1")
    page.locator(".panel").get_by_label("意见和理由").fill("第一份")
    expect(page.locator("[data-saved]")).to_contain_text("已保存")
    other = page.context.new_page()
    other.goto("/consultations/hehu/clauses/2-1")
    other.locator(".panel").get_by_label("意见和理由").fill("另一页写的")
    expect(other.locator("[data-saved]")).to_contain_text("已保存")
    page.locator(".panel").get_by_label("意见和理由").fill("这一页写的")
    expect(page.get_by_role("alert")).to_contain_text("另一页写的")
    page.faults.clear()  # type: ignore[attr-defined]  # the refusal is an answer of the network
    page.get_by_role("button", name="用我这一份").click()
    expect(page.locator("[data-saved]")).to_contain_text("已保存")
    other.reload()
    expect(other.locator(".panel").get_by_label("意见和理由")).to_have_value("这一页写的")


@ON_SQLITE
def test_the_countdown_is_right_on_a_page_from_a_cache(page: Page, address):
    page.clock.install(time=factories.NOON + timedelta(days=20, hours=11))
    page.goto("/consultations/hehu/")
    left = page.locator(".window .left")
    expect(left).to_have_text("今日24时截止")
    page.clock.fast_forward("01:01:00")
    expect(left).to_have_text("已截止")
    expect(page.locator(".window .until")).to_contain_text("截至2026年4月1日24时（含当日）")


@ON_SQLITE
@pytest.mark.parametrize(
    ("lang", "theme", "width"), [("zh", "light", 320), ("zh", "dark", 1280), ("en", "light", 390), ("en", "dark", 1920)]
)
def test_nothing_is_in_anybodys_way(page: Page, address, heard, lang, theme, width):
    page.set_viewport_size({"width": width, "height": 900})
    for name, value in (("lang", lang), ("theme", theme)):
        page.context.add_cookies([{"name": name, "value": value, "url": address}])
    page.goto("/consultations/hehu/clauses/2-1")
    page.locator(".panel textarea[name=body]").fill("一条意见")
    follow(page, page.locator(".panel form[data-keep] > .btn"))
    item = page.locator("form[data-keep]")
    for summary in item.locator("summary").all():
        if summary.evaluate("s => !s.parentElement.open"):
            summary.click()
    page.locator(".panel textarea[name=proposed_text]").fill("每日巡查三次。")
    expect(page.locator(".preview ins").first).to_be_visible()
    assert violations(page) == []
    assert overflow(page) <= 0
    page.goto("/consultations/hehu/comment")
    follow(page, page.locator(".remarks .acts a").first)
    assert violations(page) == []
    assert overflow(page) <= 0
    page.goto("/consultations/hehu/")
    for summary in page.locator(".tools summary, .basket summary").all():
        summary.click()
        assert violations(page) == []
        assert overflow(page) <= 0
        summary.click()


@ON_SQLITE
def test_back_leads_from_a_clause_to_the_draft(page: Page, address, site):
    page.goto("/consultations/")
    page.goto("/consultations/hehu/")
    for label in ("2-1", "2-2"):
        page.locator(f"#c-{label} > a.gut").click()
        expect(page.locator(f"#c-{label} .panel")).to_be_visible()
    expect(page).to_have_url(re.compile("/clauses/2-2"))
    page.go_back()
    expect(page).to_have_url(re.compile("/consultations/hehu/$"))
    expect(page.locator(".panel")).to_have_count(0)
    page.go_forward()
    expect(page.locator("#c-2-2 .panel")).to_be_visible()


CLAUSE = "/consultations/hehu/clauses/2-1"


def words_kept(app) -> list[tuple[int, str]]:
    with app.extensions["database"].reader() as session:
        return [(item.revision, item.body) for item in session.scalars(select(BasketItem).order_by(BasketItem.id))]


def refused_in_a_second_tab(page: Page) -> Page:
    """The first tab saves over what the second began with; the second is told, and chooses nothing."""
    page.goto(CLAUSE)
    body = page.locator(".panel textarea[name=body]")
    body.fill("第一份")
    expect(page.locator("[data-saved]")).to_contain_text("已保存")
    other = page.context.new_page()
    other.goto(CLAUSE)
    body.fill("这一页写的")
    expect(page.locator(".panel form[data-keep] [name=revision]")).to_have_value("2")
    other.locator(".panel textarea[name=body]").fill("另一页写的")
    expect(other.get_by_role("alert")).to_contain_text("这一页写的")
    return other


def third(page: Page, other: Page) -> Page:
    opened = page.context.new_page()
    opened.goto(CLAUSE)
    return opened


def reloaded(page: Page, other: Page) -> Page:
    page.reload()
    return page


def recoloured(page: Page, other: Page) -> Page:
    follow(other, other.locator("a[href='?theme=dark']"))
    return other


def goes_on_in_the_first(page: Page, other: Page) -> Page:
    page.locator(".panel textarea[name=body]").fill("这一页写的，又写")
    expect(page.locator(".panel form[data-keep] [name=revision]")).to_have_value("3")
    return recoloured(page, other)


@ON_SQLITE
@pytest.mark.parametrize("look", [third, reloaded, recoloured, goes_on_in_the_first])
@pytest.mark.parametrize("choice", ["用我这一份", "用那一份"])
def test_refused_words_overwrite_nothing_until_somebody_chooses(page: Page, app, site, look, choice):
    other = refused_in_a_second_tab(page)
    before = words_kept(app)
    seen = look(page, other)
    before = words_kept(app) if look is goes_on_in_the_first else before
    alert, body = seen.get_by_role("alert"), seen.locator(".panel textarea[name=body]")
    expect(alert).to_contain_text(before[0][1])
    expect(body).to_have_value("另一页写的")
    seen.wait_for_timeout(2500)
    assert words_kept(app) == before
    body.press_sequentially("，还有")
    seen.wait_for_timeout(2000)
    assert words_kept(app) == before
    if look is recoloured:
        seen.reload()
        expect(body).to_have_value("另一页写的，还有")
        expect(alert).to_contain_text(before[0][1])
    seen.get_by_role("button", name=choice).click()
    if choice == "用我这一份":
        expect(seen.locator("[data-saved]")).to_contain_text("已保存")
        assert words_kept(app) == [(before[0][0] + 1, "另一页写的，还有")]
    else:
        expect(alert).to_have_count(0)
        expect(body).to_have_value(before[0][1])
        assert words_kept(app) == before
    seen.reload()
    expect(seen.get_by_role("alert")).to_have_count(0)
    page.faults.clear()  # type: ignore[attr-defined]  # refusals are answers of the network


@ON_SQLITE
def test_the_page_that_shows_both_saves_neither_as_one_types_on(page: Page, app, site):
    other = refused_in_a_second_tab(page)
    follow(other, other.locator(".panel button.btn"))
    expect(other.locator("[data-other]")).to_contain_text("这一页写的")
    other.locator(".panel textarea[name=body]").fill("另一页写的，还有")
    other.wait_for_timeout(2500)
    assert words_kept(app) == [(2, "这一页写的")]
    follow(other, other.locator("a[href='?theme=dark']"))
    expect(other.get_by_role("alert")).to_contain_text("这一页写的")
    follow(other, other.locator(".panel button.btn"))
    follow(other, other.locator(".panel button.btn"))
    assert words_kept(app) == [(3, "另一页写的，还有")]
    expect(other.get_by_role("alert")).to_have_count(0)
    # what is typed after the button is kept too, also when this page is read again
    other.route("**/*", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    other.locator(".panel textarea[name=body]").fill("另一页写的，还有！")
    expect(other.locator("[data-saved]")).to_contain_text("先留在这台设备上")
    other.reload()
    expect(other.locator(".panel textarea[name=body]")).to_have_value("另一页写的，还有！")
    page.faults.clear()  # type: ignore[attr-defined]


@ON_SQLITE
def test_words_of_a_comment_that_was_sent_meanwhile_are_offered_as_a_new_one(page: Page, app, site):
    other = refused_in_a_second_tab(page)
    page.goto("/consultations/hehu/comment")
    follow(page, page.locator(".send .btn"))
    page.goto(CLAUSE)
    expect(page.get_by_role("alert")).to_contain_text("已在别处提交或删除")
    page.wait_for_timeout(2000)
    assert words_kept(app) == []
    page.get_by_role("button", name="用我这一份").click()
    expect(page.locator("[data-saved]")).to_contain_text("已保存")
    assert words_kept(app) == [(1, "另一页写的")]
    other.close()


@ON_SQLITE
def test_two_tabs_with_an_empty_form_write_two_comments(page: Page, app, site):
    other = page.context.new_page()
    for each in (page, other):
        each.goto(CLAUSE)
    for each, words in ((page, "左边写的"), (other, "右边写的")):
        each.locator(".panel textarea[name=body]").fill(words)
        expect(each.locator("[data-saved]")).to_contain_text("已保存")
    assert words_kept(app) == [(1, "左边写的"), (1, "右边写的")]
