"""The administrator's page: what footer and page tags say."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.access import Permission
from portal.errors import NotValid
from portal.rules.site_items import ITEMS
from portal.services import site as site_service
from portal.web import site
from portal.web.gate import actor, commit, now, permit, session
from portal.web.office.forms import SiteForm

blueprint = Blueprint("site", __name__, url_prefix="/office/site")


@blueprint.route("/", methods=["GET", "POST"])
@permit(Permission.MANAGE_SITE)
def edit() -> str | Response | tuple[str, int]:
    """Shows the settings, and keeps them."""
    if request.method == "GET":
        return _page(SiteForm(formdata=None, data=site_service.values(session())))
    form = SiteForm()
    given = {
        item.key: ("1" if form.is_ticked(item.key) else "") if item.is_switch else form.typed(item.key)
        for item in ITEMS
    }
    try:
        site_service.keep(session(), actor(), given, now())
    except NotValid as refusal:
        session().rollback()
        form.blame(refusal)
        return _page(form), 422
    commit()
    site.forget()
    return redirect(url_for(".edit", kept=1))


def _page(form: SiteForm) -> str:
    return render_template("office/site.html", form=form, items=ITEMS)
