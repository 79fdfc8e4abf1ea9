"""`flask submissions …`: what did not come by the website, for scripts."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy import select

from portal.cli.shell import database, give_up, refuses, say, seal
from portal.models import Consultation
from portal.services import receiving

group = AppGroup("submissions", help="Letters, mail and sheets of opinions.")
#: no mailbox that is exported in one piece is larger
LARGEST_FILE = 500 * 1024 * 1024


@group.command("import-mail")
@click.argument("files", type=click.Path(exists=True, dir_okay=False, path_type=Path), nargs=-1, required=True)
@click.option("--consultation", "slug", default="", help="What they are about; without it each mail is looked at.")
@click.option("--bureau", "code", default="", help="Whose mail it is; not needed with --consultation.")
@refuses
def import_mail(files: tuple[Path, ...], slug: str, code: str) -> None:
    """Take in .eml and .mbox FILES; prints what became of each message.

    A message becomes a registration that a person cuts into comments. Taking in the same file again adds nothing.
    """
    for file in files:
        if file.stat().st_size > LARGEST_FILE:
            give_up(f"{file.name}: larger than {LARGEST_FILE // 1024 // 1024} MB; split it")
    counted: Counter[str] = Counter()
    for file in files:
        arrived = receiving.read_file(file.read_bytes())
        # a hundred to a transaction: the site's own writers get their turn between
        for begin in range(0, len(arrived), 100):
            some = arrived[begin : begin + 100]
            with database().transaction() as session:
                consultation = session.scalar(select(Consultation).where(Consultation.slug == slug)) if slug else None
                if slug and consultation is None:
                    give_up(f"no consultation {slug}")
                bureau = consultation.bureau if consultation else receiving.bureau_of_box(session, code)
                taken = receiving.take_all(session, seal(), bureau, some, datetime.now(UTC), consultation=consultation)
                counted.update(mail.kind.value for mail in taken)
                counted["known"] += len(some) - len(taken)
                counted["registered"] += sum(mail.registration is not None for mail in taken)
    say({name: count for name, count in sorted(counted.items()) if count})
