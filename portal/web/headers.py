"""What every answer carries: nothing from elsewhere is loaded, nothing is framed, nothing is guessed."""

from __future__ import annotations

from flask import Flask, request
from werkzeug.wrappers import Response

from portal.web import gate

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


def init_app(app: Flask) -> None:
    """Adds the headers to every answer."""

    @app.after_request
    def add(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", POLICY)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("X-Frame-Options", "DENY")
        headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        if gate.settings().is_https:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if request.path.startswith(("/office", "/receipts", "/subscriptions")):
            headers["Cache-Control"] = "no-store"
        return response
