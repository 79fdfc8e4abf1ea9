"""`flask webhooks …`: telling other programs of events, for a machine without the worker."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import current_app
from flask.cli import AppGroup

from portal import webhooks
from portal.cli.shell import require_clock, say
from portal.cli.worker import notice_events

group = AppGroup("webhooks", help="Addresses that are told of events.")


@group.command("deliver")
def deliver() -> None:
    """Notice what happened and send what is due, once; prints how many."""
    require_clock()
    noticed = notice_events(datetime.now(UTC))
    done = webhooks.deliver(current_app._get_current_object())  # type: ignore[attr-defined]
    say({"noticed": noticed, "delivered": done.delivered, "failed": done.failed})
