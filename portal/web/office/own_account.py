"""A member of staff's own account: password, second factor, and where they are signed in."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.access import Permission
from portal.errors import NotAllowed, NotValid
from portal.models import Account
from portal.services import accounts, second_factor
from portal.web import gate, limits
from portal.web.forms import CodeForm, NewPasswordForm
from portal.web.gate import actor, commit, now, permit, seal, session, settings
from portal.web.qr import drawing

blueprint = Blueprint("own_account", __name__, url_prefix="/office/account")


def _mine() -> Account:
    """The account of whoever asks, in this request's own session."""
    return session().get_one(Account, actor().account_id)


@blueprint.get("/")
@permit(Permission.KEEP_OWN_ACCOUNT)
def show() -> str:
    """The account, and what has to be seen to before anything else."""
    return _page(NewPasswordForm(formdata=None))


def _page(form: NewPasswordForm) -> str:
    mine = _mine()
    return render_template(
        "office/own_account.html",
        mine=mine,
        form=form,
        is_password_old=gate.owes_password(mine, gate.current_sign_in()),
        owes_factor=gate.owes_factor(mine, gate.current_sign_in()),
        sign_ins=accounts.open_sign_ins(session(), mine, now()),
        this=gate.sign_in_id(),
    )


@blueprint.post("/password")
@permit(Permission.KEEP_OWN_ACCOUNT)
def change_password() -> str | Response | tuple[str, int]:
    """Change one's own password; signings in elsewhere end."""
    form = NewPasswordForm()
    limits.require(limits.OWN_PASSWORD, _mine().login)
    try:
        if form.typed("password") != form.typed("again"):
            raise NotValid("两次输入的密码不一样，请重新输入。", fault="again")
        accounts.change_password(session(), _mine(), form.typed("old"), form.typed("password"), now())
        accounts.end_others(session(), _mine(), gate.sign_in_id(), now())
    except NotValid as refusal:
        session().rollback()
        form.blame(refusal)
        return _page(form), 422
    commit()
    return redirect(url_for(".show", changed=1))


@blueprint.route("/second-factor", methods=["GET", "POST"])
@permit(Permission.KEEP_OWN_ACCOUNT)
def enrol() -> str | tuple[str, int]:
    """Take up a second factor: scan, type the first code, keep the recovery codes."""
    mine = _mine()
    if mine.has_second_factor:
        raise NotAllowed("已经启用动态码。换手机的，请联系安全管理员先解除。")
    form = CodeForm()
    if request.method == "GET":
        return _enrolment(mine, form, second_factor.new_secret())
    secret = "".join(form.typed("secret").split())
    try:
        codes = second_factor.enrol(session(), seal(), mine, secret, form.typed("code").strip(), now())
    except NotValid as refusal:
        session().rollback()
        form.blame(refusal)
        return _enrolment(_mine(), form, secret), 422
    commit()
    return render_template("office/recovery_codes.html", codes=codes)


def _enrolment(mine: Account, form: CodeForm, secret: str) -> str:
    address = second_factor.address(mine, secret, settings().site_name)
    return render_template("office/second_factor.html", form=form, secret=secret, code=drawing(address))


@blueprint.post("/sign-ins/end")
@permit(Permission.KEEP_OWN_ACCOUNT)
def end_others() -> Response:
    """End one's other signings in."""
    accounts.end_others(session(), _mine(), gate.sign_in_id(), now())
    commit()
    return redirect(url_for(".show"))
