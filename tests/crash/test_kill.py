"""Acknowledged means committed: every receipt number anybody saw is in the database after kill -9."""

from __future__ import annotations

import http.client
import http.cookiejar
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from pathlib import Path

from sqlalchemy import select

from portal.db import Database
from portal.models import Submission
from portal.sealing import Seal
from tests import factories
from tests.postgres import free_port

ROOT = Path(__file__).resolve().parents[2]


class Visitor:
    """Posts one submission after another over HTTP and notes every receipt number it is shown."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.seen: list[str] = []
        self.is_done = threading.Event()
        self.last_trouble: Exception | None = None

    def run(self) -> None:
        """Goes on until told to stop: a slow machine may answer late, and that is not what is tried here."""
        while not self.is_done.is_set():
            try:
                self._submit()
            except (OSError, http.client.HTTPException) as trouble:
                self.last_trouble = trouble

    def _submit(self) -> None:
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        clause = f"{self.address}/consultations/hehu/clauses/2-1"
        page = opener.open(clause, timeout=10).read().decode()
        token = re.search(r'name="csrf_token" value="([^"]+)"', page).group(1)
        self._post(opener, clause, stance="change", body="断电测试", csrf_token=token)
        answer = self._post(opener, f"{self.address}/consultations/hehu/comment", kind="citizen", csrf_token=token)
        self.seen.append(re.search(r"/receipts/([\d-]+)", answer.geturl()).group(1))

    @staticmethod
    def _post(opener, url, **fields):
        return opener.open(url, urllib.parse.urlencode(fields).encode(), timeout=10)


def start(url: str, folder: Path, port: int) -> subprocess.Popen[bytes]:
    environment = os.environ | {
        "PORTAL_DATABASE_URL": url,
        "PORTAL_DATA_DIR": str(folder),
        "PORTAL_SEALING_KEY": bytes(range(32)).hex(),
        "PORT": str(port),
    }
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "wsgi:app", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread",
         "--workers", "2", "--threads", "4", "--log-level", "critical"],
        cwd=ROOT, env=environment, start_new_session=True,
    )  # fmt: skip
    for _ in range(150):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2)
            return server
        except OSError:
            time.sleep(0.2)
    raise AssertionError("the server did not start")


def test_every_receipt_that_was_shown_is_there_after_kill_9(database_url, tmp_path):
    from datetime import UTC, datetime, timedelta

    from portal.rules import window

    database = Database(database_url)
    today = window.day_in_beijing(datetime.now(UTC))
    with database.writer() as session:
        made = factories.world(session, Seal(bytes(range(32))))
        factories.consultation(made, opens_on=today - timedelta(days=1), closes_on=today + timedelta(days=30))
        session.commit()
    port = free_port()
    server = start(database_url, tmp_path / "data", port)
    visitors = [Visitor(f"http://127.0.0.1:{port}") for _ in range(4)]
    threads = [threading.Thread(target=visitor.run) for visitor in visitors]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 120
    while sum(len(v.seen) for v in visitors) < 40 and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(server.pid, signal.SIGKILL)
    server.wait(10)
    for visitor in visitors:
        visitor.is_done.set()
    for thread in threads:
        thread.join(30)
    seen = [number for visitor in visitors for number in visitor.seen]
    assert len(seen) >= 40, [visitor.last_trouble for visitor in visitors]
    assert len(set(seen)) == len(seen)

    server = start(database_url, tmp_path / "data", port)
    with database.reader() as session:
        kept = set(session.scalars(select(Submission.receipt_number)))
    assert set(seen) <= kept
    os.killpg(server.pid, signal.SIGTERM)
    server.wait(20)
    database.engine.dispose()
