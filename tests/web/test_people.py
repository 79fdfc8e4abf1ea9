"""The pages of staff: asking somebody in, the second factor, one's own account."""

from __future__ import annotations

import dataclasses
import re
from datetime import timedelta

import pyotp
import pytest

from portal import create_app
from tests import factories, pages

STRONG = "Qingshui-2031-xk"


def office(app, role):
    return app.test_client().sign_in(role)


def invite(app, **changes):
    """Asks somebody in and confirms it; the link that is handed over."""
    fields = {"name": "新人", "login": "newcomer", "role": "drafter", "bureau": "1", "email": ""} | changes
    made = office(app, "administrator").post("/office/staff/new", data=fields)
    assert made.status_code == 302, pages.Page(made.text).text
    confirmed = office(app, "security").post(made.headers["Location"].split("?")[0] + "/grant", data={})
    return re.search(r"/office/invitations/[\w-]+", confirmed.text).group()


def sign_in(client, login, password):
    return client.post("/office/sign-in", data={"login": login, "password": password, "back": "/office/account/"})


def test_from_the_administrator_to_the_first_signing_in(app, site):
    link = invite(app)
    client = app.test_client()
    assert "newcomer" in client.page(link).text
    different = client.post(link, data={"password": STRONG, "again": STRONG + "x"})
    assert different.status_code == 422
    weak = client.post(link, data={"password": "newcomer-12", "again": "newcomer-12"})
    assert "太容易" in weak.text or "至少三种" in weak.text
    assert client.post(link, data={"password": STRONG, "again": STRONG}).status_code == 302
    assert client.get(link).status_code == 404
    assert sign_in(client, "newcomer", STRONG).headers["Location"] == "/office/account/"
    assert "新人" in client.page("/office/account/").text


def test_the_list_shows_who_waits_first(app, site):
    office(app, "administrator").post(
        "/office/staff/new", data={"name": "新人", "login": "newcomer", "role": "drafter", "bureau": "1"}
    )
    for role in ("administrator", "security", "auditor"):
        rows = office(app, role).page("/office/staff/").all("tr")
        assert "等安全管理员确认" in "".join(rows[1].itertext())
    assert office(app, "moderator").get("/office/staff/").status_code == 403


def test_what_was_typed_comes_back_with_the_fault_at_its_field(app, site):
    answer = office(app, "administrator").post(
        "/office/staff/new", data={"name": "新人", "login": "moderator", "role": "drafter", "bureau": "1"}
    )
    assert answer.status_code == 422
    assert "已被使用" in answer.text
    assert 'value="新人"' in answer.text


def test_a_second_factor_is_asked_for_after_the_password(app, site, clock):
    client = office(app, "moderator")
    page = client.get("/office/account/second-factor").text
    secret = re.search(r'name="secret" value="(\w+)"', page).group(1)
    assert client.post("/office/account/second-factor", data={"secret": secret, "code": "000000"}).status_code == 422
    codes = client.post(
        "/office/account/second-factor", data={"secret": secret, "code": pyotp.TOTP(secret).at(clock.at)}
    ).text
    recovery = re.search(r'<li class="code">([\w-]+)</li>', codes).group(1)

    clock.at += timedelta(minutes=2)
    other = app.test_client()
    step = sign_in(other, "moderator", factories.PASSWORD)
    assert step.headers["Location"].startswith("/office/sign-in/code")
    assert other.get("/office/").status_code == 302  # the password alone opens nothing
    other.page(step.headers["Location"])
    assert other.post("/office/sign-in/code", data={"code": "123456", "back": ""}).status_code == 422
    right = {"code": pyotp.TOTP(secret).at(clock.at), "back": "//evil.example/"}
    assert other.post("/office/sign-in/code", data=right).headers["Location"] == "/office/"
    assert other.get("/office/").status_code == 200

    third = app.test_client()
    sign_in(third, "moderator", factories.PASSWORD)
    assert third.post("/office/sign-in/code", data={"code": recovery, "back": ""}).status_code == 302
    assert third.get("/office/").status_code == 200


def test_the_second_step_waits_five_minutes_and_needs_the_first(app, site, clock):
    assert app.test_client().get("/office/sign-in/code").headers["Location"].startswith("/office/sign-in")


@pytest.mark.parametrize(("changes", "days"), [({"is_second_factor_required": True}, 0), ({"password_days": 30}, 31)])
def test_what_is_owed_comes_before_any_work(settings, site, clock, changes, days):
    app = create_app(dataclasses.replace(settings, **changes))
    app.config.update(TESTING=True)
    app.test_client_class = pages.Browser
    app.extensions["clock"] = clock
    clock.at += timedelta(days=days)
    client = office(app, "moderator")
    for address in ("/office/", "/office/consultations/hehu/moderation/"):
        assert client.get(address).headers["Location"] == "/office/account/"
    assert "请先办理下面的事" in client.page("/office/account/").text
    assert client.post("/office/sign-out", data={}).status_code == 302
    app.extensions["database"].engine.dispose()


def test_a_new_password_ends_the_other_signings_in(app, site):
    here, there = office(app, "drafter"), office(app, "drafter")
    wrong = here.post("/office/account/password", data={"old": "no", "password": STRONG, "again": STRONG})
    assert wrong.status_code == 422
    changed = here.post(
        "/office/account/password", data={"old": factories.PASSWORD, "password": STRONG, "again": STRONG}
    )
    assert changed.status_code == 302
    assert here.get("/office/").status_code == 200
    assert there.get("/office/").status_code == 302


def test_the_permissions_page_is_the_policy(app, site):
    page = office(app, "drafter").page("/office/staff/permissions")
    assert "看提出人的联系方式（记入日志）" in page.text
    assert len(page.all("tr")) > 10


def test_bureaus_are_kept(app, site):
    client = office(app, "administrator")
    assert client.post("/office/staff/bureaus", data={"code": "kjj", "name": "示例市科学技术局"}).status_code == 302
    assert client.post("/office/staff/bureaus", data={"code": "kjj", "name": "又一个"}).status_code == 422
    assert "示例市科学技术局" in client.get("/office/staff/bureaus").text


def test_the_auditor_takes_the_log_away(app, site):
    log = office(app, "auditor").get("/office/audit/log.jsonl")
    assert log.status_code == 200
    assert log.text.count("\n") > 5
    assert office(app, "administrator").get("/office/audit/log.jsonl").status_code == 403


def test_ones_own_password_cannot_be_guessed_by_whoever_sits_at_an_open_desk(app, site):
    here = office(app, "drafter")
    wrong = {"old": "no", "password": STRONG, "again": STRONG}
    tried = [here.post("/office/account/password", data=wrong).status_code for _ in range(11)]
    assert tried == [422] * 10 + [429]


@pytest.mark.parametrize(
    ("role", "may", "may_not"),
    [
        ("administrator", "/office/staff/new", "/office/audit/"),
        ("security", "/office/staff/", "/office/staff/new"),
        ("auditor", "/office/audit/", "/office/staff/new"),
    ],
)
def test_the_front_page_says_what_this_person_can_do_and_links_it(app, site, role, may, may_not):
    client = app.test_client().sign_in(role)
    page = client.page("/office/")
    assert "accounts create" not in page.text
    main = next(iter(page.all("main")))
    links = [a.get("href") for a in main.iter("a") if a.get("href", "").startswith("/office/")]
    assert may in links
    assert may_not not in links
    assert all(client.get(link).status_code == 200 for link in links)
