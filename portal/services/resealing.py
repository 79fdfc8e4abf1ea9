"""Sealing everything anew with the key in use, while the site runs; and counting what each key still has to open.

A batch is one short transaction. A value is replaced only if it is still the one that was opened, so nothing that
was written or erased meanwhile is undone; what is sealed with the key in use is passed over, so going on after a
stop, or doing it all twice, does no harm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, LargeBinary, Table, Update, and_, bindparam, func, literal, select, update
from sqlalchemy.orm import Session

from portal.models import Base
from portal.rules.words import AttachmentPurpose
from portal.sealing import NotSealedByUs, Seal, head_of
from portal.sealing.ciphers import CIPHERS
from portal.services import (
    attachments,
    outbox,
    people,
    receipts,
    receiving,
    registering,
    second_factor,
    subscribing,
    webhooks,
)
from portal.services.identity import CONTACT_CONTEXT

#: values of one transaction: text is short, files are large
BATCH, FILES = 500, 10

#: what the values of each sealed column were sealed for. A test fails for a sealed column that is not here
CONTEXTS: Mapping[str, str] = {
    "respondent.contact_sealed": CONTACT_CONTEXT,
    "comment.confidential_sealed": receipts.CONFIDENTIAL_CONTEXT,
    "registration.contact_sealed": registering.CONTACT_CONTEXT,
    "registration.text_sealed": registering.TEXT_CONTEXT,
    "incoming_mail.sender_sealed": receiving.SENDER_CONTEXT,
    "incoming_mail.subject_sealed": receiving.SUBJECT_CONTEXT,
    "incoming_mail.content_sealed": receiving.CONTENT_CONTEXT,
    "attachment.content": attachments.CONTEXT,
    "outgoing_email.recipient_sealed": outbox.RECIPIENT,
    "outgoing_email.body_sealed": outbox.BODY,
    "outgoing_email.leave_sealed": outbox.LEAVE,
    "subscription.address_sealed": subscribing.ADDRESS,
    "webhook.secret_sealed": webhooks.SECRET,
    "account.email_sealed": people.EMAIL_CONTEXT,
    "account.totp_sealed": second_factor.CONTEXT,
}

Transaction = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True, slots=True)
class Place:
    """One sealed column."""

    table: Table
    column: Column[Any]
    context: str

    @property
    def name(self) -> str:
        return f"{self.table.name}.{self.column.name}"

    @property
    def is_binary(self) -> bool:
        return isinstance(self.column.type, LargeBinary)

    @property
    def key(self) -> Column[Any]:
        return next(iter(self.table.primary_key))

    def is_sealed(self) -> ColumnElement[bool]:
        """The rows that hold something sealed."""
        if self.name == "attachment.content":
            public = [purpose for purpose in AttachmentPurpose if purpose.is_public]
            return self.table.c.purpose.not_in(public)
        return and_(self.column.is_not(None), self.column != ("" if not self.is_binary else b""))

    def begins_with(self, head: str) -> ColumnElement[bool]:
        """The values this head begins."""
        start: str | bytes = head.encode() + b"\n" if self.is_binary else f"{head}."
        return func.substr(self.column, 1, len(start)) == literal(start, self.column.type)


def places() -> Iterator[Place]:
    """Every sealed column there is."""
    for name, context in CONTEXTS.items():
        table, _, column = name.partition(".")
        found = Base.metadata.tables[table]
        yield Place(found, found.c[column], context)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one column is: values sealed anew, and those no key opens."""

    place: str
    sealed: int
    unreadable: int


def reseal(transaction: Transaction, seal: Seal) -> Iterator[Progress]:
    """Seals every value anew that another key or cipher than the one in use has sealed. Yields after every batch."""
    for place in places():
        sealed = unreadable = 0
        after: Any = 0
        while True:
            with transaction() as session:
                batch = _batch(session, place, seal.head, after)
                made = [{"row": key, "old": value, "new": _anew(seal, place, value)} for key, value in batch]
                changes = [change for change in made if change["new"] is not None]
                unreadable += len(made) - len(changes)
                if changes:
                    sealed += session.connection().execute(_replacing(place), changes).rowcount
                after = made[-1]["row"] if made else after
            if not batch:
                break
            yield Progress(place.name, sealed, unreadable)


def _replacing(place: Place) -> Update:
    """Replaces a value, if it is still the one that was opened."""
    return (
        update(place.table)
        .where(place.key == bindparam("row"), place.column == bindparam("old", type_=place.column.type))
        .values({place.column: bindparam("new", type_=place.column.type)})
    )


def _batch(session: Session, place: Place, head: str, after: Any) -> list[tuple[Any, Any]]:
    found = session.execute(
        select(place.key, place.column)
        .where(place.key > after, place.is_sealed(), ~place.begins_with(head))
        .order_by(place.key)
        .limit(FILES if place.is_binary else BATCH)
    )
    return [(key, value) for key, value in found]


def _anew(seal: Seal, place: Place, value: Any) -> str | bytes | None:
    try:
        if place.is_binary:
            return seal.close_bytes(seal.open_bytes(bytes(value), place.context), place.context)
        return seal.close(seal.open(value, place.context), place.context)
    except NotSealedByUs:
        return None


@dataclass(frozen=True, slots=True)
class Count:
    """How many values of one column each key (with its cipher) sealed; `unknown` counts what no key of ours did."""

    place: str
    by_head: Mapping[str, int]
    unknown: int


def counts(session: Session, seal: Seal) -> Iterator[Count]:
    """What every key has to open, column by column."""
    heads = [head_of(key.id, cipher) for key in seal.keys for cipher in CIPHERS]
    for place in places():
        found = {}
        for head in heads:
            if number := session.scalar(
                select(func.count()).select_from(place.table).where(place.is_sealed(), place.begins_with(head))
            ):
                found[head] = number
        total = session.scalar(select(func.count()).select_from(place.table).where(place.is_sealed())) or 0
        yield Count(place.name, found, total - sum(found.values()))


def idle_keys(seal: Seal, counted: list[Count]) -> list[str]:
    """The keys that have nothing to open any more and do not seal: they may go, unless a backup needs them."""
    used = {head.partition("+")[0] for count in counted for head in count.by_head}
    return [key.id for key in seal.keys[:-1] if key.id not in used]
