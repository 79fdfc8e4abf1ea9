"""Contact data at rest: sealed with AES-256-GCM, found again by a keyed hash.

A sealed value is text: key id, nonce and ciphertext, so that a later key can be introduced while older
values still open. (China rules F.3: confidentiality of important data in storage.)
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


class NotSealedByUs(ValueError):
    """A value that no known key opens: damaged, or sealed elsewhere."""


@dataclass(frozen=True, slots=True)
class Seal:
    """Seals and opens text. `secret` is 32 bytes; `key_id` names it inside every sealed value."""

    secret: bytes
    key_id: str = "k1"

    def _key(self, purpose: bytes) -> bytes:
        return hmac.new(self.secret, purpose, hashlib.sha256).digest()

    def close(self, plain: str, context: str) -> str:
        """Seals `plain`; it opens again only with the same `context` (which field of which table it is)."""
        return f"{self.key_id}.{base64.urlsafe_b64encode(self._locked(plain.encode(), context)).decode()}"

    def open(self, sealed: str, context: str) -> str:
        """The plain text. Raises NotSealedByUs when the value was changed or sealed with another key."""
        key_id, _, body = sealed.partition(".")
        if key_id != self.key_id:
            raise NotSealedByUs(f"no key {key_id!r}")
        return self._unlocked(base64.urlsafe_b64decode(body), context).decode()

    def close_bytes(self, plain: bytes, context: str) -> bytes:
        """Seals a file: the key id on a line of its own, then nonce and ciphertext."""
        return self.key_id.encode() + b"\n" + self._locked(plain, context)

    def open_bytes(self, sealed: bytes, context: str) -> bytes:
        """The file sealed by close_bytes. Raises NotSealedByUs as `open` does."""
        key_id, _, body = sealed.partition(b"\n")
        if key_id != self.key_id.encode():
            raise NotSealedByUs(f"no key {key_id[:20]!r}")
        return self._unlocked(body, context)

    def _locked(self, plain: bytes, context: str) -> bytes:
        nonce = os.urandom(12)
        return nonce + AESGCM(self._key(b"seal")).encrypt(nonce, plain, context.encode())

    def _unlocked(self, raw: bytes, context: str) -> bytes:
        try:
            return AESGCM(self._key(b"seal")).decrypt(raw[:12], raw[12:], context.encode())
        except (InvalidTag, ValueError) as error:
            raise NotSealedByUs("the value was changed or belongs elsewhere") from error

    def close_fields(self, fields: dict[str, str], context: str) -> str:
        """Seals several named values as one."""
        return self.close(json.dumps(fields, ensure_ascii=False, sort_keys=True), context)

    def open_fields(self, sealed: str, context: str) -> dict[str, str]:
        """The named values sealed by close_fields."""
        fields: dict[str, str] = json.loads(self.open(sealed, context))
        return fields

    def trace(self, plain: str, purpose: str) -> str:
        """A keyed hash: equal texts can be found, the text cannot. For secrets, codes and look-ups."""
        return hmac.new(self._key(b"trace:" + purpose.encode()), plain.encode(), hashlib.sha256).hexdigest()
