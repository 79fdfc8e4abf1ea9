"""Filling a basket, sending it once, and the receipt."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event, func, select

from portal.errors import NotThere, NotValid, Refusal, WindowNotOpen
from portal.models import Basket, BasketItem, Comment, OutgoingEmail, Submission
from portal.rules import receipts
from portal.rules.words import IdentityNeed
from portal.services import baskets, commenting, identity, outbox, tracking
from portal.services import receipts as receipts_of
from portal.services.baskets import Remark
from portal.services.identity import Identity
from tests import factories
from tests.factories import NOON

ENTERPRISE = Identity(
    kind="enterprise", organisation="示例市恒川新材料有限公司", uscc="91131000MA0000007U", name="周明", phone="0999-5550123",
    has_read_notice=True,
)  # fmt: skip


@pytest.fixture
def found(world):
    return factories.consultation(world)


def put(world, found, body="建议明确时限。", path=("二、", "（一）"), code="CODE-CODE-CODE", at=NOON, **words):
    clause = factories.clause(found, *path) if path else None
    return baskets.add_item(
        world.session, world.seal, found, clause, Remark(words.pop("stance", "change"), body, **words), code=code, at=at
    )


def send(world, found, identity=None, code="CODE-CODE-CODE", at=NOON):
    identity = identity or Identity()
    return commenting.submit(world.session, world.seal, found.slug, code=code, identity=identity, at=at)


def test_several_clauses_go_in_one_submission(world, found):
    put(world, found)
    put(world, found, "经费太少。", ("二、", "（二）"))
    put(world, found, "总体赞成。", None, stance="support")
    receipt = send(world, found, ENTERPRISE)
    submission = world.session.scalars(select(Submission)).one()
    assert submission.receipt_number == receipt.number
    assert [c.number for c in submission.comments] == [1, 2, 3]
    assert [c.clause.citation if c.clause else "全文" for c in submission.comments] == [
        "第二部分第（一）条",
        "第二部分第（二）条",
        "全文",
    ]
    assert submission.respondent.shown_as == "示例市恒川新材料有限公司"
    assert world.session.scalar(select(func.count(Basket.id))) == 0


def test_a_double_click_makes_one_submission(world, found):
    put(world, found)
    first = send(world, found)
    second = send(world, found)
    assert (first.number, first.secret, first.digest) == (second.number, second.secret, second.digest)
    assert first.is_new
    assert not second.is_new
    assert world.session.scalar(select(func.count(Submission.id))) == 1


def test_the_digest_is_of_what_was_received(world, found):
    put(world, found, "一字不改")
    receipt = send(world, found)
    submission = world.session.scalars(select(Submission)).one()
    assert receipts.digest(receipts_of.payload_of(world.seal, submission)) == receipt.digest
    submission.comments[0].body = "一字已改"
    assert receipts.digest(receipts_of.payload_of(world.seal, submission)) != receipt.digest
    world.session.rollback()


def test_number_and_secret_together_open_the_receipt(world, found):
    put(world, found)
    receipt = send(world, found)
    number, secret = receipt.number, receipt.secret
    assert tracking.tracked(world.session, world.seal, number, secret) is not None
    assert tracking.tracked(world.session, world.seal, number.replace("-", ""), secret.lower().replace("-", " "))
    assert tracking.tracked(world.session, world.seal, number, "AAAA-AAAA-AAAA") is None
    assert tracking.tracked(world.session, world.seal, "26-01-00009-9", secret) is None


@pytest.mark.parametrize(
    ("step", "opens"),
    [(timedelta(microseconds=-1), False), (timedelta(0), True)],
)
def test_the_first_instant(world, found, step, opens):
    at = found.window.opens_at + step
    if opens:
        put(world, found, at=at)
        assert send(world, found, at=at).number
    else:
        with pytest.raises(WindowNotOpen, match="尚未开始，2026年3月2日0时起"):
            put(world, found, at=at)


def test_the_last_instant(world, found):
    put(world, found)
    with pytest.raises(WindowNotOpen, match="已于2026年4月1日24时截止"):
        send(world, found, at=found.window.closes_at)
    assert send(world, found, at=found.window.closes_at - timedelta(microseconds=1)).number


def test_a_refused_submission_leaves_the_basket_as_it_was(world, found):
    put(world, found)
    with pytest.raises(NotValid, match="单位名称"):
        send(world, found, Identity(kind="enterprise"))
    assert len(baskets.basket(world.session, world.seal, found.id, "code-code-code").items) == 1


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"organisation": ""}, "organisation"),
        ({"name": ""}, "name"),
        ({"phone": ""}, "phone"),
        ({"uscc": "91131000MA0000007V"}, "uscc"),
        ({"phone": "1381234567"}, "phone"),
        ({"email": "not an address"}, "email"),
        ({"has_read_notice": False}, "has_read_notice"),
        ({"kind": "robot"}, "kind"),
        ({"organisation": "长" * 201}, "organisation"),
    ],
)
def test_what_is_wrong_is_named(changes, fault):
    values = {name: getattr(ENTERPRISE, name) for name in Identity.__slots__} | changes
    with pytest.raises(NotValid) as refused:
        identity.checked(Identity(**values))
    assert refused.value.fault == fault


def test_a_citizen_need_say_nothing(world, found):
    put(world, found)
    send(world, found, Identity())
    respondent = world.session.scalars(select(Submission)).one().respondent
    assert respondent.shown_as == "公众"
    assert respondent.contact_sealed == ""


def test_a_name_is_public_only_by_consent_and_masked(world, found):
    put(world, found)
    send(world, found, Identity(name="王小明", is_name_public=True, has_read_notice=True))
    respondent = world.session.scalars(select(Submission)).one().respondent
    assert respondent.shown_as == "王**"
    assert "王小明" not in respondent.contact_sealed
    assert world.seal.open_fields(respondent.contact_sealed, commenting.CONTACT_CONTEXT) == {"name": "王小明"}


def test_the_receipt_is_owed_in_the_same_transaction(world, found):
    put(world, found)
    receipt = send(world, found, Identity(email="someone@example.com", has_read_notice=True))
    email = world.session.scalars(select(OutgoingEmail)).one()
    body = world.seal.open(email.body_sealed, outbox.BODY)
    assert receipt.number in body
    assert receipt.secret in body
    assert "建议明确时限。" in body
    assert receipt.secret not in email.body_sealed
    assert "example.com" not in email.recipient_sealed
    world.session.rollback()
    assert world.session.scalar(select(func.count(OutgoingEmail.id))) == 0


def test_the_clauses_own_text_is_no_proposal(world, found):
    clause = factories.clause(found, "二、", "（二）")
    item = put(world, found, "看法", ("二、", "（二）"), proposed_text=clause.text)
    assert item.proposed_text == ""
    item = put(world, found, "", ("二、", "（二）"), proposed_text=clause.text.replace("200", "300"))
    assert "300" in item.proposed_text
    assert item.body == ""
    send(world, found)
    assert world.session.scalars(select(Comment.body)).all()[-1] == baskets.ONLY_PROPOSED


def test_a_quotation_must_stand_in_the_clause(world, found):
    assert put(world, found, quote="城区河道每日巡查一次").quote == "城区河道每日巡查一次"
    assert put(world, found, quote="城区河道\n每日 巡查一次").quote == "城区河道每日巡查一次"
    with pytest.raises(NotValid) as refused:
        put(world, found, quote="别处的话")
    assert refused.value.fault == "quote"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ('=HYPERLINK("http://example.com")', '=HYPERLINK("http://example.com")'),
        ("a<b and c>d & <Annex 2>", "a<b and c>d & <Annex 2>"),
        ("x\x00y\x0bz\ud800", "xyz"),
        ("第一行\r\n第二行\r第三行", "第一行\n第二行\n第三行"),
        ("abc\u202edef\u200b\u2066", "abcdef"),
        ("  边上的空白  ", "边上的空白"),
        ("表情🙂和生僻字䶮𬭎", "表情🙂和生僻字䶮𬭎"),
    ],
)
def test_words_are_kept_as_written_but_for_what_no_document_can_hold(world, found, typed, kept):
    assert put(world, found, typed).body == kept


def test_a_huge_paste_is_refused_in_one_sentence(world, found):
    with pytest.raises(NotValid, match="最多5000字，现在是10000000字"):
        put(world, found, "长" * 10_000_000)


@pytest.mark.parametrize("remark", [Remark("", "意见"), Remark("shout", "意见"), Remark("change", "  \x00 ")])
def test_a_remark_needs_stance_and_words(world, found, remark):
    with pytest.raises(NotValid):
        baskets.add_item(world.session, world.seal, found, None, remark, code="C", at=NOON)


def test_an_empty_basket_is_not_sent(world, found):
    with pytest.raises(NotThere, match="还没有内容"):
        send(world, found, code="NONE-NONE-NONE")


def test_items_can_be_changed_and_removed(world, found):
    item = put(world, found)
    baskets.change_item(world.session, item, Remark("oppose", "改成反对"), NOON)
    assert (item.stance.value, item.body) == ("oppose", "改成反对")
    baskets.remove_item(world.session, item)
    world.session.expire_all()
    assert baskets.basket(world.session, world.seal, found.id, "CODE-CODE-CODE").items == []


def test_a_code_that_was_used_gives_way_to_a_new_one(world, found):
    put(world, found)
    send(world, found)
    assert baskets.usable_code(world.session, world.seal, found.id, "CODE-CODE-CODE") != "CODE-CODE-CODE"
    assert baskets.usable_code(world.session, world.seal, found.id, "OTHE-RCOD-EXXX") == "OTHE-RCOD-EXXX"
    assert baskets.usable_code(world.session, world.seal, found.id, "")


def test_comment_numbers_never_repeat(world, found):
    for _ in range(5):
        factories.submission(world, found, "一", "二")
    numbers = world.session.scalars(select(Comment.number).order_by(Comment.number)).all()
    assert numbers == list(range(1, 11))


def test_a_code_of_another_consultation_gives_way_too(world, found):
    put(world, found)
    other = factories.consultation(world, "other")
    assert baskets.usable_code(world.session, world.seal, other.id, "CODE-CODE-CODE") != "CODE-CODE-CODE"


def test_taking_up_another_basket_brings_along_what_was_written_here(world, found):
    put(world, found, "写在电脑上", code="AAAA")
    put(world, found, "写在手机上", code="BBBB")
    baskets.join(world.session, world.seal, found, "BBBB", "AAAA", NOON)
    world.session.expire_all()
    items = baskets.basket(world.session, world.seal, found.id, "AAAA").items
    assert [item.body for item in items] == ["写在电脑上", "写在手机上"]
    assert baskets.basket(world.session, world.seal, found.id, "BBBB") is None
    with pytest.raises(NotThere):
        baskets.join(world.session, world.seal, found, "AAAA", "NONE", NOON)


def test_a_proposal_that_changes_only_white_space_is_none(world, found):
    clause = factories.clause(found, "二、", "（二）")
    with pytest.raises(NotValid):
        put(world, found, "", ("二、", "（二）"), proposed_text=clause.text[:5] + " " + clause.text[5:])


def _long_secret(world):
    item = world.session.scalars(select(BasketItem)).one()
    return {"confidential": {item.id: "密" * 6000}}


@pytest.mark.parametrize(
    ("needs", "asked"),
    [
        ({}, {"code": "WRON-GONE-CODE"}),
        ({}, {"slug": "nowhere"}),
        ({}, {"at": NOON - timedelta(days=300)}),
        ({}, {"at": NOON + timedelta(days=300)}),
        ({}, {"seen": "another page"}),
        ({}, {"identity": Identity(kind="enterprise", has_read_notice=True)}),
        ({}, {"identity": Identity(email="nobody", has_read_notice=True)}),
        ({}, _long_secret),
        ({"identity_needed": "contact"}, {}),
        ({"identity_needed": "verified"}, {"identity": Identity(name="张三", email="a@example.cn", has_read_notice=True)}),
    ],
)  # fmt: skip
def test_what_is_refused_has_written_nothing(world, found, needs, asked):
    """What `group_commit` relies on: others who send at the same time are in the same transaction."""
    put(world, found)
    for name, value in needs.items():
        setattr(found, name, IdentityNeed(value))
    world.session.commit()
    asked = asked(world) if callable(asked) else asked
    told = []

    @event.listens_for(world.session.get_bind(), "before_cursor_execute")
    def tell(_connection, _cursor, statement, *_rest):
        told.append(statement.split()[0])

    world.session.expire_all()
    with pytest.raises(Refusal):
        commenting.submit(
            world.session,
            world.seal,
            **{"slug": found.slug, "code": "CODE-CODE-CODE", "identity": Identity(), "at": NOON} | asked,
        )
    world.session.flush()
    assert set(told) == {"SELECT"}
