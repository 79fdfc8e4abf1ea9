"""Where people are from: one of the bureau's list, kept with the submission, counted, and checked again."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from portal import reports
from portal.access import Role
from portal.errors import NotAllowed, NotThere, NotValid
from portal.models import AuditEvent, Registration, Submission
from portal.reports.summary import imbalances
from portal.rules.receipts import digest
from portal.services import (
    confirming,
    handing_in,
    ledgers,
    opinion_sheets,
    people,
    receipts,
    registering,
    retention,
    summaries,
    verifying,
)
from portal.services.registering import Filled, Typed
from tests import factories
from tests.factories import NOON
from tests.letters.test_sheets import HEAD, ROW, xlsx


@pytest.fixture
def found(world):
    world.bureau.regions = ["云川区", "望山县", "清溪县"]
    return factories.consultation(world)


def submission(world):
    return world.session.scalars(select(Submission).order_by(Submission.id.desc())).first()


# ── the list ──────────────────────────────────────────────────────────────────────────────────────────


def test_an_administrator_keeps_the_list_and_it_is_logged(world):
    admin = world.actor(Role.ADMINISTRATOR)
    people.keep_regions(world.session, admin, world.bureau.id, "云川区\n望山县", NOON)
    world.session.expire_all()
    assert world.bureau.regions == ["云川区", "望山县"]
    event = world.session.scalars(select(AuditEvent).where(AuditEvent.act == "bureau.regions")).one()
    assert event.details == {"regions": ["云川区", "望山县"]}
    with pytest.raises(NotAllowed):
        people.keep_regions(world.session, world.actor(Role.PUBLISHER), world.bureau.id, "", NOON)
    with pytest.raises(NotThere):
        people.keep_regions(world.session, admin, 999, "", NOON)
    people.keep_regions(world.session, admin, world.bureau.id, "", NOON)
    assert world.bureau.regions == []


# ── what is kept ──────────────────────────────────────────────────────────────────────────────────────


def test_the_digest_on_the_receipt_covers_it(world, found):
    factories.submission(world, found, "一", region="云川区")
    with_region = submission(world)
    assert with_region.respondent.region == "云川区"
    told = receipts.payload_of(world.seal, with_region)
    assert told["region"] == "云川区"
    assert digest(told) == with_region.receipt_digest
    factories.submission(world, found, "二")
    without = receipts.payload_of(world.seal, submission(world))
    assert "region" not in without
    assert digest(without) == submission(world).receipt_digest
    assert list(ledgers.verify(world.session, world.seal, found)) == []


def test_what_was_chosen_stays_when_the_list_is_changed(world, found):
    factories.submission(world, found, "一", region="云川区")
    world.bureau.regions = ["望山县"]
    world.session.flush()
    assert summaries.summarise(world.session, found, NOON).by_region == (("云川区", 1, 1),)
    with pytest.raises(NotValid):
        factories.submission(world, found, "二", region="云川区")


def test_it_is_no_contact_data_and_is_not_erased_with_it(world, found):
    factories.submission(world, found, "一", region="云川区", email="wang@example.com")
    found.results_published_at = NOON
    world.session.flush()
    retention.erase_expired(world.session, NOON + timedelta(days=400))
    world.session.expire_all()
    respondent = submission(world).respondent
    assert (respondent.contact_sealed, respondent.region) == ("", "云川区")


# ── letters and sheets ────────────────────────────────────────────────────────────────────────────────


def filled(**changes):
    values = {
        "channel": "phone", "received_on": NOON.date(), "name": "王小明", "region": "望山县",
        "remarks": (Typed("第二部分（一）", "巡查次数太少。"),),
    }  # fmt: skip
    return Filled(**(values | changes))


def test_a_letter_carries_it_to_the_submission(world, found):
    moderator, publisher = world.actor(Role.MODERATOR), world.actor(Role.PUBLISHER)
    with pytest.raises(NotValid) as refused:
        registering.begin(world.session, world.seal, moderator, found, filled(region="别处"), NOON)
    assert refused.value.fault == "region"
    made = registering.begin(world.session, world.seal, moderator, found, filled(), NOON)
    assert made.region == "望山县"
    # taken from the list meanwhile: what the letter says is still what it says
    world.bureau.regions = ["云川区"]
    registering.write(world.session, world.seal, moderator, made, filled(), made.revision, NOON)
    handing_in.hand_in(world.session, moderator, made, made.revision, NOON)
    confirming.confirm(world.session, world.seal, publisher, made, made.revision, NOON)
    assert submission(world).respondent.region == "望山县"


COLUMNS = [*HEAD, "所在区县"]


def brought(world, found, *regions):
    rows = [[*ROW, region] for region in regions]
    return opinion_sheets.bring(
        world.session, world.seal, world.actor(Role.MODERATOR), found, xlsx(*rows, head=COLUMNS), "意见.xlsx", NOON
    )


def test_a_sheet_may_have_a_column_of_it(world, found):
    sheet = brought(world, found, "望山县", "")
    opinion_sheets.register_all(world.session, world.seal, world.actor(Role.MODERATOR), sheet, "", NOON)
    assert [each.region for each in world.session.scalars(select(Registration).order_by(Registration.id))] == [
        "望山县", "",
    ]  # fmt: skip


def test_a_region_of_a_sheet_that_nobody_knows_is_named_with_those_that_are(world, found):
    checked = opinion_sheets.check(world.seal, brought(world, found, "云川区", "望川县"), NOON)
    (fault,) = checked.faults
    assert (fault.row, fault.places) == (3, {"typed": "望川县", "known": "云川区、望山县、清溪县"})


def test_where_nobody_is_asked_the_column_is_left_out_and_said_to_be(world, found):
    world.bureau.regions = []
    sheet = brought(world, found, "望山县")
    checked = opinion_sheets.check(world.seal, sheet, NOON)
    assert (checked.faults, checked.unknown) == ((), ("所在地区",))
    opinion_sheets.register_all(world.session, world.seal, world.actor(Role.MODERATOR), sheet, "", NOON)
    assert world.session.scalar(select(Registration.region)) == ""


# ── the summary and its check ─────────────────────────────────────────────────────────────────────────


@pytest.fixture
def kept(world, found):
    for region, bodies in (("清溪县", ["一", "二"]), ("", ["三"]), ("云川区", ["四"]), ("清溪县", ["五"])):
        factories.submission(world, found, *bodies, region=region)
    return summaries.freeze(world.session, world.actor(Role.DRAFTER), found, NOON, "")


def test_the_summary_counts_them_in_the_order_of_the_list_with_the_rest_last(world, kept):
    summary = summaries.thaw(kept)
    assert summary.by_region == (("云川区", 1, 1), ("清溪县", 2, 3), ("", 1, 1))
    assert list(imbalances(summary)) == []


@pytest.mark.parametrize("is_public", [False, True])
@pytest.mark.parametrize("name", list(reports.FORMATS))
def test_a_file_with_wrong_figures_of_a_region_is_found_out(world, kept, name, is_public):
    summary = summaries.thaw(kept)

    def checked(told):
        content = reports.render(name, reports.public_copy(told) if is_public else told)
        return verifying.verify(world.session, name, content).faults

    assert checked(summary) == ()
    swapped = dataclasses.replace(summary, by_region=(("云川区", 2, 3), ("清溪县", 1, 1), ("", 1, 1)))
    renamed = dataclasses.replace(summary, by_region=(("望山县", 1, 1), ("清溪县", 2, 3), ("", 1, 1)))
    # in the public copy of so few nothing is told, so there is nothing in it that could be wrong
    assert bool(checked(swapped)) is not is_public
    assert checked(renamed)


def test_a_summary_whose_regions_are_not_those_of_the_database_is_found_out(world, kept):
    content = reports.render("json", summaries.thaw(kept))
    is_sqlite = world.session.get_bind().dialect.name == "sqlite"
    world.session.execute(
        text("DROP TRIGGER keep_respondent_region" if is_sqlite else "ALTER TABLE respondent DISABLE TRIGGER USER")
    )
    world.session.execute(text("UPDATE respondent SET region = '望山县' WHERE region = '云川区'"))
    assert verifying.verify(world.session, "json", content).faults == (
        "所在地区“云川区”：数据库里有来稿0件、意见0条，汇总写的是1件、1条。",
        "所在地区“望山县”：数据库里有来稿1件、意见1条，汇总写的是0件、0条。",
    )


def test_where_nobody_was_asked_the_summary_says_nothing_of_it(world, found):
    world.bureau.regions = []
    factories.submission(world, found, "一")
    assert summaries.summarise(world.session, found, NOON).by_region == ()
