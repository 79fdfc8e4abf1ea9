"""A backup made while others write, restored into an empty place of either kind, is the same to the last byte."""

from __future__ import annotations

import json
import threading
import zipfile

import pytest
from sqlalchemy import func, select, text

from portal.access import Role
from portal.db import Database
from portal.errors import NotValid
from portal.models import Base, Comment, WithholdingReason
from portal.rules import uploads
from portal.rules.words import AttachmentPurpose, CommentState
from portal.services import attachments, backups, moderation, publishing
from tests import factories
from tests.factories import NOON


@pytest.fixture
def lived_in(database, seal):
    with database.writer() as session:
        made = factories.world(session, seal)
        found = factories.prepared(made)
        attachments.keep(
            session, seal, found.id, AttachmentPurpose.PUBLISHED, uploads.checked(b"%PDF-1.7\x00\xff", "a.pdf"), NOON
        )
        publishing.publish(session, made.actor(Role.PUBLISHER), found, found.window.opens_at)
        (comment,) = factories.submission(made, found, "我叫王小明，建议每日公布。𬭎 \u2028", email="a@example.com")
        moderation.decide(
            session, made.actor(Role.MODERATOR), comment, CommentState.PUBLISHED, revision=0, at=NOON,
            masks=moderation.suggested_masks(comment),
        )  # fmt: skip
        session.commit()
    return database


def written(database, target):
    with database.reader() as session:
        return backups.write(session.connection(), target, NOON)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request, tmp_path):
    """A database with the schema and not one row, of either kind."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'restored.sqlite3'}"
    else:
        server = request.getfixturevalue("postgres")
        name = f"restored_{abs(hash(str(tmp_path)))}"
        server.execute(f"CREATE DATABASE {name}")
        url = server.url(name)
    found = Database(url)
    found.migrate()
    yield found
    found.engine.dispose()
    if request.param == "postgresql":
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def restored(empty, file):
    with empty.transaction() as session:
        return backups.restore(session.connection(), file)


def test_what_is_restored_is_what_was_backed_up(lived_in, empty, tmp_path):
    file = tmp_path / "portal.backup"
    members = written(lived_in, file)
    assert {m.table: m.rows for m in members}["comment"] == 1
    assert restored(empty, file) == members
    assert written(empty, tmp_path / "again.backup") == members
    with empty.writer() as session:
        # it lives on: new rows find a number, and what never changes still never changes
        comment = session.scalars(select(Comment)).one()
        assert comment.body.startswith("我叫王小明")
        session.add(WithholdingReason(code="X1", words="新增", basis="", position=99))
        session.flush()
        with pytest.raises(Exception, match="never change"):
            session.execute(text("UPDATE comment SET body = 'x'"))


def test_a_backup_is_of_one_instant_while_others_write(lived_in, tmp_path):
    is_over = threading.Event()

    def write():
        position = 1000
        while not is_over.is_set():
            position += 1
            with lived_in.transaction() as session:
                session.add(WithholdingReason(code=f"T{position}", words="x", basis="", position=position))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for n in range(3):
            file = tmp_path / f"{n}.backup"
            rows = {m.table: m.rows for m in written(lived_in, file)}
            with zipfile.ZipFile(file) as archive:
                lines = archive.read("withholding_reason.jsonl").splitlines()
            positions = sorted(json.loads(line)["position"] for line in lines if b'"T' in line)
            assert positions == list(range(1001, 1001 + len(positions)))
            assert rows["withholding_reason"] == len(lines)
    finally:
        is_over.set()
        writer.join()


def test_a_damaged_file_is_refused_and_nothing_is_left_behind(lived_in, empty, tmp_path):
    file = tmp_path / "portal.backup"
    written(lived_in, file)
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    changed = members["comment.jsonl"].replace("王小明".encode(), "王大明".encode())
    cases = {
        "cut": file.read_bytes()[:-200],
        "rubbish": b"PK not a zip",
        "changed": None,
        "lost": None,
    }
    for name, body in cases.items():
        other = tmp_path / f"{name}.backup"
        if body is not None:
            other.write_bytes(body)
        else:
            with zipfile.ZipFile(other, "w") as archive:
                for member, data in members.items():
                    if name == "lost" and member == "clause.jsonl":
                        continue
                    archive.writestr(member, changed if member == "comment.jsonl" and name == "changed" else data)
        with pytest.raises(NotValid, match="损坏"):
            restored(empty, other)
    with empty.reader() as session:
        assert all(session.scalar(select(func.count()).select_from(t)) == 0 for t in Base.metadata.sorted_tables)


def test_only_an_empty_database_is_filled(lived_in, tmp_path):
    file = tmp_path / "portal.backup"
    written(lived_in, file)
    with pytest.raises(NotValid, match="空的数据库"):
        restored(lived_in, file)


def test_a_full_disk_leaves_the_last_good_backup(lived_in, tmp_path, monkeypatch):
    file = tmp_path / "portal.backup"
    written(lived_in, file)
    good = file.read_bytes()

    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "writestr", full)
    with pytest.raises(OSError, match="No space"):
        written(lived_in, file)
    assert file.read_bytes() == good
    assert list(tmp_path.glob("*.part")) == []
