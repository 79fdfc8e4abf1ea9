"""The reasons a bureau gives again and again."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from portal.access import Permission
from portal.errors import NotValid
from portal.services import reason_templates
from portal.web.gate import actor, commit, now, permit, session
from portal.web.office.forms import ReasonTemplateForm

blueprint = Blueprint("reason_templates", __name__, url_prefix="/office/reason-templates")


@blueprint.route("/", methods=["GET"])
@permit(Permission.RESPOND)
def edit() -> str:
    """What is kept, and a form for one more."""
    return _page(ReasonTemplateForm(formdata=None))


def _page(form: ReasonTemplateForm) -> str:
    return render_template(
        "office/reason_templates.html", templates=reason_templates.of_bureau(session(), actor()), form=form
    )


@blueprint.post("/")
@permit(Permission.RESPOND)
def keep() -> str | Response | tuple[str, int]:
    """Keep a reason under a name."""
    form = ReasonTemplateForm()
    try:
        reason_templates.keep(session(), actor(), form.typed("name"), form.typed("words"), now())
    except NotValid as refusal:
        session().rollback()
        form.blame(refusal)
        return _page(form), 422
    commit()
    return redirect(url_for(".edit"))


@blueprint.post("/<int:template_id>/remove")
@permit(Permission.RESPOND)
def remove(template_id: int) -> Response:
    """Take one away."""
    reason_templates.remove(session(), actor(), template_id, now())
    commit()
    return redirect(url_for(".edit"))
