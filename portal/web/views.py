"""Counting who looks at a consultation, beside the page and not in its way.

A look is a line in this process's memory; every few seconds they go to the database in one transaction. The
address is never kept: what is, is a keyed hash of address, browser and consultation, and that for half an hour.
"""

from __future__ import annotations

import atexit
import re
from collections import OrderedDict
from datetime import UTC, datetime
from threading import Lock, Timer
from typing import cast

from flask import Flask, current_app, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from portal.db import Database
from portal.services import viewing
from portal.web.gate import seal

#: how long looks stay in memory, in seconds
DELAY = 5.0
#: how many looks are kept in memory; those beyond are not counted
MOST = 20_000
#: the pages that are a look at their consultation
PAGES = {"consultations.reader", "consultations.clause", "consultations.notice", "consultations.note", "results.show"}

_CRAWLER = re.compile(
    r"bot|crawl|spider|slurp|scrap|archiver|monitor|preview|headless|lighthouse|facebookexternalhit|validator|feed|"
    r"python|curl|wget|java/|okhttp|go-http|libwww|httpclient|phantom|selenium|playwright",
    re.IGNORECASE,
)


def is_person(user_agent: str) -> bool:
    """Whether a browser says it is one; programs that fetch pages mostly say what they are."""
    return user_agent.startswith(("Mozilla/", "Opera/")) and not _CRAWLER.search(user_agent)


def _is_look() -> bool:
    """Whether somebody is looking at this page now: not a program, not a browser that fetches ahead."""
    ahead = (request.headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"))
    return (
        request.method == "GET"
        and is_person(request.headers.get("User-Agent", ""))
        and not any(re.search("prefetch|prerender|preview", words) for words in ahead)
        and request.headers.get("Sec-Fetch-Dest", "document") == "document"
    )


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


def count_view(slug: str) -> None:
    """Counts the person who asks, once in half an hour; for whatever serves a consultation's page, also from a cache."""
    if _is_look():
        who = f"{request.remote_addr}\n{request.headers.get('User-Agent', '')}\n{slug}"
        cast(Looks, current_app.extensions["looks"]).add(seal().trace(who, "view"), slug, datetime.now(UTC))


def init_app(app: Flask) -> None:
    """Counts every look at a consultation's pages, and writes the last ones when the process ends."""
    looks = Looks(app.extensions["database"])
    app.extensions["looks"] = looks
    atexit.register(looks.flush)

    @app.after_request
    def look(response: Response) -> Response:
        # also for an answer that another hook took from a cache, and for "not changed"
        if request.endpoint in PAGES and response.status_code in (200, 304):
            count_view((request.view_args or {})["slug"])
        return response
