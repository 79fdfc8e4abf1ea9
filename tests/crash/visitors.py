"""A server of two processes over HTTP, and visitors without a browser who fill a basket and send it."""

from __future__ import annotations

import http.client
import os
import re
import subprocess
import sys
import time
import urllib.parse
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from tests.postgres import free_port

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def two_processes(url: str, folder: Path, threads: int = 8):
    """The port of a server with two processes on this database."""
    port = free_port()
    environment = os.environ | {
        "PORTAL_DATABASE_URL": url, "PORTAL_DATA_DIR": str(folder), "PORTAL_SEALING_KEY": bytes(range(32)).hex(),
        "PORT": str(port), "PORTAL_USUAL_RATE": "1000000",
    }  # fmt: skip
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "wsgi:app", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread",
         "--workers", "2", "--threads", str(threads), "--backlog", "2048", "--timeout", "120", "--log-level", "critical"],
        cwd=ROOT, env=environment,
    )  # fmt: skip
    try:
        for _ in range(300):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            with suppress(OSError):
                connection.request("GET", "/readyz")
                answer = connection.getresponse()
                answer.read()
                if answer.status == 200:
                    break
            connection.close()
            time.sleep(0.1)
        else:
            raise AssertionError("the server did not start")
        connection.close()
        yield port
    finally:
        server.terminate()
        server.wait(30)


class Visitor:
    """One person with cookies; `send` presses the button and says what came back."""

    def __init__(self, port: int, cookies: str = "", token: str = "") -> None:
        self.port = port
        self.cookies = dict(part.split("=", 1) for part in cookies.split("; ") if part)
        self.token = token

    def ask(self, method: str, path: str, **fields: str) -> tuple[int, str, str]:
        """Status, place and text of an answer; cookies are kept."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        body = None
        if fields:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = urllib.parse.urlencode({"csrf_token": self.token, **fields})
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)) as connection:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            with answer:
                text = answer.read().decode()
        for name, value in answer.getheaders():
            if name == "Set-Cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.split(";")[0]
        return answer.status, answer.getheader("Location", ""), text

    def arrive(self) -> None:
        """Opens a page and takes its form token."""
        _, _, page = self.ask("GET", "/receipts/")
        self.token = re.search(r'name="csrf_token" value="([^"]+)"', page).group(1)

    def send(self, **fields: str) -> tuple[int, str, str]:
        return self.ask("POST", "/consultations/hehu/comment", kind="citizen", **fields)
