"""Doing background work: each step of a job in a transaction of its own."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import click

from portal import distributed
from portal.cli import mailbox
from portal.cli.shell import database, say, seal, settings
from portal.db import Database
from portal.errors import AlreadyDone
from portal.models import Consultation
from portal.services import building, bulk, bulk_steps, grouping, jobs, points, receiving, subscribing, wording

#: every kind of job there is, by its name
KINDS: Mapping[str, jobs.Kind] = {
    grouping.KIND: grouping.JOB,
    bulk.KIND: bulk_steps.BULK,
    receiving.READING: mailbox.READING,
    points.JOB: points.KIND,
    building.FREEZE: building.FREEZE_KIND,
    building.JOB: building.KIND,
    wording.JOB: wording.KIND,
    subscribing.JOB: subscribing.KIND,
}


def ask_for_due(database: Database, at: datetime) -> None:
    """Asks for the work nobody asks for: what only shows in the tables. One look costs next to nothing."""
    with database.reader() as session:
        consultations = grouping.due(session, at)
    for consultation_id in consultations:
        with database.transaction() as session:
            grouping.ask(session, session.get_one(Consultation, consultation_id), at)


def ask_for_mail() -> None:
    """Asks for the box of letters to be looked into, where there is one."""
    if settings().imap_server:
        with database().transaction() as session:
            mailbox.ask_when_due(session, setting_now())


def run_due(
    database: Database,
    kinds: Mapping[str, jobs.Kind],
    setting: Callable[[], jobs.Setting],
    is_over: Callable[[], bool] = lambda: False,
) -> int:
    """Does every due job to its end; says how many steps were done. `is_over` ends it between two steps."""
    with database.reader() as session:
        waiting = jobs.due(session, setting().at)
    return sum(do(database, job_id, kinds, setting, is_over)[0] for job_id in waiting)


def do(
    database: Database,
    job_id: int,
    kinds: Mapping[str, jobs.Kind],
    setting: Callable[[], jobs.Setting],
    is_over: Callable[[], bool] = lambda: False,
    turn: float = math.inf,
) -> tuple[int, bool]:
    """Does one job to its end, or until its turn of so many seconds is over; how many steps, and whether more is to do.

    A job that ended, is not due or in other hands is none: no step, and nothing to do.
    """
    steps, ends_at = 0, time.monotonic() + turn
    while not is_over():
        try:
            goes_on = _step(database, job_id, kinds, setting())
        except AlreadyDone:
            return steps, False  # another worker has it
        except Exception as fault:
            with database.transaction() as session:
                jobs.failed(session, job_id, fault, setting().at)
            return steps, False
        steps += 1
        if not goes_on:
            return steps, False
        if time.monotonic() > ends_at:
            break
    return steps, True


def _step(database: Database, job_id: int, kinds: Mapping[str, jobs.Kind], setting: jobs.Setting) -> bool:
    # one session for all of the looking: the lock that keeps other workers away lives in its connection
    with database.reader() as looking:
        if not jobs.take(looking, job_id):
            raise AlreadyDone("另一个进程正在办理这项任务。")
        try:
            gathered = jobs.gather(looking, job_id, kinds, setting)
            jobs.look_no_longer(looking)
            with database.transaction() as session:
                return jobs.step(session, job_id, kinds, setting, gathered)
        finally:
            jobs.let_go(looking, job_id)


def setting_now() -> jobs.Setting:
    """What steps are given now."""
    found = settings()
    service = (
        jobs.WordingService(found.wording_url, found.wording_model, found.wording_key, found.wording_timeout)
        if found.wording_url
        else None
    )
    return jobs.Setting(seal(), found.public_url, datetime.now(UTC), service, distributed.chosen(found))


@click.command("work")
def work() -> None:
    """Do the background work that is due, to its end; prints how many steps were done."""
    ask_for_due(database(), datetime.now(UTC))
    ask_for_mail()
    say({"steps": run_due(database(), KINDS, setting_now)})
