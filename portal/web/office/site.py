"""The administrator's page: what footer and page tags say."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.access import Permission
from portal.errors import AlreadyDone, NotValid
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
        standing = site_service.values(session())
        return _page(SiteForm(formdata=None, data=standing), standing)
    form = SiteForm()
    given = {
        item.key: ("1" if form.is_ticked(item.key) else "") if item.is_switch else form.typed(item.key)
        for item in ITEMS
    }
    shown = {item.key: request.form[f"seen-{item.key}"] for item in ITEMS if f"seen-{item.key}" in request.form}
    try:
        site_service.keep(session(), actor(), given, now(), shown)
    except (NotValid, AlreadyDone) as refusal:
        session().rollback()
        standing = site_service.values(session())
        again = SiteForm(formdata=None, data=_again(given, shown, standing))
        again.blame(refusal)
        if not isinstance(refusal, AlreadyDone):
            return _page(again, standing | _touched(given, shown)), 422
        # who was told has seen what stands
        changed = {key for key in _touched(given, shown) if standing.get(key, "") not in (shown[key], given[key])}
        return _page(again, standing, changed), 409
    commit()
    site.forget()
    return redirect(url_for(".edit", kept=1))


def _touched(given: Mapping[str, str], shown: Mapping[str, str]) -> dict[str, str]:
    """The items that were given otherwise than the page showed them, each as it was shown."""
    return {key: value for key, value in shown.items() if given[key] != value}


def _again(given: Mapping[str, str], shown: Mapping[str, str], standing: Mapping[str, str]) -> dict[str, str]:
    """What the fields say after a refusal: what was typed; what was left as it was shown catches up."""
    touched = _touched(given, shown)
    return {
        key: standing.get(key, "") if key in shown and key not in touched else value for key, value in given.items()
    }


def _page(form: SiteForm, seen: Mapping[str, str], changed: Collection[str] = ()) -> str:
    """`seen` is what each item is to be compared with when it comes back, `changed` what others changed meanwhile."""
    return render_template("office/site.html", form=form, items=ITEMS, seen=seen, changed=changed)
