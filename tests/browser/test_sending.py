"""Reviewing, sending and tracking in a browser: identities, the small proof, lateness, limits; axe on each."""

from __future__ import annotations

import dataclasses
import os
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from portal.models import Consultation, EmailCode, Submission
from portal.web import limits
from tests import factories
from tests.browser.hands import follow
from tests.browser.test_accessibility import overflow, violations

REVIEW = "/consultations/hehu/comment"
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def write(page: Page, label: str, words: str) -> None:
    page.goto(f"/consultations/hehu/clauses/{label}")
    page.locator(".panel textarea[name=body]").fill(words)
    follow(page, page.locator(".panel button.btn"))


def press(page: Page) -> None:
    follow(page, page.locator(".send .btn"))


def sound(page: Page, name: str) -> None:
    """Axe has nothing to say and nothing sticks out; a picture of the page where a folder for them is named."""
    assert violations(page) == [], name
    assert overflow(page) <= 0, name
    if folder := os.environ.get("PORTAL_TEST_PICTURES"):
        width = page.viewport_size["width"] if page.viewport_size else 0
        page.screenshot(path=str(Path(folder) / f"{name}-{width}.png"), full_page=True)


def sent(app) -> int:
    with app.extensions["database"].reader() as session:
        return session.scalar(select(func.count(Submission.id)))


@ON_SQLITE
@pytest.mark.parametrize(("lang", "width"), [("zh", 1280), ("en", 390)])
def test_every_state_of_sending_is_sound(page: Page, app, address, site, clock, monkeypatch, lang, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.context.add_cookies([{"name": "lang", "value": lang, "url": address}])
    with app.extensions["database"].writer() as session:
        session.scalars(select(Consultation)).one().identity_needed = "verified"
        session.commit()
    write(page, "2-1", "巡查次数太少，建议每日两次。")
    page.goto(REVIEW)
    page.locator("#is_minor").check()
    sound(page, f"identity-verified-{lang}")
    page.locator("#is_minor").uncheck()
    page.fill("#name", "李四")
    page.fill("#email", "lisi@example.com")
    follow(page, page.locator("button[value=send_code]"))
    assert page.locator("#name").input_value() == "李四"
    sound(page, f"code-sent-{lang}")
    with app.extensions["database"].writer() as session:
        session.scalars(select(EmailCode)).one().confirmed_at = factories.NOON
        session.commit()
    press(page)
    sound(page, f"code-confirmed-{lang}")
    with app.extensions["database"].writer() as session:
        session.scalars(select(EmailCode)).one().confirmed_at = None
        session.commit()
    page.fill("#email_code", "000000")
    page.locator("#has_read_notice").check()
    press(page)
    sound(page, f"code-wrong-{lang}")
    with app.extensions["database"].writer() as session:
        session.scalars(select(Consultation)).one().identity_needed = "anonymous"
        session.commit()
    app.extensions["settings"] = dataclasses.replace(app.extensions["settings"], usual_rate=1)
    clock.at += timedelta(minutes=1)
    page.locator("input[name=homepage]").evaluate("field => { field.value = 'x' }")
    press(page)
    page.locator("#question .field").evaluate("field => { field.hidden = false }")
    sound(page, f"question-{lang}")
    with monkeypatch.context() as busy:
        busy.setattr(limits, "SUBMIT", limits.Limit("none", 0, 600))
        press(page)
    sound(page, f"too-often-{lang}")
    clock.at = factories.NOON + timedelta(days=40)
    follow(page, page.locator(".send .btn"))
    assert "巡查次数太少" in page.locator("#words").input_value()
    sound(page, f"late-{lang}")
    page.faults.clear()  # refusals are answers with a status of their own
    assert sent(app) == 0


@ON_SQLITE
def test_a_worker_does_the_small_proof_without_being_seen(page: Page, app, site):
    app.extensions["settings"] = dataclasses.replace(app.extensions["settings"], usual_rate=1)
    write(page, "2-1", "第一件")
    page.goto(REVIEW)
    press(page)
    page.wait_for_url("**/receipts/**")
    write(page, "2-1", "第二件，人多了")
    page.goto(REVIEW)
    press(page)
    assert page.locator("#question .field").is_hidden()
    page.locator(".send .btn").click()
    page.wait_for_url("**/receipts/**", timeout=60_000)
    page.faults.clear()
    assert sent(app) == 2


@ON_SQLITE
@pytest.mark.parametrize(("lang", "width"), [("zh", 390), ("en", 1280)])
def test_a_correction_and_a_withdrawal_by_keyboard(page: Page, app, address, site, lang, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.context.add_cookies([{"name": "lang", "value": lang, "url": address}])
    write(page, "2-1", "巡查次数太少。")
    write(page, "2-2", "经费太少。")
    page.goto(REVIEW)
    page.locator("input[name=name]").press("Enter")  # the form is sent, not a code asked for
    page.wait_for_url("**/receipts/**")
    page.goto(page.url.split("?")[0])
    follow(page, page.locator("a[href*='/comments/1/correct']"), "Enter")
    page.locator("textarea[name=body]").fill("建议每日巡查两次。")
    sound(page, f"correct-{lang}")
    follow(page, page.locator("main form .btn"), "Enter")
    second = page.locator(".answers > li", has_text="经费太少。")
    second.locator("summary").last.press("Enter")
    follow(page, second.locator("form .btn"), "Enter")
    assert "建议每日巡查两次。" in page.locator(".answers").inner_text()
    sound(page, f"tracking-{lang}")
    receipt = page.url.split("#")[0]
    follow(page, page.locator("a[href$='/ledger']"), "Enter")
    sound(page, f"ledger-{lang}")
    page.goto(f"{receipt}/comments/2/correct")
    sound(page, f"settled-{lang}")
    follow(page, page.locator("main .acts .btn"), "Enter")
    assert page.url == f"{receipt}#opinions"
    first = page.locator(".answers > li", has_text="建议每日巡查两次。")
    first.locator("summary").last.press("Enter")
    follow(page, first.locator("form .btn").last, "Enter")
    assert page.locator(".track li").count() == 2
    sound(page, f"withdrawn-{lang}")
    page.goto(REVIEW)
    sound(page, f"sent-before-{lang}")
    page.fill("#resume", "ＦＺＬ５－ＢＳＬＯ－ＩＷＢＤ")
    follow(page, page.locator("form[action$=resume] .btn"), "Enter")
    assert page.locator("#resume").input_value() == "ＦＺＬ５－ＢＳＬＯ－ＩＷＢＤ"
    sound(page, f"wrong-resume-code-{lang}")
    page.faults.clear()  # refusals are answers with a status of their own


SECRET = "成本每吨八百元。"


def typed(page: Page) -> tuple[str, str, bool, str]:
    return (
        page.locator("#organisation").input_value(),
        page.locator("#phone").input_value(),
        page.locator("#has_read_notice").is_checked(),
        page.locator("textarea[name^=confidential-]").input_value(),
    )


@ON_SQLITE
def test_what_was_typed_stays_in_this_tab_until_it_is_sent(page: Page, app, site):
    write(page, "2-1", "巡查次数太少，建议每日两次。")
    page.goto(REVIEW)
    page.locator("input[name=kind][value=enterprise]").check()
    page.fill("#organisation", "示例市恒川新材料有限公司")
    page.fill("#name", "周某")
    page.fill("#phone", "13800138000")
    page.locator("#has_read_notice").check()
    page.locator("summary", has_text="其中有商业秘密").click()
    page.fill("textarea[name^=confidential-]", SECRET)
    expected = typed(page)
    assert expected == ("示例市恒川新材料有限公司", "13800138000", True, SECRET)
    expect(page.locator("[data-kept]")).to_contain_text("提交后清除")
    for choice in ("?theme=dark", "?size=large", "?script=hant", "?lang=en", "?lang=zh", "?script=hans"):
        follow(page, page.locator(f"a[href='{choice}']").first)
        assert typed(page) == expected, choice
        assert page.locator("#organisation").is_visible()
        assert page.locator("textarea[name^=confidential-]").is_visible()
    sound(page, "kept")
    follow(page, page.locator(".remarks .acts a").first)
    page.locator("textarea[name=body]").fill("巡查次数太少，建议每日三次。")
    follow(page, page.locator("main form .btn"))
    assert typed(page) == expected
    # another tab, and another basket, know nothing of it
    other = page.context.new_page()
    other.goto(REVIEW)
    assert other.locator("#organisation").input_value() == ""
    other.close()
    # a form that comes back is kept on as it came back
    page.fill("#phone", "1")
    press(page)
    assert page.locator("#phone").input_value() == "1"
    page.goto(REVIEW)
    assert page.locator("#phone").input_value() == "1"
    page.fill("#phone", "13800138000")
    press(page)
    page.wait_for_url("**/receipts/**")
    assert "review:" not in page.evaluate("Object.keys(sessionStorage).join()")
    assert SECRET not in page.evaluate("JSON.stringify(sessionStorage) + JSON.stringify(localStorage)")
    page.faults.clear()
    assert sent(app) == 1


@ON_SQLITE
def test_taking_up_another_basket_loses_nothing_that_was_typed(page: Page, app, site, chromium, address):
    context = chromium.new_context(base_url=address, locale="zh-CN")
    colleague = context.new_page()
    write(colleague, "2-2", "经费太少。")
    colleague.goto(REVIEW)
    code = colleague.locator("aside .code").first.inner_text()
    context.close()
    write(page, "2-1", "巡查次数太少。")
    page.goto(REVIEW)
    page.locator("input[name=kind][value=enterprise]").check()
    page.fill("#organisation", "示例市恒川新材料有限公司")
    page.locator("summary", has_text="其中有商业秘密").click()
    page.fill("textarea[name^=confidential-]", SECRET)
    page.fill("#resume", code)
    follow(page, page.get_by_role("button", name="接着写"))
    assert page.locator("#organisation").input_value() == "示例市恒川新材料有限公司"
    mine = page.locator(".remarks > li", has_text="巡查次数太少。")
    assert mine.locator("textarea").input_value() == SECRET
    assert page.locator(".remarks > li", has_text="经费太少。").locator("textarea").input_value() == ""
