"""axe finds nothing on any page: both languages, themes, widths and type sizes (WCAG 2.2 AA)."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests import factories
from tests.browser.test_journeys import received, sign_in

PUBLIC = [
    "/", "/consultations/", "/consultations/hehu/", "/consultations/hehu/clauses/2-1", "/consultations/hehu/clauses/all",
    "/consultations/hehu/notice", "/consultations/hehu/note", "/consultations/hehu/comment", "/receipts/", "/rules/help",
    "/rules/privacy", "/rules/moderation", "/office/sign-in", "/nothing-here",
]  # fmt: skip
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Page) -> list[str]:
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}}).response["violations"]
    return [f"{v['id']}: {node['html'][:160]}" for v in found for node in v["nodes"]]


def overflow(page: Page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


@pytest.fixture
def lived_in(app, site):
    """A consultation with a published comment, and a basket in another browser."""
    received(app, "巡查太少。" * 8)
    moderator = app.test_client().sign_in("moderator")
    moderator.post("/office/consultations/hehu/moderation/1", data={"to": "published", "revision": "0"})
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
    page.locator(".panel button.btn").click()
    found = {}
    for path in PUBLIC:
        page.goto(path)
        if bad := violations(page):
            found[path] = bad
        assert overflow(page) <= 0, (path, overflow(page))
    page.faults.clear()  # the page that is not there is an error of the network, as it should be
    assert found == {}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("role", "paths"),
    [
        ("publisher", ["", "import", "consultations/hehu/outline?clause=2", "consultations/hehu/notice", "consultations/draft/outline?clause=2",
                       "consultations/draft/notice", "consultations/hehu/responses/publication", "consultations/hehu/summary/"]),
        ("moderator", ["", "consultations/hehu/moderation/1", "consultations/hehu/moderation/2", "consultations/hehu/moderation/?list=1"]),
        ("drafter", ["", "consultations/hehu/responses/", "consultations/hehu/responses/1", "consultations/hehu/summary/"]),
        ("auditor", ["", "audit/"]),
        ("administrator", [""]),
    ],
)  # fmt: skip
@pytest.mark.parametrize(("lang", "width"), [("zh", 1280), ("en", 390)])
def test_office_pages(page: Page, app, address, lived_in, seal, role, paths, lang, width):
    with app.extensions["database"].writer() as session:
        world = lived_in
        world.session = session
        session.add_all(world.staff.values())
        factories.prepared(world, "draft")
        session.commit()
    received(app, "我叫王小明，电话13800001234。")
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
