"""The moderated summary as a workbook: totals, clauses, comments and what became of them, each on a sheet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time

from portal.reports import phrases, sentences, workbooks
from portal.reports.opinions import Opinions
from portal.reports.summary import CommentLine, Summary, require_balance
from portal.reports.workbooks import Book, Sheet
from portal.rules.window import BEIJING
from portal.rules.words import RespondentKind, Stance

MIMETYPE = workbooks.MIMETYPE
EXTENSION = "xlsx"

_COMMENT_COLUMNS = (
    ("意见编号", 11), ("受理编号", 17), ("条款", 26), ("提出人", 20), ("提出人类别", 12), ("提出方式", 11),
    ("收到时间", 17), ("态度", 10), ("意见", 60), ("建议改为", 40), ("采纳情况", 12), ("观点", 30),
)  # fmt: skip
_POINT_COLUMNS = (
    ("条款", 24), ("观点", 30), ("种类", 14), ("主要观点", 7), ("条数", 7),
    *((kind.label, 9) for kind in RespondentKind), *((stance.label, 8) for stance in Stance),
    ("提出人、态度、方式", 38), ("代表意见", 9), ("代表意见的文字", 40), ("意见编号", 28),
)  # fmt: skip
#: a workbook with more links than this opens slowly; references can still be searched for
_MOST_LINKS = 10_000
_ANSWER_COLUMNS = (
    ("意见编号", 11), ("条款", 26), ("意见", 46), ("提出人", 20), ("采纳情况", 12), ("理由", 40),
    ("原文", 34), ("修改后", 34),
)  # fmt: skip


def render(summary: Summary) -> bytes:
    """The XLSX of a summary. Raises TotalsDoNotBalance when its totals do not add up."""
    require_balance(summary)
    book = Book(f"意见汇总报告　{phrases.draft_name(summary)}", summary.bureau, summary.cut_off_at)
    opinions = Opinions(summary)
    _totals(book, opinions)
    _clauses(book, summary)
    _points(book, opinions)
    _comments(book, opinions)
    _answers(book, summary)
    return book.finish()


def _totals(book: Book, opinions: Opinions) -> None:
    summary = opinions.summary
    sheet = book.sheet("总数", (34, 14, 14, 40), is_landscape=False)
    sheet.write([("意见汇总报告", "title")], height=30)
    facts = (
        ("文件", phrases.draft_name(summary)),
        ("单位", summary.bureau),
        ("文件类型", summary.document_type),
        ("版本", phrases.version_words(summary)),
        ("征求意见时间", phrases.window_words(summary)),
        *(("期限说明", note) for note in summary.window_notes),
        ("意见渠道", "、".join(summary.channels)),
        *summary.columns.items(),
        ("浏览", f"{summary.views}次"),
        *([("宣传和听取意见的工作", summary.outreach)] if summary.outreach else []),
        ("统计截至", phrases.cut_off_words(summary)),
    )
    for name, value in facts:
        sheet.write([(name, "plain"), (value, "plain")])
    if summary.url:
        sheet.link(1, summary.url)
        sheet.write([("网页", "plain")])
    sheet.skip()
    sheet.write([(phrases.sum_of(summary.totals), "plain")])
    parts = [(state.label, count) for state, count in summary.totals.parts()]
    _table(sheet, "意见处理状态", ("状态", "意见（条）"), parts, (summary.totals.received,))
    if summary.totals.withheld:
        reasons = [(f"{code}　{words}", count) for code, words, count in summary.totals.withheld_by_reason]
        _table(sheet, "不予公开理由", ("理由", "意见（条）"), reasons, (summary.totals.withheld,))
    both = ("来稿（件）", "意见（条）")
    whole = (summary.submissions, summary.totals.received)
    channels = [(channel.label, pieces, comments) for channel, pieces, comments in summary.by_channel]
    _table(sheet, "提出方式", ("提出方式", *both), channels, whole)
    kinds = [(kind.label, pieces, comments) for kind, pieces, comments in summary.by_kind]
    _table(sheet, "提出人", ("提出人", *both), kinds, whole)
    if summary.by_region:
        regions = [(name, *(counts or (sentences.UNTOLD,) * 2)) for name, counts in opinions.regions()]
        _table(sheet, "所在地区", ("所在地区", *both), regions, whole)
    stances = [(stance.label, count) for stance, count in summary.by_stance]
    _table(sheet, "态度", ("态度", "意见（条）"), stances, (summary.totals.received,))
    if summary.dispositions:
        _table(sheet, "采纳情况", ("采纳情况", "意见（条）"), phrases.answer_rows(summary), (summary.totals.received,))
        sheet.write([(phrases.adoption_rate(summary), "plain")])
    sheet.skip()
    sheet.write([("收到日期", "section")], height=22)
    sheet.head(("日期", "意见（条）"))
    for day, count in summary.by_day:
        at = datetime.combine(day, time(0), BEIJING).astimezone(UTC)
        sheet.write([(at, "day"), (count, "number")])
    sheet.write([("合计", "total"), (summary.totals.received, "total number")])
    sheet.skip()
    told = [paragraph.words for paragraph in summary.narrative]
    told += list(sentences.since_words(summary.since)) if summary.since else []
    if told:
        sheet.write([("汇总文字和与上一份的比较", "section")], height=22)
        for said in told:
            sheet.write([(said, "plain")])
        sheet.skip()
    last = (
        sentences.coverage_words(opinions), sentences.public_words(summary), sentences.identity_words(summary),
    )  # fmt: skip
    for number, note in enumerate(filter(None, (*phrases.METHOD_NOTES, *last)), 1):
        sheet.write([(f"{number}. {note}", "plain")])


def _table(
    sheet: Sheet, title: str, head: Sequence[str], rows: Iterable[Sequence[str | int]], total: Sequence[int]
) -> None:
    sheet.skip()
    sheet.write([(title, "section")], height=22)
    sheet.head(head)
    for name, *numbers in rows:
        # what is not told stays a word, so that nobody adds it up
        sheet.write(
            [(name, "text"), *((each, "label") if isinstance(each, str) else (each, "number") for each in numbers)]
        )
    sheet.write([("合计", "total"), *((number, "total number") for number in total)])


def _clauses(book: Book, summary: Summary) -> None:
    states = [state for state, _ in summary.totals.parts()]
    head = (
        "条款", "标题", "收到", *(phrases.SHORT_STATE[state] for state in states),
        *(stance.label for stance in Stance), *(kind.label for kind in RespondentKind), "条款原文",
    )  # fmt: skip
    widths = (24, 26, 7, 7, 7, 7, 9, 7, *(8 for _ in Stance), *(9 for _ in RespondentKind), 60)
    sheet = book.sheet("条款", widths)
    sheet.head(head, filtered_rows=len(summary.clauses), repeat=True)
    for clause in summary.clauses:
        stances, kinds = dict(clause.by_stance), dict(clause.by_kind)
        numbers = [
            clause.totals.received,
            *(count for _, count in clause.totals.parts()),
            *(stances.get(stance, 0) for stance in Stance),
            *(kinds.get(kind, 0) for kind in RespondentKind),
        ]
        text = clause.text or "\n".join("　".join(row) for row in clause.rows)
        sheet.write(
            [
                (phrases.clause_name(clause), "text"),
                (clause.heading, "text"),
                *((number, "number") for number in numbers),
                (text, "text"),
            ]
        )
    stances, kinds = dict(summary.by_stance), {kind: count for kind, _, count in summary.by_kind}
    whole = [
        summary.totals.received,
        *(count for _, count in summary.totals.parts()),
        *(stances.get(stance, 0) for stance in Stance),
        *(kinds.get(kind, 0) for kind in RespondentKind),
    ]
    sheet.write([("合计", "total"), ("", "total"), *((number, "total number") for number in whole), ("", "total")])


def _points(book: Book, opinions: Opinions) -> None:
    summary = opinions.summary
    found = [(clause, point) for clause in summary.clauses for point in clause.points]
    sheet = book.sheet("观点", [width for _, width in _POINT_COLUMNS])
    sheet.head([name for name, _ in _POINT_COLUMNS], filtered_rows=len(found), repeat=True)
    if not found:
        sheet.write([("没有归入观点的意见。", "plain")])
    for clause, point in found:
        kinds, stances = dict(opinions.kinds(point)), dict(opinions.stances(point))
        counts = [*(kinds.get(kind, 0) for kind in RespondentKind), *(stances.get(each, 0) for each in Stance)]
        line = opinions.line_of[point.representative]
        sheet.write(
            [
                (phrases.clause_title(clause), "text"),
                (point.title, "text"),
                (point.kind.label, "label"),
                ("是" if point.is_key else "", "label"),
                (len(point.references), "number"),
                # a cell too small to be told stays a word, so that nobody adds it up
                *((sentences.count_of(None), "label") if each is None else (each, "number") for each in counts),
                (sentences.cells_words(opinions, point), "text"),
                (point.representative, "label"),
                (line.body, "text"),
                ("、".join(point.references), "text"),
            ]
        )
    if summary.campaigns:
        sheet = book.sheet("相同、相近意见", (50, 10, 12, 12, 14, 14, 60))
        head = ("代表文字", "条数", "不同文本", "公开", "最早收到", "最晚收到", "意见编号")
        sheet.head(head, filtered_rows=len(summary.campaigns), repeat=True)
        for each in summary.campaigns:
            days = [datetime.combine(day, time(0), BEIJING).astimezone(UTC) for day in (each.first_on, each.last_on)]
            sheet.write(
                [
                    (each.title, "text"), (each.submissions, "number"), (each.texts, "number"),
                    (len(each.references), "number"), (days[0], "day"), (days[1], "day"),
                    ("、".join(each.references), "text"),
                ]
            )  # fmt: skip
    if summary.figures:
        rows = sentences.figure_rows(summary.figures)
        sheet = book.sheet("指标", (26, 30, 14, 16, 8, 50))
        sheet.head(("条款", "指标", "原数值", "希望改为", "条数", "意见编号"), filtered_rows=len(rows), repeat=True)
        for where, name, old, value, count, references in rows:
            sheet.write(
                [
                    (where, "text"), (name, "text"), (old, "label"), (value, "label"), (int(count), "number"),
                    (references, "text"),
                ]
            )  # fmt: skip


def _comments(book: Book, opinions: Opinions) -> None:
    summary = opinions.summary
    sheet = book.sheet("意见", [width for _, width in _COMMENT_COLUMNS])
    sheet.head([name for name, _ in _COMMENT_COLUMNS], filtered_rows=summary.totals.published, repeat=True)
    has_links = bool(summary.url) and len(summary.comments) <= _MOST_LINKS
    for clause in summary.clauses:
        where = phrases.clause_title(clause)
        for line in clause.comments:
            point = opinions.point_of.get(line.reference)
            sheet.write(
                (
                    (line.reference, "label"),
                    (line.receipt_number, "label"),
                    (where, "text"),
                    (line.respondent, "text"),
                    (line.respondent_kind.label, "label"),
                    (line.channel.label, "label"),
                    (line.received_at, "instant"),
                    (line.stance.label, "label"),
                    (line.body, "text"),
                    (line.proposed_text, "text"),
                    (line.disposition.label if line.disposition else "", "label"),
                    (point.title if point else "", "text"),
                ),
                links={0: f"{summary.url}comments/{line.reference}"} if has_links else {},
            )


def _answers(book: Book, summary: Summary) -> None:
    sheet = book.sheet("采纳情况", [width for _, width in _ANSWER_COLUMNS])
    sheet.head([name for name, _ in _ANSWER_COLUMNS], filtered_rows=phrases.answered(summary), repeat=True)
    if not phrases.answered(summary):
        sheet.write([("尚无办理结果。", "plain")])
    for clause in summary.clauses:
        where = phrases.clause_title(clause)
        for line in clause.comments:
            if line.disposition is not None:
                sheet.write(answer_cells(line, where))


def answer_cells(line: CommentLine, where: str) -> list[tuple[str, str]]:
    """The cells of one answered comment; the old words are shown only where new ones stand against them."""
    assert line.disposition is not None
    return [
        (line.reference, "label"),
        (where, "text"),
        (line.body, "text"),
        (line.respondent, "text"),
        (line.disposition.label, "label"),
        (line.reason, "text"),
        (phrases.replaced(line), "text"),
        (line.changed_text, "text"),
    ]
