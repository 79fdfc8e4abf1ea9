"""The office's front page: the bureau's consultations and what waits in each."""

from __future__ import annotations

from flask import Blueprint, render_template

from portal.access import Permission
from portal.models import Comment
from portal.services import appeals, desk, reminding, scheduling
from portal.web.gate import actor, now, permit, session, settings

blueprint = Blueprint("front", __name__, url_prefix="/office")


@blueprint.get("/")
@permit(Permission.ENTER_OFFICE)
def desk_page() -> str:
    """Every consultation of the bureau with its totals; those whose answers are overdue stand first."""
    lines = desk.overview(session(), actor(), now())
    clocks = reminding.clocks(session(), [line.consultation for line in lines], now(), settings().answer_days)
    return render_template(
        "office/front.html",
        lines=lines,
        clocks=clocks,
        overdue=[line for line in lines if line.consultation.id in clocks and clocks[line.consultation.id].is_overdue],
        faults_of=scheduling.faults,
        undecidable=_undecidable(),
    )


def _undecidable() -> list[Comment]:
    """The comments whose appeal nobody is left to decide: for whoever can add a moderator, or see to it."""
    if actor().may(Permission.MANAGE_ACCOUNTS):
        return appeals.undecidable(session())
    return appeals.undecidable(session(), actor().bureau_id) if actor().may(Permission.PUBLISH) else []
