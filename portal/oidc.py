"""Speaks to the bureau's identity provider (OpenID Connect, authorization code flow with PKCE). Off unless it is set.

The browser carries a code; what counts is fetched here, from the provider itself. Nothing is followed, what comes back
is cut short, and each exchange has an end, however slowly the other side speaks. What the provider publishes of itself
is kept for ten minutes; that it is away for a few seconds, so that those who wait for it do not take up the site.
"""

from __future__ import annotations

import base64
import http.client
import json
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from flask import Flask
from joserfc import jwk

from portal.config import Settings
from portal.rules import id_tokens
from portal.rules.id_tokens import NotSigned, NotVouched, Vouched

#: bytes of an answer that are read
MOST_READ = 256 * 1024
USER_AGENT = "consultation-portal-sign-in/1"
#: seconds for which what the provider publishes is believed, and for which it is not asked again after it was away
KEPT_FOR, AWAY_FOR = 600.0, 5.0
SCOPE = "openid profile"


class Away(Exception):
    """The provider was not reached, or did not answer as one; the words are for the log."""


@dataclass(frozen=True, slots=True)
class _Published:
    """What a provider says of itself, and its keys."""

    facts: dict[str, Any]
    keys: jwk.KeySet
    until: float


class Provider:
    """The identity provider that the settings name."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.issuer = settings.oidc_issuer
        self._is_plain = urlsplit(self.issuer).scheme == "http"
        self._lock = threading.Lock()
        self._known: _Published | None = None
        self._away_until = 0.0

    def way_in(self, *, back: str, state: str, nonce: str, verifier: str) -> str:
        """Where the browser goes to sign in; `back` is our own address it returns to. Raises Away."""
        query = {
            "response_type": "code",
            "client_id": self._settings.oidc_client_id,
            "redirect_uri": back,
            "scope": SCOPE,
            "state": state,
            "nonce": nonce,
            "code_challenge": id_tokens.challenge(verifier),
            "code_challenge_method": "S256",
        }
        return _with(self._address(self._published(), "authorization_endpoint"), query)

    def way_out(self, back: str) -> str | None:
        """Where the browser goes to end the signing in at the provider, too; None when the provider offers nothing.

        Only an address beside the issuer's own: the policy of our pages lets no form lead anywhere else.
        """
        try:
            published = self._published()
            if "end_session_endpoint" not in published.facts:
                return None
            address = self._address(published, "end_session_endpoint")
        except (Away, NotVouched):
            return None
        if origin(address) != origin(self.issuer):
            return None
        return _with(address, {"client_id": self._settings.oidc_client_id, "post_logout_redirect_uri": back})

    def vouched(self, code: str, *, back: str, nonce: str, verifier: str, at: datetime) -> Vouched:
        """Who the code was given to. Raises Away, or NotVouched when the provider or our own checks say no."""
        published = self._published()
        told = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
        status, answer = self._call(self._address(published, "token_endpoint"), *self._signed(published, told))
        if status >= 500 or 300 <= status < 400:
            raise Away(f"the token endpoint answers {status}")
        if status != 200:
            raise NotVouched(f"the token endpoint answers {status}: {str(answer.get('error', ''))[:80]!r}")
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise NotVouched("no id_token")
        client_id = self._settings.oidc_client_id
        try:
            return id_tokens.read(token, published.keys, issuer=self.issuer, client_id=client_id, nonce=nonce, at=at)
        except NotSigned:
            # the provider may have changed its keys since we looked
            with self._lock:
                self._known = None
            again = self._published()
            return id_tokens.read(token, again.keys, issuer=self.issuer, client_id=client_id, nonce=nonce, at=at)

    def _signed(self, published: _Published, told: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
        """The form and the headers with which we show who we are (RFC 6749, 2.3.1)."""
        client_id, secret = self._settings.oidc_client_id, self._settings.oidc_client_secret
        ways = published.facts.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if not secret:
            return told | {"client_id": client_id}, {}
        if "client_secret_basic" not in ways and "client_secret_post" in ways:
            return told | {"client_id": client_id, "client_secret": secret}, {}
        # a blank as %20, not "+": that is read alike by those who decode forms and by those who decode addresses
        pair = f"{quote(client_id, safe='')}:{quote(secret, safe='')}"
        return told, {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}

    def _published(self) -> _Published:
        """What the provider publishes, asked for by one thread at a time."""
        with self._lock:
            now = time.monotonic()
            if self._known is not None and now < self._known.until:
                return self._known
            if now < self._away_until:
                raise Away("it was away a moment ago")
            try:
                status, facts = self._call(self.issuer.rstrip("/") + "/.well-known/openid-configuration")
                if status != 200 or facts.get("issuer") != self.issuer:
                    raise Away(f"the discovery document answers {status} for {str(facts.get('issuer'))[:200]!r}")
                read = _Published(facts, jwk.KeySet([]), 0)
                status, published = self._call(self._address(read, "jwks_uri"))
                if status != 200:
                    raise Away(f"the keys answer {status}")
                self._known = _Published(facts, id_tokens.keys(published), time.monotonic() + KEPT_FOR)
            except (Away, NotVouched):
                self._away_until = time.monotonic() + AWAY_FOR
                raise
            return self._known

    def _address(self, published: _Published, name: str) -> str:
        address = published.facts.get(name)
        if not isinstance(address, str) or not address.isascii() or not address.isprintable() or " " in address:
            raise Away(f"no {name}")
        if not is_safe(address) or (urlsplit(address).scheme == "http" and not self._is_plain):
            raise Away(f"{name} is not https")
        return address

    def _call(
        self, address: str, form: dict[str, str] | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """Status and JSON of one exchange: a POST with a form, a GET without. Raises Away."""
        parts = urlsplit(address)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        timeout = self._settings.oidc_timeout
        connection = kind(parts.hostname or "", parts.port, timeout=timeout)
        is_over = threading.Event()

        def end() -> None:
            is_over.set()
            with suppress(OSError, AttributeError):
                connection.sock.shutdown(socket.SHUT_RDWR)

        # a time-out of the socket begins anew with every byte; this one does not
        clock = threading.Timer(timeout, end)
        clock.start()
        try:
            head = {"Accept": "application/json", "User-Agent": USER_AGENT, "Connection": "close"} | (headers or {})
            if form is not None:
                head["Content-Type"] = "application/x-www-form-urlencoded"
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("GET" if form is None else "POST", path, urlencode(form) if form else None, head)
            answer = connection.getresponse()
            content = answer.read(MOST_READ + 1)
        except (OSError, http.client.HTTPException, ValueError) as fault:
            if is_over.is_set() or isinstance(fault, TimeoutError):
                raise Away(f"no answer within {timeout:g} s") from fault
            raise Away(f"{type(fault).__name__}: {str(fault)[:200]!r}") from fault
        finally:
            clock.cancel()
            connection.close()
        if is_over.is_set():
            raise Away(f"no answer within {timeout:g} s")
        return answer.status, _json(content)


def _json(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content) if len(content) <= MOST_READ else None
    except (ValueError, RecursionError):
        found = None
    return found if isinstance(found, dict) else {}


def _with(address: str, query: dict[str, str]) -> str:
    return address + ("&" if urlsplit(address).query else "?") + urlencode(query)


def origin(address: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}".lower()


def is_safe(address: str) -> bool:
    """Whether an address is https, or plain http on this very machine."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    is_here = host in ("127.0.0.1", "::1", "localhost")
    return bool(host) and parts.username is None and (parts.scheme == "https" or (parts.scheme == "http" and is_here))


def init_app(app: Flask) -> None:
    """Makes the provider known, if the settings name one."""
    settings: Settings = app.extensions["settings"]
    app.extensions["identity_provider"] = Provider(settings) if settings.oidc_issuer else None
