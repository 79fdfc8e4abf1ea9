"""The description of the JSON interface (OpenAPI 3.1). A test holds every answer against it."""

from __future__ import annotations

from typing import Any

from portal.rules.words import Disposition, RespondentKind, Stance, Standing

Schema = dict[str, Any]


def _text(meaning: str = "", **more: Any) -> Schema:
    return {"type": "string", **({"description": meaning} if meaning else {}), **more}


def _count(meaning: str) -> Schema:
    return {"type": "integer", "minimum": 0, "description": meaning}


def _one_of(members: Any, meaning: str) -> Schema:
    return _text(f"{meaning}: " + ", ".join(f"{m.value} {m.label}" for m in members), enum=[m.value for m in members])


def _maybe(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _list(name: str) -> Schema:
    items = {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}}
    return _object(items=items, next=_maybe(_text("address of the next items; null at the end", format="uri")))


_TIME = _text("Beijing time", format="date-time")
_ADDRESS = _text(format="uri")

_SUMMARY: dict[str, Schema] = {
    "slug": _text("its name in addresses"),
    "title": _text(),
    "state": _one_of(Standing, "where it stands"),
    "bureau": _object(code=_text(), name=_text()),
    "publisher": _text("whose name stands on the notice"),
    "document_type": _maybe(_object(code=_text(), name=_text("体裁分类"))),
    "subject": _maybe(_text("主题分类")),
    "published_at": _TIME,
    "opens_at": _TIME,
    "closes_at": _text("the first instant that is too late, Beijing time", format="date-time"),
    "results_published_at": _maybe(_TIME),
    "submissions_received": _count("submissions by every channel"),
    "comments_received": _count("comments by every channel, published or not"),
    "url": _ADDRESS,
    "self": _ADDRESS,
}

SCHEMAS: dict[str, Schema] = {
    "ConsultationSummary": _object(**_SUMMARY),
    "Consultation": _object(
        **_SUMMARY,
        notice=_text("征求意见公告, as kept: lines of text, or the few HTML elements an office may use"),
        explanatory_note=_text("起草说明, as kept"),
        contact=_object(phone=_text(), fax=_text(), email=_text(), postal_address=_text(), postcode=_text()),
        versions={
            "type": "array",
            "items": _object(
                number={"type": "integer", "minimum": 1},
                published_at=_TIME,
                digest=_text("SHA-256 of the clauses", pattern="^[0-9a-f]{64}$"),
            ),
        },
        comments_published=_count("comments that are public"),
        clauses=_ADDRESS,
        comments=_ADDRESS,
        results=_maybe(_ADDRESS),
    ),
    "Clause": _object(
        label=_text("its address in its version"),
        parent=_maybe(_text("label of the clause it stands under")),
        depth=_count("0 at the top"),
        kind=_text(),
        number=_text("as printed"),
        heading=_text(),
        text=_text(),
        rows={"type": "array", "items": {"type": "array", "items": _text()}},
        citation=_text("how it is cited"),
        comments_published=_count("comments on it that are public"),
        url=_ADDRESS,
    ),
    "Comment": _object(
        reference=_text(pattern="^C-[0-9]+$"),
        number={"type": "integer", "minimum": 1},
        clause=_maybe(_text("label in the version it was made on; null: on the draft as a whole")),
        version=_maybe({"type": "integer", "minimum": 1}),
        stance=_one_of(Stance, "what it wants"),
        body=_text("the public copy: personal data is masked"),
        proposed_text=_maybe(_text("the wording it proposes")),
        respondent=_object(kind=_one_of(RespondentKind, "as whom"), shown_as=_text()),
        received_on=_text(format="date"),
        response=_maybe(
            _object(
                disposition=_one_of(Disposition, "what became of it"),
                reason=_text(),
                changed_text=_maybe(_text("the changed sentence")),
            )
        ),
        url=_ADDRESS,
    ),
    "ConsultationList": _list("ConsultationSummary"),
    "ClauseList": _list("Clause"),
    "CommentList": _list("Comment"),
    "Error": _object(status={"type": "integer"}, message=_text("one sentence: what happened and what to do")),
}

_AFTER = {
    "name": "after", "in": "query", "schema": {"type": "integer", "minimum": 0},
    "description": "where the page begins; take it from `next`",
}  # fmt: skip
_LIMIT = {
    "name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 200, "default": 50},
    "description": "how many items",
}  # fmt: skip
_SLUG = {"name": "slug", "in": "path", "required": True, "schema": {"type": "string"}}
_CLAUSE = {
    "name": "clause", "in": "query", "schema": {"type": "string"}, "description": "only comments on the clause with this label",
}  # fmt: skip


def _operation(name: str, meaning: str, schema: str, *parameters: dict[str, Any]) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    responses: dict[str, Any] = {
        "200": {"description": meaning, "headers": {"ETag": {"schema": {"type": "string"}}}, "content": content},
        "304": {"description": "not changed since the ETag in If-None-Match"},
    }
    if _SLUG in parameters:
        fault = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
        responses["404"] = {"description": "no such consultation, or it is not public", "content": fault}
    return {"get": {"operationId": name, "summary": meaning, "parameters": list(parameters), "responses": responses}}


PATHS = {
    "/consultations": _operation(
        "consultations", "Consultations, the newest first", "ConsultationList", _AFTER, _LIMIT
    ),
    "/consultations/{slug}": _operation("consultation", "One consultation", "Consultation", _SLUG),
    "/consultations/{slug}/clauses": _operation(
        "clauses", "The clauses the public reads, in order", "ClauseList", _SLUG, _AFTER, _LIMIT
    ),
    "/consultations/{slug}/comments": _operation(
        "comments", "Published comments in the order they came", "CommentList", _SLUG, _AFTER, _LIMIT, _CLAUSE
    ),
}


def document(public_url: str) -> dict[str, Any]:
    """The whole description."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "征求意见数据接口",
            "version": "1",
            "description": "What the public pages show, as JSON. Unpublished, withheld and masked words are not in it.",
        },
        "servers": [{"url": f"{public_url}/api/v1"}],
        "paths": PATHS,
        "components": {"schemas": SCHEMAS},
    }
