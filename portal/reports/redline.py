"""The drafter's redline: the draft as a Word file with proposed wordings as tracked changes and opinions as comments.

One proposal of a clause stands in its text as a tracked change of the sentences it stands for: accepting it puts the
proposed wording in their place exactly, rejecting it gives the draft's. Two changes of the same words cannot both stand
there, so further proposals of the clause are told in their comments, with what they strike and add marked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from portal.drafts import excerpts
from portal.drafts.difference import in_place
from portal.reports import phrases, sentences, word_package, wordml
from portal.reports.characters import closed, one_line
from portal.reports.summary import ClauseSummary, CommentLine, Summary, require_balance
from portal.reports.title_lines import title_lines
from portal.reports.word_styles import SMALL
from portal.reports.wordml import FANGSONG, HEITI, KAITI, XIAOBIAOSONG, escaped, paragraph, run, run_properties
from portal.rules.window import instant_words

MIMETYPE = word_package.MIMETYPE
EXTENSION = "docx"
NAME = "征求意见稿修订底稿"

#: a clause with more opinions than this shows the first of them; the rest are in the summary
MOST_BUBBLES = 100

_FACES = (HEITI, KAITI)
# a line end inside a clause is a break, not a paragraph, so that a change may run over it: flush left, or it would gape
_FLUSH_LEFT = '<w:jc w:val="left"/>'


@dataclass(slots=True)
class _Margin:
    """The comments beside the text, and the numbers Word wants on them and on every tracked change."""

    bubbles: list[str] = field(default_factory=list)
    changes: int = 0

    def bubble(self, author: str, at: datetime, lines: Sequence[str]) -> int:
        """Adds a comment and gives its number; each line is the runs of a paragraph."""
        number = len(self.bubbles)
        inner = "".join(f'<w:p><w:pPr><w:pStyle w:val="Bubble"/></w:pPr>{line}</w:p>' for line in lines)
        self.bubbles.append(
            f'<w:comment w:id="{number}" w:author="{_attribute(author)}" w:initials="{_attribute(author[:4])}" '
            f'w:date="{_moment(at)}">{inner}</w:comment>'
        )
        return number

    def change(self) -> int:
        """The number of the next tracked change."""
        self.changes += 1
        return self.changes


def render(summary: Summary) -> bytes:
    """The DOCX of the draft under discussion. Raises TotalsDoNotBalance when the summary's totals do not add up."""
    require_balance(summary)
    margin = _Margin()
    body = list(_body(summary, margin))
    return word_package.package(
        body,
        title=f"{NAME}　{phrases.draft_name(summary)}",
        # the text is the draft's own: which summary it is of stands in the properties of the file
        about=sentences.identity_words(summary),
        author=summary.bureau,
        made_at=summary.cut_off_at,
        bubbles=margin.bubbles,
    )


def _body(summary: Summary, margin: _Margin) -> Iterator[str]:
    whole = next((clause for clause in summary.clauses if not clause.label), None)
    title = "".join(run(line, XIAOBIAOSONG, 22) for line in title_lines(phrases.draft_name(summary))[:1])
    rest = [run(line, XIAOBIAOSONG, 22) for line in title_lines(phrases.draft_name(summary))[1:]]
    yield paragraph("Title", _with_bubbles(title, _opinions(whole, margin, None) if whole else []))
    for line in rest:
        yield paragraph("Title", line)
    note = f"（修订底稿　{phrases.version_words(summary)}　意见截至{instant_words(summary.cut_off_at)}）"
    yield paragraph("Subtitle", run(note, KAITI, 16))
    for clause in summary.clauses:
        if clause.label:
            yield from _clause(clause, margin)


def _clause(clause: ClauseSummary, margin: _Margin) -> Iterator[str]:
    shown = _proposal(clause)
    opinions = _opinions(clause, margin, shown)
    face = _FACES[clause.depth] if clause.depth < len(_FACES) else FANGSONG
    number = clause.number + ("　" if clause.number and clause.number[-1] not in "、.．）)" else "")
    changed_heading = shown is not None and not clause.text
    heading = _changed(clause.heading, shown, face, margin) if changed_heading else _plain(clause.heading, face)
    text = "" if changed_heading else _changed(clause.text, shown, FANGSONG, margin)
    if clause.heading or not clause.text:
        # a heading at the foot of a page is kept with what it heads
        keep = "<w:keepNext/>" if text or clause.depth < len(_FACES) else ""
        yield paragraph("Normal", _with_bubbles(_plain(number, face) + heading, opinions), keep + _FLUSH_LEFT)
        if text:
            yield paragraph("Normal", text, _FLUSH_LEFT)
    else:
        yield paragraph("Normal", _with_bubbles(_plain(number, face), opinions) + text, _FLUSH_LEFT)
    if clause.rows:
        columns = max(len(row) for row in clause.rows)
        full = [tuple(one_line(cell) for cell in row) + ("",) * (columns - len(row)) for row in clause.rows]
        yield wordml.table(full[0], full[1:], [1.0] * columns, "l" * columns, size=SMALL, has_rules=True)
        yield paragraph("Gap", "")


def _proposal(clause: ClauseSummary) -> CommentLine | None:
    """The proposal that stands in the text: the wording most comments propose, the earliest among equals."""
    original = clause.text or clause.heading
    proposals = [line for line in clause.comments if line.proposed_text.strip() and line.original_text == original]
    wordings = [line.proposed_text for line in proposals if line.proposed_text != original]
    return max(
        (line for line in proposals if line.proposed_text != original),
        key=lambda line: wordings.count(line.proposed_text),
        default=None,
    )


def _plain(text: str, face: str) -> str:
    return run(text, face, 16) if text else ""


def _changed(text: str, shown: CommentLine | None, face: str, margin: _Margin) -> str:
    if shown is None:
        return _plain(text, face)
    made = []
    for act, words in in_place(text, shown.proposed_text):
        if act == "same":
            made.append(run(words, face, 16))
            continue
        tag, inner = ("del", "delText") if act == "del" else ("ins", "t")
        lines = f'</w:{inner}><w:br/><w:{inner} xml:space="preserve">'.join(escaped(words).split("\n"))
        made.append(
            f'<w:{tag} w:id="{margin.change()}" w:author="{_attribute(_author(shown))}" '
            f'w:date="{_moment(shown.received_at)}"><w:r>{run_properties(face, 16)}'
            f'<w:{inner} xml:space="preserve">{lines}</w:{inner}></w:r></w:{tag}>'
        )
    return "".join(made)


def _opinions(clause: ClauseSummary, margin: _Margin, shown: CommentLine | None) -> list[int]:
    numbers = [
        margin.bubble(_author(line), line.received_at, _bubble_lines(line, shown))
        for line in clause.comments[:MOST_BUBBLES]
    ]
    if (more := len(clause.comments) - MOST_BUBBLES) > 0:
        words = f"这一条另有{more}条公开的意见，见意见汇总报告。"
        numbers.append(margin.bubble("汇总", clause.comments[-1].received_at, [_small(words)]))
    return numbers


def _bubble_lines(line: CommentLine, shown: CommentLine | None) -> list[str]:
    lines = [_small(f"{phrases.reference(line)}　{line.stance.label}　{one_line(line.respondent)}", bold=True)]
    lines += [_small(part) for part in closed(line.body).split("\n") if part.strip()]
    if line.proposed_text.strip():
        if shown is not None and line.proposed_text == shown.proposed_text:
            lines.append(_small("建议的文字已在正文中标出。"))
        else:
            lines.append(_small("建议改为：", bold=True) + _marked(line))
    if line.disposition is not None:
        lines.append(_small(f"办理结果：{line.disposition.label}。{line.reason.strip()}"))
    return lines


def _marked(line: CommentLine) -> str:
    """A proposal as a difference drawn by hand: struck through and underlined, for it is not a tracked change."""
    drawn = {"del": "<w:strike/>", "ins": '<w:u w:val="single"/>', "same": ""}
    pieces = excerpts.proposed(line.original_text, line.proposed_text)
    return "".join(_small(words.replace("\n", " "), properties=drawn[act]) for act, words in pieces)


def _small(text: str, *, bold: bool = False, properties: str = "") -> str:
    own = ("<w:b/>" if bold else "") + properties
    return (
        f'<w:r><w:rPr><w:rFonts w:eastAsia="宋体"/>{own}<w:sz w:val="18"/></w:rPr>'
        f'<w:t xml:space="preserve">{escaped(closed(text))}</w:t></w:r>'
    )


def _with_bubbles(runs: str, numbers: Sequence[int]) -> str:
    starts = "".join(f'<w:commentRangeStart w:id="{number}"/>' for number in numbers)
    ends = "".join(
        f'<w:commentRangeEnd w:id="{number}"/><w:r><w:commentReference w:id="{number}"/></w:r>' for number in numbers
    )
    return starts + runs + ends


def _author(line: CommentLine) -> str:
    return f"意见 {line.reference}，{line.respondent_kind.label}"


def _attribute(text: str) -> str:
    return escaped(one_line(text)).replace('"', "&quot;")


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
