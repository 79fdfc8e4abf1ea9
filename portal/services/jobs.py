"""Background work: asked for in the transaction of its cause, done a step at a time by whoever is awake.

A step is one transaction: what it changes and how far the job is are committed together. A worker that is killed
leaves the job where the last committed step left it, and the job falls due again: at least once, and never half.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.orm import Session

from portal.access import Actor, Permission, require
from portal.analysis.engine import IN_PROCESS, Engine
from portal.errors import AlreadyDone, NotThere, Refusal
from portal.models import Consultation, Job
from portal.rules.words import JobState
from portal.sealing import Seal
from portal.services import audit, dues

#: the first half of PostgreSQL's advisory locks on jobs; the second is the job
_JOB_LOCK = 7_310_002
#: under what name a session keeps the jobs that were asked for in it
_ASKED = "jobs asked for"
#: minutes to wait after the first, second, … failure in a row; afterwards the job has failed
BACK_OFF = (0.1, 1, 5, 15)
OPEN_STATES = (JobState.WAITING, JobState.RUNNING)


@dataclass(frozen=True, slots=True)
class WordingService:
    """Where words for a point are asked for: an OpenAI-compatible service on the bureau's own network."""

    url: str
    model: str = ""
    key: str = ""
    timeout: float = 20


@dataclass(frozen=True, slots=True)
class Setting:
    """What a step is given beside the session and the job."""

    seal: Seal
    public_url: str
    at: datetime
    #: None when it is not set
    wording: WordingService | None = None
    #: where the heavy steps of mass analysis are done
    engine: Engine = IN_PROCESS


@dataclass(frozen=True, slots=True)
class Kind:
    """How a kind of job is done.

    `apply` does one bounded part, moves `place` and `done` on, and says whether that was the last. What takes long
    and changes nothing is done by `gather` before the transaction begins; `apply` is given what it found.
    """

    apply: Callable[[Session, Job, Setting, Any], bool]
    gather: Callable[[Session, Job, Setting], Any] | None = None


def ask(
    session: Session,
    kind: str,
    *,
    at: datetime,
    actor: Actor | None = None,
    consultation: Consultation | None = None,
    arguments: Mapping[str, Any] | None = None,
    key: str | None = None,
    total: int = 0,
    due_at: datetime | None = None,
) -> Job:
    """Asks for a job. With a `key` that is waiting or running already, that job is the answer and nothing is added."""
    if key is not None:
        audit.take_turn(session)
        if (same := session.scalar(select(Job).where(Job.key == key))) is not None:
            return same
    job = Job(
        kind=kind,
        key=key,
        consultation=consultation,
        asked_by_id=actor.account_id if actor else None,
        asked_at=at,
        arguments=dict(arguments or {}),
        total=total,
        due_at=due_at or at,
    )
    session.add(job)
    session.flush()
    _remember(session, job.id)
    return job


def _remember(session: Session, job_id: int) -> None:
    session.info.setdefault(_ASKED, []).append(job_id)


def asked(session: Session) -> list[int]:
    """The jobs that were asked for in this session since this was asked last.

    After a commit a broker may be told of them. One that was rolled back meanwhile is among them, and nobody's.
    """
    found: list[int] = session.info.pop(_ASKED, [])
    return found


def job(session: Session, actor: Actor, job_id: int) -> Job:
    """A job of the actor's own bureau. Raises NotThere."""
    found = session.get(Job, job_id)
    if found is None or found.consultation is None or found.consultation.bureau_id != actor.bureau_id:
        raise NotThere("没有这项后台任务。")
    return found


def of_bureau(session: Session, actor: Actor, limit: int = 50) -> list[Job]:
    """The jobs of the actor's bureau, the newest first."""
    require(actor, Permission.ENTER_OFFICE)
    return list(
        session.scalars(
            select(Job)
            .join(Job.consultation)
            .where(Consultation.bureau_id == actor.bureau_id)
            .order_by(Job.id.desc())
            .limit(limit)
        )
    )


def stop(session: Session, actor: Actor, job: Job, at: datetime) -> None:
    """Asks a job to end after the step in hand. What is done stays done."""
    if job.consultation is not None:
        require(actor, Permission.ENTER_OFFICE, job.consultation.bureau_id)
    if job.state not in OPEN_STATES:
        raise AlreadyDone("这项任务已经结束。")
    job.stop_asked_at = at
    audit.record(session, actor, "job.stop", f"job:{job.id}", at, {"kind": job.kind, "done": job.done})


def go_on(session: Session, actor: Actor, job: Job, at: datetime) -> None:
    """Takes up a job that was stopped or has failed, where it was."""
    if job.consultation is not None:
        require(actor, Permission.ENTER_OFFICE, job.consultation.bureau_id)
    if job.state not in (JobState.STOPPED, JobState.FAILED):
        raise AlreadyDone("这项任务没有停下。")
    job.state, job.stop_asked_at, job.finished_at = JobState.WAITING, None, None
    job.attempts, job.fault, job.due_at = 0, "", at
    _remember(session, job.id)
    audit.record(session, actor, "job.go_on", f"job:{job.id}", at, {"kind": job.kind, "done": job.done})


# ── doing it ──────────────────────────────────────────────────────────────────────────────────────────


def _is_due(at: datetime) -> tuple[ColumnElement[bool], ...]:
    return (Job.state.in_(OPEN_STATES), dues.is_due(Job.due_at, at, timedelta(minutes=BACK_OFF[-1])))


def due(session: Session, at: datetime) -> list[int]:
    """The jobs that somebody should take in hand, those asked for first at the front."""
    return list(session.scalars(select(Job.id).where(*_is_due(at)).order_by(Job.due_at, Job.id)))


def waiting(session: Session, at: datetime, for_longer: timedelta) -> list[int]:
    """The jobs that are due for longer than that and that nobody has in hand, as far as the database knows.

    SQLite does not know who has one in hand; there, a job that is being done is among them.
    """
    found = due(session, at - for_longer)
    if not found or session.get_bind().dialect.name != "postgresql":
        return found
    in_hand = set(session.scalars(_IN_HAND, {"kind": _JOB_LOCK}))
    return [job_id for job_id in found if job_id not in in_hand]


#: the second half of the advisory locks that are held in this database, by whoever gathers or does a step
_IN_HAND = text(
    "SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND classid = :kind AND objsubid = 2 AND granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


def seconds_until_due(session: Session, job_id: int, at: datetime) -> float:
    """How far off an open job is; 0 when it is due, ended or not there."""
    due_at = session.scalar(select(Job.due_at).where(Job.id == job_id, Job.state.in_(OPEN_STATES)))
    return max(0.0, (due_at - at).total_seconds()) if due_at is not None else 0.0


def take(session: Session, job_id: int) -> bool:
    """Keeps other workers from gathering for a job, as long as this session's connection is held."""
    if session.get_bind().dialect.name != "postgresql":
        return True  # one worker, and one writer at a time
    return bool(session.scalar(select(func.pg_try_advisory_lock(_JOB_LOCK, job_id))))


def gather(session: Session, job_id: int, kinds: Mapping[str, Kind], setting: Setting) -> tuple[Any, dict[str, Any]]:
    """What the next step of a due job needs, with the place it was gathered for. Changes nothing and holds no lock."""
    found = session.scalar(select(Job).where(Job.id == job_id, *_is_due(setting.at)))
    if found is None or found.stop_asked_at is not None or (way := kinds[found.kind].gather) is None:
        return None, {}
    return way(session, found, setting), dict(found.place)


def look_no_longer(session: Session) -> None:
    """Ends the look of whoever gathers: SQLite cannot clear away its log of writes (WAL) as long as somebody looks.

    PostgreSQL can, and there the lock of `take` lives in the connection, which has to be kept.
    """
    if session.get_bind().dialect.name == "sqlite":
        session.rollback()


def let_go(session: Session, job_id: int) -> None:
    """Lets other workers gather for the job."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_unlock(_JOB_LOCK, job_id)))


def step(
    session: Session, job_id: int, kinds: Mapping[str, Kind], setting: Setting, gathered: tuple[Any, dict[str, Any]]
) -> bool:
    """Does one step of a due job; says whether more of it is to be done at once.

    The row is locked for the length of the transaction: of two workers one does the step, and the other passes on;
    what was gathered for a place where the job no longer is, is thrown away. A step that is refused ends the job with
    the sentence; of other faults the caller tells `failed`.
    """
    found = session.scalar(
        select(Job)
        .where(Job.id == job_id, *_is_due(setting.at))
        .with_for_update(key_share=True, skip_locked=True, of=Job)
    )
    if found is None:
        return False
    if found.stop_asked_at is not None:
        _end(found, JobState.STOPPED, setting.at)
        return False
    kind = kinds[found.kind]
    if kind.gather is not None and gathered[1] != found.place:
        return False
    found.state = JobState.RUNNING
    try:
        with session.begin_nested():
            is_last = kind.apply(session, found, setting, gathered[0])
    except Refusal as refusal:
        session.refresh(found)
        found.fault = refusal.message
        _end(found, JobState.FAILED, setting.at)
        return False
    found.attempts, found.fault = 0, ""
    if is_last:
        _end(found, JobState.DONE, setting.at)
    return not is_last


def failed(session: Session, job_id: int, fault: BaseException, at: datetime) -> None:
    """Writes down that a step failed; it is tried again after a growing wait, and then the job has failed."""
    found = session.get_one(Job, job_id)
    found.attempts += 1
    found.fault = f"{type(fault).__name__}: {fault}"[:500]
    if found.attempts > len(BACK_OFF):
        _end(found, JobState.FAILED, at)
    else:
        found.due_at = at + timedelta(minutes=BACK_OFF[found.attempts - 1])


def _end(job: Job, state: JobState, at: datetime) -> None:
    job.state, job.finished_at, job.key = state, at, None


def is_open(session: Session, key: str) -> bool:
    """Whether a job with this key waits or runs."""
    return session.scalar(select(Job.id).where(Job.key == key)) is not None
