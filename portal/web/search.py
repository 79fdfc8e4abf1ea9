"""The public search, and the address of one published comment."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.access import Permission
from portal.errors import NotThere
from portal.rules import plaintext
from portal.rules.words import Findable
from portal.services import finding, reading
from portal.web.consultations import WHOLE
from portal.web.gate import now, permit, session

blueprint = Blueprint("search", __name__)


@blueprint.get("/search")
@permit(Permission.READ)
def show() -> str:
    """Titles, clauses and published comments that have the words."""
    query = plaintext.received(request.args.get("q", ""))[: finding.MOST_CHARACTERS]
    asked = request.args.get("kind", "")
    kind = Findable(asked) if asked in set(Findable) else None
    slug = plaintext.received(request.args.get("in", ""))
    within = reading.published(session(), slug, now()) if slug else None
    found = finding.find(
        session(), query, now(), kind=kind, consultation_id=within.id if within else None,
        after=request.args.get("after", ""),
    )  # fmt: skip
    return render_template(
        "search/show.html", query=query, kind=kind, within=within, found=found,
        is_asked=bool(request.args.get("q")), kinds=list(Findable), counted=finding.COUNTED, first=finding.FIRST,
    )  # fmt: skip


@blueprint.get("/consultations/<slug>/comments/<int:number>")
@permit(Permission.READ)
def comment(slug: str, number: int) -> Response:
    """Leads to a published comment where it stands today: beside its clause, or among those on the whole draft."""
    consultation = reading.published(session(), slug, now())
    found = finding.comment_at(session(), consultation, number)
    if found is None:
        raise NotThere("没有找到这条意见。它可能没有公开，或者编号有误。")
    clause = reading.place_of(session(), consultation, found)
    label = clause.label if clause else WHOLE
    return redirect(url_for("consultations.clause", slug=slug, label=label, before=number + 1, _anchor=found.reference))
