"""The moderation desk in a real browser: by keyboard alone, and two moderators at the same comment."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from portal.models import Comment, Consultation, ModerationDecision
from portal.rules.words import CommentState
from tests import factories
from tests.browser.hands import follow
from tests.browser.test_accessibility import overflow, violations
from tests.factories import NOON

ONE = "/office/consultations/hehu/moderation"


@pytest.fixture
def crowd(app, site):
    """A way to receive many comments, committed; a second moderator."""

    def received(*bodies):
        with app.extensions["database"].writer() as session:
            site.session = session
            session.add_all(site.staff.values())
            found = session.scalars(select(Consultation)).first()
            for n, body in enumerate(bodies):
                factories.submission(site, found, body, at=NOON - timedelta(minutes=500 - n))
            session.commit()

    with app.extensions["database"].writer() as session:
        site.session = session
        session.add_all(site.staff.values())
        factories.colleague(site)
        session.commit()
    return received


def sign_in(page, login):
    page.goto("/office/sign-in")
    page.locator("[name=login]").fill(login)
    page.locator("[name=password]").fill(factories.PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/office/")


def press(page, key):
    with page.expect_navigation():
        page.keyboard.press(key)


def counts(app):
    with app.extensions["database"].reader() as session:
        return dict(session.execute(select(Comment.state, func.count()).group_by(Comment.state)).all())


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_sixty_mixed_comments_by_keyboard_alone(page, app, crowd):
    bodies = []
    for n in range(60):
        match n % 6:
            case 1:
                bodies.append(f"我叫王小明，电话1380000{n:04d}。第{n}条。")
            case 3:
                bodies.append(f"与草案无关的话{n}。")
            case _:
                bodies.append(f"每日巡查两次，第{n}条。")
    crowd(*bodies)
    sign_in(page, "moderator")
    page.goto(f"{ONE}/")
    done, is_undone = 0, False
    while page.locator(".said-text").count():
        words = page.locator(".said-text").inner_text()
        if "无关" in words:
            page.keyboard.press("w")
            assert page.evaluate("document.activeElement.id") == "reason_code"
            page.locator("#reason_code").select_option("P4")
            assert page.evaluate("document.activeElement.id") == "note"
            page.keyboard.type("说的不是本方案")
            press(page, "Control+Enter")
        else:
            press(page, "a")
        done += 1
        if done == 20 and not is_undone:
            press(page, "z")
            done, is_undone = done - 1, True
        assert done <= 60
    assert counts(app) == {CommentState.PUBLISHED: 50, CommentState.WITHHELD: 10}
    with app.extensions["database"].reader() as session:
        public = "".join(session.scalars(select(Comment.public_body)))
        assert "王小明" not in public
        assert public.count("138****") == 10
        assert session.scalar(select(func.count()).select_from(ModerationDecision)) == 62


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_words_are_masked_by_selecting_them(page, app, crowd):
    crowd("😀找村东头老李问问，巡查太少。")
    sign_in(page, "moderator")
    page.goto(f"{ONE}/1")
    page.evaluate(
        """() => {
          const words = document.querySelector('[data-field=body]').firstChild, at = words.data.indexOf('老李');
          getSelection().setBaseAndExtent(words, at, words, at + 2);
        }"""
    )
    page.keyboard.press("x")
    assert "隐去1处后公开" in page.locator("[data-key=a]").inner_text()
    press(page, "a")
    with app.extensions["database"].reader() as session:
        assert session.scalars(select(Comment.public_body)).one() == "😀找村东头【已隐去】问问，巡查太少。"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_two_moderators_at_the_same_comment(page, app, address, crowd, chromium, clock):
    crowd("第一条", "第二条")
    sign_in(page, "moderator")
    page.goto(f"{ONE}/")
    other = chromium.new_context(viewport={"width": 1280, "height": 900}, base_url=address, locale="zh-CN").new_page()
    sign_in(other, "colleague")
    other.goto(f"{ONE}/")
    # whoever comes second is given another one
    assert page.locator(".said-text").inner_text() == "第一条"
    assert other.locator(".said-text").inner_text() == "第二条"
    other.goto(f"{ONE}/1")
    assert "示例审核员正在办理这一条" in other.locator(".decide").inner_text()
    press(other, "t")
    press(other, "a")
    page.keyboard.press("w")
    page.locator("#reason_code").select_option("P4")
    page.locator("#note").fill("我写的说明")
    press(page, "Control+Enter")
    told = page.locator("#collision").inner_text()
    assert "C-1刚刚已由周青处理，现在是“公开”" in told
    assert page.locator("#note").input_value() == "我写的说明"
    assert page.evaluate("document.activeElement.id") == "collision"
    assert counts(app) == {CommentState.PUBLISHED: 1, CommentState.PENDING: 1}
    other.context.close()
    page.faults.clear()  # the answer 409 is an error of the network, as it should be


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_keys_rest_where_they_are_switched_off(page, app, crowd):
    crowd("第一条")
    sign_in(page, "moderator")
    page.goto(f"{ONE}/1")
    follow(page, page.locator("text=关闭快捷键"))
    page.locator(".work").focus()
    page.keyboard.press("a")
    page.wait_for_timeout(300)
    assert counts(app) == {CommentState.PENDING: 1}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("lang", "theme", "size", "width"), [
    ("zh", "light", "standard", 1280), ("zh", "dark", "largest", 320), ("en", "contrast", "large", 390),
    ("en", "light", "standard", 1920),
])  # fmt: skip
def test_every_page_of_the_desk_is_accessible(page, app, address, crowd, lang, theme, size, width):
    crowd("我叫王小明，电话13800001234。", "专业代写论文，加微信lunwen888", *(f"第{n}条" for n in range(25)))
    sign_in(page, "moderator")
    page.set_viewport_size({"width": width, "height": 900})
    for name, value in (("lang", lang), ("theme", theme), ("size", size)):
        page.context.add_cookies([{"name": name, "value": value, "url": address}])
    found = {}
    page.goto(f"{ONE}/?list=1")
    follow(page, page.locator(".sieve form button"))
    act = page.url.removeprefix(address)
    for path in (
        f"{ONE}/1",
        f"{ONE}/?sift=1",
        f"{ONE}/?mark=personal&list=1",
        "/office/moderation/?list=1",
        act,
        "/office/jobs/",
    ):
        page.goto(path)
        if bad := violations(page):
            found[path] = bad
        assert overflow(page) <= 0, (path, overflow(page))
    assert found == {}
