"""What did not come by the website is written down by one person, confirmed by another, and then like all the rest."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from portal.access import Actor, Role
from portal.errors import AlreadyDone, NotAllowed, NotThere, NotValid
from portal.models import AuditEvent, Comment, OutgoingEmail, Registration, SiteSetting, Submission
from portal.rules import uploads, window
from portal.rules.receipts import digest
from portal.rules.words import Channel, RegistrationState, Stance
from portal.services import (
    attachments,
    audit,
    confirming,
    handing_in,
    ledgers,
    outbox,
    receipts,
    registering,
    registry,
    tracking,
)
from portal.services.registering import Filled, Typed
from portal.services.resolving import WHOLE_LABEL, Finder
from tests import factories
from tests.factories import NOON

TODAY = date(2026, 3, 12)
LETTER = """市水利局：
我们是沿河的居民。
一、关于第二部分（一），巡查次数太少。
建议修改为：“城区河道每日巡查两次。”
二、赞成第三部分（二）。
此致
敬礼"""
SCAN = uploads.checked(b"%PDF-1.4 a scan", "letter.pdf")


@pytest.fixture
def found(world):
    return factories.consultation(world)


def filled(**changes):
    values = {
        "channel": "letter", "received_on": TODAY, "postmarked_on": date(2026, 3, 10), "name": "王小明",
        "phone": "13800001234", "text": LETTER,
        "remarks": (Typed("第二部分（一）", "巡查次数太少。", proposed_text="城区河道每日巡查两次。"),
                    Typed("三、（二）", "赞成。", "support")),
    }  # fmt: skip
    return Filled(**(values | changes))


def begun(world, found, role=Role.MODERATOR, **changes):
    return registering.begin(world.session, world.seal, world.actor(role), found, filled(**changes), NOON)


def handed_in(world, found, **changes):
    made = begun(world, found, **changes)
    handing_in.hand_in(world.session, world.actor(Role.MODERATOR), made, made.revision, NOON)
    return made


def confirmed(world, made, role=Role.PUBLISHER, at=NOON):
    return confirming.confirm(
        world.session, world.seal, world.actor(role), made, made.revision, at, "https://example.gov.cn"
    )


def comments(world, receipt):
    return list(
        world.session.scalars(
            select(Comment).where(Comment.submission.has(receipt_number=receipt.number)).order_by(Comment.position)
        )
    )


# ── finding the clause ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("words", "citation"),
    [
        ("第二部分（一）2", "第二部分第（一）条第2项"),
        ("二、（一）", "第二部分第（一）条"),
        ("第三部分第（二）条", "第三部分第（二）条"),
        ("“保障措施”", "第三部分"),
        ("第二部分第（一）条第2项", "第二部分第（一）条第2项"),
    ],
)
def test_a_clause_is_found_as_people_name_it(world, found, words, citation):
    assert Finder.of(found).find(words).clause.citation == citation


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_several_clauses_are_to_be_chosen_from_and_the_choice_is_kept(world, found):
    finder = Finder.of(found)
    several = finder.find("第（二）条")
    assert [clause.citation for clause in several.candidates] == ["第二部分第（二）条", "第三部分第（二）条"]
    assert not several.is_settled
    assert finder.find("第（二）条", several.candidates[1].label).clause is several.candidates[1]
    assert not finder.find("第（二）条", "2-1").is_settled, "a label that was not offered"
    assert finder.find("第九部分").is_nearest
    assert finder.find("第九部分", WHOLE_LABEL).is_whole
    assert finder.find(" 全文 ").is_whole
    assert finder.find("").is_whole


# ── writing it down ───────────────────────────────────────────────────────────────────────────────────


def test_a_registration_is_kept_as_typed_and_nothing_of_it_is_counted(world, found):
    made = begun(world, found)
    world.session.expire_all()
    kept = registry.registration(world.session, world.actor(Role.PUBLISHER), found, made.id)
    assert [(r.clause.citation, r.stance, r.body) for r in kept.remarks] == [
        ("第二部分第（一）条", Stance.CHANGE, "巡查次数太少。"),
        ("第三部分第（二）条", Stance.SUPPORT, "赞成。"),
    ]
    assert registering.text_of(world.seal, kept) == LETTER
    assert registering.contact_of(world.seal, kept) == {"name": "王小明", "phone": "13800001234"}
    assert "王小明" not in kept.contact_sealed + kept.text_sealed
    assert registry.counts(world.session, found)[RegistrationState.DRAFT] == 1
    assert world.session.scalar(select(Submission)) is None


def test_the_machine_proposes_how_to_cut_the_letter(world, found):
    first, second = registering.proposed(LETTER)[-2:]
    assert (first.cited, first.proposed_text) == ("第二部分（一）", "城区河道每日巡查两次。")
    assert (second.cited, second.stance) == ("第三部分（二）", "support")


def test_what_is_left_empty_when_it_is_changed_stays(world, found):
    made = begun(world, found, email="wang@example.com")
    actor = world.actor(Role.MODERATOR)
    changed = filled(name="", phone="", remarks=[Typed("全文", "整体赞成。", "support")])
    registering.write(world.session, world.seal, actor, made, changed, made.revision, NOON)
    assert registering.contact_of(world.seal, made) == {
        "name": "王小明", "phone": "13800001234", "email": "wang@example.com",
    }  # fmt: skip
    assert [(r.cited, r.clause, r.body) for r in made.remarks] == [("", None, "整体赞成。")]
    dropped = filled(name="", phone="", is_contact_dropped=True)
    registering.write(world.session, world.seal, actor, made, dropped, made.revision, NOON)
    assert made.contact_sealed == ""
    assert len(made.remarks) == 2


def test_two_people_writing_at_once_overwrite_nothing(world, found):
    made = begun(world, found)
    seen = made.revision
    registering.write(world.session, world.seal, world.actor(Role.MODERATOR), made, filled(), seen, NOON)
    with pytest.raises(AlreadyDone):
        registering.write(world.session, world.seal, world.actor(Role.PUBLISHER), made, filled(), seen, NOON)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"channel": "web"}, "channel"),
        ({"channel": ""}, "channel"),
        ({"received_on": None}, "received_on"),
        ({"received_on": date(2026, 3, 13)}, "received_on"),
        ({"received_time": time(23, 0)}, "received_on"),
        ({"received_on": date(2026, 2, 1), "postmarked_on": None}, "received_on"),
        ({"postmarked_on": date(2026, 3, 13)}, "postmarked_on"),
        ({"kind": "enterprise"}, "organisation"),
        ({"kind": "nobody"}, "kind"),
        ({"email": "a@b\nBcc: c@d"}, "email"),
        ({"remarks": [Typed("全文", "好", "shout")]}, "stance-0"),
        ({"remarks": [Typed("全文", "好" * 5001)]}, "body-0"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(world, found, changes, fault):
    with pytest.raises(NotValid) as refused:
        begun(world, found, **changes)
    assert refused.value.fault == fault
    world.session.flush()
    assert world.session.scalar(select(Registration)) is None


def test_scans_are_sealed_and_kept_once(world, found):
    made = registering.begin(
        world.session, world.seal, world.actor(Role.MODERATOR), found, filled(), NOON, files=[SCAN, SCAN]
    )
    (enclosure,) = made.enclosures
    assert SCAN.content not in enclosure.attachment.content
    seen = registry.see_enclosure(world.session, world.actor(Role.PUBLISHER), made, enclosure.id, NOON)
    assert attachments.content(world.seal, seen) == SCAN.content
    assert world.session.scalars(select(AuditEvent.act)).all()[-1] == "enclosure.see"
    registering.remove_enclosure(world.session, world.actor(Role.MODERATOR), made, enclosure.id, made.revision, NOON)
    assert made.enclosures == []


# ── the second person ─────────────────────────────────────────────────────────────────────────────────


def test_a_confirmed_registration_is_a_submission_like_all_others(world, found):
    made = handed_in(world, found, email="wang@example.com")
    receipt = confirmed(world, made)
    first, second = comments(world, receipt)
    submission = first.submission
    assert (submission.channel, submission.postmarked_on) == (Channel.LETTER, date(2026, 3, 10))
    assert window.day_in_beijing(submission.received_at) == TODAY
    assert (submission.registered_at, submission.registered_by_id) == (NOON, world.actor(Role.MODERATOR).account_id)
    assert (first.clause.citation, first.proposed_text) == ("第二部分第（一）条", "城区河道每日巡查两次。")
    assert second.stance is Stance.SUPPORT
    assert submission.respondent.shown_as == "公众"
    assert submission.respondent.notice_version == ""
    assert submission.late_reason == ""
    assert digest(receipts.payload_of(world.seal, submission)) == receipt.digest
    assert tracking.tracked(world.session, world.seal, receipt.number, receipt.secret) is submission
    assert (made.state, made.confirmed_by_id) == (
        RegistrationState.CONFIRMED,
        world.actor(Role.PUBLISHER).account_id,
    )


def test_the_receipt_is_mailed_where_there_is_an_address_and_can_be_printed_again(world, found):
    made = handed_in(world, found, email="wang@example.com")
    receipt = confirmed(world, made)
    letter = world.session.scalars(select(OutgoingEmail)).one()
    assert world.seal.open(letter.recipient_sealed, outbox.RECIPIENT) == "wang@example.com"
    assert receipt.secret in world.seal.open(letter.body_sealed, outbox.BODY)
    assert (letter.created_at, letter.subject) == (NOON, f"来稿回执 {receipt.number}")
    submission, secret = confirming.print_receipt(world.session, world.seal, world.actor(Role.MODERATOR), made, NOON)
    assert (submission.receipt_number, secret) == (receipt.number, receipt.secret)
    assert world.session.scalars(select(AuditEvent.act)).all()[-1] == "receipt.print"


def test_without_an_address_nothing_is_mailed(world, found):
    confirmed(world, handed_in(world, found))
    assert world.session.scalar(select(OutgoingEmail)) is None


def test_nobody_confirms_what_they_wrote(world, found):
    made = handed_in(world, found)
    with pytest.raises(NotAllowed):
        confirmed(world, made, Role.MODERATOR)
    handing_in.send_back(world.session, world.actor(Role.PUBLISHER), made, "请改日期", made.revision, NOON)
    registering.write(world.session, world.seal, world.actor(Role.PUBLISHER), made, filled(), made.revision, NOON)
    handing_in.hand_in(world.session, world.actor(Role.MODERATOR), made, made.revision, NOON)
    with pytest.raises(NotAllowed):
        confirmed(world, made)


def test_a_site_may_let_one_person_do_both(world, found):
    made = handed_in(world, found)
    world.session.add(SiteSetting(key="is_registered_alone", value="1"))
    world.session.flush()
    assert confirmed(world, made, Role.MODERATOR).number


def test_the_second_press_of_the_button_makes_no_second_submission(world, found):
    made = handed_in(world, found)
    seen = made.revision
    confirmed(world, made)
    with pytest.raises(AlreadyDone):
        confirming.confirm(world.session, world.seal, world.actor(Role.PUBLISHER), made, seen, NOON)
    assert len(world.session.scalars(select(Submission)).all()) == 1


def test_only_the_own_bureau_and_only_those_who_may(world, found):
    other = factories.world(world.session, world.seal, "别局", "bj")
    made = handed_in(world, found)
    for actor in (other.actor(Role.MODERATOR), world.actor(Role.DRAFTER), world.actor(Role.AUDITOR), Actor()):
        with pytest.raises(NotAllowed):
            confirming.confirm(world.session, world.seal, actor, made, made.revision, NOON)
        with pytest.raises(NotAllowed):
            registry.see_contact(world.session, world.seal, actor, made, NOON)
    with pytest.raises(NotThere):
        registry.registration(world.session, world.actor(Role.MODERATOR), found, made.id + 1)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("remarks", "fault"),
    [
        ([], "text"),
        ([Typed("第（二）条", "不清楚是哪一条。")], "cited-0"),
        ([Typed("第九部分", "没有这一条。")], "cited-0"),
        ([Typed("全文", "好。"), Typed("第二部分", "")], "body-1"),
    ],
)
def test_nothing_half_done_is_handed_in(world, found, remarks, fault):
    made = begun(world, found, remarks=remarks)
    with pytest.raises(NotValid) as refused:
        handing_in.hand_in(world.session, world.actor(Role.MODERATOR), made, made.revision, NOON)
    assert refused.value.fault == fault


def test_what_is_no_opinion_is_set_aside_with_a_reason_and_kept(world, found):
    made = begun(world, found)
    actor = world.actor(Role.MODERATOR)
    with pytest.raises(NotValid):
        handing_in.set_aside(world.session, actor, made, "", made.revision, NOON)
    handing_in.set_aside(world.session, actor, made, "与本文件无关", made.revision, NOON)
    assert registry.listed(world.session, actor, found, RegistrationState.SET_ASIDE).registrations == [made]
    handing_in.send_back(world.session, actor, made, "误判，重新登记", made.revision, NOON)
    assert made.state is RegistrationState.DRAFT


# ── late ones ─────────────────────────────────────────────────────────────────────────────────────────

AFTER = NOON + timedelta(days=25)  # the window of the factories ends with the first of April


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("changes", "is_late"),
    [
        ({"received_on": date(2026, 4, 5), "postmarked_on": date(2026, 4, 1)}, False),
        ({"received_on": date(2026, 4, 5), "postmarked_on": date(2026, 4, 2)}, True),
        ({"received_on": date(2026, 4, 5), "postmarked_on": None}, True),
        ({"received_on": date(2026, 4, 1), "postmarked_on": None}, False),
        ({"channel": "email", "received_on": date(2026, 4, 1), "received_time": time(23, 59, 59)}, False),
        ({"channel": "email", "received_on": date(2026, 4, 2), "received_time": time(0, 0)}, True),
        # a postmark counts for letters only
        ({"channel": "fax", "received_on": date(2026, 4, 5), "postmarked_on": date(2026, 4, 1)}, True),
    ],
)
def test_a_letter_is_late_by_its_postmark_and_all_else_by_its_arrival(world, found, changes, is_late):
    made = registering.begin(world.session, world.seal, world.actor(Role.MODERATOR), found, filled(**changes), AFTER)
    assert handing_in.is_late(made) is is_late


def test_a_late_one_is_received_with_a_reason_that_stays(world, found):
    """R-A11: the website is closed, staff may still register."""
    actor = world.actor(Role.MODERATOR)
    late = filled(channel="visit", received_on=date(2026, 4, 5), postmarked_on=None)
    made = registering.begin(world.session, world.seal, actor, found, late, AFTER)
    with pytest.raises(NotValid) as refused:
        handing_in.hand_in(world.session, actor, made, made.revision, AFTER)
    assert refused.value.fault == "late_reason"
    late = filled(
        channel="visit", received_on=date(2026, 4, 5), postmarked_on=None, late_reason="大雪封路，未能按时送到"
    )
    registering.write(world.session, world.seal, actor, made, late, made.revision, AFTER)
    handing_in.hand_in(world.session, actor, made, made.revision, AFTER)
    receipt = confirmed(world, made, at=AFTER)
    submission = comments(world, receipt)[0].submission
    assert submission.late_reason == "大雪封路，未能按时送到"
    world.session.commit()
    with pytest.raises(IntegrityError):
        world.session.execute(text("UPDATE submission SET late_reason = ''"))
    world.session.rollback()


def test_nothing_is_received_after_the_withdrawal(world, found):
    made = handed_in(world, found)
    found.withdrawn_at, found.withdrawal_reason = window.bounds(TODAY, TODAY)[0], "上级另有规定，不再制定"
    with pytest.raises(NotValid):
        confirmed(world, made)


def test_nothing_is_registered_after_the_results(world, found):
    made = handed_in(world, found)
    found.results_published_at = NOON
    with pytest.raises(NotValid):
        confirmed(world, made)
    with pytest.raises(NotValid):
        begun(world, found)


# ── what stands for ever ──────────────────────────────────────────────────────────────────────────────


def test_it_stands_in_the_ledger_of_the_day_it_was_confirmed(world, found):
    confirmed_at = NOON + timedelta(days=3)
    made = handed_in(world, found)
    receipt = confirmed(world, made, at=confirmed_at)
    ledgers.publish_due(world.session, NOON + timedelta(days=5))
    entry = ledgers.find(world.session, found.id, receipt.digest)
    assert entry.day.on == window.day_in_beijing(confirmed_at)
    assert list(ledgers.verify(world.session, world.seal, found)) == []
    assert list(audit.verify(world.session)) == []


def test_the_digest_covers_the_scan_of_an_organisations_letter(world, found):
    made = registering.begin(
        world.session, world.seal, world.actor(Role.MODERATOR), found,
        filled(kind="enterprise", organisation="示例保洁有限公司"), NOON, files=[SCAN],
    )  # fmt: skip
    handing_in.hand_in(world.session, world.actor(Role.MODERATOR), made, made.revision, NOON)
    submission = comments(world, confirmed(world, made))[0].submission
    assert submission.letter.digest == SCAN.digest
    assert submission.respondent.shown_as == "示例保洁有限公司"
    assert list(ledgers.verify(world.session, world.seal, found)) == []


def test_what_was_confirmed_is_never_unconfirmed_and_nothing_is_removed(world, found):
    made = handed_in(world, found)
    confirmed(world, made)
    world.session.commit()
    for act in ("UPDATE registration SET state = 'draft'", "DELETE FROM registration"):
        with pytest.raises(IntegrityError):
            world.session.execute(text(act))
        world.session.rollback()
