"""Migrations end where the models are, go down again, and carry data."""

from __future__ import annotations

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, select, text

from portal.access import Role
from portal.db import Database, alembic_config
from portal.models import Bureau, Respondent
from portal.rules.words import CommentState
from portal.services import moderation
from tests import factories
from tests.factories import NOON


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request, tmp_path):
    """The address of a database with nothing in it."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite3'}"
        return
    server = request.getfixturevalue("postgres")
    name = f"empty_{abs(hash(str(tmp_path)))}"
    server.execute(f"CREATE DATABASE {name}")
    yield server.url(name)
    server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def revisions() -> list[str]:
    script = ScriptDirectory.from_config(alembic_config("sqlite://"))
    return [revision.revision for revision in script.walk_revisions()][::-1]


def test_they_are_numbered_without_a_gap():
    assert revisions() == [f"{n:04d}" for n in range(1, len(revisions()) + 1)]


def test_the_last_one_ends_where_the_models_are(empty_url):
    Database(empty_url).migrate()
    command.check(alembic_config(empty_url))


def tables(url):
    database = Database(url)
    found = set(inspect(database.engine).get_table_names()) - {"alembic_version"}
    database.engine.dispose()
    return found


def test_each_goes_up_and_down_again(empty_url):
    config = alembic_config(empty_url)
    for revision in revisions():
        command.upgrade(config, revision)
    everything = tables(empty_url)
    for _ in revisions():
        command.downgrade(config, "-1")
    assert tables(empty_url) == set()
    command.upgrade(config, "head")
    assert tables(empty_url) == everything


def test_data_survives_the_last_step_down_and_up(database, database_url, seal):
    with database.writer() as session:
        made = factories.world(session, seal)
        factories.submission(made, factories.consultation(made), "一条意见")
        session.commit()
    database.engine.dispose()
    config = alembic_config(database_url)
    command.downgrade(config, "-1")
    command.upgrade(config, "head")
    with database.reader() as session:
        assert session.scalar(text("SELECT body FROM comment")) == "一条意见"


#: what every version of the program has kept, and what of it must read the same whichever version wrote it
LASTING = {
    "bureau": "code, name",
    "consultation": "slug, title, submissions_numbered, comments_numbered",
    "clause": "position, label, text",
    "comment_window": "opens_at, closes_at",
    "submission": "receipt_number, receipt_digest, secret_trace, received_at",
    "respondent": "kind, organisation, contact_sealed",
    "comment": "number, body, stance, state, public_body",
    "moderation_decision": "comment_id, to_state, note",
    "audit_event": "act, subject, hash",
    "outgoing_email": "kind, recipient_sealed, sent_at",
}


def lasting(url):
    database = Database(url)
    with database.reader() as session:
        found = {
            table: sorted(map(str, session.execute(text(f"SELECT {columns} FROM {table}")).all()))
            for table, columns in LASTING.items()
        }
    database.engine.dispose()
    return found


def test_data_of_every_earlier_version_comes_up(database, database_url, seal):
    """Down to the first version with a lived-in database, then up again step by step: each step carries its data."""
    with database.writer() as session:
        made = factories.world(session, seal)
        found = factories.consultation(made)
        (one, other) = factories.submission(made, found, "一条意见", "另一条意见", email="a@example.com")
        factories.submission(made, found, "企业的意见", kind="enterprise", organisation="示例企业")
        moderator = made.actor(Role.MODERATOR)
        moderation.decide(session, moderator, one, CommentState.PUBLISHED, revision=0, at=NOON)
        moderation.decide(
            session, moderator, other, CommentState.WITHHELD, revision=0, at=NOON, reason_code="P4", note="与草案无关。"
        )
        session.commit()
    database.engine.dispose()
    before, config = lasting(database_url), alembic_config(database_url)
    assert all(before[table] for table in LASTING if table != "outgoing_email")
    command.downgrade(config, "0001")
    for revision in revisions()[1:]:
        command.upgrade(config, revision)
    assert lasting(database_url) == before
    with database.reader() as session:
        # what later versions count is counted again from what there is
        tally = session.execute(text("SELECT sum(pending), sum(published), sum(withheld) FROM tally")).one()
        assert tuple(tally) == (1, 1, 1)
        assert session.scalar(text("SELECT sum(count) FROM desk_tally")) == 3
        # what earlier versions never asked is empty, as if nobody had answered
        assert session.scalars(select(Bureau.regions)).all() == [[]]
        assert set(session.scalars(select(Respondent.region))) == {""}


def test_no_migration_imports_the_program():
    from pathlib import Path

    for file in Path("migrations/versions").glob("*.py"):
        assert "portal" not in file.read_text(encoding="utf-8"), file
