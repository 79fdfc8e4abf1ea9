"""Migrations end where the models are, go down again, and carry data."""

from __future__ import annotations

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from portal.db import Database, alembic_config
from tests import factories


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


def test_no_migration_imports_the_program():
    from pathlib import Path

    for file in Path("migrations/versions").glob("*.py"):
        assert "portal" not in file.read_text(encoding="utf-8"), file
