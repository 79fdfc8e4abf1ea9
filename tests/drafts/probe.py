"""Reads hostile files one after the other, each in a process with little memory and time, and says what each cost.

Run as a program: a path and a name come in as a line of JSON, what became of them goes out as another. A file that
makes the reader hang, exhaust the memory or crash ends one child and is reported; the machine is none the worse.
"""

from __future__ import annotations

import json
import os
import re
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parents[2]
ROOM = 800 * 1024 * 1024
SECONDS = 20


@dataclass(frozen=True)
class Outcome:
    """What became of a file: refused with a sentence, or read; and what that took."""

    refused: str | None
    error: str | None
    outline: list[str]
    words: str
    lines: int
    doubts: list[str]
    reached: list[str]
    seconds: float
    megabytes: float


class Probe:
    """The parent's side."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.drafts.probe"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={"PATH": "", "LC_ALL": "C.UTF-8"},
        )

    def read(self, path: Path, name: str) -> Outcome:
        """Have one file read."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(json.dumps([str(path), name]), file=self.process.stdin, flush=True)
        return Outcome(**json.loads(self.process.stdout.readline()))

    def close(self) -> None:
        """End the probe."""
        self.process.communicate()


def _kilobytes(name: str) -> int:
    found = re.search(rf"{name}:\s+(\d+)", Path("/proc/self/status").read_text())
    return int(found[1]) if found else 0


def _refuse(*_: object, **__: object) -> NoReturn:
    raise AssertionError("a file reached for the network")


def _watch(reached: list[str]) -> None:
    """Note whatever a file might have started, fetched or written."""
    socket.socket = socket.create_connection = socket.getaddrinfo = _refuse  # type: ignore[assignment,misc]

    def hear(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "subprocess.Popen" and "pdf_pages.py" in str(arguments[1]):
            return
        writes = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
        # A child's pipes are opened by their numbers.
        if event.startswith(("socket.", "os.exec", "os.system", "os.spawn", "os.fork", "subprocess.", "urllib.")) or (
            writes and not isinstance(arguments[0], int)
        ):
            reached.append(f"{event} {arguments}"[:200])

    sys.addaudithook(hear)


def _examine(path: str, name: str, read: Callable[[bytes, str], Any], refusal: type[Exception]) -> dict[str, Any]:
    data = Path(path).read_bytes()
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + ROOM, used + ROOM))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    Path("/proc/self/clear_refs").write_text("5")
    before = _kilobytes("VmRSS")
    found: dict[str, Any] = {
        "refused": None,
        "error": None,
        "outline": [],
        "words": "",
        "lines": 0,
        "doubts": [],
        "reached": [],
    }
    _watch(found["reached"])
    began = time.process_time()
    try:
        draft = read(data, name)
    except refusal as refused:
        found["refused"] = refused.message  # type: ignore[attr-defined]
    except BaseException as error:
        found["error"] = repr(error)[:500]
    else:
        found["outline"] = ["/".join(node.path) for node in draft.nodes[:200] if node.number]
        found["words"] = "\n".join(draft.lines)[:20_000]
        found["lines"] = len(draft.lines)
        found["doubts"] = [doubt.code for doubt in draft.doubts[:50]]
    below = resource.getrusage(resource.RUSAGE_CHILDREN)
    found["seconds"] = time.process_time() - began + below.ru_utime + below.ru_stime
    found["megabytes"] = (_kilobytes("VmHWM") - before + below.ru_maxrss) / 1024
    return found


def main() -> None:
    from portal.drafts import read
    from portal.errors import Refusal

    for line in sys.stdin:
        path, name = json.loads(line)
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            with os.fdopen(writing, "w") as out:
                json.dump(_examine(path, name, read, Refusal), out)
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as out:
            told = out.read()
        _, status = os.waitpid(child, 0)
        if not told:
            gone = Outcome(None, f"ended with status {status}", [], "", 0, [], [], SECONDS, ROOM / 1024 / 1024)
            told = json.dumps(gone.__dict__)
        print(told, flush=True)


if __name__ == "__main__":
    main()
