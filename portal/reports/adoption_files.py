"""The adoption feedback as files: Word and PDF to be read, Excel and CSV to be worked with, one page of HTML."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from portal.drafts.difference import difference
from portal.reports import docx, pdf, phrases, word_package, wordml, workbooks
from portal.reports.adoption import ANNEX, AdoptionTable
from portal.reports.adoption_rows import AdoptionRow
from portal.reports.blocks import Annex, Block, Enclosure, Figures, Heading, Prose, Remark, Signed, Title
from portal.reports.characters import for_utf8, for_xml, paragraphs
from portal.reports.csvfile import safe
from portal.reports.title_lines import title_lines
from portal.reports.wordml import Section, paragraph
from portal.reports.workbooks import Book
from portal.rules.window import date_words, day_in_beijing

_SIZE = 10.5  # 五号: six columns of running text on a turned page
_HEAD = ("序号", "意见\n编号", "意见内容", "提出单位/个人", "采纳情况", "理由、原文→修改后")
_WIDTHS = (8, 12, 54, 24, 14, 62)
_SHEET = ("序号", "意见编号", "条数", "条款", "意见内容", "提出单位/个人", "采纳情况", "理由", "原文", "修改后")
_TEMPLATES = Path(__file__).resolve().parents[2] / "templates"


def opening(feedback: AdoptionTable) -> Iterator[Block]:
    """The letter from its title to its signature, without the table."""
    yield Title(tuple(title_lines(feedback.title)))
    if feedback.correction:
        yield Prose(f"更正说明（第{feedback.number}版）：{feedback.correction.rstrip('。')}。")
    yield Prose(feedback.letter)
    if feedback.rate:
        yield Prose(f"{feedback.rate}。")
    for number, group in enumerate(feedback.groups, 1):
        title = f"{phrases.numeral(number)}、关于{group.subject}（{group.count}条）"
        yield Heading(1, title, f"group-{number}")
        yield from (Prose(words) for words in group.paragraphs)
    if feedback.rows:
        yield Enclosure(ANNEX)
    if feedback.contact:
        yield Prose(f"联系电话：{feedback.contact}")
    yield Signed(feedback.bureau, date_words(day_in_beijing(feedback.made_at)))


def render_docx(feedback: AdoptionTable) -> bytes:
    """The letter on an upright page, signed; the table as an annex on turned pages."""
    return word_package.package(
        _body(feedback),
        title=feedback.title,
        author=feedback.bureau,
        made_at=feedback.made_at,
        last=Section(is_landscape=bool(feedback.rows)),
    )


def _body(feedback: AdoptionTable) -> Iterator[str]:
    yield from docx.body(opening(feedback))
    if not feedback.rows:
        return
    yield f"<w:p><w:pPr>{Section().xml()}</w:pPr></w:p>"
    yield from docx.body([Annex((ANNEX,), "annex")])
    yield wordml.table(
        _HEAD,
        list(_under_clauses(feedback.rows)),
        _WIDTHS,
        "cclccl",
        width=wordml.TEXT_HEIGHT,
        size=_SIZE,
        has_rules=True,
    )
    yield paragraph("Gap", "")


def _under_clauses(rows: Iterable[AdoptionRow]) -> Iterator[tuple[str, ...]]:
    """A line for each clause, and under it what was said of it and what became of that."""
    for where, found in groupby(rows, key=lambda row: row.clause):
        yield (where,)
        for row in found:
            reference = row.reference.replace("、", "\n")
            answer = (row.change, row.reason) if row.is_in_draft else (row.reason, row.change)
            told = "\n".join(filter(None, answer))
            yield (str(row.number), reference, row.comment, row.respondent, row.outcome, told)


def render_pdf(feedback: AdoptionTable) -> bytes:
    """The letter, then every row under its clause."""
    return pdf.printed(
        lambda: _printed(feedback), feedback.title, feedback.bureau, feedback.made_at, "意见采纳情况反馈"
    )


def _printed(feedback: AdoptionTable) -> Iterator[Block]:
    yield from opening(feedback)
    if not feedback.rows:
        return
    yield Annex((ANNEX,), "annex")
    for number, (where, rows) in enumerate(groupby(feedback.rows, key=lambda row: row.clause)):
        yield Heading(3, where, f"clause-{number}")
        for row in rows:
            parts = [
                ("意见：", row.comment),
                ("理由：", row.reason),
                ("原文：", row.original),
                ("修改情况：" if row.is_in_draft else "修改后：", row.changed),
            ]
            yield Remark(
                f"{row.number}.",
                row.respondent,
                f"（{row.reference}）",
                f"　{row.outcome}",
                tuple((label, words) for label, words in parts if words),
            )
    total = "、".join(f"{kind.label}{count}条" for kind, count in feedback.counts)
    yield Figures(f"合计{sum(row.count for row in feedback.rows)}条" + (f"：{total}。" if total else "。"))


def render_xlsx(feedback: AdoptionTable) -> bytes:
    """The table on one sheet, the letter and the figures on another."""
    book = Book(feedback.title, feedback.bureau, feedback.made_at)
    sheet = book.sheet("采纳情况", (7, 14, 7, 26, 46, 20, 14, 36, 34, 34))
    sheet.head(_SHEET, filtered_rows=len(feedback.rows), repeat=True)
    for row in feedback.rows:
        sheet.write(
            [
                (row.number, "number"),
                (row.reference, "label"),
                (row.count, "number"),
                (row.clause, "text"),
                (row.comment, "text"),
                (row.respondent, "text"),
                (row.outcome, "label"),
                (row.reason, "text"),
                (row.original, "text"),
                (row.changed, "text"),
            ]
        )
    notes = book.sheet("说明", (90, 12), is_landscape=False)
    notes.write([(feedback.title, "title")], height=30)
    if feedback.correction:
        notes.write([(f"更正说明（第{feedback.number}版）：{feedback.correction}", "note")])
    notes.write([(feedback.letter, "note")])
    if feedback.rows:
        notes.skip()
        notes.head(("采纳情况", "意见（条）"))
        for name, count in _figures(feedback):
            notes.write([(name, "text"), (count, "number")])
        notes.write([("合计", "total"), (sum(row.count for row in feedback.rows), "total number")])
        notes.write([(feedback.rate, "note")])
    return book.finish()


def _figures(feedback: AdoptionTable) -> list[tuple[str, int]]:
    found = [(kind.label, count) for kind, count in feedback.counts]
    return found + ([("未逐条答复", feedback.unanswered)] if feedback.unanswered else [])


def render_csv(feedback: AdoptionTable) -> bytes:
    """One line for each row, UTF-8 with BOM; the last lines say the totals and the letter."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(_SHEET)
    for row in feedback.rows:
        writer.writerow(
            [
                str(row.number), safe("、".join(row.references)), str(row.count), safe(row.clause), safe(row.comment),
                safe(row.respondent), row.outcome, safe(row.reason), safe(row.original), safe(row.changed),
            ]
        )  # fmt: skip
    empty = [""] * (len(_SHEET) - 4)
    total = "、".join(f"{name}{count}条" for name, count in _figures(feedback))
    writer.writerow(["合计", "", str(sum(row.count for row in feedback.rows)), total, *empty])
    writer.writerow(["说明", "", "", safe(feedback.letter), *empty])
    if feedback.correction:
        writer.writerow(["更正说明", "", "", safe(feedback.correction), *empty])
    return for_utf8(target.getvalue()).encode("utf-8-sig")


def render_html(feedback: AdoptionTable) -> bytes:
    """One page that stands alone: its style inside it, nothing fetched from anywhere."""
    page = _template().render(
        feedback=feedback,
        day=date_words(day_in_beijing(feedback.made_at)),
        clauses=[(where, list(rows)) for where, rows in groupby(feedback.rows, key=lambda row: row.clause)],
        figures=_figures(feedback),
        total=sum(row.count for row in feedback.rows),
    )
    return for_xml(page).encode()


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(paragraphs=paragraphs)
    environment.globals.update(difference=difference, numeral=phrases.numeral)
    return environment.get_template("reports/feedback.html")


#: in the order in which they are offered: what renders it, and what a browser is told it is
FORMATS: dict[str, tuple[Callable[[AdoptionTable], bytes], str]] = {
    "docx": (render_docx, word_package.MIMETYPE),
    "pdf": (render_pdf, "application/pdf"),
    "xlsx": (render_xlsx, workbooks.MIMETYPE),
    "csv": (render_csv, "text/csv"),
    "html": (render_html, "text/html"),
}
