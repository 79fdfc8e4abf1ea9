"""What the report for the deciding meeting says of what many people asked for."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal.access import Role
from portal.models import Campaign
from portal.rules.words import CommentState
from portal.services import case_files, moderation, responding
from tests import factories
from tests.factories import NOON
from tests.services.test_responding import AFTER, published
from tests.services.test_results import campaign

REFUSED = "not_adopted"


@pytest.fixture
def found(world):
    return factories.consultation(world)


@pytest.fixture
def many(world, found):
    """Six published comments of one campaign, in two wordings."""
    comments = [published(world, found, f"建议公开巡查记录{'！' * (n % 2)}")[0] for n in range(6)]
    campaign(world, found, comments, texts=2)
    return [comment.number for comment in comments]


def respond(world, found, numbers, disposition, reason, note=""):
    responding.respond(
        world.session, world.actor(Role.DRAFTER), found, numbers, disposition=disposition, reason=reason,
        changed_text="", note=note, at=AFTER,
    )  # fmt: skip


def told(world, found):
    return case_files.concentrated(world.session, found)


def test_what_was_refused_as_one_is_told_in_short(world, found, many):
    respond(world, found, many, REFUSED, reason="涉及个人信息。")
    assert told(world, found) == ["关于“建议公开巡查记录”（6件，文字2种），未采纳，理由：涉及个人信息。"]


def test_only_what_was_answered_is_counted_as_refused(world, found, many):
    respond(world, found, many[:1], REFUSED, reason="涉及个人信息。")
    respond(world, found, many[1:3], REFUSED, reason="涉及个人信息")
    assert told(world, found) == [
        "关于“建议公开巡查记录”（6件，文字2种），其中未采纳3条，理由：涉及个人信息；尚未答复3条。"
    ]


def test_a_campaign_answered_in_two_ways_is_told_once(world, found, many):
    respond(world, found, many[:4], REFUSED, reason="涉及个人信息。")
    respond(world, found, many[4:5], REFUSED, reason="记录由上级保存。")
    respond(world, found, many[5:], "explained", reason="已有年度通报。", note="问的是年度数据。")
    (sentence,) = told(world, found)
    assert sentence == (
        "关于“建议公开巡查记录”（6件，文字2种），其中未采纳4条，理由：涉及个人信息；未采纳1条，理由：记录由上级保存；"
        "解释说明1条，理由：已有年度通报。"
    )


def test_what_has_no_answer_of_its_own_is_counted_too(world, found, many):
    (withheld,) = factories.submission(world, found, "建议公开巡查记录。")
    moderation.decide(
        world.session, world.actor(Role.MODERATOR), withheld, CommentState.WITHHELD, revision=0, at=NOON,
        reason_code="P4", note="与草案无关。",
    )  # fmt: skip
    made = world.session.scalars(select(Campaign)).one()
    withheld.campaign_id = made.id
    made.submissions += 1
    world.session.flush()
    respond(world, found, many, REFUSED, reason="涉及个人信息。")
    assert told(world, found)[0].endswith("（7件，文字2种），其中未采纳6条，理由：涉及个人信息；不予公开1条。")


def test_what_was_not_refused_is_not_told(world, found, many):
    respond(world, found, many, "explained", reason="已有年度通报。")
    assert told(world, found) == []
