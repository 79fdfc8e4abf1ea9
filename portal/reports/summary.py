"""The summary as a frozen value: everything a report says, and the check that its totals balance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from portal.rules.words import Channel, CommentState, Disposition, PointKind, RespondentKind, Stance


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts of comments (条). `withheld_by_reason` holds (code, words, count) and sums to `withheld`."""

    received: int = 0
    pending: int = 0
    published: int = 0
    withheld: int = 0
    merged: int = 0
    withdrawn: int = 0
    withheld_by_reason: tuple[tuple[str, str, int], ...] = ()

    def parts(self) -> tuple[tuple[CommentState, int], ...]:
        """The five states and how many comments stand in each, in the order the balance is written."""
        return (
            (CommentState.PENDING, self.pending),
            (CommentState.PUBLISHED, self.published),
            (CommentState.MERGED, self.merged),
            (CommentState.WITHHELD, self.withheld),
            (CommentState.WITHDRAWN, self.withdrawn),
        )

    @property
    def is_balanced(self) -> bool:
        return self.received == sum(count for _, count in self.parts()) and self.withheld == sum(
            count for _, _, count in self.withheld_by_reason
        )


@dataclass(frozen=True, slots=True)
class CommentLine:
    """One published comment as everybody may read it: `body` is the public copy, personal data masked."""

    reference: str
    receipt_number: str
    clause_label: str
    clause_citation: str
    respondent: str
    respondent_kind: RespondentKind
    channel: Channel
    received_at: datetime
    stance: Stance
    body: str
    proposed_text: str
    original_text: str
    disposition: Disposition | None = None
    reason: str = ""
    changed_text: str = ""


@dataclass(frozen=True, slots=True)
class PointLine:
    """One argument on one clause with the references of all published comments that make it, by number.

    `title` is the name people gave it, else its key phrases; `representative` is a reference.
    """

    key: str
    title: str
    kind: PointKind
    references: tuple[str, ...]
    representative: str
    is_key: bool = False
    is_named: bool = False


@dataclass(frozen=True, slots=True)
class CampaignLine:
    """Near-identical comments: how many came in, in how many distinct texts, and which of them are published.

    `representative` is the reference of the most typical published one, empty when none is published.
    """

    title: str
    representative: str
    submissions: int
    texts: int
    references: tuple[str, ...]
    first_on: date
    last_on: date


@dataclass(frozen=True, slots=True)
class FigureLine:
    """A figure of the draft that people want changed: each value proposed, with the comments that propose it.

    `indicator` and `old` are empty when no comment says them.
    """

    clause_label: str
    clause_citation: str
    indicator: str
    old: str
    wishes: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """What staff wrote in their own words, with references; `place` is the label of a clause, empty for the whole."""

    place: str
    words: str


@dataclass(frozen=True, slots=True)
class Since:
    """What changed against the summary kept before this one."""

    number: int
    cut_off_at: datetime
    received: int
    published: int
    new: tuple[str, ...]
    gone: tuple[str, ...]
    new_points: tuple[tuple[str, str, tuple[str, ...]], ...] = ()  # (citation, title, references)
    grown_points: tuple[tuple[str, str, int, tuple[str, ...]], ...] = ()  # (citation, title, before, added references)
    answered: int = 0


@dataclass(frozen=True, slots=True)
class ClauseSummary:
    """What was said on one clause. `label` is empty for the draft as a whole (全文)."""

    label: str
    kind: str
    number: str
    heading: str
    citation: str
    text: str
    depth: int
    totals: Totals
    by_stance: tuple[tuple[Stance, int], ...]
    by_kind: tuple[tuple[RespondentKind, int], ...]
    comments: tuple[CommentLine, ...]
    rows: tuple[tuple[str, ...], ...] = ()
    points: tuple[PointLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Summary:
    """The moderated summary of one consultation at one cut-off instant.

    Counts by stance and kind cover every comment received; `submissions` counts 件, `totals` counts 条.
    `by_channel` and `by_kind` hold (member, submissions, comments); `by_day` holds (Beijing day, comments).
    `by_region` holds (region, submissions, comments), the empty region for those who gave none; it is empty where
    nobody was asked.
    `dispositions` counts the published comments by what became of them.
    `window_notes` say why the period was shortened and how it was extended, as the public was told.
    `url` is the public address of the consultation, empty when the site has not been told its own.
    `senders` holds the submissions by kind and channel. `number` is 0 and `digest` empty until it is kept.
    `is_public` marks the copy for the public, in which small cells are not told.
    """

    consultation: str
    draft_title: str
    bureau: str
    document_type: str
    version: int
    published_at: datetime | None
    opens_at: datetime
    closes_at: datetime
    window_words: str
    channels: tuple[str, ...]
    cut_off_at: datetime
    submissions: int
    totals: Totals
    by_channel: tuple[tuple[Channel, int, int], ...]
    by_kind: tuple[tuple[RespondentKind, int, int], ...]
    by_stance: tuple[tuple[Stance, int], ...]
    by_day: tuple[tuple[date, int], ...]
    clauses: tuple[ClauseSummary, ...]
    dispositions: tuple[tuple[Disposition, int], ...] = ()
    url: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    window_notes: tuple[str, ...] = ()
    number: int = 0
    views: int = 0
    outreach: str = ""
    senders: tuple[tuple[RespondentKind, Channel, int], ...] = ()
    campaigns: tuple[CampaignLine, ...] = ()
    figures: tuple[FigureLine, ...] = ()
    narrative: tuple[Paragraph, ...] = ()
    since: Since | None = None
    by_region: tuple[tuple[str, int, int], ...] = ()
    #: not part of what is frozen: the digest is of that
    digest: str = ""
    is_public: bool = False

    @property
    def comments(self) -> tuple[CommentLine, ...]:
        """Every published comment, clause by clause, in the order of the draft."""
        return tuple(line for clause in self.clauses for line in clause.comments)

    @property
    def clauses_with_comments(self) -> int:
        """How many clauses (the draft as a whole not counted) received at least one comment."""
        return sum(1 for clause in self.clauses if clause.label and clause.totals.received)


class TotalsDoNotBalance(ValueError):
    """A report was asked for while its totals do not balance; the message says where."""


def imbalances(summary: Summary) -> Iterator[str]:
    """Yields one sentence for every total that does not balance; nothing when all is well."""
    totals = summary.totals
    if not totals.is_balanced:
        yield f"合计：收到{totals.received}条，各项之和为{sum(n for _, n in totals.parts())}条"
    for clause in summary.clauses:
        where = clause.citation or "全文"
        if not clause.totals.is_balanced:
            yield f"{where}：收到{clause.totals.received}条，各项之和为{sum(n for _, n in clause.totals.parts())}条"
        if clause.totals.published != len(clause.comments):
            yield f"{where}：公开{clause.totals.published}条，列出{len(clause.comments)}条"
    sums = (
        ("按条款", sum(clause.totals.received for clause in summary.clauses), totals.received),
        ("按渠道", sum(count for _, _, count in summary.by_channel), totals.received),
        ("按提出人", sum(count for _, _, count in summary.by_kind), totals.received),
        ("按态度", sum(count for _, count in summary.by_stance), totals.received),
        ("按日期", sum(count for _, count in summary.by_day), totals.received),
        ("按渠道的来稿", sum(count for _, count, _ in summary.by_channel), summary.submissions),
        ("按提出人的来稿", sum(count for _, count, _ in summary.by_kind), summary.submissions),
        *(
            (
                ("按所在地区", sum(count for _, _, count in summary.by_region), totals.received),
                ("按所在地区的来稿", sum(count for _, count, _ in summary.by_region), summary.submissions),
            )
            if summary.by_region
            else ()
        ),
    )
    for name, counted, expected in sums:
        if counted != expected:
            yield f"{name}：相加为{counted}，应为{expected}"
    if summary.senders and sum(count for _, _, count in summary.senders) != summary.submissions:
        yield f"按提出人和渠道的来稿：相加为{sum(n for _, _, n in summary.senders)}，应为{summary.submissions}"
    yield from _astray(summary)
    listed = Counter(line.disposition for line in summary.comments if line.disposition)
    stated = Counter(dict(summary.dispositions))
    for kind in Disposition:
        if listed[kind] != stated[kind]:
            yield f"采纳情况（{kind.label}）：合计{stated[kind]}条，列出{listed[kind]}条"


def _astray(summary: Summary) -> Iterator[str]:
    """References that lead nowhere, and comments counted in two points."""
    everywhere = {line.reference for line in summary.comments}
    for clause in summary.clauses:
        where = clause.citation or "全文"
        here = {line.reference for line in clause.comments}
        counted = Counter(reference for point in clause.points for reference in point.references)
        for reference in counted:
            if reference not in here:
                yield f"{where}：观点引用的{reference}不在本条公开的意见中"
            elif counted[reference] > 1:
                yield f"{where}：{reference}计入了{counted[reference]}个观点"
    for name, references in (
        *(("相同、相近意见", campaign.references) for campaign in summary.campaigns),
        *(("希望修改的指标", found) for figure in summary.figures for _, found in figure.wishes),
    ):
        for reference in references:
            if reference not in everywhere:
                yield f"{name}：引用的{reference}没有公开"
    for campaign in summary.campaigns:
        if len(campaign.references) > campaign.submissions or campaign.texts > campaign.submissions:
            yield f"相同、相近意见“{campaign.title}”：{campaign.submissions}条，公开的和不同文本的数目比它大"


def require_balance(summary: Summary) -> None:
    """Raises TotalsDoNotBalance, naming every place, when the summary's totals do not add up."""
    found = list(imbalances(summary))
    if found:
        raise TotalsDoNotBalance("；".join(found))
