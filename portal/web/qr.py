"""An address as a QR code, drawn as one path of an SVG: no picture to fetch, no style, sharp on paper."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import segno


@dataclass(frozen=True, slots=True)
class Drawing:
    """The side of the square, quiet zone included, and the path of its dark modules."""

    side: int
    path: str


@lru_cache(maxsize=256)
def drawing(address: str) -> Drawing:
    """The code of an address."""
    rows = [list(row) for row in segno.make(address, error="m", micro=False).matrix_iter(border=4)]
    path = []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            run = x
            while run < len(row) and row[run]:
                run += 1
            if run > x:
                path.append(f"M{x} {y}h{run - x}v1H{x}z")
            x = max(run, x + 1)
    return Drawing(len(rows), "".join(path))
