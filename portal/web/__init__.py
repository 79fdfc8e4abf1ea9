"""The web floor: pages and forms. Each view permits, loads, reads its form, calls one service, commits, redirects."""

from __future__ import annotations

from flask import Flask
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from portal.config import Settings


def init_app(app: Flask) -> None:
    """Registers every blueprint and what all of them share."""
    from portal.web import (
        accounts,
        api,
        api_writing,
        around,
        clauses,  # noqa: F401 — its views stand in the blueprint of `consultations`
        comments,
        consultations,
        developers,
        display,
        feeds,
        gate,
        headers,
        journal,
        keys,
        ledgers,
        measures,
        operations,
        qr,
        receipts,
        refusals,
        results,
        scanned_files,
        search,
        sessions,
        setting_up,
        shared_pages,
        single_sign_on,
        site,
        subscriptions,
        versions,
        views,
        wire,
    )
    from portal.web.office import (
        api_keys,
        audit,
        bulk,
        campaigns,
        drafts,
        front,
        incoming,
        lists,
        moderation,
        notices,
        own_account,
        people,
        placing,
        points,
        publications,
        reason_templates,
        reasons,
        registering,
        responses,
        routing,
        running,
        sheets,
        summaries,
        webhooks,
        windows,
    )
    from portal.web.office import site as office_site
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
    sessions.init_app(app)
    gate.init_app(app)
    CSRFProtect(app)
    scanned_files.init_app(app)
    wire.init_app(app)
    shared_pages.init_app(app)
    display.init_app(app)
    site.init_app(app)
    around.init_app(app)
    headers.init_app(app)
    refusals.init_app(app)
    keys.init_app(app)
    api_writing.init_app(app)
    subscriptions.init_app(app)
    # outermost, so that a page from the shared copies is seen too; and whoever asked is known before
    views.init_app(app)
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies, x_proto=0, x_host=0)  # type: ignore[method-assign]
    journal.init_app(app)
    app.jinja_env.globals["qr_drawing"] = qr.drawing
    for room in (
        consultations,
        comments,
        receipts,
        ledgers,
        results,
        search,
        feeds,
        api,
        api_writing,
        versions,
        accounts,
        single_sign_on,
        setting_up,
        operations,
        measures,
        front,
        drafts,
        notices,
        windows,
        lists,
        office_versions,
        placing,
        moderation,
        campaigns,
        bulk,
        reasons,
        registering,
        incoming,
        sheets,
        responses,
        publications,
        routing,
        reason_templates,
        points,
        summaries,
        audit,
        office_site,
        running,
        people,
        own_account,
        api_keys,
        webhooks,
        developers,
        subscriptions,
    ):
        app.register_blueprint(room.blueprint)
