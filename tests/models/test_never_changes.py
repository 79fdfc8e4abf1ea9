"""What was published, said or decided is refused by the database itself, whoever asks."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import bindparam, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from portal.access import Role
from portal.models import Amendment, Appeal, CommentWindow, Point, Submission
from portal.models.base import UtcDateTime
from portal.rules import uploads
from portal.rules.words import AttachmentPurpose, CommentState, SummaryState
from portal.services import attachments, ledgers, moderation, publishing, scheduling, sorting, summaries, windows
from tests import factories

CHANGES = [
    ("UPDATE draft_version SET title = 'x'", "never changes"),
    ("DELETE FROM draft_version", "is kept"),
    ("UPDATE clause SET text = 'x'", "never changes"),
    ("DELETE FROM clause", "is kept"),
    ("UPDATE comment SET body = 'x'", "never change"),
    ("UPDATE comment SET stance = 'support'", "never change"),
    ("UPDATE comment SET clause_id = NULL", "never change"),
    ("DELETE FROM comment", "is kept"),
    ("UPDATE submission SET receipt_digest = 'x'", "never changes"),
    ("UPDATE submission SET received_at = '2020-01-01'", "never changes"),
    ("UPDATE submission SET secret_trace = 'x'", "never changes"),
    ("DELETE FROM submission", "is kept"),
    ("UPDATE respondent SET organisation = 'x'", "never changes"),
    ("UPDATE respondent SET region = 'x'", "never changes"),
    ("DELETE FROM respondent", "is kept"),
    ("UPDATE moderation_decision SET note = 'x'", "never rewritten"),
    ("DELETE FROM moderation_decision", "is kept"),
    ("UPDATE redaction SET replacement = 'x'", "never rewritten"),
    ("UPDATE audit_event SET act = 'x'", "only added to"),
    ("DELETE FROM audit_event", "only added to"),
    ("UPDATE frozen_summary SET digest = 'x'", "never changes"),
    ("UPDATE frozen_summary SET content = '{}'", "never changes"),
    ("DELETE FROM frozen_summary", "is kept"),
    ("UPDATE summary_signature SET digest = 'x'", "never rewritten"),
    ("DELETE FROM summary_signature", "is kept"),
    ("UPDATE point_decision SET words = 'x'", "never rewritten"),
    ("DELETE FROM point_decision", "is kept"),
    ("UPDATE consultation SET first_published_at = '2020-01-01'", "written once"),
    ("UPDATE consultation SET first_published_at = NULL", "written once"),
    ("DELETE FROM consultation", "is kept"),
    ("UPDATE comment_window SET closes_at = '2020-01-01'", "extended by a new row"),
    ("DELETE FROM comment_window", "is kept"),
    ("UPDATE attachment SET name = 'x'", "a file never changes"),
    ("UPDATE attachment SET digest = 'x' WHERE purpose = 'evidence'", "a file never changes"),
    ("UPDATE attachment SET title = 'x'", "a published file never changes"),
    ("DELETE FROM attachment", "a published file is kept"),
    (
        "INSERT INTO attachment (consultation_id, purpose, title, position, name, media_type, size, digest, content,"
        " kept_at) SELECT consultation_id, purpose, title, position, name, media_type, size, digest, content, kept_at"
        " FROM attachment WHERE purpose = 'published'",
        "takes no new file",
    ),
    ("UPDATE comment_window SET superseded_at = '2026-03-12' WHERE superseded_at IS NULL", "ends when it says"),
    ("UPDATE comment_window SET superseded_at = NULL WHERE superseded_at IS NOT NULL", "ends when it says"),
    ("UPDATE comment_window SET shortened_reason = 'x'", "never changes"),
    ("UPDATE comment_window SET announcement = 'x'", "never changes"),
    ("UPDATE consultation SET notice = 'x'", "a published notice never changes"),
    ("UPDATE consultation SET explanatory_note = 'x'", "a published notice never changes"),
    ("UPDATE consultation SET document_type_id = NULL", "a published notice never changes"),
    ("UPDATE consultation SET withdrawn_at = NULL", "a withdrawal is written once"),
    ("UPDATE consultation SET withdrawal_reason = 'x'", "a withdrawal is written once"),
    ("UPDATE planned_publication SET outcome = 'published'", "never changes"),
    ("DELETE FROM planned_publication", "is kept"),
]


@pytest.fixture
def lived_in(database, seal):
    """A database in which everything has happened once."""
    with database.writer() as session:
        made = factories.world(session, seal)
        found = factories.prepared(made)
        for purpose in (AttachmentPurpose.PUBLISHED, AttachmentPurpose.EVIDENCE):
            attachments.keep(session, seal, found.id, purpose, uploads.checked(b"%PDF-1.7", "a.pdf"), factories.NOON)
        publisher = made.actor(Role.PUBLISHER)
        publishing.publish(session, publisher, found, found.window.opens_at)
        windows.extend(session, publisher, found, date(2026, 4, 10), None, "", factories.NOON)
        (comment,) = factories.submission(made, found, "我叫王小明，电话13800001234，建议每日公布。")
        moderation.decide(
            session, made.actor(Role.MODERATOR), comment, CommentState.PUBLISHED, revision=0, at=factories.NOON,
            masks=moderation.suggested_masks(comment),
        )  # fmt: skip
        kept = summaries.freeze(session, made.actor(Role.DRAFTER), found, factories.NOON, "")
        summaries.sign(session, made.actor(Role.MODERATOR), found, kept, SummaryState.REVIEWED, factories.NOON)
        key = session.scalars(select(Point.key)).one()
        sorting.rename(session, made.actor(Role.DRAFTER), found, key, "每日公布", factories.NOON)
        windows.withdraw(session, publisher, found, "因上位规划调整，本次征求意见撤回。", factories.NOON)
        other = factories.prepared(made, slug="other", opens_on=date(2026, 3, 20), closes_on=date(2026, 4, 30))
        plan = scheduling.plan(session, publisher, other, factories.NOON + timedelta(days=1), factories.NOON)
        scheduling.cancel(session, publisher, other, factories.NOON)
        assert plan.settled_at
        session.commit()
    return database


def test_the_database_refuses(lived_in):
    for statement, sentence in CHANGES:
        with lived_in.writer() as session:
            with pytest.raises(DBAPIError) as refused:
                session.execute(text(statement))
            assert sentence in str(refused.value), statement
            session.rollback()


def test_a_published_draft_takes_no_new_clause(lived_in):
    columns = (
        "version_id, position, parent_position, depth, kind, number, heading, text, rows, path, label, citation,"
        " line, responsibilities"
    )
    with lived_in.writer() as session:
        version = session.scalar(text("SELECT id FROM draft_version"))
        with pytest.raises(DBAPIError, match="takes no new clause"):
            session.execute(
                text(
                    f"INSERT INTO clause ({columns}) VALUES ({version},99,-1,0,'cn','九、','','','[]','[]','9','',1,'[]')"
                )
            )
        session.rollback()


def test_what_may_change_still_does(lived_in):
    with lived_in.writer() as session:
        session.execute(text("UPDATE comment SET state = 'pending', revision = 2, public_body = ''"))
        session.execute(text("UPDATE consultation SET phone = '0999-5550111'"))
        session.commit()


def window_row(session, opens_at, closes_at):
    columns = "consultation_id, opens_at, closes_at, rule_code, count_mode, shortened_reason, announcement, created_at"
    found = session.scalar(text("SELECT id FROM consultation WHERE slug = 'hehu'"))
    session.execute(
        text(
            f"INSERT INTO comment_window ({columns}) VALUES (:found, :opens_at, :closes_at, '', 'civil', '', '', :at)"
        ).bindparams(bindparam("opens_at", type_=UtcDateTime), bindparam("closes_at", type_=UtcDateTime),
                     bindparam("at", type_=UtcDateTime)),
        {"found": found, "opens_at": opens_at, "closes_at": closes_at, "at": factories.NOON},
    )  # fmt: skip


def test_a_window_is_only_ever_followed_by_a_longer_one(lived_in):
    with lived_in.writer() as session:
        first, last = session.scalars(
            select(CommentWindow).where(CommentWindow.consultation.has(slug="hehu")).order_by(CommentWindow.id)
        )
        opens_at, closes_at = last.opens_at, last.closes_at
        for wrong in (
            (opens_at, closes_at),
            (opens_at, closes_at - timedelta(seconds=1)),
            (opens_at, first.closes_at),
            (opens_at + timedelta(days=1), closes_at + timedelta(days=1)),
        ):
            with pytest.raises(IntegrityError, match="only ever extended"):
                window_row(session, *wrong)
            session.rollback()
        window_row(session, opens_at, closes_at + timedelta(days=1))
        session.commit()
    with lived_in.reader() as session:
        rows = session.scalars(select(CommentWindow).order_by(CommentWindow.id)).all()
        assert [row.superseded_at is None for row in rows if row.consultation.slug == "hehu"] == [False, False, True]


def test_a_withdrawal_needs_its_reason(database, seal):
    with database.writer() as session:
        made = factories.world(session, seal)
        factories.consultation(made)
        session.commit()
        with pytest.raises(IntegrityError, match="a withdrawal says why"):
            session.execute(text("UPDATE consultation SET withdrawn_at = '2026-03-12'"))


AFTERWARDS = [
    ("UPDATE comment SET confidential_sealed = 'x'", "never change"),
    ("UPDATE respondent SET notice_version = 'x'", "never changes"),
    ("UPDATE respondent SET shown_as = 'x'", "never changes"),
    ("UPDATE amendment SET digest = 'x'", "never rewritten"),
    ("DELETE FROM amendment", "is kept"),
    ("UPDATE appeal SET body = 'x'", "never change"),
    ("DELETE FROM appeal", "is kept"),
    ("UPDATE ledger_day SET text = 'x'", "never changes"),
    ("DELETE FROM ledger_day", "is kept"),
]


def test_what_happens_after_sending_is_kept_too(lived_in, seal):
    with lived_in.writer() as session:
        submission = session.scalars(select(Submission)).one()
        (comment,) = submission.comments
        session.add(
            Amendment(comment=comment, revision=9, from_state=comment.state, amended_at=factories.NOON, digest="0" * 64)
        )
        session.add(Appeal(comment=comment, revision=9, body="申诉", made_at=factories.NOON))
        ledgers.publish_due(session, factories.NOON + timedelta(days=2))
        session.commit()
    for statement, sentence in AFTERWARDS:
        with lived_in.writer() as session:
            with pytest.raises(DBAPIError) as refused:
                session.execute(text(statement))
            assert sentence in str(refused.value), statement
            session.rollback()
