"""The wiring of the database: one engine per app, one session per request, migrations."""

from __future__ import annotations

import copy
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, PoolProxiedConnection, create_engine, event, text
from sqlalchemy.exc import InternalError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from portal import turns
from portal.config import ROOT
from portal.group_commit import GroupCommit

T = TypeVar("T")

#: seconds a writer waits for another on SQLite before it gives up
BUSY_SECONDS = 20


def make_engine(url: str) -> Engine:
    """An engine for SQLite (WAL, every commit on the disk, foreign keys) or PostgreSQL (UTC, time-outs)."""
    if not url.startswith("sqlite"):
        return create_engine(
            url,
            pool_pre_ping=True,
            # a plan is made for the words that are searched: one for any words would be wrong for most
            connect_args={
                "options": "-c timezone=UTC -c statement_timeout=30000 -c lock_timeout=10000"
                " -c plan_cache_mode=force_custom_plan"
            },
        )
    file = url.removeprefix("sqlite:///")
    if file:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS, "factory": turns.connections()})
    event.listen(engine, "connect", _prepare_sqlite)
    # not by a listener of "begin": an engine that is listened to asks its listeners at every statement
    engine.dialect.do_begin = _begin_looking  # type: ignore[assignment, method-assign]
    return engine


def writing_engine(engine: Engine) -> Engine:
    """The same connections for those who change things. They differ on SQLite only, by how they begin."""
    if engine.dialect.name != "sqlite":
        return engine
    writing = engine.execution_options()
    writing.dialect = copy.copy(engine.dialect)
    writing.dialect.do_begin = _begin_writing  # type: ignore[assignment, method-assign]
    return writing


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    # the driver's own BEGIN comes too late (before the first write only), so it is switched off
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_SECONDS * 1000}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_looking(connection: PoolProxiedConnection) -> None:
    raw = connection.dbapi_connection
    assert isinstance(raw, turns.InTurn)
    raw.execute("BEGIN")


def _begin_writing(connection: PoolProxiedConnection) -> None:
    # A writer takes the lock at once: a reader that turns writer half-way would fail with "database is locked".
    raw = connection.dbapi_connection
    assert isinstance(raw, turns.InTurn)
    raw.take_turn(BUSY_SECONDS)
    raw.execute("BEGIN IMMEDIATE")


#: what PostgreSQL answers when it can only be read, or its disk is full
_NOT_KEEPING = {"25006", "53100"}


def keeps_nothing(fault: OperationalError | InternalError) -> bool:
    """Whether the database can be read but keeps nothing new: a full disk, or one that may only be read."""
    raw = fault.orig
    if isinstance(raw, sqlite3.OperationalError):
        # the lower eight bits are the kind of fault; who waited in vain for the turn (`turns`) has none
        return getattr(raw, "sqlite_errorcode", 0) & 0xFF in (
            sqlite3.SQLITE_FULL,
            sqlite3.SQLITE_READONLY,
            sqlite3.SQLITE_IOERR,
        )
    return getattr(raw, "sqlstate", None) in _NOT_KEEPING


class Database:
    """Opens sessions. Reading sessions never hold SQLite's single write lock."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = make_engine(url)
        #: makes every session that changes things; who has to know of commits listens here
        self.writers = sessionmaker(writing_engine(self.engine), expire_on_commit=False)
        self._group_commit = GroupCommit(self.transaction)

    def reader(self) -> Session:
        """A session for looking only."""
        return Session(self.engine, expire_on_commit=False)

    def writer(self) -> Session:
        """A session for changing things; the caller commits."""
        return self.writers()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A writing session that commits when the block ends well and rolls back when it does not."""
        with self.writer() as session, session.begin():
            yield session

    def together(self, line: str, do: Callable[[Session], T]) -> T:
        """What `do` returns, committed with the other acts of this line that come at the same time (`GroupCommit`)."""
        return self._group_commit.run(line, do)

    def clock_apart(self) -> float | None:
        """Seconds by which this machine's clock is ahead of the database server's; None on SQLite, which has none."""
        if self.engine.dialect.name != "postgresql":
            return None
        with self.engine.connect() as connection:
            asked_at = time.time()
            there = float(connection.scalar(text("SELECT extract(epoch FROM clock_timestamp())")) or 0)
            return (asked_at + time.time()) / 2 - there

    def migrate(self, revision: str = "head") -> None:
        """Brings the schema up to `revision`."""
        command.upgrade(alembic_config(self.url), revision)


def alembic_config(url: str) -> Config:
    """Alembic's settings without an ini file; a % in the URL would otherwise be read as a placeholder."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config
