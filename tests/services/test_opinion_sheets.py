"""A sheet is registered whole or not at all, and nothing in it is said by whoever brought it."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from portal.access import Role
from portal.errors import AlreadyDone, NotAllowed, NotValid
from portal.models import Comment, OutgoingEmail, Registration, Submission
from portal.rules.words import Channel, RegistrationState
from portal.services import ledgers, opinion_sheets, registry, tallies
from tests import factories
from tests.factories import NOON
from tests.letters.test_sheets import HEAD, ROW, xlsx


@pytest.fixture
def found(world):
    return factories.consultation(world)


def brought(world, found, *rows, **changes):
    return opinion_sheets.bring(
        world.session, world.seal, world.actor(Role.MODERATOR), found, xlsx(*rows, **changes), "意见.xlsx", NOON
    )


def registered(world, sheet, late_reason=""):
    return opinion_sheets.register_all(world.session, world.seal, world.actor(Role.MODERATOR), sheet, late_reason, NOON)


SECOND = ["第三部分（二）", "赞成。", "", "赞成", "企业", "示例保洁有限公司", "", "", "座谈会", "2026-03-11"]


def test_each_row_is_a_submission_of_its_own_author(world, found):
    sheet = brought(world, found, ROW, SECOND)
    assert world.session.scalar(select(func.count(Registration.id))) == 0, "looking registers nothing"
    assert registered(world, sheet) == 2
    done = opinion_sheets.confirm_all(world.session, world.seal, world.actor(Role.PUBLISHER), sheet, NOON)
    assert done == 2
    citizen, firm = world.session.scalars(select(Submission).order_by(Submission.id)).all()
    assert (citizen.channel, firm.channel) == (Channel.LETTER, Channel.MEETING)
    assert (citizen.respondent.shown_as, firm.respondent.shown_as) == ("公众", "示例保洁有限公司")
    assert [c.clause.label for c in world.session.scalars(select(Comment).order_by(Comment.number))] == ["2-1", "3-2"]
    assert world.session.scalar(select(func.count(OutgoingEmail.id))) == 1
    assert list(ledgers.verify(world.session, world.seal, found)) == []
    assert tallies.differences(world.session) == []


def test_one_wrong_row_and_nothing_is_registered(world, found):
    wrong = list(SECOND)
    wrong[0], wrong[6] = "第九部分", "123"
    sheet = brought(world, found, ROW, wrong)
    checked = opinion_sheets.check(world.seal, sheet, NOON)
    assert [(fault.row, fault.sentence[:6]) for fault in checked.faults] == [(3, "电话号码有误"), (3, "没有找到条款")]
    with pytest.raises(NotValid):
        registered(world, sheet)
    assert world.session.scalar(select(func.count(Registration.id))) == 0


def test_a_clause_that_fits_several_is_asked_for(world, found):
    sheet = brought(world, found, ["第（二）条", *ROW[1:]])
    (fault,) = opinion_sheets.check(world.seal, sheet, NOON).faults
    assert "第二部分第（二）条、第三部分第（二）条" in fault.sentence % fault.places


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("on", ["2026-03-13", "2026-01-01"])
def test_days_that_cannot_be(world, found, on):
    assert len(opinion_sheets.check(world.seal, brought(world, found, [*ROW[:-1], on]), NOON).faults) == 1


def test_the_same_sheet_is_not_imported_twice(world, found):
    data = xlsx(ROW)
    actor = world.actor(Role.MODERATOR)
    sheet = opinion_sheets.bring(world.session, world.seal, actor, found, data, "意见.xlsx", NOON)
    registered(world, sheet)
    with pytest.raises(AlreadyDone):
        registered(world, sheet)
    with pytest.raises(NotValid) as refused:
        opinion_sheets.bring(world.session, world.seal, actor, found, data, "又一份.xlsx", NOON)
    assert "导入过" in refused.value.message


def test_late_rows_need_a_reason_and_letters_are_late_by_their_postmark(world, found):
    from datetime import timedelta

    later = NOON + timedelta(days=25)
    head = [*HEAD, "邮戳日期"]
    rows = [[*ROW[:-1], "2026-04-05", "2026-04-01"], [*SECOND[:-1], "2026-04-05", ""]]
    sheet = opinion_sheets.bring(
        world.session, world.seal, world.actor(Role.MODERATOR), found, xlsx(*rows, head=head), "意见.xlsx", later
    )
    assert opinion_sheets.check(world.seal, sheet, later).late == 1
    actor = world.actor(Role.MODERATOR)
    with pytest.raises(NotValid):
        opinion_sheets.register_all(world.session, world.seal, actor, sheet, "", later)
    opinion_sheets.register_all(world.session, world.seal, actor, sheet, "会议在截止以后召开", later)
    reasons = world.session.scalars(select(Registration.late_reason).order_by(Registration.id)).all()
    assert reasons == ["", "会议在截止以后召开"]


def test_whoever_brought_it_does_not_confirm_it_and_another_bureau_sees_nothing(world, found):
    sheet = brought(world, found, ROW)
    registered(world, sheet)
    with pytest.raises(NotAllowed):
        opinion_sheets.confirm_all(world.session, world.seal, world.actor(Role.MODERATOR), sheet, NOON)
    other = factories.world(world.session, world.seal, "别局", "bj")
    with pytest.raises(NotAllowed):
        opinion_sheets.confirm_all(world.session, world.seal, other.actor(Role.MODERATOR), sheet, NOON)
    assert registry.counts(world.session, found)[RegistrationState.HANDED_IN] == 1
