"""The drill of the worst day: a backup made while everybody writes, restored elsewhere, and all of it compared."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import uuid
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from portal.db import Database
from portal.models import AuditEvent, Comment, Consultation, Submission
from portal.sealing import Seal
from portal.services import summaries
from portal.services.identity import CONTACT_CONTEXT
from tests.crash.load import Moderator, Sender, Tally
from tests.crash.site import KEY, ROOT, Site, open_consultation


def flask(url, folder, *arguments):
    """One command of the shell on a database, as an operator gives it: what it printed as JSON."""
    environment = os.environ | {
        "PORTAL_DATABASE_URL": url, "PORTAL_DATA_DIR": str(folder), "PORTAL_SEALING_KEY": KEY.hex(),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *arguments],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(params=["sqlite", "postgresql"])
def elsewhere(request, tmp_path):
    """The address of an empty database of either kind, as on a new machine."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'elsewhere' / 'portal.sqlite3'}"
        return
    server = request.getfixturevalue("postgres")
    name = f"elsewhere_{uuid.uuid4().hex[:12]}"
    server.execute(f"CREATE DATABASE {name}")
    yield server.url(name)
    server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_a_backup_under_load_is_restored_elsewhere(database_url, elsewhere, tmp_path):
    database, tally = Database(database_url), Tally()
    open_consultation(database)
    file = tmp_path / "backup.zip"
    with Site(database_url, tmp_path / "site") as site:
        people = [Sender(site, tally, 0), Sender(site, tally, 1), Moderator(site, tally, 0, "moderator")]
        for person in people:
            person.start()
        until = time.monotonic() + 90
        while (len(tally.receipts) < 15 or len(tally.decided) < 3) and time.monotonic() < until:
            time.sleep(0.1)
        with tally.turn:
            before = set(tally.receipts)
        written = flask(database_url, tmp_path / "site" / "data", "data", "backup", str(file))
        time.sleep(1)
        for person in people:
            person.is_done.set()
        for person in people:
            person.join(60)
        assert [person.fault for person in people if person.fault] == []
    database.engine.dispose()

    restored = flask(elsewhere, tmp_path / "new machine", "data", "restore", str(file))
    assert (restored["tables"], restored["rows"]) == (written["tables"], written["rows"])
    verified = flask(elsewhere, tmp_path / "new machine", "audit", "verify")
    there = Database(elsewhere)
    with there.reader() as session, database.reader() as here:
        kept = set(session.scalars(select(Submission.receipt_number)))
        # everything shown before the backup began is in it, and nothing that nobody sent
        assert before <= kept <= set(here.scalars(select(Submission.receipt_number)))
        last = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
        assert here.get_one(AuditEvent, last.id).hash == last.hash
        assert verified["events"] == session.scalar(select(func.count()).select_from(AuditEvent))
        # the totals balance, and the digest of every receipt is what it was
        digests = dict(session.execute(select(Submission.receipt_number, Submission.receipt_digest)).all())
        were = dict(here.execute(select(Submission.receipt_number, Submission.receipt_digest)).all())
        assert digests.items() <= were.items()
        found = session.scalars(select(Consultation)).one()
        totals = summaries.summarise(session, found, datetime.now(UTC)).totals
        assert totals.received == session.scalar(select(func.count()).select_from(Comment)) >= 15
        # and contact data opens with the key that was kept apart
        sealed = session.scalars(select(Submission).order_by(Submission.id)).first().respondent.contact_sealed
        assert Seal(KEY).open_fields(sealed, CONTACT_CONTEXT)["email"].endswith("@example.com")
    for each in (there, database):
        each.engine.dispose()
