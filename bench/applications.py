"""The portal on a database that a bench has filled."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import flask

from portal import config, create_app
from portal.db import Database


def application(database: Database, folder: Path) -> flask.Flask:
    settings = config.from_environment({"PORTAL_DATA_DIR": str(folder), "PORTAL_USUAL_RATE": "1000000"})
    app = create_app(dataclasses.replace(settings, database_url=database.url))
    app.config["WTF_CSRF_ENABLED"] = False
    return app
