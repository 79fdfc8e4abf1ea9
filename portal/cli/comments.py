"""`flask comments …`: what the analysis makes of texts, for scripts and measuring."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from portal.analysis import campaigns, personal_data, points
from portal.cli.shell import give_up, tell

group = AppGroup("comments", help="Analysis of comments.")


def _entries(file: str) -> Iterator[tuple[Any, str]]:
    """The id and the text of each line of a JSONL file; ends the command at the first line that has not both."""
    with Path(file).open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                entry = json.loads(line)
                identity, text = entry["id"], entry.get("text", entry.get("body"))
            except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
                give_up(f"line {number}: not a JSON object with id and text")
            if not isinstance(text, str):
                give_up(f"line {number}: no text")
            yield identity, text


@group.command("mask")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
def mask(file: str) -> None:
    """For each line {"id", "text"} of a JSONL file: the masked text and the spans found."""
    for identity, text in _entries(file):
        spans = personal_data.find(text)
        found = {
            "id": identity,
            "masked": personal_data.masked(text, spans),
            "spans": [
                {"start": s.start, "end": s.end, "kind": str(s.kind), "confidence": str(s.confidence)} for s in spans
            ],
        }
        click.echo(json.dumps(found, ensure_ascii=False))


@group.command("group")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
def group_near_identical(file: str) -> None:
    """For each line {"id", "text"} of a JSONL file its campaign: the smallest id in it, or null.

    A text of a few letters is in no campaign; if others are equal to it, "same_text" is the smallest id of them.
    """
    began = last = time.perf_counter()
    identities: list[int | str] = []
    known: set[int | str] = set()

    def numbered() -> Iterator[tuple[int, str]]:
        for identity, text in _entries(file):
            if isinstance(identity, bool) or not isinstance(identity, int | str):
                give_up(f"id {json.dumps(identity)[:80]}: neither a number nor a word")
            if identity in known:
                give_up(f"id {json.dumps(identity)[:80]}: there twice")
            known.add(identity)
            identities.append(identity)
            yield len(identities) - 1, text

    def done(step: str) -> None:
        nonlocal last
        now = time.perf_counter()
        tell(f"{step} {now - last:.2f} s")
        last = now

    groups = campaigns.group(numbered(), done)
    known.clear()
    campaign: list[int | str | None] = [None] * len(identities)
    same_text: dict[int, int | str] = {}
    for each in groups:
        # Numbers before words, so that any mixture has a smallest.
        smallest = min((identities[i] for i in each.members), key=lambda name: (isinstance(name, str), name))
        for i in each.members:
            if each.is_short:
                same_text[i] = smallest
            else:
                campaign[i] = smallest
    for i, identity in enumerate(identities):
        found: dict[str, int | str | None] = {"id": identity, "campaign": campaign[i]}
        if i in same_text:
            found["same_text"] = same_text[i]
        click.echo(json.dumps(found, ensure_ascii=False))
    done("writing")
    tell(f"in all {time.perf_counter() - began:.2f} s, {len(identities)} texts, {len(groups)} groups")


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
