"""The JSON of what the pages show, for programs. Nothing is here that a page does not show to everybody."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request

from portal.access import Permission
from portal.models import Clause, Comment, Consultation
from portal.rules import subjects, window
from portal.rules.words import CommentState, Standing
from portal.services import identity, listing, reading
from portal.web import bodies, openapi
from portal.web.feeds import absolute
from portal.web.gate import LARGEST, now, permit, session, settings

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
blueprint.before_request(bodies.require_known)

#: how many items a page holds: when nobody says, and at most
PAGE, MOST = 50, 200


def _answer(body: dict[str, Any]) -> Response:
    """The JSON with its tag: who has it already is told so."""
    answer = jsonify(body)
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Cache-Control"] = "no-cache"
    answer.add_etag()
    answer.make_conditional(request)
    return answer


def _limit() -> int:
    return bodies.number("limit", 1, MOST, PAGE) or PAGE


def _after() -> int | None:
    return bodies.number("after", 0, LARGEST)


def _page(items: list[dict[str, Any]], after: int | None, **values: Any) -> Response:
    """Some items and the address of the next ones; None at the end."""
    values |= {name: value for name, value in request.args.items() if name in ("limit", "clause")}
    following = absolute(request.endpoint or "", **values, after=after) if after is not None else None
    return _answer({"items": items, "next": following})


def at_beijing(at: datetime | None) -> str | None:
    """An instant as the interface writes it: ISO 8601 on a Beijing clock."""
    return window.in_beijing(at).isoformat(timespec="seconds") if at else None


def _summary(entry: listing.Entry) -> dict[str, Any]:
    consultation = entry.consultation
    kind = consultation.document_type
    answered_at = consultation.results_published_at
    return {
        "slug": consultation.slug,
        "title": consultation.title,
        "state": entry.standing.value,
        "bureau": {"code": consultation.bureau.code, "name": consultation.bureau.name},
        "publisher": consultation.publisher,
        "document_type": {"code": kind.code, "name": kind.name} if kind else None,
        "subject": subjects.first_level(consultation.subject) or None,
        "published_at": at_beijing(consultation.first_published_at),
        "opens_at": at_beijing(entry.window.opens_at),
        "closes_at": at_beijing(entry.window.closes_at),
        "extended_at": at_beijing(entry.extended_at),
        "withdrawn_at": at_beijing(consultation.withdrawn_at) if entry.standing is Standing.WITHDRAWN else None,
        "results_published_at": at_beijing(answered_at) if answered_at and answered_at <= now() else None,
        "submissions_received": consultation.submissions_numbered,
        "comments_received": consultation.comments_numbered,
        "url": absolute("consultations.reader", slug=consultation.slug),
        "self": absolute("api.consultation", slug=consultation.slug),
    }


@blueprint.get("/consultations")
@permit(Permission.READ)
def consultations() -> Response:
    """Every consultation, the newest first."""
    limit = _limit()
    entries = listing.newest(session(), now(), limit + 1, _after())
    after = entries[limit - 1].consultation.id if len(entries) > limit else None
    return _page([_summary(entry) for entry in entries[:limit]], after)


@blueprint.get("/consultations/<slug>")
@permit(Permission.READ)
def consultation(slug: str) -> Response:
    """One consultation with its notice."""
    found = reading.published(session(), slug, now())
    entry = listing.entry(found, now())
    counts = reading.counts(session(), found)
    versions = [version for version in found.versions if version.published_at is not None]
    return _answer(
        {
            **_summary(entry),
            "withdrawal_reason": found.withdrawal_reason if entry.standing is Standing.WITHDRAWN else None,
            "windows": [
                {
                    "opens_at": at_beijing(each.opens_at),
                    "closes_at": at_beijing(each.closes_at),
                    "announced_at": at_beijing(each.created_at if each.announcement else found.first_published_at),
                    "announcement": each.announcement or None,
                }
                for each in found.windows
            ],
            "notice": found.notice,
            "explanatory_note": found.explanatory_note,
            "contact": {name: getattr(found, name) for name in ("phone", "fax", "email", "postal_address", "postcode")},
            "versions": [
                {
                    "number": version.number,
                    "published_at": at_beijing(version.published_at),
                    "digest": version.digest or "",
                }
                for version in versions
            ],
            "comments_published": counts[CommentState.PUBLISHED],
            "identity_needed": found.identity_needed.value,
            "notice_version": identity.NOTICE_VERSION,
            "regions": found.bureau.regions,
            "clauses": absolute("api.clauses", slug=slug),
            "comments": absolute("api.comments", slug=slug),
            "results": absolute("results.show", slug=slug) if _is_answered(found) else None,
        }
    )


def _is_answered(found: Consultation) -> bool:
    return found.results_published_at is not None and found.results_published_at <= now()


@blueprint.get("/consultations/<slug>/clauses")
@permit(Permission.READ)
def clauses(slug: str) -> Response:
    """The clauses of the version the public reads, in order."""
    found = reading.published(session(), slug, now())
    after, limit = _after(), _limit()
    every = reading.clauses(session(), found.version)
    labels = {clause.position: clause.label for clause in every}
    rest = [clause for clause in every if after is None or clause.position > after]
    counts = reading.public_counts(session(), found)
    items = [_clause(slug, clause, labels, counts.get(clause.id, 0)) for clause in rest[:limit]]
    return _page(items, rest[limit - 1].position if len(rest) > limit else None, slug=slug)


def _clause(slug: str, clause: Clause, labels: dict[int, str], said: int) -> dict[str, Any]:
    return {
        "label": clause.label,
        "parent": labels.get(clause.parent_position),
        "depth": clause.depth,
        "kind": clause.kind,
        "number": clause.number,
        "heading": clause.heading,
        "text": clause.text,
        "rows": clause.rows,
        "citation": clause.citation,
        "comments_published": said,
        "url": absolute("consultations.clause", slug=slug, label=clause.label),
    }


@blueprint.get("/consultations/<slug>/comments")
@permit(Permission.READ)
def comments(slug: str) -> Response:
    """The published comments in the order they came, with the answers once they are published."""
    found = reading.published(session(), slug, now())
    limit = _limit()
    after = _after() or 0
    label = bodies.word("clause")
    on = reading.clause(session(), found.version, label) if label else None
    some = reading.comments_after(session(), found, after, limit + 1, on)
    items = [_comment(found, comment) for comment in some[:limit]]
    return _page(items, some[limit - 1].number if len(some) > limit else None, slug=slug)


def _comment(found: Consultation, comment: Comment) -> dict[str, Any]:
    response = comment.published_response if _is_answered(found) else None
    respondent = comment.submission.respondent
    return {
        "reference": comment.reference,
        "number": comment.number,
        "clause": comment.clause.label if comment.clause else None,
        "version": comment.clause.version.number if comment.clause else None,
        "stance": comment.stance.value,
        "body": comment.public_body,
        "proposed_text": comment.public_proposed_text or None,
        "respondent": {"kind": respondent.kind.value, "shown_as": respondent.shown_as},
        "received_on": window.day_in_beijing(comment.received_at).isoformat(),
        "response": {
            "disposition": response.disposition.value,
            "reason": response.reason,
            "changed_text": response.changed_text or None,
        }
        if response
        else None,
        "url": absolute("search.comment", slug=found.slug, number=comment.number),
    }


@blueprint.get("/openapi.json")
@permit(Permission.READ)
def description() -> Response:
    """What this interface answers, in the form programs read."""
    return _answer(openapi.document(settings().public_url))
