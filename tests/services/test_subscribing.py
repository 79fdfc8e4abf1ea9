"""Being told by mail: nobody without confirming, nobody twice, and nothing stays of who left."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from portal.access import Role
from portal.errors import NotThere, NotValid
from portal.models import Job, OutgoingEmail, Subscription
from portal.rules import subjects
from portal.services import happenings, jobs, outbox, results, subscribing, windows
from portal.services.subscribing import Topic
from tests import factories
from tests.factories import NOON

URL = "https://portal.example.gov.cn"
EARLY = NOON - timedelta(days=20)


def ask(world, email="reader@example.com", topic=None, at=EARLY):
    subscribing.ask(world.session, world.seal, email, topic or Topic(), at, URL)
    world.session.flush()
    return world.session.scalar(select(Subscription).order_by(Subscription.id.desc()).limit(1))


def subscribed(world, email="reader@example.com", topic=None, at=EARLY):
    found = ask(world, email, topic, at)
    subscribing.confirm(world.session, found, at)
    return found


def letters(world):
    """Who is owed what, opened."""
    return [
        (world.seal.open(each.recipient_sealed, outbox.RECIPIENT), each.subject, world.seal.open(each.body_sealed, outbox.BODY))
        for each in world.session.scalars(select(OutgoingEmail).order_by(OutgoingEmail.id))
    ]  # fmt: skip


def told(world):
    return [(to, subject) for to, subject, _ in letters(world) if subject not in ("请确认订阅", "您已经订阅")]


def work(world, at=NOON):
    """Notices what happened and does the background work to its end; the steps it took."""
    happenings.notice(world.session, at, URL)
    steps = 0
    for job_id in jobs.due(world.session, at):
        while True:
            steps += 1
            kinds = {subscribing.JOB: subscribing.KIND}
            if not jobs.step(world.session, job_id, kinds, jobs.Setting(world.seal, URL, at), (None, {})):
                break
    return steps


def test_the_address_is_sealed_and_found_by_its_hash(world):
    found = ask(world, "Reader@Example.com")
    assert "example" not in found.address_sealed.lower() + found.address_trace
    ((to, subject, body),) = letters(world)
    assert (to, subject) == ("Reader@Example.com", "请确认订阅")
    assert f"{URL}/subscriptions/{found.id}/confirm/" in body
    ask(world, "reader@example.com ", at=EARLY + timedelta(hours=1))
    assert world.session.scalar(select(func.count()).select_from(Subscription)) == 1


@pytest.mark.parametrize(
    "email", ["", "x", "a@b", "a b@example.com", "x@example.com\r\nBcc: y@example.com", "a@" + "b" * 300]
)
def test_what_is_no_address_is_refused(world, email):
    with pytest.raises(NotValid) as refusal:
        ask(world, email)
    assert refusal.value.fault == "email"
    assert letters(world) == []


def test_who_did_not_confirm_is_told_nothing(world):
    ask(world)
    factories.consultation(world)
    work(world)
    assert told(world) == []


def test_each_is_told_once_of_what_they_asked_for(world):
    subject = subjects.SUBJECTS[5]
    subscribed(world, "all@example.com")
    subscribed(world, "bureau@example.com", Topic(bureau=world.bureau))
    subscribed(world, "subject@example.com", Topic(subject=subject))
    subscribed(world, "other@example.com", Topic(subject=subjects.SUBJECTS[6]))
    elsewhere = factories.world(world.session, world.seal, "示例市教育局", "jyj")
    subscribed(world, "elsewhere@example.com", Topic(bureau=elsewhere.bureau))
    # two topics, one event: one letter
    subscribed(world, "all@example.com", Topic(bureau=world.bureau))
    found = factories.consultation(world)
    found.subject = subject
    world.session.flush()
    work(world)
    assert sorted(to for to, _ in told(world)) == ["all@example.com", "bureau@example.com", "subject@example.com"]
    work(world)
    work(world, NOON + timedelta(days=1))
    assert len(told(world)) == 3
    body = next(body for to, _, body in letters(world) if to == "bureau@example.com" and "提意见" in body)
    assert f"{URL}/consultations/hehu/" in body
    assert "/leave/" in body
    assert "示例市水利局新发布的征求意见稿" in body


def test_who_subscribed_afterwards_is_not_told(world):
    factories.consultation(world)
    subscribed(world, at=NOON)
    work(world)
    assert told(world) == []


def test_the_results_are_told_to_who_waits_for_them(world):
    found = factories.consultation(world)
    other = factories.consultation(world, "other")
    subscribed(world, "a@example.com", Topic(found), NOON)
    subscribed(world, "b@example.com", Topic(other), NOON)
    end = found.window.closes_at + timedelta(days=1)
    results.publish(world.session, world.seal, world.actor(Role.PUBLISHER), found, end, results.Plan())
    work(world, end)
    assert told(world) == [("a@example.com", "意见采纳情况：示例市河湖保洁工作方案")]


def test_a_withdrawal_is_told_to_who_waits_for_results(world):
    found = factories.consultation(world)
    subscribed(world, "a@example.com", Topic(found), NOON)
    windows.withdraw(
        world.session,
        world.actor(Role.PUBLISHER),
        found,
        "依据的上级文件已经废止，不再制定。",
        NOON + timedelta(hours=1),
    )
    work(world, NOON + timedelta(hours=1))
    assert told(world) == [("a@example.com", "已撤回：示例市河湖保洁工作方案")]


def test_many_are_told_step_by_step_and_a_step_done_twice_tells_nobody_twice(world, monkeypatch):
    monkeypatch.setattr(subscribing, "_BATCH", 2)
    for number in range(5):
        subscribed(world, f"n{number}@example.com")
    factories.consultation(world)
    assert work(world) == 3
    assert sorted(to for to, _ in told(world)) == [f"n{number}@example.com" for number in range(5)]
    assert world.session.scalar(select(Job.done)) == 5


def test_asking_again_is_quiet_and_bounded(world):
    ask(world)
    ask(world, at=EARLY + timedelta(minutes=9))
    assert len(letters(world)) == 1
    ask(world, at=EARLY + timedelta(minutes=11))
    assert len(letters(world)) == 2
    for number in range(10):
        ask(world, topic=Topic(subject=subjects.SUBJECTS[number]))
    assert len(letters(world)) == 1 + subscribing.MOST_WAITING
    assert world.session.scalar(select(func.count()).select_from(Subscription)) == subscribing.MOST_WAITING


def test_who_is_subscribed_is_told_so_by_mail_only(world):
    subscribed(world)
    ask(world, at=EARLY + timedelta(hours=1))
    assert [subject for _, subject, _ in letters(world)] == ["请确认订阅", "您已经订阅"]


def test_links_fit_their_own_and_nothing_else(world):
    one, two = ask(world), ask(world, "other@example.com")
    confirm = subscribing.token(world.seal, one, "confirm")
    assert subscribing.opened(world.session, world.seal, one.id, confirm, "confirm", EARLY).id == one.id
    for found, given, purpose in (
        (two, confirm, "confirm"), (one, confirm, "leave"), (one, confirm[:-1], "confirm"), (one, "", "confirm"),
        (one, "é" * 40, "confirm"), (one, "x" * 9000, "leave"),
    ):  # fmt: skip
        with pytest.raises(NotThere):
            subscribing.opened(world.session, world.seal, found.id, given, purpose, EARLY)
    with pytest.raises(NotThere):
        subscribing.opened(world.session, world.seal, 999, confirm, "confirm", EARLY)
    with pytest.raises(NotThere):
        subscribing.opened(world.session, world.seal, one.id, confirm, "confirm", EARLY + timedelta(days=2))


def test_nothing_stays_of_who_left(world):
    found = subscribed(world)
    stays = subscribed(world, "other@example.com")
    factories.consultation(world)
    work(world)
    assert len(letters(world)) == 4
    subscribing.leave(world.session, found)
    world.session.expire_all()
    assert list(world.session.scalars(select(Subscription.id))) == [stays.id]
    assert {to for to, _, _ in letters(world)} == {"other@example.com"}


def test_what_nobody_confirmed_goes_and_so_does_who_waited_long_ago(world):
    found = factories.consultation(world)
    ask(world, "never@example.com", at=NOON)
    subscribed(world, "waits@example.com", Topic(found), NOON)
    subscribed(world, "stays@example.com", at=NOON)
    assert subscribing.remove_old(world.session, NOON + timedelta(days=1)) == 0
    assert subscribing.remove_old(world.session, NOON + timedelta(days=2)) == 1
    found.results_published_at = NOON + timedelta(days=40)
    world.session.flush()
    assert subscribing.remove_old(world.session, NOON + timedelta(days=219)) == 0
    assert subscribing.remove_old(world.session, NOON + timedelta(days=220)) == 1
    assert {to for to, _, _ in letters(world)} == {"stays@example.com"}
