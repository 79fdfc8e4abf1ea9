"""The invariants the tables state for themselves."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests import factories


def test_withholding_says_why(world):
    found = factories.consultation(world)
    (comment,) = factories.submission(world, found, "意见")
    world.session.flush()
    staff = next(iter(world.staff.values())).id
    with pytest.raises(IntegrityError, match="withholding_says_why"):
        world.session.execute(
            text(
                "INSERT INTO moderation_decision (comment_id, revision, decided_by_id, decided_at, from_state, to_state,"
                f" reason_code, note) VALUES ({comment.id}, 1, {staff}, '2026-03-12', 'pending', 'withheld', '', '')"
            )
        )


def test_a_comment_says_something(world):
    found = factories.consultation(world)
    (comment,) = factories.submission(world, found, "意见")
    with pytest.raises(IntegrityError, match="says_something"):
        world.session.execute(
            text(
                "INSERT INTO comment (consultation_id, submission_id, position, number, received_at, stance, body, proposed_text,"
                f" quote, state, revision, reason_code, public_body, public_proposed_text) VALUES ({found.id},"
                f" {comment.submission_id}, 9, 99, '2026-03-12', 'change', '', '', '', 'pending', 0, '', '', '')"
            )
        )


def test_instants_come_back_aware(world):
    found = factories.consultation(world)
    world.session.flush()
    world.session.expire_all()
    assert found.first_published_at is not None
    assert found.first_published_at.utcoffset() is not None
    found.results_due_at = factories.NOON.replace(tzinfo=None)
    with pytest.raises(Exception, match="time zone"):
        world.session.flush()
