"""How keys are written down: in the environment, or in a file that only the portal can read.

3f…                     one key, named k1: how a key stood there before it had a name
k1:3f… k2:9c…           several, divided by blanks or lines; the last one seals, all of them open
sm3:77…                 an index key whose keyed hashes are HMAC-SM3; without `sm3:` they are HMAC-SHA-256
"""

from __future__ import annotations

import os
import re
import secrets
import stat
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from portal.sealing.ciphers import Hash

_ENTRY = re.compile(r"(?:(?P<id>[a-z0-9][a-z0-9_-]{0,30}):)?(?P<secret>[0-9a-fA-F]{64})")
_INDEX = re.compile(r"(?:(?P<hash>sha256|sm3):)?(?P<secret>[0-9a-fA-F]{64})")
FIRST = "k1"


@dataclass(frozen=True, slots=True)
class SealingKey:
    """32 bytes, and the name that stands in every value they sealed."""

    id: str
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class IndexKey:
    """32 bytes that keyed hashes are made with, and by which hash: neither ever changes."""

    secret: bytes = field(repr=False)
    hash: Hash = "sha256"


def read(text: str) -> tuple[SealingKey, ...]:
    """The keys of an environment variable or a file. Raises ValueError; a message never holds a secret."""
    found = []
    for number, entry in enumerate(text.replace(",", " ").split(), 1):
        match = _ENTRY.fullmatch(entry)
        if match is None:
            raise ValueError(f"sealing key no. {number} is not written as 64 hexadecimal digits or id:digits")
        found.append(SealingKey(match["id"] or FIRST, bytes.fromhex(match["secret"])))
    names = [key.id for key in found]
    if not found:
        raise ValueError("there is no sealing key")
    if len(set(names)) != len(names):
        raise ValueError(f"two sealing keys have one name: {' '.join(names)}")
    return tuple(found)


def written(keys: Sequence[SealingKey]) -> str:
    """The keys as `read` reads them, one to a line."""
    return "".join(f"{key.id}:{key.secret.hex()}\n" for key in keys)


def read_index(text: str) -> IndexKey:
    """An index key. Raises ValueError."""
    match = _INDEX.fullmatch(text.strip())
    if match is None:
        raise ValueError("the index key is not written as 64 hexadecimal digits, with or without sm3: before them")
    return IndexKey(bytes.fromhex(match["secret"]), "sm3" if match["hash"] == "sm3" else "sha256")


def new(keys: Sequence[SealingKey]) -> SealingKey:
    """A fresh key with the next free name: k2 after k1."""
    numbers = [int(match[1]) for key in keys if (match := re.fullmatch(r"k(\d+)", key.id))]
    return SealingKey(f"k{max(numbers, default=0) + 1}", secrets.token_bytes(32))


def keep(file: Path, text: str) -> None:
    """Writes a secret in one piece, readable by its owner only: whoever reads meanwhile sees the old or the new one."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
    try:
        with os.fdopen(handle, "w") as out:  # mkstemp makes it 0600
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        if file.exists():  # somebody may have given it to a group on purpose
            Path(name).chmod(stat.S_IMODE(file.stat().st_mode) & 0o640)
        if os.geteuid() == 0:  # written by root, it still has to be read by whoever the site runs as
            before = (file if file.exists() else file.parent).stat()
            os.chown(name, before.st_uid, before.st_gid)
        Path(name).replace(file)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


class KeyFile:
    """The keys of a file, read again when the file was written anew; the last good ones while it is unreadable."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._seen: tuple[int, int] | None = None
        self._keys: tuple[SealingKey, ...] = ()

    def __call__(self) -> tuple[SealingKey, ...]:
        """The keys as they are now."""
        try:
            found = os.stat(self.file)  # noqa: PTH116 — at every use; a Path costs four times as much
            if (seen := (found.st_mtime_ns, found.st_ino)) != self._seen:
                self._keys, self._seen = read(self.file.read_text()), seen
        except (OSError, ValueError):
            if not self._keys:
                raise
        return self._keys
