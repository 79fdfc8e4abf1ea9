"""`python -m bench.stored [424000]`: a consultation of this size put into campaigns by the worker, on SQLite.

Eight in ten comments are copies of forty letters, up to a fifth of each edited; the others are made to be mistaken for
one another. Printed are the minutes of grouping all, the longest transaction meanwhile (sending waits no longer than
that), memory, and the time of one more comment that finds its campaign.
"""

from __future__ import annotations

import dataclasses
import os
import random
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, insert, select, update

from bench import planted
from bench.datasets import SIZES, make
from portal.analysis.letters import folded
from portal.cli import work
from portal.db import Database
from portal.models import Account, Campaign, Comment, Consultation, DistinctText, TextBand
from portal.sealing import Seal
from portal.services import campaigns, grouping, jobs, judging


def line(what: str, measured: str) -> None:
    print(f"{what:<58}{measured:>26}", flush=True)


def bodies(number: int, chance: random.Random) -> list[str]:
    """Comments of which eight in ten are copies of forty letters."""
    clauses = [planted._clause(chance) for _ in range(300)]
    letters = [planted._long_comment(chance, clauses) for _ in range(40)]
    return [
        planted.edited(chance.choice(letters), chance.choice(planted.LEVELS), chance)
        if chance.random() < 0.8
        else planted.comment(chance, clauses)
        for _ in range(number)
    ]


def fill(database: Database, number: int) -> None:
    """One open consultation with so many comments, none of them grouped."""
    size = dataclasses.replace(SIZES["C"], comments=0, respondents=max(2, number // 5))
    make(database, size)
    chance = random.Random(11)
    said = bodies(number, chance)
    with database.transaction() as session:
        consultation = session.scalars(select(Consultation)).one()
        rows = [
            {"consultation_id": consultation.id, "submission_id": n % size.respondents + 1, "position": n // size.respondents,
             "number": n + 1, "received_at": consultation.first_published_at, "stance": "change", "body": body}
            for n, body in enumerate(said)
        ]  # fmt: skip
        for begin in range(0, number, 20_000):
            session.execute(insert(Comment), rows[begin : begin + 20_000])
        session.execute(update(Consultation).values(comments_numbered=number))


class Watch:
    """Times the two halves of each step: looking, which holds up nobody, and writing."""

    def __init__(self) -> None:
        self.looking = self.writing = self.longest = self.longest_looking = 0.0
        self.steps = 0

    def kind(self) -> jobs.Kind:
        return jobs.Kind(self._apply, self._gather)

    def _gather(self, session, job, setting):  # type: ignore[no-untyped-def]
        began = time.perf_counter()
        found = grouping.JOB.gather(session, job, setting)
        took = time.perf_counter() - began
        self.looking, self.longest_looking = self.looking + took, max(self.longest_looking, took)
        return found

    def _apply(self, session, job, setting, gathered):  # type: ignore[no-untyped-def]
        began = time.perf_counter()
        is_last = grouping.JOB.apply(session, job, setting, gathered)
        session.flush()
        took = time.perf_counter() - began
        self.writing, self.longest = self.writing + took, max(self.longest, took)
        self.steps += 1
        return is_last


def worked(database: Database) -> tuple[Watch, float]:
    watch = Watch()
    kinds = {grouping.KIND: watch.kind()}
    began = time.perf_counter()
    while True:
        now = datetime.now(UTC)
        with database.reader() as session:
            if not grouping.due(session, now):
                return watch, time.perf_counter() - began
        work.ask_for_due(database, now)
        work.run_due(database, kinds, lambda: jobs.Setting(Seal(bytes(32)), "", datetime.now(UTC)))


def memory() -> str:
    return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB"


def send(database: Database, body: str) -> None:
    with database.transaction() as session:
        consultation = session.scalars(select(Consultation)).one()
        consultation.comments_numbered += 1
        position = session.scalar(select(func.max(Comment.position)).where(Comment.submission_id == 1))
        session.execute(
            insert(Comment),
            [{"consultation_id": consultation.id, "submission_id": 1, "position": (position or 0) + 1,
              "number": consultation.comments_numbered, "received_at": datetime.now(UTC), "stance": "change", "body": body}],
        )  # fmt: skip


def measure(number: int, folder: Path) -> None:
    database = Database(f"sqlite:///{folder / 'stored.sqlite3'}")
    fill(database, number)
    folded(["预热"])
    size = (folder / "stored.sqlite3").stat().st_size
    print(f"{number} comments, load {os.getloadavg()[0]:.1f}, memory so far {memory()}", flush=True)
    processor = time.process_time()
    watch, taken = worked(database)
    line("all grouped; processor time", f"{taken / 60:.1f}; {(time.process_time() - processor) / 60:.1f} min")
    line("  looking; the longest of it (grouping itself)", f"{watch.looking:.0f} s; {watch.longest_looking:.0f} s")
    line("  writing, in steps; the longest transaction", f"{watch.writing:.0f} s, {watch.steps}; {watch.longest:.2f} s")
    line("  memory at most", memory())
    with database.reader() as session:
        counts = [session.scalar(select(func.count()).select_from(each)) for each in (Campaign, DistinctText, TextBand)]
        largest = session.scalars(select(Campaign).order_by(Campaign.submissions.desc()).limit(1)).one()
        line("  campaigns; distinct texts; bands", "; ".join(map(str, counts)))
        line(
            "  the largest: submissions; comments; texts", f"{largest.submissions}; {largest.comments}; {largest.texts}"
        )
    line("  the database has grown by", f"{((folder / 'stored.sqlite3').stat().st_size - size) / 2**20:.0f} MiB")
    _one_more(database)
    _pages(database)
    with database.transaction() as session:
        account = session.scalars(select(Account)).one()
        judging.ask_anew(session, account.actor, session.scalars(select(Consultation)).one(), datetime.now(UTC))
    watch, taken = worked(database)
    line("all grouped anew, nothing having changed", f"{taken / 60:.1f} min")
    line(
        "  looking; writing; the longest transaction",
        f"{watch.looking:.0f}; {watch.writing:.0f}; {watch.longest:.2f} s",
    )
    line("  memory at most", memory())
    database.engine.dispose()


def _one_more(database: Database) -> None:
    chance = random.Random(3)
    with database.reader() as session:
        texts = session.execute(
            select(Comment.body, Campaign.id)
            .join(Campaign, Campaign.representative_id == Comment.id)
            .order_by(Campaign.submissions.desc())
            .limit(40)
        ).all()
    times, steps, found = [], [], 0
    chosen = chance.choices(texts, k=200)
    for body, campaign_id in chosen:
        send(database, planted.edited(body, 0.1, chance))
        began = time.perf_counter()
        watch, _ = worked(database)
        times.append(time.perf_counter() - began)
        steps.append(watch.looking + watch.writing)
        with database.reader() as session:
            found += session.scalars(
                select(Comment.campaign_id).order_by(Comment.id.desc()).limit(1)
            ).one() == campaign_id  # fmt: skip
    line("one more comment, looked for and written: median", f"{sorted(steps)[100] * 1000:.0f} ms")
    line("  with the job and its transactions: median", f"{sorted(times)[100] * 1000:.0f} ms")
    line("  a tenth of it edited; in the campaign of its letter", f"{found / len(chosen):.3f}")
    for body, _ in chance.choices(texts, k=1_000):
        send(database, planted.edited(body, 0.1, chance))
    began = time.perf_counter()
    watch, _ = worked(database)
    line("a thousand more at once, each", f"{(time.perf_counter() - began):.1f} ms; longest {watch.longest:.2f} s")
    began = time.perf_counter()
    for _ in range(100):
        with database.reader() as session:
            grouping.due(session, datetime.now(UTC))
    line("to see that nothing is due", f"{(time.perf_counter() - began) * 10:.1f} ms")


def _pages(database: Database) -> None:
    with database.reader() as session:
        actor = session.scalars(select(Account)).one().actor
        consultation = session.scalars(select(Consultation)).one()
        largest = session.scalars(select(Campaign).order_by(Campaign.submissions.desc()).limit(1)).one()
        for what, act in (
            ("the list", lambda: campaigns.listed(session, actor, consultation)),
            ("texts of the largest", lambda: campaigns.texts(session, largest)),
            ("members of the largest", lambda: campaigns.members(session, largest, after=1000)),
            ("its sizes", lambda: campaigns.size_by_state(session, largest)),
            ("its facts", lambda: campaigns.facts(session, consultation, largest, datetime.now(UTC))),
        ):
            act()
            began = time.perf_counter()
            act()
            line(f"  {what}", f"{(time.perf_counter() - began) * 1000:.0f} ms")


def main() -> None:
    for number in [int(word) for word in sys.argv[1:]] or [424_000]:
        with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
            measure(number, Path(folder))


if __name__ == "__main__":
    main()
