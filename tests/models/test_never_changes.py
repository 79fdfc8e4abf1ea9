"""What was published, said or decided is refused by the database itself, whoever asks."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.access import Role
from portal.rules import uploads
from portal.rules.words import AttachmentPurpose, CommentState
from portal.services import attachments, moderation, summaries
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
    ("DELETE FROM respondent", "is kept"),
    ("UPDATE moderation_decision SET note = 'x'", "never rewritten"),
    ("DELETE FROM moderation_decision", "is kept"),
    ("UPDATE redaction SET replacement = 'x'", "never rewritten"),
    ("UPDATE audit_event SET act = 'x'", "only added to"),
    ("DELETE FROM audit_event", "only added to"),
    ("UPDATE frozen_summary SET digest = 'x'", "never changes"),
    ("UPDATE frozen_summary SET content = '{}'", "never changes"),
    ("DELETE FROM frozen_summary", "is kept"),
    ("UPDATE consultation SET first_published_at = '2020-01-01'", "written once"),
    ("UPDATE consultation SET first_published_at = NULL", "written once"),
    ("DELETE FROM consultation", "is kept"),
    ("UPDATE comment_window SET closes_at = '2020-01-01'", "extended by a new row"),
    ("DELETE FROM comment_window", "is kept"),
    ("UPDATE attachment SET name = 'x'", "a file never changes"),
    ("UPDATE attachment SET digest = 'x' WHERE purpose = 'evidence'", "a file never changes"),
    ("UPDATE attachment SET title = 'x'", "a published file never changes"),
    ("DELETE FROM attachment", "a published file is kept"),
]


@pytest.fixture
def lived_in(database, seal):
    """A database in which everything has happened once."""
    with database.writer() as session:
        made = factories.world(session, seal)
        found = factories.consultation(made)
        (comment,) = factories.submission(made, found, "我叫王小明，电话13800001234，建议每日公布。")
        moderation.decide(
            session, made.actor(Role.MODERATOR), comment, CommentState.PUBLISHED, revision=0, at=factories.NOON,
            masks=moderation.suggested_masks(comment),
        )  # fmt: skip
        for purpose in (AttachmentPurpose.PUBLISHED, AttachmentPurpose.EVIDENCE):
            attachments.keep(session, seal, found.id, purpose, uploads.checked(b"%PDF-1.7", "a.pdf"), factories.NOON)
        summaries.freeze(session, made.actor(Role.DRAFTER), found, factories.NOON, "")
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
