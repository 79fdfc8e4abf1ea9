"""Contact data goes on its date, and not a day before."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from portal.access import Role
from portal.models import Basket, OutgoingEmail, Respondent
from portal.rules.words import CommentState
from portal.services import baskets, moderation, responding, results, retention
from tests import factories
from tests.factories import NOON


def test_contact_data_goes_half_a_year_after_the_results(world):
    found = factories.consultation(world)
    (comment,) = factories.submission(world, found, "意见", name="王小明", email="w@example.com")
    moderation.decide(world.session, world.actor(Role.MODERATOR), comment, CommentState.PUBLISHED, revision=0, at=NOON)
    responding.respond(
        world.session, world.actor(Role.DRAFTER), found, [comment.number], disposition="explained", reason="已有规定。",
        changed_text="", at=NOON,
    )  # fmt: skip
    out = NOON + timedelta(days=30)
    results.publish(world.session, world.seal, world.actor(Role.PUBLISHER), found, out)
    for email in world.session.scalars(select(OutgoingEmail)):
        email.sent_at = out
    assert retention.erase_expired(world.session, out + timedelta(days=179)) == 0
    assert retention.erase_expired(world.session, out + timedelta(days=180)) == 1
    world.session.expire_all()
    respondent = world.session.scalars(select(Respondent)).one()
    assert respondent.contact_sealed == ""
    assert respondent.contact_erased_at == out + timedelta(days=180)
    assert all(e.recipient_sealed == e.body_sealed == "" for e in world.session.scalars(select(OutgoingEmail)))
    assert retention.erase_expired(world.session, out + timedelta(days=181)) == 0
    assert comment.body == "意见"


def test_a_basket_nobody_came_back_to_goes(world):
    found = factories.consultation(world)
    baskets.add_item(world.session, world.seal, found, None, baskets.Remark("change", "写了一半"), code="CODE", at=NOON)
    assert retention.remove_old_baskets(world.session, NOON + timedelta(days=59)) == 0
    assert retention.remove_old_baskets(world.session, NOON + timedelta(days=60)) == 1
    assert world.session.scalar(select(func.count(Basket.id))) == 0
