"""What an identity provider has to have signed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from joserfc import jwk, jwt

from portal.rules import id_tokens
from portal.rules.id_tokens import NotSigned, NotVouched

AT = datetime(2026, 3, 12, 4, 0, tzinfo=UTC)
NOW = int(AT.timestamp())
CLAIMS = {"iss": "https://id.example", "aud": "portal", "sub": "u-1", "exp": NOW + 300, "iat": NOW, "nonce": "n"}
RSA = jwk.RSAKey.generate_key(2048, {"kid": "r"})
EC = jwk.ECKey.generate_key("P-256", {"kid": "e"})
ED = jwk.OKPKey.generate_key("Ed25519", {"kid": "o"})


def published(*keys):
    return id_tokens.keys({"keys": [key.as_dict(private=False) for key in keys]})


def read(token, keys):
    return id_tokens.read(token, keys, issuer="https://id.example", client_id="portal", nonce="n", at=AT)


@pytest.mark.parametrize(
    ("algorithm", "key"), [("RS256", RSA), ("RS512", RSA), ("PS256", RSA), ("ES256", EC), ("Ed25519", ED)]
)
def test_every_kind_of_signature_we_believe(algorithm, key):
    token = jwt.encode({"alg": algorithm, "kid": key.kid}, CLAIMS, key, algorithms=[algorithm])
    assert read(token, published(RSA, EC, ED)).subject == "u-1"
    with pytest.raises(NotSigned):
        read(token, published(*(other for other in (RSA, EC, ED) if other is not key)))


def test_one_key_needs_no_name():
    token = jwt.encode({"alg": "ES256"}, CLAIMS, EC)
    assert read(token, published(EC)).subject == "u-1"


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "....", "é.é.é", "x" * 40_000, "eyJhbGciOiJub25lIn0.e30."])
def test_what_is_no_token(token):
    with pytest.raises(NotVouched):
        read(token, published(RSA))


@pytest.mark.parametrize("name", ["iss", "aud", "sub", "exp", "iat", "nonce"])
def test_nothing_may_be_missing(name):
    claims = {key: value for key, value in CLAIMS.items() if key != name}
    with pytest.raises(NotVouched, match=name):
        read(jwt.encode({"alg": "ES256", "kid": "e"}, claims, EC), published(EC))


def test_a_payload_that_is_no_object():
    from joserfc import jws

    token = jws.serialize_compact({"alg": "ES256", "kid": "e"}, b'["sub"]', EC)
    with pytest.raises(NotVouched):
        read(token, published(EC))


def test_keys_that_check_no_signature_are_left_out():
    shared = jwk.OctKey.generate_key(256, {"kid": "s"}).as_dict(private=True)
    sealing = RSA.as_dict(private=False) | {"use": "enc"}
    broken = {"kty": "RSA", "n": "!", "e": "AQAB"}
    good = EC.as_dict(private=False)
    found = id_tokens.keys({"keys": [shared, sealing, broken, "x", {"kty": "XX"}, good]})
    assert [key.kid for key in found.keys] == ["e"]
    for nothing in ({}, [], None, {"keys": "x"}, {"keys": [shared, sealing, broken]}):
        with pytest.raises(NotVouched):
            id_tokens.keys(nothing)


def test_words_of_factors_are_words():
    def factors(**claims):
        return read(jwt.encode({"alg": "ES256", "kid": "e"}, CLAIMS | claims, EC), published(EC)).factors

    assert factors(amr=["pwd", "otp", 7], acr="strong") == {"pwd", "otp", "strong"}
    assert factors(amr="mfa") == frozenset()
    assert factors(amr={"mfa": 1}, acr=["x"]) == frozenset()


def test_a_claim_is_one_line_of_words():
    token = jwt.encode(
        {"alg": "ES256", "kid": "e"}, CLAIMS | {"login": "zhou", "list": ["zhou"], "long": "z" * 300}, EC
    )
    vouched = read(token, published(EC))
    assert [vouched.claim(name) for name in ("login", "list", "long", "none")] == ["zhou", "", "", ""]


def test_the_challenge_of_the_standard_s_example():
    # RFC 7636, appendix B
    challenge = id_tokens.challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    assert challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
