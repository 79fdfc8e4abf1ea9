"""What an identity provider has to have signed before we believe who somebody is (OpenID Connect Core 1.0, 3.1.3.7)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from joserfc import jwk, jwt
from joserfc.errors import JoseError

#: signatures with a public key only: neither `none` nor HS256, whose key a provider shares with its clients
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA")
#: seconds by which the clocks of the two may differ
LEEWAY = 60
LONGEST_TOKEN, LONGEST_SUBJECT = 32 * 1024, 255


class NotVouched(Exception):
    """What came back does not say who this is; the words are for the log, never for the screen."""


class NotSigned(NotVouched):
    """No key we know made the signature; the provider may have others by now."""


@dataclass(frozen=True, slots=True)
class Vouched:
    """Who somebody is at the provider: `subject` for ever, `claims` as of now, `factors` the words of amr and acr."""

    subject: str
    claims: Mapping[str, Any]
    factors: frozenset[str]

    def claim(self, name: str) -> str:
        """A claim that is one line of words; empty when it is not there or anything else."""
        found = self.claims.get(name)
        return found if isinstance(found, str) and len(found) <= LONGEST_SUBJECT else ""


def challenge(verifier: str) -> str:
    """The S256 challenge of a verifier (RFC 7636)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def keys(published: Any) -> jwk.KeySet:
    """The keys of a JWKS that can check a signature; those of kinds we do not know are left out. Raises NotVouched."""
    found = []
    for each in published.get("keys", ()) if isinstance(published, dict) else ():
        if not isinstance(each, dict) or each.get("kty") not in ("RSA", "EC", "OKP") or each.get("use") == "enc":
            continue
        try:
            found.append(jwk.import_key(each))
        except (JoseError, ValueError, TypeError, KeyError):
            continue
    if not found:
        raise NotVouched("no key of the provider can check a signature")
    return jwk.KeySet(found)


def read(token: str, published: jwk.KeySet, *, issuer: str, client_id: str, nonce: str, at: datetime) -> Vouched:
    """Who an id_token is about, once everything in it has been checked. Raises NotVouched."""
    if len(token) > LONGEST_TOKEN:
        raise NotVouched("the id_token is too long")
    checks = jwt.JWTClaimsRegistry(
        now=int(at.timestamp()), leeway=LEEWAY, iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": client_id}, sub={"essential": True}, exp={"essential": True},
        iat={"essential": True}, nonce={"essential": True, "value": nonce},
    )  # fmt: skip
    try:
        claims = jwt.decode(token, published, algorithms=ALGORITHMS).claims
    except (JoseError, ValueError, TypeError, KeyError) as fault:
        raise NotSigned(_said(fault)) from fault
    try:
        checks.validate(claims)
    except JoseError as fault:
        raise NotVouched(_said(fault)) from fault
    _require_ours(claims, client_id)
    subject = claims["sub"]
    # OpenID Connect Core 2: ASCII, at most 255
    if not (0 < len(subject) <= LONGEST_SUBJECT and subject.isascii() and subject.isprintable()):
        raise NotVouched("id_token: the subject is none")
    words = claims.get("amr")
    factors = {word for word in words if isinstance(word, str)} if isinstance(words, list) else set()
    if isinstance(claims.get("acr"), str):
        factors.add(claims["acr"])
    return Vouched(subject, claims, frozenset(factors))


def _said(fault: Exception) -> str:
    return f"id_token: {type(fault).__name__}: {str(fault)[:200]!r}"


def _require_ours(claims: Mapping[str, Any], client_id: str) -> None:
    """A token for several audiences has to name the one it was made for."""
    audience, party = claims["aud"], claims.get("azp")
    if isinstance(audience, list) and len(audience) > 1 and party is None:
        raise NotVouched("id_token: several audiences and no authorised party")
    if party is not None and party != client_id:
        raise NotVouched("id_token: made for another party")
