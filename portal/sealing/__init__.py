"""Contact data at rest: sealed with authenticated encryption, found again by a keyed hash.

A sealed value names its key and its cipher, so that several of both can be in one database at once: the key in use
seals, all of them open. (China rules F.3: confidentiality of important data in storage.)

    k1.…        AES-256-GCM with the key k1
    k2+sm4.…    SM4-GCM with the key k2 (GB/T 32907); k2+sm4h.… is SM4-CTR with HMAC-SM3, where there is no SM4-GCM

Keyed hashes come from a key of their own, the index key. They stand for texts nobody has any more (the secret on a
receipt, the code of a basket), so they cannot be made again: the index key is never rotated.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence

from portal.sealing.ciphers import CIPHERS, CannotUnlock, keyed_hash
from portal.sealing.keys import IndexKey, SealingKey

#: what is given to `Seal` to read the keys anew; it costs no more than a look at a file's date
Source = Callable[[], Sequence[SealingKey]]


class NotSealedByUs(ValueError):
    """A value that no known key opens: damaged, or sealed elsewhere."""


class Seal:
    """Seals and opens text and files. Of several keys the last one seals; each opens what it sealed.

    `keys` are the keys, or 32 bytes that are the only one. With a function in their place the keys are asked for at
    every use, so that a process that is running takes up a new key by itself. `index` makes the keyed hashes; without
    it the oldest key does, as it did before there were several. `cipher` is what new values are sealed with: one of
    CIPHERS.
    """

    def __init__(
        self, keys: bytes | Sequence[SealingKey] | Source, index: IndexKey | None = None, cipher: str = "aes"
    ) -> None:
        if isinstance(keys, bytes):
            keys = (SealingKey("k1", keys),)
        if not callable(keys):
            kept = tuple(keys)
            keys = lambda: kept  # noqa: E731 — a source that never changes
        self._source = keys
        self._index = index or IndexKey(self.keys[0].secret)
        self.cipher = cipher
        #: keys that were worked out from the secrets, by (secret, cipher)
        self._worked_out: dict[tuple[bytes, str], bytes] = {}
        #: the key of each purpose of a keyed hash
        self._of_purpose: dict[str, bytes] = {}

    @property
    def keys(self) -> tuple[SealingKey, ...]:
        """Every key there is now; the last one seals."""
        return tuple(self._source())

    @property
    def head(self) -> str:
        """What a value begins with that is sealed now: the name of the key, and of the cipher unless it is AES."""
        return head_of(self.keys[-1].id, self.cipher)

    def close(self, plain: str, context: str) -> str:
        """Seals `plain`; it opens again only with the same `context` (which field of which table it is)."""
        head, locked = self._locked(plain.encode(), context)
        return f"{head}.{base64.urlsafe_b64encode(locked).decode()}"

    def open(self, sealed: str, context: str) -> str:
        """The plain text. Raises NotSealedByUs when the value was changed or no key opens it."""
        head, _, body = sealed.partition(".")
        try:
            raw = base64.urlsafe_b64decode(body)
        except ValueError as error:
            raise NotSealedByUs("the value is damaged") from error
        return self._unlocked(head, raw, context).decode()

    def close_bytes(self, plain: bytes, context: str) -> bytes:
        """Seals a file: key and cipher on a line of their own, then nonce and ciphertext."""
        head, locked = self._locked(plain, context)
        return head.encode() + b"\n" + locked

    def open_bytes(self, sealed: bytes, context: str) -> bytes:
        """The file sealed by close_bytes. Raises NotSealedByUs as `open` does."""
        head, _, body = sealed.partition(b"\n")
        return self._unlocked(head[:80].decode("ascii", "replace"), body, context)

    def close_fields(self, fields: dict[str, str], context: str) -> str:
        """Seals several named values as one."""
        return self.close(json.dumps(fields, ensure_ascii=False, sort_keys=True), context)

    def open_fields(self, sealed: str, context: str) -> dict[str, str]:
        """The named values sealed by close_fields."""
        fields: dict[str, str] = json.loads(self.open(sealed, context))
        return fields

    def trace(self, plain: str, purpose: str) -> str:
        """A keyed hash: equal texts can be found, the text cannot. For secrets, codes and look-ups."""
        own = self._of_purpose.get(purpose)
        if own is None:
            own = keyed_hash(self._index.hash, self._index.secret, b"trace:" + purpose.encode())
            self._of_purpose[purpose] = own
        return keyed_hash(self._index.hash, own, plain.encode()).hex()

    def _locked(self, plain: bytes, context: str) -> tuple[str, bytes]:
        key = self.keys[-1]
        return head_of(key.id, self.cipher), CIPHERS[self.cipher].lock(
            self._key(key, self.cipher), plain, context.encode()
        )

    def _unlocked(self, head: str, raw: bytes, context: str) -> bytes:
        key_id, _, cipher = head.partition("+")
        cipher = cipher or "aes"
        key = next((key for key in self.keys if key.id == key_id), None)
        if key is None or cipher not in CIPHERS:
            raise NotSealedByUs(f"no key or cipher {head[:40]!r}")
        try:
            return CIPHERS[cipher].unlock(self._key(key, cipher), raw, context.encode())
        except CannotUnlock as error:
            raise NotSealedByUs("the value was changed or belongs elsewhere") from error

    def _key(self, key: SealingKey, cipher: str) -> bytes:
        known = self._worked_out.get((key.secret, cipher))
        if known is None:
            known = CIPHERS[cipher].key(key.secret)
            self._worked_out[key.secret, cipher] = known
        return known


def head_of(key_id: str, cipher: str) -> str:
    """What a value begins with that this key and cipher sealed."""
    return key_id if cipher == "aes" else f"{key_id}+{cipher}"


__all__ = ["IndexKey", "NotSealedByUs", "Seal", "SealingKey", "head_of"]
