"""`flask audit …`: the audit log."""

from __future__ import annotations

import sys

import click
from flask.cli import AppGroup
from sqlalchemy import func, select

from portal.cli.shell import database, say
from portal.models import AuditEvent
from portal.services import audit

group = AppGroup("audit", help="The audit log.")


@group.command("verify")
def verify() -> None:
    """Look for a changed, removed or inserted row; exit code 1 when there is one."""
    with database().reader() as session:
        breaks = list(audit.verify(session))
        last = session.scalar(select(AuditEvent.hash).order_by(AuditEvent.id.desc()).limit(1))
        count = session.scalar(select(func.count(AuditEvent.id)))
    say(
        {
            "events": count,
            "last_hash": last,
            "breaks": [{"event": found.event_id, "what": found.what} for found in breaks],
        }
    )
    sys.exit(1 if breaks else 0)


@group.command("export")
def export() -> None:
    """Print every event as a line of JSON, with its hash and the one before it."""
    with database().reader() as session:
        for line in audit.exported(session):
            click.echo(line, nl=False)
