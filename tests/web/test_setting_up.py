"""The first hour: only with the code from the machine, once, three people, and gone as soon as anybody has an account."""

from __future__ import annotations

import dataclasses
import json
import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, select

from portal import create_app
from portal.access import Role
from portal.models import Account, AuditEvent, Bureau, Holiday, SiteSetting
from portal.services import audit, setting_up
from tests import factories, pages
from tests.pages import Page
from tests.postgres import free_port

FORM = {
    "site_name": "示例县公开征求意见", "site_owner": "示例县人民政府办公室", "site_phone": "0999-5550100",
    "bureau_code": "slj", "bureau_name": "示例县水利局", "bureau_short_name": "县水利局",
    "administrator_name": "周明", "administrator_login": "zhouming", "administrator_email": "zhou@example.com",
    "security_name": "吴青", "security_login": "wuqing", "auditor_name": "郑南", "auditor_login": "zhengnan",
    "act": "finish",
}  # fmt: skip


@pytest.fixture
def code(app, seal):
    with app.extensions["database"].transaction() as session:
        return setting_up.new_code(session, seal, factories.NOON)


@pytest.fixture
def let_in(client, code):
    typed = code.translate({ord(narrow): ord(narrow) + 0xFEE0 for narrow in code if narrow != "-"}).replace("-", "—")
    assert client.post("/setup/code", data={"code": typed}).status_code == 302
    return client


def test_whoever_comes_first_is_asked_for_the_code(app, client, code):
    page = client.page("/setup/")
    assert "安装码" in page.text
    assert "单位代码" not in page.text
    assert client.post("/setup/", data=FORM).status_code == 302
    with app.extensions["database"].reader() as session:
        assert session.scalars(select(Account)).all() == []
    wrong = client.post("/setup/code", data={"code": "aaaa-bbbb-cccc-2222"})
    assert wrong.status_code == 422
    assert "安装码不对" in wrong.get_data(as_text=True)
    assert "单位代码" not in client.page("/setup/").text


def test_without_a_code_nothing_opens_it(client):
    assert client.post("/setup/code", data={"code": ""}).status_code == 422
    with client.session_transaction() as held:
        held["setup"] = ""
    assert "安装码" in client.page("/setup/").text


def test_the_code_is_not_tried_for_ever(app, code):
    told = [app.test_client().post("/setup/code", data={"code": "x"}).status_code for _ in range(11)]
    assert told == [422] * 10 + [429]


def test_a_code_ends_after_a_day_and_with_the_next(app, client, seal, code, clock):
    clock.at = factories.NOON + timedelta(hours=25)
    assert client.post("/setup/code", data={"code": code}).status_code == 422
    clock.at = factories.NOON
    assert client.post("/setup/code", data={"code": code.upper().replace("-", " ")}).status_code == 302
    assert "单位代码" in client.page("/setup/").text
    with app.extensions["database"].transaction() as session:
        setting_up.new_code(session, seal, factories.NOON)
    assert "单位代码" not in client.page("/setup/").text
    assert client.post("/setup/code", data={"code": code}).status_code == 422


def test_all_is_made_at_once_and_the_page_is_gone(app, let_in, code):
    answer = let_in.post("/setup/", data=FORM)
    assert answer.status_code == 200
    page = Page(answer.get_data(as_text=True))
    links = re.findall(r"http://[^<\s]+/office/invitations/[\w-]+", page.source)
    assert len(set(links)) == 3
    for method, address in (("GET", "/setup/"), ("POST", "/setup/"), ("POST", "/setup/code")):
        gone = app.test_client().open(address, method=method, data={"code": code} if method == "POST" else None)
        assert gone.status_code == 404, address
    with app.extensions["database"].reader() as session:
        people = {account.login: account for account in session.scalars(select(Account))}
        assert {login: account.role for login, account in people.items()} == {
            "zhouming": Role.ADMINISTRATOR, "wuqing": Role.SECURITY, "zhengnan": Role.AUDITOR,
        }  # fmt: skip
        assert session.scalars(select(Bureau.code)).all() == ["slj"]
        assert session.get(SiteSetting, "setup_code") is None
        assert session.get(SiteSetting, "phone").value == "0999-5550100"
        assert list(audit.verify(session)) == []
        assert "site.set_up" in session.scalars(select(AuditEvent.act)).all()
        assert people["zhouming"].email_sealed
        assert session.scalars(select(Holiday)).first() is not None
    assert "示例县公开征求意见" in app.test_client().page("/").text
    # the three set their passwords and come in
    for number, link in enumerate(dict.fromkeys(links)):
        browser = app.test_client()
        path = "/" + link.split("/", 3)[3]
        login = re.search(r"登录名是“(\w+)”", browser.page(path).text).group(1)
        password = {"password": f"Sensible-word-{number}9", "again": f"Sensible-word-{number}9"}
        assert browser.post(path, data=password).status_code == 302
        signed = browser.post("/office/sign-in", data={"login": login, "password": password["password"]})
        assert signed.headers["Location"] == "/office/"


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"security_name": "周 明"}, "security_name", "三个岗位要由三个人担任"),
        ({"security_login": "zhouming"}, "security_login", "已被使用"),
        ({"auditor_name": ""}, "auditor_name", "请填写姓名"),
        ({"administrator_email": "zhou"}, "administrator_email", "电子邮箱有误"),
        ({"bureau_code": "水利"}, "bureau_code", "单位代码用"),
        ({"bureau_name": ""}, "bureau_name", "请填写单位名称"),
        ({"site_phone": "打电话"}, "site_phone", "电话只写数字"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_is_made(app, let_in, changes, field, words):
    answer = let_in.post("/setup/", data=FORM | changes)
    assert answer.status_code == 422
    page = Page(answer.get_data(as_text=True))
    fault = next(p for p in page.all("p") if p.get("id") == f"{field}-e")
    assert words in "".join(fault.itertext())
    kept = FORM["site_name"]
    assert f'value="{kept}"' in page.source
    with app.extensions["database"].reader() as session:
        assert session.scalars(select(Account)).all() == []
        assert session.scalars(select(Bureau)).all() == []
        assert session.get(SiteSetting, "setup_code") is not None


def test_of_two_that_finish_one_is_told_that_it_is_over(app, code):
    first, second = app.test_client(), app.test_client()
    for browser in (first, second):
        browser.post("/setup/code", data={"code": code})
    assert first.post("/setup/", data=FORM).status_code == 200
    other = FORM | {"bureau_code": "jyj", "administrator_login": "someone"}
    assert second.post("/setup/", data=other).status_code == 404
    with app.extensions["database"].reader() as session:
        assert session.scalars(select(Bureau.code)).all() == ["slj"]


def test_an_installation_with_staff_has_no_such_page(app, site, client, seal):
    assert client.get("/setup/").status_code == 404
    assert client.post("/setup/code", data={"code": "x"}).status_code == 404
    assert app.test_cli_runner().invoke(args=["setup"]).exit_code == 2


def test_the_machine_tells_the_code(app, client):
    done = app.test_cli_runner().invoke(args=["data", "upgrade"])
    told = re.search(r"give this code: ([a-z0-9-]+)", done.stderr).group(1)
    again = json.loads(app.test_cli_runner().invoke(args=["setup"]).stdout)
    assert again["address"].endswith("/setup/")
    app.extensions["clock"] = None  # the shell goes by the real time
    assert client.post("/setup/code", data={"code": told}).status_code == 422
    assert client.post("/setup/code", data={"code": again["code"]}).status_code == 302


def test_the_mail_server_and_the_holidays_are_looked_at(settings, seal, clock):
    chosen = dataclasses.replace(settings, mail_delivery="smtp", mail_server="127.0.0.1", mail_port=free_port())
    app: Flask = create_app(chosen)
    app.test_client_class = pages.Browser
    app.extensions["clock"] = clock
    with app.extensions["database"].transaction() as session:
        code = setting_up.new_code(session, seal, factories.NOON)
    client = app.test_client()
    client.post("/setup/code", data={"code": code})
    assert "2026年的放假安排已有" in client.page("/setup/").text
    answer = client.post("/setup/", data=FORM | {"act": "try-mail"})
    page = Page(answer.get_data(as_text=True))
    assert "ConnectionRefusedError" in page.text
    assert 'value="周明"' in page.source
    with app.extensions["database"].transaction() as session:
        session.execute(delete(Holiday))
    assert "缺少2026年的放假安排" in client.page("/setup/").text
    app.extensions["database"].engine.dispose()
