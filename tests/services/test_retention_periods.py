"""Periods stay within what the law leaves free; what they would erase is told before; nobody is kept longer than told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.access import Actor, Role
from portal.errors import NotAllowed, NotValid
from portal.models import AuditEvent, Respondent
from portal.rules.retention import BASKET, CONTACT, LOG, PERIODS, Periods
from portal.services import retention, retention_periods
from tests import factories
from tests.factories import NOON

ADMIN = Actor(None, "管理员", Role.ADMINISTRATOR, 1)


def given(contact=180, basket=60, log=400):
    return {CONTACT.key: str(contact), BASKET.key: str(basket), LOG.key: str(log)}


def choose(world, at=NOON, **days):
    chosen = retention_periods.proposed(world.session, given(**days), at)
    retention_periods.keep(world.session, ADMIN, chosen, at)
    return chosen


@pytest.fixture
def answered(world):
    """A consultation with results published at NOON and somebody's address."""
    found = factories.consultation(world)
    factories.submission(world, found, "一条意见", email="a@example.com")
    found.results_published_at = NOON
    world.session.flush()
    return found


def test_without_being_set_they_are_the_usual_ones(world):
    assert retention_periods.periods(world.session) == Periods(180, 60, 400)
    assert retention_periods.periods(world.session, 500).log == 500


@pytest.mark.parametrize("period", PERIODS)
@pytest.mark.parametrize("wrong", ["", "0", "-5", "x", "1e2", "٣٦٥", "99999", "least", "most"])
def test_outside_of_its_bounds_a_period_is_refused(world, period, wrong):
    wrong = {"least": str(period.least - 1), "most": str(period.most + 1)}.get(wrong, wrong)
    with pytest.raises(NotValid) as told:
        retention_periods.proposed(world.session, given() | {period.key: wrong}, NOON)
    assert told.value.fault == period.key


def test_logs_are_kept_a_year_whatever_is_wished():
    assert LOG.least >= 365


def test_a_shorter_period_erases_earlier_and_says_so_before(world, answered):
    late = NOON + timedelta(days=40)
    shorter = retention_periods.proposed(world.session, given(contact=30), late)
    assert retention.due(world.session, shorter, late).respondents == 1
    assert retention.due(world.session, retention_periods.periods(world.session), late).is_nothing
    assert retention.erase_expired(world.session, late) == 0
    assert retention_periods.keep(world.session, ADMIN, shorter, late)
    assert retention.erase_expired(world.session, late) == 1
    assert retention.due(world.session, shorter, late).is_nothing
    event = world.session.scalars(select(AuditEvent).where(AuditEvent.act == "retention.keep")).one()
    assert event.details == {CONTACT.key: [180, 30]}
    assert not retention_periods.keep(world.session, ADMIN, shorter, late)


def test_a_longer_period_does_not_hold_those_who_were_told_the_shorter(world, answered):
    choose(world, NOON + timedelta(days=1), contact=400)
    assert retention.erase_expired(world.session, NOON + timedelta(days=179)) == 0
    (coming,) = retention_periods.coming(world.session, retention_periods.periods(world.session))
    assert (coming.erased_at, coming.respondents) == (NOON + timedelta(days=180), 1)
    assert retention.erase_expired(world.session, NOON + timedelta(days=180)) == 1


def test_the_shortest_of_several_promises_holds(world, answered):
    choose(world, NOON + timedelta(days=1), contact=40)
    choose(world, NOON + timedelta(days=2), contact=90)
    choose(world, NOON + timedelta(days=3), contact=365)
    assert retention.erase_expired(world.session, NOON + timedelta(days=39)) == 0
    assert retention.erase_expired(world.session, NOON + timedelta(days=40)) == 1


def test_a_longer_period_holds_for_what_is_published_after(world):
    before = NOON - timedelta(days=300)
    choose(world, before, contact=365)
    found = factories.consultation(world)
    factories.submission(world, found, "一条意见", email="a@example.com")
    found.results_published_at = NOON
    world.session.flush()
    assert found.first_published_at > before
    assert retention.erase_expired(world.session, NOON + timedelta(days=364)) == 0
    assert retention.erase_expired(world.session, NOON + timedelta(days=365)) == 1
    assert world.session.scalars(select(Respondent.contact_sealed)).all() == [""]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_nobody_else_may_set_them(world, role):
    with pytest.raises(NotAllowed):
        retention_periods.keep(world.session, Actor(None, "x", role, 1), Periods(30), NOON)
