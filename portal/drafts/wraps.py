"""Hard-wrapped text, as a PDF or an e-mail leaves it: which lines are one paragraph."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from portal.drafts.headlines import FIELD, is_field_line, is_title
from portal.drafts.lines import Line, Paragraph, width
from portal.drafts.marks import Mark, marks_at

_FINAL = tuple("。！？!?；;：:")
_CLOSERS = "”’）)》」』】"
_BEFORE_ONE = frozenset("统統同唯单單逐归歸专專合划劃万萬不其之十")
_HAN = re.compile(r"[\u3400-\u9fff]")
_LONGEST_PARAGRAPH = 8_000


class Measure:
    """How wide the lines of a text are, and whether they were cut at that width."""

    def __init__(self, lines: Sequence[Line]) -> None:
        bodies = [line for line in lines if line.text and not line.cells]
        self.columns = self.characters = 0
        self.wrapped = False
        # A page that was printed tells which lines reach its edge; its indents count from the edge of the text.
        self.is_printed = any(line.fills for line in bodies)
        characters = [len(line.text) + line.indent // 2 for line in bodies]
        columns = [width(line.text) + line.indent for line in bodies]
        self.characters, by_characters = _mode(characters)
        self.columns, by_columns = _mode([value // 2 for value in columns])
        self.columns *= 2
        if by_characters >= by_columns:
            self.columns = 0
            share = by_characters
        else:
            self.characters = 0
            share = by_columns
        edge = self.characters or self.columns // 2
        unfinished = sum(1 for line in bodies if self.is_full(line) and not line.text.endswith((*_FINAL, *_CLOSERS)))
        long = 16 <= edge <= 80 and share >= 0.3
        self.wrapped = self.is_printed or (len(bodies) >= 8 and long and unfinished >= max(6, 0.2 * len(bodies)))

    def is_full(self, line: Line) -> bool:
        """Whether a line reaches the right edge, so that its paragraph may go on in the next."""
        if line.fills is not None:
            return line.fills
        if self.characters:
            return len(line.text) + line.indent // 2 >= self.characters - 2
        return width(line.text) + line.indent >= self.columns - 7

    def is_over(self, line: Line) -> bool:
        """Whether a line is far too long to have been cut."""
        return line.fills is None and len(line.text) > (self.characters or self.columns) * 1.5


def _mode(sizes: Sequence[int]) -> tuple[int, float]:
    """The size most lines share within two, and which share of lines of some length that is."""
    long = [size for size in sizes if size >= 14]
    if not long or len(long) < 0.3 * len(sizes):
        return 0, 0.0
    counts = Counter(long)
    best = max(counts, key=lambda size: (sum(counts.get(size - d, 0) for d in range(3)), size))
    near = sum(counts.get(best - d, 0) for d in range(3))
    over = sum(count for size, count in counts.items() if size > best + 2)
    return best, (near - over) / len(sizes)


def is_finished(text: str) -> bool:
    """Whether a sentence is over at the end of the text."""
    return text.rstrip(_CLOSERS).endswith(_FINAL) or text.endswith(("）", ")", "》"))


def joined(left: str, right: str) -> str:
    """Two halves of a line put together: Chinese without a blank, Latin words with one."""
    if left and right and left[-1].isascii() and right[0].isascii() and left[-1].isalpha() and right[0].isalpha():
        return f"{left} {right}"
    return left + right


class Begins(Protocol):
    """Tells the clause mark a line opens with, if it does, and is fed every line in order."""

    def __call__(self, line: Line, previous: Line | None) -> Mark | None: ...

    def feed(self, text: str, opens: bool) -> None: ...

    def is_whole(self, text: str) -> bool: ...

    @property
    def is_head(self) -> bool: ...


def paragraphs(lines: Sequence[Line], measure: Measure, begins: Begins) -> list[Paragraph]:
    """Lines (furniture taken out) to paragraphs."""
    out: list[Paragraph] = []
    gap = False
    previous: Line | None = None
    common = _common_indent(lines) if measure.wrapped and not measure.is_printed else 0
    for line in lines:
        if not line.text and not line.cells:
            gap = True
            continue
        if (
            out
            and previous is not None
            and measure.wrapped
            and len(out[-1].text) < _LONGEST_PARAGRAPH
            and not FIELD.match(line.text)
            and not (begins.is_head and _is_complete(out[-1].text, line.text) and not _is_flush(previous, line))
            and _continues(previous, line, gap, measure, common, begins)
        ):
            out[-1].text = joined(out[-1].text, line.text)
            out[-1].wrapped = True
            out[-1].lines.append(line.number)
            begins.feed(line.text, opens=False)
        else:
            out.append(Paragraph(line.number, line.text, gap, line.indent, line.cells, line.frame, lines=[line.number]))
            if measure.wrapped:
                begins.feed(line.text, opens=True)
        previous, gap = line, False
    return out


def _is_complete(before: str, text: str) -> bool:
    """At the head of a document: a title, or fields of which the last is empty, do not go on in the next line."""
    if is_field_line(before):
        return before.endswith((":", "：", "]"))
    return is_title(before) and not text.startswith(("（", "("))


def _is_flush(previous: Line, line: Line) -> bool:
    """Whether printed lines show that a paragraph goes on: the first reaches the edge and is not centred."""
    return bool(previous.fills) and line.fills is not None and previous.indent <= 5 and line.indent == 0


def _common_indent(lines: Sequence[Line]) -> int:
    indents = Counter(line.indent for line in lines if line.text)
    return indents.most_common(1)[0][0] if indents else 0


def _continues(
    previous: Line,
    line: Line,
    gap: bool,
    measure: Measure,
    common: int,
    begins: Begins,
) -> bool:
    if line.cells or previous.cells or line.frame != previous.frame:
        return False
    if not measure.is_full(previous) or measure.is_over(previous):
        return False
    if (line.indent > common + 1 and previous.indent <= common + 1) or line.indent >= common + 2:
        return False
    if gap and is_finished(previous.text):
        return False
    if begins.is_whole(previous.text) or begins(line, previous) is not None:
        return False
    # A full line that ends a sentence and a short one after it may be two paragraphs; text joined is text kept.
    return bool(_HAN.search(line.text)) or not is_finished(previous.text)


def mends(left: str, right: str) -> bool:
    """Whether a paragraph was broken in mid-sentence and goes on in the next, in a text that is not wrapped."""
    if not left or not right or len(left) < 16:
        return False
    if right[0] == "一" and left[-1] in _BEFORE_ONE and len(left) > 24:
        # 统|一、可持续的…: the line was broken inside a word, and the rest only looks like a mark.
        return True
    if marks_at(right):
        return False
    if _is_torn_article(left, right):
        return True
    last = left[left.rfind("。") + 1 :].strip()
    if len(last) < 60 and marks_at(last):
        # A heading that was glued to the sentence before it ends the line.
        return False
    tail = left[-1]
    if not (_HAN.match(tail) or tail in "，,、“（《"):
        return False
    if "。" not in left and len(left) < 60 and tail not in "，、":
        return False
    if not is_finished(right):
        return False
    first = re.split(r"[。，,；]", right, maxsplit=1)[0]
    return len(first) > 10 or right[len(first) : len(first) + 1] in "，,"


def _is_torn_article(left: str, right: str) -> bool:
    """An article is prose and has no heading that fills a line: one that stops after a comma's sentence goes on."""
    opens = next((mark for mark in marks_at(left) if mark.kind == "article"), None)
    if opens is None or len(left) < 30 or "，" not in left or not right.endswith("。"):
        return False
    return bool(_HAN.match(left[-1])) or (left[-1] == "》" and right.startswith(("等", "和", "及", "以及", "、", "的")))
