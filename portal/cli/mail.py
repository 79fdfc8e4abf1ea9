"""`flask mail …`: the outbox."""

from __future__ import annotations

from flask import current_app
from flask.cli import AppGroup

from portal import mail
from portal.cli.shell import say

group = AppGroup("mail", help="Mail that is owed.")


@group.command("deliver")
def deliver() -> None:
    """Deliver what is due, once."""
    done = mail.deliver(current_app._get_current_object())  # type: ignore[attr-defined]
    say({"sent": done.sent, "failed": done.failed})
