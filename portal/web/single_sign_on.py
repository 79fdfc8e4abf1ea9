"""Signing in by the bureau's identity provider: out to it with what only this browser knows, and back again."""

from __future__ import annotations

import secrets

from flask import Blueprint, current_app, redirect, request, url_for
from flask import session as flask_session
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.access import Permission
from portal.errors import NotAllowed, NotThere, NotValid, Refusal
from portal.oidc import Away, Provider
from portal.rules.id_tokens import NotVouched, Vouched
from portal.services import accounts, binding
from portal.web import display, gate
from portal.web.accounts import ask_for_code, let_in, safe_back, sign_in_page
from portal.web.forms import SignInForm
from portal.web.gate import database, now, permit, seal, settings

blueprint = Blueprint("single_sign_on", __name__, url_prefix="/office/sign-in/provider")

#: seconds somebody may take at the provider: a lost telephone, a new password
_WAITS_FOR = 1200
_LONGEST_CODE = 4096


def _provider() -> Provider:
    found = gate.identity_provider()
    if found is None:
        raise NotThere("没有找到这一页。它可能已移动，请从首页重新进入。")
    return found


def _return_address() -> str:
    """Our address the provider knows; never from what a request says of its host."""
    return settings().public_url + url_for(".arrive")


@blueprint.get("")
@permit(Permission.SIGN_IN)
def begin() -> Response | tuple[str, int]:
    """Off to the provider."""
    provider, back = _provider(), safe_back(request.args.get("back"))
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    try:
        address = provider.way_in(back=_return_address(), state=state, nonce=nonce, verifier=verifier)
    except (Away, NotVouched) as fault:
        return _away(fault, back)
    flask_session["at_provider"] = {
        "state": state, "nonce": nonce, "verifier": verifier, "back": back, "at": int(now().timestamp()),
    }  # fmt: skip
    return redirect(address)


@blueprint.get("/back")
@permit(Permission.SIGN_IN)
def arrive() -> Response | tuple[str, int]:
    """Back from the provider: whoever it vouches for is let in, if an account is theirs."""
    provider = _provider()
    # what was agreed with this browser is good for one return, whatever comes of it
    agreed = flask_session.pop("at_provider", None) or {}
    back = safe_back(agreed.get("back"))
    try:
        code = _code(agreed, provider)
        vouched = provider.vouched(
            code, back=_return_address(), nonce=agreed["nonce"], verifier=agreed["verifier"], at=now()
        )
        return _recognised(provider, vouched, back)
    except Away as fault:
        return _away(fault, back)
    except NotVouched as fault:
        current_app.logger.warning("identity provider: %s", fault)
        return _refused(
            NotValid("%(provider)s返回的登录信息没有通过核对，没有登录。请重试；仍然不行的，请联系系统管理员。", provider=_label()),
            back, 422,
        )  # fmt: skip
    except NotAllowed as refusal:
        return _refused(refusal, back, 403)
    except NotValid as refusal:
        return _refused(refusal, back, 422)


def _code(agreed: dict[str, object], provider: Provider) -> str:
    """The code that came along. Raises NotValid when this browser did not ask for it, or the provider gave none."""
    state, asked_at = str(agreed.get("state", "")), agreed.get("at", 0)
    is_ours = state and secrets.compare_digest(state.encode(), request.args.get("state", "").encode())
    if not is_ours or not isinstance(asked_at, int) or now().timestamp() - asked_at > _WAITS_FOR:
        raise NotValid("这次登录已经过期，或者不是从这个浏览器开始的。请重新登录。")
    # RFC 9207: whoever answers says who they are
    if request.args.get("iss", provider.issuer) != provider.issuer:
        raise NotVouched("the answer came from another issuer")
    code = request.args.get("code", "")
    if "error" in request.args or not 0 < len(code) <= _LONGEST_CODE:
        current_app.logger.info("identity provider: said no: %.80r", request.args.get("error", ""))
        raise NotValid("%(provider)s没有确认您的身份，没有登录。请重试，或者用登录名和密码登录。", provider=_label())
    return code


def _recognised(provider: Provider, vouched: Vouched, back: str) -> Response:
    is_factor_vouched = bool(vouched.factors & settings().oidc_factors)
    # the one write of this GET, in a transaction of its own: nobody is waited for while it is open
    with database().transaction() as writing:
        account = binding.recognise(writing, provider.issuer, vouched, settings().oidc_link_claim, now())
        account_id, token = account.id, ""
        if is_factor_vouched or not account.has_second_factor:
            token = accounts.begin(
                writing, seal(), account, now(), is_by_provider=True, is_factor_vouched=is_factor_vouched
            )
    return let_in(token, back) if token else ask_for_code(account_id, back, is_by_provider=True)


def _label() -> str:
    return str(gettext(settings().oidc_label))


def _away(fault: Exception, back: str) -> tuple[str, int]:
    current_app.logger.warning("identity provider: %s", fault)
    sentence = NotValid("暂时连不上%(provider)s。请稍后再试，或者用登录名和密码登录。", provider=_label())
    return _refused(sentence, back, 503)


def _refused(refusal: Refusal, back: str, status: int) -> tuple[str, int]:
    """The page to sign in at, with one sentence of ours: nothing the provider or the address said."""
    form = SignInForm(formdata=None)
    form.back.data = back
    return sign_in_page(form, display.sentence(refusal)), status
