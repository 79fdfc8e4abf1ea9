"""Reading, sending and moderating at once, while servers, the worker and the database are killed in the middle.

`python -m tests.crash.load sqlite 10` does it for ten minutes and prints what came of it; the test does it for seconds.
"""

from __future__ import annotations

import html
import http.client
import random
import re
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import func, select

from portal.db import Database
from portal.models import Comment, OutgoingEmail, Submission
from portal.rules.words import CommentState
from portal.services import reference
from tests import factories
from tests.crash.site import Site, open_consultation
from tests.crash.visitors import Visitor
from tests.postgres import PostgresServer

READERS, SENDERS, MODERATORS = 3, 3, 2
PAGES = ("/", "/consultations/hehu/", "/consultations/hehu/clauses/2-1", "/consultations/hehu/notice", "/receipts/")
DESK = "/office/consultations/hehu/moderation"


@dataclass
class Tally:
    """What everybody saw."""

    answers: Counter[str] = field(default_factory=Counter)
    receipts: list[str] = field(default_factory=list)
    decided: list[int] = field(default_factory=list)
    lost_races: int = 0
    slowest: dict[str, float] = field(default_factory=dict)
    turn: threading.Lock = field(default_factory=threading.Lock)

    def note(self, what: str, status: int | str, seconds: float) -> None:
        with self.turn:
            self.answers[f"{what} {status}"] += 1
            self.slowest[what] = max(self.slowest.get(what, 0.0), seconds)


class Person(threading.Thread):
    """Somebody who goes on until told to stop; when a server is gone, tries the other."""

    what = ""

    def __init__(self, site: Site, tally: Tally, seed: int) -> None:
        super().__init__()
        self.site, self.tally, self.chance = site, tally, random.Random(seed)
        self.is_done = threading.Event()
        self.visitor = Visitor(site.ports[seed % 2])
        self.fault = ""

    def run(self) -> None:
        while not self.is_done.is_set():
            try:
                self.act()
            except Exception as fault:  # said in the end: a thread that dies silently would prove nothing
                self.fault = f"{type(fault).__name__}: {fault}"
                return

    def act(self) -> None:
        raise NotImplementedError

    def ask(self, method: str, path: str, **fields: str) -> tuple[int, str, str]:
        """An answer below 500, from whichever server gives one; None of the attempts is forgotten."""
        for attempt in range(200):
            began = time.perf_counter()
            try:
                answer = self.visitor.ask(method, path, **fields)
            except (OSError, http.client.HTTPException) as fault:
                self.tally.note(self.what, type(fault).__name__, time.perf_counter() - began)
                self.visitor.port = self.site.ports[attempt % 2]
                time.sleep(0.3)
                continue
            self.tally.note(self.what, answer[0], time.perf_counter() - began)
            if answer[0] < 500:
                return answer
            time.sleep(0.3)
        raise AssertionError(f"{self.what}: no answer to {method} {path}")


class Reader(Person):
    what = "reading"

    def act(self) -> None:
        status, _, page = self.ask("GET", self.chance.choice(PAGES))
        assert status == 200, status
        assert "</html>" in page


class Sender(Person):
    what = "sending"
    _count = 0

    def act(self) -> None:
        self._count += 1
        self.visitor = Visitor(self.visitor.port)
        _, _, page = self.ask("GET", "/consultations/hehu/clauses/2-1")
        self.visitor.token = _token(page)
        body = f"第{self._count}次的意见：建议每日巡查{self.chance.randint(2, 9)}次，并公开结果。"
        key = re.search(r'name="key"[^>]* value="([^"]+)"', page)
        fields = {"stance": "change", "body": body} | ({"key": key.group(1)} if key else {})
        status, _, page = self.ask("POST", "/consultations/hehu/clauses/2-1", **fields)
        assert status == 302, (status, _sentence(page))
        status, place, page = self.ask(
            "POST", "/consultations/hehu/comment", kind="citizen", has_read_notice="y",
            email=f"{self.name.lower()}-{self._count}@example.com",
        )  # fmt: skip
        assert status == 302, (status, _sentence(page))
        with self.tally.turn:
            self.tally.receipts.append(re.search(r"/receipts/([\d-]+)", place).group(1))


class Moderator(Person):
    what = "moderating"

    def __init__(self, site: Site, tally: Tally, seed: int, login: str) -> None:
        super().__init__(site, tally, seed)
        self.login = login
        self.is_in = False

    def act(self) -> None:
        if not self.is_in:
            _, _, page = self.ask("GET", "/office/sign-in")
            self.visitor.token = _token(page)
            status, _, page = self.ask("POST", "/office/sign-in", login=self.login, password=factories.PASSWORD)
            assert status == 302, (status, _sentence(page))
            self.is_in = True
        _, place, _ = self.ask("GET", f"{DESK}/?scope=all")
        number = re.search(r"moderation/(\d+)", place or "")
        if number is None:
            time.sleep(0.3)
            return
        status, _, page = self.ask("GET", f"{DESK}/{number.group(1)}?scope=all")
        revision = re.search(r'name="revision"[^>]* value="(\d+)"', page)
        if status != 200 or revision is None:
            time.sleep(0.1)
            return
        self.visitor.token = _token(page)
        status, _, page = self.ask(
            "POST", f"{DESK}/{number.group(1)}?scope=all", to="published", revision=revision.group(1)
        )
        # 409 for one that was decided a moment ago, 422 for one whose page showed that already
        assert status in (302, 409, 422), (status, _sentence(page))
        with self.tally.turn:
            if status == 302:
                self.tally.decided.append(int(number.group(1)))
            else:
                self.tally.lost_races += 1


def _token(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page)
    assert found, _sentence(page)
    return html.unescape(found.group(1))


def _sentence(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))[-600:]


@dataclass
class Outcome:
    """What the people saw and what the database holds."""

    tally: Tally
    stored: set[str]
    owed: int
    delivered: set[str]
    copies: int
    published: int
    counted: int
    memory: list[dict[str, float]]
    faults: list[str]


def drill(
    url: str, folder: Path, seconds: float, misfortunes: list[tuple[float, str, Callable[[Site], None]]]
) -> Outcome:
    """Everybody at once for some seconds; each misfortune at its share of the time. Then all that is owed is waited for."""
    database = Database(url)
    open_consultation(database)
    tally, memory = Tally(), []
    with Site(url, folder) as site:
        people: list[Person] = [Reader(site, tally, n) for n in range(READERS)]
        people += [Sender(site, tally, n) for n in range(SENDERS)]
        people += [Moderator(site, tally, n, login) for n, login in enumerate(("moderator", "colleague")[:MODERATORS])]
        began = time.monotonic()
        for person in people:
            person.start()
        left = sorted(misfortunes, key=lambda each: each[0])
        while (passed := time.monotonic() - began) < seconds:
            while left and passed >= left[0][0] * seconds:
                left.pop(0)[2](site)
            memory.append(site.memory())
            time.sleep(min(5.0, seconds / 20))
        for person in people:
            person.is_done.set()
        for person in people:
            person.join(120)
        faults = [f"{person.what}: {person.fault}" for person in people if person.fault]
        faults += [f"{person.what}: goes on" for person in people if person.is_alive()]
        until = time.monotonic() + 120
        while _still_owed(database) and time.monotonic() < until:
            time.sleep(0.5)
        letters = [path.read_bytes() for path in (site.mail_box / "new").iterdir()]
    with database.reader() as session:
        outcome = Outcome(
            tally=tally,
            stored=set(session.scalars(select(Submission.receipt_number))),
            owed=session.scalar(select(func.count()).select_from(OutgoingEmail)) or 0,
            delivered={re.search(rb"(?m)^To: (\S+)", letter).group(1).decode() for letter in letters},
            copies=len(letters),
            published=session.scalar(
                select(func.count()).select_from(Comment).where(Comment.state == CommentState.PUBLISHED)
            ) or 0,
            counted=session.scalar(select(func.count()).select_from(Comment)) or 0,
            memory=memory,
            faults=faults,
        )  # fmt: skip
    database.engine.dispose()
    return outcome


def _still_owed(database: Database) -> int:
    with suppress(Exception), database.reader() as session:
        return (
            session.scalar(select(func.count()).select_from(OutgoingEmail).where(OutgoingEmail.sent_at.is_(None))) or 0
        )
    return 1


def kill_and_restart(name: str) -> Callable[[Site], None]:
    """kill -9, and a moment later the same again."""

    def act(site: Site) -> None:
        site.kill(name)
        time.sleep(1)
        site.start(name)

    return act


def misfortunes(server: PostgresServer | None) -> list[tuple[float, str, Callable[[Site], None]]]:
    """One of each, spread over the time."""
    all_of_them = [
        (0.2, "server", kill_and_restart("server 0")),
        (0.4, "worker", kill_and_restart("worker")),
        (0.8, "server", kill_and_restart("server 1")),
    ]
    if server is not None:
        all_of_them.append((0.6, "database", lambda _site: server.restart()))
    return all_of_them


def main() -> None:
    kind, minutes = sys.argv[1], float(sys.argv[2])
    server = PostgresServer() if kind == "postgresql" else None
    with tempfile.TemporaryDirectory(prefix="portal-load-") as made:
        folder = Path(made)
        if server:
            server.execute("CREATE DATABASE load")
        url = server.url("load") if server else f"sqlite:///{folder / 'load.sqlite3'}"
        database = Database(url)
        database.migrate()
        with database.transaction() as session:
            reference.fill(session)
        outcome = drill(url, folder, minutes * 60, misfortunes(server))
    if server:
        server.stop()
    tally = outcome.tally
    print(f"{kind}, {minutes} minutes")
    print(f"  receipts shown {len(tally.receipts)}, stored {len(outcome.stored)}, letters owed {outcome.owed}")
    print(f"  letters delivered {len(outcome.delivered)} (with repetitions {outcome.copies})")
    print(f"  comments {outcome.counted}, decisions shown {len(tally.decided)}, published {outcome.published}")
    print(f"  decisions that came second {tally.lost_races}")
    print("  answers", dict(sorted(tally.answers.items())))
    print("  slowest", {what: round(seconds, 2) for what, seconds in tally.slowest.items()})
    for at in (0.05, 0.25, 0.5, 0.75, 1):
        held = outcome.memory[int(at * (len(outcome.memory) - 1))]
        print("  memory, MiB", {name: round(size) for name, size in held.items()})
    print("  faults", outcome.faults)


if __name__ == "__main__":
    main()
