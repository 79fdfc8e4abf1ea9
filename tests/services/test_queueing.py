"""The queue: its order, its counts, its pages, and who has what in hand."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from portal.access import Role
from portal.errors import AlreadyDone, NotAllowed
from portal.models import Comment, DeskTally
from portal.rules.urgency import Flag, Urgency, due_at
from portal.rules.words import CommentState, RespondentKind, Stance
from portal.services import amending, claiming, colleagues, holidays, moderation, queueing, sifting
from portal.services.queueing import Place
from portal.services.sifting import Sieve
from tests import factories
from tests.factories import NOON

ADVERT = "专业代写论文，加微信lunwen888"


@pytest.fixture
def found(world):
    return factories.consultation(world)


def decide(world, comment, to, at=NOON, **words):
    return moderation.decide(
        world.session, world.actor(Role.MODERATOR), comment, CommentState(to), revision=comment.revision, at=at, **words
    )


def page(world, among, sieve=None, at=NOON, after=None, limit=20, actor=None):
    place = Place.read(after) if after else None
    return queueing.page(world.session, actor or world.actor(Role.MODERATOR), among, sieve or Sieve(), at, place, limit)


def numbers(queue):
    return [entry.comment.number for entry in queue.entries]


def test_it_is_in_the_order_they_came(world, found):
    for n in range(25):
        factories.submission(world, found, f"第{n}条", at=NOON - timedelta(minutes=100 - n))
    first = page(world, [found])
    rest = page(world, [found], after=first.after)
    assert first.count == 25
    assert numbers(first) + numbers(rest) == list(range(1, 26))
    assert rest.after is None


def test_appeals_come_first_then_what_looks_like_an_advertisement(world, found):
    (withheld,) = factories.submission(world, found, "被误判的意见", at=NOON - timedelta(minutes=1))
    factories.submission(world, found, "普通意见", at=NOON - timedelta(hours=9))
    (advert,) = factories.submission(world, found, ADVERT, at=NOON - timedelta(minutes=5))
    decide(world, withheld, "withheld", reason_code="P4", note="与草案无关")
    amending.appeal(world.session, withheld.submission, withheld.number, "说的就是草案", NOON)
    queue = page(world, [found])
    assert numbers(queue) == [withheld.number, advert.number, 2]
    assert [entry.comment.urgency for entry in queue.entries] == [Urgency.APPEAL, Urgency.SUSPICIOUS, Urgency.USUAL]
    assert advert.flags & Flag.ADVERT


def test_what_ends_soon_comes_first_across_consultations(world, found):
    later = factories.consultation(world, "later", closes_on=(NOON + timedelta(days=60)).date())
    factories.submission(world, later, "早来的", at=NOON - timedelta(hours=9))
    factories.submission(world, found, "晚来的", at=NOON - timedelta(hours=1))
    assert [e.comment.body for e in page(world, [found, later]).entries] == ["早来的", "晚来的"]
    near = found.window.closes_at - timedelta(hours=5)
    assert [e.comment.body for e in page(world, [found, later], at=near).entries] == ["晚来的", "早来的"]


def test_pages_across_consultations_neither_repeat_nor_skip(world, found):
    chance = random.Random(3)
    other = factories.consultation(world, "other", closes_on=(NOON + timedelta(days=60)).date())
    for n in range(40):
        body = ADVERT if chance.random() < 0.2 else f"第{n}条"
        factories.submission(
            world, chance.choice([found, other]), body, at=NOON - timedelta(minutes=chance.randint(0, 20))
        )
    for at in (NOON, found.window.closes_at - timedelta(hours=5)):
        seen, after = [], None
        while True:
            queue = page(world, [found, other], at=at, after=after, limit=7)
            seen += [entry.comment.id for entry in queue.entries]
            if (after := queue.after) is None:
                break
        assert len(seen) == len(set(seen)) == 40 == queue.count


def test_counts_are_those_of_counting(world, found):
    chance = random.Random(11)
    made = []
    for n in range(60):
        kind = chance.choice(["citizen", "enterprise"])
        made += factories.submission(
            world, found, chance.choice([f"第{n}条", ADVERT, "电话13800001234，请回复。"]), kind=kind,
            organisation="示例企业" if kind == "enterprise" else "", path=chance.choice([("二、", "（一）"), ("三、", "（一）"), ()]),
            stance=chance.choice([s.value for s in Stance]), at=NOON - timedelta(minutes=n),
        )  # fmt: skip
    for comment in chance.sample(made, 30):
        to = chance.choice(["published", "withheld"])
        decide(world, comment, to, reason_code="P4", note="无关", masks=moderation.suggested_masks(comment))
    for comment in [c for c in made if c.state is CommentState.WITHHELD][:3]:
        amending.appeal(world.session, comment.submission, comment.number, "为什么", NOON)
    world.session.flush()
    sieves = [Sieve(), Sieve(state=CommentState.PUBLISHED), Sieve(mark="appeal"), Sieve(mark="advert"),
              Sieve(mark="personal", kind=RespondentKind.CITIZEN), Sieve(place=0), Sieve(place=made[0].clause_id or 0),
              *(Sieve(stance=stance, kind=RespondentKind.ENTERPRISE) for stance in Stance),
              *(Sieve(state=state) for state in CommentState)]  # fmt: skip
    for sieve in sieves:
        truth = world.session.scalar(
            select(func.count()).where(Comment.consultation_id == found.id, *sieve.conditions())
        )
        assert sum(sifting.counts(world.session, [found.id], sieve).values()) == truth, sieve
        queue = page(world, [found], sieve, limit=100)
        assert (queue.count, len(queue.entries)) == (truth, truth), sieve
    facets = {facet.name: dict(facet.values) for facet in sifting.facets(world.session, [found.id], Sieve())}
    assert sum(facets["stance"].values()) == page(world, [found]).count
    assert facets["mark"]["appeal"] == 3


def test_the_tally_follows_a_comment_through_every_state(world, found):
    (comment,) = factories.submission(world, found, "意见")
    for to in ("published", "withheld", "pending", "published"):
        decide(world, comment, to, reason_code="P4", note="无关")
    rows = world.session.execute(
        select(DeskTally.state, DeskTally.urgency, DeskTally.count).where(DeskTally.count != 0)
    ).all()
    assert rows == [("published", 9, 1)]


def test_a_place_of_an_address_is_read_or_nothing():
    place = Place(3, 1, NOON, 17, 4)
    assert Place.read(place.text) == place
    for text in ("", "3", "a.b.c.d.e", "3.1.1.1", "99.1.1.1.1", "3.1.1.99999999999.1", "3.1.²²².1.1"):
        assert Place.read(text) is None


def test_the_clock_counts_working_days(world):
    calendar = holidays.calendar(world.session)
    # a Thursday in Beijing: Friday and, over the weekend, Monday
    assert due_at(NOON, 2, calendar).isoformat() == "2026-03-17T00:00:00+08:00"


# ── claims ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def colleague(world):
    return factories.colleague(world)


def test_two_never_take_the_same_one(world, found, colleague):
    for n in range(2):
        factories.submission(world, found, f"第{n}条", at=NOON - timedelta(minutes=10 - n))
    mine = world.actor(Role.MODERATOR)
    first = queueing.following(world.session, mine, [found], Sieve(), NOON, None)
    claiming.take(world.session, mine, first, NOON)
    second = queueing.following(world.session, colleague, [found], Sieve(), NOON, None)
    assert (first.number, second.number) == (1, 2)
    assert claiming.take(world.session, colleague, first, NOON).account_id == mine.account_id
    with pytest.raises(AlreadyDone, match="正由示例审核员办理"):
        moderation.decide(world.session, colleague, first, CommentState.PUBLISHED, revision=0, at=NOON)
    later = NOON + claiming.LASTS
    assert queueing.following(world.session, colleague, [found], Sieve(), later, None).number == 1
    claiming.take(world.session, colleague, first, NOON, is_taken_over=True)
    moderation.decide(world.session, colleague, first, CommentState.PUBLISHED, revision=0, at=NOON)
    assert claiming.holder(world.session, first.id, NOON) is None


def test_taking_another_lets_the_first_go(world, found):
    comments = [factories.submission(world, found, f"第{n}条")[0] for n in range(2)]
    for comment in comments:
        claiming.take(world.session, world.actor(Role.MODERATOR), comment, NOON)
    assert [claiming.holder(world.session, c.id, NOON) is not None for c in comments] == [False, True]


def test_a_stranger_takes_nothing(world, found):
    (comment,) = factories.submission(world, found, "意见")
    other = factories.world(world.session, world.seal, "示例市教育局", "jyj")
    with pytest.raises(NotAllowed):
        claiming.take(world.session, other.actor(Role.MODERATOR), comment, NOON)
    with pytest.raises(NotAllowed):
        page(world, [found], actor=other.actor(Role.MODERATOR))


# ── colleagues ────────────────────────────────────────────────────────────────────────────────────────


def test_asking_a_colleague(world, found, colleague):
    (comment,) = factories.submission(world, found, "这条算不算信访？")
    mine = world.actor(Role.MODERATOR)
    ask = {"revision": 0, "at": NOON, "note": "请看是否转办"}
    for login in ("", "moderator", "publisher", "nobody"):
        with pytest.raises(Exception, match="请选择"):
            colleagues.ask(world.session, mine, comment, login, **ask)
    with pytest.raises(Exception, match="写一句"):
        colleagues.ask(world.session, mine, comment, "colleague", **(ask | {"note": " "}))
    colleagues.ask(world.session, mine, comment, "colleague", **ask)
    assert colleagues.waiting_for(world.session, colleague) == 1
    assert numbers(page(world, [found], Sieve(assignee=colleague.account_id), actor=colleague)) == [1]
    moderation.decide(world.session, colleague, comment, CommentState.PUBLISHED, revision=0, at=NOON)
    assert colleagues.waiting_for(world.session, colleague) == 0
    assert colleagues.questions(world.session, comment.id)[0].ended_at == NOON
