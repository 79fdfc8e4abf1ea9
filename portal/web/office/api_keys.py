"""The administrator's pages of the keys other platforms use, and everybody's own."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from portal.access import PLATFORM_SCOPES, STAFF_SCOPES, Permission, Scope
from portal.errors import NotValid
from portal.models import Account
from portal.services import api_keys, people, platforms
from portal.web import limits
from portal.web.gate import actor, commit, now, permit, seal, session
from portal.web.office.forms import KeyForm, OwnKeyForm

blueprint = Blueprint("api_keys", __name__, url_prefix="/office")


@blueprint.get("/keys/")
@permit(Permission.MANAGE_KEYS)
def listed() -> str:
    """The keys of other platforms: for whom, what for, when last used."""
    return render_template(
        "office/keys.html",
        keys=api_keys.listed(session(), actor()),
        counts=platforms.counts(session()),
        scopes=_scopes(),
    )


def _scopes() -> dict[str, Scope]:
    return {scope.value: scope for scope in Scope}


def _form() -> KeyForm:
    form = KeyForm()
    form.bureau.choices = [SelectChoice(value="", label=gettext("请选择"))] + [
        SelectChoice(value=str(bureau.id), label=bureau.name) for bureau in people.bureaus(session())
    ]
    return form


@blueprint.route("/keys/new", methods=["GET", "POST"])
@permit(Permission.MANAGE_KEYS)
def new() -> str | tuple[str, int]:
    """Make a key; it is on the answer to this form and nowhere else."""
    form = _form()
    if request.method == "GET":
        form.per_minute.data = api_keys.USUAL_RATE
        return render_template(
            "office/key.html", form=form, scopes=PLATFORM_SCOPES, ticked={s.value for s in PLATFORM_SCOPES}
        )
    bureau = form.typed("bureau")
    chosen = request.form.getlist("scopes")
    try:
        made, key = api_keys.make_for_platform(
            session(), seal(), actor(), bureau_id=int(bureau) if bureau.isdecimal() and len(bureau) < 10 else None,
            name=form.typed("name"), scopes=chosen, per_minute=form.per_minute.data or 0, at=now(),
        )  # fmt: skip
    except NotValid as refusal:
        session().rollback()
        form = _form()
        form.blame(refusal)
        return render_template("office/key.html", form=form, scopes=PLATFORM_SCOPES, ticked=set(chosen)), 422
    commit()
    return render_template("office/key_made.html", made=made, key=key, back=url_for(".listed"))


@blueprint.post("/keys/<int:key_id>/revoke")
@permit(Permission.MANAGE_KEYS)
def revoke(key_id: int) -> Response:
    """End a key at once."""
    api_keys.revoke(session(), actor(), key_id, now())
    commit()
    return redirect(url_for(".listed", revoked=1))


# ── one's own ─────────────────────────────────────────────────────────────────────────────────────────


def _mine() -> Account:
    return session().get_one(Account, actor().account_id)


@blueprint.route("/account/keys/", methods=["GET", "POST"])
@permit(Permission.KEEP_OWN_ACCOUNT)
def own() -> str | tuple[str, int]:
    """One's own keys; a POST makes one, shown on its answer and nowhere else."""
    form = OwnKeyForm()
    if request.method == "GET":
        return _own_page(form)
    limits.require(limits.OWN_PASSWORD, _mine().login)
    try:
        made, key = api_keys.make_own(
            session(), seal(), _mine(), name=form.typed("name"), scopes=request.form.getlist("scopes"),
            days=int(days) if (days := form.typed("days")).isdecimal() and len(days) < 6 else None,
            password=form.typed("password"), at=now(),
        )  # fmt: skip
    except NotValid as refusal:
        session().rollback()
        form.blame(refusal)
        return _own_page(form), 422
    commit()
    return render_template("office/key_made.html", made=made, key=key, back=url_for(".own"))


def _own_page(form: OwnKeyForm) -> str:
    allowed = [scope for scope, permission in STAFF_SCOPES.items() if actor().may(permission)]
    return render_template(
        "office/own_keys.html", form=form, keys=api_keys.own(session(), _mine()), now=now(), scopes=_scopes(), allowed=allowed,
        ticked=set(request.form.getlist("scopes")), lasting=api_keys.LASTING,
    )  # fmt: skip


@blueprint.post("/account/keys/<int:key_id>/revoke")
@permit(Permission.KEEP_OWN_ACCOUNT)
def revoke_own(key_id: int) -> Response:
    """End one of one's own keys at once."""
    api_keys.revoke(session(), actor(), key_id, now())
    commit()
    return redirect(url_for(".own", revoked=1))
