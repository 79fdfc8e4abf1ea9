"""Delivers what the outbox owes, one commit a letter. Never called inside a request."""

from __future__ import annotations

import smtplib
import socket
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path

from flask import Flask
from flask_mail import Mail, Message
from sqlalchemy import select

from portal.config import Settings
from portal.db import Database
from portal.models import OutgoingEmail
from portal.sealing import NotSealedByUs, Seal
from portal.services.outbox import CONTEXT

#: waits after the first, second, … failure; afterwards the letter waits for a person
BACK_OFF = (1, 5, 15, 60, 240, 720)


def init_app(app: Flask) -> None:
    """Gives Flask-Mail its settings."""
    settings: Settings = app.extensions["settings"]
    app.config.update(
        MAIL_SERVER=settings.mail_server or "127.0.0.1",
        MAIL_PORT=settings.mail_port,
        MAIL_USE_TLS=settings.mail_use_tls,
        MAIL_USERNAME=settings.mail_username or None,
        MAIL_PASSWORD=settings.mail_password or None,
        MAIL_DEFAULT_SENDER=settings.mail_sender,
    )
    Mail(app)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one round did: letters sent, letters that failed and will be tried again or wait for a person."""

    sent: int
    failed: int


def deliver(app: Flask, at: datetime | None = None, limit: int = 100) -> Delivery:
    """Sends the letters that are due, oldest first, each in a transaction of its own.

    A letter that fails keeps the fault and is tried again after a growing wait; the others go on.
    """
    database: Database = app.extensions["database"]
    sent = failed = 0
    at = at or datetime.now(UTC)
    with database.reader() as session:
        due = session.scalars(
            select(OutgoingEmail.id)
            .where(
                OutgoingEmail.sent_at.is_(None),
                OutgoingEmail.due_at <= at,
                OutgoingEmail.attempts <= len(BACK_OFF),
            )
            .order_by(OutgoingEmail.id)
            .limit(limit)
        ).all()
    for email_id in due:
        match _deliver_one(app, database, email_id, at):
            case True:
                sent += 1
            case False:
                failed += 1
    return Delivery(sent, failed)


def _deliver_one(app: Flask, database: Database, email_id: int, at: datetime) -> bool | None:
    with database.transaction() as session:
        # another worker may be at it: it holds the row, we go on
        email = session.scalar(
            select(OutgoingEmail).where(OutgoingEmail.id == email_id).with_for_update(skip_locked=True)
        )
        if email is None or email.sent_at is not None:
            return None
        email.attempts += 1
        try:
            _send(app, email)
        except (OSError, smtplib.SMTPException, NotSealedByUs, ValueError) as fault:
            email.last_fault = f"{type(fault).__name__}: {fault}"[:500]
            wait = BACK_OFF[min(email.attempts, len(BACK_OFF)) - 1]
            email.due_at = at + timedelta(minutes=wait)
            return False
        email.sent_at = at
        email.last_fault = ""
        return True


def _send(app: Flask, email: OutgoingEmail) -> None:
    settings: Settings = app.extensions["settings"]
    seal: Seal = app.extensions["seal"]
    recipient = seal.open(email.recipient_sealed, CONTEXT)
    if settings.mail_delivery == "files":
        _write(settings.mail_dir, settings.mail_sender, recipient, email)
        return
    before = socket.getdefaulttimeout()
    # Flask-Mail sets no time-out of its own: a silent server would hold the worker for ever
    socket.setdefaulttimeout(settings.mail_timeout)
    try:
        with app.app_context():
            mail: Mail = app.extensions["mail"]
            mail.send(Message(subject=email.subject, recipients=[recipient], body=email.body))
    finally:
        socket.setdefaulttimeout(before)


def _write(folder: Path, sender: str, recipient: str, email: OutgoingEmail) -> None:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = recipient
    message["Subject"] = email.subject
    message["Date"] = format_datetime(email.created_at)
    message["Message-ID"] = make_msgid(domain="portal.invalid")
    message.set_content(email.body)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{email.id:08d}-{email.kind}.eml"
    # written beside and renamed: whoever looks sees a whole letter or none
    part = file.with_suffix(".part")
    part.write_bytes(bytes(message))
    part.replace(file)
