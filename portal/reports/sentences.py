"""The sentences of the summary about opinions. Each carries the references of the opinions it speaks of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from portal.drafts.difference import Piece
from portal.reports import phrases
from portal.reports.characters import nested, one_line, shortened
from portal.reports.opinions import SMALLEST_CELL, Opinions
from portal.reports.references import bracketed
from portal.reports.summary import CampaignLine, ClauseSummary, FigureLine, PointLine, Since, Summary
from portal.rules.window import date_words, instant_words
from portal.rules.words import Channel, LabelledEnum, PointKind, RespondentKind, Stance

QUOTED = 90
SINGLE_QUOTED = 60


#: what stands in the place of a figure that a copy for the public does not tell. It does not say that the figure is
#: small: a larger one may be left out because the small one beside it could be worked out from it
UNTOLD = "不列明"
#: by which a copy for the public is known
PUBLIC_MARK = f"公开文本中，少于{SMALLEST_CELL}条的分类"


def count_of(number: int | None) -> str:
    """A count, or that it is not told."""
    return UNTOLD if number is None else str(number)


def region_rows(opinions: Opinions) -> list[tuple[str, str, str]]:
    """Region, submissions, comments, as they are printed; empty where nobody was asked."""
    return [
        (region, str(counts[0]), str(counts[1])) if counts else (region, UNTOLD, UNTOLD)
        for region, counts in opinions.regions()
    ]


def region_words(region: str, pieces: str, remarks: str) -> str:
    """云川区：来稿12件，意见15条, or that it is not told."""
    return f"{region}：{UNTOLD}" if pieces == UNTOLD else f"{region}：来稿{pieces}件，意见{remarks}条"


def pairs(told: Iterable[tuple[LabelledEnum, int | None]]) -> str:
    """个人12，企业7."""
    return "，".join(f"{member.label}{count_of(number)}" for member, number in told)


def who_makes(opinions: Opinions, point: PointLine) -> str:
    """个人12，企业7: who makes a point, each kind by itself."""
    return pairs(opinions.kinds(point))


def cells_words(opinions: Opinions, point: PointLine) -> str:
    """个人：建议修改9条（网上7，信函2），不赞成3条（网上3）；企业：…: kind × stance × channel."""
    tree: dict[RespondentKind, dict[Stance, list[tuple[Channel, int | None]]]] = {}
    for (kind, stance, channel), number in opinions.cells(point):
        tree.setdefault(kind, {}).setdefault(stance, []).append((channel, number))
    return "；".join(
        f"{kind.label}：" + "，".join(f"{stance.label}（{pairs(channels)}）" for stance, channels in stances.items())
        for kind, stances in tree.items()
    )


def point_words(opinions: Opinions, point: PointLine) -> str:
    """By whom a point is made and how, with its references."""
    many = len(point.references)
    return f"{many}条意见持此观点，其中{cells_words(opinions, point)}。{bracketed(point.references)}"


def quotation(opinions: Opinions, point: PointLine, limit: int = QUOTED) -> tuple[str, str]:
    """The words of the comment that stands for a point, and whose they are: (“…”, 王**，C-86)."""
    line = opinions.line_of[point.representative]
    words = nested(shortened(one_line(line.body), limit))
    return f"“{words}”", f"{one_line(line.respondent)}，{line.reference}"


def place(clause: ClauseSummary) -> str:
    """A clause as it is named inside a sentence: its citation and its heading, without the stop that may end that."""
    return phrases.clause_title(clause).rstrip("。；;.")


def main_point_words(opinions: Opinions, clause: ClauseSummary, point: PointLine) -> str:
    """One main point in one sentence, for the head of the report."""
    return f"{place(clause)}：{point.title}（{len(point.references)}条，{who_makes(opinions, point)}）。{bracketed(point.references)}"


def single_words(opinions: Opinions, point: PointLine) -> str:
    """A point that one person makes, with enough of their words to judge it by."""
    words, _ = quotation(opinions, point, SINGLE_QUOTED)
    line = opinions.line_of[point.representative]
    title = f"{point.title}。" if point.is_named else ""
    return f"{title}{words}（{line.respondent_kind.label}，{line.channel.label}，{line.stance.label}）{bracketed(point.references)}"


def plain_words(point: PointLine) -> str:
    """Those who only say yes or no."""
    said = "赞成" if point.kind is PointKind.APPROVAL else "不赞成"
    return f"{len(point.references)}条只表示{said}，未提具体建议。{bracketed(point.references)}"


def disagreement_words(opinions: Opinions, clause: ClauseSummary) -> str:
    """That people disagree on a clause, stated as such; empty when they do not."""
    found = opinions.disagreement(clause)
    if found is None:
        return ""
    sides = [
        (Stance.SUPPORT, found.support), (Stance.OPPOSE, found.oppose), (Stance.CHANGE, found.change),
    ]  # fmt: skip
    said = "；".join(f"{stance.label}{len(refs)}条{bracketed(refs)}" for stance, refs in sides if refs)
    return f"对本条有不同意见：{said}。"


def left_over_words(opinions: Opinions, clause: ClauseSummary) -> str:
    """The published comments of a clause that make no point yet; empty when there are none."""
    rest = opinions.without_point(clause)
    return f"另有{len(rest)}条尚未归入观点，照录于后。{bracketed(rest)}" if rest else ""


def difference_words(pieces: Iterable[Piece]) -> str:
    """A difference in plain text: what is struck and what is added stand in brackets."""
    said = {"same": "{}", "del": "〔删：{}〕", "ins": "〔增：{}〕"}
    return "".join(said[op].format(text) for op, text in pieces)


def campaign_name(campaign: CampaignLine) -> str:
    """What a campaign is called: in quotation marks, for where nobody named it, it is how its letter begins."""
    return f"“{nested(campaign.title.rstrip('。，'))}”"


def campaign_words(campaign: CampaignLine) -> str:
    """Near-identical comments with both counts: how many came in, in how many texts."""
    days = date_words(campaign.first_on)
    if campaign.last_on != campaign.first_on:
        days += f"至{date_words(campaign.last_on)}"
    shown = (
        f"其中公开{len(campaign.references)}条。{bracketed(campaign.references)}"
        if campaign.references
        else "均未公开。"
    )
    return f"共{campaign.submissions}条，{campaign.texts}种不同文本，{days}收到，{shown}"


def apart_words(point: PointLine | None, references: tuple[str, ...]) -> str:
    """What one kind of respondent says of a clause: by point, or one by one."""
    said = point.title if point else "尚未归入观点"
    return f"{said}（{len(references)}条）{bracketed(references)}"


def figure_rows(figures: Iterable[FigureLine]) -> list[tuple[str, str, str, str, str, str]]:
    """The rows of the table of figures: clause, indicator, as drafted, as wished, how many, references."""
    return [
        (
            figure.clause_citation,
            figure.indicator or "（意见未写明指标）",
            figure.old or "—",
            value,
            str(len(references)),
            bracketed(references),
        )
        for figure in figures
        for value, references in figure.wishes
    ]


def since_words(since: Since) -> Iterator[str]:
    """What changed against the summary before."""
    yield (
        f"与第{since.number}份汇总（数据截至{instant_words(since.cut_off_at)}）相比，收到的意见{_signed(since.received)}条，"
        f"公开的意见{_signed(since.published)}条，办理结果新增或者改变{since.answered}条。"
    )
    if since.new:
        yield f"新公开的意见{len(since.new)}条。{bracketed(since.new)}"
    if since.gone:
        yield f"不再公开的意见{len(since.gone)}条，编号为{'、'.join(each[2:] for each in since.gone[:50])}。"
    for citation, title, references in since.new_points[:30]:
        yield f"新的观点：{citation}，{title}（{len(references)}条）。{bracketed(references)}"
    if len(since.new_points) > 30:
        yield f"新的观点共{len(since.new_points)}个，其余见逐条意见。"
    for citation, title, before, added in since.grown_points[:30]:
        yield f"{citation}，{title}：由{before}条增加到{before + len(added)}条。{bracketed(added)}"


def _signed(number: int) -> str:
    return f"增加{number}" if number >= 0 else f"减少{-number}"


def coverage_words(opinions: Opinions) -> str:
    """How many of the published comments the points cover; the rest is listed clause by clause."""
    told, whole = opinions.coverage()
    if not whole:
        return "没有公开的意见。"
    rest = f"其余{whole - told}条逐条列明" if whole > told else "没有遗漏"
    return f"公开的{whole}条意见中，{told}条归入观点，{rest}。"


def identity_words(summary: Summary) -> str:
    """By what a file is known: the consultation, which summary it is, and the digest of its data."""
    if not summary.digest:
        return f"征求意见编号：{summary.consultation}；本页为即时数据，尚未留存。"
    return f"征求意见编号：{summary.consultation}；第{summary.number}份汇总；数据摘要（SHA-256）：{summary.digest}"


def public_words(summary: Summary) -> str:
    """What the copy for the public leaves out; empty in the copy for the office."""
    if not summary.is_public:
        return ""
    regions = f"、来稿少于{SMALLEST_CELL}件的地区" if summary.by_region else ""
    return f"{PUBLIC_MARK}{regions}，连同足以推算出它的，数目{UNTOLD}。"
