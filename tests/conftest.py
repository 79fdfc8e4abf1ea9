"""Databases, applications and browsers for the tests. Everything that touches the database runs on both."""

from __future__ import annotations

import dataclasses
import itertools
import os
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, expect, sync_playwright

from portal import config, create_app
from portal.db import Database
from portal.sealing import Seal
from portal.services import reference
from tests import factories, pages
from tests.postgres import PostgresServer

_serial = itertools.count()
#: seals in the tests
KEY = bytes(range(32))

# a loaded machine is no reason to fail: what must be fast is measured by bench/
hypothesis.settings.register_profile("portal", deadline=None)
hypothesis.settings.load_profile("portal")

#: headless, and silent towards the world: nothing is looked up or fetched
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of documents beside the project. In CI its absence is a failure; elsewhere those tests rest."""
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not folder.is_dir():
        if os.environ.get("CI"):
            pytest.fail("the shared folder is missing")
        pytest.skip("no shared folder beside the project")
    return folder


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One headless Chromium for all tests of this process."""
    program = os.environ.get("PORTAL_TEST_CHROMIUM") or shutil.which("chromium")
    if not program:
        pytest.fail("Chromium is missing: install Debian's package chromium and run the tests again.")
    # what takes a second on an idle machine may take many beside other work
    expect.set_options(timeout=30_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One PostgreSQL server for all tests of this process."""
    server = PostgresServer()
    database = Database(server.url("postgres"))
    database.engine.dispose()
    server.execute("CREATE DATABASE portal_template")
    _fill(server.url("portal_template"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the schema and the reference data, to be copied."""
    file = tmp_path_factory.mktemp("sqlite") / "template.sqlite3"
    _fill(f"sqlite:///{file}")
    return file


def _fill(url: str) -> None:
    database = Database(url)
    database.migrate()
    with database.transaction() as session:
        reference.fill(session)
    database.engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database with the schema: every test that asks for it runs on both kinds."""
    if request.param == "sqlite":
        file = tmp_path / "portal.sqlite3"
        shutil.copy(request.getfixturevalue("sqlite_template"), file)
        yield f"sqlite:///{file}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = f"t{os.getpid()}_{next(_serial)}"
    server.execute(f"CREATE DATABASE {name} TEMPLATE portal_template")
    yield server.url(name)
    server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database of this test's own."""
    made = Database(database_url)
    yield made
    made.engine.dispose()


@pytest.fixture
def seal() -> Seal:
    return Seal(KEY)


@pytest.fixture
def world(database: Database, seal: Seal) -> Iterator[factories.World]:
    """A bureau with staff in a writing session; nothing is committed unless the test does."""
    with database.writer() as session:
        yield factories.world(session, seal)


class Clock:
    """The time it is in the application."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> config.Settings:
    made = config.from_environment({"PORTAL_DATA_DIR": str(tmp_path / "data"), "PORTAL_SEALING_KEY": KEY.hex()})
    return dataclasses.replace(made, database_url=database_url, page_seconds=0)


@pytest.fixture
def app(settings: config.Settings) -> Iterator[Flask]:
    """The application on this test's database, at NOON, with faults passed through."""
    made = create_app(settings)
    made.config.update(TESTING=True)
    made.test_client_class = pages.Browser
    made.extensions["clock"] = Clock(factories.NOON)
    yield made
    made.extensions["database"].engine.dispose()


@pytest.fixture
def clock(app: Flask) -> Clock:
    found: Clock = app.extensions["clock"]
    return found


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without scripts that checks every page it is given."""
    return app.test_client()


@pytest.fixture
def site(app: Flask, seal: Seal) -> factories.World:
    """Staff and one open consultation ("hehu"), committed, in the application's database."""
    database: Database = app.extensions["database"]
    with database.writer() as session:
        made = factories.world(session, seal)
        factories.consultation(made)
        session.commit()
    return made
