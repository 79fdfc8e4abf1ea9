"""The moderation desk: the queue at C against A, and one decision on 300,000 comments while the site answers.

`python -m bench.desk` makes the sets in a folder of their own (BENCH_DIR, otherwise a temporary one).
"""

from __future__ import annotations

import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select, text, update

from bench import datasets
from bench.__main__ import application, line
from portal.cli.work import KINDS, run_due
from portal.db import Database
from portal.models import Account, BulkAct, Campaign, Comment, Consultation, Job
from portal.rules.words import CommentState
from portal.sealing import Seal
from portal.services import accounts, bulk, jobs
from portal.services.sifting import Sieve

MEMBERS = 300_000


def signed_in(app: Flask, database: Database) -> FlaskClient:
    """A moderator's browser."""
    with database.transaction() as session:
        account = session.scalars(select(Account).where(Account.login == "moderator")).one()
        account.password_changed_at = account.granted_at = datetime.now(UTC)
        token = accounts.begin(session, app.extensions["seal"], account, datetime.now(UTC))
    client = app.test_client()
    client.set_cookie("office", token)
    return client


def median(act: Callable[[], object], times: int = 25) -> float:
    act()
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def queue(folder: Path) -> None:
    """Every view of the queue at A and at C."""
    times: dict[str, dict[str, float]] = {}
    for name in ("A", "C"):
        database = datasets.database_in(folder, datasets.SIZES[name])
        app = application(database, folder)
        client = signed_in(app, database)
        base = f"/office/consultations/set-{name.lower()}/moderation/"
        with database.reader() as session:
            number = session.scalar(
                select(Comment.number).where(Comment.urgency.is_not(None)).order_by(Comment.received_at).limit(1)
            )
            place = session.scalar(select(Comment.clause_id).where(Comment.urgency.is_not(None)).limit(1))
        pages = {
            "the list": f"{base}?list=1",
            "one screen": f"{base}{number}",
            "the bureau's list": "/office/moderation/?list=1",
            "of one clause": f"{base}?list=1&place={place}",
            "of one kind and stance": f"{base}?list=1&kind=enterprise&stance=oppose",
            "published": f"{base}?state=published&list=1",
            "withheld, questions": f"{base}?state=withheld&stance=question&list=1",
            "the sieve with its counts": f"{base}?sift=1",
            "background work": "/office/jobs/",
        }
        queries: list[str] = []
        event.listen(app.extensions["database"].engine, "before_cursor_execute", lambda *a, q=queries: q.append(a[2]))
        times[name] = {}
        for what, address in pages.items():
            queries.clear()
            assert client.get(address).status_code == 200, address
            asked = len(queries)
            times[name][what] = median(lambda c=client, a=address: c.get(a))  # type: ignore[misc]
            line(f"{name}  {what}", f"{times[name][what] * 1000:.1f} ms", f"{asked} queries")
        times[name]["a decision, and the next"] = _deciding(client, database, base)
        line(f"{name}  a decision, and the next", f"{times[name]['a decision, and the next'] * 1000:.1f} ms", "")
    for what in times["A"]:
        line(f"C against A: {what}", f"{times['C'][what] / times['A'][what]:.2f}", "≤ 1.5")


def _deciding(client: FlaskClient, database: Database, base: str) -> float:
    """Publishing one comment and drawing the next, as the key A does; and taking it back, so that the set stays."""

    def once() -> None:
        with database.reader() as session:
            number, revision = session.execute(
                select(Comment.number, Comment.revision)
                .where(Comment.urgency.is_not(None))
                .order_by(Comment.urgency, Comment.received_at)
                .limit(1)
            ).one()
        began = time.perf_counter()
        answer = client.post(f"{base}{number}", data={"to": "published", "revision": str(revision)})
        assert answer.status_code == 302, answer.get_data(as_text=True)
        client.get(answer.headers["Location"])
        taken.append(time.perf_counter() - began)
        undone = client.post(f"{base}{number}/undo", data={"revision": str(revision + 1)})
        assert undone.status_code == 302, undone.get_data(as_text=True)

    taken: list[float] = []
    for _ in range(12):
        once()
    return statistics.median(taken[2:])


def many(folder: Path) -> None:
    """One decision on a campaign of 300,000 while somebody reads and somebody moderates."""
    size = datasets.SIZES["C"]
    database = datasets.database_in(folder, datasets.Size("bulk", size.clauses, size.comments, size.respondents, 0.8))
    with database.transaction() as session:
        if session.scalar(select(Campaign.id)) is None:
            first = session.scalars(select(Comment).order_by(Comment.id).limit(1)).one()
            session.add(
                Campaign(
                    consultation_id=first.consultation_id, representative_id=first.id, name="", is_short=False,
                    submissions=MEMBERS, texts=1000, first_received_at=first.received_at,
                    last_received_at=first.received_at, grouped_at=first.received_at,
                )
            )  # fmt: skip
            session.flush()
            session.execute(
                update(Comment)
                .where(Comment.id <= first.id + MEMBERS - 1)
                .values(campaign_id=1, state=CommentState.PENDING, urgency=3, public_body="", reason_code="")
                .execution_options(synchronize_session=False)
            )
    app = application(database, folder)
    client = signed_in(app, database)
    seal = Seal(bytes(range(32)))
    with database.transaction() as session:
        actor = session.scalars(select(Account).where(Account.login == "moderator")).one().actor
        consultation = session.scalars(select(Consultation)).one()
        began = time.perf_counter()
        act = bulk.begin(session, actor, consultation, Sieve(campaign=1), datetime.now(UTC))
        line("making the list of the act", f"{time.perf_counter() - began:.2f} s", f"{act.total} comments")
        bulk.start(session, actor, act, CommentState.PUBLISHED, at=datetime.now(UTC))
        act_id = act.id
    slug = consultation.slug
    pages = {"reader": f"/consultations/{slug}/", "queue": f"/office/consultations/{slug}/moderation/?list=1"}
    waits: dict[str, list[float]] = {name: [] for name in (*pages, "decision")}
    is_over = threading.Event()

    def visit() -> None:
        while not is_over.is_set():
            for name, address in pages.items():
                began = time.perf_counter()
                assert client.get(address).status_code == 200
                waits[name].append(time.perf_counter() - began)
            began = time.perf_counter()
            with database.transaction() as session:
                session.execute(text("UPDATE consultation SET views = views + 1"))
            waits["decision"].append(time.perf_counter() - began)
            time.sleep(0.2)

    visitor = threading.Thread(target=visit)
    visitor.start()
    began = time.perf_counter()
    steps = run_due(database, KINDS, lambda: jobs.Setting(seal, "", datetime.now(UTC)))
    taken = time.perf_counter() - began
    is_over.set()
    visitor.join()
    with database.reader() as session:
        job = session.get_one(Job, session.get_one(BulkAct, act_id).job_id)
        line(f"publishing {job.result['decided']} at once", f"{taken:.0f} s", f"{steps} steps, {job.state.label}")
    for name, each in waits.items():
        worst = sorted(each)[int(len(each) * 0.95)]
        line(
            f"meanwhile, {name}",
            f"{statistics.median(each) * 1000:.0f} ms",
            f"95 %: {worst * 1000:.0f} ms, {len(each)} times",
        )
    with database.transaction() as session:
        bulk.undo(session, actor, session.get_one(BulkAct, act_id), datetime.now(UTC))
    began = time.perf_counter()
    run_due(database, KINDS, lambda: jobs.Setting(seal, "", datetime.now(UTC)))
    line("taking it back", f"{time.perf_counter() - began:.0f} s", "")


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(os.environ.get("BENCH_DIR", temporary))
        folder.mkdir(parents=True, exist_ok=True)
        queue(folder)
        many(folder)


if __name__ == "__main__":
    main()
