"""Signing in and out."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.access import Permission
from portal.errors import NotValid
from portal.rules import plaintext
from portal.services import accounts
from portal.web.forms import SignInForm
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
    token = accounts.sign_in(session(), seal(), plaintext.received(form.typed("login")), form.typed("password"), now())
    commit()
    if token is None:
        form.blame(NotValid("登录名或密码不对，请重试。连续输错五次，账号会锁定半小时。", fault="password"))
        return render_template("accounts/sign_in.html", form=form), 422
    answer = redirect(_back(form.typed("back")))
    answer.set_cookie(SIGN_IN_COOKIE, token, path="/office", httponly=True, samesite="Lax", secure=settings().is_https)
    return answer


@blueprint.post("/sign-out")
@permit(Permission.ENTER_OFFICE)
def sign_out() -> Response:
    """End this signing in."""
    accounts.sign_out(session(), seal(), request.cookies.get(SIGN_IN_COOKIE, ""), actor(), now())
    commit()
    answer = redirect(url_for("consultations.home"))
    answer.delete_cookie(SIGN_IN_COOKIE, path="/office")
    return answer
