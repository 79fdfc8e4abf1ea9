"""`serve`, as `make run` starts it: everything up, kept on the next start, and nothing left behind by Ctrl-C."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest

from tests.postgres import free_port

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def serve():
    """Starts the site as `make run` does; whatever a test leaves running is ended after it."""
    started: list[subprocess.Popen[str]] = []

    def start(folder: Path, port: int) -> subprocess.Popen[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
        environment |= {"PORTAL_DATA_DIR": str(folder), "PORT": str(port)}
        process = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "wsgi", "serve"],
            cwd=ROOT, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        started.append(process)
        return process

    yield start
    for process in started:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def wait_for(port: int) -> str:
    for _ in range(300):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2) as answer:
                return answer.read().decode()
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the site did not come up")


def members(group: int) -> list[str]:
    """The commands of the processes of a group that are still alive."""
    listed = subprocess.run(["ps", "-eo", "pgid,stat,args"], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in listed.splitlines()[1:]]
    return [args for pgid, stat, args in rows if int(pgid) == group and not stat.startswith("Z")]


def end(process: subprocess.Popen[str], number: signal.Signals) -> str:
    os.killpg(process.pid, number)
    _, told = process.communicate(timeout=30)
    for _ in range(50):
        if not members(process.pid):
            break
        time.sleep(0.1)
    assert members(process.pid) == []
    return told


def samples(page: str) -> int:
    """How many consultations the home page leads to."""
    return len(set(re.findall(r'href="/consultations/([a-z][a-z-]+)/"', page)))


def test_it_comes_up_keeps_its_data_and_leaves_nothing_behind(serve, tmp_path):
    port = free_port()
    first = serve(tmp_path / "var", port)
    page = wait_for(port)
    assert samples(page) == 3
    told = end(first, signal.SIGINT)
    assert f"http://127.0.0.1:{port}" in told
    assert told.count("发布员") == 1
    kept = (tmp_path / "var" / "staff-sign-ins.txt").read_text(encoding="utf-8")
    secret = (tmp_path / "var" / "secrets" / "secret_key").read_text(encoding="utf-8")

    second = serve(tmp_path / "var", port)
    assert samples(wait_for(port)) == 3
    told = end(second, signal.SIGTERM)
    assert "发布员" not in told
    assert "staff-sign-ins.txt" in told
    assert (tmp_path / "var" / "staff-sign-ins.txt").read_text(encoding="utf-8") == kept
    assert (tmp_path / "var" / "secrets" / "secret_key").read_text(encoding="utf-8") == secret


def test_the_worker_comes_back_and_all_end_with_their_parent(serve, tmp_path):
    port = free_port()
    process = serve(tmp_path / "var", port)
    wait_for(port)

    def worker() -> str:
        listed = subprocess.run(["ps", "-eo", "pid,pgid,args"], capture_output=True, text=True, check=True).stdout
        found = [line.split() for line in listed.splitlines() if line.rstrip().endswith("wsgi worker")]
        return next((pid for pid, pgid, *_ in found if int(pgid) == process.pid), "")

    first = worker()
    os.kill(int(first), signal.SIGKILL)
    for _ in range(100):
        if worker() not in ("", first):
            break
        time.sleep(0.1)
    assert worker() not in ("", first)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=10)
    for _ in range(150):
        if not members(process.pid):
            break
        time.sleep(0.1)
    assert members(process.pid) == []


def test_a_port_in_use_is_one_sentence(serve, tmp_path):
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = serve(tmp_path / "var", taken.getsockname()[1])
        _, told = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "choose another with PORT=" in told


@pytest.mark.parametrize(
    "arguments",
    [
        ["drafts", "parse", "none.txt"],
        ["rules", "window", "--type", "NONE", "--from", "2022-02-10", "--to", "2022-03-12"],
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(tmp_path, arguments):
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *arguments],
        cwd=ROOT, env=os.environ | {"PORTAL_DATA_DIR": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1
