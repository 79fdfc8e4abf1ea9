"""`flask summaries …`: building the moderated summary's files."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy import select

from portal import reports
from portal.access import ANYBODY
from portal.cli.shell import database, give_up, refuses, say, settings
from portal.models import Consultation
from portal.reports import redline
from portal.reports.summary import TotalsDoNotBalance
from portal.services import points, summaries

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
        summary = summaries.thaw(kept)
        number, digest = kept.number, kept.digest
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for extension, report in reports.FORMATS.items():
        file = folder / f"{slug}-summary-{number}.{extension}"
        file.write_bytes(report.render(summary))
        files.append(str(file))
    file = folder / f"{slug}-redline-{number}.docx"
    file.write_bytes(redline.render(summary))
    files.append(str(file))
    say({"number": number, "digest": digest, "files": files})
