"""The description of the JSON interface (OpenAPI 3.1). Tests hold every address and every answer against it."""

from __future__ import annotations

from typing import Any

from portal.access import Scope
from portal.rules.words import CommentState, HappeningKind
from portal.services import webhooks
from portal.web.api_schemas import SCHEMAS, Schema, ref, text, whole
from portal.web.problems import KINDS, MEDIA_TYPE

#: what each error means; which ones an operation can answer is said there
ERRORS = {
    400: "the body is no JSON",
    401: "no key, or one that does not hold",
    403: "the key, or its owner's role, does not allow this",
    404: "no such thing, or it is not public",
    409: "the comment window is not open, or somebody was faster: look again",
    413: "the body is too large",
    415: "the body is not application/json",
    422: "something has to be changed: `errors` names every field",
    429: "too many requests; Retry-After says for how long",
    500: "a fault of this site",
    503: "the database is busy or away; try again after a minute",
}
#: what every operation can answer
_ALWAYS = (422, 500, 503)
_KEYED = (401, 403, 429)


def _parameter(name: str, where: str, schema: Schema, meaning: str = "", **more: Any) -> dict[str, Any]:
    found = {"name": name, "in": where, "schema": schema, **more}
    return found | ({"description": meaning} if meaning else {})


_AFTER = _parameter(
    "after", "query", whole(minimum=0, maximum=2_147_483_647), "where the page begins; take it from `next`"
)
_LIMIT = _parameter("limit", "query", whole(minimum=1, maximum=200, default=50), "how many items")
_SLUG = _parameter("slug", "path", text(minLength=1), "a consultation, as in its address", required=True)
_NUMBER = _parameter("number", "path", whole(minimum=1, maximum=2_147_483_647), "a comment's number", required=True)
_CLAUSE = _parameter("clause", "query", text(minLength=1, maxLength=64), "only comments on the clause with this label")
_LANGUAGE = _parameter("Accept-Language", "header", text(), "the language of problems: zh (usual) or en")
_IF_NONE_MATCH = _parameter("If-None-Match", "header", text(), "an ETag you have")
_IDEMPOTENCY = _parameter(
    "Idempotency-Key", "header", text(maxLength=200),
    "what you call this request: sent again under the same name it is answered with the same receipt",
)  # fmt: skip
_STATE = _parameter(
    "state", "query", text(enum=[state.value for state in CommentState]), "instead of what waits: what stands so"
)
_CONSULTATION = _parameter("consultation", "query", text(minLength=1, maxLength=64), "only comments on this one")
_QUEUE_AFTER = _parameter("after", "query", text(maxLength=64), "where the page begins; take it from `next`")
_QUEUE_LIMIT = _parameter("limit", "query", whole(minimum=1, maximum=100, default=20), "how many items")

_HEADERS: dict[str, dict[str, Any]] = {
    "ETag": {"schema": {"type": "string"}},
    "Content-Language": {"schema": {"type": "string"}},
    "WWW-Authenticate": {"schema": {"type": "string"}},
    "Retry-After": {"schema": {"type": "integer", "minimum": 1}, "description": "seconds"},
    "Location": {"schema": {"type": "string", "format": "uri"}},
    "Idempotent-Replayed": {"schema": {"type": "string", "enum": ["true"]}, "description": "when it was sent before"},
}


def _problem(status: int) -> dict[str, Any]:
    names = ["Content-Language", *{401: ["WWW-Authenticate"], 429: ["Retry-After"]}.get(status, [])]
    example = {
        "type": f"https://portal.example.gov.cn/developers#{KINDS[status][0]}",
        "title": KINDS[status][1],
        "status": status,
        "detail": ERRORS[status],
    }
    if status == 422:
        example["errors"] = [{"field": "comments/0/body", "detail": "请写下您的意见，或直接修改条文。"}]
    return {
        "description": ERRORS[status],
        "headers": {name: _HEADERS[name] for name in names},
        "content": {MEDIA_TYPE: {"schema": ref("Problem"), "example": example}},
    }


def _json(schema: Schema) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _reading(name: str, meaning: str, schema: Schema, *parameters: dict[str, Any], errors: tuple[int, ...] = ()) -> Any:
    """A GET that everybody may make, with its tag."""
    responses: dict[str, Any] = {
        "200": {"description": meaning, "headers": {"ETag": _HEADERS["ETag"]}, "content": _json(schema)},
        "304": {"description": "not changed since the ETag in If-None-Match"},
    }
    if _SLUG in parameters:
        errors = (*errors, 404)
    return {
        "operationId": name,
        "summary": meaning,
        "tags": ["reading"],
        "security": [],
        "parameters": [*parameters, _IF_NONE_MATCH, _LANGUAGE],
        "responses": responses | {str(status): _problem(status) for status in sorted({*errors, *_ALWAYS})},
    }


def _keyed(
    name: str,
    meaning: str,
    scope: Scope,
    answers: dict[str, dict[str, Any]],
    *parameters: dict[str, Any],
    errors: tuple[int, ...] = (),
    body: str = "",
) -> Any:
    """An operation for a key of this scope."""
    scheme = "platformKey" if scope is Scope.SUBMIT else "staffKey"
    errors = (*_KEYED, *errors, *((400, 413, 415) if body else ()), *_ALWAYS)
    found: dict[str, Any] = {
        "operationId": name,
        "summary": meaning,
        "description": f"The key needs the scope `{scope.value}`.",
        "tags": ["submitting" if scope is Scope.SUBMIT else "moderating"],
        "security": [{scheme: []}],
        "parameters": [*parameters, _LANGUAGE],
        "responses": answers | {str(status): _problem(status) for status in sorted(set(errors))},
    }
    if body:
        found["requestBody"] = {"required": True, "content": _json(ref(body))}
    return found


PATHS: dict[str, dict[str, Any]] = {
    "/consultations": {
        "get": _reading("consultations", "Consultations, the newest first", ref("ConsultationList"), _AFTER, _LIMIT)
    },
    "/consultations/{slug}": {"get": _reading("consultation", "One consultation", ref("Consultation"), _SLUG)},
    "/consultations/{slug}/clauses": {
        "get": _reading("clauses", "The clauses the public reads, in order", ref("ClauseList"), _SLUG, _AFTER, _LIMIT)
    },
    "/consultations/{slug}/comments": {
        "get": _reading(
            "comments", "Published comments in the order they came", ref("CommentList"), _SLUG, _AFTER, _LIMIT, _CLAUSE
        )
    },
    "/consultations/{slug}/submissions": {
        "post": _keyed(
            "submit",
            "Hand over what one respondent has to say, by the rules of the pages",
            Scope.SUBMIT,
            {
                "201": {
                    "description": "received: the receipt",
                    "headers": {name: _HEADERS[name] for name in ("Location", "Idempotent-Replayed")},
                    "content": _json(ref("Receipt")),
                }
            },
            _SLUG,
            _IDEMPOTENCY,
            errors=(404, 409),
            body="NewSubmission",
        )
    },
    "/moderation/queue": {
        "get": _keyed(
            "queue",
            "What waits for the desk of your bureau, the most urgent first",
            Scope.READ_QUEUE,
            {"200": {"description": "a page of the queue", "content": _json(ref("Queue"))}},
            _CONSULTATION,
            _STATE,
            _QUEUE_AFTER,
            _QUEUE_LIMIT,
            errors=(404,),
        )
    },
    "/moderation/consultations/{slug}/comments/{number}": {
        "get": _keyed(
            "commentInHand",
            "One comment with the personal data found in it and what was decided",
            Scope.READ_QUEUE,
            {"200": {"description": "the comment", "content": _json(ref("CommentInHand"))}},
            _SLUG,
            _NUMBER,
            errors=(404,),
        )
    },
    "/moderation/consultations/{slug}/comments/{number}/decisions": {
        "post": _keyed(
            "decide",
            "Decide on a comment, as its revision stood when you looked",
            Scope.DECIDE,
            {"201": {"description": "what was done", "content": _json(ref("Decided"))}},
            _SLUG,
            _NUMBER,
            errors=(404, 409),
            body="NewDecision",
        )
    },
    "/openapi.json": {
        "get": _reading("description", "This description", {"type": "object", "required": ["openapi", "paths"]})
    },
}

SECURITY = {
    "platformKey": {
        "type": "http",
        "scheme": "bearer",
        "description": "a key of another platform (cpk_…), made by the administrator; for its bureau's consultations",
    },
    "staffKey": {
        "type": "http",
        "scheme": "bearer",
        "description": "a member of staff's own key (cps_…), made on the page 我的账号; does what that person may",
    },
}


def _pushed(meaning: str, schema: str) -> dict[str, Any]:
    """What an address that was registered is sent; whatever it answers but 2xx is taken for a failure."""
    return {
        "post": {
            "summary": meaning,
            "description": "Signed as Standard Webhooks has it: webhook-id, webhook-timestamp, webhook-signature.",
            "parameters": [
                {"name": name, "in": "header", "required": True, "schema": text()}
                for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
            ],
            "requestBody": {"required": True, "content": {"application/json": {"schema": ref(schema)}}},
            "responses": {"2XX": {"description": "taken; anything else is tried again for about two days"}},
        }
    }


#: what is sent to addresses that the administrator registered
WEBHOOKS = {kind.value: _pushed(kind.label, "Event") for kind in HappeningKind} | {
    webhooks.TEST: _pushed("测试事件", "TestEvent")
}


def document(public_url: str) -> dict[str, Any]:
    """The whole description."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "征求意见数据接口",
            "version": "1",
            "description": "What the public pages show, as JSON: unpublished, withheld and masked words are not in it. "
            "With a key, submissions of other platforms and the moderation desk. Errors are problem+json (RFC 9457).",
        },
        "servers": [{"url": f"{public_url}/api/v1"}],
        "tags": [{"name": name} for name in ("reading", "submitting", "moderating")],
        "paths": PATHS,
        "webhooks": WEBHOOKS,
        "components": {"schemas": SCHEMAS, "securitySchemes": SECURITY},
    }
