"""Two servers and two workers, each a process of its own, on one PostgreSQL and one Redis: they act as one site."""

from __future__ import annotations

import re
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from portal.access import Role
from portal.db import Database
from portal.models import Account, AuditEvent, Bureau, Comment, Consultation, ModerationDecision
from portal.rules import window
from portal.sealing import Seal
from portal.services import scheduling
from tests import factories
from tests.crash.site import KEY, Site, open_consultation
from tests.crash.visitors import Visitor
from tests.redis import RedisServer

DESK = "/office/consultations/hehu/moderation"


@pytest.fixture
def two(database_url, tmp_path):
    """The site with its second worker, and its database."""
    database, redis = Database(database_url), RedisServer()
    open_consultation(database)
    with Site(database_url, tmp_path / "site", PORTAL_REDIS_URL=redis.url) as site:
        site.start("worker", called="second worker")
        yield site, database
    redis.remove()
    database.engine.dispose()


def sign_in(port, login):
    visitor = Visitor(port)
    _, _, page = visitor.ask("GET", "/office/sign-in")
    visitor.token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page).group(1)
    status, _, _ = visitor.ask("POST", "/office/sign-in", login=login, password=factories.PASSWORD)
    assert status == 302
    return visitor


def at_other(visitor, site):
    """The same browser, sent to the other server by the balancer."""
    there = Visitor(next(port for port in site.ports if port != visitor.port), token=visitor.token)
    there.cookies = visitor.cookies
    return there


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_sessions_limits_schedules_and_locks_hold_across_them(two):
    site, database = two

    # sessions: signed in at one, known at the other, and out at both
    here = sign_in(site.ports[0], "moderator")
    there = at_other(here, site)
    assert there.ask("GET", "/office/")[0] == 200
    there.ask("POST", "/office/sign-out", x="")
    assert here.ask("GET", "/office/")[0] == 302

    # a basket begun at one is sent at the other, once, though both buttons are pressed together
    visitor = Visitor(site.ports[0])
    visitor.arrive()
    visitor.ask("POST", "/consultations/hehu/clauses/2-1", stance="change", body="建议每日巡查两次。")
    answers = []
    pair = [visitor, at_other(visitor, site)]
    threads = [threading.Thread(target=lambda v=v: answers.append(v.send())) for v in pair]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [status for status, _, _ in answers] == [302, 302]
    assert len({place for _, place, _ in answers}) == 1

    # limits: what one visitor may try is counted by both together
    guesser = Visitor(site.ports[0])
    guesser.arrive()
    tried = [
        v.ask("POST", "/receipts/", number="26-01-00001-8", secret="AAAA-AAAA-AAAA")[0]
        for _ in range(13)
        for v in (guesser, at_other(guesser, site))
    ]
    assert set(tried) == {422, 429}
    assert 20 <= tried.count(422) <= 22

    # locks: two moderators, one comment, two servers: one decides, the other is told
    first, second = sign_in(site.ports[0], "moderator"), sign_in(site.ports[1], "colleague")
    outcomes = []

    def decide(who, to):
        outcomes.append(who.ask("POST", f"{DESK}/1", to=to, revision="0", reason_code="P4", note="与草案无关。")[0])

    threads = [
        threading.Thread(target=decide, args=pair) for pair in ((first, "published"), (second, "withheld"))
    ]  # fmt: skip
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [302, 409]

    # schedules: two workers, one publication, at its time
    when = datetime.now(UTC) + timedelta(seconds=4)
    with database.writer() as session:
        publisher = session.scalars(select(Account).where(Account.login == Role.PUBLISHER.value)).one()
        world = factories.World(session, Seal(KEY), session.scalars(select(Bureau)).one(), {Role.PUBLISHER: publisher})
        today = window.day_in_beijing(when)
        found = factories.prepared(world, slug="later", opens_on=today, closes_on=today + timedelta(days=30))
        scheduling.plan(session, publisher.actor, found, when, datetime.now(UTC))
        session.commit()
    for port in site.ports:
        assert Visitor(port).ask("GET", "/consultations/later/")[0] == 404
    until = time.monotonic() + 60
    while {Visitor(port).ask("GET", "/consultations/later/")[0] for port in site.ports} != {200}:
        assert time.monotonic() < until
        time.sleep(0.3)
    with database.reader() as session:
        published = session.scalar(
            select(func.count()).select_from(AuditEvent).where(AuditEvent.act == "consultation.publish")
        )
        assert published == 2  # the one that was open, and this one once
        instant = session.scalar(select(Consultation.first_published_at).where(Consultation.slug == "later"))
        assert timedelta(0) <= instant - when < timedelta(seconds=20)
        assert session.scalar(select(func.count()).select_from(Comment)) == 1
        assert session.scalar(select(func.count()).select_from(ModerationDecision)) == 1
