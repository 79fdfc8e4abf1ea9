"""The gate every request passes: who is asking, may they, which session, which instant."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar, cast

from flask import Flask, abort, current_app, g, redirect, request, url_for
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from werkzeug.routing import IntegerConverter, Map
from werkzeug.wrappers import Response as WerkzeugResponse

from portal.access import ANYBODY, PUBLIC, Actor, Permission, require
from portal.config import Settings
from portal.db import Database
from portal.errors import SignedOut
from portal.models import Account, SignIn
from portal.oidc import Provider
from portal.rules.words import Scan
from portal.sealing import Seal
from portal.services import accounts

if TYPE_CHECKING:
    from portal.broker import Broker

P = ParamSpec("P")
R = TypeVar("R")

#: the cookie of a member of staff who is signed in
SIGN_IN_COOKIE = "office"

#: which permission each view asks for; a test walks every URL and fails for a view that is not here
PERMISSIONS: dict[Callable[..., object], Permission] = {}


def permit(permission: Permission) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Lets a view run only for those whom the policy allows; staff who are not signed in are asked to."""

    def wrap(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if permission not in PUBLIC and actor() is ANYBODY:
                if request.method == "POST":
                    raise SignedOut("登录已超时，没有保存。您写的内容在下面，请先复制，重新登录后再提交。")
                return cast(R, redirect(url_for("accounts.sign_in", back=request.full_path.rstrip("?"))))
            require(actor(), permission)
            if permission not in OPEN_TO_ALL_STAFF and is_owing():
                return cast(R, redirect(url_for("own_account.show")))
            return view(*args, **kwargs)

        PERMISSIONS[guarded] = permission
        return guarded

    return wrap


#: what somebody may still do who has to change a password or take up a second factor first
OPEN_TO_ALL_STAFF = PUBLIC | {Permission.KEEP_OWN_ACCOUNT}


def is_owing() -> bool:
    """Whether the member of staff has to see to their own account before anything else."""
    found = account() if request.path.startswith("/office") else None
    return found is not None and (owes_factor(found, g.sign_in) or owes_password(found, g.sign_in))


def owes_factor(found: Account, sign_in: SignIn | None = None) -> bool:
    """Whether a second factor has to be taken up: not by whoever the identity provider vouched for with one."""
    is_vouched = sign_in is not None and sign_in.is_factor_vouched
    return settings().is_second_factor_required and not found.has_second_factor and not is_vouched


def owes_password(found: Account, sign_in: SignIn | None = None) -> bool:
    """Whether the password has to be changed: not by whoever did not use it, and may have none."""
    is_used = sign_in is None or not sign_in.is_by_provider
    return is_used and accounts.is_password_old(found, now(), settings().password_days)


def identity_provider() -> Provider | None:
    """Where staff may sign in beside here; None when the settings name no provider."""
    return cast("Provider | None", current_app.extensions["identity_provider"])


def current_sign_in() -> SignIn | None:
    """The signing in this request came with."""
    account()
    return cast("SignIn | None", g.sign_in)


def settings() -> Settings:
    """The settings of this application."""
    return settings_of(current_app)


def settings_of(app: Flask) -> Settings:
    """The settings of an application that is being put together."""
    return cast(Settings, app.extensions["settings"])


def seal() -> Seal:
    """The seal of this application."""
    return cast(Seal, current_app.extensions["seal"])


def database() -> Database:
    """The database of this application."""
    return cast(Database, current_app.extensions["database"])


def broker() -> Broker | None:
    """The broker of this application; None when none is set."""
    return cast("Broker | None", current_app.extensions.get("broker"))


def now() -> datetime:
    """The instant this request arrived: one request has one now, wherever it is asked."""
    return cast(datetime, g.now)


def session() -> Session:
    """The session of this request: a reading one for GET, a writing one otherwise. Closed when the request ends."""
    if "session" not in g:
        is_reading = request.method in ("GET", "HEAD", "OPTIONS")
        g.session = database().reader() if is_reading else database().writer()
        # a file that is kept by this request carries what the virus scanner said
        g.session.info["scan"] = g.get("scan", Scan.NONE)
    return cast(Session, g.session)


def commit() -> None:
    """Makes what this request did permanent: a view's last act before it redirects."""
    session().commit()


def commit_together(line: str, do: Callable[[Session], R]) -> R:
    """Does one act and makes it permanent, with those of others that come at the same time (`portal.group_commit`).

    The act is done in a session that is not this request's, perhaps by another thread: it may not ask who is asking.
    """
    _put_away()
    return database().together(line, do)


def look_only() -> None:
    """Says that a POST changes nothing (more): it never waits for a writer, nor a writer for its page to be drawn."""
    _put_away()
    g.session = database().reader()


def begin_writing() -> None:
    """Ends a look that came first: what is asked for next is asked of a writer."""
    _put_away()


def account() -> Account | None:
    """The member of staff who is signed in."""
    if "account" not in g:
        token = request.cookies.get(SIGN_IN_COOKIE)
        g.sign_in = None
        if token:
            # a look of its own: the write lock is taken when something is written, not when somebody arrives
            with database().reader() as looking:
                g.sign_in = accounts.signed_in(looking, seal(), token, now())
        g.account = g.sign_in.account if g.sign_in else None
    return cast("Account | None", g.account)


def sign_in_id() -> int | None:
    """Which signing in this request came with."""
    found = current_sign_in()
    return found.id if found else None


def actor() -> Actor:
    """Who is asking: in the office whoever is signed in, in the JSON interface the owner of the key that was shown."""
    if "acting" in g:
        return cast(Actor, g.acting)
    found = account() if request.path.startswith("/office") else None
    return found.actor if found else ANYBODY


#: the largest number a key of the database can be
LARGEST = 2_147_483_647


def asked_number(name: str) -> int | None:
    """A whole number of the query; None when it is not there, not a number, or no number the database knows."""
    value = request.args.get(name, "")
    return int(value) if value.isascii() and value.isdecimal() and len(value) <= 10 and int(value) <= LARGEST else None


class KeyConverter(IntegerConverter):
    """A whole number in an address, never larger than a key can be: anything else is an address that is not there."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=LARGEST)


def init_app(app: Flask) -> None:
    """Sets the clock at the start of each request and puts everything away at its end."""

    app.url_map.converters["int"] = KeyConverter

    @app.before_request
    def arrive() -> None:
        clock: Callable[[], datetime] | None = app.extensions.get("clock")
        g.now = clock() if clock else datetime.now(UTC)
        if "\x00" in request.path:
            abort(404)

    @app.after_request
    def keep_signed_in(response: WerkzeugResponse) -> WerkzeugResponse:
        token = request.cookies.get(SIGN_IN_COOKIE)
        sign_in: SignIn | None = g.get("sign_in")
        if token and sign_in is not None and accounts.is_due_for_keeping(sign_in, now()):
            # a transaction of its own, after the view's has ended: looking at pages keeps a person signed in
            _put_away()
            # a database that is away is no reason not to show the page; the next one keeps them signed in
            with suppress(OperationalError), database().transaction() as writing:
                accounts.keep_alive(writing, seal(), token, now())
        return response

    @app.teardown_request
    def leave(_fault: BaseException | None) -> None:
        _put_away()


def _put_away() -> None:
    opened: Session | None = g.pop("session", None)
    if opened is None:
        return
    try:
        opened.close()
    except OperationalError:
        # the database went away meanwhile: there is nothing left to end, and the answer stands
        opened.invalidate()
