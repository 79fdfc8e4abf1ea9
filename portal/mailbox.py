"""Reads the box that opinions are mailed to, by IMAP: looks only, marks nothing, and waits for no server for ever."""

from __future__ import annotations

import imaplib
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from portal.config import Settings
from portal.letters.messages import LARGEST_MESSAGE

#: messages, and bytes, that are fetched before what was fetched is kept
BATCH = 20
BATCH_BYTES = 40 * 1024 * 1024
_SIZE = re.compile(rb"RFC822\.SIZE (\d{1,12})")
_DATE = re.compile(rb'INTERNALDATE "([^"]{1,40})"')
_VALIDITY = re.compile(rb"\d{1,20}")


class NotReached(Exception):
    """The box could not be read; says why."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """One message as it lies in the box; `raw` is None when it is too large to be fetched."""

    uid: int
    raw: bytes | None
    arrived_at: datetime | None


@dataclass(frozen=True, slots=True)
class Batch:
    """Some messages behind a place, and whether there are more. `validity` names the server's numbering."""

    validity: str
    messages: list[Fetched] = field(default_factory=list)
    has_more: bool = False


def fetch(settings: Settings, validity: str, last_uid: int) -> Batch:
    """The next messages behind `last_uid`; from the beginning when the server has numbered anew.

    Raises NotReached for a server that is away, silent, wrong about something, or does not know the password.
    """
    opened: imaplib.IMAP4 | None = None
    try:
        opened = _open(settings)
        opened.login(settings.imap_username, settings.imap_password)
        _require(opened.select(_quoted(settings.imap_folder), readonly=True))
        _, told = opened.response("UIDVALIDITY")
        number = _VALIDITY.search(told[0] or b"") if told else None
        now_valid = number.group().decode() if number else "0"
        after = last_uid if now_valid == validity else 0
        found = _require(opened.uid("SEARCH", f"UID {after + 1}:*"))
        # “n:*” always holds the last message, also when it is older than n
        uids = sorted({int(uid) for uid in (found[0] or b"").split() if uid.isdigit() and int(uid) > after})
        return _fetched(opened, now_valid, uids)
    except (imaplib.IMAP4.error, OSError, ValueError, EOFError, IndexError) as fault:
        raise NotReached(f"{type(fault).__name__}: {fault}"[:300]) from fault
    finally:
        if opened is not None:
            _close(opened)


def _open(settings: Settings) -> imaplib.IMAP4:
    if settings.imap_use_tls:
        return imaplib.IMAP4_SSL(settings.imap_server, settings.imap_port, timeout=settings.imap_timeout)
    if settings.imap_server not in ("127.0.0.1", "localhost", "::1"):
        raise ValueError("a password is sent to another machine by TLS only (PORTAL_IMAP_USE_TLS=1)")
    return imaplib.IMAP4(settings.imap_server, settings.imap_port, timeout=settings.imap_timeout)


def _close(opened: imaplib.IMAP4) -> None:
    try:
        opened.logout()
    except (imaplib.IMAP4.error, OSError, ValueError):
        opened.shutdown()


def _quoted(folder: str) -> str:
    escaped = folder.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _require(answer: tuple[str, list[bytes | None]] | tuple[str, list[bytes]]) -> list[bytes | None]:
    status, data = answer
    if status != "OK":
        raise ValueError(f"the server says {status}: {data[:1]!r}")
    return list(data)


def _fetched(opened: imaplib.IMAP4, validity: str, uids: list[int]) -> Batch:
    messages: list[Fetched] = []
    held = 0
    for uid in uids:
        if len(messages) >= BATCH or held >= BATCH_BYTES:
            return Batch(validity, messages, has_more=True)
        facts = b" ".join(_pieces(opened.uid("FETCH", str(uid), "(INTERNALDATE RFC822.SIZE)")))
        size = _SIZE.search(facts)
        raw: bytes | None = None
        if size is not None and int(size[1]) <= LARGEST_MESSAGE:
            pieces = _pieces(opened.uid("FETCH", str(uid), "(BODY.PEEK[])"))
            raw = max(pieces, key=len, default=b"")
            held += len(raw)
        elif size is None:
            continue  # removed since the search
        messages.append(Fetched(uid, raw, _instant(_DATE.search(facts))))
    return Batch(validity, messages)


def _pieces(answer: tuple[str, list[object]]) -> list[bytes]:
    """The byte strings of an answer, whether they came as lines or as literals."""
    status, data = answer
    if status != "OK":
        raise ValueError(f"the server says {status}")
    found: list[bytes] = []
    for part in data:
        found += [piece for piece in (part if isinstance(part, tuple) else (part,)) if isinstance(piece, bytes)]
    return found


def _instant(found: re.Match[bytes] | None) -> datetime | None:
    if found is None:
        return None
    try:
        day, clock, zone = found[1].decode("ascii").strip().split()
        at = parsedate_to_datetime(f"{day.replace('-', ' ')} {clock} {zone}")
    except (ValueError, TypeError, IndexError):
        return None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
