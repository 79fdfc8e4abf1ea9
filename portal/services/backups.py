"""A backup while the site is running, and restoring it into an empty place; the digests of both are compared.

The file is a zip with one member of JSON lines for each table, so that what was backed up from SQLite can be restored
into PostgreSQL and the other way round. It holds what the database holds: contact data stays sealed, and the keys that
open it are not in it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Connection, Date, Enum, LargeBinary, Table, Time, func, insert, select, text, update

from portal.errors import NotValid
from portal.models import Base
from portal.models.base import UtcDateTime

MANIFEST = "manifest.json"
_FORMAT = 1
#: built from the rest, by `flask search rebuild` and by the worker; the index is not of the same form on both databases
_DERIVED = frozenset({"search_entry", "distinct_text", "text_band", "campaign_grouping"})
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Member:
    """One table in a backup: how many rows, and the SHA-256 of their lines."""

    table: str
    rows: int
    digest: str


def write(connection: Connection, target: Path, at: datetime) -> list[Member]:
    """Writes everything as it stands in one instant. `target` is replaced only when the new file is whole."""
    _freeze_view(connection)
    unfinished = target.with_name(target.name + ".part")
    members: list[Member] = []
    try:
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=5) as archive:
            for table in _tables():
                with archive.open(f"{table.name}.jsonl", "w", force_zip64=True) as member:
                    members.append(_drain(table.name, _lines(connection, table), member.write))
            manifest = {
                "format": _FORMAT,
                "revision": _revision(connection),
                "made_at": at.astimezone(UTC).isoformat(),
                "tables": [[m.table, m.rows, m.digest] for m in members],
            }
            archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
        check(unfinished)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return members


def check(file: Path) -> tuple[str, list[Member]]:
    """The schema revision and the tables of a backup, every digest recomputed. Raises NotValid for a damaged file."""
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = json.loads(archive.read(MANIFEST))
            if manifest["format"] != _FORMAT:
                raise NotValid("这份备份的格式不认识，请用制作它的版本恢复。")
            stated = [Member(*entry) for entry in manifest["tables"]]
            for member in stated:
                with archive.open(f"{member.table}.jsonl") as lines:
                    if _drain(member.table, lines, None) != member:
                        raise NotValid("备份文件已损坏：表%(table)s与清单不符。", table=member.table)
    except (zipfile.BadZipFile, OSError, EOFError, KeyError, ValueError, TypeError) as fault:
        raise NotValid("备份文件已损坏或不完整，请换一份备份。") from fault
    return str(manifest["revision"]), stated


def restore(connection: Connection, file: Path) -> list[Member]:
    """Fills an empty database of the right revision from a backup, and compares the digests.

    Raises NotValid when the file is damaged, of another revision, or the database is not empty; the caller's
    transaction is then rolled back.
    """
    revision, stated = check(file)
    if revision != _revision(connection):
        raise NotValid(
            "备份的结构版本是%(theirs)s，数据库是%(ours)s，请先把两者升级到同一版本。",
            theirs=revision, ours=_revision(connection),
        )  # fmt: skip
    for table in _tables():
        if connection.scalar(select(func.count()).select_from(table)):
            raise NotValid("只能恢复到空的数据库里，表%(table)s已有数据。", table=table.name)
    rules = _lift_rules(connection)
    with zipfile.ZipFile(file) as archive:
        for table in _tables():
            with archive.open(f"{table.name}.jsonl") as lines:
                _fill(connection, table, lines)
    _put_rules_back(connection, rules)
    for table, member in zip(_tables(), stated, strict=True):
        if _drain(table.name, _lines(connection, table), None) != member:
            raise NotValid("恢复后的表%(table)s与备份不符，没有恢复。", table=table.name)
    return stated


def _tables() -> list[Table]:
    return [table for table in Base.metadata.sorted_tables if table.name not in _DERIVED]


def _freeze_view(connection: Connection) -> None:
    """From here on the connection sees one instant, whatever others write. SQLite's WAL does so by itself."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _drain(table: str, lines: Any, put: Any) -> Member:
    digest, rows = hashlib.sha256(), 0
    for line in lines:
        digest.update(line)
        rows += 1
        if put is not None:
            put(line)
    return Member(table, rows, digest.hexdigest())


def _lines(connection: Connection, table: Table) -> Iterator[bytes]:
    rows = connection.execute(select(table).order_by(*table.primary_key).execution_options(yield_per=_BATCH))
    for row in rows:
        line = {column.name: _plain(value) for column, value in zip(table.columns, row, strict=True)}
        yield json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        case date() | time():
            return value.isoformat()
        case bytes():
            return base64.b64encode(value).decode()
    return value


def _value(column: Column[Any], value: Any) -> Any:
    if value is None:
        return None
    match column.type:
        case UtcDateTime():
            return datetime.fromisoformat(value)
        case Date():
            return date.fromisoformat(value)
        case Time():
            return time.fromisoformat(value)
        case LargeBinary():
            return base64.b64decode(value)
        case Enum(enum_class=kind) if kind is not None:
            return kind(value)
    return value


def _fill(connection: Connection, table: Table, lines: Any) -> None:
    # a row may name another of its own table that comes later: such columns are filled in once all rows are there
    later = [c for c in table.columns if any(key.column.table is table for key in c.foreign_keys)]
    (key,) = table.primary_key if len(table.primary_key) == 1 else (None,)
    owed: list[tuple[Any, dict[str, Any]]] = []
    batch: list[dict[str, Any]] = []
    for line in lines:
        raw = json.loads(line)
        row = {column.name: _value(column, raw[column.name]) for column in table.columns}
        if key is not None and (named := {c.name: row[c.name] for c in later if row[c.name] is not None}):
            owed.append((row[key.name], named))
            row |= dict.fromkeys(named)
        batch.append(row)
        if len(batch) >= _BATCH:
            connection.execute(insert(table), batch)
            batch = []
    if batch:
        connection.execute(insert(table), batch)
    for identity, named in owed:
        connection.execute(update(table).where(key == identity).values(**named))
    if connection.dialect.name == "postgresql" and key is not None and key is table.autoincrement_column:
        connection.execute(
            text(
                f"SELECT setval(pg_get_serial_sequence('{table.name}', '{key.name}'), max({key.name}))"  # noqa: S608 — names of our own tables
                f" FROM {table.name} WHERE pg_get_serial_sequence('{table.name}', '{key.name}') IS NOT NULL"
            )
        )


def _lift_rules(connection: Connection) -> list[str]:
    """Takes the triggers off that refuse changes or count rows; what puts them back."""
    if connection.dialect.name == "postgresql":
        for table in _tables():
            connection.execute(text(f'ALTER TABLE "{table.name}" DISABLE TRIGGER USER'))
        return [f'ALTER TABLE "{table.name}" ENABLE TRIGGER USER' for table in _tables()]
    found = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
    for name, _ in found:
        connection.execute(text(f'DROP TRIGGER "{name}"'))
    return [str(statement) for _, statement in found]


def _put_rules_back(connection: Connection, rules: list[str]) -> None:
    for statement in rules:
        connection.exec_driver_sql(statement)
