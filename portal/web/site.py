"""What the site says of itself, kept in this process for a few seconds: a page does not ask the database for its footer."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from threading import Lock

from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from portal.rules.site import Site, site
from portal.services import site as site_service
from portal.web.gate import database, settings

#: how long another process may still show what was set before, in seconds
FRESH = 5.0


@dataclass
class _Kept:
    """The settings as they were read last, and when."""

    values: dict[str, str] = field(default_factory=dict)
    read_at: float | None = None
    lock: Lock = field(default_factory=Lock)


def _kept() -> _Kept:
    kept: _Kept = current_app.extensions["site"]
    return kept


def current() -> Site:
    """The site, as it was set at most FRESH seconds ago."""
    kept = _kept()
    with kept.lock:
        if kept.read_at is None or time.monotonic() - kept.read_at > FRESH:
            try:
                # a look of its own: the footer is also on the page that says the database is busy
                with database().reader() as looking:
                    kept.values = site_service.values(looking)
            except SQLAlchemyError as fault:
                current_app.logger.warning("the site's settings: %s", fault)
            kept.read_at = time.monotonic()
        values = kept.values
    return site(values, name=settings().site_name, owner=settings().site_owner)


def forget() -> None:
    """Reads the settings again for the next page of this process."""
    _kept().read_at = None


def init_app(app: Flask) -> None:
    """Lets every template know the site."""
    app.extensions["site"] = _Kept()
    app.jinja_env.globals["site"] = current
