"""A virus scanner of the tests' own: as much of clamd's protocol as a client needs, on loopback, and ways to misbehave."""

from __future__ import annotations

import socketserver
import struct
import threading
from pathlib import Path

#: what every scanner takes for a virus, by agreement (EICAR), in two halves so that this file is none
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-" + rb"ANTIVIRUS-TEST-FILE!$H+H*"


class _Talk(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        clamd: Clamd = self.server.clamd  # type: ignore[attr-defined]
        command = self._until_zero()
        if clamd.manner == "silent":
            clamd.over.wait(30)
            return
        if command == b"PING":
            self.request.sendall(b"PONG\0")
            return
        assert command == b"INSTREAM", command
        data = b""
        while size := struct.unpack(">I", self._exactly(4))[0]:
            data += self._exactly(size)
            if clamd.manner == "small" and len(data) > 100_000:
                self.request.sendall(b"INSTREAM size limit exceeded. ERROR\0")
                return
        clamd.heard.append(data)
        if clamd.manner == "broken":
            self.request.sendall(b"stream: Can't allocate memory ERROR\0")
        elif EICAR in data:
            self.request.sendall(b"stream: Eicar-Signature FOUND\0")
        else:
            self.request.sendall(b"stream: OK\0")

    def _until_zero(self) -> bytes:
        word = b""
        while (one := self.request.recv(1)) not in (b"\0", b""):
            word += one
        return word.removeprefix(b"z")

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            more = self.request.recv(size - len(data))
            if not more:
                raise ConnectionError("the client went away")
            data += more
        return data


class _Quiet:
    daemon_threads = True

    def handle_error(self, *_about: object) -> None:
        """A client that went away is no news."""


class _Tcp(_Quiet, socketserver.ThreadingTCPServer):
    allow_reuse_address = True


class _Unix(_Quiet, socketserver.ThreadingUnixStreamServer):
    pass


class Clamd:
    """Listens at once; `address` is what PORTAL_CLAMD is set to. `manner`: "", "silent", "broken" or "small"."""

    def __init__(self, path: Path | None = None) -> None:
        self.manner = ""
        self.heard: list[bytes] = []
        self.over = threading.Event()
        self._server = _Tcp(("127.0.0.1", 0), _Talk) if path is None else _Unix(str(path), _Talk)
        self._server.clamd = self  # type: ignore[union-attr]
        self.address = f"tcp://127.0.0.1:{self._server.server_address[1]}" if path is None else f"unix://{path}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
