"""`flask comments …`: what the analysis makes of texts, for scripts and measuring."""

from __future__ import annotations

import json
from pathlib import Path

import click
from flask.cli import AppGroup

from portal.analysis import personal_data, points
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


@group.command("points")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
def gather_points(file: str) -> None:
    """For each line {"id", "text", "clause"} of a JSONL file its point; after them the points themselves.

    "clause" and "person" may be missing. The key of a point is the same whatever the order of the lines.
    """
    comments: list[points.Comment] = []
    given: dict[str, object] = {}
    with Path(file).open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                identity, comment = _comment(number, line)
                comments.append(comment)
                given[comment.id] = identity
    try:
        found = points.gather(comments)
    except ValueError as fault:
        give_up(str(fault))
    point_of = {member: point.key for point in found for member in point.members}
    text_of = {comment.id: comment.text for comment in comments}
    for comment in comments:
        click.echo(json.dumps({"id": given[comment.id], "point": point_of[comment.id]}, ensure_ascii=False))
    for point in found:
        told = {
            "point": point.key,
            "clause": point.clause,
            "kind": point.kind,
            "size": point.size,
            "representative": {"id": given[point.representative], "text": text_of[point.representative]},
            "key_phrases": point.key_phrases,
        }
        click.echo(json.dumps(told, ensure_ascii=False))


def _comment(number: int, line: str) -> tuple[object, points.Comment]:
    try:
        entry = json.loads(line)
        identity, text = entry["id"], entry.get("text", entry.get("body"))
        clause, person = entry.get("clause") or "", entry.get("person") or ""
    except (ValueError, KeyError, TypeError, AttributeError):
        give_up(f"line {number}: not a JSON object with id and text")
    if not isinstance(text, str):
        give_up(f"line {number}: no text")
    return identity, points.Comment(str(identity), str(clause), text, str(person))
