"""The pages of whoever runs the site: how it does, dead letters, periods, and a mail server that is tried for real."""

from __future__ import annotations

import dataclasses
import re
import socket
import threading
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select

from portal import create_app
from portal.cli import operation
from portal.models import Account, OutgoingEmail, SiteSetting
from portal.services import last_runs, outbox
from portal.services.outbox import GIVEN_UP_AFTER
from tests import pages
from tests.factories import NOON
from tests.pages import Page
from tests.postgres import free_port

RUNNING = "/office/running"


@pytest.fixture
def admin(app, site):
    return app.test_client().sign_in("administrator")


def owe(app, attempts=GIVEN_UP_AFTER, fault="SMTPRecipientsRefused: zhangsan@example.com unknown"):
    with app.extensions["database"].transaction() as session:
        letter = outbox.owe(
            session, app.extensions["seal"], kind="receipt", recipient="zhangsan@example.com", subject="您的回执",
            body="secret words", at=NOON,
        )  # fmt: skip
        letter.attempts, letter.last_fault = attempts, fault
        session.flush()
        return letter.id


def test_the_overview_says_what_is_wrong_and_what_to_do(app, admin):
    page = admin.page(f"{RUNNING}/")
    assert "没有运行过" in page.text
    assert "没有用 flask --app wsgi data backup 备份过" in page.text
    with app.extensions["database"].transaction() as session:
        for name in (last_runs.WORKER, last_runs.BACKUP, last_runs.RETENTION):
            last_runs.note(session, name, NOON, {"rows": 12, "bytes": 3 * 1024**3})
    page = admin.page(f"{RUNNING}/")
    assert "还在工作" in page.text
    assert "12行" in page.text
    assert "3.0 GB" in page.text
    owe(app)
    page = admin.page(f"{RUNNING}/")
    assert "1封发不出去，等人处理" in page.text
    assert "k1，新内容用k1加密" in page.text


def test_a_backup_and_the_daily_erasing_are_noted(app, site, tmp_path):
    run = app.test_cli_runner()
    assert run.invoke(operation.group, ["backup", str(tmp_path / "b.zip")]).exit_code == 0
    assert run.invoke(operation.group, ["erase-expired"]).exit_code == 0
    with app.extensions["database"].reader() as session:
        runs = last_runs.all_of_them(session)
    assert runs[last_runs.BACKUP].outcome["file"] == "b.zip"
    assert runs[last_runs.BACKUP].outcome["bytes"] == (tmp_path / "b.zip").stat().st_size
    assert runs[last_runs.RETENTION].outcome == {"respondents": 0, "baskets": 0, "subscriptions": 0}


def test_dead_letters_are_masked_sent_again_and_given_up(app, admin):
    first, second = owe(app), owe(app)
    page = admin.page(f"{RUNNING}/letters")
    assert "2封等人处理" in page.text
    assert "z***@example.com" in page.text
    assert "zhangsan" not in page.source
    assert "secret words" not in page.source
    assert admin.post(f"{RUNNING}/letters/{first}/again", data={}).status_code == 302
    refused = admin.post(f"{RUNNING}/letters/{second}/give-up", data={"reason": ""})
    assert refused.status_code == 422
    assert "请写明不再发送的理由" in refused.get_data(as_text=True)
    assert admin.post(f"{RUNNING}/letters/{second}/give-up", data={"reason": "已电话告知"}).status_code == 302
    page = admin.page(f"{RUNNING}/letters")
    assert "没有发不出的邮件" in page.text
    assert "已电话告知" in page.text
    assert admin.post(f"{RUNNING}/letters/{second}/again", data={}).status_code == 409
    assert admin.post(f"{RUNNING}/letters/again", data={}).headers["Location"].endswith("again=0")
    log = app.test_client().sign_in("auditor").page("/office/audit/")
    assert "letter.again" in log.text
    assert "letter.give_up" in log.text


def periods(contact="180", basket="60", log="400", **more):
    return {"retention_contact_days": contact, "retention_basket_days": basket, "retention_log_days": log, **more}


def test_periods_are_looked_at_before_they_hold(app, admin):
    assert admin.post(f"{RUNNING}/retention", data=periods(log="30", act="preview")).status_code == 422
    looked = admin.post(f"{RUNNING}/retention", data=periods(contact="90", act="preview"))
    assert looked.status_code == 200
    page = Page(looked.get_data(as_text=True))
    assert "联系方式和来件原文：180日改为90日" in page.text
    seen = re.search(r'name="seen" value="([^"]+)"', page.source).group(1)
    # other figures than those that were looked at are shown first
    other = admin.post(f"{RUNNING}/retention", data=periods(contact="60", act="keep", seen=seen))
    assert other.status_code == 200
    assert "180日改为60日" in other.get_data(as_text=True)
    assert stored(app) == {}
    assert admin.post(f"{RUNNING}/retention", data=periods(contact="90", act="keep", seen=seen)).status_code == 302
    assert stored(app)["retention_contact_days"] == "90"
    assert "满90日即删除" in app.test_client().page("/rules/privacy").text


def stored(app):
    with app.extensions["database"].reader() as session:
        return {row.key: row.value for row in session.scalars(select(SiteSetting)) if row.key.startswith("retention")}


def test_the_page_of_the_footer_leaves_the_periods_alone(app, admin):
    admin.post(f"{RUNNING}/retention", data=periods(contact="90", act="keep", seen="90 60 400"))
    admin.post("/office/site/", data={"phone": "0999-5550100"})
    assert stored(app)["retention_contact_days"] == "90"


# ── the mail server ───────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def with_server(settings, site):
    """Makes an administrator's browser on an application with a mail server at this port."""
    opened = []

    def make(port, **changes):
        chosen = dataclasses.replace(
            settings, mail_delivery="smtp", mail_server="127.0.0.1", mail_port=port, mail_timeout=0.5, **changes
        )
        app = create_app(chosen)
        app.test_client_class = pages.Browser
        app.extensions["clock"] = lambda: NOON
        opened.append(app)
        return app.test_client().sign_in("administrator")

    yield make
    for app in opened:
        app.extensions["database"].engine.dispose()


class Inbox:
    """Takes letters, or refuses them."""

    def __init__(self, answer="250 taken"):
        self.answer, self.letters = answer, []

    async def handle_DATA(self, server, session, envelope):
        self.letters.append(envelope)
        return self.answer


@pytest.fixture
def server():
    started = []

    def start(answer="250 taken"):
        inbox = Inbox(answer)
        controller = Controller(inbox, hostname="127.0.0.1", port=free_port())
        controller.start()
        started.append(controller)
        return inbox, controller.port

    yield start
    for controller in started:
        controller.stop()


def send(client, email="chen@example.com"):
    answer = client.post(f"{RUNNING}/mail/letter", data={"email": email})
    assert answer.status_code == 302, answer.get_data(as_text=True)
    return client.page(answer.headers["Location"])


def test_a_server_that_takes_the_letter(with_server, server):
    inbox, port = server()
    client = with_server(port)
    page = send(client)
    assert "邮件服务器已收下给c***@example.com的信" in page.text
    assert "服务器收下不等于送到" in page.text
    assert [envelope.rcpt_tos for envelope in inbox.letters] == [["chen@example.com"]]
    assert "发到您账号的邮箱c***@example.com" in client.page(f"{RUNNING}/mail").text
    send(client, email="")  # the address is known now
    assert len(inbox.letters) == 2
    tried = client.post(f"{RUNNING}/mail/connection", data={}).get_data(as_text=True)
    assert "服务器连得上" in tried


def test_a_server_that_refuses_is_quoted_without_the_address(with_server, server):
    _, port = server("554 chen@example.com is not wanted here")
    page = send(with_server(port))
    assert "没有发出。服务器的答复" in page.text
    assert "554" in page.text
    assert "c***@example.com is not wanted here" in page.text
    assert "chen@" not in page.source


def test_a_server_that_is_not_there(with_server):
    client = with_server(free_port())
    assert "ConnectionRefusedError" in send(client).text
    tried = client.post(f"{RUNNING}/mail/connection", data={})
    assert tried.status_code == 200
    assert "到这一步没有成功" in tried.get_data(as_text=True)


def test_a_silent_server_is_not_waited_for_and_holds_no_lock(with_server, app, monkeypatch):
    from portal import mail

    monkeypatch.setattr(mail.try_server, "__defaults__", (0.5,))
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        client = with_server(silent.getsockname()[1])
        answers = []
        asking = threading.Thread(
            target=lambda: answers.append(client.post(f"{RUNNING}/mail/connection", data={}).get_data(as_text=True))
        )
        asking.start()
        with app.extensions["database"].transaction() as session:  # somebody else writes meanwhile
            session.scalars(select(Account)).first().failed_sign_ins = 1
        asking.join(10)
    assert "TimeoutError" in answers[0] or "timed out" in answers[0]


def test_without_a_server_the_page_says_that_nobody_gets_anything(admin, settings):
    page = admin.page(f"{RUNNING}/mail")
    assert "邮件只写成文件，谁也收不到" in page.text
    assert "已写成文件，没有交给任何邮件服务器" in send(admin).text
    assert len(list(settings.mail_dir.glob("*-test.eml"))) == 1


def test_a_wrong_address_is_one_sentence(admin):
    answer = admin.post(f"{RUNNING}/mail/letter", data={"email": "chen"})
    assert answer.status_code == 422
    assert "电子邮箱有误" in answer.get_data(as_text=True)


def test_only_test_letters_are_shown_by_their_number(app, admin):
    number = owe(app)
    assert "z***" not in admin.page(f"{RUNNING}/mail?letter={number}").source


def test_a_worker_is_silent_after_some_minutes(app, admin, clock):
    with app.extensions["database"].transaction() as session:
        last_runs.note(session, last_runs.WORKER, NOON - timedelta(minutes=6))
    page = admin.page(f"{RUNNING}/")
    row = next(div for div in page.all("div") if "后台进程" in "".join(div.itertext()) and div.find("dt") is not None)
    assert "有问题" in "".join(row.itertext())
    with app.extensions["database"].reader() as session:
        assert session.scalars(select(OutgoingEmail)).all() == []
