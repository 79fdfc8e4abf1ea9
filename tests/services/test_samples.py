"""The samples on any day: one open, one that ends soon, one answered; and enough voices in them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from portal.access import Role
from portal.cli import samples
from portal.models import Comment, Consultation, OutgoingEmail
from portal.reports.summary import imbalances
from portal.rules.words import Channel, CommentState
from portal.services import audit, listing, summaries


@pytest.fixture
def loaded(database, seal, settings):
    assert samples.load(database, seal, settings)
    return database


def test_one_is_open_one_ends_soon_one_is_answered(loaded):
    with loaded.reader() as session:
        shelves = listing.shelves(session, datetime.now(UTC))
        assert [len(s) for s in (shelves.open, shelves.soon, shelves.answered)] == [1, 1, 1]
        assert all(entry.consultation.is_sample for entry in (*shelves.open, *shelves.soon, *shelves.answered))


def test_many_voices(loaded):
    with loaded.reader() as session:
        comments = session.scalars(select(Comment)).all()
        assert len(comments) >= 60
        kinds = {comment.submission.respondent.kind for comment in comments}
        assert len(kinds) == 5
        assert {Channel.LETTER, Channel.PHONE, Channel.MEETING} <= {c.submission.channel for c in comments}
        assert any(c.proposed_text for c in comments)
        assert {c.state for c in comments} == {CommentState.PENDING, CommentState.PUBLISHED, CommentState.WITHHELD}
        assert all(c.received_at <= datetime.now(UTC) for c in comments)


def test_personal_data_is_masked_in_public(loaded):
    with loaded.reader() as session:
        masked = [c for c in session.scalars(select(Comment)) if c.public_body and c.public_body != c.body]
        assert len(masked) >= 3


def test_every_summary_balances_and_the_log_is_whole(loaded):
    with loaded.reader() as session:
        for consultation in session.scalars(select(Consultation)):
            summary = summaries.summarise(session, consultation, datetime.now(UTC))
            assert list(imbalances(summary)) == []
        assert list(audit.verify(session)) == []


def test_nobody_is_written_to(loaded):
    with loaded.reader() as session:
        assert session.scalar(select(func.count()).where(OutgoingEmail.sent_at.is_(None))) == 0


def test_a_second_load_changes_nothing(loaded, seal, settings):
    before = samples.sign_ins(settings.data_dir)
    assert len(before) == len(Role)
    assert not samples.load(loaded, seal, settings)
    assert samples.sign_ins(settings.data_dir) == before
    assert (settings.data_dir / samples.SIGN_INS).stat().st_mode & 0o077 == 0
