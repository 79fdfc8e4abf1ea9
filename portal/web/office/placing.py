"""Where the comments on the version before stand in the next one: proposed, then confirmed by a person."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.access import Permission
from portal.services import desk, placing
from portal.web.gate import LARGEST, actor, asked_number, commit, now, permit, session

blueprint = Blueprint("placing", __name__, url_prefix="/office/consultations/<slug>/versions/places")


@blueprint.get("/")
@permit(Permission.IMPORT_DRAFT)
def show(slug: str) -> str:
    """The comments that wait for a place, or (`confirmed`) those that have one; twenty at a time."""
    consultation = desk.consultation(session(), actor(), slug)
    version = consultation.version_in_preparation
    is_confirmed = "confirmed" in request.args
    return render_template(
        "office/placing.html",
        consultation=consultation,
        version=version,
        waiting=placing.waiting(session(), version),
        listed=placing.listed(
            session(), actor(), consultation, is_confirmed=is_confirmed, after=asked_number("after") or 0
        ),
        is_confirmed=is_confirmed,
        nowhere=placing.NOWHERE,
    )


@blueprint.post("/")
@permit(Permission.IMPORT_DRAFT)
def confirm_proposed(slug: str) -> Response:
    """Confirm everything that was proposed; what nobody could propose still waits."""
    consultation = desk.consultation(session(), actor(), slug)
    placing.confirm_proposed(session(), actor(), consultation, now())
    commit()
    return redirect(url_for(".show", slug=slug))


@blueprint.post("/one")
@permit(Permission.IMPORT_DRAFT)
def put(slug: str) -> Response:
    """Say where one comment stands."""
    consultation = desk.consultation(session(), actor(), slug)
    number = request.form.get("number", 0, type=int)
    placing.put(
        session(), actor(), consultation, number if 0 < number <= LARGEST else 0, request.form.get("label", ""), now()
    )
    commit()
    return redirect(url_for(".show", slug=slug, confirmed=1 if "confirmed" in request.form else None))
