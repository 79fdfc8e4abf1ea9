"""The published comments as CSV that a spreadsheet opens as it should: UTF-8 with BOM, CRLF, no cell a formula."""

from __future__ import annotations

import csv
import io

from portal.reports import phrases, sentences
from portal.reports.characters import for_utf8, one_line
from portal.reports.opinions import Opinions
from portal.reports.summary import CommentLine, Summary, require_balance
from portal.rules.window import in_beijing

MIMETYPE = "text/csv"
EXTENSION = "csv"

HEAD = (
    "意见编号", "受理编号", "条款", "提出人", "提出人类别", "提出方式", "收到时间（北京时间）", "态度",
    "意见", "建议改为", "采纳情况", "理由", "原文", "修改后", "观点", "观点的意见数",
)  # fmt: skip

# A spreadsheet computes a cell that begins with one of these, also behind spaces and control characters.
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "|", "%")
_BLANK = "".join(map(chr, range(33))) + "\x7f\xa0\u200b\u3000\ufeff"


def render(summary: Summary) -> bytes:
    """One row for each published comment. Raises TotalsDoNotBalance when the summary's totals do not add up.

    The last rows say the balance and what the report tells beside the comments, so that the file cannot be taken for
    all that was received.
    """
    require_balance(summary)
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(HEAD)
    opinions = Opinions(summary)
    for clause in summary.clauses:
        where = phrases.clause_title(clause)
        writer.writerows([safe(cell) for cell in _cells(where, line, opinions)] for line in clause.comments)
    writer.writerows(["期限说明", safe(one_line(note)), *[""] * (len(HEAD) - 2)] for note in summary.window_notes)
    notes = [
        ("合计", phrases.sum_of(summary.totals)),
        ("覆盖", sentences.coverage_words(opinions)),
        ("数据", sentences.identity_words(summary)),
    ]
    notes += [("说明", said) for said in (sentences.public_words(summary),) if said]
    notes += [("所在地区", sentences.region_words(*row)) for row in sentences.region_rows(opinions)]
    notes += [("汇总文字", one_line(paragraph.words)) for paragraph in summary.narrative]
    notes += [("相同、相近意见", f"{each.title}：{sentences.campaign_words(each)}") for each in summary.campaigns]
    notes += [
        ("希望修改的指标", "，".join(row[:4]) + f"（{row[4]}条）{row[5]}")
        for row in sentences.figure_rows(summary.figures)
    ]
    writer.writerows([name, safe(said), *[""] * (len(HEAD) - 2)] for name, said in notes)
    return for_utf8(target.getvalue()).encode("utf-8-sig")


def safe(cell: str) -> str:
    """The cell, behind a quote mark when a spreadsheet would take it for a formula; without NUL, which ends a text."""
    cell = cell.replace("\0", "")
    begins = cell.lstrip(_BLANK)
    return "'" + cell if begins.startswith(_FORMULA) or cell[:1] in ("\t", "\r", "\n") else cell


def _cells(where: str, line: CommentLine, opinions: Opinions) -> tuple[str, ...]:
    point = opinions.point_of.get(line.reference)
    return (
        line.reference,
        line.receipt_number,
        where,
        line.respondent,
        line.respondent_kind.label,
        line.channel.label,
        f"{in_beijing(line.received_at):%Y-%m-%d %H:%M:%S}",
        line.stance.label,
        line.body,
        line.proposed_text,
        line.disposition.label if line.disposition else "",
        line.reason,
        phrases.replaced(line),
        line.changed_text,
        point.title if point else "",
        str(len(point.references)) if point else "",
    )
