"""The consultation portal: publishes draft plans, hears the public on them clause by clause, and answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from portal.config import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """The application, one line per organ. `settings` comes from the environment when not given."""
    from flask import Flask

    from portal import cli, config, mail, oidc, web
    from portal.db import Database
    from portal.sealing import Seal

    settings = settings or config.from_environment()
    app = Flask(__name__, template_folder="../templates", static_folder="../static")
    # no view and no hook here is a coroutine, which Flask would otherwise look up in each of them at each request
    app.ensure_sync = lambda func: func  # type: ignore[method-assign]
    app.extensions["settings"] = settings
    app.extensions["database"] = Database(settings.database_url)
    app.extensions["seal"] = Seal(settings.sealing_keys, settings.index_key, settings.sealing_cipher)
    if settings.broker:
        from portal import broker

        broker.init_app(app)
    mail.init_app(app)
    oidc.init_app(app)
    web.init_app(app)
    cli.init_app(app)
    return app
