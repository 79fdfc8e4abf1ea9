"""Building the files of a kept summary in the background: one file a step, kept in the database, then the archive.

A file that is built is built again only when it is lost: the same data gives the same bytes. What cannot be built
fails the job with its reason, and the page says so.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import reports
from portal.access import ANYBODY, Actor, Permission, require
from portal.errors import NotThere
from portal.models import Comment, Consultation, FrozenSummary, Job, SummaryFile
from portal.reports import Summary, redline
from portal.rules.words import SummaryState
from portal.services import archiving, audit, jobs, summaries

JOB = "summary.build"
FREEZE = "summary.freeze"
REDLINE = "redline.docx"
ARCHIVE, SEALED_ARCHIVE = "archive.zip", "archive-restricted.zip"
#: of so many comments a file is made while somebody waits, if it is not built yet
MADE_AT_ONCE = 2_000
#: of so many comments the summary is gathered while somebody waits
GATHERED_AT_ONCE = 5_000
#: every file of a summary, in the order in which they are built
NAMES = (*reports.FORMATS, REDLINE, ARCHIVE)


def ask(session: Session, consultation: Consultation, kept: FrozenSummary, at: datetime, actor: Actor | None) -> Job:
    """Asks for the files of a kept summary; while they are being built, the answer is the job there is."""
    return jobs.ask(
        session, JOB, at=at, actor=actor, consultation=consultation, key=f"{JOB}:{kept.id}",
        arguments={"number": kept.number}, total=len(NAMES),
    )  # fmt: skip


def ask_restricted(
    session: Session, actor: Actor, consultation: Consultation, kept: FrozenSummary, at: datetime
) -> Job:
    """Asks for the archive with the original words and contact data in it: for who may see them, and logged."""
    require(actor, Permission.SEE_CONTACT, consultation.bureau_id)
    audit.record(session, actor, "archive.restricted", f"consultation:{consultation.slug}", at, {"number": kept.number})
    return jobs.ask(
        session, JOB, at=at, actor=actor, consultation=consultation, key=f"{JOB}:{kept.id}:restricted",
        arguments={"number": kept.number, "names": [SEALED_ARCHIVE]}, total=1,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Made:
    """One file as it was made, outside any transaction."""

    name: str
    media_type: str
    content: bytes


def _names(job: Job) -> list[str]:
    return list(job.arguments.get("names", NAMES))


def _next(job: Job) -> int:
    at: int = job.place.get("next", 0)
    return at


def freeze(
    session: Session, actor: Actor, consultation: Consultation, at: datetime, public_url: str
) -> FrozenSummary | None:
    """Keeps the summary as it stands and asks for its files; a large one is gathered in the background (None)."""
    require(actor, Permission.READ_SUMMARY, consultation.bureau_id)
    if is_large(consultation):
        jobs.ask(session, FREEZE, at=at, actor=actor, consultation=consultation, key=f"{FREEZE}:{consultation.id}")
        return None
    kept = summaries.freeze(session, actor, consultation, at, public_url)
    ask(session, consultation, kept, at, actor)
    return kept


def _gather_summary(session: Session, job: Job, setting: jobs.Setting) -> Summary | None:
    if job.consultation is None:
        return None
    return summaries.summarise(session, job.consultation, setting.at, setting.public_url)


def _keep_summary(session: Session, job: Job, setting: jobs.Setting, summary: Summary | None) -> bool:
    consultation = job.consultation
    if consultation is None or summary is None:
        return True
    actor = job.asked_by.actor if job.asked_by else ANYBODY
    kept = summaries.keep_gathered(session, actor, consultation, summary, setting.at)
    ask(session, consultation, kept, setting.at, actor)
    job.result = {"number": kept.number}
    return True


FREEZE_KIND = jobs.Kind(_keep_summary, _gather_summary)


def newest_freeze(session: Session, consultation: Consultation) -> Job | None:
    """The newest job that keeps a large summary."""
    return session.scalar(
        select(Job).where(Job.kind == FREEZE, Job.consultation_id == consultation.id).order_by(Job.id.desc()).limit(1)
    )


def sign(
    session: Session, actor: Actor, consultation: Consultation, kept: FrozenSummary, state: SummaryState, at: datetime,
    note: str = "",
) -> None:  # fmt: skip
    """Signs a kept summary, and asks for its archive anew: who signed stands in it."""
    summaries.sign(session, actor, consultation, kept, state, at, note)
    jobs.ask(
        session, JOB, at=at, actor=actor, consultation=consultation, key=f"{JOB}:{kept.id}:archive",
        arguments={"number": kept.number, "names": [ARCHIVE]}, total=1,
    )  # fmt: skip


def gather(session: Session, job: Job, setting: jobs.Setting) -> _Made | None:
    """Makes the next file: takes long, changes nothing."""
    consultation = job.consultation
    if consultation is None:
        return None
    kept = summaries.kept_summary(session, consultation, job.arguments["number"])
    name = _names(job)[_next(job)]
    if name in (ARCHIVE, SEALED_ARCHIVE):
        built = {each.name: each.content for each in files(session, kept) if each.name in (*reports.FORMATS, REDLINE)}
        content = archiving.pack(
            session, consultation, kept, built, setting.seal if name == SEALED_ARCHIVE else None
        )  # fmt: skip
        return _Made(name, "application/zip", content)
    media_type, content = made(session, kept, name)
    return _Made(name, media_type, content)


def made(session: Session, kept: FrozenSummary, name: str) -> tuple[str, bytes]:
    """The media type and the bytes of one file of a summary, made now. Raises NotThere for a file there is not."""
    return render(summaries.shown(session, kept), name)


def render(summary: Summary, name: str) -> tuple[str, bytes]:
    """As made(), from the value that was kept."""
    if name == REDLINE:
        return redline.MIMETYPE, redline.render(summary)
    report = reports.FORMATS.get(name)
    if report is None:
        raise NotThere("没有这种格式的文件。")
    return report.MIMETYPE, report.render(summary)


def apply(session: Session, job: Job, setting: jobs.Setting, found: _Made | None) -> bool:
    """Keeps the file and goes on to the next."""
    consultation = job.consultation
    if consultation is None or found is None:
        return True
    kept = summaries.kept_summary(session, consultation, job.arguments["number"])
    file = session.scalar(
        select(SummaryFile).where(SummaryFile.summary_id == kept.id, SummaryFile.name == found.name)
    ) or SummaryFile(summary_id=kept.id, name=found.name)
    file.media_type, file.content, file.size = found.media_type, found.content, len(found.content)
    file.digest, file.made_at = hashlib.sha256(found.content).hexdigest(), setting.at
    session.add(file)
    at = _next(job) + 1
    job.place, job.done = {"next": at}, at
    return at >= len(_names(job))


KIND = jobs.Kind(apply, gather)


def files(session: Session, kept: FrozenSummary) -> list[SummaryFile]:
    """The files that are built, without their bytes until those are asked for."""
    return list(session.scalars(select(SummaryFile).where(SummaryFile.summary_id == kept.id).order_by(SummaryFile.id)))


def built(session: Session, kept: FrozenSummary, name: str) -> SummaryFile | None:
    """One built file; None while it is not there."""
    return session.scalar(select(SummaryFile).where(SummaryFile.summary_id == kept.id, SummaryFile.name == name))


def newest_jobs(session: Session, consultation: Consultation) -> dict[int, Job]:
    """For each kept summary, by number, the newest job that builds its files."""
    rows = session.scalars(
        select(Job).where(Job.kind == JOB, Job.consultation_id == consultation.id).order_by(Job.id)
    )  # fmt: skip
    return {job.arguments["number"]: job for job in rows if "names" not in job.arguments}


def is_large(consultation: Consultation) -> bool:
    """Whether gathering its summary takes longer than anybody should wait."""
    return consultation.comments_numbered > GATHERED_AT_ONCE


def is_small(session: Session, kept: FrozenSummary) -> bool:
    """Whether a file can be made while somebody waits."""
    received = session.scalar(
        select(func.count()).where(
            Comment.consultation_id == kept.consultation_id, Comment.received_at <= kept.cut_off_at
        )
    )  # fmt: skip
    return (received or 0) <= MADE_AT_ONCE
