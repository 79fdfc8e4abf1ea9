"""`flask drafts …`: reading, comparing and citing drafts. No database is needed."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from portal import drafts
from portal.cli.shell import give_up, refuses, say, tell
from portal.drafts.draft import Draft, Facts, Node
from portal.errors import Refusal

group = AppGroup("drafts", help="Reading drafts.")


def _read(file: str) -> Draft:
    if file == "-":
        return drafts.parse(sys.stdin.read())
    path = Path(file)
    try:
        data = path.read_bytes()
    except OSError as error:
        give_up(f"{file}: {error.strerror}")
    return drafts.read(data, path.name)


def _node(node: Node) -> dict[str, Any]:
    found = asdict(node)
    found["path"] = list(node.path)
    found["rows"] = [list(row) for row in node.rows]
    return found


def _meta(facts: Facts) -> dict[str, Any]:
    """The facts under their own names, and again under those a table of documents usually has.

    `title` is the instrument's own, as an index would print it; the notice's stands beside it.
    """
    return asdict(facts) | {
        "title": facts.draft_title or facts.title,
        "notice_title": facts.title,
        "publisher": facts.issuing_bureau,
        "published": facts.published_on,
        "doc_number": facts.document_number,
        "window": {"start": facts.opens_on, "end": facts.closes_on},
        "email": list(facts.emails),
        "phone": list(facts.phones),
        "postal": list(facts.postal_addresses),
    }


def as_json(draft: Draft) -> dict[str, Any]:
    """A draft that was read, as the shell prints it."""
    return {
        "meta": _meta(draft.facts),
        "nodes": [_node(node) for node in draft.nodes],
        "responsibilities": [
            {"path": list(r.path), "role": r.role, "departments": list(r.departments), "raw": r.raw}
            for r in draft.responsibilities
        ],
        "junk": [asdict(junk) for junk in draft.junk],
        "warnings": [
            {"line": doubt.line, "code": doubt.code, "what": doubt.message, "advice": doubt.advice}
            for doubt in draft.doubts
        ],
    }


@group.command("parse")
@click.argument("files", nargs=-1, required=True)
@click.option("--out", type=click.Path(file_okay=False), help="Write one DIR/<stem>.json for each file.")
@refuses
def parse(files: tuple[str, ...], out: str | None) -> None:
    """Read drafts (.txt .html .docx .pdf, - for text on standard input) into clauses."""
    if out is None:
        if len(files) > 1:
            give_up("Several files need --out DIR.")
        say(as_json(_read(files[0])))
        return
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    has_failed = False
    for file in files:
        try:
            text = json.dumps(as_json(_read(file)), ensure_ascii=False, indent=1)
        except Refusal as refusal:
            has_failed = True
            tell(f"{file}: {refusal.message}")
            continue
        (folder / f"{Path(file).stem}.json").write_text(text, encoding="utf-8")
    if has_failed:
        sys.exit(2)


@group.command("compare")
@click.argument("old")
@click.argument("new")
@refuses
def compare(old: str, new: str) -> None:
    """What became of each clause of OLD in NEW, with a character-level difference where it was changed."""
    before, after = _read(old), _read(new)
    changes = drafts.compare(before.nodes, after.nodes)
    say({"changes": [_change(change, before, after) for change in changes]})


def _change(change: drafts.Change, before: Draft, after: Draft) -> dict[str, Any]:
    return {
        "kind": change.kind,
        "old": [list(before.nodes[index].path) for index in change.old],
        "new": [list(after.nodes[index].path) for index in change.new],
        "diff": [list(piece) for piece in change.pieces],
    }


@group.command("cite")
@click.argument("file")
@click.argument("citation")
@refuses
def cite(file: str, citation: str) -> None:
    """The clause a citation names, or the candidates, or the nearest."""
    nodes = _read(file).nodes
    found = drafts.cite(nodes, citation)

    def named(index: int) -> dict[str, Any]:
        return _node(nodes[index]) | {"citation": drafts.citation(nodes, index)}

    say(
        {
            "steps": [[step.word, *step.value] for step in found.steps],
            "node": named(found.node) if found.node is not None else None,
            "paragraph": found.paragraph,
            "row": found.row,
            "candidates": [named(index) for index in found.candidates],
            "nearest": [named(index) for index in found.nearest],
        }
    )
