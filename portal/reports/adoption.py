"""What became of each comment (意见采纳情况反馈), as a value: the opening letter, the rows, the figures, the groups.

Equal comments with equal answers are one row; the row says how many they are. The figures of the letter are counted
from the rows, and a table that does not agree with its letter is refused.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.drafts import excerpts
from portal.drafts.difference import passage
from portal.reports import phrases
from portal.reports.characters import one_line, paragraphs, shortened
from portal.reports.summary import ClauseSummary, CommentLine, Summary, Totals, TotalsDoNotBalance, require_balance
from portal.rules.answering import IN_DRAFT
from portal.rules.words import Disposition, FeedbackForm, PointKind, RespondentKind

ANNEX = "意见采纳情况表"
#: what is said of a comment that has no answer of its own
NOT_ONE_BY_ONE = "未逐条答复"
#: from so many rows on the feedback is grouped unless the officer wants otherwise (form C-5)
MANY_ROWS = 60
_MAIN_OPINIONS, _MAIN_LENGTH = 3, 90


@dataclass(frozen=True, slots=True)
class AdoptionRow:
    """Equal comments with one answer. `comment` is a public copy; `original` is filled only where `changed` is."""

    number: int
    references: tuple[str, ...]
    subject: str
    clause: str
    label: str
    comment: str
    respondent: str
    disposition: Disposition | None
    reason: str
    original: str
    changed: str

    @property
    def count(self) -> int:
        return len(self.references)

    @property
    def outcome(self) -> str:
        return self.disposition.label if self.disposition else NOT_ONE_BY_ONE

    @property
    def reference(self) -> str:
        """C-3, or C-3、C-5、C-9等12条."""
        shown = "、".join(self.references[:3])
        return shown if self.count <= 3 else f"{shown}等{self.count}条"

    @property
    def is_in_draft(self) -> bool:
        """Whether the draft said it already."""
        return self.changed.rstrip("。") == IN_DRAFT

    @property
    def change(self) -> str:
        """原文：… → 修改后：…; empty when the text of the draft stayed."""
        if not self.changed or self.is_in_draft:
            return self.changed
        return f"原文：{self.original}\n→ 修改后：{self.changed}" if self.original else f"修改后：{self.changed}"


@dataclass(frozen=True, slots=True)
class Group:
    """What was said about one subject and what became of it (form C-5)."""

    subject: str
    count: int
    opinions: tuple[str, ...]
    outcomes: tuple[tuple[Disposition, int], ...]
    unanswered: int
    reasons: tuple[str, ...]
    #: of the opinions of the group so many only say yes, or only no
    approvals: int = 0
    objections: int = 0

    @property
    def said(self) -> str:
        """1.…；2.…；另有6条只表示赞成，未提具体建议。: what is argued, and how many only say yes or no."""
        numbered = len(self.opinions) > 1
        parts = [f"{at}.{words}" if numbered else words for at, words in enumerate(self.opinions, 1)]
        if plain := "、".join(
            f"{count}条只表示{what}" for count, what in ((self.approvals, "赞成"), (self.objections, "不赞成")) if count
        ):
            parts.append(f"{'另有' if parts else ''}{plain}，未提具体建议")
        return f"{'；'.join(parts) or '无'}。"

    @property
    def paragraphs(self) -> tuple[str, str]:
        """主要意见：…。 and 研究情况：…。"""
        outcomes = "、".join(f"{kind.label}{count}条" for kind, count in self.outcomes)
        if self.unanswered:
            outcomes += ("、" if outcomes else "") + f"{NOT_ONE_BY_ONE}{self.unanswered}条"
        why = f"。理由：{'；'.join(self.reasons)}" if self.reasons else ""
        return f"主要意见：{self.said}", f"研究情况：{outcomes}{why.rstrip('。')}。"

    @property
    def words(self) -> str:
        return "".join(self.paragraphs)


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
    rows = tuple(_rows(summary, wishes))
    counts = _counted(rows)
    name = phrases.draft_name(summary)
    form = wishes.form or (FeedbackForm.BY_CLAUSE if len(rows) > MANY_ROWS else FeedbackForm.TABLE)
    if not summary.totals.received:
        form = FeedbackForm.NONE
    elif form is FeedbackForm.NONE:
        form = FeedbackForm.TABLE
    is_grouped = form in (FeedbackForm.BY_CLAUSE, FeedbackForm.BY_CAMPAIGN)
    groups = tuple(_groups(rows, _plain(summary))) if is_grouped else ()
    made = AdoptionTable(
        title=f"{name}公众意见采纳情况反馈" if summary.totals.received else f"关于{name}公开征求意见情况的反馈",
        draft_name=name,
        bureau=summary.bureau,
        letter=letter(summary, rows, groups, wishes.unanswered_reason),
        rate=phrases.adoption_rate(summary) if rows else "",
        made_at=summary.cut_off_at,
        counts=counts,
        rows=rows,
        form=form,
        totals=summary.totals,
        submissions=summary.submissions,
        unanswered=sum(row.count for row in rows if row.disposition is None),
        unanswered_reason=wishes.unanswered_reason,
        groups=groups,
        contact=wishes.contact,
        number=wishes.number,
        correction=wishes.correction,
    )
    require_agreement(made)
    return made


def _counted(rows: Iterable[AdoptionRow]) -> tuple[tuple[Disposition, int], ...]:
    counts: Counter[Disposition] = Counter()
    for row in rows:
        if row.disposition is not None:
            counts[row.disposition] += row.count
    return tuple((kind, counts[kind]) for kind in Disposition if counts[kind])


def disagreements(feedback: AdoptionTable) -> Iterator[str]:
    """One sentence for every figure of the letter that is not the figure of the rows."""
    if feedback.counts != _counted(feedback.rows):
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
    summary: Summary, rows: Sequence[AdoptionRow] = (), groups: Sequence[Group] = (), unanswered_reason: str = ""
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
    if groups:
        said += f"为便于公众了解，按内容归纳为{len(groups)}类反馈，逐条处理结果见附件（个人信息已作去标识化处理）。"
    is_final = bool(outcomes or unanswered_reason)
    thanks = "现将情况反馈如下，衷心感谢大家的参与。" if is_final else "办理结果将另行公布，衷心感谢大家的参与。"
    return f"{said}{'我们逐条研究，' if outcomes else ''}{thanks}"


# ── rows ──────────────────────────────────────────────────────────────────────────────────────────────


def _rows(summary: Summary, wishes: Wishes) -> Iterator[AdoptionRow]:
    kin, subjects = wishes.kin or {}, wishes.subjects or {}
    together: dict[tuple[object, ...], list[tuple[ClauseSummary, str, CommentLine]]] = defaultdict(list)
    for clause, section in _sections(summary.clauses):
        for line in clause.comments:
            if line.disposition is None and not wishes.unanswered_reason:
                continue
            same = kin.get(line.reference) or "".join(f"{line.body}\0{line.proposed_text}".split())
            key = (clause.label, same, line.disposition, line.reason, line.changed_text)
            together[key].append((clause, section, line))
    for number, found in enumerate(together.values(), 1):
        clause, section, _ = found[0]
        lines = [line for _, _, line in found]
        subject = next((subjects[line.reference] for line in lines if line.reference in subjects), section)
        yield _row(number, subject, clause, lines)


def _sections(clauses: Sequence[ClauseSummary]) -> Iterator[tuple[ClauseSummary, str]]:
    """Each clause with the part of the draft it stands in: the last heading of the highest level before it."""
    top = min((clause.depth for clause in clauses if clause.label and clause.number), default=0)
    section = phrases.WHOLE_DRAFT
    for clause in clauses:
        if not clause.label:
            yield clause, phrases.WHOLE_DRAFT
            continue
        if clause.depth <= top:
            section = one_line(clause.heading or clause.citation).rstrip("。") or phrases.WHOLE_DRAFT
        yield clause, section


def _row(number: int, subject: str, clause: ClauseSummary, lines: Sequence[CommentLine]) -> AdoptionRow:
    texts = Counter((line.body, line.proposed_text) for line in lines)
    first = lines[0]
    (body, proposed), _ = max(texts.items(), key=lambda item: item[1])
    said = paragraphs(body)
    if proposed.strip():
        said.append(f"建议改为：{one_line(excerpts.changed(first.original_text, proposed))}")
    if len(texts) > 1:
        said.append(f"（相同、相近意见{len({line.receipt_number for line in lines})}件，文字{len(texts)}种）")
    original, changed = "", first.changed_text.strip()
    if changed and changed.rstrip("。") != IN_DRAFT:
        original = passage(first.original_text.strip(), changed)
        # beside a text that was added whole there is nothing to cut
        original, changed = excerpts.sides(original, changed) if original else ("", changed)
    return AdoptionRow(
        number=number,
        references=tuple(line.reference for line in lines),
        subject=subject,
        clause=phrases.clause_title(clause),
        label=clause.label,
        comment="\n".join(said),
        respondent=people(lines),
        disposition=first.disposition,
        reason=first.reason.strip(),
        original=original,
        changed=changed,
    )


def people(lines: Sequence[CommentLine]) -> str:
    """Whose comments they are, as published: 张*, 张*等3人, 某公司等2个单位, 某公司等31个单位和个人."""
    citizens: dict[str, str] = {}
    units: dict[str, str] = {}
    for line in lines:
        name = one_line(line.respondent)
        if line.respondent_kind is RespondentKind.CITIZEN:
            citizens.setdefault(line.receipt_number, name)
        else:
            units.setdefault(name, name)
    count = len(citizens) + len(units)
    first = next(iter([*units.values(), *citizens.values()]))
    if count == 1:
        return first
    kind = "个单位和个人" if units and citizens else "个单位" if units else "人"
    return f"{first}等{count}{kind}"


def _run_on(words: str) -> str:
    """Paragraphs one after the other: Chinese sets no space between them."""
    return "".join(one_line(part) for part in words.split("\n"))


def _plain(summary: Summary) -> dict[str, PointKind]:
    """The comments that only say yes or no, by reference."""
    return {
        reference: point.kind
        for clause in summary.clauses
        for point in clause.points
        if point.kind in (PointKind.APPROVAL, PointKind.OBJECTION)
        for reference in point.references
    }


def _inline(words: str) -> str:
    """Words to stand in a list inside a sentence: no stop at their end, nor before what is left out."""
    return words.replace("。……", "……").rstrip("。！!；;")


def _groups(rows: Sequence[AdoptionRow], plain: Mapping[str, PointKind]) -> Iterator[Group]:
    by_subject: dict[str, list[AdoptionRow]] = defaultdict(list)
    for row in rows:
        by_subject[row.subject].append(row)
    for subject, held in by_subject.items():
        argued = [row for row in held if any(each not in plain for each in row.references)]
        largest = sorted(argued, key=lambda row: (-row.count, row.number))[:_MAIN_OPINIONS]
        reasons = dict.fromkeys(
            _inline(shortened(one_line(row.reason), _MAIN_LENGTH)) for row in largest or held if row.reason
        )
        only = Counter(
            plain[each] for row in held if all(each in plain for each in row.references) for each in row.references
        )
        yield Group(
            subject=subject,
            count=sum(row.count for row in held),
            opinions=tuple(_inline(shortened(_run_on(row.comment), _MAIN_LENGTH)) for row in largest),
            outcomes=_counted(held),
            unanswered=sum(row.count for row in held if row.disposition is None),
            reasons=tuple(reasons),
            approvals=only[PointKind.APPROVAL],
            objections=only[PointKind.OBJECTION],
        )
