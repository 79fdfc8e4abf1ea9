"""Agreeing with a comment: once each, withdrawable, unseen below the threshold, hard to stuff."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.access import Role
from portal.errors import NotThere, TooMany, WindowNotOpen
from portal.models import Endorsement
from portal.rules.words import CommentOrder, CommentState
from portal.services import endorsing, moderation, reading
from portal.services.endorsing import Visitor
from tests import factories
from tests.factories import NOON


@pytest.fixture
def found(world):
    return factories.consultation(world)


@pytest.fixture
def published(world, found):
    comments = factories.submission(world, found, "巡查太少。", "经费太少。", "人手太少。")
    for comment in comments:
        moderation.decide(
            world.session, world.actor(Role.MODERATOR), comment, CommentState.PUBLISHED, revision=0, at=NOON
        )
    return comments


def visitor(n, network=None):
    return Visitor(f"mark-{n}", network or f"10.0.{n}.0/24")


def endorse(world, found, comment, who, at=NOON, act=endorsing.endorse):
    return act(world.session, world.seal, found, comment.number, who, at, 5)


def test_once_each_and_nothing_is_shown_below_the_threshold(world, found, published):
    comment = published[0]
    for n in range(4):
        endorse(world, found, comment, visitor(n))
        endorse(world, found, comment, visitor(n))
    assert comment.concurrence == 0
    endorse(world, found, comment, visitor(4))
    assert comment.concurrence == 5
    endorse(world, found, comment, visitor(4), act=endorsing.withdraw)
    assert comment.concurrence == 0
    endorse(world, found, comment, visitor(4))
    assert comment.concurrence == 5
    assert len(world.session.scalars(select(Endorsement)).all()) == 5


def test_who_it_was_is_not_kept(world, found, published):
    endorse(world, found, published[0], visitor(1))
    kept = world.session.scalars(select(Endorsement)).one()
    assert "mark-1" not in kept.visitor_trace
    assert "10.0" not in kept.network_trace
    other = factories.consultation(world, "other")
    assert endorsing.visitor_trace(world.seal, other.id, visitor(1)) != kept.visitor_trace


def test_one_room_cannot_lift_a_comment_but_is_not_shut_out(world, found, published):
    comment = published[0]
    for n in range(60):
        endorse(world, found, comment, visitor(n, "10.9.9.0/24"), NOON + timedelta(seconds=n))
    assert comment.concurrence == 20
    assert len(world.session.scalars(select(Endorsement)).all()) == 60


def test_faster_than_anybody_reads(world, found, published, monkeypatch):
    monkeypatch.setattr(endorsing, "VISITOR_LIMIT", 2)
    for comment in published[:2]:
        endorse(world, found, comment, visitor(1))
    with pytest.raises(TooMany):
        endorse(world, found, published[2], visitor(1))
    assert endorse(world, found, published[2], visitor(1), NOON + endorsing.VISITOR_SPAN)


def test_a_network_has_its_limit_too(world, found, published, monkeypatch):
    monkeypatch.setattr(endorsing, "NETWORK_LIMIT", 3)
    for n in range(3):
        endorse(world, found, published[0], visitor(n, "10.1.1.0/24"))
    with pytest.raises(TooMany):
        endorse(world, found, published[0], visitor(9, "10.1.1.0/24"))
    assert endorse(world, found, published[0], visitor(9, "10.1.2.0/24"))


@pytest.mark.parametrize("act", [endorsing.endorse, endorsing.withdraw])
def test_only_while_the_window_is_open(world, found, published, act):
    with pytest.raises(WindowNotOpen):
        endorse(world, found, published[0], visitor(1), found.window.closes_at, act)


def test_only_what_is_public(world, found):
    waiting = factories.submission(world, found, "还没有审核。")[0]
    with pytest.raises(NotThere):
        endorse(world, found, waiting, visitor(1))


def test_the_most_concurring_come_first_and_pages_neither_repeat_nor_skip(world, found, published):
    for n in range(5):
        endorse(world, found, published[1], visitor(n))
    place = published[0].clause_id

    def read(before=None, order=CommentOrder.CONCURRING):
        page = reading.published_comments(
            world.session, found, place, reading.Cursor.read(before or ""), 1, order=order
        )
        return page.comments, page.before

    seen, before = read()
    assert seen == [published[1]]
    late = factories.submission(world, found, "刚到的一条。")[0]
    moderation.decide(world.session, world.actor(Role.MODERATOR), late, CommentState.PUBLISHED, revision=0, at=NOON)
    rest = []
    while before:
        comments, before = read(before)
        rest += comments
    assert rest == [late, published[2], published[0]]
    assert read(order=CommentOrder.NEWEST)[0] == [late]


def test_turning_pages_while_new_comments_come(world, found, published):
    place = published[0].clause_id
    first = reading.published_comments(world.session, found, place, None, 2)
    late = factories.submission(world, found, "刚到的一条。")[0]
    moderation.decide(world.session, world.actor(Role.MODERATOR), late, CommentState.PUBLISHED, revision=0, at=NOON)
    second = reading.published_comments(world.session, found, place, reading.Cursor.read(first.before), 2)
    assert [c.number for c in first.comments + second.comments] == [3, 2, 1]


@pytest.mark.parametrize("text", ["", "x", "-", "1-2-3", "-1", "9" * 30, "１", "3;"])
def test_rubbish_is_no_cursor(text):
    assert reading.Cursor.read(text) is None


def test_mine_are_marked(world, found, published):
    endorse(world, found, published[1], visitor(1))
    page = reading.published_comments(
        world.session, found, published[0].clause_id,
        visitor_trace=endorsing.visitor_trace(world.seal, found.id, visitor(1)),
    )  # fmt: skip
    assert page.mine == {published[1].number}
