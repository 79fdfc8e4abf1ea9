"""Uploads and mail go by the virus scanner: refused when infected; refused or marked when it is away; marked ones later."""

from __future__ import annotations

import dataclasses
import io
import time

import pytest
from flask import current_app
from sqlalchemy import select

from portal import config, create_app
from portal.cli import mailbox, worker
from portal.models import Attachment, AuditEvent, IncomingMail
from portal.rules.words import MailKind, Scan
from portal.scanning import Scanner
from portal.services import jobs, receiving
from tests import factories, pages
from tests.clamd import EICAR, Clamd
from tests.imap import Box, Server
from tests.pages import Page
from tests.postgres import free_port
from tests.web.test_clauses import CLAUSE
from tests.web.test_commenting import send

PDF = b"%PDF-1.7 measured"


@pytest.fixture
def clamd():
    made = Clamd()
    yield made
    made.stop()


@pytest.fixture
def guarded(settings, site, clock):
    """Makes an application with a virus scanner at this address."""
    opened = []

    def make(address, **changes):
        chosen = dataclasses.replace(settings, clamd=address, clamd_timeout=0.5, **changes)
        app = create_app(chosen)
        app.test_client_class = pages.Browser
        app.extensions["clock"] = clock
        app.config.update(TESTING=True)
        opened.append(app)
        return app

    yield make
    for app in opened:
        app.extensions["database"].engine.dispose()


def post(client, data, name="材料.pdf", body="我的意见"):
    client.get(CLAUSE)
    return client.post(CLAUSE, data={"stance": "change", "body": body, "evidence": (io.BytesIO(data), name)})


def kept(app):
    with app.extensions["database"].reader() as session:
        return session.scalars(select(Attachment)).all()


# ── the protocol ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("is_unix", [False, True])
def test_clean_and_infected(tmp_path, is_unix):
    made = Clamd(tmp_path / "clamd.ctl" if is_unix else None)
    try:
        scanner = Scanner(made.address, 2)
        assert scanner.answers()
        assert scanner.look(b"x" * 300_000).scan is Scan.CLEAN
        assert made.heard == [b"x" * 300_000]
        assert scanner.look(b"head " + EICAR).words == "Eicar-Signature"
        assert scanner.look(EICAR).scan is Scan.INFECTED
    finally:
        made.stop()


@pytest.mark.parametrize("manner", ["silent", "broken", "small"])
def test_a_scanner_in_trouble_has_not_looked(clamd, manner):
    clamd.manner = manner
    began = time.monotonic()
    verdict = Scanner(clamd.address, 0.4).look(b"y" * 2_000_000)
    assert verdict.scan is Scan.OWED
    assert verdict.words
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:{port}", "unix:///nowhere/clamd.ctl"])
def test_a_scanner_that_is_away_has_not_looked(address):
    scanner = Scanner(address.format(port=free_port()), 0.4)
    assert scanner.look(b"x").scan is Scan.OWED
    assert not scanner.answers()


@pytest.mark.parametrize(
    "wrong", [{"PORTAL_CLAMD": "127.0.0.1:3310"}, {"PORTAL_CLAMD": "unix://x"}, {"PORTAL_CLAMD_AWAY": "maybe"}]
)
def test_settings_that_are_none_are_refused(tmp_path, wrong):
    with pytest.raises(ValueError, match="PORTAL_CLAMD"):
        config.from_environment({"PORTAL_DATA_DIR": str(tmp_path), **wrong})


# ── forms ─────────────────────────────────────────────────────────────────────────────────────────────


def test_an_infected_file_is_refused_in_one_sentence_and_the_words_stay(guarded, clamd):
    app = guarded(clamd.address)
    answer = post(app.test_client(), PDF + EICAR, "材料\u202efdp.pdf", "我写了很久的意见")
    assert answer.status_code == 422
    page = Page(answer.get_data(as_text=True))
    assert "文件“材料fdp.pdf”带有病毒，没有保存" in page.text
    assert "我写了很久的意见" in page.text
    assert kept(app) == []


def test_a_clean_file_is_kept_as_seen(guarded, clamd):
    app = guarded(clamd.address)
    assert post(app.test_client(), PDF).status_code == 302
    assert [file.scan for file in kept(app)] == [Scan.CLEAN]
    assert clamd.heard == [PDF]


def test_without_a_scanner_nothing_is_said(guarded):
    app = guarded("")
    post(app.test_client(), PDF)
    assert [file.scan for file in kept(app)] == [Scan.NONE]


def test_a_scanner_that_is_away_refuses_files_and_nothing_else(guarded):
    app = guarded(f"tcp://127.0.0.1:{free_port()}")
    client = app.test_client()
    answer = post(client, PDF)
    assert answer.status_code == 422
    assert "查毒服务暂时用不了" in answer.get_data(as_text=True)
    assert kept(app) == []
    assert client.post(CLAUSE, data={"stance": "change", "body": "不带文件的意见"}).status_code == 302
    assert send(client).status_code == 302


def test_or_accepts_them_marked_and_looks_at_them_later(guarded, clamd, capsys):
    away = guarded(f"tcp://127.0.0.1:{free_port()}", is_unscanned_accepted=True)
    client = away.test_client()
    assert post(client, PDF).status_code == 302
    assert post(client, PDF + EICAR, body="第二条").status_code == 302
    assert [file.scan for file in kept(away)] == [Scan.OWED] * 2
    assert send(client).status_code == 302
    moderator = away.test_client().sign_in("moderator")
    assert "未查毒" in moderator.page("/office/consultations/hehu/moderation/1").text
    with away.app_context():
        worker._rescan()  # still away: nothing changes
    assert [file.scan for file in kept(away)] == [Scan.OWED] * 2
    back = guarded(clamd.address)
    with back.app_context():
        worker._rescan()
    assert [file.scan for file in kept(back)] == [Scan.CLEAN, Scan.INFECTED]
    moderator = back.test_client().sign_in("moderator")
    fetched = [
        moderator.post(f"/office/consultations/hehu/moderation/{n}/evidence", data={}).status_code for n in (1, 2)
    ]
    assert fetched == [200, 403]
    with back.extensions["database"].reader() as session:
        assert session.scalars(select(AuditEvent.details).where(AuditEvent.act == "file.infected")).all() == [
            {"found": "Eicar-Signature"}
        ]


def test_who_may_not_send_gets_nothing_scanned(guarded, clamd):
    app = guarded(clamd.address)
    for client in (app.test_client(), app.test_client().sign_in("auditor")):
        data = {"text": "", "file": (io.BytesIO(PDF), "a.pdf")}
        answer = client.post("/office/import", data=data, content_type="multipart/form-data")
        assert answer.status_code in (401, 403)
    assert clamd.heard == []


def test_drafts_of_the_office_are_scanned_too(guarded, clamd):
    publisher = guarded(clamd.address).test_client().sign_in("publisher")
    data = {"text": "", "file": (io.BytesIO(factories.DRAFT.encode() + EICAR), "方案.txt")}
    answer = publisher.post("/office/import", data=data, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "带有病毒" in answer.get_data(as_text=True)


def test_the_page_of_the_operation_knows_of_it(guarded, clamd):
    assert (
        "上传的文件都查毒"
        in guarded(clamd.address).test_client().sign_in("administrator").page("/office/running/").text
    )
    away = guarded(f"tcp://127.0.0.1:{free_port()}").test_client().sign_in("administrator")
    assert "连不上查毒服务" in away.page("/office/running/").text


# ── mail ──────────────────────────────────────────────────────────────────────────────────────────────

LETTER = (
    b"From: wang@example.com\r\nTo: hhbj@example.gov.cn\r\nSubject: opinion\r\nMessage-ID: <%d@example.com>\r\n"
    b"Date: Thu, 12 Mar 2026 10:00:00 +0800\r\nContent-Type: text/plain\r\n\r\nmore boats please %s\r\n"
)


@pytest.fixture
def box():
    held = Box(messages={1: LETTER % (1, b""), 2: LETTER % (2, EICAR), 3: LETTER % (3, b"")})
    server = Server(held)
    yield server
    server.close()


def gather(app, box):
    app.extensions["settings"] = dataclasses.replace(
        app.extensions["settings"], imap_server="127.0.0.1", imap_port=box.port, imap_username="hhbj",
        imap_password="secret", imap_use_tls=False, imap_timeout=2,
    )  # fmt: skip
    setting = jobs.Setting(app.extensions["seal"], "", factories.NOON)
    with app.app_context(), current_app.extensions["database"].transaction() as session:
        receiving.bureau_of_box(session, "")
        job = jobs.ask(session, receiving.READING, at=factories.NOON)
        found = mailbox._gather(session, job, setting)
        mailbox._apply(session, job, setting, found)
        return found


def test_a_mail_with_a_virus_is_listed_and_not_kept(guarded, clamd, box):
    app = guarded(clamd.address)
    gather(app, box)
    with app.extensions["database"].reader() as session:
        mails = session.scalars(select(IncomingMail).order_by(IncomingMail.id)).all()
        assert [mail.kind is MailKind.UNREADABLE for mail in mails] == [False, True, False]
        assert mails[1].content_sealed is None
        assert "带有病毒" in mails[1].remarks[0]["sentence"]


def test_mail_waits_in_the_box_while_the_scanner_is_away(guarded, clamd, box):
    found = gather(guarded(f"tcp://127.0.0.1:{free_port()}"), box)
    assert isinstance(found, str)
    assert found.startswith("clamd:")
    app = guarded(clamd.address)
    gather(app, box)
    with app.extensions["database"].reader() as session:
        assert len(session.scalars(select(IncomingMail)).all()) == 3
