"""The audit log finds every row that was changed, removed or inserted."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from portal.access import ANYBODY
from portal.services import audit
from tests import factories
from tests.factories import NOON


@pytest.fixture
def log(database):
    """Ten events, and the database without its own guard, as somebody with the file in hand would have it."""
    with database.writer() as session:
        for n in range(10):
            audit.record(session, ANYBODY, "test", f"subject:{n}", NOON, {"n": n, "words": "意见"})
        for name in ("audit_frozen", "audit_kept"):
            where = " ON audit_event" if database.engine.dialect.name == "postgresql" else ""
            session.execute(text(f"DROP TRIGGER keep_{name}{where}"))
        session.commit()
    return database


def breaks(database):
    with database.reader() as session:
        return [(found.event_id, found.what) for found in audit.verify(session)]


def run(database, statement):
    with database.writer() as session:
        session.execute(text(statement))
        session.commit()


def test_a_whole_log_has_no_break(log):
    assert breaks(log) == []


def test_a_changed_row_is_named(log):
    run(log, "UPDATE audit_event SET subject = 'subject:x' WHERE id = 4")
    assert breaks(log) == [(4, "这一行被改动过")]


def test_a_removed_row_is_named_by_the_one_after_it(log):
    run(log, "DELETE FROM audit_event WHERE id = 4")
    assert breaks(log) == [(5, "这一行之前有记录被删除或插入")]


def test_an_inserted_row_is_named(log):
    run(
        log,
        "INSERT INTO audit_event (id, at, actor, act, subject, details, previous_hash, hash)"
        " SELECT 99, at, actor, act, subject, details, previous_hash, 'forged' FROM audit_event WHERE id = 4",
    )
    assert [event for event, _ in breaks(log)] == [99, 99]


def test_the_export_carries_the_chain_to_be_checked_elsewhere(world):
    import hashlib
    import json

    factories.consultation(world)
    previous = "0" * 64
    lines = [json.loads(line) for line in audit.exported(world.session)]
    assert len(lines) > 5
    for line in lines:
        body = [line["previous_hash"], line["at"], line["account_id"], line["actor"], line["act"], line["subject"]]
        said = json.dumps([*body, line["details"]], ensure_ascii=False, sort_keys=True)
        assert line["previous_hash"] == previous
        assert line["hash"] == hashlib.sha256(said.encode()).hexdigest()
        previous = line["hash"]
