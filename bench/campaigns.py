"""`python -m bench.campaigns 50000 1000000`: near-identical texts planted among so many others, and what is found.

Recall: a copy is found if it stands in one group with its original. Precision: of all pairs of texts that stand in one
group, how many were planted together; and the same without the one great campaign, whose pairs outnumber all others.
Time is also given as a multiple of only hashing all pairs of neighbouring letters with numpy, in the same run.
Insertion: one more text sketched, its neighbours read from a table of bands in SQLite, and compared with them.
"""

from __future__ import annotations

import os
import resource
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bench import planted
from portal.analysis import campaigns
from portal.analysis.letters import folded
from portal.analysis.likeness import near_ones
from portal.analysis.sketches import BANDS, HEAD, SHORTEST, band_keys, head_of, keys, shortened, signatures, sketch

#: a new text is compared with so many of those it meets most often, at most
_COMPARED = 32
_REACH = 8


def line(what: str, measured: str, bar: str = "") -> None:
    print(f"{what:<58}{measured:>26}   {bar}", flush=True)


def measure(number: int) -> None:
    """Plants, groups and prints."""
    began = time.perf_counter()
    made = planted.plant(number)
    print(f"{number} texts planted in {time.perf_counter() - began:.0f} s, load {os.getloadavg()[0]:.1f}", flush=True)
    folded(["预热"])  # the table of letters is made once in a process
    floor = _seconds_of_hashing(made.texts)
    steps: list[tuple[str, float]] = []
    began = last = time.perf_counter()
    processor = time.process_time()

    def done(step: str) -> None:
        nonlocal last
        now = time.perf_counter()
        steps.append((step, now - last))
        last = now

    groups = campaigns.group(enumerate(made.texts), done)
    taken, used = last - began, time.process_time() - processor
    line(f"{number}  grouping", f"{taken:.1f} s", ", ".join(f"{step} {seconds:.1f}" for step, seconds in steps))
    line("  processor time; time of hashing all pairs of letters", f"{used:.1f} s; {floor:.2f} s")
    line("  grouping against hashing", f"{taken / floor:.1f}", "≤ 12")
    line(
        "  memory at most, with the texts",
        f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB",
        "≤ 2",
    )
    _judge(made, groups)
    _insertion(made.texts[:number])


def _seconds_of_hashing(texts: Sequence[str]) -> float:
    """The time of hashing every pair of neighbouring letters well, each text its own, on one thread."""
    began = time.perf_counter()
    for begin in range(0, len(texts), 4_000):
        part = texts[begin : begin + 4_000]
        codes = np.frombuffer("".join(part).encode("utf-32-le"), np.uint32).astype(np.uint64)
        ends = np.cumsum(np.fromiter(map(len, part), np.int64, len(part)))
        hashed = codes[:-1] << np.uint64(32) | codes[1:]
        for shift, odd in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            hashed ^= hashed >> np.uint64(shift)
            hashed *= np.uint64(odd)
        hashed ^= hashed >> np.uint64(31)
        within = np.ones(len(hashed), bool)
        within[ends[:-1] - 1] = False
        hashed = hashed[within]
    return time.perf_counter() - began


def _judge(made: planted.Planted, groups: Sequence[campaigns.Group]) -> None:
    place = np.full(len(made.texts), -1)
    for index, group in enumerate(groups):
        if not group.is_short:
            place[list(group.members)] = index
    clusters = np.array(made.clusters)
    original = {c: i for i, (c, level) in enumerate(zip(made.clusters, made.levels, strict=True)) if level is None}
    for level in planted.LEVELS:
        copies = [i for i, each in enumerate(made.levels) if each == level]
        found = sum(place[i] >= 0 and place[i] == place[original[made.clusters[i]]] for i in copies)
        line(f"  recall at {level:.0%} edits", f"{found / len(copies):.4f}", f"≥ 0.95   ({len(copies)} copies)")
    great = place == place[original[0]]
    for what, which in (("", place >= 0), (" without the great campaign", (place >= 0) & ~great)):
        all_pairs = _pairs(place[which].tolist())
        true = _pairs([(p, c) for p, c in zip(place[which].tolist(), clusters[which].tolist(), strict=True) if c >= 0])
        line(f"  precision over whole groups{what}", f"{true / all_pairs:.4f}", f"≥ 0.98   ({all_pairs} pairs)")
    long = [group for group in groups if not group.is_short]
    one = sum(
        len({made.clusters[i] for i in group.members} - {-1}) == 1 and -1 not in clusters[list(group.members)]
        for group in long
    )
    none = sum(bool((clusters[list(group.members)] < 0).all()) for group in long)
    sizes = Counter(len(group.members) for group in long if bool((clusters[list(group.members)] < 0).all()))
    line("  groups; all of one cluster; none of it planted", f"{len(long)}; {one}; {none}", f"of 2: {sizes[2]}")


def _pairs(places: list[object]) -> int:
    return sum(count * (count - 1) // 2 for count in Counter(places).values())


def _insertion(texts: Sequence[str]) -> None:
    """Fills a table of bands with the texts, then times how long one more takes to find its neighbours."""
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        table = sqlite3.connect(Path(folder) / "bands.sqlite3")
        table.execute("PRAGMA journal_mode=WAL")
        table.execute(
            "CREATE TABLE band (key INTEGER, comment_id INTEGER, PRIMARY KEY (key, comment_id)) WITHOUT ROWID"
        )
        began = time.perf_counter()
        parts = [range(part, min(part + 4_000, len(texts))) for part in range(0, len(texts), 4_000)]
        found_keys = np.concatenate([_keys([texts[i] for i in part], part.start) for part in parts])
        found_keys = found_keys[np.argsort(found_keys[:, 0])]
        for begin in range(0, len(found_keys), 1_000_000):
            table.executemany("INSERT INTO band VALUES (?, ?)", found_keys[begin : begin + 1_000_000].tolist())
        table.commit()
        filled = time.perf_counter() - began
        del found_keys
        size = (Path(folder) / "bands.sqlite3").stat().st_size / 2**20
        line(f"  table of bands, {BANDS} rows a text", f"{filled:.0f} s, {size:.0f} MiB")
        copies = planted.copies_of(texts, 500)
        times: list[float] = []
        found = 0
        for original, text in copies:
            began = time.perf_counter()
            found += original in neighbours(table, texts, text)
            times.append(time.perf_counter() - began)
        times.sort()
        line(
            "  one more text finds its neighbours, median; 95th of 100",
            f"{times[len(times) // 2] * 1000:.1f}; {times[len(times) * 95 // 100] * 1000:.1f} ms",
            f"≤ 5 ms   (its original among them: {found / len(times):.3f})",
        )
        began = time.perf_counter()
        for number, (_, text) in enumerate(copies, len(texts)):
            table.executemany("INSERT INTO band VALUES (?, ?)", [(key, number) for key in band_keys(sketch(text))])
            table.commit()
        line("  and its own rows are written in", f"{(time.perf_counter() - began) / len(copies) * 1000:.1f} ms")
        table.close()


def _keys(texts: Sequence[str], first: int) -> npt.NDArray[np.int64]:
    """Rows for the table: the keys of some texts, and the number of the text; short ones have none."""
    units, starts = shortened(*folded(texts))
    long = np.flatnonzero(np.diff(starts) >= SHORTEST)
    units = np.concatenate([units[starts[i] : starts[i + 1]] for i in long])
    starts = np.concatenate(([0], np.cumsum(np.diff(starts)[long])))
    made = keys(signatures(units, starts))
    return np.stack((made.ravel(), np.repeat(long + first, BANDS)), axis=1)


def neighbours(table: sqlite3.Connection, texts: Sequence[str], text: str) -> list[int]:
    """The texts in a table of bands that are near one that is not yet in it."""
    met: Counter[int] = Counter()
    for key in band_keys(sketch(text)):
        head = head_of(key)
        after = "SELECT comment_id FROM band WHERE key >= ? AND key < ? ORDER BY key LIMIT ?"
        before = "SELECT comment_id FROM band WHERE key < ? AND key >= ? ORDER BY key DESC LIMIT ?"
        met.update(row[0] for row in table.execute(after, (key, head + HEAD, _REACH)))
        met.update(row[0] for row in table.execute(before, (key, head, _REACH)))
    asked = [number for number, _ in met.most_common(_COMPARED)]
    answers = near_ones(text, [texts[number] for number in asked])
    return [number for number, is_near in zip(asked, answers, strict=True) if is_near]


def main() -> None:
    for number in [int(word) for word in sys.argv[1:]] or [50_000]:
        measure(number)


if __name__ == "__main__":
    main()
