"""What was said about one subject and what became of it (form C-5): the main opinions, the outcomes, their reasons."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from portal.drafts import excerpts
from portal.reports import alike
from portal.reports.adoption_rows import NOT_ONE_BY_ONE, AdoptionRow, Folded
from portal.reports.characters import one_line, shortened
from portal.reports.summary import CommentLine, Summary
from portal.rules.words import Disposition, PointKind

_MAIN_OPINIONS, _MAIN_LENGTH = 3, 90


@dataclass(frozen=True, slots=True)
class Group:
    """What was said about one subject and what became of it (form C-5).

    `reasons` are of the outcomes in their order, one each; each begins with its outcome where there are several.
    """

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


def groups(found: Sequence[Folded], summary: Summary) -> Iterator[Group]:
    """The rows by their subjects, in the order of the draft."""
    plain = _plain(summary)
    by_subject: dict[str, list[Folded]] = defaultdict(list)
    for each in found:
        by_subject[each.row.subject].append(each)
    for subject, held in by_subject.items():
        rows = [each.row for each in held]
        only = Counter(
            plain[each] for row in rows if all(each in plain for each in row.references) for each in row.references
        )
        yield Group(
            subject=subject,
            count=sum(row.count for row in rows),
            opinions=tuple(_opinions(held, plain)),
            outcomes=counted(rows),
            unanswered=sum(row.count for row in rows if row.disposition is None),
            reasons=tuple(_reasons(rows)),
            approvals=only[PointKind.APPROVAL],
            objections=only[PointKind.OBJECTION],
        )


def counted(rows: Iterable[AdoptionRow]) -> tuple[tuple[Disposition, int], ...]:
    """How many comments of the rows have each outcome: only what occurs, in the fixed order."""
    counts: Counter[Disposition] = Counter()
    for row in rows:
        if row.disposition is not None:
            counts[row.disposition] += row.count
    return tuple((kind, counts[kind]) for kind in Disposition if counts[kind])


def _plain(summary: Summary) -> dict[str, PointKind]:
    """The comments that only say yes or no, by reference."""
    return {
        reference: point.kind
        for clause in summary.clauses
        for point in clause.points
        if point.kind in (PointKind.APPROVAL, PointKind.OBJECTION)
        for reference in point.references
    }


def _opinions(held: Sequence[Folded], plain: Mapping[str, PointKind]) -> Iterator[str]:
    """What most people of the group say, once each however it was worded, answered or proposed."""
    alike_in: dict[str, list[Folded]] = defaultdict(list)
    for each in held:
        if any(reference not in plain for reference in each.row.references):
            alike_in[each.opinion].append(each)
    largest = sorted(alike_in.values(), key=lambda rows: (-sum(each.row.count for each in rows), rows[0].row.number))
    for rows in largest[:_MAIN_OPINIONS]:
        lines = [line for each in rows for line in each.lines]
        typical = max(rows, key=lambda each: (each.row.count, -each.row.number)).lines
        said = _run_on(alike.most_said(typical))
        if typical[0].proposed_text.strip():
            said += f"建议改为：{one_line(excerpts.changed(typical[0].original_text, typical[0].proposed_text))}"
        yield _inline(shortened(said, _MAIN_LENGTH)) + _size(lines)


def _size(lines: Sequence[CommentLine]) -> str:
    if differing := alike.wordings(lines):
        return f"（相同、相近意见{len({line.receipt_number for line in lines})}件，{differing}）"
    return f"（{len(lines)}条）" if len(lines) > 1 else ""


def _reasons(rows: Sequence[AdoptionRow]) -> Iterator[str]:
    """The main reason of each outcome that has one, with its outcome where there are several outcomes."""
    outcomes = counted(rows)
    is_alone = len(outcomes) == 1 and all(row.disposition for row in rows)
    for kind, _ in outcomes:
        reasons: Counter[str] = Counter()
        for row in rows:
            if row.disposition is kind and row.reason:
                reasons[one_line(row.reason)] += row.count
        if not reasons:
            continue
        main = _inline(shortened(reasons.most_common(1)[0][0], _MAIN_LENGTH))
        mainly = "主要是：" if len(reasons) > 1 else ""
        yield f"{mainly}{main}" if is_alone else f"{kind.label}的，{mainly}{main}"


def _run_on(words: str) -> str:
    """Paragraphs one after the other: Chinese sets no space between them."""
    return "".join(one_line(part) for part in words.split("\n"))


def _inline(words: str) -> str:
    """Words to stand in a list inside a sentence: no stop at their end, nor before what is left out."""
    return words.replace("。……", "……").rstrip("。！!；;")
