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

#: the others, the same for every page
ALWAYS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("X-Frame-Options", "DENY"),
    ("Permissions-Policy", "camera=(), microphone=(), geolocation=()"),
)


def init_app(app: Flask) -> None:
    """Adds the headers to every answer."""

    settings = gate.settings_of(app)
    issuer = settings.oidc_issuer
    # leaving the office may lead on to the identity provider, which ends its own signing in
    office = POLICY.replace("form-action 'self'", f"form-action 'self' {origin(issuer)}") if issuer else POLICY
    usual = (*ALWAYS, ("Strict-Transport-Security", "max-age=31536000")) if settings.is_https else ALWAYS

    @app.after_request
    def add(response: Response) -> Response:
        headers = response.headers
        # what a view has set stands; looking once through the few that are there is cheaper than once for each
        held = {name.lower() for name, _ in headers}
        for name, value in usual:
            if name.lower() not in held:
                headers.add(name, value)
        if "content-security-policy" not in held:
            headers.add("Content-Security-Policy", office if request.path.startswith("/office") else POLICY)
        if request.path.startswith(("/office", "/receipts", "/subscriptions")):
            headers["Cache-Control"] = "no-store"
        return response
