"""Everything sealed can be sealed anew while others write, stopped and gone on with; and every column is known."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from portal.models import Account, Attachment, Base, OutgoingEmail, Respondent, Submission
from portal.rules import uploads
from portal.rules.words import AttachmentPurpose, Channel
from portal.sealing import IndexKey, NotSealedByUs, Seal, SealingKey
from portal.services import attachments, baskets, commenting, outbox, people, resealing, second_factor, tracking
from portal.services.identity import CONTACT_CONTEXT
from tests import factories

K1, K2 = SealingKey("k1", bytes(range(32))), SealingKey("k2", b"2" * 32)
INDEX = IndexKey(K1.secret)
PDF = b"%PDF-1.7 words"


@pytest.fixture
def filled(database, seal):
    """One value in every kind of column: letters, contact data, a file, a second factor."""
    with database.writer() as session:
        made = factories.world(session, seal)
        consultation = factories.consultation(made)
        receipt = commenting.register(
            session,
            seal,
            consultation,
            identity=commenting.Identity(kind="citizen", name="周明", email="a@example.com", has_read_notice=True),
            remarks=[(factories.clause(consultation, "二、", "（一）"), baskets.Remark("change", "一条意见"))],
            channel=Channel.WEB,
            received_at=factories.NOON,
        )
        for number in range(7):
            outbox.owe(
                session, seal, kind="test", recipient=f"{number}@example.com", subject="s", body="b", at=factories.NOON
            )
        for purpose in (AttachmentPurpose.EVIDENCE, AttachmentPurpose.ADOPTED):
            attachments.keep(session, seal, consultation.id, purpose, uploads.checked(PDF, "a.pdf"), factories.NOON)
        account = session.scalars(select(Account)).first()
        account.email_sealed = seal.close("staff@example.com", people.EMAIL_CONTEXT)
        account.totp_sealed = seal.close("SECRET", second_factor.CONTEXT)
        session.commit()
        return receipt


def everything(database, seal):
    """Every sealed value of the database, opened, by its place."""
    found = {}
    with database.reader() as session:
        for place in resealing.places():
            rows = session.execute(select(place.key, place.column).where(place.is_sealed())).all()
            for key, value in rows:
                opened = (
                    seal.open_bytes(bytes(value), place.context) if place.is_binary else seal.open(value, place.context)
                )
                found[place.name, key] = opened
    return found


def test_every_sealed_column_is_known():
    sealed = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if column.name.endswith("_sealed")
    }
    assert sealed | {"attachment.content"} == set(resealing.CONTEXTS)


@pytest.mark.parametrize("cipher", ["aes", "sm4", "sm4h"])
def test_all_is_sealed_anew_and_says_the_same(database, seal, filled, cipher):
    before = everything(database, seal)
    assert {place for place, _ in before} >= {
        "respondent.contact_sealed", "outgoing_email.body_sealed", "attachment.content", "account.totp_sealed",
    }  # fmt: skip
    both = Seal([K1, K2], INDEX, cipher)
    with database.reader() as session:
        assert resealing.idle_keys(both, list(resealing.counts(session, both))) == []
    told = {progress.place: progress.sealed for progress in resealing.reseal(database.transaction, both)}
    assert sum(told.values()) == len(before)
    assert everything(database, Seal([K2], INDEX)) == before
    assert list(resealing.reseal(database.transaction, both)) == []
    with database.reader() as session:
        counted = list(resealing.counts(session, both))
        assert resealing.idle_keys(both, counted) == ["k1"]
        assert sum(count.by_head.get(both.head, 0) for count in counted) == len(before)
        assert sum(count.unknown for count in counted) == 0


def test_stopped_and_gone_on_with_it_loses_nothing(database, seal, filled, monkeypatch):
    monkeypatch.setattr(resealing, "BATCH", 3)
    before = everything(database, seal)
    both = Seal([K1, K2], INDEX)
    running = resealing.reseal(database.transaction, both)
    for _ in range(3):
        next(running)
    running.close()
    assert everything(database, both) == before  # half and half: all of it opens
    with pytest.raises(NotSealedByUs):
        everything(database, Seal([K2], INDEX))
    for _ in resealing.reseal(database.transaction, both):
        pass
    assert everything(database, Seal([K2], INDEX)) == before


def test_what_was_erased_meanwhile_stays_erased(database, seal, filled, monkeypatch):
    both = Seal([K1, K2], INDEX)
    whole = resealing._anew

    def erased_first(seal, place, value):
        if place.name == "respondent.contact_sealed" and not erased:
            erased.append(1)
            touched.execute(update(Respondent).values(contact_sealed=""))
        return whole(seal, place, value)

    erased, touched = [], None

    @contextmanager
    def transaction():
        """Remembers its session, so that the erasing can come between looking and writing."""
        nonlocal touched
        with database.transaction() as session:
            touched = session
            yield session

    monkeypatch.setattr(resealing, "_anew", erased_first)
    for _ in resealing.reseal(transaction, both):
        pass
    assert erased
    with database.reader() as session:
        assert set(session.scalars(select(Respondent.contact_sealed))) == {""}


def test_values_of_a_key_that_is_gone_are_left_and_counted(database, seal, filled):
    stranger = Seal([SealingKey("k9", b"9" * 32), K2], INDEX)
    reports = list(resealing.reseal(database.transaction, stranger))
    assert sum(report.sealed for report in reports) == 0
    assert sum({report.place: report.unreadable for report in reports}.values()) == len(everything(database, seal))
    with database.reader() as session:
        assert sum(count.unknown for count in resealing.counts(session, stranger)) == len(everything(database, seal))


def test_receipts_are_found_after_the_first_key_is_gone(database, seal, filled):
    both, later = Seal([K1, K2], INDEX), Seal([K2], INDEX)
    for _ in resealing.reseal(database.transaction, both):
        pass
    with database.reader() as session:
        submission = session.scalars(select(Submission)).one()
        assert tracking.tracked(session, later, filled.number, filled.secret).id == submission.id
        assert tracking.tracked(session, Seal([K2]), filled.number, filled.secret) is None
        contact = later.open_fields(submission.respondent.contact_sealed, CONTACT_CONTEXT)
    assert contact["email"] == "a@example.com"


def test_the_database_still_refuses_other_changes_of_files(database, seal, filled):
    with database.reader() as session:
        rows = {file.purpose: file.id for file in session.scalars(select(Attachment))}
    sealed, public = rows[AttachmentPurpose.EVIDENCE], rows[AttachmentPurpose.ADOPTED]
    other = seal.close_bytes(b"%PDF-1.7 other", attachments.CONTEXT)
    for statement, values in (
        ("UPDATE attachment SET content = :content WHERE id = :id", {"id": sealed, "content": other}),
        ("UPDATE attachment SET content = :content WHERE id = :id", {"id": public, "content": b"k9\nother"}),
        ("UPDATE attachment SET digest = 'x', content = :content WHERE id = :id",
         {"id": sealed, "content": Seal([K2]).close_bytes(PDF, attachments.CONTEXT)}),
    ):  # fmt: skip
        with pytest.raises(IntegrityError, match="a file never changes"), database.transaction() as session:
            session.execute(text(statement), values)


def test_letters_in_the_outbox_go_out_after_their_key_was_replaced(database, seal, filled):
    both = Seal([K1, K2], INDEX)
    for _ in resealing.reseal(database.transaction, both):
        pass
    with database.reader() as session:
        letter = session.scalars(select(OutgoingEmail).where(OutgoingEmail.kind == "test")).first()
        assert Seal([K2]).open(letter.recipient_sealed, outbox.RECIPIENT) == "0@example.com"
