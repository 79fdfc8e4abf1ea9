"""Running the site: migrations and samples, the server with its worker, the database."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import click
from flask.cli import AppGroup, with_appcontext
from sqlalchemy.exc import OperationalError

from portal.cli import samples, worker
from portal.cli.shell import database, give_up, refuses, require_clock, say, seal, settings, tell
from portal.config import ROOT
from portal.services import (
    backups,
    last_runs,
    reference,
    results,
    searching,
    setting_up,
    tallies,
)

group = AppGroup("data", help="The database: bringing it up to date, loading the samples.")


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
    require_clock()
    with database().transaction() as session:
        say(worker.erase(session, datetime.now(UTC)))


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
