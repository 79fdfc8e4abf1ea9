"""Addresses that are told of a bureau's events: registered, looked after, and what is owed to each of them."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session, joinedload

from portal.access import Actor, Permission, require
from portal.errors import AlreadyDone, NotThere, NotValid
from portal.models import Bureau, Webhook, WebhookDelivery
from portal.rules import outward, plaintext, window
from portal.rules.words import DeliveryState, HappeningKind
from portal.sealing import Seal
from portal.services import audit, dues

SECRET = "webhook.secret"  # noqa: S105 — what it is sealed for
#: the type of a message that only tries an address
TEST = "webhook.test"
#: minutes to wait after the first, second, … failure; after the last the delivery waits for a person
BACK_OFF = (1, 5, 30, 120, 360, 720, 1440)
#: how many addresses a bureau may have at once
MOST = 20
#: how many deliveries the page of an address shows
SHOWN = 100


def register(
    session: Session,
    seal: Seal,
    actor: Actor,
    *,
    bureau_id: int | None,
    name: str,
    url: str,
    kinds: Iterable[str],
    listed: frozenset[str],
    at: datetime,
) -> tuple[Webhook, str]:
    """Registers an address; the row, and the secret its payloads are signed with, shown now. Raises NotValid."""
    require(actor, Permission.MANAGE_KEYS)
    words = plaintext.one_line(name, 100, "名称", "name")
    if not words:
        raise NotValid("请填写名称，便于日后辨认。", fault="name")
    bureau = session.get(Bureau, bureau_id) if bureau_id is not None else None
    if bureau is None:
        raise NotValid("请选择所在单位。", fault="bureau")
    target = outward.target(url, listed)
    asked = set(kinds)
    chosen = [kind.value for kind in HappeningKind if kind.value in asked]
    if not chosen or asked - set(chosen):
        raise NotValid("请至少选择一种事件。", fault="kinds")
    held = select(func.count()).where(Webhook.bureau_id == bureau.id, Webhook.stopped_at.is_(None))
    if (session.scalar(held) or 0) >= MOST:
        raise NotValid("一个单位最多%(most)s个推送地址，请先停用不用的。", most=MOST)
    secret = outward.secret_of(secrets.token_bytes(32))
    made = Webhook(
        bureau_id=bureau.id, name=words, url=target.url, secret_sealed=seal.close(secret, SECRET), kinds=chosen,
        created_at=at, created_by_id=actor.account_id,
    )  # fmt: skip
    session.add(made)
    session.flush()
    audit.record(
        session, actor, "webhook.create", f"webhook:{made.id}", at,
        {"name": words, "bureau": bureau.code, "url": target.url, "kinds": chosen},
    )  # fmt: skip
    return made, secret


def listed(session: Session, actor: Actor) -> list[tuple[Webhook, dict[DeliveryState, int]]]:
    """Every address with how many deliveries stand where, those in use first."""
    require(actor, Permission.MANAGE_KEYS)
    counts: dict[int, dict[DeliveryState, int]] = {}
    for webhook_id, state, number in session.execute(
        select(WebhookDelivery.webhook_id, WebhookDelivery.state, func.count()).group_by(
            WebhookDelivery.webhook_id, WebhookDelivery.state
        )
    ):
        counts.setdefault(webhook_id, {})[state] = number
    found = session.scalars(select(Webhook).options(joinedload(Webhook.bureau)).order_by(Webhook.id.desc()))
    return [
        (webhook, counts.get(webhook.id, {}))
        for webhook in sorted(found, key=lambda webhook: webhook.stopped_at is not None)
    ]


def one(session: Session, actor: Actor, webhook_id: int) -> Webhook:
    """One address. Raises NotThere."""
    require(actor, Permission.MANAGE_KEYS)
    found = session.get(Webhook, webhook_id, options=[joinedload(Webhook.bureau)])
    if found is None:
        raise NotThere("没有这个推送地址。")
    return found


def deliveries(session: Session, webhook: Webhook) -> list[WebhookDelivery]:
    """The newest deliveries of an address."""
    return list(
        session.scalars(
            select(WebhookDelivery)
            .where(WebhookDelivery.webhook_id == webhook.id)
            .options(joinedload(WebhookDelivery.happening))
            .order_by(WebhookDelivery.id.desc())
            .limit(SHOWN)
        )
    )


def stop(session: Session, actor: Actor, webhook: Webhook, at: datetime) -> None:
    """Ends an address: nothing more is owed to it, and what still waited is not sent. Raises AlreadyDone."""
    require(actor, Permission.MANAGE_KEYS)
    if webhook.stopped_at is not None:
        raise AlreadyDone("这个推送地址已经停用。")
    webhook.stopped_at = at
    session.execute(
        update(WebhookDelivery)
        .where(WebhookDelivery.webhook_id == webhook.id, WebhookDelivery.state == DeliveryState.WAITING)
        .values(state=DeliveryState.DEAD)
    )
    session.flush()
    audit.record(session, actor, "webhook.stop", f"webhook:{webhook.id}", at, {"name": webhook.name})


def send_again(session: Session, actor: Actor, webhook: Webhook, delivery_id: int, at: datetime) -> WebhookDelivery:
    """Owes a delivery once more, whatever became of it. Raises NotThere, AlreadyDone."""
    require(actor, Permission.MANAGE_KEYS)
    found = session.scalar(
        select(WebhookDelivery)
        .where(WebhookDelivery.id == delivery_id, WebhookDelivery.webhook_id == webhook.id)
        .with_for_update(key_share=True)
    )
    if found is None:
        raise NotThere("没有这次推送。")
    if webhook.stopped_at is not None:
        raise AlreadyDone("这个推送地址已经停用。")
    found.state, found.attempts, found.due_at = DeliveryState.WAITING, 0, at
    session.flush()
    audit.record(session, actor, "webhook.again", f"webhook:{webhook.id}", at, {"delivery": found.id})
    return found


def test_event(session: Session, seal: Seal, actor: Actor, webhook: Webhook, at: datetime) -> Message:
    """A message that tells of nothing, signed like all others, to be sent at once. Raises AlreadyDone."""
    require(actor, Permission.MANAGE_KEYS)
    if webhook.stopped_at is not None:
        raise AlreadyDone("这个推送地址已经停用。")
    audit.record(session, actor, "webhook.test", f"webhook:{webhook.id}", at, {"name": webhook.name})
    data = {"name": webhook.name, "bureau": {"code": webhook.bureau.code, "name": webhook.bureau.name}}
    timestamp = window.in_beijing(at).isoformat(timespec="seconds")
    body = json.dumps({"type": TEST, "timestamp": timestamp, "data": data}, ensure_ascii=False)
    message_id = f"msg_test_{webhook.id}_{secrets.token_hex(8)}"
    return Message(0, webhook.id, message_id, webhook.url, seal.open(webhook.secret_sealed, SECRET), body.encode())


# ── what the worker does with them ────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Message:
    """One delivery in hand, or a test."""

    #: 0 for a test, which is no delivery
    delivery_id: int
    webhook_id: int
    #: the same at every try: the receiver knows it again
    message_id: str
    url: str
    secret: str
    body: bytes


def _is_due(at: datetime) -> tuple[ColumnElement[bool], ...]:
    longest = timedelta(minutes=BACK_OFF[-1])
    return (WebhookDelivery.state == DeliveryState.WAITING, dues.is_due(WebhookDelivery.due_at, at, longest))


def due(session: Session, at: datetime, limit: int) -> list[tuple[int, int]]:
    """The deliveries that should be sent now and the address of each, those that wait longest first."""
    rows = session.execute(
        select(WebhookDelivery.id, WebhookDelivery.webhook_id)
        .where(*_is_due(at))
        .order_by(WebhookDelivery.due_at, WebhookDelivery.id)
        .limit(limit)
    )
    return [(delivery_id, webhook_id) for delivery_id, webhook_id in rows]


def take(session: Session, seal: Seal, delivery_id: int, at: datetime) -> Message | None:
    """Takes one in hand by moving its due time on; None when somebody else was faster."""
    found = session.scalar(
        select(WebhookDelivery).where(WebhookDelivery.id == delivery_id, *_is_due(at)).with_for_update(skip_locked=True)
    )
    if found is None:
        return None
    found.attempts += 1
    found.due_at = at + timedelta(minutes=BACK_OFF[min(found.attempts, len(BACK_OFF)) - 1])
    webhook = session.get_one(Webhook, found.webhook_id)
    return Message(
        found.id,
        webhook.id,
        f"msg_{found.happening_id}_{webhook.id}",
        webhook.url,
        seal.open(webhook.secret_sealed, SECRET),
        found.payload.encode(),
    )


def settle(session: Session, delivery_id: int, status: int | None, fault: str, at: datetime) -> bool:
    """Writes down what became of a try: 2xx is delivered, anything else waits for the next or is dead. Whether it was."""
    found = session.get_one(WebhookDelivery, delivery_id)
    found.last_status, found.last_fault = status, " ".join(fault.split())[:500]
    if status is not None and 200 <= status < 300:
        found.state, found.delivered_at = DeliveryState.DELIVERED, at
        return True
    if found.state is DeliveryState.WAITING and found.attempts > len(BACK_OFF):
        found.state = DeliveryState.DEAD
    return False
