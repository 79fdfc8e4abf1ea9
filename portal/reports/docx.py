"""The moderated summary as a Word file, laid out after the body rules of GB/T 9704; no red head, number or seal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import singledispatch
from itertools import count

from portal.reports import phrases, story, word_package, wordml
from portal.reports.blocks import (
    Annex,
    Argument,
    Block,
    Change,
    Detail,
    Enclosure,
    Figures,
    Heading,
    Prose,
    Quote,
    Remark,
    Signed,
    Table,
    Title,
)  # fmt: skip
from portal.reports.characters import paragraphs
from portal.reports.summary import Summary, require_balance
from portal.reports.word_styles import SMALL
from portal.reports.wordml import FANGSONG, HEITI, KAITI, XIAOBIAOSONG, linked, marked_run, paragraph, run

MIMETYPE = word_package.MIMETYPE
EXTENSION = "docx"

#: the bookmark of an annex; those of headings and opinions count from 1, those of an annex's rows from the next
ANNEX_MARK = 1_000_000

_WHOLE_REMARK = 160  # characters: about five lines
_FINE = 10.5  # so that most lines about a comment stay one line
_UNDER_TITLE = '<w:spacing w:before="0" w:after="440" w:line="700" w:lineRule="exact"/>'
#: 附件：wraps under the name behind it, three characters in from the two that every paragraph is
_HANGING = '<w:ind w:leftChars="500" w:left="1580" w:hangingChars="300" w:hanging="948"/>'
_HEADINGS = {1: ("Heading1", HEITI), 2: ("Heading2", KAITI), 3: ("Clause", KAITI)}


def render(summary: Summary) -> bytes:
    """The DOCX of a summary. Raises TotalsDoNotBalance when its totals do not add up."""
    require_balance(summary)
    return word_package.package(
        body(story.blocks(summary)),
        title=f"意见汇总报告　{phrases.draft_name(summary)}",
        author=summary.bureau,
        made_at=summary.cut_off_at,
    )


def body(blocks: Iterable[Block]) -> Iterator[str]:
    """The body elements for the blocks given, one string for each block."""
    numbers = count(1)
    for block in blocks:
        if isinstance(block, Heading):
            style, face = _HEADINGS[block.level]
            marked = wordml.bookmark(next(numbers), block.anchor, run(block.text, face, 16))
            yield paragraph(style, marked)
        elif isinstance(block, Remark):
            yield _remark(block, next(numbers))
        else:
            yield _element(block)


@singledispatch
def _element(block: object) -> str:
    raise TypeError(f"no Word setting for {type(block).__name__}")


@_element.register
def _(block: Title) -> str:
    lines = _titles(block.lines, is_last_spaced=not block.note)
    note = paragraph("Subtitle", run(block.note, KAITI, 16)) if block.note else ""
    return lines + note


def _titles(lines: Sequence[str], *, is_last_spaced: bool) -> str:
    """The lines of a title; under the last one there is a blank line, unless a subtitle follows."""
    last = len(lines) - 1
    return "".join(
        paragraph("Title", run(line, XIAOBIAOSONG, 22), _UNDER_TITLE if is_last_spaced and at == last else "")
        for at, line in enumerate(lines)
    )


@_element.register
def _(block: Prose) -> str:
    # An address or a digest has no place to break; letting it break anywhere, flush left, keeps the line from gaping.
    is_unbroken = "://" in block.text or "SHA-256" in block.text
    breaking = '<w:wordWrap w:val="0"/><w:jc w:val="left"/>' if is_unbroken else ""
    return paragraph("Normal", linked(block.text, FANGSONG, 16), breaking)


@_element.register
def _(block: Quote) -> str:
    return "".join(paragraph("Quote", run(part, KAITI, SMALL)) for part in paragraphs(block.text))


@_element.register
def _(block: Figures) -> str:
    return paragraph("Figures", linked(block.text, FANGSONG, SMALL))


@_element.register
def _(block: Detail) -> str:
    return paragraph("Detail", linked(block.text, FANGSONG, SMALL), "<w:keepNext/>" if block.keeps_next else "")


@_element.register
def _(block: Enclosure) -> str:
    return paragraph("Normal", "") + paragraph("Normal", run(f"附件：{block.name}", FANGSONG, 16), _HANGING)


@_element.register
def _(block: Annex) -> str:
    # the section before it has ended the page
    marked = wordml.bookmark(ANNEX_MARK, block.anchor, run("附件", HEITI, 16))
    return paragraph("Annex", marked) + paragraph("Annex", "") + _titles(block.lines, is_last_spaced=True)


@_element.register
def _(block: Argument) -> str:
    return (
        paragraph("Byline", run(f"{block.count}　{block.title}", HEITI, SMALL))
        + paragraph("Remark", linked(block.words, FANGSONG, SMALL))
        + paragraph("Remark", run(block.quotation, KAITI, SMALL) + linked(f"（{block.by}）", FANGSONG, SMALL))
    )


@_element.register
def _(block: Change) -> str:
    told = "".join(marked_run(text, KAITI, SMALL, op) for op, text in block.pieces)
    return paragraph("Remark", told + linked(block.words, FANGSONG, SMALL))


@_element.register
def _(block: Table) -> str:
    caption = paragraph("Caption", run(block.caption, HEITI, SMALL)) if block.caption else ""
    grid = wordml.table(block.head, block.rows, block.widths, block.aligns, size=SMALL, has_total=block.has_total)
    return caption + grid + paragraph("Gap", "")


def _remark(block: Remark, number: int) -> str:
    first = run(f"{block.reference}　{block.respondent}　", HEITI, SMALL)
    byline = (
        (wordml.bookmark(number, wordml.bookmark_name(block.anchor), first) if block.anchor else first)
        + run(block.stance, KAITI, SMALL)
        + run(block.facts, FANGSONG, _FINE)
    )
    told = [
        (label if not position else "", part)
        for label, text in block.parts
        for position, part in enumerate(paragraphs(text))
    ]
    # a short opinion stays whole: a line of it at the head of the next page would belong to nobody
    keep = "<w:keepNext/>" if sum(len(label) + len(part) for label, part in told) <= _WHOLE_REMARK else ""
    lines = [paragraph("Byline", byline)]
    for at, (label, part) in enumerate(told, 1):
        lead = run(label, HEITI, SMALL) if label else ""
        lines.append(paragraph("Remark", lead + run(part, FANGSONG, SMALL), keep if at < len(told) else ""))
    return "".join(lines)


@_element.register
def _(block: Signed) -> str:
    # The date begins two characters right of the unit's first, both two from the edge (GB/T 9704, without a seal).
    length = sum(0.5 if mark.isdigit() else 1 for mark in block.day)
    unit = len(block.unit)
    behind_unit, behind_day = (2, unit - length) if unit >= length + 2 else (length + 4 - unit, 2)
    lines = [paragraph("Normal", "")]
    for text, behind in ((block.unit, behind_unit), (block.day, behind_day)):
        indent = f'<w:ind w:rightChars="{round(behind * 100)}" w:right="{round(behind * 316)}"/>'
        lines.append(paragraph("Signature", run(text, FANGSONG, 16), indent))
    return "".join(lines)
