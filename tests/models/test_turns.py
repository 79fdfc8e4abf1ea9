"""Writers of one process take turns; whoever fails, or waits too long, holds nobody up."""

import sqlite3
import threading
import time

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError, OperationalError

from portal import db
from portal.db import Database
from portal.turns import Queue


@pytest.fixture
def database(tmp_path):
    made = Database(f"sqlite:///{tmp_path}/turns.sqlite3")
    with made.transaction() as session:
        session.execute(text("CREATE TABLE line (place INTEGER)"))
    yield made
    made.engine.dispose()


def test_the_turn_goes_to_whoever_waits_longest():
    queue, order = Queue(), []

    def wait(name):
        assert queue.take(10)
        order.append(name)
        queue.leave()

    assert queue.take(0)
    threads = []
    for name in range(8):
        threads.append(threading.Thread(target=wait, args=(name,)))
        threads[-1].start()
        while len(queue._waiting) <= name:
            time.sleep(0.001)
    queue.leave()
    for thread in threads:
        thread.join()
    assert order == list(range(8))


def test_whoever_gives_up_is_passed_over():
    queue = Queue()
    assert queue.take(0)
    assert not queue.take(0.01)
    queue.leave()
    assert queue.take(0)


def test_many_writers_all_get_their_turn_soon(database):
    slowest = []

    def write():
        for place in range(20):
            began = time.perf_counter()
            with database.transaction() as session:
                session.execute(text("INSERT INTO line VALUES (:place)"), {"place": place})
            slowest.append(time.perf_counter() - began)

    threads = [threading.Thread(target=write) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reader() as session:
        assert session.scalar(text("SELECT count(*) FROM line")) == 200
    # in a queue nobody waits much longer than the others; looking again by chance, somebody waited for seconds
    assert max(slowest) < 4


def test_a_refused_beginning_gives_the_turn_back(database, tmp_path, monkeypatch):
    monkeypatch.setattr(db, "BUSY_SECONDS", 0.2)
    database.engine.dispose()
    other = sqlite3.connect(f"{tmp_path}/turns.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(OperationalError, match="locked"), database.transaction() as session:
        session.execute(text("INSERT INTO line VALUES (1)"))
    other.execute("ROLLBACK")
    with database.transaction() as session:
        session.execute(text("INSERT INTO line VALUES (2)"))


def test_a_view_that_fails_gives_the_turn_back(database):
    def fail():
        with database.transaction() as session:
            session.execute(text("INSERT INTO line VALUES (1)"))
            raise ZeroDivisionError

    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            fail()
    with database.reader() as session:
        assert session.scalar(text("SELECT count(*) FROM line")) == 0


def test_a_commit_that_fails_gives_the_turn_back(database, monkeypatch):
    monkeypatch.setattr(db, "BUSY_SECONDS", 0.5)
    database.engine.dispose()

    @event.listens_for(database.engine, "connect")
    def fill(connection, _record):
        connection.execute("CREATE TEMP TABLE parent (id INTEGER PRIMARY KEY)")
        connection.execute("CREATE TEMP TABLE child (id INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED)")

    for _ in range(3):
        # a fault that only the end of the transaction finds, as a full disk is
        # as a request does it: it commits, it fails, it puts the session away
        with database.writer() as session:
            session.execute(text("INSERT INTO child VALUES (7)"))
            with pytest.raises(IntegrityError):
                session.commit()
    with database.transaction() as session:
        session.execute(text("INSERT INTO line VALUES (1)"))


def test_whoever_waits_in_vain_is_told_as_the_driver_tells(database, monkeypatch):
    monkeypatch.setattr(db, "BUSY_SECONDS", 0.1)
    with database.writer() as first, database.writer() as second:
        first.execute(text("INSERT INTO line VALUES (1)"))
        with pytest.raises(OperationalError, match="locked"):
            second.execute(text("INSERT INTO line VALUES (2)"))
        first.commit()
        second.rollback()
        second.execute(text("INSERT INTO line VALUES (3)"))
        second.commit()
