"""Delivers what is owed to the addresses of programs. Of all that only a test is sent inside a request.

An address is resolved once, checked, and the connection goes to the very address that was checked: a name that
answers differently a moment later leads nowhere else. Nothing is followed, what comes back is cut short, and the
whole exchange has an end, however slowly the other side speaks.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Flask

from portal.config import Settings
from portal.db import Database
from portal.errors import NotValid
from portal.rules import outward
from portal.rules.outward import Target
from portal.sealing import NotSealedByUs, Seal
from portal.services import webhooks
from portal.services.webhooks import Message

#: bytes of an answer that are read
MOST_READ = 16 * 1024
#: characters of the answer to a test that the page shows
MOST_SHOWN = 500
USER_AGENT = "consultation-portal-webhooks/1"


class NotReached(Exception):
    """The address was not called, or did not answer as one should."""


@dataclass(frozen=True, slots=True)
class Round:
    """What one round did: delivered, and not delivered (to be tried again, or dead)."""

    delivered: int
    failed: int


def deliver(
    app: Flask, at: datetime | None = None, limit: int = 50, is_over: Callable[[], bool] = lambda: False
) -> Round:
    """Sends what is due; `is_over` ends it between two messages. Each is taken in one short transaction, sent outside any, and settled in another.

    An address that does not answer costs one time-out a round: what else is owed to it waits for the next.
    """
    database: Database = app.extensions["database"]
    settings: Settings = app.extensions["settings"]
    seal: Seal = app.extensions["seal"]
    delivered = failed = 0
    silent: set[int] = set()
    with database.reader() as session:
        due = webhooks.due(session, at or datetime.now(UTC), limit)
    for delivery_id, webhook_id in due:
        if is_over():
            break
        if webhook_id in silent:
            continue
        now = at or datetime.now(UTC)
        try:
            with database.transaction() as session:
                message = webhooks.take(session, seal, delivery_id, now)
        except NotSealedByUs as fault:
            with database.transaction() as session:
                webhooks.settle(session, delivery_id, None, f"NotSealedByUs: {fault}", now)
            continue
        if message is None:
            continue
        status, fault_words = _try(message, settings, now)
        with database.transaction() as session:
            if webhooks.settle(session, delivery_id, status, fault_words, at or datetime.now(UTC)):
                delivered += 1
            else:
                failed += 1
                silent.add(webhook_id)
    return Round(delivered, failed)


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one message: the status, None when there was no answer; the beginning of the answer, or the fault."""

    status: int | None
    words: str
    seconds: float

    @property
    def is_taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def send_test(message: Message, settings: Settings, at: datetime) -> Answer:
    """Sends a test at once, by the way and with the checks of every delivery. Takes as long as one, and no session."""
    began = time.monotonic()
    status, words = _answered(message, settings, at)
    return Answer(status, " ".join(words.split())[:MOST_SHOWN], time.monotonic() - began)


def _try(message: Message, settings: Settings, at: datetime) -> tuple[int | None, str]:
    """The status of the answer and what was wrong, in words."""
    status, words = _answered(message, settings, at)
    return status, "" if status is not None and 200 <= status < 300 else words


def _answered(message: Message, settings: Settings, at: datetime) -> tuple[int | None, str]:
    """The status of the answer with its beginning, or none with what was wrong."""
    try:
        target = outward.target(message.url, settings.webhook_hosts)
        return post(target, message, int(at.timestamp()), settings.webhook_timeout)
    except NotValid as refusal:
        return None, refusal.message
    except (NotReached, OSError, http.client.HTTPException, ValueError) as fault:
        return None, f"{type(fault).__name__}: {fault}"


def post(target: Target, message: Message, timestamp: int, timeout: float) -> tuple[int, str]:
    """Sends one signed message; the status and the beginning of the answer. Raises NotReached, OSError and the like."""
    headers = {
        "Host": target.host if target.port in (80, 443) else f"{target.host}:{target.port}",
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
        "webhook-id": message.message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": outward.signature(message.secret, message.message_id, timestamp, message.body),
        "Connection": "close",
    }
    connection = http.client.HTTPConnection(target.host, target.port, timeout=timeout)
    opened = _connect(target, timeout)
    is_over = threading.Event()

    def end() -> None:
        is_over.set()
        with suppress(OSError):
            opened.shutdown(socket.SHUT_RDWR)

    # a time-out of the socket begins anew with every byte; this one does not
    clock = threading.Timer(timeout, end)
    clock.start()
    try:
        if target.is_tls:
            opened = ssl.create_default_context().wrap_socket(opened, server_hostname=target.host)
        connection.sock = opened
        connection.request("POST", target.path, message.body, headers)
        answer = connection.getresponse()
        words = answer.read(MOST_READ).decode("utf-8", "replace")
        if is_over.is_set():
            # cut off in the middle, which reads like an end
            raise NotReached(f"no answer within {timeout:g} s")
        return answer.status, words
    except (OSError, http.client.HTTPException) as fault:
        # the socket's own time-out may ring a moment before the clock: it is the same fact
        if is_over.is_set() or isinstance(fault, TimeoutError):
            raise NotReached(f"no answer within {timeout:g} s") from fault
        raise
    finally:
        clock.cancel()
        with suppress(OSError):
            opened.close()
        connection.close()


def _connect(target: Target, timeout: float) -> socket.socket:
    """A connection to an address that was checked: the name is resolved here and never again."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as fault:
        raise NotReached(f"{target.host} is not known") from fault
    addresses = [str(each[4][0]) for each in found]
    if not target.is_listed and not all(outward.is_public(address) for address in addresses):
        raise NotReached(f"{target.host} is not an address of the public internet")
    refused: Exception = OSError(f"{target.host} has no address")
    for address in addresses[:2]:
        try:
            return socket.create_connection((address, target.port), timeout=timeout)
        except TimeoutError:
            refused = NotReached(f"no answer within {timeout:g} s")
        except OSError as fault:
            refused = fault
    raise refused
