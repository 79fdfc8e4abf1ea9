"""A PostgreSQL server of the tests' own: made in an empty folder, reached over loopback, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

import psycopg


def _program(name: str) -> str:
    found = shutil.which(name)
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    if places:
        return str(places[0])
    if found:
        return found
    raise RuntimeError("PostgreSQL is missing: install Debian's package postgresql and run the tests again.")


def free_port() -> int:
    """A port of loopback that nobody holds just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class PostgresServer:
    """Starts on creation; `url(name)` is the address of one of its databases; `stop()` ends it."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="portal-pg-"))
        self.port = free_port()
        # the server refuses to run as root, so root runs it as a user that has nothing else
        self._user = _server_user() if os.geteuid() == 0 else None
        if self._user:
            shutil.chown(self.folder, self._user)
        data = self.folder / "data"
        self._run(
            _program("initdb"),
            "-D",
            str(data),
            "-U",
            "portal",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        )
        self._begin()

    def _begin(self) -> None:
        data = self.folder / "data"
        self._server = subprocess.Popen(
            [_program("postgres"), "-D", str(data), "-p", str(self.port), "-c", "listen_addresses=127.0.0.1",
             "-c", f"unix_socket_directories={self.folder}", "-c", "fsync=off", "-c", "full_page_writes=off",
             "-c", "max_connections=60"],
            user=self._user, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._wait()

    def restart(self) -> None:
        """Ends the server at once, whoever is connected, and starts it again on the same data and port."""
        self._server.send_signal(signal.SIGINT)
        self._server.wait(30)
        self._begin()

    def _run(self, *command: str) -> None:
        subprocess.run(command, user=self._user, cwd=self.folder, check=True, stdout=subprocess.DEVNULL)

    def _wait(self) -> None:
        import time

        for _ in range(200):
            try:
                psycopg.connect(self.address("postgres")).close()
                return
            except psycopg.OperationalError:
                if self._server.poll() is not None:
                    raise RuntimeError("PostgreSQL did not start") from None
                time.sleep(0.1)
        raise RuntimeError("PostgreSQL did not answer")

    def address(self, name: str) -> str:
        return f"postgresql://portal@127.0.0.1:{self.port}/{name}"

    def url(self, name: str) -> str:
        """The address of a database for SQLAlchemy."""
        return f"postgresql+psycopg://portal@127.0.0.1:{self.port}/{name}"

    def execute(self, statement: str) -> None:
        """Runs one statement outside a transaction."""
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[call-overload]

    def stop(self) -> None:
        """Ends the server and removes what it kept."""
        self._server.terminate()
        self._server.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)


def _server_user() -> str:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise RuntimeError("there is no user PostgreSQL could run as")
