"""The middle of the summary's story: what people argue, clause by clause and over the whole draft."""

from __future__ import annotations

from collections.abc import Iterator

from portal.reports import phrases, sentences
from portal.reports.blocks import Argument, Block, Change, Detail, Heading, Prose, Table
from portal.reports.characters import paragraphs
from portal.reports.opinions import APART, Opinions
from portal.reports.references import bracketed
from portal.reports.summary import ClauseSummary, PointLine, Summary
from portal.rules.words import PointKind

#: of more points by one person on one clause, the rest is named by title and reference only
SINGLES_TOLD = 60
WORDINGS_TOLD = 20
#: campaigns of fewer comments are named in a line each
CAMPAIGN_TOLD = 3


def table_of_counts(head: str, rows: list[tuple[str, int]]) -> Table:
    body = [(name, str(count)) for name, count in rows if count]
    body.append(("合计", str(sum(count for _, count in rows))))
    return Table("", (head, "意见（条）"), tuple(body), (8, 3), "lc", has_total=True)


def main_points(opinions: Opinions) -> Iterator[Block]:
    """What staff say of the whole, then the main points of the draft."""
    for words in opinions.words_of[""]:
        yield from (Prose(part) for part in paragraphs(words))
    found = opinions.main_points()
    if not found:
        yield Prose("没有两人以上提出的相同观点，各条意见见逐条意见。")
    for number, (clause, point) in enumerate(found, 1):
        yield Prose(f"{number}. {sentences.main_point_words(opinions, clause, point)}")


def on_clause(opinions: Opinions, clause: ClauseSummary) -> Iterator[Block]:
    """The points of one clause: those of several people, those of one, and who only says yes or no."""
    for words in opinions.words_of[clause.label] if clause.label else ():
        yield from (Prose(part) for part in paragraphs(words))
    if said := sentences.disagreement_words(opinions, clause):
        yield Detail(said)
    for point in clause.points:
        if point.kind is PointKind.ARGUMENT or point.is_key:
            yield argument(opinions, point)
    singles = [point for point in clause.points if point.kind is PointKind.SINGLE and not point.is_key]
    if singles:
        yield Detail(f"{PointKind.SINGLE.label}（{len(singles)}个）：", keeps_next=True)
        for number, point in enumerate(singles[:SINGLES_TOLD], 1):
            yield Detail(f"{number}. {sentences.single_words(opinions, point)}")
        rest = singles[SINGLES_TOLD:]
        if rest:
            yield Detail("；".join(f"{point.title}{bracketed(point.references)}" for point in rest) + "。")
    for point in clause.points:
        if point.kind in (PointKind.APPROVAL, PointKind.OBJECTION) and not point.is_key:
            yield Detail(sentences.plain_words(point))
    if said := sentences.left_over_words(opinions, clause):
        yield Detail(said)
    wordings = opinions.wordings(clause)
    if wordings:
        many = sum(len(each.references) for each in wordings)
        yield Detail(f"提出修改文字{many}条，文字相同的归为{len(wordings)}种：", keeps_next=True)
        for wording in wordings[:WORDINGS_TOLD]:
            yield Change(
                tuple((act, text.replace("\n", " ")) for act, text in wording.pieces),
                f"（{len(wording.references)}条）{bracketed(wording.references)}",
            )
        rest_refs = [reference for wording in wordings[WORDINGS_TOLD:] for reference in wording.references]
        if rest_refs:
            yield Detail(f"其余{len(wordings) - WORDINGS_TOLD}种见所列意见。{bracketed(rest_refs)}")


def argument(opinions: Opinions, point: PointLine) -> Argument:
    """One point as a piece of the report."""
    quoted, by = sentences.quotation(opinions, point)
    mark = "（主要观点）" if point.is_key else ""
    return Argument(
        f"{len(point.references)}条", f"{point.title}{mark}", sentences.point_words(opinions, point), quoted, by
    )


def campaigns(opinions: Opinions) -> Iterator[Block]:
    """Near-identical comments, each with both counts."""
    if not opinions.summary.campaigns:
        yield Prose("没有发现成批的相同、相近意见。")
    large = [each for each in opinions.summary.campaigns if each.submissions >= CAMPAIGN_TOLD]
    small = opinions.summary.campaigns[len(large) :]
    for number, campaign in enumerate(large, 1):
        yield Prose(f"{number}. {sentences.campaign_name(campaign)}：{sentences.campaign_words(campaign)}")
    if small:
        yield Prose(f"另有{len(small)}组，每组{CAMPAIGN_TOLD - 1}条：")
        for campaign in small:
            yield Detail(f"{sentences.campaign_name(campaign)}{bracketed(campaign.references) or '（均未公开）'}")


def apart(opinions: Opinions) -> Iterator[Block]:
    """The opinions of enterprises and of associations, apart from all others."""
    for number, kind in enumerate(APART, 1):
        found = opinions.apart(kind)
        yield Heading(2, f"（{phrases.numeral(number)}）{kind.label}", f"apart-{kind.value}")
        if not found:
            yield Prose(f"没有公开的{kind.label}意见。")
        for clause, groups in found:
            said = "；".join(
                sentences.apart_words(point, tuple(line.reference for line in lines)) for point, lines in groups
            )
            yield Prose(f"{sentences.place(clause)}：{said}。")


def figures_wanted(opinions: Opinions) -> Iterator[Block]:
    """The figures of the draft that people want changed: the value proposed, and by whom."""
    rows = sentences.figure_rows(opinions.summary.figures)
    if not rows:
        yield Prose("没有公开的意见要求修改数值。")
        return
    yield Prose("下列数值由程序从公开的意见中读出，请对照意见原文使用。")
    head = ("所在条款", "指标", "原数值", "希望改为", "条", "意见编号")
    yield Table("", head, tuple(rows), (4.8, 3.5, 2.4, 2.6, 0.9, 3.8), "llcccl")


def withheld_and_merged(summary: Summary) -> Iterator[Block]:
    """How many comments are told by their number only, and why."""
    totals = summary.totals
    yield Prose(
        f"不予公开{totals.withheld}条，并入相同意见{totals.merged}条，提出人撤回{totals.withdrawn}条，待审{totals.pending}条。"
        "批评草案不是不予公开的理由。"
    )
    if totals.withheld:
        reasons = [(f"{words}", count) for _, words, count in totals.withheld_by_reason]
        yield table_of_counts("理由", reasons)
