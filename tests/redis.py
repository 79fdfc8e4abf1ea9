"""A Redis server of the tests' own: on loopback, nothing kept on disk, gone afterwards."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from tests.postgres import free_port


class RedisServer:
    """Starts on creation; `url` is its address; `stop()` ends it and `start()` starts it again on the same port."""

    def __init__(self) -> None:
        self._program = shutil.which("redis-server")
        if not self._program:
            raise RuntimeError("Redis is missing: install Debian's package redis-server and run the tests again.")
        self.folder = Path(tempfile.mkdtemp(prefix="portal-redis-"))
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        self._server = subprocess.Popen(
            [str(self._program), "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
             "--dir", str(self.folder)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise RuntimeError("Redis did not start")

    def stop(self) -> None:
        self._server.terminate()
        self._server.wait(20)

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
