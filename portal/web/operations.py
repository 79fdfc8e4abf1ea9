"""For load balancers: is the process alive, and can it serve."""

from __future__ import annotations

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint

from portal.access import Permission
from portal.db import alembic_config
from portal.web.gate import broker, database, permit, session

blueprint = Blueprint("operations", __name__)


@blueprint.get("/healthz")
@permit(Permission.READ)
def health() -> tuple[str, int, dict[str, str]]:
    """Alive."""
    return "ok\n", 200, {"Content-Type": "text/plain; charset=utf-8"}


@blueprint.get("/readyz")
@permit(Permission.READ)
def ready() -> tuple[str, int, dict[str, str]]:
    """Able to serve: the database answers and its schema is the one this program was written for.

    A broker that is away is told of and no reason to send nobody here: the site serves without it.
    """
    head, current = revisions()
    is_ready = head == current
    words = "ok" if is_ready else f"schema is {current}, expected {head}"
    if (queue := broker()) is not None:
        length = queue.length()
        words += "\nbroker: away, jobs are done as the rows say" if length is None else f"\nbroker: {length} waiting"
    return f"{words}\n", 200 if is_ready else 503, {"Content-Type": "text/plain; charset=utf-8"}


def revisions() -> tuple[str | None, str | None]:
    """The revision of the schema this program was written for, and the one the database has."""
    head = ScriptDirectory.from_config(alembic_config(database().url)).get_current_head()
    return head, MigrationContext.configure(session().connection()).get_current_revision()
