"""Running the site: migrations and samples, the server with its worker, the database."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal import mail, scanning, webhooks
from portal.cli import samples, work
from portal.cli.consultations import carry_out_due
from portal.cli.shell import database, give_up, refuses, say, seal, settings, tell
from portal.config import ROOT
from portal.rules import window
from portal.rules.words import Scan
from portal.services import (
    backups,
    happenings,
    last_runs,
    ledgers,
    points,
    reference,
    reminding,
    rescanning,
    results,
    retention,
    retention_periods,
    searching,
    setting_up,
    subscribing,
    tallies,
)

group = AppGroup("data", help="The database: bringing it up to date, loading the samples.")

#: how often the worker looks for work, in seconds
ROUND = 1.0
#: how often it looks for what others are told of, in seconds
LOOK_FOR_EVENTS = 2.0
#: how often it looks for published comments that make no point yet, in seconds
LOOK_FOR_POINTS = 60.0
#: how often it notes that it is there, in seconds
NOTE_EVERY = 60.0


@group.command("upgrade")
def upgrade() -> None:
    """Bring the schema up to date and add missing reference data."""
    database().migrate()
    with database().transaction() as session:
        reference.fill(session)
        searching.complete(session)
        results.complete(session)
    tell("The database is up to date.")
    _tell_of_setup()


def _tell_of_setup() -> None:
    """Where nobody has an account yet: the address that makes the first three, and the code it asks for."""
    with database().transaction() as session:
        if not setting_up.is_open(session):
            return
        code = setting_up.new_code(session, seal(), datetime.now(UTC))
    tell(f"Nobody has an account yet. Open {settings().public_url}/setup/ within 24 hours and give this code: {code}")


@click.command("setup")
@with_appcontext
@refuses
def setup() -> None:
    """Make a new one-time code for the page that sets the site up; the one before it ends."""
    with database().transaction() as session:
        code = setting_up.new_code(session, seal(), datetime.now(UTC))
    say({"address": f"{settings().public_url}/setup/", "code": code})


@group.command("samples")
def load_samples() -> None:
    """Load the three sample consultations and one staff account per role, into an empty database only."""
    samples.load(database(), seal(), settings())


@group.command("erase-expired")
def erase_expired() -> None:
    """Erase contact data whose time is over, baskets nobody came back to, and subscriptions nobody confirmed."""
    with database().transaction() as session:
        say(_erase(session, datetime.now(UTC)))


def _erase(session: Session, at: datetime) -> dict[str, int]:
    erased = {
        "respondents": retention.erase_expired(session, at),
        "baskets": retention.remove_old_baskets(session, at),
        "subscriptions": subscribing.remove_old(session, at),
    }
    last_runs.note(session, last_runs.RETENTION, at, erased)
    return erased


@group.command("recount")
def recount() -> None:
    """Count the comments anew and mend the tally where it was wrong; prints where that was."""
    with database().transaction() as session:
        wrong = tallies.recount(session)
    say({"wrong": [{"consultation": consultation, "place": place} for consultation, place in wrong]})


@group.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@refuses
def backup(file: Path) -> None:
    """Write everything into FILE while the site is running; an older FILE is replaced once the new one is whole."""
    try:
        with database().reader() as session:
            members = backups.write(session.connection(), file, datetime.now(UTC))
    except OSError as fault:
        give_up(f"The backup could not be written ({fault.strerror}); the old one, if any, is untouched.")
    rows = sum(member.rows for member in members)
    try:
        with database().transaction() as session:
            last_runs.note(
                session, last_runs.BACKUP, datetime.now(UTC),
                {"file": file.name, "rows": rows, "bytes": file.stat().st_size},
            )  # fmt: skip
    except OperationalError:
        tell("The backup is whole; only that it was made could not be noted in the database.")
    say({"file": str(file), "tables": len(members), "rows": rows})
    tell("The keys under the data folder are not in it: keep secrets/ in another safe place.")


@group.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@refuses
def restore(file: Path) -> None:
    """Fill an empty database from FILE and compare every digest."""
    database().migrate()
    with database().transaction() as session:
        members = backups.restore(session.connection(), file)
    say({"file": str(file), "tables": len(members), "rows": sum(member.rows for member in members)})
    tell("Now run `flask search rebuild`: the index of the search is built from the rest.")


@click.command("worker")
def worker() -> None:
    """Do what happens by itself: publish what is due, deliver mail, background work, what is due once a day.

    Ends on SIGTERM or Ctrl-C after the letter or the step in hand.
    """
    is_asked_to_end = False

    def end(_number: int, _frame: FrameType | None) -> None:
        nonlocal is_asked_to_end
        is_asked_to_end = True

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    parent = os.getppid()
    swept_on = entered_on = reminded_on = None
    looked_at = noticed_at = 0.0
    noted_at = -NOTE_EVERY
    pushing = Pushing(app)
    while not is_asked_to_end and os.getppid() == parent:
        try:
            if time.monotonic() - noted_at > NOTE_EVERY:
                with database().transaction() as session:
                    last_runs.note(session, last_runs.WORKER, datetime.now(UTC))
                noted_at = time.monotonic()
            for _plan_id, _outcome in carry_out_due():
                pass
            if time.monotonic() - noticed_at > LOOK_FOR_EVENTS:
                notice_events(datetime.now(UTC))
                noticed_at = time.monotonic()
            pushing.go_on()
            mail.deliver(app)
            _rescan()
            work.ask_for_due(database(), datetime.now(UTC))
            work.ask_for_mail()
            if time.monotonic() - looked_at > LOOK_FOR_POINTS:
                with database().transaction() as session:
                    points.ask_where_stale(session, datetime.now(UTC))
                looked_at = time.monotonic()
            work.run_due(database(), work.KINDS, work.setting_now, lambda: is_asked_to_end)
            if swept_on != (today := datetime.now(UTC).date()):
                with database().transaction() as session:
                    _erase(session, datetime.now(UTC))
                    periods = retention_periods.periods(session, settings().log_days)
                retention.remove_old_lines(settings().log_dir, datetime.now(UTC), periods.log)
                swept_on = today
            if reminded_on != (day := window.day_in_beijing(datetime.now(UTC))):
                with database().transaction() as session:
                    reminding.remind_due(
                        session, seal(), datetime.now(UTC), settings().answer_days, settings().public_url
                    )
                reminded_on = day
            if entered_on != (settled := ledgers.settled_day(datetime.now(UTC))):
                with database().transaction() as session:
                    ledgers.publish_due(session, datetime.now(UTC))
                entered_on = settled
        except OperationalError as fault:
            # the database is away or locked: the letters are still owed, so wait and look again
            tell(f"worker: {fault.orig}")
        time.sleep(ROUND)
    pushing.end()


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


def _end_with_parent() -> None:
    """Asks the kernel to end this child when its parent is gone, even by kill -9. Only Linux can; others go without."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None, use_errno=True).prctl(1, signal.SIGTERM)


def _require_free(host: str, port: int) -> None:
    """Ends the command with one sentence when somebody else answers at this address."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as fault:
            give_up(f"{host}:{port} cannot be used ({fault.strerror}); choose another with PORT=…")


@click.command("serve")
@click.option("--workers", default=2, show_default=True, help="Server processes.")
@click.option("--samples/--no-samples", "with_samples", default=True, help="Load the samples when there is nothing.")
def serve(workers: int, with_samples: bool) -> None:
    """Bring everything up to date, then run the site and its worker until Ctrl-C."""
    chosen = settings()
    _require_free(chosen.host, chosen.port)
    database().migrate()
    with database().transaction() as session:
        reference.fill(session)
        searching.complete(session)
        results.complete(session)
    is_new = with_samples and samples.load(database(), seal(), settings())
    address = f"http://{chosen.host}:{chosen.port}"
    processes: list[subprocess.Popen[bytes]] = []

    def start(*command: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 — our own commands
            [sys.executable, "-m", *command],
            cwd=ROOT,
            preexec_fn=_end_with_parent,  # noqa: PLW1509 — one thread here
        )

    def end(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, end)
    try:
        figures = chosen.data_dir / "figures"
        shutil.rmtree(figures, ignore_errors=True)
        figures.mkdir(parents=True)
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(figures)
        server = start(
            "gunicorn", "wsgi:app", "--bind", f"{chosen.host}:{chosen.port}", "--worker-class", "gthread",
            "--workers", str(workers), "--threads", "8", "--log-level", "warning", "--graceful-timeout", "10",
        )  # fmt: skip
        helper = start("flask", "--app", "wsgi", "worker")
        processes += [server, helper]
        tell("")
        tell(f"  公开征求意见  {address}")
        tell(f"  工作人员登录  {address}/office/sign-in")
        if is_new:
            for line in samples.sign_ins(chosen.data_dir):
                tell(f"    {line}")
        elif (kept := chosen.data_dir / samples.SIGN_INS).exists():
            tell(f"    账号和密码在 {kept}")
        if not with_samples:
            _tell_of_setup()
        tell(f"  {datetime.now(UTC).astimezone():%Y-%m-%d %H:%M}  数据在 {chosen.data_dir}  按 Ctrl-C 停止")
        tell("")
        while server.poll() is None:
            if helper.poll() is not None:
                tell("The worker has ended; starting it again.")
                processes.remove(helper)
                helper = start("flask", "--app", "wsgi", "worker")
                processes.append(helper)
            time.sleep(0.5)
        sys.exit(server.returncode or 1)
    except KeyboardInterrupt:
        pass
    finally:
        for process in processes:
            with suppress(ProcessLookupError):
                process.terminate()
        for process in processes:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
