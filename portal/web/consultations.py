"""The public's pages: home, list, the notice, the explanatory note. The draft and its clauses are in `clauses`."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from portal import reports
from portal.access import Permission
from portal.errors import NotThere
from portal.models import Consultation
from portal.rules import window
from portal.rules.words import CommentState
from portal.services import attachments, listing, materials, moderation, queueing, reading, reference, summaries
from portal.web import baskets, files
from portal.web.gate import asked_number, now, permit, session

blueprint = Blueprint("consultations", __name__)

#: the label in an address that stands for the draft as a whole
WHOLE = "all"


@blueprint.get("/")
@permit(Permission.READ)
def home() -> str:
    """What is open, what ends soon, what was answered."""
    return render_template(
        "consultations/home.html", shelves=listing.shelves(session(), now()), record=listing.record(session(), now())
    )


@blueprint.get("/consultations/")
@permit(Permission.READ)
def index() -> str:
    """Every consultation, by bureau, kind of document, subject, state and year."""
    asked = {name: request.args.get(name, "")[:64] for name in ("bureau", "type", "subject", "state", "year")}
    found = listing.index(session(), listing.Filters(**asked), now(), asked_number("page") or 1)
    return render_template("consultations/index.html", listing=found)


def shared(consultation: Consultation, counts: dict[CommentState, int] | None = None) -> dict[str, object]:
    """What every page of one consultation shows in its head."""
    current = consultation.window
    if counts is None:
        counts = reading.counts(session(), consultation)
    return {
        "consultation": consultation,
        "window": current,
        "state": consultation.state(now()),
        "days_left": window.days_left(current.closes_at, now()) if current else 0,
        "received": sum(counts.values()),
        "counts": counts,
        "published": counts[CommentState.PUBLISHED],
        "basket": baskets.current(consultation),
    }


def _has_summary(consultation: Consultation) -> bool:
    """Whether a summary is public before the results: with them it stands beside them. The reader asks no more for it."""
    return consultation.results_published_at is None and summaries.has_released(session(), consultation)


@blueprint.get("/consultations/<slug>/notice")
@permit(Permission.READ)
def notice(slug: str) -> str:
    """The notice (征求意见公告)."""
    consultation = reading.published(session(), slug, now())
    beside = attachments.published(session(), consultation.id)
    has_summary = _has_summary(consultation)
    return render_template(
        "consultations/notice.html",
        **shared(consultation),
        files=beside,
        has_summary=has_summary,
        released=summaries.released_summary(session(), consultation) if has_summary else None,
        formats=reports.FORMATS,
    )


@blueprint.get("/consultations/<slug>/note")
@permit(Permission.READ)
def note(slug: str) -> str:
    """The explanatory note (起草说明)."""
    consultation = reading.published(session(), slug, now())
    beside = attachments.published(session(), consultation.id)
    return render_template(
        "consultations/note.html", **shared(consultation), files=beside, has_summary=_has_summary(consultation)
    )


@blueprint.get("/consultations/<slug>/files/<int:file_id>")
@permit(Permission.READ)
def file(slug: str, file_id: int) -> Response:
    """A file the bureau published beside its draft."""
    return files.answer(materials.one(session(), reading.published(session(), slug, now()), file_id))


@blueprint.get("/rules/<name>")
@permit(Permission.READ)
def rules(name: str) -> str:
    """How comments are moderated, how personal information is handled, how to use the site."""
    if name not in ("moderation", "privacy", "help"):
        raise NotThere("没有找到这一页。它可能已移动，请从首页重新进入。")
    return render_template(
        f"rules/{name}.html",
        reasons=reference.reasons_in_force(session()),
        promise_days=queueing.promise_days(session()),
        needs_second_person=moderation.needs_second_person(session()),
    )
