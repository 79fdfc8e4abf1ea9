"""The page of the first hour. Once anybody has an account there is no such page."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask import session as flask_session
from werkzeug.wrappers import Response

from portal import mail
from portal.access import Permission
from portal.errors import NotValid
from portal.rules import plaintext, window
from portal.rules.site_items import ITEMS
from portal.services import dead_letters, holidays, setting_up
from portal.web import gate, limits, site
from portal.web.forms import CodeForm, SetUpForm
from portal.web.gate import commit, now, permit, seal, session, settings

blueprint = Blueprint("setting_up", __name__, url_prefix="/setup")

#: what of the site is asked for at the beginning; the rest is on the administrator's page
ASKED = ("name", "owner", "address", "phone", "site_code", "icp", "police")
_PASS = "setup"  # noqa: S105 — the name of a place in the session


def _may() -> bool:
    given = flask_session.get(_PASS, "")
    return isinstance(given, str) and setting_up.is_pass(session(), given, now())


@blueprint.get("/")
@permit(Permission.SIGN_IN)
def begin() -> str:
    """Ask for the code that stands on the machine; whoever gave it sees the form."""
    setting_up.require_open(session())
    if not _may():
        return render_template("setup/code.html", form=CodeForm(formdata=None))
    form = SetUpForm(formdata=None)
    form.site_name.data, form.site_owner.data = settings().site_name, settings().site_owner
    return _page(form)


@blueprint.post("/code")
@permit(Permission.SIGN_IN)
def give_code() -> Response | tuple[str, int]:
    """Take the code. All who try share one limit."""
    setting_up.require_open(session())
    limits.require(limits.SET_UP, "setup")
    form = CodeForm()
    given = setting_up.pass_for(session(), seal(), plaintext.received(form.typed("code")), now())
    if given is None:
        form.blame(
            NotValid(
                "安装码不对，或者已经过期。请在服务器上运行 flask --app wsgi setup，取得新的安装码。", fault="code"
            )
        )
        return render_template("setup/code.html", form=form), 422
    flask_session[_PASS] = given
    return redirect(url_for(".begin"))


@blueprint.post("/")
@permit(Permission.SIGN_IN)
def finish() -> str | Response | tuple[str, int]:
    """Make the site, its first bureau and its three administrators; the links are on this answer only."""
    setting_up.require_open(session())
    if not _may():
        return redirect(url_for(".begin"))
    form = SetUpForm()
    if form.act.data == "try-mail":
        gate.begin_writing()  # nobody waits for the database while the mail server is waited for
        tried = mail.try_server(settings())
        gate.look_only()
        return _page(form, tried)
    given = setting_up.Installation(
        site={item: form.typed(f"site_{item}") for item in ASKED},
        bureau_code=form.typed("bureau_code"),
        bureau_name=form.typed("bureau_name"),
        bureau_short_name=form.typed("bureau_short_name"),
        people={
            role: setting_up.Person(
                form.typed(f"{role.value}_login"), form.typed(f"{role.value}_name"), form.typed(f"{role.value}_email")
            )
            for role in setting_up.ROLES
        },
    )
    where = settings().public_url + url_for("accounts.invitation", token="")
    try:
        made = setting_up.finish(session(), seal(), given, now(), url=where)
    except NotValid as refusal:
        session().rollback()
        if refusal.fault in {item.key for item in ITEMS}:
            refusal.fault = f"site_{refusal.fault}"
        form.blame(refusal)
        return _page(form), 422
    commit()
    flask_session.pop(_PASS, None)
    site.forget()
    return render_template("setup/done.html", invited=made)


def _page(form: SetUpForm, tried: mail.Connection | None = None) -> str:
    year = window.day_in_beijing(now()).year
    return render_template(
        "setup/form.html",
        form=form,
        items=[item for item in ITEMS if item.key in ASKED],
        roles=setting_up.ROLES,
        mail=settings(),
        tried=tried,
        fault=dead_letters.masked(tried.fault) if tried else "",
        year=year,
        is_year_known=year in holidays.calendar(session()).years,
    )
