"""Routing clauses to offices, with due dates and progress."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from portal.access import Role
from portal.errors import AlreadyDone, NotAllowed, NotThere, NotValid
from portal.services import responding, routing
from tests import factories
from tests.factories import NOON
from tests.services.test_responding import AFTER, published, respond

DUE = date(2026, 4, 20)


@pytest.fixture
def found(world):
    return factories.consultation(world)


def ward(world, found, citation):
    wards = routing.wards(world.session, found)
    return next(w for w in wards if (w.clause.citation if w.clause else "全文") == citation)


def route(world, found, wanted, role=Role.DRAFTER, shown=None):
    return routing.route(world.session, world.actor(role), found, wanted, AFTER, shown)


def test_what_waits_is_counted_clause_by_clause(world, found):
    first, _ = published(world, found, "一", "二", path=("二、", "（一）"))
    published(world, found, "全文", path=())
    respond(world, found, [first.number])
    held = ward(world, found, factories.clause(found, "二、", "（一）").citation)
    assert (held.comments, held.answered, held.open, held.first) == (2, 1, 1, 2)
    assert ward(world, found, "全文").comments == 1


def test_the_draft_itself_proposes_its_offices(world, found):
    published(world, found, "意见", path=("二、", "（一）"))
    published(world, found, "意见", path=("二、", "（一）", "1."))  # names none: takes the office of the clause above
    published(world, found, "意见", path=("三、", "（一）"))
    proposal = routing.proposal(routing.wards(world.session, found))
    names = {factories.clause(found, *path).id for path in (("二、", "（一）"), ("二、", "（一）", "1."))}
    assert {key: proposal[key] for key in proposal} == dict.fromkeys(names, "市水利局")


def test_progress_and_what_is_overdue(world, found):
    (comment,) = published(world, found, "意见")
    clause = factories.clause(found, "二、", "（一）")
    assert route(world, found, {clause.id: ("河湖科", DUE), 0: ("办公室", None)}) == 2
    assert route(world, found, {clause.id: ("河湖科", DUE)}) == 0  # nothing new

    def progress(today):
        offices = routing.offices(world.session, found)
        return routing.progress(routing.wards(world.session, found), offices, today)[0]

    assert (progress(DUE).office.name, progress(DUE).open, progress(DUE).overdue) == ("河湖科", 1, 0)
    assert progress(date(2026, 4, 21)).overdue == 1
    assert routing.overdue_count(world.session, found, date(2026, 4, 21)) == 1
    respond(world, found, [comment.number])
    assert progress(date(2026, 4, 21)).overdue == 0
    assert routing.overdue_count(world.session, found, date(2026, 4, 21)) == 0


class TestFromAnOlderPage:
    """Two drafters opened the form while nothing was routed; the first has saved."""

    @pytest.fixture
    def clauses(self, found):
        return [factories.clause(found, *path).id for path in (("二、", "（一）"), ("二、", "（二）"))]

    @pytest.fixture
    def opened(self, world, found, clauses):
        opened = {ward.clause_id: ward.standing for ward in routing.wards(world.session, found)}
        assert set(opened.values()) == {routing.NOBODY}
        assert route(world, found, opened | {clauses[0]: ("河湖科", DUE)}, shown=opened) == 1
        return opened

    def standing(self, world, found):
        return {w.clause_id: w.standing for w in routing.wards(world.session, found) if w.routing}

    def test_what_was_left_as_it_was_shown_is_left_as_it_stands(self, world, found, clauses, opened):
        assert route(world, found, opened | {clauses[1]: ("财务科", None)}, shown=opened) == 1
        assert self.standing(world, found) == {clauses[0]: ("河湖科", DUE), clauses[1]: ("财务科", None)}

    def test_a_clause_routed_otherwise_meanwhile_is_named_and_nothing_is_written(self, world, found, clauses, opened):
        citation = factories.clause(found, "二、", "（一）").citation
        with pytest.raises(AlreadyDone, match=f"{citation}.*刚刚已由他人改了分办"):
            route(
                world, found, opened | {clauses[0]: ("财务科", None), clauses[1]: ("财务科", None)}, shown=opened
            )  # fmt: skip
        assert self.standing(world, found) == {clauses[0]: ("河湖科", DUE)}

    def test_taking_back_what_somebody_else_moved_is_refused_too(self, world, found, clauses, opened):
        shown = opened | {clauses[0]: ("河湖科", DUE)}
        route(world, found, {clauses[0]: ("财务科", DUE)}, shown=shown)
        with pytest.raises(AlreadyDone):
            route(world, found, {clauses[0]: ("", None)}, shown=shown)

    def test_both_meaning_the_same_or_saving_twice_is_no_collision(self, world, found, clauses, opened):
        assert route(world, found, opened | {clauses[0]: (" 河湖科 ", DUE)}, shown=opened) == 0


def test_a_new_day_is_not_over_and_one_that_stood_may_be(world, found):
    def on(day, name="河湖科", at=AFTER):
        return routing.route(world.session, world.actor(Role.DRAFTER), found, {0: (name, day)}, at)

    today = date(2026, 4, 6)
    with pytest.raises(NotValid, match="全文的办理期限.*已经过去"):
        on(date(2026, 4, 5))
    assert on(today) == 1
    late = AFTER + timedelta(days=3)
    assert on(today, "财务科", late) == 1  # it stood there
    with pytest.raises(NotValid):
        on(date(2026, 4, 7), "财务科", late)
    # the day begins in Beijing, eight hours before it does in Greenwich
    with pytest.raises(NotValid):
        on(date(2026, 4, 8), at=datetime(2026, 4, 8, 16, 0, tzinfo=UTC))
    assert on(date(2026, 4, 8), at=datetime(2026, 4, 8, 15, 59, tzinfo=UTC)) == 1


def test_staff_are_attached_to_an_office(world, found):
    actor = world.actor(Role.DRAFTER)
    moderator = world.staff[Role.MODERATOR].id
    office = routing.keep_office(world.session, actor, found, "河湖科", [actor.account_id, moderator], NOON)
    assert [member.account_id for member in office.members] == [actor.account_id]
    assert routing.own_offices(world.session, actor, found) == {office.id}
    routing.keep_office(world.session, actor, found, "河湖科", [], NOON)
    assert routing.own_offices(world.session, actor, found) == set()


def test_an_office_goes_when_nothing_is_routed_to_it(world, found):
    actor = world.actor(Role.PUBLISHER)
    clause = factories.clause(found, "二、", "（一）")
    route(world, found, {clause.id: ("河湖科", None)})
    (office,) = routing.offices(world.session, found)
    with pytest.raises(NotValid, match="1个条款分给河湖科"):
        routing.remove_office(world.session, actor, found, office.id, NOON)
    route(world, found, {clause.id: ("", None)})
    routing.remove_office(world.session, actor, found, office.id, NOON)
    assert routing.offices(world.session, found) == []


def test_only_clauses_of_this_draft_by_those_who_may(world, found):
    with pytest.raises(NotThere):
        route(world, found, {999_999: ("河湖科", None)})
    with pytest.raises(NotAllowed):
        route(world, found, {0: ("河湖科", None)}, Role.MODERATOR)


def test_after_the_last_answer_the_next_clause_comes(world, found):
    (one,) = published(world, found, "一", path=("二、", "（一）"))
    (other,) = published(world, found, "二", path=("三、", "（一）"))
    (same,) = published(world, found, "三", path=("二、", "（一）"))
    respond(world, found, [one.number])
    assert responding.next_unanswered(world.session, found, one) == same.number
    respond(world, found, [same.number])
    assert responding.next_unanswered(world.session, found, same) == other.number
