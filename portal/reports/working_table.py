"""The working table of opinions (意见汇总处理表, form C-2): every published comment with its answer and its office."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from portal.drafts import excerpts
from portal.drafts.difference import passage
from portal.reports import alike, phrases, wordml
from portal.reports.characters import nested, one_line, shortened
from portal.reports.summary import CommentLine, Summary, require_balance
from portal.reports.workbooks import Book
from portal.rules.answering import IN_DRAFT

NAME = "意见汇总处理表"
HEAD = (
    "序号", "条款位置", "原文（征求意见稿）", "意见内容", "修改建议", "提出单位/个人", "提出方式", "收到日期", "采纳情况",
    "理由/修改后条文", "办理单位", "备注",
)  # fmt: skip
#: on paper what belongs together stands together: twelve columns of running text fit no page
_WORD_HEAD = (
    "序号", "意见\n编号", "原文（征求意见稿）", "意见内容、修改建议", "提出单位/个人\n方式、日期",
    "采纳情况、理由/修改后条文", "办理单位、备注",
)  # fmt: skip
_WIDTHS = (8, 11, 34, 50, 27, 48, 25)
_ALIGNS = "cclllll"
_REFERENCES_SHOWN = 3
#: longer words than this are not printed twice under one clause
_REPEATED = 20
_SIZE = 9.0  # 小五
#: so much of a clause is told where something is to be changed, and where nothing is
_ORIGINAL_LIMIT, _BEGINNING = 400, 60
UNANSWERED = "尚未答复"


@dataclass(frozen=True, slots=True)
class Backing:
    """What the file keeps of a comment beside what is public: its office, its campaign, why it was answered apart.

    `campaign` is what is said of the campaign; `kin` tells it from any other.
    """

    office: str = ""
    campaign: str = ""
    note: str = ""
    kin: str = ""


@dataclass(frozen=True, slots=True)
class WorkingRow:
    """One comment, or comments of one opinion with equal proposals and equal answers once they are folded."""

    lines: tuple[CommentLine, ...]
    clause: str
    original: str
    proposed: str
    outcome: str
    answer: str
    office: str
    remark: str
    #: names what is told together: a campaign on this clause, or the same words
    opinion: str
    key: tuple[str, ...]

    @property
    def count(self) -> int:
        return len(self.lines)

    @property
    def references(self) -> tuple[str, ...]:
        return tuple(line.reference for line in self.lines)

    @property
    def comment(self) -> str:
        """The words, of several wordings those that most people used."""
        return alike.most_said(self.lines).strip()


def rows(summary: Summary, backing: Mapping[str, Backing]) -> Iterator[WorkingRow]:
    """One row for each published comment, clause by clause. Raises TotalsDoNotBalance for a wrong summary."""
    require_balance(summary)
    for clause in summary.clauses:
        where = phrases.clause_title(clause)
        for line in clause.comments:
            behind = backing.get(line.reference, Backing())
            original, proposed = line.original_text.strip(), line.proposed_text.strip()
            changed = line.changed_text.strip()
            if changed and changed.rstrip("。") != IN_DRAFT:
                changed = f"修改为“{nested(excerpts.changed(original, changed))}”"
            answer = "\n".join(part for part in (changed, line.reason.strip()) if part)
            remark = "\n".join(
                part for part in (behind.campaign, f"不同处理的说明：{behind.note}" if behind.note else "") if part
            )
            outcome = line.disposition.label if line.disposition else UNANSWERED
            opinion = behind.kin or alike.letters(f"{line.body}\0{line.proposed_text}")
            spoken_of = _spoken_of(original, proposed or line.changed_text.strip())
            yield WorkingRow(
                lines=(line,),
                clause=where,
                original=spoken_of,
                proposed=excerpts.changed(original, proposed) if proposed else "",
                outcome=outcome,
                answer=answer,
                office=behind.office,
                remark=remark,
                opinion=f"{clause.label}\0{opinion}",
                key=(alike.letters(proposed), spoken_of, outcome, answer, behind.office, remark),
            )


def _spoken_of(original: str, wanted: str) -> str:
    """What the draft says where a comment wants it otherwise; its beginning where no wording is proposed."""
    if not wanted or wanted.rstrip("。") == IN_DRAFT:
        return shortened(original, _BEGINNING) or "—"
    spoken_of = excerpts.sides(passage(original, wanted), wanted)[0]
    return shortened(spoken_of, _ORIGINAL_LIMIT) or shortened(original, _BEGINNING) or "—"


def folded(every: Iterable[WorkingRow]) -> list[WorkingRow]:
    """Comments of one opinion with equal proposals and equal answers as one row; what is one opinion stands together.

    Whoever proposes a wording is told with that wording and with nobody else's.
    """
    found: dict[str, dict[tuple[str, ...], list[WorkingRow]]] = {}
    for row in every:
        found.setdefault(row.opinion, {}).setdefault(row.key, []).append(row)
    return [
        replace(some[0], lines=tuple(line for row in some for line in row.lines))
        for opinion in found.values()
        for some in opinion.values()
    ]


def xlsx(summary: Summary, backing: Mapping[str, Backing]) -> bytes:
    """Every comment on a line of its own, to be filtered and sorted; the totals on a second sheet."""
    made = list(rows(summary, backing))
    book = Book(f"{NAME}　{phrases.draft_name(summary)}", summary.bureau, summary.cut_off_at)
    sheet = book.sheet(NAME, (7, 11, 24, 34, 40, 34, 18, 11, 12, 14, 40, 18, 24))
    sheet.head((HEAD[0], "意见编号", *HEAD[1:]), filtered_rows=len(made), repeat=True)
    for number, row in enumerate(made, 1):
        (line,) = row.lines
        sheet.write(
            [
                (number, "number"),
                ("、".join(row.references), "label"),
                (row.clause, "text"),
                (row.original, "text"),
                (row.comment, "text"),
                (row.proposed, "text"),
                (one_line(line.respondent), "text"),
                (line.channel.label, "label"),
                (line.received_at, "day"),
                (row.outcome, "label"),
                (row.answer, "text"),
                (row.office, "text"),
                (row.remark, "text"),
            ]
        )
    notes = book.sheet("合计", (60, 12), is_landscape=False)
    notes.write([(f"{phrases.draft_name(summary)}{NAME}", "title")], height=30)
    notes.write([(phrases.received_words(summary), "note")])
    notes.skip()
    notes.head(("采纳情况", "意见（条）"))
    for name, count in phrases.answer_rows(summary):
        notes.write([(name, "text"), (count, "number")])
    notes.write([("合计", "total"), (summary.totals.received, "total number")])
    notes.write([(phrases.adoption_rate(summary), "note")])
    return book.finish()


class _Once:
    """What a clause's rows have said already: long words are printed once, later rows say where."""

    def __init__(self) -> None:
        self._first: dict[tuple[str, str], int] = {}

    def told(self, column: str, words: str, number: int) -> str:
        first = self._first.setdefault((column, words), number)
        return words if first == number or len(words) <= _REPEATED else f"同序号{first}"


def word_table(made: Iterable[WorkingRow], first_mark: int = 1) -> str:
    """The table for a turned page of a Word file: under a line for each clause what was said of it.

    A reference leads to the row that has it; the bookmarks of the rows count from `first_mark`.
    """
    cells: list[tuple[str, ...]] = []
    places: list[tuple[str, ...]] = []
    clause, once = "", _Once()
    for number, row in enumerate(made, 1):
        if row.clause != clause:
            clause, once = row.clause, _Once()
            cells.append((clause,))
            places.append(())
        said = [row.comment, f"建议改为：{once.told('proposed', row.proposed, number)}" if row.proposed else ""]
        answer = once.told("answer", row.answer, number)
        differing = alike.wordings(row.lines)
        same = f"同类意见{row.count}条{f'，{differing}' if differing else ''}" if row.count > 1 else ""
        backed = [row.office, same, row.remark]
        cells.append(
            (
                str(number),
                _references(row),
                once.told("original", row.original, number),
                "\n".join(filter(None, said)),
                _senders(row),
                f"{row.outcome}：{answer}" if answer else row.outcome,
                "\n".join(filter(None, backed)),
            )
        )
        places.append(row.references)
    return wordml.table(
        _WORD_HEAD, cells, _WIDTHS, _ALIGNS, width=wordml.TEXT_HEIGHT, size=_SIZE, has_rules=True,
        places=places, first_mark=first_mark,
    )  # fmt: skip


def _senders(row: WorkingRow) -> str:
    """Who sent the comments of a row, of what kinds where there are several, how and when they came."""
    kinds = alike.kinds(row.lines)
    several = f"（{kinds}）" if len({line.respondent_kind for line in row.lines}) > 1 else ""
    return f"{alike.people(row.lines)}{several}\n{alike.channels(row.lines)}\n{alike.days(row.lines)}"


def _references(row: WorkingRow) -> str:
    """The first references of a row one under the other, and how many there are."""
    shown = "\n".join(row.references[:_REFERENCES_SHOWN])
    return shown if row.count <= _REFERENCES_SHOWN else f"{shown}\n等{row.count}条"
