"""Mail that arrives leaves one row each, whatever it is; the same message never makes two registrations."""

from __future__ import annotations

import dataclasses

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from portal.access import Role
from portal.cli import mailbox as reading
from portal.cli import work
from portal.errors import AlreadyDone, NotAllowed, NotThere
from portal.models import AuditEvent, IncomingMail, Job, Mailbox, OutgoingEmail, Registration
from portal.rules.words import Channel, JobState, MailKind, RegistrationSource, RegistrationState
from portal.services import confirming, handing_in, jobs, outbox, receiving, registering
from tests import factories
from tests.factories import NOON
from tests.imap import Box, Server
from tests.letters.mails import HOSTILE, WORDS, mail, old


@pytest.fixture
def found(world):
    return factories.consultation(world)


def taken(world, *raws, consultation=None, start=0):
    arrived = [
        receiving.read(raw if isinstance(raw, bytes) else bytes(raw), f"test:{start + place}")
        for place, raw in enumerate(raws)
    ]
    return receiving.take_all(world.session, world.seal, world.bureau, arrived, NOON, consultation=consultation)


def test_a_mail_becomes_a_registration_to_be_cut_by_a_person(world, found):
    made = mail()
    made.add_attachment(b"%PDF-1.4 x", maintype="application", subtype="pdf", filename="意见.pdf")
    (kept,) = taken(world, made)
    registration = kept.registration
    assert (registration.state, registration.source) == (RegistrationState.DRAFT, RegistrationSource.MAIL)
    assert registration.channel is Channel.EMAIL
    assert (str(registration.received_on), str(registration.received_time)) == ("2026-03-12", "10:00:00")
    assert [remark.clause.label for remark in registration.remarks] == ["2-1", "3-2"]
    assert registering.text_of(world.seal, registration) == WORDS
    assert registering.contact_of(world.seal, registration) == {"name": "王小明", "email": "wang@example.com"}
    assert [one.attachment.name for one in registration.enclosures] == ["意见.pdf"]
    assert "wang" not in kept.sender_sealed + kept.subject_sealed
    assert b"wang" not in kept.content_sealed


def test_the_sender_is_answered_when_it_is_confirmed_and_not_before(world, found):
    (kept,) = taken(world, mail())
    assert world.session.scalar(select(OutgoingEmail)) is None
    registration = kept.registration
    handing_in.hand_in(world.session, world.actor(Role.MODERATOR), registration, registration.revision, NOON)
    receipt = confirming.confirm(
        world.session, world.seal, world.actor(Role.PUBLISHER), registration, registration.revision, NOON
    )
    letter = world.session.scalars(select(OutgoingEmail)).one()
    assert world.seal.open(letter.recipient_sealed, outbox.RECIPIENT) == "wang@example.com"
    assert receipt.number in letter.subject


@pytest.mark.parametrize("sender", ["x <a b@c>", "x <a@b\u0000.cn>", "x <not-an-address@>", "张三"])
def test_an_address_that_is_none_is_never_written_to(world, found, sender):
    raw = f"From: {sender}\nDate: Thu, 12 Mar 2026 10:00:00 +0800\n\n第三部分（二）很好。".encode()
    (kept,) = taken(world, raw)
    assert "email" not in registering.contact_of(world.seal, kept.registration)


def test_the_same_message_is_recognised_and_never_doubled(world, found):
    first, by_number, by_words, other = taken(
        world,
        mail(),
        mail(WORDS + "\n（群发脚注）"),
        mail(number="9", date="Thu, 12 Mar 2026 10:30:00 +0800"),
        mail("别的意见。", number="3"),
    )
    assert [m.kind for m in (first, by_number, by_words, other)] == [
        MailKind.OPINION, MailKind.SAME, MailKind.SAME, MailKind.OPINION,
    ]  # fmt: skip
    assert by_number.same_as is first
    assert by_words.same_as is first
    assert world.session.scalar(select(func.count(Registration.id))) == 2
    # the same place in the box again: not even a row
    assert taken(world, mail()) == []


def test_the_number_of_a_message_says_nothing_about_anothers(world, found):
    """Whoever copies a Message-ID does not make another's mail disappear."""
    _, second = taken(world, mail(), mail("别的意见。", sender="赵六 <zhao@example.com>"))
    assert second.kind is MailKind.OPINION
    assert second.registration is not None


def test_a_date_that_has_not_come_is_not_said_to_be_the_time_of_arrival(world, found):
    early, late = mail(date="Thu, 12 Mar 2026 09:00:00 +0800"), mail("再说一句", date="Thu, 12 Mar 2099 09:00:00 +0800")
    for each in (early, late):
        del each["Received"]
    before, future = taken(world, early, late)
    said = [[remark["sentence"] for remark in each.remarks] for each in (before, future)]
    assert said[0] == ["到达时间取自发件人所填的日期，请核对。"]
    assert said[1] == ["发件人所填的日期还没有到，到达时间记的是导入的时间，请核对。"]
    assert future.arrived_at == future.read_at == NOON


def test_what_machines_sent_is_listed_and_a_person_can_say_otherwise(world, found):
    automatic, bulk = taken(
        world, mail(number="2", subject="自动回复：意见"), mail("建议增加经费。", number="3", Precedence="bulk")
    )
    assert automatic.registration is None
    assert bulk.registration is None
    actor = world.actor(Role.MODERATOR)
    receiving.register_anyway(world.session, world.seal, actor, found, bulk, NOON)
    assert bulk.registration.remarks[0].body == "建议增加经费。"
    with pytest.raises(AlreadyDone):
        receiving.register_anyway(world.session, world.seal, actor, found, bulk, NOON)
    assert {one.mail.id for one in receiving.listed(world.session, world.seal, actor, found)} >= {automatic.id, bulk.id}


def test_the_consultation_is_found_by_title_or_address_and_otherwise_asked_for(world, found):
    other = factories.consultation(world, "park", title="示例市公园管理办法", email="gyb@example.gov.cn")
    by_title, by_address, unclear = taken(
        world,
        mail(subject="对《示例市公园管理办法》的意见"),
        mail("第二部分（一）太松。", number="2", subject="意见"),
        mail("第二部分（二）太松。", number="3", subject="意见", Cc="gyb@example.gov.cn"),
    )
    assert by_title.consultation is other
    assert by_address.consultation is found
    assert unclear.consultation is None
    assert unclear.registration is None
    receiving.register_anyway(world.session, world.seal, world.actor(Role.MODERATOR), found, unclear, NOON)
    assert unclear.registration.consultation is found
    assert not any("没有写明" in remark["sentence"] for remark in unclear.remarks)


def test_a_mail_from_before_the_publication_is_kept_and_says_why_it_is_not_registered(world, found):
    (kept,) = taken(world, mail(date="Thu, 12 Feb 2025 10:00:00 +0800"))
    assert kept.registration is None
    assert any("早于公布" in remark["sentence"] for remark in kept.remarks)


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_a_hostile_message_stops_none_of_the_others(world, found):
    kept = taken(
        world,
        mail("甲的意见。"),
        *HOSTILE.values(),
        b"From: a@b.cn\nSubject: \x00\xff\n\n\x00\x00",
        mail("乙的意见。", number="2"),
    )
    assert len(kept) == len(HOSTILE) + 3
    assert kept[0].registration is not None
    assert kept[-1].registration is not None
    unreadable = [one for one in kept if one.kind is MailKind.UNREADABLE]
    assert unreadable
    assert all(one.remarks[0]["sentence"].endswith("。") for one in unreadable)


def test_a_message_is_kept_for_ever_and_every_look_is_logged(world, found):
    (kept,) = taken(world, mail())
    raw = receiving.see_message(world.session, world.seal, world.actor(Role.MODERATOR), kept, NOON)
    assert b"Message-ID: <1@example.com>" in raw
    assert world.session.scalars(select(AuditEvent.act)).all()[-1] == "mail.see"
    other = factories.world(world.session, world.seal, "别局", "bj")
    with pytest.raises(NotAllowed):
        receiving.see_message(world.session, world.seal, other.actor(Role.MODERATOR), kept, NOON)
    with pytest.raises(NotThere):
        receiving.mail_of(world.session, world.actor(Role.MODERATOR), found, kept.id + 99)
    world.session.commit()
    with pytest.raises(IntegrityError):
        world.session.execute(text("DELETE FROM incoming_mail"))
    world.session.rollback()


# ── the box ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def box(app, site, monkeypatch):
    """A box on loopback, and an application that reads it."""
    server = Server(Box())
    app.extensions["settings"] = dataclasses.replace(
        app.extensions["settings"], imap_server="127.0.0.1", imap_port=server.port, imap_username="hhbj",
        imap_password="secret", imap_use_tls=False, imap_timeout=2,
    )  # fmt: skip
    yield server.box
    server.close()


def read_box(app, seal, at=NOON):
    database = app.extensions["database"]
    with app.app_context():
        setting = jobs.Setting(seal, "http://127.0.0.1", at)
        with database.transaction() as session:
            reading.ask_when_due(session, setting)
        return work.run_due(database, work.KINDS, lambda: setting)


def kinds(app):
    with app.extensions["database"].reader() as session:
        return [mail.kind for mail in session.scalars(select(IncomingMail).order_by(IncomingMail.id))]


def test_a_box_of_twenty_is_read_and_each_message_accounted_for(app, box, seal):
    with_scan = mail("见附件。", number="12", subject="意见一份")
    with_scan.add_attachment(b"%PDF-1.4 x", maintype="application", subtype="pdf", filename="意见.pdf")
    box.messages = {
        uid: raw if isinstance(raw, bytes) else bytes(raw)
        for uid, raw in enumerate(
            [
                mail("一"), mail("二", number="2"), mail("三", number="3"), old("第五条，巡查太少。"), old("改", "gbk", "base64"),
                old("第三条很好。", "gb18030", "quoted-printable"), mail("四", number="4", html="<p>四</p>"), mail("一"),
                mail("五", number="5", subject="自动回复：好"), mail("六", number="6", X_Spam_Flag="YES"), with_scan,
                mail("七", number="7", sender="MAILER-DAEMON@x.cn", subject="退信"), HOSTILE["deep parts"], HOSTILE["bytes"],
                *(mail(f"意见{n}", number=f"n{n}") for n in range(6)),
            ],
            start=101,
        )
    }  # fmt: skip
    assert read_box(app, seal) == 1
    found = kinds(app)
    assert len(found) == 20
    assert [found.count(kind) for kind in MailKind] == [15, 1, 1, 1, 1, 1]
    with app.extensions["database"].reader() as session:
        assert session.scalar(select(func.count(Registration.id))) == 15
        place = session.scalars(select(Mailbox)).one()
        assert (place.validity, place.last_uid, place.fault) == ("7", 120, "")
        # the server's word on when it came, not the sender's
        first = session.scalars(select(IncomingMail).order_by(IncomingMail.id)).first()
        assert first.arrived_at.isoformat() == "2026-03-12T03:30:00+00:00"
    assert not any("STORE" in heard or "SELECT " in heard for heard in box.heard), "the box is only looked at"


def test_it_goes_on_behind_the_last_one_and_doubles_nothing(app, box, seal):
    from datetime import timedelta

    box.messages = {uid: bytes(mail(f"意见{uid}", number=str(uid))) for uid in range(1, 46)}
    assert read_box(app, seal) == 3, "twenty at a time, each step kept"
    assert len(kinds(app)) == 45
    assert read_box(app, seal) == 0, "not before its time"
    box.messages[46] = bytes(mail("新的", number="46"))
    read_box(app, seal, NOON + timedelta(minutes=6))
    assert len(kinds(app)) == 46
    # the server numbers anew: everything is seen again, and recognised
    box.validity = 8
    read_box(app, seal, NOON + timedelta(minutes=12))
    with app.extensions["database"].reader() as session:
        assert session.scalar(select(func.count(Registration.id))) == 46
        assert session.scalar(select(func.count()).where(IncomingMail.kind == MailKind.SAME)) == 46


@pytest.mark.parametrize("manner", ["silent", "rude", "password", "away"])
def test_a_box_that_cannot_be_read_says_so_and_holds_nobody_up(app, box, seal, manner):
    if manner == "password":
        box.password = "another"
    elif manner == "away":
        app.extensions["settings"] = dataclasses.replace(app.extensions["settings"], imap_port=1)
    else:
        box.manner = manner
    read_box(app, seal)
    with app.extensions["database"].reader() as session:
        assert session.scalars(select(Mailbox)).one().fault
        job = session.scalars(select(Job)).one()
        assert job.state is JobState.DONE
        assert job.result["fault"]


def test_a_password_goes_to_another_machine_by_tls_only(app, box, seal):
    app.extensions["settings"] = dataclasses.replace(app.extensions["settings"], imap_server="mail.example.com")
    read_box(app, seal)
    with app.extensions["database"].reader() as session:
        assert "TLS" in session.scalars(select(Mailbox)).one().fault


def test_files_are_taken_in_by_a_command_once(app, site, tmp_path):
    file = tmp_path / "a.mbox"
    file.write_bytes(
        b"".join(b"From x Thu Mar 12 10:00:00 2026\n" + bytes(mail(f"意见{n}", number=str(n))) for n in range(3))
    )
    app.extensions["settings"] = app.extensions["settings"]
    run = app.test_cli_runner()
    done = run.invoke(args=["submissions", "import-mail", str(file), "--consultation", "hehu"])
    assert done.exit_code == 0, done.output
    assert '"registered": 3' in done.output
    again = run.invoke(args=["submissions", "import-mail", str(file), "--consultation", "hehu"])
    assert '"known": 3' in again.output
    wrong = run.invoke(args=["submissions", "import-mail", str(file), "--consultation", "nowhere"])
    assert wrong.exit_code == 2


def test_what_people_signed_goes_on_its_date_and_what_they_said_stays(world, found):
    from datetime import timedelta

    from portal.models import Comment
    from portal.services import retention

    (kept,) = taken(world, mail())
    registration = kept.registration
    handing_in.hand_in(world.session, world.actor(Role.MODERATOR), registration, registration.revision, NOON)
    confirming.confirm(
        world.session, world.seal, world.actor(Role.PUBLISHER), registration, registration.revision, NOON
    )
    found.results_published_at = NOON
    world.session.flush()
    retention.erase_expired(world.session, NOON + timedelta(days=179))
    assert world.session.get(Registration, registration.id, populate_existing=True).text_sealed
    retention.erase_expired(world.session, NOON + timedelta(days=181))
    world.session.expire_all()
    assert world.session.get(Registration, registration.id).text_sealed == ""
    assert world.session.get(IncomingMail, kept.id).content_sealed is None
    assert len(world.session.scalars(select(Comment)).all()) == 2


def test_a_backup_holds_it_all(world, found, database, seal, tmp_path):
    from portal.db import Database
    from portal.services import backups

    first, _ = taken(world, mail(), mail())
    registering_id = first.registration.id
    receiving.keep_place(world.session, "hhbj@box/INBOX", world.bureau, NOON, validity="7", last_uid=9)
    world.session.commit()
    with database.reader() as session:
        backups.write(session.connection(), tmp_path / "a.zip", NOON)
    other = Database(f"sqlite:///{tmp_path / 'other.sqlite3'}")
    other.migrate()
    with other.transaction() as session:
        backups.restore(session.connection(), tmp_path / "a.zip")
    with other.reader() as session:
        kept = session.get_one(Registration, registering_id)
        assert (str(kept.received_time), kept.remarks[0].clause.label) == ("10:00:00", "2-1")
        assert registering.text_of(seal, kept) == WORDS
        assert (
            session.scalars(select(IncomingMail).where(IncomingMail.kind == MailKind.SAME)).one().same_as_id == first.id
        )
    other.engine.dispose()
