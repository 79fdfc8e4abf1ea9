"""`flask comments …`: what the analysis makes of texts, for scripts and measuring."""

from __future__ import annotations

import json
from pathlib import Path

import click
from flask.cli import AppGroup

from portal.analysis import personal_data
from portal.cli.shell import give_up

group = AppGroup("comments", help="Analysis of comments.")


@group.command("mask")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
def mask(file: str) -> None:
    """For each line {"id", "text"} of a JSONL file: the masked text and the spans found."""
    with Path(file).open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                entry = json.loads(line)
                text = entry.get("text", entry.get("body"))
                identity = entry["id"]
            except (ValueError, KeyError, AttributeError):
                give_up(f"line {number}: not a JSON object with id and text")
            if not isinstance(text, str):
                give_up(f"line {number}: no text")
            spans = personal_data.find(text)
            found = {
                "id": identity,
                "masked": personal_data.masked(text, spans),
                "spans": [
                    {"start": s.start, "end": s.end, "kind": str(s.kind), "confidence": str(s.confidence)}
                    for s in spans
                ],
            }
            click.echo(json.dumps(found, ensure_ascii=False))
