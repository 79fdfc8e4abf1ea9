"""Acts of many threads in one transaction: each gets its own answer, after the commit, and spoils no other's."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError, OperationalError

from portal import group_commit
from portal.errors import NotValid
from portal.group_commit import MOST, GroupCommit


@pytest.fixture
def group(database):
    """A group commit on a database with a table of numbers; `commits` has how many numbers each commit found."""
    with database.transaction() as session:
        session.execute(text("CREATE TABLE written (number INTEGER PRIMARY KEY)"))
    made = GroupCommit(database.transaction)
    made.database, made.commits, made.numbers = database, [], lambda: numbers(database)

    @event.listens_for(database.writers, "before_commit")
    def count(session):
        made.commits.append(session.info.pop("done", 0))

    return made


def numbers(database) -> set[int]:
    with database.reader() as session:
        return set(session.scalars(text("SELECT number FROM written")))


def write(number):
    def act(session):
        session.execute(text("INSERT INTO written VALUES (:number)"), {"number": number})
        session.info["done"] = session.info.get("done", 0) + 1
        return number

    return act


def refuse(session):
    raise NotValid("不行。")


class Held:
    """An act that leads: it holds its transaction until it is told to go on."""

    def __init__(self, act):
        self.act, self.begun, self.go_on = act, threading.Event(), threading.Event()

    def __call__(self, session):
        self.begun.set()
        assert self.go_on.wait(20)
        return self.act(session)


def behind(group, leader, others, before=lambda: None):
    """Runs `others` so that they come, in this order, while `leader` is at it; the futures of all."""
    held = Held(leader)
    pool = ThreadPoolExecutor(len(others) + 1)
    futures = [pool.submit(group.run, "line", held)]
    assert held.begun.wait(20)
    for place, act in enumerate(others, 1):
        futures.append(pool.submit(group.run, "line", act))
        until(lambda place=place: len(group._lines["line"]) == place)
    before()
    held.go_on.set()
    pool.shutdown(wait=False)
    return futures


def until(is_so):
    end = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.002)


def test_who_comes_alone_is_done_at_once(group):
    assert group.run("line", write(1)) == 1
    assert group.numbers() == {1}
    assert group.commits == [1]


def test_those_who_come_meanwhile_share_the_commit(group):
    futures = behind(group, write(1), [write(n) for n in (2, 3, 4)])
    assert [future.result(20) for future in futures] == [1, 2, 3, 4]
    assert group.commits == [4]
    assert group.numbers() == {1, 2, 3, 4}


def test_nobody_is_answered_before_the_commit(group):
    standing = []

    @event.listens_for(group.database.writers, "before_commit")
    def look(_session):
        time.sleep(0.2)
        standing.append([future.done() for future in futures])

    futures = behind(group, write(1), [write(2), write(3)])
    assert [future.result(20) for future in futures] == [1, 2, 3]
    assert standing == [[False, False, False]]


def test_a_refusal_is_its_own(group):
    futures = behind(group, write(1), [refuse, write(3)])
    assert (futures[0].result(20), futures[2].result(20)) == (1, 3)
    with pytest.raises(NotValid, match="不行"):
        futures[1].result(20)
    assert group.commits == [2]


def test_a_leader_who_is_refused_leads_all_the_same(group):
    futures = behind(group, refuse, [write(2)])
    assert futures[1].result(20) == 2
    with pytest.raises(NotValid):
        futures[0].result(20)


def test_a_fault_takes_nobody_else_with_it(group):
    futures = behind(group, write(1), [write(2), write(1), write(4)])
    assert [futures[place].result(20) for place in (1, 3)] == [2, 4]
    # one of the two who write the same gets the fault, the other is done
    faults = [future.exception(20) for future in (futures[0], futures[2])]
    assert sorted(type(fault) for fault in faults if fault) == [IntegrityError]
    assert group.numbers() == {1, 2, 4}


def test_a_leader_who_fails_by_itself_is_not_tried_twice(group):
    tries = []

    def fail(session):
        tries.append(session)
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        group.run("line", fail)
    assert len(tries) == 1
    assert group.run("line", write(2)) == 2


def test_a_commit_that_fails_leaves_each_to_itself(group):
    @event.listens_for(group.database.writers, "before_commit")
    def full(session):
        if len(group.commits) == 1:
            raise OperationalError("COMMIT", {}, Exception("disk full"))

    futures = behind(group, write(1), [write(2), write(3)])
    assert [future.result(20) for future in futures] == [1, 2, 3]
    assert group.commits == [3, 1, 1, 1]
    assert group.numbers() == {1, 2, 3}


def test_who_waited_long_for_a_leader_that_failed_is_told_why(group, monkeypatch):
    monkeypatch.setattr(group_commit, "PATIENCE", -1)

    def away(session):
        raise OperationalError("BEGIN", {}, Exception("locked"))

    futures = behind(group, away, [write(2), write(3)])
    for future in futures:
        with pytest.raises(OperationalError, match="locked"):
            future.result(20)
    assert group.numbers() == set()
    assert group.run("line", write(4)) == 4


def test_no_group_grows_without_end(group):
    count = 2 * MOST + 3
    futures = behind(group, write(0), [write(n) for n in range(1, count)])
    assert [future.result(20) for future in futures] == list(range(count))
    assert group.commits == [MOST, MOST, 3]
    assert not group._lines


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has one writer
def test_lines_do_not_wait_for_one_another(database):
    group = GroupCommit(database.transaction)
    held = Held(lambda _session: "one")
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(group.run, "one line", held)
        assert held.begun.wait(20)
        assert group.run("another", lambda _session: "another") == "another"
        held.go_on.set()
        assert future.result(20) == "one"


def test_a_crowd_gets_each_its_own_answer(group):
    """Five hundred acts of every kind, thirty at a time: nothing is written twice, lost, or answered to another."""

    def act(number):
        kind = number % 10
        if kind == 7:
            do = refuse
        elif kind == 9:
            do = write(0)  # was written before: a fault of the database
        else:
            do = write(number)
        try:
            return group.run("line", do)
        except (NotValid, IntegrityError) as fault:
            return type(fault)

    group.run("line", write(0))
    with ThreadPoolExecutor(30) as pool:
        answers = list(pool.map(act, range(1, 501)))
    expected = [{7: NotValid, 9: IntegrityError}.get(n % 10, n) for n in range(1, 501)]
    assert answers == expected
    assert group.numbers() == {0} | {n for n in range(1, 501) if n % 10 not in (7, 9)}
