"""The staff of the site and its bureaus; who may do what."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from portal.access import POLICY, Permission, Role
from portal.errors import NotThere, NotValid
from portal.models import Account
from portal.services import binding, people
from portal.web import gate
from portal.web.gate import LARGEST, actor, commit, now, permit, seal, session, settings
from portal.web.office.forms import BureauForm, PersonForm

blueprint = Blueprint("people", __name__, url_prefix="/office/staff")


@blueprint.get("/")
@permit(Permission.SEE_STAFF)
def staff() -> str:
    """Everybody with an account, those who wait to be confirmed first."""
    return render_template("office/staff.html", staff=people.staff(session(), actor()), roles=list(Role))


@blueprint.get("/permissions")
@permit(Permission.ENTER_OFFICE)
def permissions() -> str:
    """Which role may do what: the policy itself, not a description of it."""
    return render_template("office/permissions.html", policy=POLICY, roles=list(Role), permissions=_listed())


def _listed() -> list[Permission]:
    return [p for p in Permission if any(p in allowed for allowed in POLICY.values())]


def _form() -> PersonForm:
    form = PersonForm()
    form.bureau.choices = [SelectChoice(value="", label=gettext("请选择"))] + [
        SelectChoice(value=str(bureau.id), label=bureau.name) for bureau in people.bureaus(session())
    ]
    return form


@blueprint.route("/new", methods=["GET", "POST"])
@permit(Permission.MANAGE_ACCOUNTS)
def new() -> str | Response | tuple[str, int]:
    """Ask somebody in."""
    form = _form()
    if request.method == "GET":
        return render_template("office/person.html", form=form)
    bureau = form.typed("bureau")
    try:
        made = people.make(
            session(), seal(), actor(), login=form.typed("login"), name=form.typed("name"), role=form.typed("role"),
            bureau_id=int(bureau) if bureau.isdecimal() and len(bureau) < 10 else None, email=form.typed("email"),
            at=now(),
        )  # fmt: skip
    except NotValid as refusal:
        session().rollback()
        form = _form()
        form.blame(refusal)
        return render_template("office/person.html", form=form), 422
    commit()
    return redirect(url_for(".person", account_id=made.id))


@blueprint.get("/<int:account_id>")
@permit(Permission.SEE_STAFF)
def person(account_id: int) -> str:
    """One member of staff and what can be done about the account."""
    return _person(people.account(session(), actor(), account_id))


def _person(found: Account, link: str | None = None) -> str:
    provider = gate.identity_provider()
    identity = binding.bound(session(), found, provider.issuer) if provider else None
    return render_template(
        "office/staff_member.html", person=found, roles=list(Role), link=link, now=now(), identity=identity,
        provider=settings().oidc_label if provider else "",
    )  # fmt: skip


def _issuer() -> str:
    provider = gate.identity_provider()
    if provider is None:
        raise NotThere("本站没有接入统一身份认证。")
    return provider.issuer


def _where() -> str:
    return settings().public_url + url_for("accounts.invitation", token="")


@blueprint.post("/<int:account_id>/<act>")
@permit(Permission.SEE_STAFF)
def act(account_id: int, act: str) -> str | Response:
    """One act on an account; the service asks for the permission that goes with it."""
    found = people.account(session(), actor(), account_id)
    link: str | None = None
    match act:
        case "grant":
            link = people.grant(session(), seal(), actor(), found, now(), site=settings().site_name, url=_where())
        case "invite":
            link = people.invite(session(), seal(), actor(), found, now(), site=settings().site_name, url=_where())
        case "role":
            people.ask_for_role(session(), actor(), found, request.form.get("role", ""), now())
        case "close":
            people.close(session(), actor(), found, now())
        case "unlock":
            people.unlock(session(), actor(), found, now())
        case "end-second-factor":
            people.end_second_factor(session(), actor(), found, now())
        case "bind":
            binding.bind(session(), actor(), found, _issuer(), request.form.get("subject", ""), now())
        case "unbind":
            binding.unbind(session(), actor(), found, _issuer(), now())
        case _:
            raise NotThere("没有找到这一页。它可能已移动，请从首页重新进入。")
    commit()
    if link is not None:
        # shown once, on the answer itself: the link is kept nowhere
        return _person(people.account(session(), actor(), account_id), link)
    return redirect(url_for(".person", account_id=account_id, done=act))


@blueprint.route("/bureaus", methods=["GET", "POST"])
@permit(Permission.MANAGE_ACCOUNTS)
def bureaus() -> str | Response | tuple[str, int]:
    """The bureaus of the site; a POST adds one, renames the one it names, or keeps its regions."""
    form = BureauForm()
    if request.method == "GET":
        return render_template("office/bureaus.html", form=form, bureaus=people.bureaus(session()))
    asked = _asked_bureau()
    try:
        if "regions" in request.form and asked is not None:
            people.keep_regions(session(), actor(), asked, form.typed("regions"), now())
        else:
            people.keep_bureau(
                session(), actor(), asked, code=form.typed("code"), name=form.typed("name"),
                short_name=form.typed("short_name"), at=now(),
            )  # fmt: skip
    except NotValid as refusal:
        session().rollback()
        form.blame(refusal)
        return render_template("office/bureaus.html", form=form, bureaus=people.bureaus(session()), asked=asked), 422
    commit()
    return redirect(url_for(".bureaus", kept=1))


def _asked_bureau() -> int | None:
    asked = request.form.get("bureau", type=int)
    return asked if asked is not None and 0 < asked <= LARGEST else None
