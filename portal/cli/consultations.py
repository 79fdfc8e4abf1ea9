"""`flask consultations …`: the officer's main acts, for scripts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import drafts
from portal.access import Role
from portal.cli.shell import database, give_up, refuses, require_clock, say, seal, settings
from portal.models import Account, Consultation
from portal.rules.words import PlanOutcome
from portal.services import importing, publishing, reminding, scheduling

group = AppGroup("consultations", help="Importing and publishing.")


def _publisher(session: Session, login: str) -> Account:
    """The publisher the command acts as: the named account, or the only publisher there is."""
    query = select(Account).where(Account.role == Role.PUBLISHER, Account.is_active)
    found = list(session.scalars(query.where(Account.login == login) if login else query))
    if len(found) != 1:
        give_up("Say with --as which publisher acts." if not login else f"There is no publisher {login!r}.")
    return found[0]


@group.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False))
@click.option("--as", "login", default="", help="The login of the publisher who imports.")
@click.option("--slug", default="", help="The address of the consultation; for one file only.")
@refuses
def import_files(files: tuple[str, ...], login: str, slug: str) -> None:
    """Read drafts and prepare a consultation from each."""
    if slug and len(files) > 1:
        give_up("--slug goes with one file.")
    made = []
    with database().transaction() as session:
        account = _publisher(session, login)
        for file in files:
            draft = drafts.read(Path(file).read_bytes(), Path(file).name)
            consultation = importing.import_draft(
                session, account.actor, account.bureau, draft, source_name=Path(file).name, at=datetime.now(UTC),
                slug=slug,
            )  # fmt: skip
            made.append(
                {
                    "slug": consultation.slug,
                    "title": consultation.title,
                    "clauses": len(consultation.version.clauses),
                    "doubts": len(consultation.version.doubts),
                }
            )
    say({"imported": made})


@group.command("publish")
@click.argument("slug")
@click.option("--as", "login", default="", help="The login of the publisher who publishes.")
@refuses
def publish(slug: str, login: str) -> None:
    """Put a prepared consultation before the public, now."""
    at = datetime.now(UTC)
    with database().transaction() as session:
        account = _publisher(session, login)
        consultation = session.scalar(select(Consultation).where(Consultation.slug == slug))
        if consultation is None:
            give_up(f"There is no consultation {slug!r}.")
        publishing.publish(session, account.actor, consultation, at)
        say({"slug": slug, "first_published_at": at.isoformat(), "digest": consultation.version.digest})


@group.command("publish-due")
def publish_due() -> None:
    """Publish what was planned for an instant that has come. The worker does the same by itself."""
    require_clock()
    say({"plans": [{"plan": plan_id, "outcome": outcome.value} for plan_id, outcome in carry_out_due()]})


@group.command("remind")
def remind() -> None:
    """Owe the reminders of answers that are due. The worker does the same once a day."""
    with database().transaction() as session:
        letters = reminding.remind_due(
            session, seal(), datetime.now(UTC), settings().answer_days, settings().public_url
        )
    say({"letters": letters})


def carry_out_due() -> Iterator[tuple[int, PlanOutcome]]:
    """Carries out every due plan, each in a transaction of its own; what another process has in hand is passed over."""
    with database().reader() as session:
        due = scheduling.due(session, datetime.now(UTC))
    for plan_id in due:
        with database().transaction() as session:
            outcome = scheduling.carry_out(session, plan_id, datetime.now(UTC))
        if outcome is not None:
            yield plan_id, outcome
