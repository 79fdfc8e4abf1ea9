"""`flask rules …`: comment periods and identifiers."""

from __future__ import annotations

from datetime import date, datetime

import click
from flask.cli import AppGroup

from portal.cli.shell import give_up, say
from portal.rules import identifiers, periods, window
from portal.rules.holidays import CALENDAR, CalendarMissing

group = AppGroup("rules", help="What the law says.")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        give_up(f"{text!r} is not a date such as 2022-03-12.")


@group.command("window")
@click.option("--type", "code", required=True, help="The code of the document type, such as ZDJC.")
@click.option("--from", "first", required=True)
@click.option("--to", "last", required=True)
@click.option("--published", help="The instant of first publication, ISO with its zone.")
@click.option("--count", "mode", type=click.Choice(["civil", "inclusive"]), default="civil")
@click.option("--reason", default="", help="Why a usual period is shortened.")
def check_window(code: str, first: str, last: str, published: str | None, mode: str, reason: str) -> None:
    """Days by each count, working days, legal or not, and why."""
    rule = next((rule for rule in periods.DEFAULT_DOCUMENT_TYPES if rule.code == code), None)
    if rule is None:
        give_up(f"There is no document type {code!r}.")
    try:
        assessment = periods.assess(
            rule,
            opens_on=_day(first),
            closes_on=_day(last),
            calendar=CALENDAR,
            published=datetime.fromisoformat(published) if published else None,
            mode="inclusive" if mode == "inclusive" else "civil",
            reason=reason,
        )
        opens_at, closes_at = window.bounds(_day(first), _day(last))
    except (ValueError, CalendarMissing) as error:
        give_up(str(error))
    counts = assessment.counts
    say(
        {
            "type": rule.code,
            "opens_at": opens_at.isoformat(),
            "closes_at": closes_at.isoformat(),
            "days": counts.civil if counts else None,
            "inclusive_days": counts.inclusive if counts else None,
            "workdays": counts.workdays_civil if counts else None,
            "inclusive_workdays": counts.workdays_inclusive if counts else None,
            "minimum": rule.minimum,
            "unit": rule.unit.value if rule.unit else None,
            "force": rule.force.value,
            "is_legal": assessment.is_legal,
            "needs_reason": assessment.needs_reason,
            "is_refused": assessment.is_refused,
            "earliest_end": assessment.earliest_end.isoformat() if assessment.earliest_end else None,
            "why": [str(message) for message in assessment.messages],
        }
    )


@group.command("check")
@click.argument("kind")
@click.argument("value")
def check(kind: str, value: str) -> None:
    """Whether a uscc, resident-id, mobile or document-number is valid, its normal form, and why not."""
    try:
        found = identifiers.check(kind, value)
    except (KeyError, ValueError):
        give_up(f"There is no kind {kind!r}; use uscc, resident-id, mobile, landline or document-number.")
    say({"kind": kind, "valid": found.is_valid, "normal": found.normal, "why": found.why})
