"""`flask summaries …`: building the moderated summary's files."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
from click.exceptions import Exit
from flask.cli import AppGroup
from sqlalchemy import select

from portal import reports
from portal.access import ANYBODY
from portal.cli.shell import database, give_up, refuses, say, settings, tell
from portal.models import Consultation
from portal.reports import redline
from portal.reports.summary import TotalsDoNotBalance
from portal.services import archiving, building, points, summaries, verifying

group = AppGroup("summaries", help="The moderated summary.")


@group.command("build")
@click.argument("slug")
@click.option("--out", required=True, type=click.Path(file_okay=False), help="The folder the files go into.")
@refuses
def build(slug: str, out: str) -> None:
    """Keep the summary as it stands now and write it in every format."""
    with database().transaction() as session:
        consultation = session.scalar(select(Consultation).where(Consultation.slug == slug))
        if consultation is None:
            give_up(f"There is no consultation {slug!r}.")
        points.renew(session, consultation, datetime.now(UTC))
        try:
            kept = summaries.keep(session, ANYBODY, consultation, datetime.now(UTC), settings().public_url)
        except TotalsDoNotBalance as fault:
            give_up(f"合计不相符，没有生成文件：{fault}")
        summary = summaries.shown(session, kept)
        number, digest = kept.number, kept.digest
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    built: dict[str, bytes] = {}

    def put(name: str, content: bytes) -> None:
        (folder / name).write_bytes(content)
        files.append(str(folder / name))

    for extension, report in reports.FORMATS.items():
        built[extension] = report.render(summary)
        put(f"{slug}-summary-{number}.{extension}", built[extension])
    built[building.REDLINE] = redline.render(summary)
    put(f"{slug}-redline-{number}.docx", built[building.REDLINE])
    with database().reader() as session:
        consultation = session.scalars(select(Consultation).where(Consultation.slug == slug)).one()
        kept = summaries.kept_summary(session, consultation, number)
        put(f"{slug}-archive-{number}.zip", archiving.pack(session, consultation, kept, built, None))
    say({"number": number, "digest": digest, "files": files})


@group.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def verify(file: Path) -> None:
    """Check a file of a summary, a redline or an archive against the database: references, figures and words.

    Exit code 1 and one line for each fault when something is wrong; 2 for a file of no format we write.
    """
    extension = file.suffix.lstrip(".").lower()
    known = (*reports.FORMATS, verifying.ARCHIVE)
    if extension not in known:
        give_up(f"{file.name}: not a format of a summary ({', '.join(known)}).")
    with database().reader() as session:
        found = verifying.verify(session, extension, file.read_bytes())
    say(
        {
            "file": file.name, "consultation": found.consultation, "number": found.number,
            "is_right": not found.faults, "faults": list(found.faults),
        }
    )  # fmt: skip
    for fault in found.faults:
        tell(fault)
    if found.faults:
        raise Exit(1)
