"""Mail that is owed is delivered: to files by default, to a real SMTP server by a setting, later when that is away."""

from __future__ import annotations

import dataclasses
import email
import email.policy
import socket
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal import create_app, mail
from portal.models import OutgoingEmail
from portal.services import outbox
from tests.factories import NOON
from tests.postgres import free_port


@pytest.fixture
def owed(app, seal):
    """Three letters in the outbox."""
    with app.extensions["database"].transaction() as session:
        for n in range(3):
            outbox.owe(
                session, seal, kind="receipt", recipient=f"someone{n}@example.com", subject=f"来稿回执 26-01-0000{n}-1",
                body=f"您的第{n}条意见已收到。", at=NOON,
            )  # fmt: skip
    return app


def letters(app):
    with app.extensions["database"].reader() as session:
        return session.scalars(select(OutgoingEmail).order_by(OutgoingEmail.id)).all()


def to_server(settings, port, **changes):
    return create_app(
        dataclasses.replace(
            settings, mail_delivery="smtp", mail_server="127.0.0.1", mail_port=port, mail_timeout=1.0, **changes
        )
    )


def test_files_by_default(owed, settings):
    assert mail.deliver(owed, NOON) == mail.Delivery(3, 0)
    files = sorted(settings.mail_dir.glob("*.eml"))
    assert len(files) == 3
    message = email.message_from_bytes(files[0].read_bytes(), policy=email.policy.default)
    assert message["To"] == "someone0@example.com"
    assert message["Subject"] == "来稿回执 26-01-00000-1"
    assert "您的第0条意见已收到。" in message.get_content()
    assert mail.deliver(owed, NOON) == mail.Delivery(0, 0)
    assert len(list(settings.mail_dir.iterdir())) == 3


@pytest.fixture
def smtp_server(tmp_path):
    """A real SMTP server in a process of its own, keeping what it is given in a mailbox folder."""
    port, box = free_port(), tmp_path / "box"
    server = subprocess.Popen(
        [sys.executable, "-m", "aiosmtpd", "-n", "-l", f"127.0.0.1:{port}", "-c", "aiosmtpd.handlers.Mailbox", str(box)]
    )
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    yield port, box
    server.terminate()
    server.wait(10)


def test_a_real_server_receives_them(owed, settings, smtp_server):
    port, box = smtp_server
    app = to_server(settings, port)
    assert mail.deliver(app, NOON) == mail.Delivery(3, 0)
    received = [email.message_from_bytes(f.read_bytes(), policy=email.policy.default) for f in (box / "new").iterdir()]
    assert {m["To"] for m in received} == {f"someone{n}@example.com" for n in range(3)}
    assert "您的第1条意见已收到。" in "".join(m.get_content() for m in received)
    app.extensions["database"].engine.dispose()


def test_a_dead_server_delays_mail_and_nothing_else(owed, settings, smtp_server):
    dead = to_server(settings, free_port())
    assert mail.deliver(dead, NOON) == mail.Delivery(0, 3)
    first = letters(owed)[0]
    assert (first.attempts, first.sent_at) == (1, None)
    assert "ConnectionRefused" in first.last_fault
    assert mail.deliver(dead, NOON) == mail.Delivery(0, 0)
    port, _ = smtp_server
    alive = to_server(settings, port)
    assert mail.deliver(alive, NOON + timedelta(minutes=2)) == mail.Delivery(3, 0)
    for made in (dead, alive):
        made.extensions["database"].engine.dispose()


def test_a_silent_server_holds_nobody_up(owed, settings):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(8)
        app = to_server(settings, silent.getsockname()[1])
        began = time.monotonic()
        assert mail.deliver(app, NOON, limit=1) == mail.Delivery(0, 1)
        assert time.monotonic() - began < 5
        app.extensions["database"].engine.dispose()


def test_a_silent_server_holds_nobody_elses_lock(owed, settings):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(8)
        app = to_server(settings, silent.getsockname()[1])
        worker = threading.Thread(target=mail.deliver, args=(app, NOON), kwargs={"limit": 2})
        worker.start()
        time.sleep(0.3)
        began = time.monotonic()
        with app.extensions["database"].transaction() as session:
            session.add(OutgoingEmail(
                kind="x", recipient_sealed="x", subject="x", body_sealed="x", created_at=NOON, due_at=NOON + timedelta(days=1)
            ))  # fmt: skip
        assert time.monotonic() - began < 0.5
        worker.join()
        app.extensions["database"].engine.dispose()


def test_two_workers_send_each_letter_once(owed, settings):
    totals = []
    threads = [threading.Thread(target=lambda: totals.append(mail.deliver(owed, NOON).sent)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(totals) == 3
    assert [letter.attempts for letter in letters(owed)] == [1, 1, 1]


def test_a_line_end_never_reaches_a_header(app, seal):
    with app.extensions["database"].transaction() as session:
        made = outbox.owe(
            session,
            seal,
            kind="receipt",
            recipient="a@example.com",
            subject="回执\r\nBcc: b@example.com",
            body="x",
            at=NOON,
        )
        assert made.subject == "回执 Bcc: b@example.com"
