"""The moderated summary as JSON, for programs: keys that stay, a schema version, every total and every reference."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from portal.reports import phrases
from portal.reports.archive import batches
from portal.reports.summary import ClauseSummary, CommentLine, Summary, Totals, require_balance

MIMETYPE = "application/json"
EXTENSION = "json"
SCHEMA = "consultation-summary/1"


def render(summary: Summary) -> bytes:
    """The JSON of a summary. Raises TotalsDoNotBalance when its totals do not add up."""
    require_balance(summary)
    encoder = json.JSONEncoder(ensure_ascii=False, indent=1, allow_nan=False)
    content = bytearray()
    for pieces in batches(encoder.iterencode(document(summary))):
        # A lone surrogate, which UTF-8 cannot hold, becomes \udXXX: just how JSON writes it.
        content += pieces.encode("utf-8", "backslashreplace")
    return bytes(content + b"\n")


def document(summary: Summary) -> dict[str, Any]:
    """The summary as plain values; instants are ISO 8601 with zone, members of closed lists their stored value."""
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
        "by_stance": [
            {"stance": stance.value, "label": stance.label, "comments": count} for stance, count in summary.by_stance
        ],
        "by_day": [{"day": day.isoformat(), "comments": count} for day, count in summary.by_day],
        "dispositions": [
            {"disposition": kind.value, "label": kind.label, "comments": count} for kind, count in summary.dispositions
        ],
        "clauses": [_clause(clause) for clause in summary.clauses],
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


def _clause(clause: ClauseSummary) -> dict[str, Any]:
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
        "comments": [_comment(line) for line in clause.comments],
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
