"""The background job that reads the e-mail box: fetched outside any transaction, kept message by message."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from portal import mailbox, scanning
from portal.cli.shell import settings
from portal.models import Job
from portal.rules.words import Scan
from portal.services import jobs, receiving
from portal.services.receiving import Arrived


def address() -> str:
    """How the box is called where its place is kept."""
    chosen = settings()
    return f"{chosen.imap_username}@{chosen.imap_server}/{chosen.imap_folder}"


def ask_when_due(session: Session, setting: jobs.Setting) -> None:
    """Asks for the box to be read, where there is one and it is time."""
    chosen = settings()
    if chosen.imap_server:
        receiving.ask_to_read(session, address(), timedelta(minutes=chosen.imap_minutes), setting.at)


def _gather(session: Session, _job: Job, _setting: jobs.Setting) -> tuple[str, int, list[Arrived], bool] | str:
    """Fetches and reads the next messages; a sentence when the box cannot be reached."""
    validity, last_uid = receiving.place(session, address())
    try:
        batch = mailbox.fetch(settings(), validity, last_uid)
    except mailbox.NotReached as fault:
        return str(fault)
    newest = max((one.uid for one in batch.messages), default=last_uid if batch.validity == validity else 0)
    read = []
    for one in batch.messages:
        found = receiving.read(one.raw, f"imap:{address()}:{batch.validity}:{one.uid}"[:500], one.arrived_at)
        verdict = scanner.look(one.raw) if (scanner := scanning.of(settings())) and one.raw else None
        if verdict and verdict.scan is Scan.OWED and not settings().is_unscanned_accepted:
            # the box keeps it: it is read when the scanner is back
            return f"clamd: {verdict.words}"
        read.append(receiving.judged(found, verdict.scan) if verdict else found)
    return batch.validity, newest, read, batch.has_more


def _apply(
    session: Session, job: Job, setting: jobs.Setting, gathered: tuple[str, int, list[Arrived], bool] | str
) -> bool:
    bureau = receiving.bureau_of_box(session, settings().imap_bureau)
    if isinstance(gathered, str):
        receiving.keep_place(session, address(), bureau, setting.at, fault=gathered)
        job.result = {"fault": gathered}
        return True
    validity, newest, read, has_more = gathered
    taken = receiving.take_all(session, setting.seal, bureau, read, setting.at)
    receiving.keep_place(session, address(), bureau, setting.at, validity=validity, last_uid=newest)
    job.done += len(taken)
    job.place = {"validity": validity, "uid": newest}
    return not has_more


READING = jobs.Kind(_apply, _gather)
