"""The web floor: pages and forms. Each view permits, loads, reads its form, calls one service, commits, redirects."""

from __future__ import annotations

from flask import Flask
from flask_wtf import CSRFProtect

from portal.config import Settings


def init_app(app: Flask) -> None:
    """Registers every blueprint and what all of them share."""
    from portal.web import (
        accounts,
        comments,
        consultations,
        display,
        gate,
        headers,
        operations,
        receipts,
        refusals,
        results,
        shared_pages,
        versions,
    )
    from portal.web.office import audit, drafts, front, moderation, own_account, people, responses, summaries
    from portal.web.office import versions as office_versions

    settings: Settings = app.extensions["settings"]
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="portal",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.is_https,
        WTF_CSRF_TIME_LIMIT=None,  # somebody may take a whole day over one comment
        MAX_CONTENT_LENGTH=20 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=12 * 1024 * 1024,
    )
    CSRFProtect(app)
    gate.init_app(app)
    shared_pages.init_app(app)
    display.init_app(app)
    headers.init_app(app)
    refusals.init_app(app)
    for room in (
        consultations,
        comments,
        receipts,
        results,
        versions,
        accounts,
        operations,
        front,
        drafts,
        office_versions,
        moderation,
        responses,
        summaries,
        audit,
        people,
        own_account,
    ):
        app.register_blueprint(room.blueprint)
