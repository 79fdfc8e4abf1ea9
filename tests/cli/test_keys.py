"""`flask keys …`: a key is rotated, everything is sealed anew, and the old key goes, while another process runs."""

from __future__ import annotations

import dataclasses
import json

import pytest
from sqlalchemy import select

from portal import config, create_app
from portal.models import AuditEvent, OutgoingEmail
from portal.sealing import NotSealedByUs, keys
from portal.services import outbox
from tests import factories

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def made(database_url, tmp_path):
    """Makes an application on the same database and folder, as another process would."""
    opened = []

    def make(**environment):
        settings = config.from_environment({"PORTAL_DATA_DIR": str(tmp_path / "data"), **environment})
        opened.append(create_app(dataclasses.replace(settings, database_url=database_url)))
        return opened[-1]

    yield make
    for app in opened:
        app.extensions["database"].engine.dispose()


def run(app, *command):
    done = app.test_cli_runner().invoke(args=["keys", *command])
    return (json.loads(done.stdout) if done.stdout else None), done


def owe(app, subject):
    with app.extensions["database"].transaction() as session:
        outbox.owe(
            session, app.extensions["seal"], kind="t", recipient=f"{subject}@example.com", subject=subject, body="b",
            at=factories.NOON,
        )  # fmt: skip


def opened(app):
    with app.extensions["database"].reader() as session:
        rows = session.execute(select(OutgoingEmail.subject, OutgoingEmail.recipient_sealed)).all()
    return {subject: app.extensions["seal"].open(sealed, outbox.RECIPIENT) for subject, sealed in rows}


def test_the_whole_life_of_a_key(made):
    server, shell = made(), made()
    owe(server, "one")
    told, _ = run(shell, "rotate")
    assert (told["key"], told["seals"], told["is_kept"]) == ("k2", "k2", True)
    owe(server, "two")  # the server took the key up by itself
    assert server.extensions["seal"].head == "k2"
    told, _ = run(shell, "check")
    assert told["values"] == {"k1": 2, "k2": 2}
    assert told["may_go"] == []
    told, _ = run(shell, "reseal")
    assert told["sealed"] == {"outgoing_email.recipient_sealed": 1, "outgoing_email.body_sealed": 1}
    told, done = run(shell, "check")
    assert told["values"] == {"k2": 4}
    assert told["may_go"] == ["k1"]
    assert "backup" in done.stderr
    file = shell.extensions["settings"].sealing_key_file
    keys.keep(file, keys.written([key for key in keys.read(file.read_text()) if key.id != "k1"]))
    everything = {"one": "one@example.com", "two": "two@example.com"}
    assert opened(server) == opened(made()) == everything
    with server.extensions["database"].reader() as session:
        acts = session.scalars(select(AuditEvent.act).where(AuditEvent.act.like("key.%"))).all()
    assert acts == ["key.rotate", "key.reseal"]


def test_a_key_is_prepared_on_every_machine_before_it_seals(made):
    app = made()
    told, _ = run(app, "rotate", "--prepare")
    assert (told["key"], told["seals"]) == ("k2", "k1")
    owe(app, "one")
    assert run(app, "use", "k2")[0] == {"seals": "k2"}
    owe(app, "two")
    assert run(app, "check")[0]["values"] == {"k1": 2, "k2": 2}
    assert run(app, "use", "k7")[1].exit_code == 2


def test_keys_of_the_environment_are_told_and_not_written(made, tmp_path):
    app = made(PORTAL_SEALING_KEY="11" * 32)
    owe(app, "one")
    told, done = run(app, "rotate")
    assert told == {"key": "k2", "is_kept": False}
    line = next(line for line in done.stderr.splitlines() if line.lstrip().startswith("2."))
    again = line.split("PORTAL_SEALING_KEY=")[1].split()[0]
    index = next(line for line in done.stderr.splitlines() if "PORTAL_INDEX_KEY=" in line).split("=")[1]
    assert not (tmp_path / "data" / "secrets" / "sealing_key").exists()
    later = made(PORTAL_SEALING_KEY=again, PORTAL_INDEX_KEY=index)
    assert run(later, "reseal")[0]["sealed"]["outgoing_email.recipient_sealed"] == 1
    only = made(PORTAL_SEALING_KEY=again.split(",")[1], PORTAL_INDEX_KEY=index)
    assert opened(only) == {"one": "one@example.com"}
    assert only.extensions["seal"].trace("x", "receipt") == app.extensions["seal"].trace("x", "receipt")
    with pytest.raises(NotSealedByUs):
        opened(app)


def test_a_value_of_a_lost_key_is_an_alarm(made):
    lost = made(PORTAL_SEALING_KEY="11" * 32)
    owe(lost, "one")
    found = made(PORTAL_SEALING_KEY="k2:" + "22" * 32, PORTAL_INDEX_KEY="11" * 32)
    told, done = run(found, "check")
    assert done.exit_code == 1
    assert told["unknown"] == {"outgoing_email.recipient_sealed": 1, "outgoing_email.body_sealed": 1}
    told, done = run(found, "reseal")
    assert set(told["sealed"].values()) == {0}
    assert sum(told["unreadable"].values()) == 2
