"""The JSON interface for those with a key: submissions from other platforms, and the moderation desk."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, jsonify, request

from portal.access import Permission, Scope
from portal.errors import NotValid
from portal.models import Comment
from portal.rules.words import CommentState
from portal.services import (
    baskets,
    claiming,
    desk,
    identity,
    looking,
    masking,
    moderation,
    platforms,
    proposing,
    queueing,
    telling,
)
from portal.services.identity import Identity
from portal.services.masking import Mask
from portal.services.queueing import Place
from portal.services.sifting import Sieve
from portal.web import bodies, keys
from portal.web.api import at_beijing
from portal.web.feeds import absolute
from portal.web.gate import actor, commit, now, seal, session, settings
from portal.web.keys import keyed

blueprint = Blueprint("api_writing", __name__, url_prefix="/api/v1")
blueprint.before_request(bodies.require_known)
ONE = "/moderation/consultations/<slug>/comments/<int:number>"
#: how many comments a page of the queue holds: when nobody says, and at most
PAGE, MOST = 20, 100


def init_app(app: Flask) -> None:
    """A key is shown on purpose, never by a browser that was led here: these addresses need no form token."""
    app.extensions["csrf"].exempt(blueprint)


def _answer(body: dict[str, Any], status: int = 200, **headers: str) -> Response:
    answer = jsonify(body)
    answer.status_code = status
    answer.headers["Cache-Control"] = "no-store"
    for name, value in headers.items():
        answer.headers[name.replace("_", "-")] = value
    return answer


# ── submissions of other platforms ────────────────────────────────────────────────────────────────────


@blueprint.post("/consultations/<slug>/submissions")
@keyed(Permission.COMMENT, Scope.SUBMIT)
def submit(slug: str) -> Response:
    """Receive what another platform hands over; the same request again is answered with the same receipt."""
    body = bodies.typed("NewSubmission")
    asked = platforms.Request(
        identity=_identity(body["respondent"]),
        comments=[_handed(one) for one in body["comments"]],
        digest=platforms.digest_of(slug, body),
        name=request.headers.get("Idempotency-Key", ""),
        version=body.get("version"),
    )
    receipt = platforms.submit(session(), seal(), keys.current(), slug, asked, now(), settings().public_url)
    commit()
    where = absolute("receipts.show", number=receipt.number)
    replayed = {} if receipt.is_new else {"Idempotent_Replayed": "true"}
    return _answer(
        {
            "receipt_number": receipt.number,
            "tracking_code": receipt.secret,
            "digest": receipt.digest,
            "received_at": at_beijing(receipt.received_at),
            "comments": len(asked.comments),
            "url": where,
        },
        201,
        Location=where,
        **replayed,
    )


def _identity(given: dict[str, Any]) -> Identity:
    return Identity(**{"notice_version": identity.NOTICE_VERSION, **given})


def _handed(given: dict[str, Any]) -> platforms.Handed:
    words = {name: value for name, value in given.items() if name != "clause"}
    return platforms.Handed(given.get("clause"), baskets.Remark(**words))


# ── the moderation desk ───────────────────────────────────────────────────────────────────────────────


@blueprint.get("/moderation/queue")
@keyed(Permission.MODERATE, Scope.READ_QUEUE)
def queue() -> Response:
    """What waits for the desk, page by page."""
    limit = bodies.number("limit", 1, MOST, PAGE) or PAGE
    state = bodies.word("state", {state.value: state for state in CommentState})
    slug = bodies.word("consultation")
    place = Place.read(request.args["after"]) if "after" in request.args else None
    if "after" in request.args and place is None:
        raise NotValid("格式不对，请看接口说明。", fault="after")
    among = [desk.consultation(session(), actor(), slug)] if slug else queueing.consultations(session(), actor())
    found = queueing.page(session(), actor(), among, Sieve.read({"state": state}), now(), place, limit)
    slugs = {each.id: each.slug for each in among}
    codes = looking.sealing_codes(session())
    items = [
        _waiting(entry.comment, slugs[entry.comment.consultation_id], codes)
        | {"due_at": at_beijing(entry.due_at), "held_by": entry.held_by or None}
        for entry in found.entries
    ]
    kept = {name: value for name, value in request.args.items() if name in ("limit", "state", "consultation")}
    following = absolute("api_writing.queue", **kept, after=found.after) if found.after else None
    return _answer({"items": items, "count": found.count, "next": following})


def _waiting(comment: Comment, slug: str, codes: frozenset[str]) -> dict[str, Any]:
    respondent = comment.submission.respondent
    is_sealed = looking.is_sealed(comment, codes)
    return {
        "consultation": slug,
        "reference": comment.reference,
        "number": comment.number,
        "revision": comment.revision,
        "state": comment.state.value,
        "clause": comment.clause.label if comment.clause else None,
        "citation": comment.clause.citation if comment.clause else "全文",
        "stance": comment.stance.value,
        "channel": comment.submission.channel.value,
        "respondent": {
            "kind": respondent.kind.value,
            "shown_as": respondent.shown_as,
            "region": respondent.region or None,
        },
        "received_at": at_beijing(comment.received_at),
        "body": None if is_sealed else comment.body,
        "proposed_text": None if is_sealed else comment.proposed_text or None,
        "self": absolute("api_writing.comment", slug=slug, number=comment.number),
    }


def _found(slug: str, number: int) -> Comment:
    """A comment of the actor's own bureau. Raises NotThere."""
    return moderation.comment(session(), actor(), desk.consultation(session(), actor(), slug), number)


@blueprint.get(ONE)
@keyed(Permission.MODERATE, Scope.READ_QUEUE)
def comment(slug: str, number: int) -> Response:
    """One comment with what was found in it. Looking at it here does not take it in hand."""
    found = _found(slug, number)
    codes = looking.sealing_codes(session())
    claim = claiming.holder(session(), found.id, now())
    own = moderation.own_numbers(found.submission.consultation)
    masks = [] if looking.is_sealed(found, codes) else masking.suggested_masks(found, own)
    return _answer(
        _waiting(found, slug, codes)
        | {
            "held_by": claim.account.name if claim and claim.account_id != actor().account_id else None,
            "suggested_masks": [
                {
                    "field": mask.field,
                    "start": mask.start,
                    "end": mask.end,
                    "kind": mask.kind,
                    "replacement": mask.replacement,
                    "is_certain": mask.is_certain,
                }
                for mask in masks
            ],
            "decisions": [
                {
                    "revision": made.revision,
                    "decided_at": at_beijing(made.decided_at),
                    "decided_by": made.decided_by.name,
                    "to": made.to_state.value,
                    "reason_code": made.reason_code or None,
                    "note": made.note,
                }
                for made in moderation.decisions(session(), found)
            ],
        }
    )


@blueprint.post(f"{ONE}/decisions")
@keyed(Permission.MODERATE, Scope.DECIDE)
def decide(slug: str, number: int) -> Response:
    """Decide on a comment as the desk does: the same services, the same look at revision and claim."""
    body = bodies.typed("NewDecision")
    found = _found(slug, number)
    outcome = _act(found, body)
    commit()
    return _answer(
        {
            "reference": found.reference,
            "outcome": outcome,
            "state": found.state.value,
            "revision": found.revision,
            "public_body": found.public_body or None,
        },
        201,
    )


def _act(found: Comment, body: dict[str, Any]) -> str:
    """What was done, in one word."""
    to, revision, note = body["to"], body["revision"], body.get("note", "")
    code = body.get("reason_code", "")
    match to:
        case "confirm":
            made = proposing.confirm(session(), actor(), found, revision=revision, at=now())
            telling.withheld(session(), seal(), found, made, settings().public_url)
            return "decided"
        case "decline":
            proposing.decline(session(), actor(), found, note=note, revision=revision, at=now())
            return "declined"
        case CommentState.WITHHELD.value if moderation.needs_second_person(session()):
            proposing.propose(session(), actor(), found, reason_code=code, note=note, revision=revision, at=now())
            return "proposed"
    state = CommentState(to)
    masks, cleared, own = _spans(found, body) if state is CommentState.PUBLISHED else ([], [], frozenset[str]())
    made = moderation.decide(
        session(), actor(), found, state, revision=revision, at=now(), reason_code=code, note=note, masks=masks,
        cleared=cleared, own=own, merged_into=body.get("merged_into"),
    )  # fmt: skip
    if state is CommentState.WITHHELD:
        telling.withheld(session(), seal(), found, made, settings().public_url)
    return "decided"


def _spans(found: Comment, body: dict[str, Any]) -> tuple[list[Mask], list[Mask], frozenset[str]]:
    own = moderation.own_numbers(found.submission.consultation)
    suggestions = masking.suggested_masks(found, own)
    cleared = [masking.mask_of(found, _name(place), suggestions) for place in body.get("cleared", [])]
    chosen = [masking.mask_of(found, _name(place), suggestions) for place in body.get("masks", [])]
    if body.get("hide_suggested"):
        chosen += [mask for mask in suggestions if mask not in cleared and mask not in chosen]
    for words in body.get("hidden_words", []):
        chosen += masking.masks_of_words(found, words)
    return chosen, cleared, own


def _name(place: dict[str, Any]) -> str:
    return f"{place['field']}:{place['start']}:{place['end']}"
