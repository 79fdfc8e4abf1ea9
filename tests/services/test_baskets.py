"""Saving as one types: one form makes one comment, and two tabs never overwrite one another silently."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from portal.errors import NotThere, NotValid, TooMany
from portal.models import Attachment, BasketItem, Comment
from portal.services import baskets, commenting
from portal.services.baskets import Remark, WrittenElsewhere
from tests import factories
from tests.factories import NOON


@pytest.fixture
def found(world):
    return factories.consultation(world)


def save(world, found, body="写到一半", key="k1", revision=0, code="CODE", **words):
    clause = factories.clause(found, "二、", "（一）")
    return baskets.save(
        world.session, world.seal, found, clause, Remark("change", body, **words), code=code, key=key, revision=revision, at=NOON
    )  # fmt: skip


def test_the_same_form_saved_again_is_the_same_comment(world, found):
    assert save(world, found).revision == 1
    assert save(world, found).revision == 1  # the answer was lost on the way, the form is sent again
    assert save(world, found, "写完了", revision=1).revision == 2
    assert world.session.scalar(select(func.count(BasketItem.id))) == 1


def test_two_tabs_are_told_and_nothing_is_overwritten(world, found):
    item = save(world, found)
    save(world, found, "这一页先存", revision=1)
    with pytest.raises(WrittenElsewhere) as refused:
        save(world, found, "那一页后存", revision=1)
    assert refused.value.item is item
    assert item.body == "这一页先存"
    assert save(world, found, "那一页后存", revision=item.revision).body == "那一页后存"


def test_what_was_sent_or_removed_meanwhile_is_not_quietly_made_anew(world, found):
    save(world, found)
    commenting.submit(world.session, world.seal, found.slug, code="CODE", identity=commenting.Identity(), at=NOON)
    with pytest.raises(WrittenElsewhere) as refused:
        save(world, found, "接着写", revision=1, code="NEXT")
    assert refused.value.item is None
    assert save(world, found, "接着写", key="k2", code="NEXT").revision == 1


def test_a_change_on_the_review_page_minds_the_revision_too(world, found):
    item = save(world, found)
    baskets.change_item(world.session, item, Remark("oppose", "改了"), NOON, 1)
    with pytest.raises(WrittenElsewhere):
        baskets.change_item(world.session, item, Remark("oppose", "又改"), NOON, 1)
    assert item.body == "改了"


def test_two_people_whose_forms_had_the_same_key_can_write_together(world, found):
    save(world, found, "甲写的", code="CODE")
    save(world, found, "乙写的", code="NEXT")
    baskets.join(world.session, world.seal, found, "NEXT", "CODE", NOON)
    held = baskets.basket(world.session, world.seal, found.id, "CODE")
    assert [item.body for item in held.items] == ["甲写的", "乙写的"]
    assert len({item.key for item in held.items}) == 2


def test_the_place_of_a_quotation_is_sent_with_it(world, found):
    item = save(world, found, quote="巡查一次", quote_after=26)
    assert item.anchor.prefix.endswith("农村河道每周")
    anchor = item.anchor
    commenting.submit(world.session, world.seal, found.slug, code="CODE", identity=commenting.Identity(), at=NOON)
    comment = world.session.scalars(select(Comment)).one()
    assert comment.anchor == anchor
    assert comment.clause.printed[anchor.start : anchor.end] == anchor.exact == comment.quote


def test_rewriting_a_comment_leaves_its_quotation_where_it_was(world, found):
    item = save(world, found, quote="巡查一次", quote_after=26)
    place = item.anchor
    assert place.start > item.clause.printed.index("巡查一次")
    # the form that was filled from what was kept knows the words and not the place
    save(world, found, "写到一半了", revision=1, quote="巡查一次")
    assert item.anchor == place
    baskets.change_item(world.session, item, Remark("change", "写完了", quote="巡查一次"), NOON, 2)
    assert item.anchor == place
    # other words are looked for near by; words selected anew are where they were selected; no words have no place
    baskets.change_item(world.session, item, Remark("change", "写完了", quote="一次"), NOON)
    assert item.anchor.start == place.start + 2
    save(world, found, "写完了", revision=item.revision, quote="巡查一次", quote_after=0)
    assert item.anchor.start == item.clause.printed.index("巡查一次")
    baskets.change_item(world.session, item, Remark("change", "写完了"), NOON)
    assert item.anchor is None


def test_a_file_goes_with_the_comment_and_leaves_with_it(world, found):
    item = save(world, found)
    baskets.attach(world.session, world.seal, found, item, b"%PDF-1.7 one", "one.pdf", NOON)
    baskets.attach(world.session, world.seal, found, item, b"%PDF-1.7 two", "two.pdf", NOON)
    assert [a.name for a in world.session.scalars(select(Attachment))] == ["two.pdf"]
    with pytest.raises(NotValid) as refused:
        baskets.attach(world.session, world.seal, found, item, b"MZ\x00\x00", "virus.exe", NOON)
    assert refused.value.fault == "evidence"
    commenting.submit(world.session, world.seal, found.slug, code="CODE", identity=commenting.Identity(), at=NOON)
    assert world.session.scalars(select(Comment)).one().evidence.name == "two.pdf"
    other = save(world, found, key="k2", code="NEXT")
    baskets.attach(world.session, world.seal, found, other, b"%PDF-1.7 three", "three.pdf", NOON)
    baskets.remove_item(world.session, other)
    assert [a.name for a in world.session.scalars(select(Attachment))] == ["two.pdf"]


def test_a_file_that_comes_or_goes_is_noticed_by_a_page_that_is_about_to_be_sent(world, found):
    item = save(world, found)
    seen = [commenting.stamp([item])]
    baskets.attach(world.session, world.seal, found, item, b"%PDF-1.7 one", "one.pdf", NOON)
    seen.append(commenting.stamp([item]))
    # one that takes the place of another, which SQLite may give the number of the first
    baskets.attach(world.session, world.seal, found, item, b"%PDF-1.7 two", "two.pdf", NOON + timedelta(seconds=1))
    seen.append(commenting.stamp([item]))
    baskets.detach(world.session, item, NOON + timedelta(seconds=2))
    seen.append(commenting.stamp([item]))
    assert len(set(seen)) == 4
    for before in seen[:3]:
        with pytest.raises(NotValid):
            commenting.submit(
                world.session, world.seal, found.slug, code="CODE", identity=commenting.Identity(), at=NOON, seen=before
            )
    sent = commenting.submit(
        world.session, world.seal, found.slug, code="CODE", identity=commenting.Identity(), at=NOON, seen=seen[3]
    )
    assert sent.is_new


def test_a_basket_holds_so_many_files(world, found, monkeypatch):
    monkeypatch.setattr(baskets, "MOST_EVIDENCE", 1)
    baskets.attach(world.session, world.seal, found, save(world, found), b"%PDF-1.7 one", "one.pdf", NOON)
    with pytest.raises(TooMany):
        baskets.attach(world.session, world.seal, found, save(world, found, key="k2"), b"%PDF-1.7 two", "b.pdf", NOON)


def test_changing_what_is_gone_says_so(world, found):
    item = save(world, found)
    baskets.remove_item(world.session, item)
    with pytest.raises(NotThere):
        baskets.change_item(world.session, item, Remark("change", "改"), NOON)
