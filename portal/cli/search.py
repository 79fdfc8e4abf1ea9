"""`flask search …`: the index of the public search."""

from __future__ import annotations

import time

from flask.cli import AppGroup

from portal.cli.shell import database, say, tell
from portal.services import searching

group = AppGroup("search", help="The search index.")


@group.command("rebuild")
def rebuild() -> None:
    """Build the index again from what is public, in short transactions: the site goes on meanwhile."""
    began = time.perf_counter()
    with database().transaction() as session:
        entries = searching.rebuild_drafts(session)
    after: int | None = 0
    while after is not None:
        with database().transaction() as session:
            written, after = searching.rebuild_comments(session, after)
        entries += written
    tell(f"{time.perf_counter() - began:.1f} s")
    say({"entries": entries})
