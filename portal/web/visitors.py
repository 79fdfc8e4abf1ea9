"""Whoever looks at a page, without knowing who: a random mark in a signed cookie, and the prefix of a network."""

from __future__ import annotations

import secrets
from ipaddress import ip_address, ip_network

from flask import current_app, request
from itsdangerous import BadSignature, Signer
from werkzeug.wrappers import Response

from portal.services.endorsing import Visitor
from portal.web import gate

_COOKIE = "visitor"
#: stands beside the mark once it was used: this browser is shown pages that say what it endorsed
ENDORSED = "endorsed"
_DAYS = 180


def _signer() -> Signer:
    return Signer(str(current_app.config["SECRET_KEY"]), salt="visitor")


def current() -> Visitor | None:
    """Who this is; None for a browser that was given no mark, or brings one that is not ours."""
    try:
        mark = _signer().unsign(request.cookies.get(_COOKIE, "")).decode()
    except BadSignature:
        return None
    return Visitor(mark, _network())


def who_endorsed() -> Visitor | None:
    """Who this is, when this browser ever endorsed something; what everybody else is shown is the same for all."""
    return current() if ENDORSED in request.cookies else None


def note_endorsement(response: Response) -> None:
    """Says from now on that this browser has endorsed something."""
    response.set_cookie(
        ENDORSED, "1", max_age=_DAYS * 86_400, httponly=True, samesite="Lax", secure=gate.settings().is_https
    )


def remember(response: Response) -> None:
    """Gives a browser that has no mark one, so that it can endorse once and take it back."""
    if current() is None:
        mark = _signer().sign(secrets.token_hex(16)).decode()
        response.set_cookie(
            _COOKIE, mark, max_age=_DAYS * 86_400, httponly=True, samesite="Lax", secure=gate.settings().is_https
        )


def _network() -> str:
    """The network a request comes from: a household or a school has one of these, whatever its devices are called."""
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return ""
    return str(ip_network(f"{address}/{24 if address.version == 4 else 48}", strict=False))
