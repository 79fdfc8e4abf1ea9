"""Six digits by e-mail: ten minutes, five tries, for one basket, kept as keyed hashes."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.errors import NotValid, TooMany
from portal.models import EmailCode, OutgoingEmail
from portal.services import commenting, email_codes
from portal.services.identity import Identity
from portal.services.outbox import BODY, RECIPIENT
from tests import factories
from tests.factories import NOON
from tests.services.test_commenting import put

ADDRESS = "lisi@example.com"
BASKET = "b" * 64
MINUTE = timedelta(minutes=1)


@pytest.fixture
def found(world):
    return factories.consultation(world, identity_needed="verified")


def send(world, found, at=NOON, address=ADDRESS, basket=BASKET):
    return email_codes.send(world.session, world.seal, found, address, basket, at)


def read(world):
    """The digits of the newest letter, as its reader sees them."""
    letter = world.session.scalars(select(OutgoingEmail).order_by(OutgoingEmail.id.desc())).first()
    assert letter.kind == "email_code"
    assert world.seal.open(letter.recipient_sealed, RECIPIENT) == ADDRESS
    return re.search(r"验证码：(\d{6})", world.seal.open(letter.body_sealed, BODY)).group(1)


def confirm(world, found, code, at=NOON, address=ADDRESS, basket=BASKET):
    return email_codes.confirm(world.session, world.seal, found.id, address, basket, code, at)


def test_the_right_code_confirms_and_nothing_readable_is_kept(world, found):
    send(world, found)
    code = read(world)
    assert confirm(world, found, f" {code[:3]} {code[3:]} ", NOON + 9 * MINUTE, "LISI@example.com ") is None
    kept = world.session.scalars(select(EmailCode)).one()
    assert code not in (kept.code_trace, kept.address_trace)
    assert email_codes.confirmed_at(world.session, world.seal, found.id, ADDRESS, BASKET, NOON + 20 * MINUTE)


def test_a_code_is_over_after_ten_minutes(world, found):
    send(world, found)
    assert "过期" in confirm(world, found, read(world), NOON + 10 * MINUTE).message


def test_five_wrong_tries_end_a_code(world, found):
    send(world, found)
    code = read(world)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    assert ["不对" in confirm(world, found, wrong).message for _ in range(5)] == [True] * 5
    assert "作废" in confirm(world, found, code).message
    with pytest.raises(NotValid, match="请先验证电子邮箱"):
        email_codes.confirmed_at(world.session, world.seal, found.id, ADDRESS, BASKET, NOON)


def test_the_right_code_may_be_pressed_as_often_as_another_field_is_at_fault(world, found):
    send(world, found)
    code = read(world)
    assert [confirm(world, found, code) for _ in range(7)] == [None] * 7
    assert world.session.scalars(select(EmailCode)).one().tries == 0


def test_a_confirmed_address_needs_no_code_for_an_hour(world, found):
    send(world, found)
    code = read(world)
    assert confirm(world, found, code) is None
    # the box is still filled from the page before, with the old code or with whatever stands in it
    assert confirm(world, found, code, NOON + 11 * MINUTE) is None
    assert confirm(world, found, "000", NOON + 59 * MINUTE) is None
    assert email_codes.confirmed(world.session, world.seal, found.id, ADDRESS, BASKET, NOON + 59 * MINUTE) == NOON
    assert email_codes.confirmed(world.session, world.seal, found.id, ADDRESS, BASKET, NOON + 60 * MINUTE) is None
    assert "过期" in confirm(world, found, code, NOON + 60 * MINUTE).message
    # for no other address and no other basket
    assert email_codes.confirmed(world.session, world.seal, found.id, "other@example.com", BASKET, NOON) is None
    assert email_codes.confirmed(world.session, world.seal, found.id, ADDRESS, "c" * 64, NOON) is None


@pytest.mark.parametrize("write", [lambda c: "".join(chr(ord(d) + 0xFEE0) for d in c), lambda c: f"{c[:3]}－{c[3:]}",
                                   "\u3000".join])  # fmt: skip
def test_a_code_is_read_however_it_was_typed(world, found, write):
    send(world, found)
    assert confirm(world, found, write(read(world))) is None


def test_where_no_code_was_sent_that_is_said(world, found):
    assert "还没有向这个邮箱发送过验证码" in confirm(world, found, "123456").message
    assert confirm(world, found, "123456", address=" ").fault == "email"
    send(world, found)
    assert "还没有向这个邮箱发送过验证码" in confirm(world, found, "123456", address="other@example.com").message
    assert "不对" in confirm(world, found, "x").message


def test_a_code_is_for_one_address_and_one_basket(world, found):
    send(world, found)
    code = read(world)
    assert confirm(world, found, code, address="other@example.com")
    assert confirm(world, found, code, basket="c" * 64)
    assert confirm(world, found, code) is None


def test_codes_are_not_sent_by_the_dozen(world, found):
    send(world, found)
    with pytest.raises(TooMany, match="刚刚发出"):
        send(world, found, NOON + timedelta(seconds=59))
    for minutes in range(1, 5):
        send(world, found, NOON + minutes * MINUTE)
    with pytest.raises(TooMany, match="一小时内"):
        send(world, found, NOON + 6 * MINUTE)
    with pytest.raises(TooMany, match="一小时内"):  # another address from the same basket
        send(world, found, NOON + 6 * MINUTE, "other@example.com")
    send(world, found, NOON + 61 * MINUTE)


@pytest.mark.parametrize("address", ["", "lisi", "lisi@example.com\nBcc: x@example.com"])
def test_no_letter_goes_to_a_bad_address(world, found, address):
    with pytest.raises(NotValid) as refused:
        send(world, found, address=address)
    assert refused.value.fault == "email"


def test_without_a_confirmed_address_nothing_is_sent(world, found):
    from portal.services import baskets

    put(world, found)
    sender = Identity(name="李四", email=ADDRESS, has_read_notice=True)
    trace = baskets.trace(world.seal, "CODE-CODE-CODE")

    def submit():
        return commenting.submit(world.session, world.seal, found.slug, code="CODE-CODE-CODE", identity=sender, at=NOON)

    with pytest.raises(NotValid) as refused:
        submit()
    assert refused.value.fault == "email_code"
    send(world, found, basket=trace)
    assert confirm(world, found, read(world), basket=trace) is None
    receipt = submit()
    from portal.models import Submission

    kept = world.session.scalars(select(Submission).where(Submission.receipt_number == receipt.number)).one()
    assert kept.respondent.verified_at == NOON
