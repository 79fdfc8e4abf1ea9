"""The moderated summary told from beginning to end as blocks; Word and PDF set the same story in type."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from portal.drafts import excerpts
from portal.reports import phrases, sentences
from portal.reports.arguments import (
    apart,
    campaigns,
    figures_wanted,
    main_points,
    on_clause,
    table_of_counts,
    withheld_and_merged,
)  # fmt: skip
from portal.reports.blocks import Block, Detail, Figures, Heading, Prose, Quote, Remark, Table, Title
from portal.reports.characters import one_line, paragraphs, shortened
from portal.reports.opinions import Opinions
from portal.reports.summary import ClauseSummary, CommentLine, Summary
from portal.reports.title_lines import title_lines
from portal.rules.answering import IN_DRAFT
from portal.rules.window import date_words, instant_words

QUOTE_LIMIT = 240
TABLE_ROWS = 12
_DAYS_ABREAST = 4
_CLAUSES_NAMED = 30


def blocks(summary: Summary) -> Iterator[Block]:
    """The whole report, piece by piece. Sections that would be empty are left out and the numbers close up."""
    lines = ("意见汇总报告", *title_lines(phrases.draft_name(summary)))
    yield Title(lines, f"（数据截至{instant_words(summary.cut_off_at)}，北京时间）")
    opinions = Opinions(summary)
    sections: list[tuple[str, Iterator[Block]]] = [
        ("基本情况", (Prose(said) for said in phrases.basic_facts(summary))),
    ]
    if summary.since is not None:
        sections.append(("与上一份汇总相比", (Prose(said) for said in sentences.since_words(summary.since))))
    sections += [("收到意见情况", _received(opinions)), ("全文分布", _distribution(summary))]
    if summary.totals.received:
        sections += [
            ("主要观点", main_points(opinions)),
            ("逐条意见", _clause_by_clause(opinions)),
            ("相同、相近意见", campaigns(opinions)),
            ("企业和行业协会的意见", apart(opinions)),
            ("希望修改的指标", figures_wanted(opinions)),
            ("不予公开和并入的意见", withheld_and_merged(summary)),
        ]
    if summary.dispositions:
        sections.append(("办理情况", _answers(summary)))
    if summary.comments:
        sections.append(("公开的意见", _opinions(summary)))
    sections.append(("说明", _notes(opinions)))
    for number, (name, content) in enumerate(sections, 1):
        yield Heading(1, f"{phrases.numeral(number)}、{name}", f"section-{number}")
        yield from content


def _received(opinions: Opinions) -> Iterator[Block]:
    summary = opinions.summary
    yield Prose(phrases.received_words(summary))
    if not summary.totals.received:
        return
    channels = [(channel.label, pieces, remarks) for channel, pieces, remarks in summary.by_channel]
    kinds = [(kind.label, pieces, remarks) for kind, pieces, remarks in summary.by_kind]
    regions = sentences.region_rows(opinions)
    tables = [
        ("按提出方式", _table_of_senders("提出方式", channels, summary)),
        ("按提出人", _table_of_senders("提出人", kinds, summary)),
        *([("按所在地区", _table_of_senders("所在地区", regions, summary))] if regions else []),
        ("按态度", table_of_counts("态度", [(stance.label, n) for stance, n in summary.by_stance])),
        ("按收到日期", _table_of_days(summary)),
    ]
    for number, (title, table) in enumerate(tables, 1):
        yield Heading(2, f"（{phrases.numeral(number)}）{title}", f"figures-{number}")
        yield table


def _table_of_senders(head: str, rows: Sequence[tuple[str, int | str, int | str]], summary: Summary) -> Table:
    body = [(name, str(pieces), str(remarks)) for name, pieces, remarks in rows if pieces or remarks]
    body.append(("合计", str(summary.submissions), str(summary.totals.received)))
    return Table("", (head, "来稿（件）", "意见（条）"), tuple(body), (5, 3, 3), "lcc", has_total=True)


def _table_of_days(summary: Summary) -> Table:
    """The days run down one column after the other, as one reads a calendar of figures."""
    cells = [(f"{day.month}月{day.day}日", str(count)) for day, count in phrases.days_with_comments(summary)]
    years = {day.year for day, _ in phrases.days_with_comments(summary)}
    if len(years) > 1:
        cells = [(date_words(day), str(count)) for day, count in phrases.days_with_comments(summary)]
    abreast = min(_DAYS_ABREAST if len(years) == 1 else 3, len(cells))
    deep = -(-len(cells) // abreast)
    cells += [("", "")] * (deep * abreast - len(cells))
    rows = tuple(tuple(cell for column in range(abreast) for cell in cells[column * deep + row]) for row in range(deep))
    return Table("", ("日期", "条") * abreast, rows, (2, 1) * abreast, "cc" * abreast)


def _distribution(summary: Summary) -> Iterator[Block]:
    yield Prose(phrases.distribution_words(summary, _CLAUSES_NAMED))
    spoken_of = [clause for clause in summary.clauses if clause.totals.received]
    if not spoken_of:
        return
    states = [state for state, _ in summary.totals.parts()]
    head = ("条款", "收到", *(phrases.SHORT_STATE[state] for state in states))
    rows = [(phrases.clause_title(clause), str(clause.totals.received), *_parts(clause)) for clause in spoken_of]
    rows.append(("合计", str(summary.totals.received), *(str(count) for _, count in summary.totals.parts())))
    yield Table(
        "各条款收到意见（条）", head, tuple(rows), (8.2, 1.5, 1.5, 1.5, 1.5, 2.2, 1.5), "lcccccc", has_total=True
    )


def _parts(clause: ClauseSummary) -> tuple[str, ...]:
    return tuple(str(count) for _, count in clause.totals.parts())


def _clause_by_clause(opinions: Opinions) -> Iterator[Block]:
    for position, clause in enumerate(opinions.summary.clauses):
        if not clause.totals.received:
            continue
        yield Heading(3, phrases.clause_title(clause), f"clause-{position}")
        if clause.rows:
            yield from _clause_table(clause)
        elif clause.text.strip():
            yield Quote(shortened("\n".join(paragraphs(clause.text)), QUOTE_LIMIT))
        yield Figures(phrases.clause_figures(clause))
        yield from on_clause(opinions, clause)


def _opinions(summary: Summary) -> Iterator[Block]:
    for position, clause in enumerate(summary.clauses):
        if clause.comments:
            yield Heading(3, phrases.clause_title(clause), f"opinions-{position}")
            yield from (remark(line) for line in clause.comments)


def _clause_table(clause: ClauseSummary) -> Iterator[Block]:
    columns = max(len(row) for row in clause.rows)
    full = [tuple(one_line(cell) for cell in row) + ("",) * (columns - len(row)) for row in clause.rows]
    head, rows = full[0], tuple(full[1 : 1 + TABLE_ROWS])
    # A column is as wide as its longest cell asks, within reason: a table of figures keeps its names readable.
    widths = tuple(float(min(24, max(4, *(len(row[at]) for row in (head, *rows))))) for at in range(columns))
    yield Table("", head, rows, widths, "l" + "c" * (columns - 1))
    if len(full) > 1 + TABLE_ROWS:
        yield Figures(f"表格共{len(full) - 1}行，此处列前{TABLE_ROWS}行。")


def remark(line: CommentLine) -> Remark:
    """One published comment with what was proposed, what became of it and why."""
    parts = [("", line.body)]
    if line.proposed_text.strip():
        parts.append(("建议改为：", excerpts.changed(line.original_text, line.proposed_text)))
    if line.disposition is not None:
        is_in_draft = line.changed_text.strip().rstrip("。") == IN_DRAFT
        outcome = f"{line.disposition.label}（{IN_DRAFT}）" if is_in_draft else line.disposition.label
        parts.append(("办理结果：", f"{outcome}。{line.reason.strip()}"))
        if line.changed_text.strip() and not is_in_draft:
            parts.append(("修改后：", excerpts.changed(line.original_text, line.changed_text)))
    return Remark(
        phrases.reference(line),
        one_line(line.respondent),
        phrases.who(line),
        line.stance.label,
        tuple((label, text) for label, text in parts if text.strip()),
        line.reference,
    )


def _answers(summary: Summary) -> Iterator[Block]:
    yield Prose(phrases.answers_words(summary))
    yield Prose(f"{phrases.adoption_rate(summary)}。")
    yield table_of_counts("采纳情况", phrases.answer_rows(summary))


def _notes(opinions: Opinions) -> Iterator[Block]:
    summary = opinions.summary
    said = [*phrases.METHOD_NOTES, sentences.coverage_words(opinions), sentences.public_words(summary)]
    for number, note in enumerate(filter(None, said), 1):
        yield Prose(f"{number}. {note}")
    # small: the digest is long, and for a machine
    yield Detail(sentences.identity_words(summary))
