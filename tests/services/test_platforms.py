"""What another platform hands over goes by the rules of the pages, and in once."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from portal.access import Role
from portal.errors import AlreadyDone, Faults, NotAllowed, NotThere, NotValid, WindowNotOpen
from portal.models import Comment, Consultation, OutgoingEmail, Submission
from portal.rules.receipts import digest
from portal.rules.urgency import Flag
from portal.rules.words import Channel, CommentState, IdentityNeed
from portal.services import api_keys, platforms, receipts, tracking
from portal.services.baskets import Remark
from portal.services.identity import Identity
from tests import factories
from tests.factories import NOON


@pytest.fixture
def open_one(world):
    return factories.consultation(world)


@pytest.fixture
def key(world, open_one):
    made, _ = api_keys.make_for_platform(
        world.session, world.seal, world.actor(Role.ADMINISTRATOR), bureau_id=world.bureau.id, name="客户端",
        scopes=["submissions:write"], per_minute=None, at=NOON,
    )  # fmt: skip
    return made


def asked(*comments, identity=None, name="", digest="d", version=None):
    handed = [platforms.Handed(label, Remark("change", body)) for label, body in comments]
    return platforms.Request(identity or Identity(), handed, digest, name, version)


def submit(world, key, request, at=NOON, slug="hehu"):
    return platforms.submit(world.session, world.seal, key, slug, request, at, "https://example.gov.cn")


def count(world):
    return world.session.scalar(select(func.count()).select_from(Submission))


def test_it_is_received_as_what_the_pages_send(world, key, open_one):
    identity = Identity(email="reader@example.com", name="李四", has_read_notice=True)
    receipt = submit(world, key, asked(("2-1", "请联系13912345678。"), (None, "总体赞成。"), identity=identity))
    sent = world.session.scalar(select(Submission).where(Submission.receipt_number == receipt.number))
    assert sent.channel is Channel.PLATFORM
    assert sent.received_at == NOON
    first, second = sent.comments
    assert (first.clause.label, second.clause) == ("2-1", None)
    assert first.state is CommentState.PENDING
    assert first.flags & Flag.PERSONAL
    assert "李四" not in sent.respondent.contact_sealed
    assert digest(receipts.payload_of(world.seal, sent)) == receipt.digest
    assert tracking.tracked(world.session, world.seal, receipt.number, receipt.secret).id == sent.id
    letter = world.session.scalar(select(OutgoingEmail))
    assert letter.kind == "receipt"
    assert platforms.counts(world.session) == {key.id: 1}


def test_the_same_request_again_is_answered_with_the_same_receipt(world, key):
    request = asked(("2-1", "一条意见。"), name="a-1", digest="one")
    first = submit(world, key, request)
    again = submit(world, key, request, NOON + timedelta(days=60))
    assert (again.number, again.secret, again.digest) == (first.number, first.secret, first.digest)
    assert not again.is_new
    assert count(world) == 1
    with pytest.raises(NotValid) as refusal:
        submit(world, key, asked(("2-1", "另一条。"), name="a-1", digest="two"))
    assert refusal.value.fault == "Idempotency-Key"
    assert submit(world, key, asked(("2-1", "一条意见。"))).number != first.number
    assert count(world) == 2


def test_the_name_of_a_request_is_the_platforms_own(world, key):
    other, _ = api_keys.make_for_platform(
        world.session, world.seal, world.actor(Role.ADMINISTRATOR), bureau_id=world.bureau.id, name="另一个",
        scopes=["submissions:write"], per_minute=None, at=NOON,
    )  # fmt: skip
    one = submit(world, key, asked(("2-1", "一条意见。"), name="a-1"))
    two = submit(world, other, asked(("2-1", "一条意见。"), name="a-1"))
    assert one.number != two.number
    assert one.secret != two.secret


def test_of_equal_requests_at_once_one_is_received(database, world, key):
    world.session.commit()
    numbers, faults, start = [], [], threading.Barrier(4)

    def send():
        start.wait()
        try:
            with database.transaction() as session:
                request = asked(("2-1", "一条意见。"), name="a-1")
                numbers.append(platforms.submit(session, world.seal, key, "hehu", request, NOON).number)
        except Exception as fault:
            faults.append(fault)

    senders = [threading.Thread(target=send) for _ in range(4)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert faults == []
    assert len(set(numbers)) == 1
    assert count(world) == 1


@pytest.mark.parametrize("at", [timedelta(days=-10, hours=-13), timedelta(days=20, hours=12)])
def test_outside_the_window_nothing_is_received(world, key, at):
    with pytest.raises((WindowNotOpen, NotThere)):
        submit(world, key, asked(("2-1", "一条意见。")), NOON + at)
    assert count(world) == 0


def test_the_last_second_is_in_time(world, key, open_one):
    assert submit(world, key, asked(("2-1", "一条意见。")), open_one.window.closes_at - timedelta(seconds=1))
    with pytest.raises(WindowNotOpen):
        submit(world, key, asked(("2-1", "一条意见。")), open_one.window.closes_at)


def test_every_fault_is_named_with_its_place(world, key):
    request = asked(("2-1", ""), ("9-9", "没有这一条。"), (None, "字" * 5001), identity=Identity(kind="enterprise"))
    with pytest.raises(Faults) as refusal:
        submit(world, key, request)
    assert [fault.fault for fault in refusal.value.faults] == [
        "respondent/organisation", "comments/0/body", "comments/1/clause", "comments/2/body",
    ]  # fmt: skip
    assert count(world) == 0


def test_what_the_consultation_asks_of_people_holds(world, key, open_one):
    open_one.identity_needed = IdentityNeed.CONTACT
    world.session.flush()
    with pytest.raises(Faults) as refusal:
        submit(world, key, asked(("2-1", "一条意见。")))
    assert refusal.value.faults[0].fault == "respondent/phone"
    open_one.identity_needed = IdentityNeed.VERIFIED
    world.session.flush()
    with pytest.raises(NotAllowed):
        submit(world, key, asked(("2-1", "一条意见。")))


def test_a_version_that_is_no_longer_read_is_refused(world, key):
    assert submit(world, key, asked(("2-1", "一条意见。"), version=1))
    with pytest.raises(AlreadyDone):
        submit(world, key, asked(("2-1", "一条意见。"), version=2))


def test_a_key_is_for_its_own_bureau(world, key):
    elsewhere = factories.world(world.session, world.seal, "示例市教育局", "jyj")
    factories.consultation(elsewhere, "xuexiao")
    with pytest.raises(NotAllowed):
        submit(world, key, asked(("2-1", "一条意见。")), slug="xuexiao")
    with pytest.raises(NotThere):
        submit(world, key, asked(("2-1", "一条意见。")), slug="none")


def test_the_totals_balance(world, key, open_one):
    submit(world, key, asked(("2-1", "一条意见。"), ("2-2", "两条意见。")))
    found = world.session.get_one(Consultation, open_one.id, populate_existing=True)
    assert (found.submissions_numbered, found.comments_numbered) == (1, 2)
    assert world.session.scalar(select(func.count()).select_from(Comment)) == 2
