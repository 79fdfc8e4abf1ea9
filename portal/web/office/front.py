"""The office's front page: the bureau's consultations and what waits in each."""

from __future__ import annotations

from flask import Blueprint, render_template

from portal.access import Permission
from portal.services import desk, scheduling
from portal.web.gate import actor, now, permit, session

blueprint = Blueprint("front", __name__, url_prefix="/office")


@blueprint.get("/")
@permit(Permission.ENTER_OFFICE)
def desk_page() -> str:
    """Every consultation of the bureau with its totals."""
    return render_template(
        "office/front.html", lines=desk.overview(session(), actor(), now()), faults_of=scheduling.faults
    )
