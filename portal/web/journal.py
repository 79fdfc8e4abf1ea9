"""One line for every request, without saying whose it was: for the person who has to find out what happened.

A line names the rule of the address and never the address itself: codes, receipt numbers and searched words stand in
addresses. No network address is kept, and no browser. The lines of a day are one file; the worker throws old ones
away (`services.retention`), after a year or more (互联网政务应用安全管理规定 第二十条).
"""

from __future__ import annotations

import json
import os
import re
import secrets
import time
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from flask import Flask, g, request

from portal.web import gate, measures

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: where a proxy may say what it calls the request; we say it back
_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_RULE, _ROLE = "portal.rule", "portal.role"


class Journal:
    """The file of the day. A line is written in one piece, so that several processes can share the file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._turn = Lock()
        self._day = ""
        self._file = -1

    def write(self, line: dict[str, Any], at: datetime) -> None:
        """Adds a line; a full disk costs the line and nothing else."""
        day = at.strftime("%Y-%m-%d")
        with self._turn, suppress(OSError):
            if day != self._day:
                self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                if self._file >= 0:
                    os.close(self._file)
                path = self.folder / f"requests-{day}.jsonl"
                self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
                self._day = day
            os.write(self._file, json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")


class Watcher:
    """Stands outside of everything, sees when a request came and what became of it."""

    def __init__(self, application: WSGIApplication, journal: Journal | None, trusts_proxies: bool) -> None:
        self.application, self.journal, self.trusts_proxies = application, journal, trusts_proxies

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        began = time.perf_counter()
        given = environ.get("HTTP_X_REQUEST_ID", "") if self.trusts_proxies else ""
        request_id = given if _ID.fullmatch(given) else secrets.token_hex(8)
        environ["portal.request_id"] = request_id
        status = 500

        def answer(line: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            nonlocal status
            status = int(line.split(" ", 1)[0])
            return start_response(line, [*headers, ("X-Request-Id", request_id)], *more)

        try:
            return self.application(environ, answer)
        finally:
            taken = time.perf_counter() - began
            rule = environ.get(_RULE, "a copy")
            method = environ["REQUEST_METHOD"] if environ["REQUEST_METHOD"] in _METHODS else "OTHER"
            measures.count(rule, method, status, taken)
            if self.journal is not None:
                at = datetime.now(UTC)
                self.journal.write(
                    {
                        "at": at.isoformat(timespec="milliseconds"),
                        "id": request_id,
                        "method": method,
                        "rule": rule,
                        "status": status,
                        "ms": round(taken * 1000, 1),
                    }
                    | ({"role": role} if (role := environ.get(_ROLE)) else {}),
                    at,
                )


_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})


def init_app(app: Flask) -> None:
    """To be called last: what stands outside sees everything."""
    chosen = gate.settings_of(app)
    journal = Journal(chosen.log_dir) if chosen.log_days else None

    @app.before_request
    def name_rule() -> None:
        request.environ[_RULE] = request.url_rule.rule if request.url_rule else "none"

    @app.teardown_request
    def name_role(_fault: BaseException | None) -> None:
        account = g.get("account")
        if account is not None:
            request.environ[_ROLE] = account.role.value

    app.wsgi_app = Watcher(app.wsgi_app, journal, bool(chosen.trusted_proxies))  # type: ignore[method-assign]
