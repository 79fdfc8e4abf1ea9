"""`flask api-keys …`: the keys other platforms use."""

from __future__ import annotations

from datetime import UTC, datetime

import click
from flask.cli import AppGroup
from sqlalchemy import select

from portal.access import ANYBODY, PLATFORM_SCOPES
from portal.cli.shell import database, give_up, refuses, say, seal, tell
from portal.models import ApiKey, Bureau
from portal.services import api_keys

group = AppGroup("api-keys", help="Keys of the JSON interface.")


@group.command("create")
@click.argument("name")
@click.option("--bureau", "bureau_code", required=True, help="The code of the bureau it works for.")
@click.option("--scope", "scopes", multiple=True, type=click.Choice([s.value for s in PLATFORM_SCOPES]))
@click.option("--per-minute", type=int, default=api_keys.USUAL_RATE, show_default=True)
@refuses
def create(name: str, bureau_code: str, scopes: tuple[str, ...], per_minute: int) -> None:
    """Make a key for another platform and print it; it is never shown again."""
    with database().transaction() as session:
        bureau_id = session.scalar(select(Bureau.id).where(Bureau.code == bureau_code))
        if bureau_id is None:
            give_up(f"There is no bureau {bureau_code!r}.")
        made, key = api_keys.make(
            session, seal(), ANYBODY, bureau_id=bureau_id, name=name, scopes=scopes or [s.value for s in PLATFORM_SCOPES],
            per_minute=per_minute, at=datetime.now(UTC),
        )  # fmt: skip
        found = {"id": made.public_id, "name": made.name, "scopes": made.scopes, "key": key}
    say(found)
    tell("Keep the key now: it is stored nowhere.")


@group.command("list")
def list_keys() -> None:
    """Print every key with when it was last used, without the secrets."""
    with database().reader() as session:
        say(
            [
                {
                    "id": key.public_id,
                    "name": key.name,
                    "bureau": key.bureau.code,
                    "owner": key.account.login if key.account else None,
                    "scopes": key.scopes,
                    "last_used_at": key.last_used_at.isoformat() if key.last_used_at else None,
                    "revoked_at": key.revoked_at.isoformat() if key.revoked_at else None,
                }
                for key in session.scalars(select(ApiKey).order_by(ApiKey.id))
            ]
        )


@group.command("revoke")
@click.argument("public_id")
@refuses
def revoke(public_id: str) -> None:
    """End a key at once, whoever it belongs to."""
    with database().transaction() as session:
        found = session.scalar(select(ApiKey).where(ApiKey.public_id == public_id).with_for_update(key_share=True))
        if found is None:
            give_up(f"There is no key {public_id!r}.")
        api_keys.end(session, ANYBODY, found, datetime.now(UTC))
    say({"id": public_id, "revoked": True})
