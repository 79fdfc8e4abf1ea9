"""A window the public relies on: it may become longer, the whole may be withdrawn, and nothing else."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select

from portal.access import Role
from portal.errors import AlreadyDone, NotAllowed, NotThere, NotValid, WindowNotOpen
from portal.models import AuditEvent, Comment
from portal.rules import window
from portal.rules.window import WindowState
from portal.services import baskets, commenting, results, summaries, windows
from tests import factories
from tests.factories import NOON

REASON = "因上位规划调整，本次征求意见撤回。"


def extend(world, found, closes_on=date(2026, 4, 10), closes_time=None, words="", at=NOON, role=Role.PUBLISHER):
    return windows.extend(world.session, world.actor(role), found, closes_on, closes_time, words, at)


def withdraw(world, found, reason=REASON, at=NOON, role=Role.PUBLISHER):
    windows.withdraw(world.session, world.actor(role), found, reason, at)


def test_an_extension_keeps_what_was_before_and_tells_the_public(world):
    found = factories.consultation(world)
    first = found.window
    extend(world, found)
    assert found.window is not first
    assert found.window.opens_at == first.opens_at
    assert found.window.closes_at == datetime(2026, 4, 10, 16, 0, tzinfo=UTC)
    assert first.superseded_at == NOON
    assert found.superseded_windows == [first]
    assert "截止时间由2026年4月1日24时延长至2026年4月10日24时，提出意见的方式不变" in found.window.announcement
    extend(world, found, date(2026, 4, 20), words="应公众要求再次延期。")
    assert [w.announcement[:6] for w in found.windows] == ["", "为便于社会各", "应公众要求再"]
    event = world.session.scalars(select(AuditEvent).where(AuditEvent.act == "window.extend")).first()
    assert event.details["to"] == "2026-04-10T16:00:00+00:00"
    notes = summaries.summarise(world.session, found, NOON).window_notes
    assert [note[:14] for note in notes] == ["2026年3月12日发布延期"] * 2


@pytest.mark.parametrize(
    ("closes_on", "closes_time"),
    [(date(2026, 4, 1), None), (date(2026, 3, 31), None), (date(2026, 4, 1), time(17)), (None, None)],
)
def test_nothing_shortens_an_open_window(world, closes_on, closes_time):
    found = factories.consultation(world)
    with pytest.raises(NotValid) as refused:
        extend(world, found, closes_on, closes_time)
    assert refused.value.fault == "closes_on"
    assert len(found.windows) == 1


def test_an_hour_may_be_given_up_for_a_later_day(world):
    found = factories.consultation(world, closes_time=time(17))
    extend(world, found, date(2026, 4, 1), time(18))
    assert window.closes_words(found.window.closes_at) == "截至2026年4月1日18时"


def test_a_window_that_ended_is_not_opened_again(world):
    found = factories.consultation(world)
    with pytest.raises(WindowNotOpen, match="不能再延期"):
        extend(world, found, date(2026, 5, 1), at=found.window.closes_at)


def test_a_notice_in_preparation_is_changed_not_extended(world):
    with pytest.raises(NotThere):
        extend(world, factories.prepared(world))
    with pytest.raises(NotThere):
        withdraw(world, factories.prepared(world, slug="other"))


def test_a_blank_in_the_announcement_is_refused(world):
    found = factories.consultation(world)
    with pytest.raises(NotValid, match="没有填写"):
        extend(world, found, words=windows.extension_words(found, None))


def test_only_a_publisher_of_the_bureau(world):
    found = factories.consultation(world)
    for role in (Role.ADMINISTRATOR, Role.MODERATOR, Role.DRAFTER, Role.AUDITOR):
        with pytest.raises(NotAllowed):
            extend(world, found, role=role)
        with pytest.raises(NotAllowed):
            withdraw(world, found, role=role)


def test_the_reason_for_a_shorter_period_goes_when_the_period_is_long_enough(world):
    reason = "因防汛工作情况紧急，本次征求意见期限缩短。"
    found = factories.consultation(
        world, document_type="ZDJC", closes_on=date(2026, 3, 17), shortened_reason=reason, opens_on=date(2026, 3, 2)
    )
    extend(world, found, date(2026, 3, 25))
    assert found.window.shortened_reason == reason
    extend(world, found, date(2026, 4, 1))
    assert found.window.shortened_reason == ""
    assert found.windows[0].shortened_reason == reason
    assert reason in "".join(summaries.summarise(world.session, found, NOON).window_notes)


def test_a_withdrawal_says_why_and_keeps_what_was_received(world):
    found = factories.consultation(world)
    (comment,) = factories.submission(world, found, "一条意见")
    with pytest.raises(NotValid, match="不少于10字"):
        withdraw(world, found, "不要了")
    withdraw(world, found)
    assert found.state(NOON) is WindowState.WITHDRAWN
    assert found.state(NOON - timedelta(seconds=1)) is WindowState.OPEN
    assert found.withdrawal_reason == REASON
    assert world.session.get(Comment, comment.id).body == "一条意见"
    with pytest.raises(AlreadyDone):
        withdraw(world, found)
    with pytest.raises(AlreadyDone):
        extend(world, found)
    with pytest.raises(WindowNotOpen, match="已于2026年3月12日12时撤回"):
        baskets.require_open(found, NOON)


def test_a_basket_filled_before_the_withdrawal_is_not_received_after_it(database, seal):
    """The sender loaded the page before; the withdrawal is committed by somebody else in between."""
    with database.writer() as session:
        made = factories.world(session, seal)
        found = factories.consultation(made)
        code = baskets.new_code()
        baskets.add_item(session, seal, found, None, baskets.Remark("change", "意见"), code=code, at=NOON)
        session.commit()
        actor, key = made.actor(Role.PUBLISHER), found.id
    from portal.models import Consultation

    with database.reader() as early:
        stale = early.get(Consultation, key)
        assert stale.withdrawn_at is None
    with database.transaction() as session:
        windows.withdraw(session, actor, session.get(Consultation, key), REASON, NOON)
    with database.writer() as session:
        session.add(stale)
        with pytest.raises(WindowNotOpen):
            commenting.submit(
                session, seal, stale.slug, code=code, identity=commenting.Identity(has_read_notice=True), at=NOON
            )
        session.rollback()
        assert session.scalar(select(Comment.id)) is None


def test_what_was_answered_is_not_withdrawn(world, seal):
    found = factories.consultation(world)
    after = found.window.closes_at
    results.publish(world.session, seal, world.actor(Role.PUBLISHER), found, after)
    with pytest.raises(AlreadyDone, match="采纳情况已经公布"):
        withdraw(world, found, at=after)
