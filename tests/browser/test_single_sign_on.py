"""Signing in by the identity provider in a real browser: out to another address, back again, and out of both."""

from __future__ import annotations

import dataclasses
import threading
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect
from sqlalchemy import select
from werkzeug.serving import make_server

from portal.models import Account, AccountIdentity
from tests import factories
from tests.browser.hands import follow
from tests.browser.test_accessibility import overflow, violations
from tests.postgres import free_port
from tests.provider import CLIENT, SECRET, Provider

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def provider():
    made = Provider()
    yield made
    made.stop()


@pytest.fixture
def settings(settings, provider):
    return dataclasses.replace(
        settings, oidc_issuer=provider.issuer, oidc_client_id=CLIENT, oidc_client_secret=SECRET,
        public_url=f"http://127.0.0.1:{free_port()}",
    )  # fmt: skip


@pytest.fixture
def served(app, site, clock, settings):
    """The address the provider sends people back to, and the moderator bound."""
    clock.at = datetime.now(UTC)
    with app.extensions["database"].transaction() as session:
        for each in session.scalars(select(Account)):
            each.password_changed_at = clock.at
            if each.login == "moderator":
                session.add(
                    AccountIdentity(
                        account_id=each.id, issuer=settings.oidc_issuer, subject="u-1001", bound_at=clock.at
                    )
                )
    server = make_server("127.0.0.1", int(settings.public_url.rsplit(":", 1)[1]), app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield settings.public_url
    server.shutdown()
    thread.join()


def opened(chromium, address, lang="zh", theme="light", size="standard", width=1280):
    context = chromium.new_context(base_url=address, locale="zh-CN", viewport={"width": width, "height": 900})
    for name, value in (("lang", lang), ("theme", theme), ("size", size)):
        context.add_cookies([{"name": name, "value": value, "url": address}])
    return context.new_page()


def test_in_and_out_of_both(chromium, served, provider):
    page = opened(chromium, served)
    said: list[str] = []

    def hear(message):
        # the provider has no picture for its tab, which is no fault of ours
        if message.type == "error" and not message.location["url"].startswith(provider.issuer):
            said.append(message.text)

    page.on("console", hear)
    page.goto("/office/account/")
    page.get_by_role("link", name="用统一身份认证登录").click()
    page.get_by_role("button", name="zhou").click()
    page.wait_for_url(served + "/office/account/")
    page.get_by_role("button", name="退出", exact=True).click()
    page.wait_for_url(served + "/")
    # out of both: neither lets anybody in without asking
    page.goto("/office/")
    page.get_by_role("link", name="用统一身份认证登录").click()
    expect(page.get_by_role("button", name="zhou")).to_be_visible()
    page.context.close()
    assert said == []


@pytest.mark.parametrize(
    ("lang", "theme", "size", "width"),
    [("zh", "light", "standard", 1280), ("en", "dark", "largest", 320), ("en", "contrast", "large", 390)],
)
def test_its_pages_are_for_everybody(chromium, served, lang, theme, size, width):
    page = opened(chromium, served, lang, theme, size, width)
    page.goto("/office/sign-in")
    found = [violations(page), overflow(page)]
    page.locator(".by-provider a").click()
    follow(page, page.get_by_role("button", name="lin"))
    assert "u-2002" in page.locator("[role=alert]").inner_text()
    found += [violations(page), overflow(page)]
    page.locator("#login").fill("security")
    page.locator("#password").fill(factories.PASSWORD)
    follow(page, page.locator("form .btn.line"))
    for number in (4, 5):
        page.goto(f"/office/staff/{number}")
        assert page.locator("#identity").is_visible()
        found += [violations(page), overflow(page)]
    page.context.close()
    assert [each for each in found if each] == []
