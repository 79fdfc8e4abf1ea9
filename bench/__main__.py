"""`make bench`: prints each ratio with its bar. `python -m bench A B C` chooses the sets; A and B by default."""

from __future__ import annotations

import io
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import flask
import xlsxwriter
from sqlalchemy import event, select

from bench import campaigns, datasets, served
from bench.applications import application
from portal import drafts, reports
from portal.models import Consultation
from portal.services import summaries

ROOT = Path(__file__).resolve().parent.parent


def seconds(act: Callable[[], object], times: int) -> float:
    """The mean time of an act, its first time not counted."""
    act()
    began = time.perf_counter()
    for _ in range(times):
        act()
    return (time.perf_counter() - began) / times


def steadily(act: Callable[[], object], for_seconds: float = 4.0) -> float:
    """The mean time of an act repeated for some seconds: whatever is done once a second is in it."""
    act()
    began, times = time.perf_counter(), 0
    while time.perf_counter() - began < for_seconds:
        act()
        times += 1
    return (time.perf_counter() - began) / times


def line(what: str, measured: str, bar: str) -> None:
    print(f"{what:<58}{measured:>26}   {bar}", flush=True)


def bare(body: bytes) -> flask.Flask:
    """A Flask application with one view that returns these bytes."""
    app = flask.Flask("bare")
    app.add_url_rule("/", "page", lambda: flask.Response(body, mimetype="text/html"))
    return app


def drawn(app: flask.Flask, address: str, queries: list[str]) -> tuple[bytes, int, float]:
    """A page drawn anew, not handed out again: its bytes, its queries, and the mean time of ten drawings."""
    shared = app.extensions["shared_pages"]
    kept, shared.seconds = shared.seconds, 0.0
    client = app.test_client()
    body = client.get(address).data
    queries.clear()
    client.get(address)
    asked = len(queries)
    mean = seconds(lambda: client.get(address), 10)
    shared.seconds = kept
    return body, asked, mean


def reading(sets: list[str], folder: Path) -> None:
    times: dict[str, dict[str, float]] = {}
    handed_out: dict[str, dict[str, float]] = {}
    for name in sets:
        database = datasets.database_in(folder, datasets.SIZES[name])
        app = application(database, folder)
        client = app.test_client()
        slug = f"set-{name.lower()}"
        addresses = {
            "home": "/", "reader": f"/consultations/{slug}/", "clause": f"/consultations/{slug}/clauses/1-1",
            "notice": f"/consultations/{slug}/notice",
        }  # fmt: skip
        queries: list[str] = []
        event.listen(app.extensions["database"].engine, "before_cursor_execute", lambda *a, q=queries: q.append(a[2]))
        times[name], handed_out[name] = {}, {}
        for page, address in addresses.items():
            body, asked, times[name][page] = drawn(app, address, queries)
            mine = steadily(lambda c=client, a=address: c.get(a))  # type: ignore[misc]
            handed_out[name][page] = mine
            other = bare(body).test_client()
            floor = steadily(lambda o=other: o.get("/"), 1.0)  # type: ignore[misc]
            line(
                f"{name}  {page}: share of a bare view with the same bytes",
                f"{floor / mine:.2f}  (drawn in {times[name][page] * 1000:.0f} ms)",
                f"≥ 0.5, {asked} queries (≤ 6), {len(body) // 1024} KB" if page == "reader" else f"{asked} queries",
            )
    for name in ("B", "C"):
        if name in times and "A" in times:
            for page in times["A"]:
                public, anew = (of[name][page] / of["A"][page] for of in (handed_out, times))
                line(f"{name} against A: {page} as the public is given it", f"{public:.2f}", "≤ 1.5 (C)")
                line(f"{name} against A: {page} drawn anew, 300 clauses for 60", f"{anew:.2f}", "")


def submitting(folder: Path, name: str) -> None:
    slug = f"set-{name.lower()}"
    database = datasets.database_in(folder, datasets.SIZES[name])
    app = application(database, folder)
    floor_app = served.bare_insert(database)

    def submit() -> None:
        client = app.test_client()
        client.post(f"/consultations/{slug}/clauses/1-1", data={"stance": "change", "body": "建议明确时限。"})
        assert client.post(f"/consultations/{slug}/comment", data={"kind": "citizen"}).status_code == 302

    def send_only() -> float:
        client = app.test_client()
        client.post(f"/consultations/{slug}/clauses/1-1", data={"stance": "change", "body": "建议明确时限。"})
        # the page carries the code of the basket it shows, so the form does too
        code = next(cookie.value for cookie in client._cookies.values() if cookie.key.startswith("basket_"))
        began = time.perf_counter()
        answer = client.post(f"/consultations/{slug}/comment", data={"kind": "citizen", "code": code})
        taken = time.perf_counter() - began
        assert answer.status_code == 302
        return taken

    floor_client = floor_app.test_client()

    def floor_only() -> float:
        began = time.perf_counter()
        floor_client.post("/")
        return time.perf_counter() - began

    # in turns, and the middle of each: what else the machine does meanwhile falls on both alike
    pairs = [(floor_only(), send_only()) for _ in range(120)][20:]
    floor, sending = (sorted(times)[50] for times in zip(*pairs, strict=True))
    line(
        f"{name}  submission: share of a bare committed INSERT, no server",
        f"{floor / sending:.3f}  ({sending * 1000:.1f} ms)",
        "",
    )
    for workers, said in ((1, "one worker"), (2, "two, as in make run")):
        bare_rate, rate = served.submissions(folder, name, workers)
        line(
            f"{name}  submission: the same in requests a second, {said}",
            f"{rate / bare_rate:.3f}  ({rate:.0f} /s)",
            "≥ 0.4",
        )
    line(f"{name}    with putting the comment into the basket first", f"{seconds(submit, 20) * 1000:.1f} ms", "")


def parsing() -> None:
    words = (ROOT / "portal/samples/five-year-plan.txt").read_text(encoding="utf-8")
    plan = (words * 4)[:26_000]
    line("drafts parse, 26,000 characters", f"{seconds(lambda: drafts.parse(plan), 5):.3f} s", "≤ 0.15 s")
    one, four = (seconds(lambda n=n: drafts.parse(words * n), 2) for n in (5, 20))  # type: ignore[misc]
    line("drafts parse, four times the text", f"{four / one:.2f} times the time", "linear: about 4")


def files(sets: list[str], folder: Path) -> None:
    name = "B" if "B" in sets else "A"
    database = datasets.database_in(folder, datasets.SIZES[name])
    app = application(database, folder)
    with app.app_context(), database.reader() as session:
        found = session.scalars(select(Consultation)).one()
        began = time.perf_counter()
        summary = summaries.summarise(session, found, datetime.now(UTC))
        line(f"{name}  gathering the summary", f"{time.perf_counter() - began:.1f} s", "")
    comments = summary.comments
    taken: dict[str, float] = {}
    for extension, report in reports.FORMATS.items():
        began = time.perf_counter()
        body = report.render(summary)
        taken[extension] = time.perf_counter() - began
        line(f"{name}  {extension}", f"{taken[extension]:.1f} s, {len(body) / 1e6:.1f} MB", "")

    def sheet() -> None:
        book = xlsxwriter.Workbook(io.BytesIO(), {"constant_memory": True, "strings_to_formulas": False})
        page = book.add_worksheet()
        for row, comment in enumerate(comments):
            for column, value in enumerate(
                (comment.reference, comment.clause_citation, comment.respondent, comment.body) * 3
            ):
                page.write_string(row, column, value)
        book.close()

    def archive() -> None:
        csv = "\n".join(",".join((c.reference, c.clause_citation, c.respondent, c.body)) for c in comments)
        with zipfile.ZipFile(io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as made:
            made.writestr("all.csv", csv)

    began = time.perf_counter()
    sheet()
    line(f"{name}  XLSX against the bare library", f"{taken['xlsx'] / (time.perf_counter() - began):.2f}", "≤ 1.5")
    began = time.perf_counter()
    archive()
    line(f"{name}  DOCX against CSV and a zip of it", f"{taken['docx'] / (time.perf_counter() - began):.2f}", "≤ 3")


def main() -> None:
    sets = [name for name in sys.argv[1:] if name in datasets.SIZES] or ["A", "B"]
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as made:
        folder = Path(made)
        parsing()
        campaigns.measure(5_000)
        for name in sets:
            submitting(folder, name)
        reading(sets, folder)
        files(sets, folder)


if __name__ == "__main__":
    main()
