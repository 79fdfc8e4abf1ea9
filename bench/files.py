"""`python -m bench.files [B] [C]`: the files of a summary as the worker makes them: time, peak memory, size, floors.

Each stage runs in a process of its own that does what a step of the worker does, so that its peak is its own: points,
gathering and keeping the summary, then every file made from the kept one. Beside each stands how much of its memory
the program needs before it has read a single comment. Floors: XlsxWriter writing the same cells bare; the same text as
CSV and a zip of it. Each file is made twice and has to be the same to the byte.
"""

from __future__ import annotations

import csv
import hashlib
import io
import multiprocessing
import os
import resource
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from sqlalchemy import select

from bench import datasets
from portal import reports
from portal.access import ANYBODY
from portal.db import Database
from portal.models import Consultation
from portal.reports import reading_back
from portal.services import archiving, building, points, summaries

AT = datetime(2026, 6, 1, tzinfo=UTC)
KEEPS = "kept"


def _peak() -> float:
    """The most memory this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _timed(act: Callable[[], Any], answer: Any) -> None:
    before, began, used = _peak(), time.perf_counter(), time.process_time()
    told = act()
    answer.put((time.perf_counter() - began, time.process_time() - used, before, _peak(), told))


def apart(act: Callable[[], Any]) -> tuple[float, float, float, float, Any]:
    """Seconds, seconds of processor, memory before and at most (MB), and the answer, of an act in a new process."""
    context = multiprocessing.get_context("fork" if os.environ.get("BENCH_FORK") else "spawn")
    answer: Any = context.Queue()
    process = context.Process(target=_timed, args=(act, answer))
    process.start()
    told: tuple[float, float, float, float, Any] = answer.get()
    process.join()
    return told


class Act:
    """What a new process does, by name, with the folder of the set."""

    def __init__(self, name: str, folder: Path, size: str, *rest: str) -> None:
        self.name, self.folder, self.size, self.rest = name, folder, size, rest

    def __call__(self) -> Any:
        database = datasets.database_in(self.folder, datasets.SIZES[self.size])
        return getattr(self, f"_{self.name}")(database)

    def _points(self, database: Database) -> int:
        with database.transaction() as session:
            found = session.scalars(select(Consultation)).one()
            points.renew(session, found, AT)
            return points.without_point(session, found)

    def _gathered(self, database: Database) -> int:
        with database.reader() as session:
            summary = summaries.summarise(session, session.scalars(select(Consultation)).one(), AT)
            return summary.totals.published

    def _kept(self, database: Database) -> int:
        with database.transaction() as session:
            found = session.scalars(select(Consultation)).one()
            summary = summaries.summarise(session, found, AT)
            return summaries.keep_gathered(session, ANYBODY, found, summary, AT).number

    def _file(self, database: Database) -> tuple[int, str, float]:
        """Size, digest, and how long the setting of the file alone took, without reading what was kept."""
        with database.reader() as session:
            found = session.scalars(select(Consultation)).one()
            kept = summaries.kept_summary(session, found, 1)
            summary = summaries.thaw(kept)
            session.expire(kept)
            began = time.process_time()
            content = building.render(summary, self.rest[0])[1]
            took = time.process_time() - began
        (self.folder / f"{self.size}.{self.rest[0]}").write_bytes(content)
        return len(content), hashlib.sha256(content).hexdigest(), took

    def _archive(self, database: Database) -> tuple[int, str]:
        with database.reader() as session:
            found = session.scalars(select(Consultation)).one()
            kept = summaries.kept_summary(session, found, 1)
            built = {name: (self.folder / f"{self.size}.{name}").read_bytes() for name in archiving.FILE_NAMES}
            content = archiving.pack(session, found, kept, built, None)
        return len(content), hashlib.sha256(content).hexdigest()

    def _floors(self, _: Database) -> tuple[float, float]:
        """Seconds for the same cells by the bare library, and for the same text as CSV and a zip of it."""
        cells = _cells((self.folder / f"{self.size}.xlsx").read_bytes())
        sheet = min(_processor(lambda: _bare_workbook(cells)) for _ in range(2))
        text = reading_back.lines("docx", (self.folder / f"{self.size}.docx").read_bytes())
        return sheet, min(_processor(lambda: _packed(text)) for _ in range(3))


def _processor(act: Callable[[], object]) -> float:
    """Seconds of the processor: what else the machine does falls on neither side of a ratio."""
    began = time.process_time()
    act()
    return time.process_time() - began


def _cells(workbook: bytes) -> list[list[str]]:
    """The cells of a workbook row by row; as many empty ones with them as there are."""
    rows = [row.split("｜") for row in reading_back.lines("xlsx", workbook)]
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
        written = sum(archive.read(name).count(b"<c ") for name in sheets)
    missing = written - sum(map(len, rows))
    for row in rows:
        taken = min(2, missing)
        row.extend([""] * taken)
        missing -= taken
    return rows


def _bare_workbook(rows: list[list[str]]) -> None:
    book = xlsxwriter.Workbook(io.BytesIO(), {"constant_memory": True, "strings_to_formulas": False})
    page = book.add_worksheet()
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            page.write_string(number, column, value)
    book.close()


def _packed(paragraphs: list[str]) -> None:
    target = io.StringIO(newline="")
    csv.writer(target).writerows([paragraph] for paragraph in paragraphs)
    with zipfile.ZipFile(io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("all.csv", target.getvalue())


def line(what: str, took: float, used: float, before: float, peak: float, more: str = "") -> None:
    print(
        f"{what:<26}{took:>8.1f} s {used:>8.1f} s cpu {peak:>7.0f} MB at most ({before:.0f} before)   {more}",
        flush=True,
    )


def measure(size: str, folder: Path) -> None:
    database = datasets.database_in(folder, datasets.SIZES[size])
    database.engine.dispose()
    print(f"set {size}, load {os.getloadavg()[0]:.1f}", flush=True)
    for name in ("points", "gathered", KEEPS):
        took = apart(Act(name, folder, size))
        line(name, *took[:4], str(took[4]))
    times: dict[str, float] = {}
    for name in (*reports.FORMATS, building.REDLINE):
        first, second = (apart(Act("file", folder, size, name)) for _ in range(2))
        times[name] = min(first[4][2], second[4][2])
        same = "the same bytes twice" if first[4][:2] == second[4][:2] else "NOT THE SAME BYTES"
        said = f"{first[4][0] / 1e6:.1f} MB, {same}; set in {times[name]:.1f} s cpu"
        line(name, min(first[0], second[0]), min(first[1], second[1]), *first[2:4], said)
    first, second = (apart(Act("archive", folder, size)) for _ in range(2))
    same = "the same bytes twice" if first[4] == second[4] else "NOT THE SAME BYTES"
    line("archive", *first[:4], f"{first[4][0] / 1e6:.1f} MB, {same}")
    sheet, packed = apart(Act("floors", folder, size))[4]
    print(f"  XLSX {times['xlsx'] / sheet:.2f} times the bare library ({sheet:.1f} s), at most 1.5")
    print(f"  DOCX {times['docx'] / packed:.2f} times CSV and a zip of it ({packed:.1f} s), at most 3")


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as made:
        folder = Path(os.environ.get("BENCH_FOLDER", made))
        for size in [name for name in sys.argv[1:] if name in datasets.SIZES] or ["B"]:
            measure(size, folder)


if __name__ == "__main__":
    main()
