"""Signing in by the identity provider, against one that runs: the whole way, and everything that may go wrong on it."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pyotp
import pytest
from sqlalchemy import select

from portal import config, create_app
from portal.access import Role
from portal.models import Account, AccountIdentity, AuditEvent, SignIn
from portal.oidc import is_safe
from portal.rules import id_tokens
from portal.services import second_factor
from tests import factories, pages
from tests.provider import CLIENT, SECRET, Provider

BEGIN, BACK = "/office/sign-in/provider", "/office/sign-in/provider/back"


@pytest.fixture(scope="module")
def running():
    made = Provider()
    yield made
    made.stop()


@pytest.fixture
def provider(running):
    running.manner()
    return running


@pytest.fixture
def settings(settings, provider):
    return dataclasses.replace(
        settings, oidc_issuer=provider.issuer, oidc_client_id=CLIENT, oidc_client_secret=SECRET, oidc_timeout=2.0
    )


@pytest.fixture
def client(app, site, clock):
    # the provider tells the time of this machine
    clock.at = datetime.now(UTC)
    return app.test_client()


def reopened(app, **changes):
    """The same site with other settings."""
    made = create_app(dataclasses.replace(app.extensions["settings"], **changes))
    made.config.update(TESTING=True)
    made.test_client_class = pages.Browser
    made.extensions["clock"] = app.extensions["clock"]
    return made


def bind(app, role="moderator", subject="u-1001"):
    """The security administrator binds an account."""
    office = app.test_client().sign_in("security")
    # the samples' passwords are as old as NOON
    number = account(app, role).id
    with app.extensions["database"].transaction() as session:
        for each in session.scalars(select(Account)):
            each.password_changed_at = app.extensions["clock"].at
    return office.post(f"/office/staff/{number}/bind", data={"subject": subject})


def account(app, login):
    with app.extensions["database"].reader() as session:
        return session.scalar(select(Account).where(Account.login == login))


def acts(app, *names):
    with app.extensions["database"].reader() as session:
        return session.scalars(select(AuditEvent).where(AuditEvent.act.in_(names)).order_by(AuditEvent.id)).all()


def signed_in(app):
    """Who was let in by the provider."""
    with app.extensions["database"].reader() as session:
        return [row.account.login for row in session.scalars(select(SignIn).where(SignIn.is_by_provider))]


def out(client, back=""):
    """To the provider: the address the browser is sent to."""
    answer = client.get(BEGIN + (f"?back={quote(back)}" if back else ""))
    assert answer.status_code == 302, answer.status_code
    return answer.headers["Location"]


def returned(provider, address, person="zhou"):
    """The provider's answer, as an address of ours."""
    parts = urlsplit(provider.answer(address, person))
    assert f"{parts.scheme}://{parts.netloc}" == "http://127.0.0.1:8000"
    return f"{parts.path}?{parts.query}"


def journey(client, provider, person="zhou", back=""):
    return client.get(returned(provider, out(client, back), person))


def is_in(client):
    return client.get("/office/").status_code == 200


def refused(answer, status, *words):
    page = pages.Page(answer.text)
    assert answer.status_code == status, page.text
    for word in words:
        assert word in page.text, page.text
    assert any(field.get("type") == "password" for field in page.all("input"))
    return page


def test_the_whole_way_in_and_out(app, client, provider):
    assert bind(app).status_code == 302
    page = client.page("/office/sign-in?back=/office/audit/")
    assert "用统一身份认证登录" in page.text
    link = next(a.get("href") for a in page.all("a") if (a.get("href") or "").startswith(BEGIN))
    assert parse_qs(urlsplit(link).query) == {"back": ["/office/audit/"]}

    asked = parse_qs(urlsplit(out(client, "/office/account/")).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == ["http://127.0.0.1:8000" + BACK]
    answer = journey(client, provider, back="/office/account/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/office/account/")
    assert is_in(client)
    (heard,) = provider.heard()
    assert heard["form"]["grant_type"] == "authorization_code"
    assert SECRET not in str(heard["form"])
    assert base64.b64decode(heard["authorization"].removeprefix("Basic ")).startswith(b"portal:a%20secret%3A")

    (event,) = [event for event in acts(app, "account.sign_in") if event.details]
    assert event.subject == "account:moderator"
    assert event.details == {"by": "provider", "is_factor_vouched": False}
    left = client.post("/office/sign-out", data={})
    way = urlsplit(left.headers["Location"])
    assert f"{way.scheme}://{way.netloc}{way.path}" == provider.issuer + "/end"
    assert parse_qs(way.query) == {"client_id": [CLIENT], "post_logout_redirect_uri": ["http://127.0.0.1:8000/"]}
    assert not is_in(client)


def test_whoever_came_with_a_password_leaves_only_here(app, client):
    client.sign_in("auditor")
    assert client.post("/office/sign-out", data={}).headers["Location"] == "/"


@pytest.mark.parametrize(
    "facts",
    [{"end_session_endpoint": "https://elsewhere.example/end"}, {"end_session_endpoint": "javascript:alert(1)"}],
    ids=str,
)
def test_leaving_leads_nowhere_but_to_the_provider(app, client, provider, facts):
    bind(app)
    provider.manner(facts=facts)
    assert journey(client, provider).status_code == 302
    assert client.post("/office/sign-out", data={}).headers["Location"] == "/"
    assert not is_in(client)


def test_a_provider_that_wants_the_secret_in_the_form(app, client, provider):
    bind(app)
    provider.manner(facts={"token_endpoint_auth_methods_supported": ["client_secret_post"]})
    assert journey(client, provider).status_code == 302
    (heard,) = provider.heard()
    assert heard["form"]["client_secret"] == SECRET
    assert heard["authorization"] == ""


def test_the_verifier_is_the_one_the_challenge_was_made_from(app, client, provider):
    bind(app)
    address = out(client)
    client.get(returned(provider, address))
    verifier = provider.heard()[0]["form"]["code_verifier"]
    expected = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    assert parse_qs(urlsplit(address).query)["code_challenge"] == [expected]


def test_another_browser_cannot_use_the_answer(app, client, provider):
    bind(app)
    address = returned(provider, out(client))
    other = app.test_client()
    out(other)  # it has begun a way of its own
    refused(other.get(address), 422, "不是从这个浏览器开始的")
    refused(app.test_client().get(address), 422, "不是从这个浏览器开始的")
    assert provider.heard() == []
    assert signed_in(app) == []


@pytest.mark.parametrize("change", ["state=", "state=x", "nothing"])
def test_a_wrong_state_is_refused(app, client, provider, change):
    bind(app)
    code = parse_qs(urlsplit(returned(provider, out(client))).query)["code"][0]
    address = f"{BACK}?code={code}" + ("" if change == "nothing" else f"&{change}")
    refused(client.get(address), 422, "不是从这个浏览器开始的")
    assert not is_in(client)


def test_an_answer_is_taken_once(app, client, provider):
    bind(app)
    address = returned(provider, out(client))
    assert client.get(address).status_code == 302
    refused(client.get(address), 422, "已经过期")
    assert signed_in(app) == ["moderator"]


def test_a_code_is_taken_once_even_with_a_new_state(app, client, provider):
    bind(app)
    first = parse_qs(urlsplit(returned(provider, out(client))).query)
    client.get(BACK + "?" + urlencode({"code": first["code"][0], "state": first["state"][0]}))
    state = parse_qs(urlsplit(out(client)).query)["state"][0]
    refused(client.get(BACK + "?" + urlencode({"code": first["code"][0], "state": state})), 422, "没有通过核对")
    assert signed_in(app) == ["moderator"]


def test_a_code_of_somebody_else_is_of_no_use(app, client, provider):
    """PKCE: a code that was slipped into another browser's way is not exchanged."""
    bind(app)
    stolen = parse_qs(urlsplit(returned(provider, out(app.test_client()))).query)["code"][0]
    state = parse_qs(urlsplit(out(client)).query)["state"][0]
    refused(client.get(BACK + "?" + urlencode({"code": stolen, "state": state})), 422, "没有通过核对")
    assert signed_in(app) == []


def test_an_answer_that_took_too_long(app, client, provider, clock):
    bind(app)
    address = returned(provider, out(client))
    clock.at += timedelta(minutes=21)
    refused(client.get(address), 422, "已经过期")


@pytest.mark.parametrize(
    "manner",
    [
        {"claims": {"nonce": "another"}},
        {"claims": {"nonce": None}},
        {"claims": {"aud": "somebody"}},
        {"claims": {"aud": [CLIENT, "somebody"]}},
        {"claims": {"aud": [CLIENT, "somebody"], "azp": "somebody"}},
        {"claims": {"azp": "somebody"}},
        {"claims": {"iss": "https://elsewhere.example"}},
        {"claims": {"exp": 1}},
        {"claims": {"exp": "tomorrow"}},
        {"claims": {"iat": 99999999999}},
        {"claims": {"nbf": 99999999999}},
        {"claims": {"sub": ""}},
        {"claims": {"sub": 1001}},
        {"claims": {"sub": "u-1001\n"}},
        {"claims": {"sub": "u" * 300}},
        {"signature": "none"},
        {"signature": "secret"},
        {"signature": "stranger"},
        {"signature": "changed"},
        {"token_status": 400},
        {"token_status": 401},
    ],
    ids=str,
)
def test_what_does_not_hold_lets_nobody_in(app, client, provider, manner):
    bind(app)
    provider.manner(**manner)
    page = refused(journey(client, provider), 422, "返回的登录信息没有通过核对")
    assert "alert(1)" not in page.source
    assert not is_in(client)
    assert signed_in(app) == []


def test_clocks_may_differ_a_little(app, client, provider):
    bind(app)
    now = int(time.time())
    provider.manner(claims={"exp": now - id_tokens.LEEWAY + 20, "iat": now + id_tokens.LEEWAY - 20})
    assert journey(client, provider).status_code == 302
    provider.manner(claims={"exp": now - id_tokens.LEEWAY - 20})
    refused(journey(app.test_client(), provider), 422, "没有通过核对")


def test_keys_that_were_changed_are_fetched_anew(app, client, provider):
    bind(app)
    assert journey(client, provider).status_code == 302
    provider.rotate()
    other = app.test_client()
    assert journey(other, provider).status_code == 302
    assert is_in(other)


def test_a_provider_that_is_slow_costs_one_time_out(app, client, provider):
    provider.manner(delay=8)
    began = time.monotonic()
    refused(client.get(BEGIN), 503, "暂时连不上统一身份认证", "用登录名和密码登录")
    first = time.monotonic() - began
    assert first < 7
    refused(client.get(BEGIN), 503, "暂时连不上")
    assert time.monotonic() - began - first < 1.5
    assert client.sign_in("auditor")


def test_a_provider_that_goes_away_in_the_middle(app, client, provider):
    bind(app)
    provider.manner(token_delay=8)
    refused(journey(client, provider), 503, "暂时连不上")
    provider.manner(token_status=502)
    refused(journey(client, provider), 503, "暂时连不上")
    provider.manner()
    assert journey(client, provider).status_code == 302


def test_nobody_at_the_address(app, site):
    away = reopened(app, oidc_issuer="http://127.0.0.1:9")
    browser = away.test_client()
    refused(browser.get(BEGIN), 503, "暂时连不上")
    assert browser.sign_in("auditor")
    away.extensions["database"].engine.dispose()


@pytest.mark.parametrize(
    "manner",
    [
        {"facts": {"issuer": "https://elsewhere.example"}},
        {"facts": {"token_endpoint": "http://elsewhere.example/token"}, "at": "token"},
        {"facts": {"authorization_endpoint": "javascript:alert(1)"}},
        {"facts": {"authorization_endpoint": None}},
        {"facts": {"jwks_uri": "file:///etc/passwd"}},
        {"redirects": "http://127.0.0.1:9/elsewhere"},
    ],
    ids=str,
)
def test_a_discovery_document_that_is_none(app, client, provider, manner):
    bind(app)
    provider.manner(**manner)
    answer = journey(client, provider) if manner.get("at") else client.get(BEGIN)
    refused(answer, 503, "暂时连不上")


@pytest.mark.parametrize("error", ["access_denied", "<script>alert(1)</script>", "server_error"])
def test_what_the_provider_says_is_never_shown(app, client, provider, error):
    state = parse_qs(urlsplit(out(client)).query)["state"][0]
    told = {"error": error, "error_description": "请致电 10000 <b>客服</b>", "state": state}
    page = refused(client.get(f"{BACK}?{urlencode(told)}"), 422, "没有确认您的身份")
    for word in (error, "10000", "客服"):
        assert word not in page.source
    other = {
        "code": "x",
        "state": parse_qs(urlsplit(out(client)).query)["state"][0],
        "iss": "https://elsewhere.example",
    }
    refused(client.get(f"{BACK}?{urlencode(other)}"), 422, "没有通过核对")


@pytest.mark.parametrize(
    "back", ["https://elsewhere.example/", "//elsewhere.example/office", "/office\\@x", "/receipts/"]
)
def test_nobody_is_led_elsewhere_afterwards(app, client, provider, back):
    bind(app)
    assert journey(client, provider, back=back).headers["Location"] == "/office/"


def test_the_request_does_not_say_where_the_provider_answers_to(app, client):
    answer = client.get(BEGIN, headers={"Host": "elsewhere.example"})
    asked = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert asked["redirect_uri"] == ["http://127.0.0.1:8000" + BACK]


def test_a_stranger_learns_their_number_and_gets_no_account(app, client, provider):
    refused(journey(client, provider, "lin"), 403, "u-2002", "安全管理员")
    with app.extensions["database"].reader() as session:
        assert session.scalar(select(AccountIdentity)) is None
        assert len(session.scalars(select(Account)).all()) == len(Role)
    assert not is_in(client)


def test_a_login_binds_nothing_unless_it_is_allowed(app, client, provider):
    refused(journey(client, provider), 403, "u-1001")
    assert acts(app, "account.bind") == []


def test_a_login_binds_once_where_it_is_allowed(app, client, provider):
    linking = reopened(app, oidc_link_claim="preferred_username")
    browser = linking.test_client()
    assert journey(browser, provider).status_code == 302
    (event,) = acts(app, "account.bind")
    assert event.details == {"subject": "u-1001", "by": "preferred_username"}
    # another subject that took up the same name there is nobody here
    refused(journey(linking.test_client(), provider, "wu"), 403, "u-3003")
    # and whoever was renamed there stays who they are
    provider.manner(claims={"preferred_username": "administrator"})
    again = linking.test_client()
    assert journey(again, provider).status_code == 302
    assert signed_in(app) == ["moderator", "moderator"]
    linking.extensions["database"].engine.dispose()


@pytest.mark.parametrize("linked", [True, False])
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"is_active": False}, "已停用"),
        ({"locked_until": datetime.now(UTC) + timedelta(days=1)}, "临时锁定"),
    ],
    ids=["closed", "locked"],
)
def test_closed_and_locked_accounts_stay_out(app, client, provider, change, words, linked):
    if linked:
        bind(app)
    with app.extensions["database"].transaction() as session:
        found = session.scalar(select(Account).where(Account.login == "moderator"))
        for name, value in change.items():
            setattr(found, name, value)
    site = reopened(app, oidc_link_claim="preferred_username")
    refused(journey(site.test_client(), provider), 403, words)
    assert signed_in(app) == []
    assert len(acts(app, "account.bind")) == linked
    site.extensions["database"].engine.dispose()


def enrolled(app, seal, login="moderator"):
    """Gives an account a second factor; its secret."""
    secret, at = second_factor.new_secret(), app.extensions["clock"].at - timedelta(minutes=5)
    with app.extensions["database"].transaction() as session:
        found = session.scalar(select(Account).where(Account.login == login))
        second_factor.enrol(session, seal, found, secret, pyotp.TOTP(secret).at(at), at)
    return secret


def test_our_own_second_factor_is_asked_for(app, client, provider, seal):
    bind(app)
    secret = enrolled(app, seal)
    provider.manner(amr=["pwd", "mfa"], acr="strong")  # words nobody here said to believe
    step = journey(client, provider, back="/office/account/")
    assert step.headers["Location"].startswith("/office/sign-in/code")
    assert not is_in(client)
    assert "身份已经确认" in client.page(step.headers["Location"]).text
    assert client.post("/office/sign-in/code", data={"code": "000000", "back": ""}).status_code == 422
    code = pyotp.TOTP(secret).at(app.extensions["clock"].at)
    assert client.post("/office/sign-in/code", data={"code": code, "back": "/office/account/"}).status_code == 302
    assert is_in(client)
    assert signed_in(app) == ["moderator"]


@pytest.mark.parametrize("manner", [{"amr": ["pwd", "otp"]}, {"acr": "urn:bureau:strong"}], ids=str)
def test_the_provider_s_second_factor_counts_where_the_setting_says_so(app, client, provider, seal, manner):
    bind(app)
    enrolled(app, seal)
    site = reopened(app, oidc_factors=frozenset({"otp", "urn:bureau:strong"}))
    browser = site.test_client()
    provider.manner(**manner)
    assert journey(browser, provider).headers["Location"] == "/office/"
    assert is_in(browser)
    provider.manner(amr=["pwd"])
    assert journey(site.test_client(), provider).headers["Location"].startswith("/office/sign-in/code")
    site.extensions["database"].engine.dispose()


def test_a_required_second_factor_is_owed_unless_the_provider_vouches_for_one(app, client, provider):
    bind(app)
    site = reopened(app, is_second_factor_required=True, oidc_factors=frozenset({"mfa"}))
    browser = site.test_client()
    journey(browser, provider)
    assert browser.get("/office/").headers["Location"] == "/office/account/"
    assert "请先办理下面的事" in browser.page("/office/account/").text
    provider.manner(amr=["mfa"])
    other = site.test_client()
    journey(other, provider)
    assert is_in(other)
    assert "请先办理下面的事" not in other.page("/office/account/").text
    site.extensions["database"].engine.dispose()


def test_an_old_password_is_not_owed_by_whoever_did_not_use_it(app, client, provider, clock):
    bind(app)
    clock.at += timedelta(minutes=1)
    with app.extensions["database"].transaction() as session:
        session.scalar(select(Account).where(Account.login == "moderator")).password_changed_at = factories.NOON
    journey(client, provider)
    assert is_in(client)
    with_password = app.test_client().sign_in("moderator")
    assert with_password.get("/office/").headers["Location"] == "/office/account/"


def test_binding_is_for_the_security_administrator_and_never_one_s_own(app, client, provider):
    assert bind(app).status_code == 302
    number = account(app, "moderator").id
    office = app.test_client().sign_in("security")
    assert "u-1001" in office.page(f"/office/staff/{number}").text
    address = f"/office/staff/{account(app, 'drafter').id}/"
    assert office.post(address + "bind", data={"subject": "u-1001"}).status_code == 422
    for wrong in ("", "周青", "x" * 300):
        assert office.post(address + "bind", data={"subject": wrong}).status_code == 422
    assert office.post(f"/office/staff/{number}/bind", data={"subject": "u-5"}).status_code == 409
    assert office.post(address + "unbind", data={}).status_code == 409
    own = account(app, "security").id
    assert office.post(f"/office/staff/{own}/bind", data={"subject": "u-6"}).status_code == 403
    administrator = app.test_client().sign_in("administrator")
    assert administrator.post(address + "bind", data={"subject": "u-7"}).status_code == 403
    assert "绑定身份编号" not in administrator.page(f"/office/staff/{number}").text


def test_unbinding_ends_what_came_by_the_provider_and_nothing_else(app, client, provider):
    bind(app)
    journey(client, provider)
    here = app.test_client().sign_in("moderator")
    number = account(app, "moderator").id
    assert app.test_client().sign_in("security").post(f"/office/staff/{number}/unbind", data={}).status_code == 302
    assert not is_in(client)
    assert is_in(here)
    assert [event.act for event in acts(app, "account.bind", "account.unbind")] == ["account.bind", "account.unbind"]
    refused(journey(app.test_client(), provider), 403, "u-1001")


def test_forms_may_lead_to_the_provider_from_the_office_only(app, client, provider):
    assert f"form-action 'self' {provider.issuer};" in client.get("/office/sign-in").headers["Content-Security-Policy"]
    assert "form-action 'self';" in client.get("/").headers["Content-Security-Policy"]


def test_without_the_setting_there_is_nothing_of_it(app, site):
    plain = reopened(app, oidc_issuer="")
    browser = plain.test_client()
    page = browser.page("/office/sign-in")
    assert BEGIN not in page.source
    assert browser.get(BEGIN).status_code == 404
    assert browser.get(BACK).status_code == 404
    number = account(app, "moderator").id
    office = plain.test_client().sign_in("security")
    assert office.post(f"/office/staff/{number}/bind", data={"subject": "u-1"}).status_code == 404
    assert "form-action 'self';" in office.get("/office/sign-in").headers["Content-Security-Policy"]
    plain.extensions["database"].engine.dispose()


def test_settings_that_would_be_unsafe_are_refused(tmp_path):
    given = {"PORTAL_DATA_DIR": str(tmp_path), "PORTAL_OIDC_CLIENT_ID": "portal"}
    for issuer in ("http://id.example.gov.cn", "ldap://x", "id.example.gov.cn"):
        with pytest.raises(ValueError, match="https"):
            config.from_environment(given | {"PORTAL_OIDC_ISSUER": issuer})
    with pytest.raises(ValueError, match="CLIENT_ID"):
        config.from_environment({"PORTAL_DATA_DIR": str(tmp_path), "PORTAL_OIDC_ISSUER": "https://id.example.gov.cn"})
    secret = tmp_path / "secret"
    secret.write_text("kept\n")
    made = config.from_environment(
        given | {"PORTAL_OIDC_ISSUER": "https://id.example.gov.cn", "PORTAL_OIDC_CLIENT_SECRET_FILE": str(secret),
                 "PORTAL_OIDC_SECOND_FACTOR": "mfa, otp"}
    )  # fmt: skip
    assert (made.oidc_client_secret, made.oidc_factors) == ("kept", {"mfa", "otp"})
    assert not is_safe("https://user@id.example.gov.cn/")
    assert not is_safe("https://id.example.gov.cn:port/")
