"""What an administrator keeps: document types and holidays. Every change is in the log, and counts from then on."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from portal.access import Role
from portal.errors import AlreadyDone, NotAllowed, NotValid
from portal.models import AuditEvent, DocumentType
from portal.rules.holidays import CALENDAR
from portal.services import document_types, holidays, publishing, reference
from portal.services.document_types import Kind
from tests import factories
from tests.factories import NOON

KIND = Kind("ZXGH", "专项规划", 30, "day", "usual", needs_explanatory_note=True, basis="市政府办公室规定第三条")
YEAR = "2027-01-01 休 元旦\n2027年2月5日至11日 休 春节\n2027-02-14 班 春节"


def keep(world, kind=KIND, changing=None, role=Role.ADMINISTRATOR):
    return document_types.keep(world.session, world.actor(role), kind, NOON, changing)


def last_event(world):
    return world.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()


def test_a_new_type_decides_a_period(world):
    kind = keep(world)
    assert [k.code for k in reference.document_types(world.session)][-1] == "ZXGH"
    found = factories.prepared(world, document_type="ZXGH", closes_on=date(2026, 3, 20), explanatory_note="")
    said = "；".join(o.message for o in publishing.obstacles(world.session, found, found.window.opens_at))
    assert "市政府办公室规定第三条要求一般不少于30日" in said
    assert "起草说明" in said
    changed = Kind(
        "ignored", "专项规划", 10, "workday", "none", needs_explanatory_note=False, basis="局规定", position=0
    )
    keep(world, changed, kind)
    assert (kind.code, kind.minimum, kind.unit, kind.force) == ("ZXGH", 10, "workday", "none")
    assert next(k.code for k in reference.document_types(world.session)) == "ZXGH"
    assert publishing.obstacles(world.session, found, found.window.opens_at) == []
    assert last_event(world).act == "document_type.change"
    assert last_event(world).details["from"]["minimum"] == 30
    assert last_event(world).details["to"]["minimum"] == 10


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"code": "专项"}, "code"),
        ({"code": ""}, "code"),
        ({"name": " "}, "name"),
        ({"basis": ""}, "basis"),
        ({"minimum": 0}, "minimum"),
        ({"minimum": 366}, "minimum"),
        ({"minimum": None}, "minimum"),
        ({"unit": "week"}, "unit"),
        ({"force": "x"}, "force"),
    ],
)
def test_what_is_typed_wrong_is_named(world, changes, fault):
    values = {name: getattr(KIND, name) for name in KIND.__slots__} | changes
    with pytest.raises(NotValid) as refused:
        keep(world, Kind(**values))
    assert refused.value.fault == fault


def test_a_code_is_given_once_and_a_type_in_use_stays(world):
    keep(world)
    with pytest.raises(AlreadyDone, match="已经用过"):
        keep(world)
    found = factories.prepared(world, document_type="ZXGH")
    kind = document_types.found(world.session, "ZXGH")
    with pytest.raises(AlreadyDone, match="不能删除"):
        document_types.remove(world.session, world.actor(Role.ADMINISTRATOR), kind, NOON)
    publishing.fill_notice(
        world.session, world.actor(Role.PUBLISHER), found, factories.notice(document_type="QT"), NOON
    )
    document_types.remove(world.session, world.actor(Role.ADMINISTRATOR), kind, NOON)
    assert last_event(world).act == "document_type.remove"


def test_a_type_that_was_taken_away_does_not_come_back(world):
    kind = document_types.found(world.session, "LAW")
    document_types.remove(world.session, world.actor(Role.ADMINISTRATOR), kind, NOON)
    reference.fill(world.session)
    assert world.session.scalar(select(DocumentType).where(DocumentType.code == "LAW")) is None


def test_the_table_holds_what_the_program_knows(world):
    assert holidays.calendar(world.session).years == CALENDAR.years


def test_a_year_that_is_pasted_counts_at_once(world):
    found = factories.prepared(world, document_type="GFXWJ", opens_on=date(2026, 12, 28), closes_on=date(2027, 1, 12))
    at = found.window.opens_at
    assert any("缺少2027年的节假日安排" in o.message for o in publishing.obstacles(world.session, found, at))
    holidays.keep_year(world.session, world.actor(Role.ADMINISTRATOR), 2027, YEAR, NOON)
    assert publishing.obstacles(world.session, found, at) == []
    assert publishing.assess(world.session, found, at).counts.workdays_civil == 10
    assert len(last_event(world).details["added"]) == 9
    holidays.keep_year(world.session, world.actor(Role.ADMINISTRATOR), 2027, "2027-01-01 休 元旦", NOON)
    assert last_event(world).details["removed"][0] == "2027-02-05 休 春节"
    assert holidays.calendar(world.session).years[2027] == {date(2027, 1, 1): ("休", "元旦")}
    assert holidays.calendar(world.session).years[2026] == CALENDAR.years[2026]
    reference.fill(world.session)
    assert len(holidays.calendar(world.session).years[2027]) == 1


@pytest.mark.parametrize(("year", "text"), [(None, YEAR), (1999, YEAR), (2028, YEAR), (2027, "")])
def test_a_wrong_year_is_not_kept(world, year, text):
    with pytest.raises(NotValid):
        holidays.keep_year(world.session, world.actor(Role.ADMINISTRATOR), year, text, NOON)


def test_only_an_administrator_keeps_the_lists(world):
    for role in (Role.PUBLISHER, Role.MODERATOR, Role.DRAFTER, Role.AUDITOR):
        with pytest.raises(NotAllowed):
            keep(world, role=role)
        with pytest.raises(NotAllowed):
            holidays.keep_year(world.session, world.actor(role), 2027, YEAR, NOON)
