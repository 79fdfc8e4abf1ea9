"""Where the heavy steps of mass analysis are done: in this process, or by an engine on other machines.

A step is a pure function over blocks. A block holds everything the function has to know, so it may be done anywhere, in
any order, and once more when a machine was lost; what is found depends neither on the engine nor on how many blocks
there are.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol, TypeVar

B = TypeVar("B")
R = TypeVar("R")

THREADS = 2


class Engine(Protocol):
    """Does a step block by block."""

    def map(self, function: Callable[[B], R], blocks: Iterable[B]) -> Iterator[R]:
        """The results in the order of the blocks, which are made as they are wanted and a few at a time.

        `function` has a name in a module of `portal.analysis`, reads nothing but its block and changes nothing else.
        Raises what the function raised; what an engine raises when it cannot go on is a fault of the whole step.
        """
        ...


class InProcess:
    """Does the blocks here, two at a time: numpy and rapidfuzz work outside of Python's lock."""

    def map(self, function: Callable[[B], R], blocks: Iterable[B]) -> Iterator[R]:
        with ThreadPoolExecutor(THREADS) as threads:
            begun: deque[Future[R]] = deque()
            for block in blocks:
                begun.append(threads.submit(function, block))
                if len(begun) > THREADS:
                    yield begun.popleft().result()
            while begun:
                yield begun.popleft().result()


IN_PROCESS = InProcess()
