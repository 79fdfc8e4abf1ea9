"""The versions of a draft, and two of them side by side."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from portal.access import Permission
from portal.services import lineage, reading, versions
from portal.web.consultations import shared
from portal.web.gate import now, permit, session
from portal.web.outline import passages

blueprint = Blueprint("public_versions", __name__, url_prefix="/consultations/<slug>")


@blueprint.get("/versions/<int:number>")
@permit(Permission.READ)
def show(slug: str, number: int) -> str:
    """One version of the draft as it was published."""
    consultation = reading.published(session(), slug, now())
    version = versions.published(consultation, number)
    return render_template(
        "consultations/version.html", **shared(consultation), version=version, passages=passages(version.clauses)
    )


@blueprint.get("/compare/<int:old>/<int:new>")
@permit(Permission.READ)
def compare(slug: str, old: int, new: int) -> str:
    """Two versions clause by clause, side by side or inline; what stayed the same is folded unless asked for."""
    consultation = reading.published(session(), slug, now())
    before, after = versions.published(consultation, old), versions.published(consultation, new)
    return render_template(
        "consultations/compare.html",
        **shared(consultation),
        before=before,
        after=after,
        rows=lineage.comparison(session(), before, after),
        view="inline" if request.args.get("view") == "inline" else "side",
        shows_all=request.args.get("all") == "1",
    )
