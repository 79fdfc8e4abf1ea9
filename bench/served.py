"""Submissions over the wire: the portal and a bare view, each behind the server that `make run` uses, in turns.

Both get ready-made requests over connections that stay open, so what is measured is the server. Started by bench.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import flask
from sqlalchemy import text

from bench import datasets
from bench.applications import application
from portal.db import Database

ROUNDS, AT_ONCE, EACH = 5, 8, 40


def site(folder: str, name: str) -> flask.Flask:
    """The portal on one of the sets, as gunicorn starts it."""
    app = application(datasets.database_in(Path(folder), datasets.SIZES[name]), Path(folder))
    gc.freeze()  # as wsgi.py does
    return app


def floor(folder: str, name: str) -> flask.Flask:
    """A view that commits one row to the same database."""
    database = datasets.database_in(Path(folder), datasets.SIZES[name])
    return bare_insert(database)


def bare_insert(database: Database) -> flask.Flask:
    """A Flask application with one view that does one committed INSERT."""
    app = flask.Flask("bare")
    with database.transaction() as session:
        session.execute(text("CREATE TABLE IF NOT EXISTS bench_floor (id INTEGER PRIMARY KEY, body TEXT)"))

    @app.post("/")
    def insert() -> str:
        with database.transaction() as session:
            session.execute(text("INSERT INTO bench_floor (body) VALUES ('意见')"))
        return "ok"

    return app


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


@contextmanager
def served(factory: str, folder: Path, name: str, workers: int) -> Iterator[int]:
    """One of the two applications behind gunicorn; its port."""
    port = _free_port()
    server = subprocess.Popen(
        [
            sys.executable, "-m", "gunicorn", f"bench.served:{factory}('{folder}', '{name}')", "--bind",
            f"127.0.0.1:{port}", "--worker-class", "gthread", "--workers", str(workers), "--threads", str(AT_ONCE),
            "--log-level", "error",
        ],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    try:
        for _ in range(600):
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)


def _request(path: str, body: str) -> bytes:
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def _per_second(port: int, requests: list[bytes], status: bytes) -> float:
    """How many of these requests are answered in a second by AT_ONCE connections."""
    faults: list[bytes] = []

    def ask(mine: list[bytes]) -> None:
        with socket.create_connection(("127.0.0.1", port)) as wire:
            for request in mine:
                wire.sendall(request)
                answer = b""
                while b"\r\n\r\n" not in answer:
                    answer += wire.recv(65536)
                head, _, body = answer.partition(b"\r\n\r\n")
                length = next(
                    int(line.split(b":")[1])
                    for line in head.lower().split(b"\r\n")
                    if line.startswith(b"content-length")
                )
                while len(body) < length:
                    body += wire.recv(65536)
                if status not in head.split(b"\r\n", 1)[0]:
                    faults.append(head)

    threads = [threading.Thread(target=ask, args=(requests[i::AT_ONCE],)) for i in range(AT_ONCE)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = time.perf_counter() - began
    if faults:
        raise RuntimeError(f"{len(faults)} were not answered with {status.decode()}: {faults[0][:300]!r}")
    return len(requests) / taken


def submissions(folder: Path, name: str, workers: int) -> tuple[float, float]:
    """Requests a second, the middle of some rounds in turns: of the bare view, and of sending a basket."""
    app = site(str(folder), name)
    slug = f"set-{name.lower()}"
    codes = []
    for _ in range((ROUNDS + 1) * AT_ONCE * EACH):
        client = app.test_client()
        client.post(f"/consultations/{slug}/clauses/1-1", data={"stance": "change", "body": "建议明确时限。"})
        codes.append(next(cookie.value for cookie in client._cookies.values() if cookie.key.startswith("basket_")))
    app.extensions["database"].engine.dispose()
    sent = [_request(f"/consultations/{slug}/comment", f"kind=citizen&code={code}") for code in codes]
    plain = [_request("/", "")] * (AT_ONCE * EACH)
    rates: list[tuple[float, float]] = []
    with served("floor", folder, name, workers) as bare, served("site", folder, name, workers) as portal:
        for turn in range(ROUNDS + 1):
            batch = sent[turn * AT_ONCE * EACH : (turn + 1) * AT_ONCE * EACH]
            rates.append((_per_second(bare, plain, b"200"), _per_second(portal, batch, b"302")))
    middle = ROUNDS // 2
    floors, ours = (sorted(column)[middle] for column in zip(*rates[1:], strict=True))
    return floors, ours
