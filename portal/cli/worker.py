"""The worker: what the site does by itself, round after round, beside the servers."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, date, datetime

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal import mail, scanning, webhooks
from portal.cli import work
from portal.cli.consultations import carry_out_due
from portal.cli.hands import NOTE_EVERY, Asked, Every, hands
from portal.cli.shell import database, give_up, seal, settings, tell
from portal.cli.steady import Steady
from portal.rules import window
from portal.rules.words import Scan
from portal.services import (
    happenings,
    last_runs,
    ledgers,
    points,
    reminding,
    rescanning,
    retention,
    retention_periods,
    subscribing,
)

#: how often the worker looks for work, in seconds
ROUND = 1.0
#: how often it looks for what others are told of, in seconds
LOOK_FOR_EVENTS = 2.0
#: how often it looks for published comments that make no point yet, in seconds
LOOK_FOR_POINTS = 60.0


@click.command("worker")
@click.option("--jobs/--no-jobs", "with_jobs", default=True, help="Do background jobs, too.")
@with_appcontext
def worker(with_jobs: bool) -> None:
    """Do what happens by itself: publish what is due, deliver mail, background work, what is due once a day.

    Ends on SIGTERM or Ctrl-C after the letter and the step in hand.
    """
    if not with_jobs and not settings().broker:
        give_up("--no-jobs asks for PORTAL_BROKER and a consumer: without them nobody would do background jobs.")
    asked = Asked()
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    pushing, clock, is_told = Pushing(app), Steady(apart=database().clock_apart), False
    # beside the rounds: a step of minutes holds up no letter and no publication
    ours = hands(app) if with_jobs else []
    noted, noticed, looked = Every(NOTE_EVERY), Every(LOOK_FOR_EVENTS), Every(LOOK_FOR_POINTS)
    daily = Daily()
    while not asked:
        try:
            is_steady = clock.is_steady()
            noted.do(lambda: _note_presence(clock.apart, with_jobs))
            if not is_steady and not is_told:
                tell(
                    f"worker: {clock.doubt()}. What cannot be taken back waits:"
                    " publishing what is planned, telling of it, erasing, the ledger."
                )
            is_told = not is_steady
            if is_steady:
                for _plan_id, _outcome in carry_out_due():
                    pass
                noticed.do(lambda: notice_events(datetime.now(UTC)))
                daily.do()
            pushing.go_on()
            for hand in ours:
                hand.go_on()
            mail.deliver(app)
            _rescan()
            work.ask_for_due(database(), datetime.now(UTC))
            work.ask_for_mail()
            looked.do(_ask_for_points)
        except OperationalError as fault:
            # the database is away or locked: the letters are still owed, so wait and look again
            tell(f"worker: {fault.orig}")
        time.sleep(ROUND)
    for hand in ours:
        hand.end()
    pushing.end()


class Daily:
    """What is done once a day: erasing, reminders, the ledger of the day before."""

    def __init__(self) -> None:
        self._swept_on: date | None = None
        self._reminded_on: date | None = None
        self._entered_on: date | None = None

    def do(self) -> None:
        at = datetime.now(UTC)
        if self._swept_on != at.date():
            with database().transaction() as session:
                erase(session, at)
                periods = retention_periods.periods(session, settings().log_days)
            retention.remove_old_lines(settings().log_dir, at, periods.log)
            self._swept_on = at.date()
        if self._reminded_on != (day := window.day_in_beijing(at)):
            with database().transaction() as session:
                reminding.remind_due(session, seal(), at, settings().answer_days, settings().public_url)
            self._reminded_on = day
        if self._entered_on != (settled := ledgers.settled_day(at)):
            with database().transaction() as session:
                ledgers.publish_due(session, at)
            self._entered_on = settled


def erase(session: Session, at: datetime) -> dict[str, int]:
    """Erases what is kept no longer: contact data, baskets nobody came back to, subscriptions nobody confirmed."""
    erased = {
        "respondents": retention.erase_expired(session, at),
        "baskets": retention.remove_old_baskets(session, at),
        "subscriptions": subscribing.remove_old(session, at),
    }
    last_runs.note(session, last_runs.RETENTION, at, erased)
    return erased


def _note_presence(clock_apart: float | None, with_jobs: bool) -> None:
    with database().transaction() as session:
        last_runs.note(
            session, last_runs.WORKER, datetime.now(UTC),
            {} if clock_apart is None else {"clock_apart": round(clock_apart, 1)},
        )  # fmt: skip
        if with_jobs and settings().broker:
            last_runs.note(session, last_runs.CONSUMER, datetime.now(UTC))


def _ask_for_points() -> None:
    with database().transaction() as session:
        points.ask_where_stale(session, datetime.now(UTC))


def notice_events(at: datetime) -> int:
    """Notices what happened to consultations and owes telling it; how many events. One look costs next to nothing."""
    with database().reader() as session:
        if not happenings.unnoticed(session, at):
            return 0
    with database().transaction() as session:
        return len(happenings.notice(session, at, settings().public_url))


class Pushing:
    """Pushes events beside the worker's other work: an address that does not answer holds up nothing else."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._hand = ThreadPoolExecutor(max_workers=1, thread_name_prefix="push")
        self._is_over = threading.Event()
        self._round: Future[webhooks.Round] | None = None

    def go_on(self) -> None:
        """Begins a round unless one is under way; a round that failed is told of."""
        if self._round is not None:
            if not self._round.done():
                return
            if fault := self._round.exception():
                tell(f"worker: {fault}")
        self._round = self._hand.submit(webhooks.deliver, self._app, is_over=self._is_over.is_set)

    def end(self) -> None:
        """Waits for the message in hand, which has its own time-out."""
        self._is_over.set()
        self._hand.shutdown(wait=True, cancel_futures=True)


def _rescan() -> None:
    """Shows the scanner what came while it was away; asks it nothing when there is nothing."""
    scanner = scanning.of(settings())
    if scanner is None:
        return
    with database().reader() as session:
        waiting = rescanning.owed(session, seal())
    for file_id, data in waiting:
        verdict = scanner.look(data)
        if verdict.scan is Scan.OWED:
            return  # still away
        with database().transaction() as session:
            rescanning.settle(session, file_id, verdict.scan, verdict.words, datetime.now(UTC))
