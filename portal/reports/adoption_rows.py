"""The rows of the adoption table: equal comments, and those of one campaign, with equal answers are one row.

Whoever proposes a wording is told with that wording and with nobody else's: a row holds one proposal, or none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from portal.drafts import excerpts
from portal.drafts.difference import passage
from portal.reports import alike, phrases
from portal.reports.characters import one_line, paragraphs
from portal.reports.summary import ClauseSummary, CommentLine, Summary
from portal.rules.answering import IN_DRAFT
from portal.rules.words import Disposition

#: what is said of a comment that has no answer of its own
NOT_ONE_BY_ONE = "未逐条答复"


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
class Folded:
    """A row with the comments behind it, and the name of their opinion: rows that only differ in what is proposed or
    answered have it in common."""

    row: AdoptionRow
    lines: tuple[CommentLine, ...]
    opinion: str


def folded(
    summary: Summary, kin: Mapping[str, str], subjects: Mapping[str, str], *, has_unanswered: bool
) -> Iterator[Folded]:
    """The rows, clause by clause; one opinion stands together. What has no answer is a row only where asked for.

    `kin` names what is merged when answered alike (reference → campaign), `subjects` the group a comment belongs to.
    """
    number = 0
    for clause, section in _sections(summary.clauses):
        opinions: dict[str, dict[tuple[object, ...], list[CommentLine]]] = {}
        for line in clause.comments:
            if line.disposition is None and not has_unanswered:
                continue
            opinion = kin.get(line.reference) or alike.letters(f"{line.body}\0{line.proposed_text}")
            opinions.setdefault(opinion, {}).setdefault(_told_alike(line), []).append(line)
        for opinion, rows in opinions.items():
            for lines in rows.values():
                number += 1
                subject = next((subjects[line.reference] for line in lines if line.reference in subjects), section)
                yield Folded(_row(number, subject, clause, lines), tuple(lines), opinion)


def _told_alike(line: CommentLine) -> tuple[object, ...]:
    """What comments of one opinion must have in common to be one row: what they propose, and their answer."""
    proposed, changed = alike.letters(line.proposed_text), line.changed_text
    # a wording is told against the words it stands for
    original = line.original_text if proposed or changed.strip() else ""
    return proposed, original, line.disposition, line.reason, changed


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
    first = lines[0]
    said = paragraphs(alike.most_said(lines))
    if first.proposed_text.strip():
        said.append(f"建议改为：{one_line(excerpts.changed(first.original_text, first.proposed_text))}")
    if differing := alike.wordings(lines):
        said.append(f"（相同、相近意见{len({line.receipt_number for line in lines})}件，{differing}）")
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
        respondent=alike.people(lines),
        disposition=first.disposition,
        reason=first.reason.strip(),
        original=original,
        changed=changed,
    )
