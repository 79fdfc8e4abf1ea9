"""Pages that are the same for every anonymous reader are drawn once in a while and handed out many times.

A page is handed out for less than a second after the moment it was read from the database, so a decision is public
within that second, and no list of what to throw away has to be kept right. Each process has its own copies. Whoever
has begun a basket or endorsed a comment gets pages of their own; form tokens, and the keys that tell one empty form from
another, are put in at the last moment, one for each reader.
"""

from __future__ import annotations

import gzip
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flask import Flask, g, request
from flask_wtf.csrf import generate_csrf
from werkzeug.http import parse_cookie
from werkzeug.wrappers import Response

from portal.services.baskets import new_key
from portal.web import display, visitors

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: the pages anybody may be handed a copy of
SHARED = frozenset(
    {
        "consultations.home",
        "consultations.index",
        "consultations.reader",
        "consultations.clause",
        "consultations.notice",
        "consultations.note",
        "consultations.rules",
        "results.show",
        "results.version",
        "results.adopted",
        "results.bureaus",
        "results.scorecard",
        "public_versions.show",
        "public_versions.compare",
    }
)
#: bytes of pages one process keeps
ROOM = 64 * 1024 * 1024
#: stands in a shared page where each reader's own form token goes; nobody can write it into a comment
_TOKEN_HERE = secrets.token_hex(20).encode()
#: likewise for the key of an empty form: two tabs, or two visitors who later write together, never hold the same one
_KEY_HERE = secrets.token_hex(20).encode()

Key = tuple[str, ...]


@dataclass(slots=True)
class Page:
    """One finished page: its bytes, its headers, and the instant its data was read (monotonic seconds).

    `is_each_readers` says that something has to be put in before it is handed out.
    """

    body: bytes
    headers: list[tuple[str, str]]
    is_each_readers: bool
    read_at: float
    zipped: bytes | None = None

    def for_wire(self, accepted: str) -> tuple[bytes, list[tuple[str, str]]]:
        """Body and headers as they go out; compressed for a browser that says it can."""
        if "gzip" not in accepted or len(self.body) < 2000:
            return self.body, [*self.headers, ("Content-Length", str(len(self.body)))]
        if self.zipped is None:
            self.zipped = gzip.compress(self.body, 5, mtime=0)
        return self.zipped, [*self.headers, ("Content-Encoding", "gzip"), ("Content-Length", str(len(self.zipped)))]


@dataclass(slots=True)
class Pages:
    """The copies of one process, the least used thrown out first."""

    seconds: float
    kept: OrderedDict[Key, Page] = field(default_factory=OrderedDict)
    size: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    #: one reader draws a page anew while the others wait for it
    turns: tuple[threading.Lock, ...] = field(default_factory=lambda: tuple(threading.Lock() for _ in range(64)))

    def fresh(self, key: Key) -> Page | None:
        """The copy, when it is young enough to be handed out."""
        with self.lock:
            page = self.kept.get(key)
            if page is None or time.monotonic() - page.read_at >= self.seconds:
                return None
            self.kept.move_to_end(key)
            return page

    def keep(self, key: Key, page: Page) -> None:
        """Keeps a copy and makes room for it."""
        with self.lock:
            if old := self.kept.pop(key, None):
                self.size -= len(old.body)
            self.kept[key] = page
            self.size += len(page.body)
            while self.size > ROOM:
                _, thrown = self.kept.popitem(last=False)
                self.size -= len(thrown.body)

    def turn(self, key: Key) -> threading.Lock:
        """The lock of whoever draws this page (or, now and then, another)."""
        return self.turns[hash(key) % len(self.turns)]


def key_of(environ: WSGIEnvironment) -> Key | None:
    """What tells one shared page from another; None for a request that is to be answered by itself."""
    if environ["REQUEST_METHOD"] != "GET":
        return None
    cookies = parse_cookie(environ)
    if any(name.startswith("basket_") for name in cookies) or visitors.ENDORSED in cookies:
        return None
    choices = (cookies.get(name, "") for name in display.CHOICES)
    asked = (environ.get(name, "") for name in ("HTTP_HOST", "PATH_INFO", "QUERY_STRING"))
    return (*asked, *choices)


def form_token() -> str:
    """The token of a form; in a shared page the mark where each reader's own will stand."""
    return _TOKEN_HERE.decode() if "shared_key" in g else generate_csrf()


def form_key() -> str:
    """The key of an empty form; in a shared page the mark where each reader's own will stand."""
    return _KEY_HERE.decode() if "shared_key" in g else new_key()


class Counter:
    """Hands a fresh copy out before the application is asked at all."""

    def __init__(self, application: WSGIApplication, pages: Pages) -> None:
        self.application, self.pages = application, pages

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        key = key_of(environ)
        page = self.pages.fresh(key) if key is not None else None
        if page is None or page.is_each_readers:
            return self.application(environ, start_response)
        body, headers = page.for_wire(environ.get("HTTP_ACCEPT_ENCODING", ""))
        start_response("200 OK", headers)
        return (body,)


def init_app(app: Flask) -> None:
    """Hands out copies before a view is asked, and keeps what a view drew.

    To be called before whatever changes an answer on its way out, so that the copy is of the finished page.
    """
    pages = Pages(app.extensions["settings"].page_seconds)
    app.extensions["shared_pages"] = pages
    # in both places where Flask-WTF puts its own: macros imported with the context look into the second
    app.jinja_env.globals["csrf_token"] = form_token
    app.context_processor(lambda: {"csrf_token": form_token})
    if pages.seconds <= 0:
        return

    app.wsgi_app = Counter(app.wsgi_app, pages)  # type: ignore[method-assign]

    @app.before_request
    def hand_out() -> Response | None:
        key = key_of(request.environ) if request.endpoint in SHARED else None
        if key is None:
            return None
        page = pages.fresh(key)
        if page is None:
            turn = pages.turn(key)
            turn.acquire()
            page = pages.fresh(key)
            if page is None:
                g.turn, g.shared_key, g.read_at = turn, key, time.monotonic()
                return None
            turn.release()
        g.is_copy = True
        return Response(_for_one_reader(page), headers=page.headers)

    @app.after_request
    def keep(response: Response) -> Response:
        if "shared_key" not in g:
            return response
        key = g.pop("shared_key")
        body = response.get_data()
        response.vary.update(("Cookie", "Accept-Encoding"))
        headers = [(name, value) for name, value in response.headers if name not in ("Content-Length", "Set-Cookie")]
        page = Page(body, headers, _TOKEN_HERE in body or _KEY_HERE in body, g.read_at)
        if response.status_code == 200:
            pages.keep(key, page)
        response.set_data(_for_one_reader(page))
        return response

    @app.teardown_request
    def end_turn(_fault: BaseException | None) -> None:
        turn: threading.Lock | None = g.pop("turn", None)
        if turn is not None:
            turn.release()


def _for_one_reader(page: Page) -> bytes:
    if not page.is_each_readers:
        return page.body
    return page.body.replace(_TOKEN_HERE, generate_csrf().encode()).replace(_KEY_HERE, new_key().encode())
