"""The moderated summary as JSON, for programs: keys that stay, a schema version, every total and every reference."""

from __future__ import annotations

import json
from datetime import datetime
from io import BytesIO
from typing import Any

from portal.reports import phrases
from portal.reports.archive import batches
from portal.reports.opinions import Opinions
from portal.reports.summary import ClauseSummary, CommentLine, PointLine, Since, Summary, Totals, require_balance

MIMETYPE = "application/json"
EXTENSION = "json"
SCHEMA = "consultation-summary/1"


def render(summary: Summary) -> bytes:
    """The JSON of a summary. Raises TotalsDoNotBalance when its totals do not add up."""
    require_balance(summary)
    encoder = json.JSONEncoder(ensure_ascii=False, indent=1, allow_nan=False)
    content = BytesIO()
    for pieces in batches(encoder.iterencode(document(summary))):
        # A lone surrogate, which UTF-8 cannot hold, becomes \udXXX: just how JSON writes it.
        content.write(pieces.encode("utf-8", "backslashreplace"))
    content.write(b"\n")
    return content.getvalue()


def document(summary: Summary) -> dict[str, Any]:
    """The summary as plain values; instants are ISO 8601 with zone, members of closed lists their stored value."""
    opinions = Opinions(summary)
    return {
        "schema": SCHEMA,
        "consultation": summary.consultation,
        "url": summary.url,
        "draft_title": phrases.draft_name(summary),
        "bureau": summary.bureau,
        "document_type": summary.document_type,
        "version": summary.version,
        "published_at": _instant(summary.published_at),
        "opens_at": _instant(summary.opens_at),
        "closes_at": _instant(summary.closes_at),
        "window": phrases.window_words(summary),
        "window_notes": list(summary.window_notes),
        "channels": list(summary.channels),
        "columns": dict(summary.columns),
        "cut_off_at": _instant(summary.cut_off_at),
        "submissions": summary.submissions,
        "totals": _totals(summary.totals),
        "balance": phrases.sum_of(summary.totals),
        "by_channel": [
            {"channel": channel.value, "label": channel.label, "submissions": pieces, "comments": comments}
            for channel, pieces, comments in summary.by_channel
        ],
        "by_kind": [
            {"kind": kind.value, "label": kind.label, "submissions": pieces, "comments": comments}
            for kind, pieces, comments in summary.by_kind
        ],
        **({"by_region": _regions(opinions)} if summary.by_region else {}),
        "by_stance": [
            {"stance": stance.value, "label": stance.label, "comments": count} for stance, count in summary.by_stance
        ],
        "by_day": [{"day": day.isoformat(), "comments": count} for day, count in summary.by_day],
        "dispositions": [
            {"disposition": kind.value, "label": kind.label, "comments": count} for kind, count in summary.dispositions
        ],
        "number": summary.number,
        "digest": summary.digest,
        "is_public": summary.is_public,
        "views": summary.views,
        "outreach": summary.outreach,
        "senders": [
            {"kind": kind.value, "channel": channel.value, "submissions": pieces}
            for kind, channel, pieces in summary.senders
        ],
        "main_points": [
            {"clause": clause.label, "point": point.key, "references": list(point.references)}
            for clause, point in opinions.main_points()
        ],
        "campaigns": [
            {
                "title": each.title,
                "representative": each.representative,
                "submissions": each.submissions,
                "texts": each.texts,
                "references": list(each.references),
                "first_on": each.first_on.isoformat(),
                "last_on": each.last_on.isoformat(),
            }
            for each in summary.campaigns
        ],
        "figures": [
            {
                "clause": each.clause_label,
                "indicator": each.indicator,
                "old": each.old,
                "wishes": [{"value": value, "references": list(found)} for value, found in each.wishes],
            }
            for each in summary.figures
        ],
        "narrative": [{"clause": each.place, "words": each.words} for each in summary.narrative],
        "since": _since(summary.since) if summary.since else None,
        "coverage": {"in_points": opinions.coverage()[0], "published": opinions.coverage()[1]},
        "method": list(phrases.METHOD_NOTES),
        "clauses": [_clause(clause, opinions) for clause in summary.clauses],
    }


def _since(since: Since) -> dict[str, Any]:
    return {
        "number": since.number,
        "cut_off_at": _instant(since.cut_off_at),
        "received": since.received,
        "published": since.published,
        "answered": since.answered,
        "new": list(since.new),
        "gone": list(since.gone),
        "new_points": [
            {"citation": citation, "title": title, "references": list(found)}
            for citation, title, found in since.new_points
        ],
        "grown_points": [
            {"citation": citation, "title": title, "before": before, "added": list(added)}
            for citation, title, before, added in since.grown_points
        ],
    }


def _instant(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _totals(totals: Totals) -> dict[str, Any]:
    return {
        "received": totals.received,
        **{state.value: count for state, count in totals.parts()},
        "withheld_by_reason": [
            {"code": code, "reason": words, "comments": count} for code, words, count in totals.withheld_by_reason
        ],
    }


def _clause(clause: ClauseSummary, opinions: Opinions) -> dict[str, Any]:
    apart = opinions.disagreement(clause)
    return {
        "label": clause.label,
        "kind": clause.kind,
        "number": clause.number,
        "heading": clause.heading,
        "citation": phrases.clause_name(clause),
        "depth": clause.depth,
        "text": clause.text,
        "rows": [list(row) for row in clause.rows],
        "totals": _totals(clause.totals),
        "by_stance": {stance.value: count for stance, count in clause.by_stance},
        "by_kind": {kind.value: count for kind, count in clause.by_kind},
        "points": [_point(point, opinions) for point in clause.points],
        "without_point": list(opinions.without_point(clause)),
        "disagreement": None
        if apart is None
        else {"support": list(apart.support), "oppose": list(apart.oppose), "change": list(apart.change)},
        "wordings": [{"text": each.text, "references": list(each.references)} for each in opinions.wordings(clause)],
        "comments": [_comment(line) for line in clause.comments],
    }


def _regions(opinions: Opinions) -> list[dict[str, Any]]:
    """The last entry, without a region, is of those who gave none; what is not told is null.

    A summary of a bureau that asks for no region has no such key, as those had that were kept before it was asked.
    """
    return [
        {
            "region": region or None,
            "label": label,
            "submissions": counts[0] if counts else None,
            "comments": counts[1] if counts else None,
        }
        for (region, *_), (label, counts) in zip(opinions.summary.by_region, opinions.regions(), strict=True)
    ]


def _point(point: PointLine, opinions: Opinions) -> dict[str, Any]:
    """A cell that is too small to be told is null."""
    return {
        "key": point.key,
        "title": point.title,
        "kind": point.kind.value,
        "is_key": point.is_key,
        "is_named": point.is_named,
        "comments": len(point.references),
        "references": list(point.references),
        "representative": point.representative,
        "cells": [
            {"kind": kind.value, "stance": stance.value, "channel": channel.value, "comments": count}
            for (kind, stance, channel), count in opinions.cells(point)
        ],
    }


def _comment(line: CommentLine) -> dict[str, Any]:
    return {
        "reference": line.reference,
        "receipt_number": line.receipt_number,
        "respondent": line.respondent,
        "respondent_kind": line.respondent_kind.value,
        "channel": line.channel.value,
        "received_at": _instant(line.received_at),
        "stance": line.stance.value,
        "body": line.body,
        "proposed_text": line.proposed_text,
        "disposition": line.disposition.value if line.disposition else None,
        "reason": line.reason,
        "original_text": line.original_text,
        "changed_text": line.changed_text,
    }
