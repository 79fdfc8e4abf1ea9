"""The ciphers and keyed hashes a seal can use: AES-256-GCM with HMAC-SHA-256, and SM4 with HMAC-SM3 (GB/T 32907, 32905).

Each cipher derives its own key from the secret, takes a fresh nonce of 12 bytes, and authenticates the context.
What OpenSSL was built without is found out by trying, not assumed.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher as Scheme
from cryptography.hazmat.primitives.ciphers import algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hmac import HMAC

#: which keyed hash an index is made with
Hash = Literal["sha256", "sm3"]
_NONCE, _TAG, _SM3_TAG = 12, 16, 32


class CannotUnlock(ValueError):
    """The value, its context or its key is another than the one it was locked with."""


def keyed_hash(name: Hash, key: bytes, data: bytes) -> bytes:
    """HMAC with SHA-256 or SM3: 32 bytes."""
    if name == "sha256":
        return hmac.digest(key, data, hashlib.sha256)
    made = HMAC(key, hashes.SM3())
    made.update(data)
    return made.finalize()


class Cipher(Protocol):
    """One way of locking bytes so that a change of them, or of the context, shows."""

    def key(self, secret: bytes) -> bytes:
        """The cipher's own key, worked out from the 32 bytes of a sealing key."""

    def lock(self, key: bytes, plain: bytes, context: bytes) -> bytes:
        """Nonce and ciphertext."""

    def unlock(self, key: bytes, locked: bytes, context: bytes) -> bytes:
        """The plain bytes. Raises CannotUnlock."""


@dataclass(frozen=True, slots=True)
class Aes:
    """AES-256-GCM."""

    def key(self, secret: bytes) -> bytes:
        return keyed_hash("sha256", secret, b"seal")

    def lock(self, key: bytes, plain: bytes, context: bytes) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + AESGCM(key).encrypt(nonce, plain, context)

    def unlock(self, key: bytes, locked: bytes, context: bytes) -> bytes:
        try:
            return AESGCM(key).decrypt(locked[:_NONCE], locked[_NONCE:], context)
        except (InvalidTag, ValueError) as error:
            raise CannotUnlock from error


@dataclass(frozen=True, slots=True)
class Sm4:
    """SM4-GCM (RFC 8998): nonce, ciphertext, tag of 16 bytes."""

    def key(self, secret: bytes) -> bytes:
        return keyed_hash("sm3", secret, b"seal:sm4")[:16]

    def lock(self, key: bytes, plain: bytes, context: bytes) -> bytes:
        nonce = os.urandom(_NONCE)
        made = Scheme(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
        made.authenticate_additional_data(context)
        return nonce + made.update(plain) + made.finalize() + made.tag

    def unlock(self, key: bytes, locked: bytes, context: bytes) -> bytes:
        try:
            nonce, body, tag = locked[:_NONCE], locked[_NONCE:-_TAG], locked[-_TAG:]
            opened = Scheme(algorithms.SM4(key), modes.GCM(nonce, tag)).decryptor()
            opened.authenticate_additional_data(context)
            return opened.update(body) + opened.finalize()
        except (InvalidTag, ValueError) as error:
            raise CannotUnlock from error


@dataclass(frozen=True, slots=True)
class Sm4WithHash:
    """SM4-CTR, then HMAC-SM3 over context, nonce and ciphertext, each with its length: for an OpenSSL without SM4-GCM."""

    def key(self, secret: bytes) -> bytes:
        # sixteen bytes encrypt, thirty-two authenticate
        return keyed_hash("sm3", secret, b"seal:sm4h")[:16] + keyed_hash("sm3", secret, b"seal:sm4h:tag")

    def lock(self, key: bytes, plain: bytes, context: bytes) -> bytes:
        nonce = os.urandom(16)
        made = Scheme(algorithms.SM4(key[:16]), modes.CTR(nonce)).encryptor()
        body = made.update(plain) + made.finalize()
        return nonce + body + self._tag(key, nonce, body, context)

    def unlock(self, key: bytes, locked: bytes, context: bytes) -> bytes:
        nonce, body, tag = locked[:16], locked[16:-_SM3_TAG], locked[-_SM3_TAG:]
        if len(locked) < 16 + _SM3_TAG or not hmac.compare_digest(tag, self._tag(key, nonce, body, context)):
            raise CannotUnlock
        opened = Scheme(algorithms.SM4(key[:16]), modes.CTR(nonce)).decryptor()
        return opened.update(body) + opened.finalize()

    def _tag(self, key: bytes, nonce: bytes, body: bytes, context: bytes) -> bytes:
        return keyed_hash("sm3", key[16:], len(context).to_bytes(8, "big") + context + nonce + body)


#: by the name that stands in a sealed value
CIPHERS: Mapping[str, Cipher] = {"aes": Aes(), "sm4": Sm4(), "sm4h": Sm4WithHash()}


def is_there(cipher: str) -> bool:
    """Whether the OpenSSL of this machine has all a cipher needs."""
    try:
        made = CIPHERS[cipher]
        key = made.key(bytes(32))
        return made.unlock(key, made.lock(key, b"?", b""), b"") == b"?"
    except UnsupportedAlgorithm:
        return False


def chosen(name: str) -> str:
    """The cipher behind the setting `aes` or `sm4`. Raises ValueError for another, or when OpenSSL has none."""
    if name not in ("aes", "sm4"):
        raise ValueError("PORTAL_SEALING_CIPHER is 'aes' or 'sm4'")
    for cipher in ("aes",) if name == "aes" else ("sm4", "sm4h"):
        if is_there(cipher):
            return cipher
    raise ValueError("PORTAL_SEALING_CIPHER is 'sm4', but the OpenSSL of this machine has no SM4 or no SM3")
