"""Asks clamd whether a file carries a virus: INSTREAM over TCP or a Unix socket (clamd(8)); waits for it only so long."""

from __future__ import annotations

import re
import socket
import struct
from dataclasses import dataclass
from urllib.parse import urlsplit

from portal.config import Settings
from portal.rules.words import Scan

_CHUNK = 64 * 1024
#: the longest answer that is read
_LONGEST = 4096
_FOUND = re.compile(rb"stream: (.{1,200}) FOUND")


@dataclass(frozen=True, slots=True)
class Verdict:
    """CLEAN, INFECTED with the virus's name, or OWED with what kept clamd from looking."""

    scan: Scan
    words: str = ""


class Scanner:
    """One clamd, at `tcp://host:port` or `unix:///path`."""

    def __init__(self, address: str, timeout: float) -> None:
        self.address, self.timeout = address, timeout

    def look(self, data: bytes) -> Verdict:
        """What clamd says of these bytes. Never raises: a clamd that is away, silent or in trouble makes OWED."""
        try:
            answer = self._ask(b"zINSTREAM\0", data)
        except (OSError, ValueError) as fault:
            return Verdict(Scan.OWED, f"{type(fault).__name__}: {fault}"[:200])
        if found := _FOUND.search(answer):
            return Verdict(Scan.INFECTED, found[1].decode("utf-8", "replace"))
        if answer.rstrip(b"\0\n") == b"stream: OK":
            return Verdict(Scan.CLEAN)
        return Verdict(Scan.OWED, answer.decode("utf-8", "replace")[:200].strip("\0\n") or "no answer")

    def answers(self) -> bool:
        """Whether clamd is there now."""
        try:
            return self._ask(b"zPING\0", None).startswith(b"PONG")
        except (OSError, ValueError):
            return False

    def _ask(self, command: bytes, data: bytes | None) -> bytes:
        with self._connected() as talk:
            talk.sendall(command)
            if data is not None:
                try:
                    for begin in range(0, len(data), _CHUNK):
                        part = data[begin : begin + _CHUNK]
                        talk.sendall(struct.pack(">I", len(part)) + part)
                    talk.sendall(struct.pack(">I", 0))
                except (BrokenPipeError, ConnectionResetError):
                    pass  # it has heard enough (a limit of its own) and says so
            answer = b""
            while len(answer) < _LONGEST and (more := talk.recv(_LONGEST)):
                answer += more
                if answer.endswith(b"\0"):
                    break
            return answer

    def _connected(self) -> socket.socket:
        parts = urlsplit(self.address)
        if parts.scheme == "tcp":
            return socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 3310), self.timeout)
        talk = socket.socket(socket.AF_UNIX)
        talk.settimeout(self.timeout)
        try:
            talk.connect(parts.path)
        except OSError:
            talk.close()
            raise
        return talk


def of(settings: Settings) -> Scanner | None:
    """The scanner of these settings; None where none is named."""
    return Scanner(settings.clamd, settings.clamd_timeout) if settings.clamd else None
