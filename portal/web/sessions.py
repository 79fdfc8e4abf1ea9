"""The signed cookie of a visit: as Flask keeps it, with what signs it made once and not twice for every request."""

from __future__ import annotations

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer


class SignedCookies(SecureCookieSessionInterface):
    """Flask's own, which keeps its signer as long as the key is the same."""

    def __init__(self) -> None:
        self._kept: tuple[object, URLSafeTimedSerializer | None] = (None, None)

    def _signer(self, app: Flask) -> URLSafeTimedSerializer | None:
        key, signer = self._kept
        if signer is None or key != app.secret_key:
            signer = super().get_signing_serializer(app)
            self._kept = (app.secret_key, signer)
        return signer

    # the name Flask asks for
    get_signing_serializer = _signer


def init_app(app: Flask) -> None:
    """Lets the application's sessions be kept so."""
    app.session_interface = SignedCookies()
