"""The cookie that lets the browser which sent a submission look at its receipt without typing the secret."""

from __future__ import annotations

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from portal.web import gate

_HOURS = 12


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="tracking")


def remember(response: Response, number: str, secret: str) -> None:
    """Gives the browser the secret of this receipt, for this address only."""
    response.set_cookie(
        "tracking",
        _serializer().dumps([number, secret]),
        path=f"/receipts/{number}",
        max_age=_HOURS * 3600,
        httponly=True,
        samesite="Lax",
        secure=gate.settings().is_https,
    )


def secret(number: str) -> str:
    """The secret this browser holds for this receipt, or an empty text."""
    try:
        held_number, held = _serializer().loads(request.cookies.get("tracking", ""), max_age=_HOURS * 3600)
    except (BadSignature, ValueError):
        return ""
    return str(held) if held_number == number else ""
