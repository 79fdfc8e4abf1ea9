"""The administrator's page of the reasons for withholding."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.access import Permission
from portal.errors import NotValid
from portal.models import WithholdingReason
from portal.services import reasons
from portal.web.gate import actor, commit, now, permit, session
from portal.web.office.forms import ReasonForm

blueprint = Blueprint("reasons", __name__, url_prefix="/office/lists/reasons")


@blueprint.get("/")
@permit(Permission.KEEP_LISTS)
def listed() -> str:
    """Every reason, in force or retired."""
    return render_template("office/reasons.html", reasons=reasons.listed(session()))


@blueprint.route("/new", methods=["GET", "POST"])
@permit(Permission.KEEP_LISTS)
def add() -> str | Response | tuple[str, int]:
    """Add a reason."""
    return _keep(None)


@blueprint.route("/<code>", methods=["GET", "POST"])
@permit(Permission.KEEP_LISTS)
def change(code: str) -> str | Response | tuple[str, int]:
    """Reword a reason."""
    return _keep(code)


def _keep(code: str | None) -> str | Response | tuple[str, int]:
    reason = _found(code)
    form = ReasonForm(obj=reason)
    if request.method == "GET":
        return _page(form, reason)
    try:
        reasons.keep(
            session(), actor(), code=form.typed("code"), words=form.typed("words"), basis=form.typed("basis"),
            is_sealing=bool(form.is_sealing.data), at=now(), changing=reason,
        )  # fmt: skip
    except NotValid as refusal:
        session().rollback()
        form.blame(refusal)
        return _page(form, _found(code)), 422
    commit()
    return redirect(url_for(".listed", kept=1))


def _found(code: str | None) -> WithholdingReason | None:
    return reasons.found(session(), code) if code else None


def _page(form: ReasonForm, reason: WithholdingReason | None) -> str:
    is_used = reason is not None and reasons.is_used(session(), reason)
    return render_template("office/reason.html", form=form, reason=reason, is_used=is_used)


_TURNS = {"retire": reasons.retire, "restore": reasons.restore, "remove": reasons.remove}


@blueprint.post("/<code>/<any(retire, restore, remove):turn>")
@permit(Permission.KEEP_LISTS)
def settle(code: str, turn: str) -> Response:
    """Retire a reason, offer it again, or delete one nothing was decided for."""
    _TURNS[turn](session(), actor(), reasons.found(session(), code), now())
    commit()
    return redirect(url_for(".listed", kept=1))
