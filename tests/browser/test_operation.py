"""The first hour and the pages of the operation in a real browser: gone through by hand, and without a fault of axe."""

from __future__ import annotations

import threading

import pytest
from playwright.sync_api import Page
from werkzeug.serving import make_server

from portal.services import setting_up
from tests import factories
from tests.browser.hands import follow
from tests.browser.test_accessibility import overflow, violations
from tests.browser.test_journeys import sign_in
from tests.web.test_running import owe

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
LOOKS = pytest.mark.parametrize(
    ("lang", "theme", "size", "width"), [("zh", "light", "standard", 1280), ("en", "dark", "largest", 320)]
)


def look(page: Page) -> None:
    assert violations(page) == []
    assert overflow(page) <= 0, (page.url, overflow(page))


def dress(page: Page, address: str, lang: str, theme: str, size: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    for name, value in (("lang", lang), ("theme", theme), ("size", size)):
        page.context.add_cookies([{"name": name, "value": value, "url": address}])


@pytest.fixture
def empty(app):
    """The address of an application nobody has an account of, and its code."""
    with app.extensions["database"].transaction() as session:
        code = setting_up.new_code(session, app.extensions["seal"], factories.NOON)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", code
    server.shutdown()
    thread.join()


@LOOKS
def test_the_first_hour(chromium, empty, lang, theme, size, width):
    address, code = empty
    context = chromium.new_context(base_url=address, locale="zh-CN")
    page = context.new_page()
    dress(page, address, lang, theme, size, width)
    page.goto("/setup/")
    look(page)
    page.fill("#code", code)
    follow(page, page.locator("main button.btn"))
    look(page)
    follow(page, page.locator("button[value=finish]"))
    assert page.locator(".alert a").count() == 1  # the first thing that is missing, with a way to it
    look(page)
    for field, words in {
        "bureau_name": "示例县水利局", "bureau_code": "slj", "administrator_name": "周明",
        "administrator_login": "zhouming", "security_name": "吴青", "security_login": "wuqing",
        "auditor_name": "郑南", "auditor_login": "zhengnan",
    }.items():  # fmt: skip
        page.fill(f"#{field}", words)
    follow(page, page.locator("button[value=finish]"))
    assert page.locator(".link").count() == 3
    look(page)
    assert page.request.get("/setup/").status == 404
    context.close()


@LOOKS
def test_the_pages_of_the_operation(page: Page, app, address, site, lang, theme, size, width):
    owe(app), owe(app, attempts=2)
    sign_in(page, "administrator")
    dress(page, address, lang, theme, size, width)
    page.goto("/office/running/")
    look(page)
    page.goto("/office/running/letters")
    page.locator("input[name=reason]").fill("已电话告知")
    follow(page, page.locator("form.joined button"))
    assert page.locator(".toast").count() == 1
    look(page)
    page.goto("/office/running/retention")
    page.fill("#retention_contact_days", "30")
    follow(page, page.locator("button[value=preview]"))
    look(page)
    follow(page, page.locator("button[value=keep]"))
    assert page.locator(".toast").count() == 1
    page.goto("/office/running/mail")
    page.fill("#email", "chen@example.com")
    follow(page, page.locator("form.narrow button"))
    look(page)
