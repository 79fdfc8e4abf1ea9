"""`python -m bench.scale`: two processes sending one-comment submissions at once, on SQLite and on PostgreSQL.

Each opens a clause's basket, puts a comment of ninety letters into it and sends it without contact data. Printed are
submissions a second, and by how much the database grew for each. What grouping adds is in bench.stored. The PostgreSQL of
the tests does not wait for its disk, SQLite does.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bench.applications import application
from bench.datasets import SIZES, make
from portal.db import Database
from tests.postgres import PostgresServer

EACH = 200
_WORDS = "建议把办理时限写进正文，并在网上公开每一步由谁负责、什么时候办结，逾期的要说明理由。"


def send(url: str, folder: str, slug: str, which: int, begin: Any) -> None:
    """What one process does, once all are there."""
    app = application(Database(url), Path(folder))
    begin.wait()
    for number in range(EACH):
        client = app.test_client()
        body = f"第{which}处第{number}条：{_WORDS * 2}"
        client.post(f"/consultations/{slug}/clauses/1-1", data={"stance": "change", "body": body})
        assert client.post(f"/consultations/{slug}/comment", data={"kind": "citizen"}).status_code == 302


def bytes_of(database: Database) -> int:
    """The size of the database with all its indexes."""
    if database.url.startswith("sqlite"):
        with database.transaction() as session:
            return int(session.scalar(text("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")))
    with database.reader() as session:
        return int(session.scalar(text("SELECT pg_database_size(current_database())")))


def count_in(database: Database) -> int:
    with database.reader() as session:
        return session.scalar(text("SELECT count(*) FROM submission")) or 0


def measure(name: str, url: str, folder: str) -> None:
    database = Database(url)
    slug = make(database, SIZES["A"])
    if database.engine.dialect.name == "postgresql":
        # the set was filled with numbers of its own
        with database.transaction() as session:
            for table in ("respondent", "submission", "comment"):
                session.execute(
                    text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
                )
    before = bytes_of(database)
    context = multiprocessing.get_context("spawn")
    begin = context.Barrier(3)
    senders = [context.Process(target=send, args=(url, folder, slug, which, begin)) for which in range(2)]
    at_first = count_in(database)
    for each in senders:
        each.start()
    begin.wait()
    began = time.perf_counter()
    for each in senders:
        each.join()
    seconds = time.perf_counter() - began
    stored = count_in(database) - at_first
    assert stored == 2 * EACH, [each.exitcode for each in senders]
    print(
        f"{name:<12}{stored / seconds:>8.0f} a second"
        f"{(bytes_of(database) - before) / stored:>8.0f} bytes each   load {os.getloadavg()[0]:.1f}",
        flush=True,
    )
    database.engine.dispose()


def main() -> None:
    folder = tempfile.mkdtemp(prefix="portal-scale-")
    server = PostgresServer()
    try:
        measure("SQLite", f"sqlite:///{folder}/portal.sqlite3", folder)
        server.execute("CREATE DATABASE scale")
        measure("PostgreSQL", server.url("scale"), folder)
    finally:
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'scale'")
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
