"""What became of each comment (意见采纳情况反馈), as a value: the opening letter, the rows, the figures, the groups.

Equal comments with equal answers are one row (`adoption_rows`), and rows may be grouped (`adoption_groups`). The
figures of the letter are counted from the rows, and a table that does not agree with its letter is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.reports import phrases
from portal.reports.adoption_groups import Group, counted, groups
from portal.reports.adoption_rows import NOT_ONE_BY_ONE, AdoptionRow, folded
from portal.reports.summary import Summary, Totals, TotalsDoNotBalance, require_balance
from portal.rules.words import Disposition, FeedbackForm

ANNEX = "意见采纳情况表"
#: from so many rows on the feedback is grouped unless the officer wants otherwise (form C-5)
MANY_ROWS = 60


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
    form: FeedbackForm
    totals: Totals
    submissions: int
    unanswered: int = 0
    unanswered_reason: str = ""
    groups: tuple[Group, ...] = ()
    contact: str = ""
    number: int = 1
    correction: str = ""

    @property
    def row_count(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, slots=True)
class Wishes:
    """How the officer wants the feedback, and what a summary does not know of the comments.

    `kin` names what is merged when answered alike (reference → campaign), `subjects` the group a comment belongs to.
    """

    form: FeedbackForm | None = None
    unanswered_reason: str = ""
    contact: str = ""
    number: int = 1
    correction: str = ""
    kin: Mapping[str, str] | None = None
    subjects: Mapping[str, str] | None = None


def table(summary: Summary, wishes: Wishes | None = None) -> AdoptionTable:
    """The feedback of a summary. Raises TotalsDoNotBalance when figures and rows do not agree."""
    require_balance(summary)
    wishes = wishes or Wishes()
    found = list(
        folded(summary, wishes.kin or {}, wishes.subjects or {}, has_unanswered=bool(wishes.unanswered_reason))
    )
    rows = tuple(each.row for each in found)
    counts = counted(rows)
    name = phrases.draft_name(summary)
    form = wishes.form or (FeedbackForm.BY_CLAUSE if len(rows) > MANY_ROWS else FeedbackForm.TABLE)
    if not summary.totals.received:
        form = FeedbackForm.NONE
    elif form is FeedbackForm.NONE:
        form = FeedbackForm.TABLE
    is_grouped = form in (FeedbackForm.BY_CLAUSE, FeedbackForm.BY_CAMPAIGN)
    grouped = tuple(groups(found, summary)) if is_grouped else ()
    made = AdoptionTable(
        title=f"{name}公众意见采纳情况反馈" if summary.totals.received else f"关于{name}公开征求意见情况的反馈",
        draft_name=name,
        bureau=summary.bureau,
        letter=letter(summary, rows, grouped, wishes.unanswered_reason),
        rate=phrases.adoption_rate(summary) if rows else "",
        made_at=summary.cut_off_at,
        counts=counts,
        rows=rows,
        form=form,
        totals=summary.totals,
        submissions=summary.submissions,
        unanswered=sum(row.count for row in rows if row.disposition is None),
        unanswered_reason=wishes.unanswered_reason,
        groups=grouped,
        contact=wishes.contact,
        number=wishes.number,
        correction=wishes.correction,
    )
    require_agreement(made)
    return made


def disagreements(feedback: AdoptionTable) -> Iterator[str]:
    """One sentence for every figure of the letter that is not the figure of the rows."""
    if feedback.counts != counted(feedback.rows):
        yield "采纳情况：合计与逐条列出的不符"
    for kind, count in feedback.counts:
        if f"{kind.label}{count}条" not in feedback.letter:
            yield f"采纳情况（{kind.label}）：表中{count}条，文中不是"
    listed = sum(row.count for row in feedback.rows)
    answered = sum(count for _, count in feedback.counts)
    if listed != answered + feedback.unanswered:
        yield f"逐条列出{listed}条，合计{answered + feedback.unanswered}条"
    if feedback.groups and sum(group.count for group in feedback.groups) != listed:
        yield "归纳反馈：各类相加与逐条列出的不符"


def require_agreement(feedback: AdoptionTable) -> None:
    """Raises TotalsDoNotBalance, naming every place, when text and table do not agree."""
    if found := list(disagreements(feedback)):
        raise TotalsDoNotBalance("；".join(found))


def letter(
    summary: Summary, rows: Sequence[AdoptionRow] = (), grouped: Sequence[Group] = (), unanswered_reason: str = ""
) -> str:
    """The opening paragraph: how long the public was asked, what came in, and what became of all of it."""
    channels = f"通过{'、'.join(summary.channels)}" if summary.channels and summary.submissions else ""
    asked = (
        f"{phrases.window_days(summary)}，{summary.bureau}{channels}就{phrases.draft_name(summary)}向社会公开征求意见"
    )
    if not summary.totals.received:
        return f"{asked}。征求意见期间，未收到社会公众提出的意见建议。感谢社会各界的关注。"
    said = f"{asked}，收到来稿{summary.submissions}件，共收到意见{summary.totals.received}条"
    outcomes, rest = phrases.disposition_words(summary), phrases.rest_words(summary)
    if unanswered_reason:
        rest = rest.replace("公开后尚未办理", NOT_ONE_BY_ONE)
    said += f"，其中{outcomes}" if outcomes else ""
    said += f"；{rest}" if outcomes and rest else ""
    if not outcomes:
        said += f"，{rest.replace('其余', '其中')}"
    said += "。"
    listed = sum(row.count for row in rows)
    if len(rows) < listed:
        said += f"相同、相近的意见归并后，形成反馈{len(rows)}项。"
    if unanswered_reason and phrases.unanswered(summary):
        said += f"{NOT_ONE_BY_ONE}的{phrases.unanswered(summary)}条，原因是：{unanswered_reason.rstrip('。')}。"
    if grouped:
        said += f"为便于公众了解，按内容归纳为{len(grouped)}类反馈，逐条处理结果见附件（个人信息已作去标识化处理）。"
    is_final = bool(outcomes or unanswered_reason)
    thanks = "现将情况反馈如下，衷心感谢大家的参与。" if is_final else "办理结果将另行公布，衷心感谢大家的参与。"
    return f"{said}{'我们逐条研究，' if outcomes else ''}{thanks}"
