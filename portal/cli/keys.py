"""`flask keys …`: the keys contact data is sealed with."""

from __future__ import annotations

import os
from collections import Counter
from datetime import UTC, datetime

import click
from flask.cli import AppGroup

from portal.access import ANYBODY
from portal.cli.shell import database, give_up, say, seal, settings, tell
from portal.sealing import keys
from portal.services import audit, resealing

group = AppGroup("keys", help="The keys contact data is sealed with.")


@group.command("rotate")
@click.option("--prepare", is_flag=True, help="The new key only opens as yet; `keys use` makes it seal.")
def rotate(prepare: bool) -> None:
    """Make a new key that seals from now on; the keys before it still open.

    Running processes take it up by themselves. Where several machines have a file each: `--prepare`, copy the file to
    all of them, then `keys use` on each.
    """
    chosen, held = settings(), seal().keys
    made = keys.new(held)
    if chosen.sealing_key_file is None:
        say({"key": made.id, "is_kept": False})
        tell("The keys are in the environment, so put this into it on every machine and start the site again:")
        tell(f"  1. PORTAL_SEALING_KEY={_joined([made, *held])}   (everywhere: the new key opens)")
        tell(f"  2. PORTAL_SEALING_KEY={_joined([*held, made])}   (everywhere: the new key seals)")
        if not (os.environ.get("PORTAL_INDEX_KEY") or os.environ.get("PORTAL_INDEX_KEY_FILE")):
            tell(f"  and, before the first key goes: PORTAL_INDEX_KEY={_index()}")
        tell("Then `flask keys reseal`.")
        return
    index = chosen.data_dir / "secrets" / "index_key"
    if not index.exists() and not os.environ.get("PORTAL_INDEX_KEY") and not os.environ.get("PORTAL_INDEX_KEY_FILE"):
        index.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        keys.keep(index, _index() + "\n")
    order = [made, *held] if prepare else [*held, made]
    keys.keep(chosen.sealing_key_file, keys.written(order))
    _record("key.rotate", {"key": made.id, "seals": order[-1].id})
    say({"key": made.id, "is_kept": True, "file": str(chosen.sealing_key_file), "seals": order[-1].id})
    tell("Keep a copy of secrets/ in another safe place, then run `flask keys reseal`.")


@group.command("use")
@click.argument("key_id")
def use(key_id: str) -> None:
    """Seal with the key KEY_ID from now on."""
    file = settings().sealing_key_file
    if file is None:
        give_up("The keys are in the environment: the last one of PORTAL_SEALING_KEY seals.")
    found = [key for key in seal().keys if key.id == key_id]
    if not found:
        give_up(f"There is no key {key_id!r}.")
    keys.keep(file, keys.written([*(key for key in seal().keys if key.id != key_id), *found]))
    _record("key.use", {"key": key_id})
    say({"seals": key_id})


@group.command("reseal")
def reseal() -> None:
    """Seal everything anew with the key in use, in batches, while the site runs. May be stopped and begun again."""
    sealed: Counter[str] = Counter()
    unreadable: Counter[str] = Counter()
    for progress in resealing.reseal(database().transaction, seal()):
        sealed[progress.place], unreadable[progress.place] = progress.sealed, progress.unreadable
        tell(f"{progress.place}: {progress.sealed}")
    if sealed.total():
        _record("key.reseal", {"seals": seal().keys[-1].id, "count": sealed.total()})
    say({"sealed": dict(sealed), "unreadable": {place: number for place, number in unreadable.items() if number}})
    if unreadable.total():
        tell(f"{unreadable.total()} values were sealed with a key that is not here; they were left as they are.")


@group.command("check")
def check() -> None:
    """Count what every key has to open, and say which keys may go."""
    with database().reader() as session:
        counted = list(resealing.counts(session, seal()))
    totals: Counter[str] = Counter()
    for count in counted:
        totals.update(count.by_head)
    unknown = {count.place: count.unknown for count in counted if count.unknown}
    idle = resealing.idle_keys(seal(), counted)
    say(
        {
            "keys": [key.id for key in seal().keys], "seals": seal().head, "values": dict(totals),
            "unknown": unknown, "may_go": idle,
        }
    )  # fmt: skip
    for key_id in idle:
        tell(f"{key_id} opens nothing here any more. It may go once no backup is kept from before the resealing.")
    if unknown:
        tell("Some values were sealed with a key that is not here.")
        raise SystemExit(1)


def _joined(order: list[keys.SealingKey]) -> str:
    return ",".join(f"{key.id}:{key.secret.hex()}" for key in order)


def _index() -> str:
    index = settings().index_key
    return f"{index.hash}:{index.secret.hex()}"


def _record(act: str, details: dict[str, object]) -> None:
    with database().transaction() as session:
        audit.record(session, ANYBODY, act, "keys", datetime.now(UTC), details)
