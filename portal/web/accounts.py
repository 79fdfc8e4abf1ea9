"""Signing in and out."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, url_for
from flask import session as flask_session
from werkzeug.wrappers import Response

from portal.access import Permission
from portal.errors import NotValid
from portal.models import Account
from portal.rules import plaintext
from portal.services import accounts, people
from portal.web.forms import CodeForm, NewPasswordForm, SignInForm
from portal.web.gate import SIGN_IN_COOKIE, actor, commit, now, permit, seal, session, settings

blueprint = Blueprint("accounts", __name__, url_prefix="/office")


def _back(target: str | None) -> str:
    """Where to go after signing in: an address of our own office, whatever was sent along."""
    if target:
        parts = urlsplit(target)
        is_ours = (
            target.isprintable()
            and not parts.scheme
            and not parts.netloc
            and "\\" not in target
            and not target.startswith("//")
        )
        if is_ours and parts.path.startswith("/office"):
            return target
    return url_for("front.desk_page")


@blueprint.route("/sign-in", methods=["GET", "POST"])
@permit(Permission.SIGN_IN)
def sign_in() -> str | Response | tuple[str, int]:
    """Ask for login and password."""
    form = SignInForm()
    if request.method == "GET":
        form.back.data = request.args.get("back", "")
        return render_template("accounts/sign_in.html", form=form)
    found = accounts.recognise(session(), plaintext.received(form.typed("login")), form.typed("password"), now())
    if found is None:
        commit()
        form.blame(NotValid("登录名或密码不对，请重试。连续输错五次，账号会锁定半小时。", fault="password"))
        return render_template("accounts/sign_in.html", form=form), 422
    if found.has_second_factor:
        flask_session["awaiting"] = [found.id, int(now().timestamp())]
        commit()
        return redirect(url_for(".second_step", back=_back(form.typed("back"))))
    return _let_in(found, form.typed("back"))


#: seconds between the password and the code of the moment
_WAITS_FOR = 300


@blueprint.route("/sign-in/code", methods=["GET", "POST"])
@permit(Permission.SIGN_IN)
def second_step() -> str | Response | tuple[str, int]:
    """Ask for the code of the moment from somebody whose password was right."""
    form = CodeForm()
    account_id, asked_at = flask_session.get("awaiting", (0, 0))
    if now().timestamp() - asked_at > _WAITS_FOR:
        return redirect(url_for(".sign_in", back=request.args.get("back", "")))
    if request.method == "GET":
        form.back.data = request.args.get("back", "")
        return render_template("accounts/second_step.html", form=form)
    found = accounts.awaiting(session(), account_id, now())
    if found is None:
        return redirect(url_for(".sign_in"))
    if not accounts.check_second_factor(session(), seal(), found, plaintext.received(form.typed("code")), now()):
        commit()
        form.blame(NotValid("动态码不对或者已经用过，请等手机上换了数字再输。", fault="code"))
        return render_template("accounts/second_step.html", form=form), 422
    flask_session.pop("awaiting", None)
    return _let_in(found, form.typed("back"))


def _let_in(account: Account, back: str) -> Response:
    token = accounts.begin(session(), seal(), account, now())
    commit()
    answer = redirect(_back(back))
    answer.set_cookie(SIGN_IN_COOKIE, token, path="/office", httponly=True, samesite="Lax", secure=settings().is_https)
    return answer


@blueprint.route("/invitations/<token>", methods=["GET", "POST"])
@permit(Permission.SIGN_IN)
def invitation(token: str) -> str | Response | tuple[str, int]:
    """Set a password with the link of an invitation."""
    invited = people.invited(session(), seal(), token, now())
    form = NewPasswordForm()
    if request.method == "GET":
        return render_template("accounts/invitation.html", form=form, invited=invited)
    try:
        if form.typed("password") != form.typed("again"):
            raise NotValid("两次输入的密码不一样，请重新输入。", fault="again")
        people.accept(session(), seal(), token, form.typed("password"), now())
    except NotValid as refusal:
        session().rollback()
        form.blame(refusal)
        invited = people.invited(session(), seal(), token, now())
        return render_template("accounts/invitation.html", form=form, invited=invited), 422
    commit()
    return redirect(url_for(".sign_in", welcome=1))


@blueprint.post("/sign-out")
@permit(Permission.KEEP_OWN_ACCOUNT)
def sign_out() -> Response:
    """End this signing in."""
    accounts.sign_out(session(), seal(), request.cookies.get(SIGN_IN_COOKIE, ""), actor(), now())
    commit()
    answer = redirect(url_for("consultations.home"))
    answer.delete_cookie(SIGN_IN_COOKIE, path="/office")
    return answer
