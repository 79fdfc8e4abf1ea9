"""What became of each comment (意见采纳情况反馈): the opening letter, the table, and both as Word and Excel files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from portal.reports import phrases, word_package, wordml, workbooks
from portal.reports.characters import one_line, paragraphs, shortened
from portal.reports.summary import CommentLine, Summary, require_balance
from portal.reports.wordml import FANGSONG, HEITI, XIAOBIAOSONG, Section, paragraph, run
from portal.reports.workbooks import Book
from portal.rules.window import date_words, day_in_beijing
from portal.rules.words import Disposition

_ORIGINAL_LIMIT = 200
_SIZE = 10.5  # 五号: seven columns of running text on a turned page
_HEAD = ("序号", "条款", "意见内容", "提出单位/个人", "采纳情况", "理由", "原文→修改后")
_WIDTHS = (6, 17, 33, 16, 11, 22, 27)
ANNEX = "意见采纳情况表"


@dataclass(frozen=True, slots=True)
class AdoptionRow:
    """One answered comment. `comment` is the public copy; `original` is filled only where `changed` is."""

    number: int
    reference: str
    clause: str
    comment: str
    respondent: str
    disposition: Disposition
    reason: str
    original: str
    changed: str

    @property
    def change(self) -> str:
        """原文：… → 修改后：…; empty when the text of the draft stayed."""
        if not self.changed:
            return ""
        return f"原文：{self.original}\n→ 修改后：{self.changed}" if self.original else f"修改后：{self.changed}"


@dataclass(frozen=True, slots=True)
class AdoptionTable:
    """The whole feedback. `counts` are counted from the rows and equal the figures of the letter."""

    title: str
    draft_name: str
    bureau: str
    letter: str
    rate: str
    made_at: datetime
    counts: tuple[tuple[Disposition, int], ...]
    rows: tuple[AdoptionRow, ...]


@dataclass(frozen=True, slots=True)
class File:
    """A rendered file and what to call its kind."""

    content: bytes
    mimetype: str


def table(summary: Summary) -> AdoptionTable:
    """The feedback of a summary. Raises TotalsDoNotBalance when figures and rows do not agree."""
    require_balance(summary)
    lines = [
        (phrases.clause_title(clause), line)
        for clause in summary.clauses
        for line in clause.comments
        if line.disposition is not None
    ]
    rows = tuple(_row(number, where, line) for number, (where, line) in enumerate(lines, 1))
    counts = tuple((kind, sum(1 for row in rows if row.disposition is kind)) for kind in Disposition)
    name = phrases.draft_name(summary)
    return AdoptionTable(
        title=f"{name}公众意见采纳情况反馈" if summary.totals.received else f"关于{name}公开征求意见情况的反馈",
        draft_name=name,
        bureau=summary.bureau,
        letter=letter(summary),
        rate=phrases.adoption_rate(summary) if rows else "",
        made_at=summary.cut_off_at,
        counts=tuple((kind, count) for kind, count in counts if count),
        rows=rows,
    )


def letter(summary: Summary) -> str:
    """The opening paragraph: how long the public was asked, what came in, and what became of all of it."""
    asked = f"{phrases.window_days(summary)}，{summary.bureau}就{phrases.draft_name(summary)}向社会公开征求意见"
    if not summary.totals.received:
        return f"{asked}。征求意见期间，未收到社会公众提出的意见建议。感谢社会各界的关注。"
    said = f"{asked}，收到来稿{summary.submissions}件，共收到意见{summary.totals.received}条"
    outcomes, rest = phrases.disposition_words(summary), phrases.rest_words(summary)
    said += f"，其中{outcomes}" if outcomes else ""
    said += f"；{rest}" if outcomes and rest else ""
    if not outcomes:
        said += f"，{rest.replace('其余', '其中')}"
    thanks = "现将情况反馈如下，衷心感谢大家的参与。" if outcomes else "办理结果将另行公布，衷心感谢大家的参与。"
    return f"{said}。{'我们逐条研究，' if outcomes else ''}{thanks}"


def _row(number: int, where: str, line: CommentLine) -> AdoptionRow:
    assert line.disposition is not None
    return AdoptionRow(
        number=number,
        reference=line.reference,
        clause=where,
        comment="\n".join(paragraphs(line.body) + [f"建议改为：{part}" for part in paragraphs(line.proposed_text)]),
        respondent=one_line(line.respondent),
        disposition=line.disposition,
        reason=line.reason.strip(),
        original=shortened(line.original_text.strip(), _ORIGINAL_LIMIT) if line.changed_text.strip() else "",
        changed=line.changed_text.strip(),
    )


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
    for line in phrases.title_lines(feedback.title):
        yield paragraph("Title", run(line, XIAOBIAOSONG, 22))
    yield paragraph("Normal", "")
    yield paragraph("Normal", run(feedback.letter, FANGSONG, 16))
    if feedback.rows:
        yield paragraph("Normal", run(f"{feedback.rate}。", FANGSONG, 16))
        yield paragraph("Normal", "")
        yield paragraph("Normal", run(f"附件：{ANNEX}", FANGSONG, 16))
    yield paragraph("Normal", "")
    yield from _signature(feedback)
    if not feedback.rows:
        return
    yield f"<w:p><w:pPr>{Section().xml()}</w:pPr></w:p>"
    yield paragraph("Annex", run("附件", HEITI, 16))
    yield paragraph("Title", run(ANNEX, XIAOBIAOSONG, 22))
    yield wordml.table(
        _HEAD,
        [_cells(row) for row in feedback.rows],
        _WIDTHS,
        "cllcclll"[: len(_HEAD)],
        width=wordml.TEXT_HEIGHT,
        size=_SIZE,
        has_rules=True,
    )
    yield paragraph("Gap", "")


def _cells(row: AdoptionRow) -> tuple[str, ...]:
    where = f"{row.clause}\n[{row.reference}]"
    return (str(row.number), where, row.comment, row.respondent, row.disposition.label, row.reason, row.change)


def _signature(feedback: AdoptionTable) -> Iterator[str]:
    """Unit and date where no seal is set: the date begins two characters right of the unit, both two from the edge."""
    day = date_words(day_in_beijing(feedback.made_at))
    length = sum(0.5 if mark.isdigit() else 1 for mark in day)
    unit = len(feedback.bureau)
    behind_unit, behind_day = (2, unit - length) if unit >= length + 2 else (length + 4 - unit, 2)
    for text, behind in ((feedback.bureau, behind_unit), (day, behind_day)):
        indent = f'<w:ind w:rightChars="{round(behind * 100)}" w:right="{round(behind * 316)}"/>'
        yield paragraph("Signature", run(text, FANGSONG, 16), indent)


def render_xlsx(feedback: AdoptionTable) -> bytes:
    """The table on one sheet, the letter and the figures on another."""
    book = Book(feedback.title, feedback.bureau, feedback.made_at)
    head = ("序号", "意见编号", "条款", "意见内容", "提出单位/个人", "采纳情况", "理由", "原文", "修改后")
    sheet = book.sheet("采纳情况", (7, 11, 26, 46, 20, 14, 36, 34, 34))
    sheet.head(head, filtered_rows=len(feedback.rows), repeat=True)
    for row in feedback.rows:
        sheet.write(
            [
                (row.number, "number"),
                (row.reference, "label"),
                (row.clause, "text"),
                (row.comment, "text"),
                (row.respondent, "text"),
                (row.disposition.label, "label"),
                (row.reason, "text"),
                (row.original, "text"),
                (row.changed, "text"),
            ]
        )
    notes = book.sheet("说明", (90, 12), is_landscape=False)
    notes.write([(feedback.title, "title")], height=30)
    notes.write([(feedback.letter, "note")])
    if feedback.rows:
        notes.skip()
        notes.head(("采纳情况", "意见（条）"))
        for kind, count in feedback.counts:
            notes.write([(kind.label, "text"), (count, "number")])
        notes.write([("合计", "total"), (len(feedback.rows), "total number")])
        notes.write([(feedback.rate, "note")])
    return book.finish()


_RENDERERS: dict[str, tuple[Callable[[AdoptionTable], bytes], str]] = {
    "docx": (render_docx, word_package.MIMETYPE),
    "xlsx": (render_xlsx, workbooks.MIMETYPE),
}


def render(extension: str, feedback: AdoptionTable) -> File | None:
    """The feedback as a file; None for a format it does not come in."""
    if extension not in _RENDERERS:
        return None
    renderer, mimetype = _RENDERERS[extension]
    return File(renderer(feedback), mimetype)
