"""Days being typed: the counts follow without a click, and one click moves the end to a working day."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser.test_journeys import sign_in


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("width", [390, 1280])
def test_counts_follow_the_typing(page: Page, app, site, width):
    with app.extensions["database"].writer() as session:
        site.session = session
        session.add_all(site.staff.values())
        factories.prepared(site, "draft", document_type="ZDJC")
        session.commit()
    sign_in(page, "publisher")
    page.set_viewport_size({"width": width, "height": 900})
    page.goto("/office/consultations/draft/notice")
    period = page.locator("#period")
    expect(page.get_by_role("button", name="计算")).to_be_hidden()
    page.locator("#opens_on").fill("2026-03-13")
    page.locator("#closes_on").fill("2026-04-11")
    expect(period).to_contain_text("首日不计29日")
    expect(period).to_contain_text("写明缩短期限的理由后方可发布")
    page.locator("#closes_on").fill("2026-04-12")
    expect(period).to_contain_text("符合规定")
    page.get_by_role("button", name="顺延至2026年4月13日（周一）").click()
    expect(page.locator("#closes_on")).to_have_value("2026-04-13")
    expect(period).to_contain_text("首日不计31日")
    page.locator("#closes_time").fill("17:00")
    expect(period).to_contain_text("2026年4月13日17时")
