"""axe finds nothing on any page: both languages, themes, widths and type sizes (WCAG 2.2 AA)."""

from __future__ import annotations

import dataclasses
import io
import re
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from portal import drafts
from portal.access import Role
from portal.services import happenings, versions, webhooks
from tests import factories
from tests.browser.hands import follow
from tests.browser.test_journeys import received, sign_in
from tests.letters.mails import mail
from tests.letters.test_sheets import ROW, xlsx
from tests.postgres import free_port
from tests.services.test_versions import SECOND
from tests.web.test_campaigns import A as LETTER
from tests.web.test_campaigns import work_is_done

PUBLIC = [
    "/", "/consultations/", "/consultations/hehu/", "/consultations/hehu/clauses/2-1", "/consultations/hehu/clauses/all",
    "/consultations/hehu/notice", "/consultations/hehu/note", "/consultations/hehu/comment", "/receipts/", "/rules/help",
    "/consultations/?state=open&year=2020", "/search", "/search?q=巡查", "/search?q=没有这样的话", "/sitemap", "/open-data",
    "/rules/privacy", "/rules/moderation", "/office/sign-in", "/nothing-here", "/bureaus/", "/bureaus/slj/",
    "/developers", "/consultations/hehu/comment/resume/FZL5-BSLO-IWBD", "/subscriptions/", "/subscriptions/?consultation=hehu", "/subscriptions/asked",
]  # fmt: skip
#: a draft with a doubt of every kind that has something to press or to fill in
DAMAGED = "首页 > 政务公开\n" + factories.DRAFT.replace("（二）加大投入", "（四）加大投入").replace(
    "200万元", "20\ufffd万元"
).replace("（二）强化监督", "（一）强化监督").replace("无漂浮物", "无漂浮物.无垃圾.无异味.无油污.无水草.无鱼虾")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Page) -> list[str]:
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}}).response["violations"]
    return [f"{v['id']}: {node['html'][:160]}" for v in found for node in v["nodes"]]


def overflow(page: Page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def squeezed(page: Page) -> list[str]:
    """What stands in so narrow a column that hardly three letters fit in a line."""
    return page.evaluate("""() => [...document.querySelector("main").querySelectorAll("p, td, th, dd, li")].filter(e => {
      const box = e.getBoundingClientRect(), style = getComputedStyle(e);
      return e.textContent.trim().length > 12 && box.height > 0 && style.position !== "absolute" && !e.closest(".vh")
        && box.width < 3.5 * parseFloat(style.fontSize);
    }).map(e => e.textContent.trim().slice(0, 40))""")


@pytest.fixture
def lived_in(app, site):
    """A consultation with a published comment and a longer window, and a basket in another browser."""
    received(app, "巡查太少。" * 8)
    moderator = app.test_client().sign_in("moderator")
    moderator.post("/office/consultations/hehu/moderation/1", data={"to": "published", "revision": "0"})
    drafter = app.test_client().sign_in("drafter")
    drafter.post("/office/consultations/hehu/summary/", data={})  # keeps one, and makes the points
    publisher = app.test_client().sign_in("publisher")
    publisher.post("/office/consultations/hehu/window/", data={"act": "extend", "closes_on": "2026-04-13"})
    return site


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("lang", "theme", "size", "width"),
    [
        ("zh", "light", "standard", 1280),
        ("zh", "dark", "largest", 320),
        ("en", "contrast", "large", 390),
        ("en", "light", "standard", 1920),
    ],
)
def test_public_pages(page: Page, address, lived_in, lang, theme, size, width):
    page.set_viewport_size({"width": width, "height": 900})
    for name, value in (("lang", lang), ("theme", theme), ("size", size)):
        page.context.add_cookies([{"name": name, "value": value, "url": address}])
    page.goto("/consultations/hehu/clauses/2-2")
    page.locator(".panel textarea[name=body]").fill("一条意见")
    follow(page, page.locator(".panel button.btn"))
    found = {}
    for path in PUBLIC:
        page.goto(path)
        if bad := violations(page):
            found[path] = bad
        assert overflow(page) <= 0, (path, overflow(page))
    page.faults.clear()  # the page that is not there is an error of the network, as it should be
    assert found == {}


def registered(app):
    """A letter being cut, another one handed in, mail of two kinds, and a sheet with a fault."""
    first = app.test_client().sign_in("publisher")
    desk = "/office/consultations/hehu/register/"
    letter = {
        "channel": "letter", "received_on": "2026-03-12", "kind": "citizen", "name": "王小明", "phone": "13800001234",
        "text": "第（二）条太松。\n赞成第三部分（二）。", "pieces": "0",
    }  # fmt: skip
    first.post(desk + "new", data=letter | {"act": "cut"})
    first.post(desk + "new", data=letter | {"act": "hand_in", "text": "第三部分（二）很好。"})
    mails = [(io.BytesIO(bytes(mail())), "a.eml"), (io.BytesIO(bytes(mail(number="2", Precedence="bulk"))), "b.eml")]
    first.post("/office/consultations/hehu/mail/", data={"file": mails})
    wrong = xlsx(ROW, ["第九部分", *ROW[1:]])
    first.post("/office/consultations/hehu/sheets/", data={"file": (io.BytesIO(wrong), "意见.xlsx")})


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("role", "paths"),
    [
        ("publisher", ["", "import", "consultations/hehu/outline?clause=2", "consultations/hehu/notice", "consultations/draft/outline?clause=2",
                       "consultations/draft/notice", "consultations/hehu/window/",
                       "consultations/hehu/responses/publication", "consultations/hehu/summary/", "consultations/draft/outline?show=all",
                       "consultations/next/versions/", "consultations/next/versions/lineage/2"]),
        ("moderator", ["", "consultations/hehu/moderation/1", "consultations/hehu/moderation/2", "consultations/hehu/moderation/?list=1",
                       "consultations/hehu/moderation/4", "consultations/hehu/campaigns/", "consultations/hehu/campaigns/?short=1",
                       "consultations/hehu/campaigns/1", "consultations/hehu/campaigns/1/members"]),
        ("registrar", ["consultations/hehu/register/", "consultations/hehu/register/?state=draft", "consultations/hehu/register/new",
                       "consultations/hehu/register/1", "consultations/hehu/register/2", "consultations/hehu/mail/", "consultations/hehu/sheets/", "consultations/hehu/sheets/1"]),
        ("drafter", ["", "consultations/hehu/responses/", "consultations/hehu/responses/1", "consultations/hehu/summary/",
                     "consultations/hehu/routing/", "reason-templates/", "consultations/hehu/points/", "consultations/hehu/points/2-1"]),
        ("auditor", ["", "audit/"]),
        ("administrator", ["", "site/", "keys/", "keys/new", "account/keys/", "webhooks/", "webhooks/new", "lists/document-types/", "lists/document-types/new", "lists/document-types/ZDJC",
                           "lists/holidays/?year=2026", "lists/holidays/?year=2027"]),
        ("administrator", ["", "site/", "lists/document-types/", "lists/document-types/new", "lists/document-types/ZDJC",
                           "lists/holidays/?year=2026", "lists/holidays/?year=2027", "running/", "running/letters",
                           "running/retention", "running/mail", "staff/bureaus"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize(("lang", "width"), [("zh", 1280), ("en", 390)])
def test_office_pages(page: Page, app, address, lived_in, seal, role, paths, lang, width):
    with app.extensions["database"].writer() as session:
        world = lived_in
        world.session = session
        session.add_all(world.staff.values())
        factories.prepared(world, "draft", DAMAGED)
        next_one = factories.consultation(world, "next")
        versions.prepare(
            session,
            world.actor(Role.PUBLISHER),
            next_one,
            drafts.parse(SECOND),
            source_name="第二稿.txt",
            at=factories.NOON,
        )
        session.commit()
    received(app, "我叫王小明，电话13800001234。", LETTER, LETTER + "请认真考虑。", LETTER.replace("十分钟", "一刻钟"))
    work_is_done(app, seal)
    if role == "registrar":
        registered(app)
        role = "moderator"
    sign_in(page, role)
    page.set_viewport_size({"width": width, "height": 900})
    page.context.add_cookies([{"name": "lang", "value": lang, "url": address}])
    found = {}
    for path in paths:
        page.goto(f"/office/{path}")
        if bad := violations(page):
            found[path] = bad
        assert overflow(page) <= 0, (path, overflow(page))
    assert found == {}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("lang", "theme", "size", "width"), [("zh", "light", "standard", 1280), ("en", "dark", "largest", 320)]
)
def test_results_pages(page: Page, app, address, lived_in, clock, seal, lang, theme, size, width):
    """A result in two versions with groups, the final document, and the desk behind them."""
    answer = {
        "disposition": "adopted",
        "changed_text": "城区河道每日巡查两次，农村河道每周巡查一次。",
        "reason": "有道理。",
    }
    clock.at = factories.NOON + timedelta(days=60)
    drafter = app.test_client().sign_in("drafter")
    drafter.post("/office/reason-templates/", data={"name": "预算", "words": "按预算安排。"})
    drafter.post("/office/consultations/hehu/routing/proposal", data={})
    drafter.post("/office/consultations/hehu/responses/1", data=answer)
    publisher = app.test_client().sign_in("publisher")
    at = "/office/consultations/hehu"
    assert publisher.post(f"{at}/responses/publication", data={"form": "by_clause"}).status_code == 302
    publisher.post(f"{at}/adopted", data={"title": "示例市河湖保洁工作方案", "link": "https://example.gov.cn/1"})
    seen = re.search(r'name="seen" value="([^"]*)"', drafter.page(f"{at}/responses/1").source)
    drafter.post(f"{at}/responses/1", data=answer | {"reason": "更有道理。", "seen": seen.group(1)})
    page.set_viewport_size({"width": width, "height": 900})
    found = {}

    def enter(role: str) -> None:
        page.context.clear_cookies()
        sign_in(page, role)
        for name, value in (("lang", lang), ("theme", theme), ("size", size)):
            page.context.add_cookies([{"name": name, "value": value, "url": address}])

    def look(*paths: str) -> None:
        for path in paths:
            page.goto(path)
            if bad := violations(page):
                found[path] = bad
            assert overflow(page) <= 0, (path, overflow(page))
            assert squeezed(page) == [], path

    enter("publisher")
    look(f"{at}/responses/publication", f"{at}/routing/", "/office/")
    publisher.post(f"{at}/responses/publication", data={"correction": "理由写得不够清楚，现补充。", "form": "table"})
    look(
        "/consultations/hehu/results",
        "/consultations/hehu/results/versions/1",
        "/consultations/hehu/adopted",
        "/bureaus/slj/",
    )
    enter("drafter")
    look(f"{at}/responses/", f"{at}/responses/1", "/office/reason-templates/")
    assert found == {}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("lang", "width"), [("zh", 1280), ("en", 390)])
def test_an_address_of_events_that_was_tried(page: Page, app, address, lived_in, seal, lang, width):
    host = f"127.0.0.1:{free_port()}"
    app.extensions["settings"] = dataclasses.replace(app.extensions["settings"], webhook_hosts=frozenset({host}))
    with app.extensions["database"].transaction() as session:
        webhooks.register(
            session, seal, lived_in.actor(Role.ADMINISTRATOR), bureau_id=lived_in.bureau.id, name="门户",
            url=f"http://{host}/events", kinds=["consultation.published"], listed=frozenset({host}),
            at=factories.NOON - timedelta(days=90),
        )  # fmt: skip
        happenings.notice(session, factories.NOON, "https://example.gov.cn")
    sign_in(page, "administrator")
    page.set_viewport_size({"width": width, "height": 900})
    page.context.add_cookies([{"name": "lang", "value": lang, "url": address}])
    page.goto("/office/webhooks/1")
    follow(page, page.locator("#try-h").locator("xpath=ancestor::section").locator("button"))
    said = {"zh": "对方拒绝连接", "en": "refused the connection"}[lang]
    assert said in page.locator("[role=status]").inner_text()
    assert violations(page) == []
    assert overflow(page) <= 0
