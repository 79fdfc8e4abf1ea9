"""Signing in and out."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, url_for
from flask import session as flask_session
from werkzeug.wrappers import Response

from portal.access import Permission
from portal.errors import NotValid
from portal.rules import plaintext
from portal.services import accounts, people
from portal.web import gate
from portal.web.forms import CodeForm, NewPasswordForm, SignInForm
from portal.web.gate import SIGN_IN_COOKIE, actor, commit, now, permit, seal, session, settings

blueprint = Blueprint("accounts", __name__, url_prefix="/office")


def safe_back(target: str | None) -> str:
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
        return sign_in_page(form)
    found = accounts.recognise(session(), plaintext.received(form.typed("login")), form.typed("password"), now())
    if found is None:
        commit()
        form.blame(NotValid("登录名或密码不对，请重试。连续输错五次，账号会锁定半小时。", fault="password"))
        return sign_in_page(form), 422
    if found.has_second_factor:
        commit()
        return ask_for_code(found.id, form.typed("back"))
    token = accounts.begin(session(), seal(), found, now())
    commit()
    return let_in(token, form.typed("back"))


def sign_in_page(form: SignInForm, said: str = "") -> str:
    """The page that asks for login and password, or leads to the identity provider; `said`: why that did not do."""
    provider = settings().oidc_label if gate.identity_provider() else ""
    return render_template("accounts/sign_in.html", form=form, provider=provider, said=said)


def ask_for_code(account_id: int, back: str, is_by_provider: bool = False) -> Response:
    """On to the second step, for somebody who has shown who they are."""
    flask_session["awaiting"] = [account_id, int(now().timestamp()), is_by_provider]
    return redirect(url_for("accounts.second_step", back=safe_back(back)))


#: seconds between the password and the code of the moment
_WAITS_FOR = 300


@blueprint.route("/sign-in/code", methods=["GET", "POST"])
@permit(Permission.SIGN_IN)
def second_step() -> str | Response | tuple[str, int]:
    """Ask for the code of the moment from somebody whose password was right."""
    form = CodeForm()
    # a cookie from before there was a third one may still be on its way
    account_id, asked_at, *rest = flask_session.get("awaiting", (0, 0))
    is_by_provider = bool(rest and rest[0])
    if now().timestamp() - asked_at > _WAITS_FOR:
        return redirect(url_for(".sign_in", back=request.args.get("back", "")))
    if request.method == "GET":
        form.back.data = request.args.get("back", "")
        return render_template("accounts/second_step.html", form=form, is_by_provider=is_by_provider)
    found = accounts.awaiting(session(), account_id, now())
    if found is None:
        return redirect(url_for(".sign_in"))
    if not accounts.check_second_factor(session(), seal(), found, plaintext.received(form.typed("code")), now()):
        commit()
        form.blame(NotValid("动态码不对或者已经用过，请等手机上换了数字再输。", fault="code"))
        return render_template("accounts/second_step.html", form=form, is_by_provider=is_by_provider), 422
    flask_session.pop("awaiting", None)
    token = accounts.begin(session(), seal(), found, now(), is_by_provider=is_by_provider)
    commit()
    return let_in(token, form.typed("back"))


def let_in(token: str, back: str) -> Response:
    """Into the office, with the cookie of a signing in that was committed."""
    answer = redirect(safe_back(back))
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
    """End this signing in, and the one at the identity provider if that is where it came from."""
    found, provider = gate.current_sign_in(), gate.identity_provider()
    accounts.sign_out(session(), seal(), request.cookies.get(SIGN_IN_COOKIE, ""), actor(), now())
    commit()
    way_out = provider.way_out(settings().public_url + "/") if provider and found and found.is_by_provider else None
    answer = redirect(way_out or url_for("consultations.home"))
    answer.delete_cookie(SIGN_IN_COOKIE, path="/office")
    return answer
