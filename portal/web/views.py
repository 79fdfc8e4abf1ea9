"""Counting who looks at a consultation, beside the page and not in its way.

A look is a line in this process's memory; every few seconds they go to the database in one transaction. The
address is never kept: what is, is a keyed hash of address, browser and consultation, and that for half an hour.
"""

from __future__ import annotations

import atexit
import re
from collections import OrderedDict
from collections.abc import Iterable
from datetime import UTC, datetime
from threading import Lock, Timer
from typing import TYPE_CHECKING, Any

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from portal.db import Database
from portal.sealing import Seal
from portal.services import viewing

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: how long looks stay in memory, in seconds
DELAY = 5.0
#: how many looks are kept in memory; those beyond are not counted
MOST = 20_000
#: the addresses that are a look at the consultation they name
_PAGE = re.compile(r"/consultations/([^/]+)/(?:|notice|note|results|clauses/[^/]+)")
_AHEAD = re.compile("prefetch|prerender|preview")
_CRAWLER = re.compile(
    r"bot|crawl|spider|slurp|scrap|archiver|monitor|preview|headless|lighthouse|facebookexternalhit|validator|feed|"
    r"python|curl|wget|java/|okhttp|go-http|libwww|httpclient|phantom|selenium|playwright",
    re.IGNORECASE,
)


def is_person(user_agent: str) -> bool:
    """Whether a browser says it is one; programs that fetch pages mostly say what they are."""
    return user_agent.startswith(("Mozilla/", "Opera/")) and not _CRAWLER.search(user_agent)


def looked_at(environ: WSGIEnvironment) -> str | None:
    """The slug of the consultation somebody looks at: not a program, not a browser that fetches ahead."""
    page = _PAGE.fullmatch(environ.get("PATH_INFO", "")) if environ["REQUEST_METHOD"] == "GET" else None
    if page is None or not is_person(environ.get("HTTP_USER_AGENT", "")):
        return None
    for name in ("HTTP_SEC_PURPOSE", "HTTP_PURPOSE", "HTTP_X_PURPOSE", "HTTP_X_MOZ"):
        if _AHEAD.search(environ.get(name, "")):
            return None
    return page.group(1) if environ.get("HTTP_SEC_FETCH_DEST", "document") == "document" else None


class Looks:
    """The looks of this process that are not in the database yet."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = Lock()
        self._seen: dict[str, str] = {}
        #: whom this process has counted lately: reloading a page does not ask the database
        self._known: OrderedDict[str, datetime] = OrderedDict()
        self._timer: Timer | None = None

    def add(self, trace: str, slug: str, at: datetime) -> None:
        """Somebody looked at a consultation."""
        with self._lock:
            counted_at = self._known.get(trace)
            if (counted_at is not None and at - counted_at < viewing.AGAIN) or len(self._seen) >= MOST:
                return
            self._known[trace] = at
            self._known.move_to_end(trace)
            if len(self._known) > MOST:
                self._known.popitem(last=False)
            self._seen[trace] = slug
            if self._timer is None:
                self._timer = Timer(DELAY, self.flush)
                self._timer.daemon = True
                self._timer.start()

    def flush(self) -> None:
        """Counts them in the database; when it is away they wait for the next time."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = None
            seen, self._seen = self._seen, {}
        if not seen:
            return
        try:
            with self._database.transaction() as session:
                viewing.count(session, seen, datetime.now(UTC))
        except SQLAlchemyError:
            with self._lock:
                self._seen = {**seen, **self._seen}


class Watch:
    """Sees every page that is handed out, also a copy that never reaches the application."""

    def __init__(self, application: WSGIApplication, looks: Looks, seal: Seal) -> None:
        self.application, self.looks, self.seal = application, looks, seal

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        slug = looked_at(environ)
        if slug is None:
            return self.application(environ, start_response)

        def start(status: str, headers: list[tuple[str, str]], *fault: Any) -> Any:
            if status.startswith(("200", "304")):
                who = f"{environ.get('REMOTE_ADDR')}\n{environ.get('HTTP_USER_AGENT')}\n{slug}"
                self.looks.add(self.seal.trace(who, "view"), slug, datetime.now(UTC))
            return start_response(status, headers, *fault)

        return self.application(environ, start)


def init_app(app: Flask) -> None:
    """Counts every look at a consultation's pages, and writes the last ones when the process ends."""
    looks = Looks(app.extensions["database"])
    app.extensions["looks"] = looks
    app.wsgi_app = Watch(app.wsgi_app, looks, app.extensions["seal"])  # type: ignore[method-assign]
    atexit.register(looks.flush)
