"""The values of the JSON interface, each described once (JSON Schema 2020-12): what is answered is tested against this,
what is sent is checked against it.
"""

from __future__ import annotations

from typing import Any

from portal.rules.words import (
    Channel,
    CommentState,
    Disposition,
    HappeningKind,
    IdentityNeed,
    RespondentKind,
    Stance,
    Standing,
)
from portal.services.baskets import LONGEST_BODY, MOST_ITEMS
from portal.services.identity import NOTICE_VERSION

Schema = dict[str, Any]


def text(meaning: str = "", **more: Any) -> Schema:
    return {"type": "string", **({"description": meaning} if meaning else {}), **more}


def count(meaning: str) -> Schema:
    return {"type": "integer", "minimum": 0, "description": meaning}


def one_of(members: Any, meaning: str) -> Schema:
    return text(f"{meaning}: " + ", ".join(f"{m.value} {m.label}" for m in members), enum=[m.value for m in members])


def maybe(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def record(*optional: str, **properties: Schema) -> Schema:
    """An object; every property has to be there but the `optional` ones."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def array(items: Schema, **more: Any) -> Schema:
    return {"type": "array", "items": items, **more}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def whole(meaning: str = "", **more: Any) -> Schema:
    return {"type": "integer", **({"description": meaning} if meaning else {}), **more}


def flag(meaning: str) -> Schema:
    return {"type": "boolean", "default": False, "description": meaning}


def page_of(name: str) -> Schema:
    items = {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}}
    return record(items=items, next=maybe(text("address of the next items; null at the end", format="uri")))


_TIME = text("Beijing time", format="date-time")
_ADDRESS = text(format="uri")

_SUMMARY: dict[str, Schema] = {
    "slug": text("its name in addresses"),
    "title": text(),
    "state": one_of(Standing, "where it stands"),
    "bureau": record(code=text(), name=text()),
    "publisher": text("whose name stands on the notice"),
    "document_type": maybe(record(code=text(), name=text("体裁分类"))),
    "subject": maybe(text("主题分类")),
    "published_at": _TIME,
    "opens_at": _TIME,
    "closes_at": text("the first instant that is too late, Beijing time", format="date-time"),
    "extended_at": maybe(text("when it was announced that the window is longer, Beijing time", format="date-time")),
    "withdrawn_at": maybe(text("when it was withdrawn, Beijing time", format="date-time")),
    "results_published_at": maybe(_TIME),
    "submissions_received": count("submissions by every channel"),
    "comments_received": count("comments by every channel, published or not"),
    "url": _ADDRESS,
    "self": _ADDRESS,
}

SCHEMAS: dict[str, Schema] = {
    "ConsultationSummary": record(**_SUMMARY),
    "Consultation": record(
        **_SUMMARY,
        withdrawal_reason=maybe(text("why it was withdrawn")),
        windows=array(
            record(
                opens_at=_TIME,
                closes_at=text("the first instant that is too late, Beijing time", format="date-time"),
                announced_at=_TIME,
                announcement=maybe(text("延期公告, written as the notice is; null: the window the notice names")),
            ),
            minItems=1,
            description="every window there was, the first one first; the last is in force",
        ),
        notice=text(
            "征求意见公告, as kept: lines of text, or the few HTML elements an office may use. It names the first "
            "window; an extension leaves it as it was published and has an announcement of its own (windows)"
        ),
        explanatory_note=text("起草说明, as kept"),
        contact=record(phone=text(), fax=text(), email=text(), postal_address=text(), postcode=text()),
        versions={
            "type": "array",
            "items": record(
                number={"type": "integer", "minimum": 1},
                published_at=_TIME,
                digest=text("SHA-256 of the clauses", pattern="^[0-9a-f]{64}$"),
            ),
        },
        comments_published=count("comments that are public"),
        identity_needed=one_of(IdentityNeed, "what has to be known of whoever submits"),
        notice_version=text("the version of the personal-information notice to show before contact data is taken"),
        regions=array(text(), description="where a respondent may say to be from; empty: do not ask"),
        clauses=_ADDRESS,
        comments=_ADDRESS,
        results=maybe(_ADDRESS),
    ),
    "Clause": record(
        label=text("its address in its version"),
        parent=maybe(text("label of the clause it stands under")),
        depth=count("0 at the top"),
        kind=text(),
        number=text("as printed"),
        heading=text(),
        text=text(),
        rows={"type": "array", "items": {"type": "array", "items": text()}},
        citation=text("how it is cited"),
        comments_published=count("comments on it that are public"),
        url=_ADDRESS,
    ),
    "Comment": record(
        reference=text(pattern="^C-[0-9]+$"),
        number={"type": "integer", "minimum": 1},
        clause=maybe(text("label in the version it was made on; null: on the draft as a whole")),
        version=maybe({"type": "integer", "minimum": 1}),
        stance=one_of(Stance, "what it wants"),
        body=text("the public copy: personal data is masked"),
        proposed_text=maybe(text("the wording it proposes")),
        respondent=record(kind=one_of(RespondentKind, "as whom"), shown_as=text()),
        received_on=text(format="date"),
        response=maybe(
            record(
                disposition=one_of(Disposition, "what became of it"),
                reason=text(),
                changed_text=maybe(text("the changed sentence")),
            )
        ),
        url=_ADDRESS,
    ),
    "ConsultationList": page_of("ConsultationSummary"),
    "ClauseList": page_of("Clause"),
    "CommentList": page_of("Comment"),
    "Problem": record(
        "errors",
        "submission",
        type=text("address of the kind of problem, stable", format="uri"),
        title=text("the kind of problem in words"),
        status=whole("the HTTP status", minimum=400, maximum=599),
        detail=text("one or two sentences: what happened and what to do"),
        errors=array(
            record(
                field=text("where: a path into the body such as comments/0/body, or the name of a parameter or header"),
                detail=text("what is wrong and what is expected"),
            ),
            description="with status 422: every field to change",
        ),
        submission={
            "type": "object",
            "description": "what was sent, handed back, when the window is not open",
        },
    ),
}

#: what is pushed to addresses that are registered: an event of a consultation, or a test
PUSHED: dict[str, Schema] = {
    "Event": record(
        type=one_of(HappeningKind, "what happened"),
        timestamp=text("when it happened, Beijing time", format="date-time"),
        data=record(
            "version",
            "note",
            "compare",
            "reason",
            slug=text("the name in addresses"),
            title=text(),
            bureau=record(code=text(), name=text()),
            opens_at=maybe(_TIME),
            closes_at=maybe(_TIME),
            url=text("the page where the public reads of it", format="uri"),
            api=text("the consultation in this interface", format="uri"),
            version=whole("with consultation.revised: which version of the draft is out now", minimum=2),
            note=text("with consultation.revised: what the bureau says of the change"),
            compare=text("with consultation.revised: the version beside the one before it", format="uri"),
            reason=text("with consultation.withdrawn: why"),
        ),
    ),
    "TestEvent": record(
        type=text(enum=["webhook.test"]),
        timestamp=text("when it was sent, Beijing time", format="date-time"),
        data=record(name=text("how the address is called here"), bureau=record(code=text(), name=text())),
    ),
}

_KEPT_TEXT = {"type": "string", "maxLength": LONGEST_BODY}
_SHORT = {"type": "string", "maxLength": 200}
_LABEL = text("label of a clause", minLength=1, maxLength=64)

#: what another platform hands over
SUBMITTING: dict[str, Schema] = {
    "NewComment": record(
        "clause",
        "proposed_text",
        "quote",
        "quote_after",
        clause=maybe(_LABEL) | {"description": "label of the clause; null or absent: on the draft as a whole"},
        stance=one_of(Stance, "what it wants"),
        body=_KEPT_TEXT | {"description": "the opinion and its reasons; may be empty beside a proposed text"},
        proposed_text=_KEPT_TEXT | {"description": "the wording it proposes"},
        quote=_KEPT_TEXT | {"description": "words of the clause it is about"},
        quote_after=maybe(whole("characters of the clause before the quotation", minimum=0, maximum=1_000_000)),
    ),
    "NewRespondent": record(
        "organisation",
        "uscc",
        "is_organisation_hidden",
        "name",
        "phone",
        "email",
        "region",
        "is_name_public",
        "is_minor",
        "guardian_name",
        "guardian_contact",
        "has_guardian_consent",
        "has_read_notice",
        "notice_version",
        kind=one_of(RespondentKind, "as whom"),
        organisation=_SHORT | {"description": "an organisation's full name"},
        uscc=_SHORT | {"description": "统一社会信用代码"},
        is_organisation_hidden=flag("sign an organisation's comments with its kind only"),
        name=_SHORT | {"description": "never public unless is_name_public, and then masked"},
        phone=_SHORT,
        email=_SHORT | {"description": "the receipt is sent here"},
        region=_SHORT | {"description": "one of the consultation's `regions`; counted only, never public beside a comment"},
        is_name_public=flag("print the masked name"),
        is_minor=flag("under 14: a guardian has to agree"),
        guardian_name=_SHORT,
        guardian_contact=_SHORT,
        has_guardian_consent=flag("the guardian agreed"),
        has_read_notice=flag("the respondent was shown the personal-information notice and agreed; needed with contact data"),
        notice_version=_SHORT | {"description": "the version of the notice that was shown"},
    ),
    "NewSubmission": record(
        "version",
        respondent=ref("NewRespondent"),
        comments=array(ref("NewComment"), minItems=1, maxItems=MOST_ITEMS),
        version=whole("the version of the draft that was shown; refused when there is a newer one", minimum=1, maximum=10_000),
    )
    | {
        "examples": [
            {
                "version": 1,
                "respondent": {"kind": "citizen", "email": "reader@example.com", "has_read_notice": True,
                               "notice_version": NOTICE_VERSION},
                "comments": [{"clause": "2-1", "stance": "change", "body": "建议把巡查记录改为每周公布。"}],
            }
        ]
    },
    "Receipt": record(
        receipt_number=text("受理编号"),
        tracking_code=text("opens the receipt together with the number: hand it to the respondent, keep no copy"),
        digest=text("SHA-256 of what was received", pattern="^[0-9a-f]{64}$"),
        received_at=_TIME,
        comments=whole("how many comments were received", minimum=1),
        url=_ADDRESS,
    ),
}  # fmt: skip

_PLACE = record(
    field=text("which of the comment's texts", enum=["body", "proposed_text"]),
    start=whole("first character", minimum=0, maximum=LONGEST_BODY),
    end=whole("the character after the last", minimum=1, maximum=LONGEST_BODY),
)
#: what is done with a comment
ACTS = {
    "published": "make it public",
    "withheld": "do not publish it; proposed only, where the site asks for a second person",
    "merged": "merge it into an equal public one",
    "pending": "put it back into the queue",
    "confirm": "agree to withholding that a colleague proposed",
    "decline": "do not agree",
}
_WAITING_COMMENT: dict[str, Schema] = {
    "consultation": text("slug"),
    "reference": text(pattern="^C-[0-9]+$"),
    "number": whole(minimum=1),
    "revision": whole("counts decisions: name it when you decide", minimum=0),
    "state": one_of(CommentState, "where it stands"),
    "clause": maybe(_LABEL),
    "citation": text("how the clause is cited"),
    "stance": one_of(Stance, "what it wants"),
    "channel": one_of(Channel, "how it came"),
    "respondent": record(
        kind=one_of(RespondentKind, "as whom"),
        shown_as=text("what public pages print"),
        region=maybe(text("where they say to be from; null when not given")),
    ),
    "received_at": _TIME,
    "body": maybe(text("the words as received; null while they are sealed as unlawful")),
    "proposed_text": maybe(text()),
    "self": _ADDRESS,
}

#: what the moderation desk sees and does
MODERATING: dict[str, Schema] = {
    "WaitingComment": record(
        **_WAITING_COMMENT,
        due_at=_TIME | {"description": "by when the site promises a decision"},
        held_by=maybe(text("the colleague who has it in hand")),
    ),
    "Queue": record(
        items=array(ref("WaitingComment")),
        count=count("how many there are in all"),
        next=maybe(text("address of the next items; null at the end", format="uri")),
    ),
    "CommentInHand": record(
        **_WAITING_COMMENT,
        held_by=maybe(text("the colleague who has it in hand")),
        suggested_masks=array(
            record(
                field=text(enum=["body", "proposed_text"]),
                start=count("first character"),
                end=count("the character after the last"),
                kind=text("what it looks like"),
                replacement=text("what the public copy would say"),
                is_certain=flag("has to be hidden or cleared before the comment is published"),
            )
        ),
        decisions=array(
            record(
                revision=whole(minimum=1),
                decided_at=_TIME,
                decided_by=text(),
                to=one_of(CommentState, "what was decided"),
                reason_code=maybe(text()),
                note=text(),
            )
        ),
    ),
    "NewDecision": record(
        "reason_code",
        "note",
        "hide_suggested",
        "masks",
        "cleared",
        "hidden_words",
        "merged_into",
        to=text("; ".join(f"{act}: {meaning}" for act, meaning in ACTS.items()), enum=list(ACTS)),
        revision=whole("the revision of the comment you saw", minimum=0, maximum=1_000_000),
        reason_code=text("with withheld: a code of the list of reasons", maxLength=64),
        note=text("with withheld and decline: the particulars; the respondent reads them", maxLength=1000),
        hide_suggested=flag("with published: hide every suggested span, sure or not"),
        masks=array(_PLACE, maxItems=200, description="with published: spans to hide"),
        cleared=array(_PLACE, maxItems=200, description="with published: suggested spans that are no personal data"),
        hidden_words=array(
            text(minLength=1, maxLength=200), maxItems=50, description="words to hide wherever they stand"
        ),
        merged_into=whole("with merged: number of a public comment", minimum=1, maximum=2_147_483_647),
    )
    | {"examples": [{"to": "published", "revision": 0, "hide_suggested": True}]},
    "Decided": record(
        reference=text(pattern="^C-[0-9]+$"),
        outcome=text("what was done", enum=["decided", "proposed", "declined"]),
        state=one_of(CommentState, "where it stands now"),
        revision=whole("its revision now", minimum=0),
        public_body=maybe(text("what the public reads")),
    ),
}
SCHEMAS |= SUBMITTING | MODERATING | PUSHED
