"""A whole site as it is run: server processes each by itself, a worker, a mail server, all of them to be killed."""

from __future__ import annotations

import http.client
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from portal.db import Database
from portal.rules import window
from portal.sealing import Seal
from tests import factories
from tests.postgres import free_port

ROOT = Path(__file__).resolve().parents[2]
KEY = bytes(range(32))


class Site:
    """Two servers, a worker and a mail server on one database. Whatever was killed can be started again."""

    def __init__(self, url: str, folder: Path, **settings: str) -> None:
        self.url, self.folder = url, folder
        folder.mkdir(parents=True, exist_ok=True)
        self.ports = [free_port(), free_port()]
        self.mail_port, self.mail_box = free_port(), folder / "box"
        self.environment = os.environ | {
            "PORTAL_DATABASE_URL": url,
            "PORTAL_DATA_DIR": str(folder / "data"),
            "PORTAL_SEALING_KEY": KEY.hex(),
            "PORTAL_SECRET_KEY": "one key for both servers",
            "PORTAL_USUAL_RATE": "1000000",
            "PORTAL_PASSWORD_DAYS": "0",
            "PORTAL_MAIL_SERVER": "127.0.0.1",
            "PORTAL_MAIL_PORT": str(self.mail_port),
        } | settings  # fmt: skip
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Site:
        self.begin("worker")
        return self

    def begin(self, *beside: str) -> None:
        """Starts mail and both servers, and when they are ready what does the rest."""
        self.start("mail")
        for name in ("server 0", "server 1"):
            self.start(name)
        for name in ("server 0", "server 1"):
            self.wait(name)
        for name in beside:
            self.start(name)

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """Asks every process to end."""
        for process in self.processes.values():
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(10)

    def start(self, name: str, largest_file: int | None = None, called: str = "") -> None:
        """Starts one of "mail", "worker", "rounds", "consumer", "server 0", "server 1"; `largest_file` (bytes) is its full disk.

        A second one of a kind is `called` otherwise.
        """
        command = {
            "mail": ["aiosmtpd", "-n", "-l", f"127.0.0.1:{self.mail_port}", "-c", "aiosmtpd.handlers.Mailbox", str(self.mail_box)],
            "worker": ["flask", "--app", "wsgi", "worker"],
            "rounds": ["flask", "--app", "wsgi", "worker", "--no-jobs"],
            "consumer": ["flask", "--app", "wsgi", "consumer"],
        }.get(name) or [
            "gunicorn", "wsgi:app", "--bind", f"127.0.0.1:{self.ports[int(name[-1])]}", "--worker-class", "gthread",
            "--workers", "1", "--threads", "8", "--log-level", "critical",
        ]  # fmt: skip
        self.processes[called or name] = subprocess.Popen(
            [sys.executable, "-m", *command],
            preexec_fn=_disk_of(largest_file),  # noqa: PLW1509 — it only sets a limit
            cwd=ROOT, env=self.environment, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        if name == "mail":
            for _ in range(100):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", self.mail_port)) == 0:
                        return
                time.sleep(0.1)

    def kill(self, name: str) -> None:
        """kill -9, with every process it has made."""
        os.killpg(self.processes[name].pid, signal.SIGKILL)
        self.processes[name].wait(10)

    def wait(self, name: str, seconds: float = 60) -> None:
        """Waits until a server says it is ready."""
        port, until = self.ports[int(name[-1])], time.monotonic() + seconds
        while time.monotonic() < until:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            with suppress(OSError, http.client.HTTPException), closing(connection):
                connection.request("GET", "/readyz")
                with connection.getresponse() as answer:
                    if answer.status == 200:
                        return
            time.sleep(0.2)
        raise AssertionError(f"{name} did not become ready")

    def memory(self) -> dict[str, float]:
        """Resident memory of each process with its children, in MiB."""
        return {name: _resident(process.pid) / 1024 for name, process in self.processes.items() if name != "mail"}


def _disk_of(largest_file: int | None) -> Callable[[], None] | None:
    """No file grows beyond this size: what a server meets when the disk is full, without a disk of its own."""
    if largest_file is None:
        return None
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))


def _resident(pid: int) -> int:
    """KiB held by a process and its children; 0 when it is gone."""
    total = 0
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                total += int(line.split()[1])
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                total += _resident(int(child))
    return total


def open_consultation(database: Database) -> None:
    """A bureau with its staff, a second moderator, and the consultation `hehu`, open today."""
    today = window.day_in_beijing(datetime.now(UTC))
    with database.writer() as session:
        made = factories.world(session, Seal(KEY))
        factories.colleague(made)
        factories.consultation(made, opens_on=today - timedelta(days=1), closes_on=today + timedelta(days=30))
        session.commit()
