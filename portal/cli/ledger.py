"""`flask ledger …`: the public ledger of digests."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import click
from flask.cli import AppGroup
from sqlalchemy import func, select

from portal.cli.shell import database, give_up, require_clock, say, seal
from portal.models import Consultation, LedgerDay
from portal.services import ledgers

group = AppGroup("ledger", help="The public ledger of digests.")


@group.command("publish")
def publish() -> None:
    """Publish every day that is over; the worker does this by itself ten minutes after midnight in Beijing."""
    require_clock()
    with database().transaction() as session:
        say({"days": ledgers.publish_due(session, datetime.now(UTC))})


@group.command("verify")
@click.argument("slug", required=False)
def verify(slug: str | None) -> None:
    """Look for a changed day, a broken chain, a receipt whose words are not its own; exit code 1 when there is one."""
    with database().reader() as session:
        wanted = select(Consultation).order_by(Consultation.id)
        found = session.scalars(wanted.where(Consultation.slug == slug) if slug else wanted).all()
        if slug and not found:
            give_up(f"There is no consultation {slug}.")
        breaks = [one for consultation in found for one in ledgers.verify(session, seal(), consultation)]
        days = session.scalar(
            select(func.count(LedgerDay.id)).where(LedgerDay.consultation_id.in_([one.id for one in found]))
        )
    say({"days": days, "breaks": [{"where": one.where, "what": one.what} for one in breaks]})
    sys.exit(1 if breaks else 0)
