"""A Dask cluster of the tests' own: a scheduler and workers, each a process, on loopback, gone afterwards."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from distributed import Client

from tests.postgres import free_port

ROOT = Path(__file__).resolve().parents[1]


class Cluster:
    """Starts on creation; `url` is the address of its scheduler. A worker that is killed does not come back."""

    def __init__(self, workers: int = 2) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="portal-dask-"))
        self.url = f"tcp://127.0.0.1:{free_port()}"
        self.scheduler = self._begun("scheduler", "--host", self.url)
        self.workers: list[subprocess.Popen[bytes]] = []
        self.add(workers)

    def add(self, workers: int) -> None:
        """Starts workers, and waits until the scheduler knows all there are."""
        options = ("--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", "--memory-limit", "0")
        self.workers += [
            self._begun("worker", self.url, *options, "--local-directory", str(self.folder)) for _ in range(workers)
        ]
        with Client(self.url, timeout=30, set_as_default=False) as client:
            client.wait_for_workers(len(self.workers), timeout=30)

    def _begun(self, part: str, *options: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{part}-{time.time_ns()}.log").open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.dask_{part}", *options, "--no-dashboard"],
                cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=log, stderr=log,
            )  # fmt: skip

    def kill_worker(self) -> None:
        """Ends a worker at once, as if its machine had lost its current."""
        one = self.workers.pop()
        one.send_signal(signal.SIGKILL)
        one.wait(20)

    def kill_scheduler(self) -> None:
        self.scheduler.send_signal(signal.SIGKILL)
        self.scheduler.wait(20)

    def remove(self) -> None:
        for one in (*self.workers, self.scheduler):
            one.kill()
            one.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)
