"""The cookie that lets the browser which sent a submission look at its receipt without typing the secret."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response

from portal.web import gate

_SECONDS = 12 * 3600


def remember(response: Response, number: str, secret: str) -> None:
    """Gives the browser the secret of this receipt, for this address only.

    It is not signed: the secret is what is checked, and whoever holds it may look.
    """
    response.set_cookie(
        "tracking",
        secret,
        path=f"/receipts/{number}",
        max_age=_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=gate.settings().is_https,
    )


def secret() -> str:
    """The secret this browser holds for the receipt at this address, or an empty text."""
    return request.cookies.get("tracking", "")
