"""What the documents say can be followed: links lead somewhere, commands are there, those of the README work."""

from __future__ import annotations

import json
import mailbox
import re
import shlex
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import docx
import pytest
from flask import Flask
from sqlalchemy import select

from portal import config, create_app
from portal.access import Role
from portal.cli.samples import STAFF
from portal.models import Account, Consultation
from portal.rules import window
from portal.services import publishing
from tests import factories
from tests.house.test_words import tracked
from tests.letters.mails import mail

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "portal" / "samples"
#: the documents whose commands somebody will type
TYPED = ["README.md", "README.zh.md", "docs/operations.md", "docs/how-to.md"]
#: what runs until it is stopped; tests/crash starts it
ENDLESS = {"serve", "worker", "consumer"}


def anchors(file: Path) -> set[str]:
    """The names of the headings, as a repository's pages make them."""
    headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in headings}


def test_every_link_leads_somewhere():
    lost = []
    for file in tracked("README*.md", "docs/*.md", "docs/**/*.md"):
        words = re.sub(r"```.*?```|`[^`\n]*`", "", file.read_text(encoding="utf-8"), flags=re.S)
        for target in re.findall(r"\]\(([^)\s]+)\)|\b(?:src|href)=\"([^\"]+)\"", words):
            address = target[0] or target[1]
            if re.match(r"[a-z]+:", address):
                continue
            path, _, anchor = address.partition("#")
            there = (file.parent / path).resolve() if path else file
            if not there.exists() or (anchor and anchor not in anchors(there)):
                lost.append(f"{file.relative_to(ROOT)}: {address}")
    assert lost == []


def code(file: str) -> list[str]:
    """Every line of a block and every span of code, without what is set before a command or said behind it."""
    words = (ROOT / file).read_text(encoding="utf-8")
    blocks = re.findall(r"^ *```\w*\n(.*?)^ *```", words, re.M | re.S)
    lines = [line for block in blocks for line in block.splitlines()]
    lines += re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", words, flags=re.S))
    bare = [re.sub(r"\s+# .*$", "", line.strip()) for line in lines]
    return [re.sub(r"^(?:[A-Z_]+=\S+\s+)+", "", line) for line in bare]


@pytest.fixture
def app(tmp_path):
    """The application on a data folder of its own, with secrets it makes itself."""
    made = create_app(config.from_environment({"PORTAL_DATA_DIR": str(tmp_path / "data")}))
    yield made
    made.extensions["database"].engine.dispose()


def fault(app: Flask, words: list[str]) -> str | None:
    """What is wrong with a command of ours; None when it is there, its options too."""
    context = click.Context(app.cli)
    found: click.Command = app.cli
    rest = list(words)
    while isinstance(found, click.Group):
        name = rest.pop(0) if rest else ""
        deeper = found.get_command(context, name)
        if deeper is None:
            return f"there is no {name!r} in {found.name!r}"
        found = deeper
    known = {option for parameter in found.params for option in (*parameter.opts, *parameter.secondary_opts)}
    strange = [word for word in rest if word.startswith("--") and word.split("=")[0] not in known]
    return f"has no {strange}" if strange else None


@pytest.mark.parametrize("file", TYPED)
def test_every_command_exists(app, file):
    groups = {name for name, command in app.cli.commands.items() if isinstance(command, click.Group)}
    ours = re.compile(rf"(?:(?:\.venv/bin/)?flask (?:--app wsgi )?(.+)|((?:{'|'.join(groups)}) [a-z-]+(?: .*)?))")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8").replace("$(VENV)", ".venv")
    targets = set(re.findall(r"^([\w./-]+):", makefile, re.M))
    seen, wrong = 0, []
    for line in code(file):
        if command := ours.fullmatch(line):
            words = shlex.split(command[1] or command[2])
            if words[0] in ("--app", "…"):
                continue  # speaks of all of them
            seen += 1
            if said := fault(app, words):
                wrong.append(f"{line}: {said}")
        elif target := re.fullmatch(r"make ([\w./-]+)", line):
            seen += 1
            if target[1] not in targets:
                wrong.append(f"{line}: the Makefile has no such target")
    assert seen > 3
    assert wrong == []


def examples(file: str) -> list[str]:
    """The examples in the table of commands of a README."""
    words = (ROOT / file).read_text(encoding="utf-8")
    table = re.search(r"^\| (?:command|命令) \|.*\n((?:\|.*\n)+)", words, re.M)
    assert table
    return re.findall(r"^\| `[^|]+ \| `([^`]+)` \|", table[1], re.M)


def test_both_readmes_name_the_same_commands():
    assert examples("README.md") == examples("README.zh.md")


def _files(folder: Path) -> None:
    """What the examples of the README are given to read."""
    (folder / "portal").symlink_to(ROOT / "portal")
    plan = (SAMPLES / "service-plan.txt").read_text(encoding="utf-8")
    for name, text in (("plan", plan), ("old", plan), ("new", plan.replace("30万元", "20万元"))):
        document = docx.Document()
        for line in text.splitlines():
            document.add_paragraph(line)
        document.save(str(folder / f"{name}.docx"))
    opinions = [
        {"id": n, "clause": "3", "text": f"请联系13800001234。费用门槛偏高，建议降到{n}0万元。"} for n in (1, 2)
    ]
    (folder / "comments.jsonl").write_text("".join(json.dumps(each) + "\n" for each in opinions), encoding="utf-8")
    box = mailbox.mbox(str(folder / "box.mbox"))
    box.add(bytes(mail()))
    box.close()


def _fill_notice(app: Flask) -> None:
    """What a publisher does in the office between `consultations import` and `consultations publish`."""
    now = datetime.now(UTC)
    today = window.day_in_beijing(now)
    with app.extensions["database"].transaction() as session:
        found = session.scalars(select(Consultation).where(Consultation.slug == "rivers")).one()
        publisher = session.scalars(select(Account).where(Account.login == STAFF[Role.PUBLISHER][0])).one()
        notice = factories.notice(
            title=found.title, document_type="GFXWJ-E", opens_on=today, closes_on=today + timedelta(days=40)
        )
        publishing.fill_notice(session, publisher.actor, found, notice, now)


def test_every_example_of_the_readme_works(app, tmp_path, monkeypatch):
    """In the order of the README, after a database with the samples was made; what runs without end is left out."""
    monkeypatch.chdir(tmp_path)
    _files(tmp_path)
    first = ["data upgrade", "setup", "data samples"]
    listed = examples("README.md")
    assert set(first) <= set(listed)
    ran = first + [line for line in listed if line not in first and shlex.split(line)[0] not in ENDLESS]
    assert len(ran) > 15
    for line in ran:
        if line.startswith("consultations publish"):
            _fill_notice(app)
        done = app.test_cli_runner().invoke(args=shlex.split(line))
        assert done.exit_code == 0, f"{line}: {done.stderr or done.exception!r}"
        assert _is_json(done.stdout), f"{line}: {done.stdout[:200]}"
    assert {file.suffix for file in (tmp_path / "files").iterdir()} >= {".docx", ".pdf", ".xlsx", ".csv", ".json"}


def _is_json(words: str) -> bool:
    """One value, or one a line, or nothing at all."""
    try:
        json.loads(words or "{}")
    except ValueError:
        try:
            return all(json.loads(line) is not None for line in words.splitlines())
        except ValueError:
            return False
    return True
