"""Delivers what the outbox owes, letter by letter. Never called inside a request."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path

import flask_mail
from flask import Flask, current_app
from flask_mail import Mail, Message
from sqlalchemy import ColumnElement, select

from portal.config import Settings
from portal.db import Database
from portal.models import OutgoingEmail
from portal.sealing import NotSealedByUs, Seal
from portal.services import dues
from portal.services.outbox import BODY, GIVEN_UP_AFTER, LEAVE, RECIPIENT

#: minutes to wait after the first, second, … failure; after GIVEN_UP_AFTER tries the letter waits for a person
BACK_OFF = (1, 5, 15, 60, 240, 720)
#: says that a machine wrote it, so that no holiday notice answers (RFC 3834)
AUTOMATIC = "auto-generated"


def init_app(app: Flask) -> None:
    """Gives Flask-Mail its settings."""
    settings: Settings = app.extensions["settings"]
    app.config.update(
        MAIL_DEFAULT_SENDER=settings.mail_sender,
    )
    Mail(app)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one round did: letters sent, letters that failed and will be tried again or wait for a person."""

    sent: int
    failed: int


def deliver(app: Flask, at: datetime | None = None, limit: int = 100) -> Delivery:
    """Sends the letters that are due, oldest first.

    Each is claimed in one short transaction, sent outside any, and settled in another: a silent server holds
    nobody's lock. A claim that is never settled (the worker was killed) falls due again, so a letter goes out at
    least once. A letter that fails keeps the fault and is tried again after a growing wait; the others go on.
    """
    database: Database = app.extensions["database"]
    at = at or datetime.now(UTC)
    sent = failed = 0
    with database.reader() as session:
        due = session.scalars(
            select(OutgoingEmail.id).where(*_is_due(at)).order_by(OutgoingEmail.id).limit(limit)
        ).all()
    for email_id in due:
        is_sent = deliver_one(app, email_id, at)
        if is_sent is not None:  # otherwise another worker has it
            sent, failed = sent + is_sent, failed + (not is_sent)
    return Delivery(sent, failed)


def deliver_one(app: Flask, email_id: int, at: datetime) -> bool | None:
    """Sends one letter that is due; whether the mail server took it, None when somebody else has it in hand."""
    database: Database = app.extensions["database"]
    letter = _claim(app, database, email_id, at)
    if letter is None:
        return None
    try:
        _send(app, letter)
    except (OSError, smtplib.SMTPException, ValueError) as fault:
        _settle(database, letter, None, f"{type(fault).__name__}: {fault}"[:500])
        return False
    _settle(database, letter, at, "")
    return True


@dataclass(frozen=True, slots=True)
class Connection:
    """How far a try of the mail server came: the last step that went well, and what it said at the next."""

    reached: str
    fault: str

    @property
    def is_good(self) -> bool:
        return not self.fault


#: the steps of a try, in order; "" is none of them
STEPS = ("connected", "encrypted", "signed_in")


def try_server(settings: Settings, timeout: float = 5) -> Connection:
    """Connects to the mail server as a delivery does, without sending anything; waits `timeout` seconds at each step."""
    reached: list[str] = []
    try:
        with _connected(settings, timeout, reached.append) as server:
            code, words = server.noop()
            fault = "" if code == 250 else f"{code} {words.decode('utf-8', 'replace')}"
    except (OSError, smtplib.SMTPException, ValueError) as error:
        fault = f"{type(error).__name__}: {error}"[:500]
    return Connection(reached[-1] if reached else "", fault)


def _connected(settings: Settings, timeout: float, told: Callable[[str], object] = lambda _step: None) -> smtplib.SMTP:
    """A connection to the mail server, encrypted and signed in where that is set; `told` of each step that went well.

    The server's certificate is checked, against the authority of `PORTAL_MAIL_CA_FILE` where one is named: a letter
    holds the secret of a receipt, and is not given to whoever answers.
    """
    server = smtplib.SMTP(settings.mail_server or "127.0.0.1", settings.mail_port, timeout=timeout)
    try:
        server.ehlo()
        told("connected")
        if settings.mail_use_tls:
            server.starttls(context=ssl.create_default_context(cafile=settings.mail_ca_file or None))
            server.ehlo()
            told("encrypted")
        if settings.mail_username:
            server.login(settings.mail_username, settings.mail_password)
            told("signed_in")
    except BaseException:
        server.close()
        raise
    return server


class _Wire(flask_mail.Connection):
    """Flask-Mail's connection with a time-out and a certificate that is looked at: it has neither."""

    def configure_host(self) -> smtplib.SMTP:
        settings: Settings = current_app.extensions["settings"]
        return _connected(settings, settings.mail_timeout)


@dataclass(frozen=True, slots=True)
class _Letter:
    id: int
    kind: str
    recipient: str
    subject: str
    body: str
    created_at: datetime
    #: where one press ends what it came by; empty when there is nothing to end
    leave: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """The headers beside the usual ones: a machine wrote it, and how to be spared the next (RFC 3834, 8058)."""
        found = {"Auto-Submitted": AUTOMATIC}
        if self.leave:
            found |= {"List-Unsubscribe": f"<{self.leave}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
        return found


def _is_due(at: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        OutgoingEmail.sent_at.is_(None),
        dues.is_due(OutgoingEmail.due_at, at, timedelta(minutes=BACK_OFF[-1])),
        OutgoingEmail.attempts < GIVEN_UP_AFTER,
        OutgoingEmail.given_up_at.is_(None),
    )


def _claim(app: Flask, database: Database, email_id: int, at: datetime) -> _Letter | None:
    """Takes one letter in hand by moving its due time on; None when somebody else was faster."""
    seal: Seal = app.extensions["seal"]
    with database.transaction() as session:
        email = session.scalar(
            select(OutgoingEmail)
            .where(OutgoingEmail.id == email_id, *_is_due(at))
            .with_for_update(key_share=True, skip_locked=True)
        )
        if email is None:
            return None
        email.attempts += 1
        email.due_at = at + timedelta(minutes=BACK_OFF[min(email.attempts, len(BACK_OFF)) - 1])
        try:
            recipient, body = seal.open(email.recipient_sealed, RECIPIENT), seal.open(email.body_sealed, BODY)
            leave = seal.open(email.leave_sealed, LEAVE) if email.leave_sealed else ""
        except NotSealedByUs as fault:
            email.last_fault = f"NotSealedByUs: {fault}"
            return None
        return _Letter(email.id, email.kind, recipient, email.subject, body, email.created_at, leave)


def _settle(database: Database, letter: _Letter, sent_at: datetime | None, fault: str) -> None:
    with database.transaction() as session:
        email = session.get(OutgoingEmail, letter.id)
        if email is None:
            return  # left while it was in hand
        email.sent_at, email.last_fault = sent_at, fault


def _send(app: Flask, letter: _Letter) -> None:
    settings: Settings = app.extensions["settings"]
    if settings.mail_delivery == "files":
        _write(settings.mail_dir, settings.mail_sender, letter)
        return
    with app.app_context(), _Wire(app.extensions["mail"]) as wire:
        wire.send(
            Message(
                subject=letter.subject,
                recipients=[letter.recipient],
                body=letter.body,
                extra_headers=letter.headers,
            )
        )


def _write(folder: Path, sender: str, letter: _Letter) -> None:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = letter.recipient
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(letter.created_at)
    for name, value in letter.headers.items():
        message[name] = value
    message["Message-ID"] = make_msgid(domain="portal.invalid")
    message.set_content(letter.body)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{letter.id:08d}-{letter.kind}.eml"
    # written beside and renamed: whoever looks sees a whole letter or none
    part = file.with_suffix(".part")
    part.write_bytes(bytes(message))
    part.replace(file)
