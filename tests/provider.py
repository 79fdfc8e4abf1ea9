"""An OpenID provider of the tests' own, in a process of its own on loopback: Authlib's server, and ways to misbehave.

`python -m tests.provider PORT` serves until it is ended. `Provider` starts one, tells it how to misbehave, and ends it.
"""

from __future__ import annotations

import base64
import hmac
import itertools
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.postgres import free_port

CLIENT, SECRET = "portal", "a secret: with 100% of & = +"
#: who can sign in there: the subject, and what the provider calls them
PEOPLE = {
    "zhou": {"sub": "u-1001", "preferred_username": "moderator"},
    "lin": {"sub": "u-2002", "preferred_username": "nobody-here"},
    "wu": {"sub": "u-3003", "preferred_username": "moderator"},
}


class Provider:
    """A provider that runs. `manner(...)` says how it misbehaves from now on; `manner()` that it behaves."""

    def __init__(self) -> None:
        self.port = free_port()
        self.issuer = f"http://127.0.0.1:{self.port}"
        self._start()

    def _start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.provider", str(self.port)],
            cwd=Path(__file__).resolve().parents[1],
            env=os.environ | {"AUTHLIB_INSECURE_TRANSPORT": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(300):
            try:
                requests.get(self.issuer + "/jwks", timeout=5)
                return
            except requests.ConnectionError:
                if self._process.poll() is not None:
                    raise RuntimeError("the provider did not start") from None
                time.sleep(0.05)
        raise RuntimeError("the provider did not answer")

    def manner(self, **manner: Any) -> None:
        requests.post(self.issuer + "/manner", json=manner, timeout=5).raise_for_status()

    def rotate(self) -> None:
        """Other keys from now on."""
        requests.post(self.issuer + "/rotate", timeout=5).raise_for_status()

    def heard(self) -> list[dict[str, Any]]:
        """Every request for a token: its form, and how the client showed who it is."""
        found: list[dict[str, Any]] = requests.get(self.issuer + "/heard", timeout=5).json()
        return found

    def answer(self, address: str, person: str) -> str:
        """Where the browser is sent back to when this person signs in."""
        answer = requests.post(address, data={"person": person}, allow_redirects=False, timeout=5)
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)


@dataclass
class _Person:
    name: str

    def get_user_id(self) -> str:
        return PEOPLE[self.name]["sub"]


def _application(issuer: str) -> Any:
    from authlib.integrations.flask_oauth2 import AuthorizationServer
    from authlib.oauth2 import OAuth2Error
    from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin, grants
    from authlib.oauth2.rfc7636 import CodeChallenge
    from authlib.oidc.core import OpenIDCode
    from flask import Flask, redirect, request
    from joserfc import jwk, jwt

    numbers = itertools.count(1)

    def new_key() -> Any:
        return jwk.RSAKey.generate_key(2048, {"kid": f"key-{next(numbers)}", "use": "sig", "alg": "RS256"})

    state: dict[str, Any] = {"key": new_key(), "manner": {}, "heard": []}
    codes: dict[str, Any] = {}

    class Client(ClientMixin):
        def get_client_id(self) -> str:
            return CLIENT

        def get_default_redirect_uri(self) -> str:
            return ""

        def get_allowed_scope(self, scope: str) -> str:
            return scope

        def check_redirect_uri(self, redirect_uri: str) -> bool:
            return redirect_uri.endswith("/office/sign-in/provider/back")

        def check_client_secret(self, client_secret: str) -> bool:
            return client_secret == SECRET

        def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
            return method in ("client_secret_basic", "client_secret_post")

        def check_response_type(self, response_type: str) -> bool:
            return response_type == "code"

        def check_grant_type(self, grant_type: str) -> bool:
            return grant_type == "authorization_code"

    @dataclass
    class Code(AuthorizationCodeMixin):
        code: str
        redirect_uri: str
        scope: str
        nonce: str
        person: _Person
        code_challenge: str
        code_challenge_method: str

        def get_redirect_uri(self) -> str:
            return self.redirect_uri

        def get_scope(self) -> str:
            return self.scope

        def get_nonce(self) -> str:
            return self.nonce

        def get_auth_time(self) -> int:
            return int(time.time())

        def get_acr(self) -> str | None:
            return state["manner"].get("acr")

        def get_amr(self) -> list[str] | None:
            return state["manner"].get("amr")

    class Grant(grants.AuthorizationCodeGrant):
        TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]

        def save_authorization_code(self, code: str, request: Any) -> Any:
            sent = request.payload.data
            codes[code] = Code(
                code, sent["redirect_uri"], sent["scope"], sent["nonce"], request.user, sent["code_challenge"],
                sent["code_challenge_method"],
            )  # fmt: skip
            return codes[code]

        def query_authorization_code(self, code: str, client: Any) -> Any:
            return codes.get(code)

        def delete_authorization_code(self, authorization_code: Any) -> None:
            del codes[authorization_code.code]

        def authenticate_user(self, authorization_code: Any) -> Any:
            return authorization_code.person

    class Words(OpenIDCode):
        def exists_nonce(self, nonce: str, request: Any) -> bool:
            return any(code.nonce == nonce for code in codes.values())

        def get_client_claims(self, client: Any) -> dict[str, Any]:
            return {"iss": issuer}

        def get_encode_header(self, client: Any) -> dict[str, Any]:
            return {"alg": "RS256", "kid": state["key"].kid}

        def resolve_client_private_key(self, client: Any) -> Any:
            return state["key"]

        def generate_user_info(self, user: _Person, scope: str) -> dict[str, Any]:
            changed: dict[str, Any] = state["manner"].get("claims", {})
            return PEOPLE[user.name] | changed

        def encode_id_token(self, token: Any, request: Any) -> str:
            encoded: str = super().encode_id_token(token, request)
            manner = state["manner"].get("signature")
            claims = encoded.split(".")[1]
            if manner == "none":
                head = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
                return f"{head}.{claims}."
            told = json.loads(base64.urlsafe_b64decode(claims + "=="))
            if manner == "secret":
                # the confusion of algorithms: what everybody can read taken for a shared secret
                head = base64.urlsafe_b64encode(b'{"alg":"HS256"}').rstrip(b"=").decode()
                made = hmac.new(state["key"].as_pem(private=False), f"{head}.{claims}".encode(), "sha256").digest()
                return f"{head}.{claims}.{base64.urlsafe_b64encode(made).rstrip(b'=').decode()}"
            if manner == "stranger":
                stranger = jwk.RSAKey.generate_key(2048, {"kid": state["key"].kid})
                return jwt.encode({"alg": "RS256", "kid": stranger.kid}, told, stranger)
            if manner == "changed":
                told["sub"] = "u-9999"
                body = base64.urlsafe_b64encode(json.dumps(told).encode()).rstrip(b"=").decode()
                head, _, signature = encoded.split(".")
                return f"{head}.{body}.{signature}"
            return encoded

    app = Flask(__name__)
    server = AuthorizationServer(app, lambda client_id: Client() if client_id == CLIENT else None, lambda *_: None)
    server.register_grant(Grant, [Words(require_nonce=True), CodeChallenge(required=True)])

    @app.get("/.well-known/openid-configuration")
    def discovery() -> Any:
        time.sleep(state["manner"].get("delay", 0))
        if elsewhere := state["manner"].get("redirects"):
            return redirect(elsewhere)
        facts = {
            "issuer": issuer,
            "authorization_endpoint": issuer + "/authorize",
            "token_endpoint": issuer + "/token",
            "jwks_uri": issuer + "/jwks",
            "end_session_endpoint": issuer + "/end",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }
        return facts | state["manner"].get("facts", {})

    @app.get("/jwks")
    def jwks() -> Any:
        return {"keys": [state["key"].as_dict(private=False)]}

    @app.route("/authorize", methods=["GET", "POST"])
    def authorize() -> Any:
        person = request.form.get("person") or request.cookies.get("person")
        if person is None:
            choices = "".join(f'<button name="person" value="{name}">{name}</button>' for name in PEOPLE)
            return f'<!doctype html><title>Provider</title><form method="post">{choices}</form>'
        try:
            grant = server.get_consent_grant(end_user=_Person(person))
        except OAuth2Error as fault:
            return dict(fault.get_body()), 400
        answer = server.create_authorization_response(grant=grant, grant_user=_Person(person))
        answer.set_cookie("person", person)
        return answer

    @app.post("/token")
    def token() -> Any:
        state["heard"].append({"form": dict(request.form), "authorization": request.headers.get("Authorization", "")})
        time.sleep(state["manner"].get("token_delay", 0))
        if status := state["manner"].get("token_status"):
            return {"error": "<script>alert(1)</script>"}, status
        return server.create_token_response()

    @app.get("/end")
    def end() -> Any:
        answer = redirect(request.args["post_logout_redirect_uri"])
        answer.delete_cookie("person")
        return answer

    @app.post("/manner")
    def manner() -> Any:
        state["manner"], state["heard"] = request.get_json(), []
        return {}

    @app.post("/rotate")
    def rotate() -> Any:
        state["key"] = new_key()
        return {}

    @app.get("/heard")
    def heard() -> Any:
        return state["heard"]

    return app


if __name__ == "__main__":
    _port = int(sys.argv[1])
    _application(f"http://127.0.0.1:{_port}").run("127.0.0.1", _port, threaded=True)
