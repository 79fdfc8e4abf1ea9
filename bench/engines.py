"""`python -m bench.engines 100000`: grouping in process, and on a Dask cluster of two workers of this machine.

Both must find the same groups. On two cores the workers share them with whoever sends them blocks: what is measured is
what sending costs, and that a second machine could take over the greater part.
"""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from bench import planted
from bench.points import many
from portal.analysis import campaigns, points
from portal.analysis.engine import IN_PROCESS, Engine
from portal.analysis.letters import folded
from portal.distributed import Dask
from tests.dask import Cluster

B = TypeVar("B")
R = TypeVar("R")


class Counted:
    """An engine, and how many blocks it was given."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.blocks = engine, 0

    def map(self, function: Callable[[B], R], blocks: Iterable[B]) -> Iterator[R]:
        return self.engine.map(function, self._counted(blocks))

    def _counted(self, blocks: Iterable[B]) -> Iterator[B]:
        for block in blocks:
            self.blocks += 1
            yield block


def line(what: str, measured: str, note: str = "") -> None:
    print(f"{what:<46}{measured:>24}   {note}", flush=True)


def measured(what: str, cluster: Cluster, act: Callable[[Engine, Callable[[str], object]], object]) -> None:
    found = []
    for name, engine in (("in process", IN_PROCESS), ("two workers", Dask(cluster.url))):
        counted, steps = Counted(engine), []
        began = last = time.perf_counter()
        processor, theirs = time.process_time(), processor_of(cluster)

        def done(step: str, steps: list[str] = steps) -> None:
            nonlocal last
            now = time.perf_counter()
            steps.append(f"{step} {now - last:.1f}")
            last = now

        found.append(act(counted, done))
        line(
            f"{what}, {name}",
            f"{time.perf_counter() - began:.1f} s",
            f"processor {time.process_time() - processor:.1f} s here, {processor_of(cluster) - theirs:.1f} s in the"
            f" cluster; {counted.blocks} blocks; {', '.join(steps)}",
        )
    line("  found the same", str(found[0] == found[1]))
    sizes = ", ".join(f"{memory(each.pid):.2f}" for each in (cluster.scheduler, *cluster.workers))
    here = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    line("  memory at most: here; scheduler, workers", f"{here:.2f}; {sizes} GiB", f"load {os.getloadavg()[0]:.1f}")


def memory(pid: int) -> float:
    """The most a process has held so far, in GiB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 2**20


def processor_of(cluster: Cluster) -> float:
    """Seconds of processor that the scheduler and the workers have used."""
    ticks = 0
    for each in (cluster.scheduler, *cluster.workers):
        fields = Path(f"/proc/{each.pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def main() -> None:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    texts = list(enumerate(planted.plant(number).texts))
    comments = many(300, number // 2)
    folded(["预热"])
    cluster = Cluster()
    try:
        list(Dask(cluster.url).map(len, ["预热"] * 8))
        measured(f"{number} texts", cluster, lambda engine, done: campaigns.group(texts, done, engine))
        measured(f"{number // 2} comments", cluster, lambda engine, _: points.gather(comments, engine=engine))
    finally:
        cluster.remove()


if __name__ == "__main__":
    main()
