"""What every answer carries: nothing from elsewhere is loaded, nothing is framed, nothing is guessed."""

from __future__ import annotations

from flask import Flask, request
from werkzeug.wrappers import Response

from portal.oidc import origin
from portal.web import gate

#: `form-action` also judges where a form is sent on to
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

    issuer = gate.settings_of(app).oidc_issuer
    # leaving the office may lead on to the identity provider, which ends its own signing in
    office = POLICY.replace("form-action 'self'", f"form-action 'self' {origin(issuer)}") if issuer else POLICY

    @app.after_request
    def add(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", office if request.path.startswith("/office") else POLICY)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("X-Frame-Options", "DENY")
        headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        if gate.settings().is_https:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if request.path.startswith(("/office", "/receipts", "/subscriptions")):
            headers["Cache-Control"] = "no-store"
        return response
