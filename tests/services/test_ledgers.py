"""The public ledger: every digest of a day, a chain of days, and what is found when somebody touched it."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta

import pytest
from sqlalchemy import select, text

from portal.models import LedgerDay, Submission
from portal.rules import window
from portal.services import amending, ledgers
from tests import factories
from tests.factories import NOON

#: the window of the factories opens ten days before NOON
FIRST = window.day_in_beijing(NOON) - timedelta(days=10)
TODAY = window.day_in_beijing(NOON)
AFTER_MIDNIGHT, _ = window.bounds(TODAY + timedelta(days=1), TODAY + timedelta(days=1))


@pytest.fixture
def found(world):
    return factories.consultation(world)


def test_a_day_is_published_ten_minutes_after_its_end(world, found):
    factories.submission(world, found, "一")
    assert ledgers.settled_day(AFTER_MIDNIGHT + timedelta(minutes=9, seconds=59)) == TODAY - timedelta(days=1)
    ledgers.publish_due(world.session, AFTER_MIDNIGHT + timedelta(minutes=9))
    assert ledgers.day(world.session, found.id, TODAY) is None
    assert ledgers.publish_due(world.session, AFTER_MIDNIGHT + timedelta(minutes=10)) == 1
    assert ledgers.day(world.session, found.id, TODAY).count == 1
    assert ledgers.publish_due(world.session, AFTER_MIDNIGHT + timedelta(minutes=11)) == 0


def test_anybody_can_do_the_sums_again(world, found):
    """The ten lines of Python that the page promises are enough."""
    for minute, words in enumerate(("一", "二", "三")):
        factories.submission(world, found, words, at=NOON + timedelta(minutes=3 - minute))
    ledgers.publish_due(world.session, AFTER_MIDNIGHT + timedelta(hours=1))
    previous = "0" * 64
    for day in reversed(ledgers.days(world.session, found.id)):
        head = dict(line.split(": ") for line in day.text.splitlines()[:4])
        assert head == {
            "consultation": "hehu",
            "day": day.on.isoformat(),
            "previous": previous,
            "receipts": str(day.count),
        }
        previous = hashlib.sha256(day.text.encode()).hexdigest()
        assert previous == day.digest
    in_order = world.session.scalars(select(Submission.receipt_digest).order_by(Submission.received_at)).all()
    assert ledgers.day(world.session, found.id, TODAY).text.splitlines()[4:] == list(in_order)
    assert ledgers.days(world.session, found.id)[-1].on == FIRST


def test_nothing_in_a_file_says_who_or_what(world, found):
    (comment,) = factories.submission(world, found, "谁也不该看到", kind="enterprise", organisation="某公司")
    ledgers.publish_due(world.session, AFTER_MIDNIGHT + timedelta(hours=1))
    words = ledgers.day(world.session, found.id, TODAY).text
    for secret in ("谁也不该看到", "某公司", comment.submission.receipt_number):
        assert secret not in words


def test_a_digest_is_found_whatever_its_spacing(world, found):
    first = factories.submission(world, found, "一")[0].submission
    second = factories.submission(world, found, "二", at=NOON + timedelta(minutes=1))[0].submission
    ledgers.publish_due(world.session, AFTER_MIDNIGHT + timedelta(hours=1))
    spaced = " ".join(second.receipt_digest[i : i + 8] for i in range(0, 64, 8)).upper()
    entry = ledgers.find(world.session, found.id, spaced)
    assert (entry.day.on, entry.place) == (TODAY, 2)
    assert ledgers.find(world.session, found.id, first.receipt_digest).place == 1
    for wrong in ("", "x" * 64, "0" * 64, first.receipt_digest[:63], first.receipt_number):
        assert ledgers.find(world.session, found.id, wrong) is None


def test_amendments_and_letters_stand_on_the_day_they_were_entered(world, found):
    submission = factories.submission(world, found, "一", at=NOON - timedelta(days=1))[0].submission
    made = amending.withdraw(world.session, world.seal, submission, 1, revision=0, at=NOON)
    submission.registered_at = None
    ledgers.publish_due(world.session, AFTER_MIDNIGHT + timedelta(hours=1))
    assert ledgers.find(world.session, found.id, made.digest).day.on == TODAY
    assert ledgers.find(world.session, found.id, submission.receipt_digest).day.on == TODAY - timedelta(days=1)


def test_days_go_on_to_the_deadline_and_then_only_with_something_in_them(world, found):
    over = found.window.closes_at + timedelta(days=5)
    ledgers.publish_due(world.session, over)
    newest = ledgers.days(world.session, found.id)[0]
    assert newest.on == window.last_day(found.window.closes_at)
    assert newest.count == 0
    factories.submission(world, found, "迟到登记的信", at=found.window.closes_at + timedelta(days=2))
    ledgers.publish_due(world.session, over)
    assert ledgers.days(world.session, found.id)[0].count == 1
    assert list(ledgers.verify(world.session, world.seal, found)) == []


def test_verify_finds_a_straggler_a_change_and_a_gap(world, found):
    factories.submission(world, found, "一")
    ledgers.publish_due(world.session, AFTER_MIDNIGHT + timedelta(hours=1))
    assert list(ledgers.verify(world.session, world.seal, found)) == []
    factories.submission(world, found, "后来塞进来的", at=NOON + timedelta(minutes=1))
    assert [b.what for b in ledgers.verify(world.session, world.seal, found)] == ["与当天收到的回执不一致"]
    day = ledgers.day(world.session, found.id, TODAY)
    day.text = day.text.replace("receipts: 1", "receipts: 2")
    with world.session.no_autoflush:
        breaks = [b.what for b in ledgers.verify(world.session, world.seal, found)]
    assert "文件与摘要不符" in breaks
    world.session.expire(day)


def test_the_command_verifies(database, app, site):
    with database.writer() as session:
        session.add_all(site.staff.values())
        site.session = session
        from portal.models import Consultation

        found = session.scalars(select(Consultation)).one()
        factories.submission(site, found, "一")
        ledgers.publish_due(session, AFTER_MIDNIGHT + timedelta(hours=1))
        session.commit()
    done = app.test_cli_runner().invoke(args=["ledger", "verify", "hehu"])
    assert done.exit_code == 0, done.output
    assert '"breaks": []' in done.output
    with database.writer() as session:
        trigger = "keep_ledger_frozen"
        is_sqlite = session.get_bind().dialect.name == "sqlite"
        session.execute(text(f"DROP TRIGGER {trigger}" + ("" if is_sqlite else " ON ledger_day")))
        on = date.fromisoformat(TODAY.isoformat())
        session.execute(
            text("UPDATE ledger_day SET text = replace(text, 'receipts: 1', 'receipts: 9') WHERE count = 1")
        )
        assert session.scalar(select(LedgerDay.on).where(LedgerDay.count == 1)) == on
        session.commit()
    assert app.test_cli_runner().invoke(args=["ledger", "verify", "hehu"]).exit_code == 1
    assert app.test_cli_runner().invoke(args=["ledger", "verify", "nothing"]).exit_code == 2
