"""The last second: each submission is accepted or refused by its own instant, and nobody's words are lost."""

from __future__ import annotations

import re
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, text

from portal.db import Database
from portal.models import BasketItem, Comment, Consultation, Submission
from portal.rules import window
from portal.sealing import Seal
from portal.services import baskets
from portal.services.baskets import Remark
from tests import factories
from tests.crash.visitors import Visitor, two_processes

SEAL = Seal(bytes(range(32)))
SENDERS = 1000
#: how many are answered before the end is set: it comes one second later, in the middle of the crowd
BEFORE = 400


@pytest.fixture
def open_now(database_url):
    """A consultation that is open today, with its database."""
    database = Database(database_url)
    today = window.day_in_beijing(datetime.now(UTC))
    with database.writer() as session:
        made = factories.world(session, SEAL)
        factories.consultation(made, opens_on=today - timedelta(days=1), closes_on=today + timedelta(days=30))
        session.commit()
    yield database
    database.engine.dispose()


def fill(database: Database, codes: list[str]) -> None:
    """A comment of its own in the basket of each code."""
    with database.writer() as session:
        found = session.scalars(select(Consultation)).one()
        at = datetime.now(UTC)
        for code in codes:
            baskets.add_item(session, SEAL, found, None, Remark("change", f"意见 {code}"), code=code, at=at)
        session.commit()


def close_at(database: Database, instant: datetime) -> None:
    """Moves the end of the window as no page can: the rule against it is lifted for a moment."""
    with database.writer() as session:
        if session.get_bind().dialect.name == "sqlite":
            rule = session.scalar(text("SELECT sql FROM sqlite_master WHERE name = 'keep_window_dates'"))
            session.execute(text("DROP TRIGGER keep_window_dates"))
            session.scalars(select(Consultation)).one().window.closes_at = instant
            session.flush()
            session.connection().exec_driver_sql(rule)
        else:
            session.execute(text("ALTER TABLE comment_window DISABLE TRIGGER keep_window_dates"))
            session.scalars(select(Consultation)).one().window.closes_at = instant
            session.flush()
            session.execute(text("ALTER TABLE comment_window ENABLE TRIGGER keep_window_dates"))
        session.commit()


def press_together(visitors: list[Visitor], codes: list[str], answers: dict[str, object]) -> None:
    """Presses for these codes one after another, as fast as answers come."""
    for place, code in enumerate(codes):
        try:
            answers[code] = visitors[place % len(visitors)].send(code=code)
        except OSError as trouble:
            answers[code] = trouble


def test_a_thousand_at_the_closing_instant(open_now, database_url, tmp_path):
    codes = [f"LAST-{n:04d}-CODE".translate(str.maketrans("018", "XYZ")) for n in range(SENDERS)]
    fill(open_now, codes)
    answers: dict[str, object] = {}
    with two_processes(database_url, tmp_path / "data") as port:
        # sixteen hands at a time, four visitors to a hand: one visitor may not send hundreds
        hands = [[Visitor(port) for _ in range(4)] for _ in range(16)]
        for visitor in (visitor for hand in hands for visitor in hand):
            visitor.arrive()
        threads = [
            threading.Thread(target=press_together, args=(hand, codes[n::16], answers)) for n, hand in enumerate(hands)
        ]
        for thread in threads:
            thread.start()
        while len(answers) < BEFORE:
            time.sleep(0.002)
        closing = datetime.now(UTC) + timedelta(seconds=1)
        close_at(open_now, closing)
        assert datetime.now(UTC) < closing
        for thread in threads:
            thread.join()
    with open_now.reader() as session:
        kept = {
            row.basket_code_trace: row
            for row in session.execute(
                select(Submission.basket_code_trace, Submission.receipt_number, Submission.received_at)
            )
        }
        waiting = set(session.scalars(select(BasketItem.body)))
        received = session.scalar(select(func.count(Comment.id)))
    accepted = refused = 0
    for code in codes:
        status, place, page = answers[code]
        row = kept.get(baskets.trace(SEAL, code))
        if status == 302:
            accepted += 1
            assert row is not None, code
            assert re.search(r"/receipts/([\d-]+)", place).group(1) == row.receipt_number
            assert row.received_at < closing
            assert f"意见 {code}" not in waiting
        else:
            refused += 1
            assert status == 409, (code, status, page[:500])
            assert row is None, code
            assert f"意见 {code}" in page
            assert f"意见 {code}" in waiting
            arrived = datetime.fromisoformat(re.search(r'<time datetime="([^"]+)"', page).group(1))
            assert arrived >= closing
    print(f"{accepted} accepted, {refused} refused")
    assert accepted == len(kept) == received
    assert accepted + refused == SENDERS
    assert accepted > 0
    assert refused > 0


def test_a_double_click_across_two_processes_makes_one_submission(open_now, database_url, tmp_path):
    codes = [f"TWIN-{n:04d}-CODE".translate(str.maketrans("018", "XYZ")) for n in range(12)]
    fill(open_now, codes)
    places: dict[str, set[str]] = {code: set() for code in codes}
    with two_processes(database_url, tmp_path / "data") as port:

        def press(first: Visitor, code: str, gate: threading.Barrier) -> None:
            other = Visitor(port, "; ".join(f"{k}={v}" for k, v in first.cookies.items()), first.token)
            gate.wait()
            status, place, page = other.send(code=code)
            places[code].add(place if status == 302 else f"{status} {page[:300]}")

        for code in codes:
            first, gate = Visitor(port), threading.Barrier(6)
            first.arrive()
            threads = [threading.Thread(target=press, args=(first, code, gate)) for _ in range(6)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    assert all(len(found) == 1 for found in places.values()), places
    with open_now.reader() as session:
        assert session.scalar(select(func.count(Submission.id))) == len(codes)
        assert session.scalar(select(func.count(Comment.id))) == len(codes)
