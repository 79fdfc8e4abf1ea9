"""The heavy steps of mass analysis on other machines, by Dask: its scheduler gives blocks out, its workers do them.

Only blocks and what comes of them travel; no worker knows the database. A block whose worker is lost is done by another.
Without a scheduler or workers, or where a worker has another program than this one, the step fails: the job says so in
the office and is tried again later. Nothing is then done in this process instead, which may lack the memory for it.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from portal import analysis
from portal.analysis.engine import IN_PROCESS, Engine

if TYPE_CHECKING:
    from distributed import Future

    from portal.config import Settings

B = TypeVar("B")
R = TypeVar("R")

#: what results depend on beside our own program
_LIBRARIES = ("numpy", "rapidfuzz", "rjieba")
#: so many blocks for each thread of the workers are on their way at once
_AHEAD = 3


class EngineFault(Exception):
    """The engine cannot go on; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Dask:
    """Dask by the address of its scheduler; TLS and the like are set as for any client of Dask."""

    scheduler: str
    #: seconds to wait for the scheduler and its first worker, and for any one block
    patience: float = 20
    patience_for_block: float = 900

    def map(self, function: Callable[[B], R], blocks: Iterable[B]) -> Iterator[R]:
        """The results in the order of the blocks. Raises EngineFault, or what the function raised."""
        client = self._client()
        try:
            act = partial(done, program(), function)
            room = _AHEAD * max(2, sum(client.nthreads().values()))
            begun: deque[Future[R]] = deque()
            for block in blocks:
                # impure: to compare a block with all others would mean to hash it
                begun.append(self._sent(client, act, block))
                if len(begun) >= room:
                    yield self._result(begun.popleft())
            while begun:
                yield self._result(begun.popleft())
        finally:
            client.close(timeout=2)

    def _client(self) -> Any:
        try:
            import distributed
        except ImportError as fault:
            raise EngineFault("Dask is not installed: pip install -r requirements-distributed.txt") from fault
        client: Any = None
        try:
            client = cast(Any, distributed.Client)(self.scheduler, timeout=self.patience, set_as_default=False)
            client.wait_for_workers(1, timeout=self.patience)
        except (OSError, ValueError) as fault:  # TimeoutError is an OSError
            if client is not None:
                client.close(timeout=2)
            raise EngineFault(f"no scheduler or no worker at {self.scheduler}: {fault}") from fault
        return client

    def _sent(self, client: Any, act: Callable[[B], R], block: B) -> Future[R]:
        try:
            return cast("Future[R]", client.submit(act, block, pure=False))
        except Exception as fault:  # a client that lost its scheduler is closed
            raise EngineFault(f"the scheduler at {self.scheduler} is lost: {fault}") from fault

    def _result(self, begun: Future[R]) -> R:
        from distributed.scheduler import KilledWorker

        try:
            return begun.result(timeout=self.patience_for_block)
        except CancelledError as fault:
            raise EngineFault(f"the scheduler at {self.scheduler} is lost: {fault}") from fault
        except TimeoutError as fault:
            raise EngineFault(f"no answer for {self.patience_for_block:.0f} seconds") from fault
        except KilledWorker as fault:
            raise EngineFault(f"every worker that tried one block ended: {fault}") from fault


def done(wanted: str, function: Callable[[B], R], block: B) -> R:
    """One block done on a worker. Raises EngineFault where the worker's program is another than was `wanted`."""
    if (here := program()) != wanted:
        raise EngineFault(f"a worker has program {here} and not {wanted}: install the same release on it")
    return function(block)


@lru_cache(maxsize=1)
def program() -> str:
    """Tells apart programs that may give different results: our own rules and the libraries they stand on."""
    digest = hashlib.sha256()
    for file in sorted(Path(*analysis.__path__).glob("*.py")):
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    for name in _LIBRARIES:
        digest.update(f"{name}=={metadata.version(name)}\0".encode())
    return digest.hexdigest()[:16]


def chosen(settings: Settings) -> Engine:
    """The engine that is set."""
    return Dask(settings.dask_scheduler) if settings.dask_scheduler else IN_PROCESS
