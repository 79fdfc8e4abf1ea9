"""The moderated summary as a PDF: the same story as the Word file, set by our own hand on reportlab's canvas."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from portal.reports import phrases, sentences, story
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
from portal.reports.characters import for_print, paragraphs
from portal.reports.fonts import Role
from portal.reports.pages import BOTTOM, LEFT, RIGHT, TOP, Line, Pages, Setting, open_pages
from portal.reports.pdf_tables import Grid
from portal.reports.summary import Summary, require_balance

MIMETYPE = "application/pdf"
EXTENSION = "pdf"

# 28 characters of 16 pt in 156 mm stand closer than their own width; 22 lines of 28.95 pt fill 225 mm.
_TIGHT = -0.21
_PROSE = Setting(Role.BODY, 16, 28.95, indent=2, tracking=_TIGHT)
_TITLE = Setting(Role.TITLE, 22, 35, align="centre")
_NOTE = Setting(Role.KAI, 16, 28.95, align="centre", before=6, after=22)
_HEADINGS = {
    1: Setting(Role.HEADING, 16, 28.95, indent=2, tracking=_TIGHT, before=6),
    2: Setting(Role.KAI, 16, 28.95, indent=2, tracking=_TIGHT),
    3: Setting(Role.KAI, 16, 26, align="left", before=14, after=3),
}
_ENCLOSURE = Setting(Role.BODY, 16, 28.95, indent=-3, inset=5, tracking=_TIGHT, align="left", before=28.95)
_ANNEX = Setting(Role.HEADING, 16, 28.95, align="left")
_QUOTE = Setting(Role.KAI, 12, 20, inset=1, after=4)
_FIGURES = Setting(Role.BODY, 12, 20, align="left", before=3, after=5)
_DETAIL = Setting(Role.BODY, 12, 20, align="left", before=2, after=1)
_BYLINE = Setting(Role.HEADING, 12, 20, align="left")
_REMARK = Setting(Role.BODY, 12, 20, indent=2)
_RULE_GAP = 11.0


def render(summary: Summary) -> bytes:
    """The PDF of a summary. Raises TotalsDoNotBalance when its totals do not add up."""
    require_balance(summary)
    title = f"意见汇总报告　{phrases.draft_name(summary)}"
    known = frozenset(line.reference for line in summary.comments)
    return printed(lambda: story.blocks(summary), title, summary.bureau, summary.cut_off_at, known=known)


def printed(
    blocks: Callable[[], Iterable[Block]], title: str, author: str, made_at: datetime, subject: str = "意见汇总报告",
    known: frozenset[str] = frozenset(),
) -> bytes:  # fmt: skip
    """The PDF of what `blocks` tells; it is told twice, first for the characters the typefaces must have.

    References that are `known` lead to the comment they name.
    """
    pages = open_pages(title, author, made_at, _characters(blocks()), subject)
    pages.known = known
    _flow(pages, blocks())
    return pages.finish()


def _characters(blocks: Iterable[Block]) -> dict[Role, set[str]]:
    """Which characters each face must have. Page numbers are set in the body face."""
    used: dict[Role, set[str]] = defaultdict(set)
    used[Role.BODY].update("— 0123456789")
    for block in blocks:
        match block:
            case Title(lines, note):
                used[Role.TITLE].update(*lines)
                used[Role.KAI].update(note)
            case Heading(level, text):
                used[_HEADINGS[level].role].update(text)
            case Prose(text) | Figures(text) | Detail(text):
                used[Role.BODY].update(text)
            case Argument(count, title, words, quotation, by):
                used[Role.HEADING].update(count, title, "　")
                used[Role.BODY].update(words, by, "（）")
                used[Role.KAI].update(quotation)
            case Change(pieces, words):
                used[Role.KAI].update(sentences.difference_words(pieces))
                used[Role.BODY].update(words)
            case Quote(text):
                used[Role.KAI].update(text)
            case Table(caption, head, rows):
                used[Role.HEADING].update(caption, *head)
                used[Role.BODY].update(*(cell for row in rows for cell in row))
            case Signed(unit, day):
                used[Role.BODY].update(unit, day)
            case Enclosure(name):
                used[Role.BODY].update("附件：", name)
            case Annex(lines):
                used[Role.HEADING].update("附件")
                used[Role.TITLE].update(*lines)
            case Remark(reference, respondent, facts, stance, parts):
                used[Role.HEADING].update(reference, respondent, "　")
                used[Role.KAI].update(stance)
                used[Role.BODY].update(facts, *(text for _, text in parts))
                used[Role.HEADING].update(*(label for label, _ in parts))
    return {role: set(for_print("".join(characters))) for role, characters in used.items()}


#: an opinion of so few lines stays whole
_WHOLE_REMARK = 6
#: so many lines of a quoted clause stay with its heading
_WHOLE_QUOTE = 3


@dataclass(frozen=True, slots=True)
class _Piece:
    """A block made ready: how much of it must stand together with what is before it, and how to draw it."""

    lead: float
    draw: Callable[[], None]
    keeps_next: bool = False


def _flow(pages: Pages, blocks: Iterable[Block]) -> None:
    """Draws the blocks; what belongs to the next block waits for it, so that no heading ends a page."""
    waiting: list[_Piece] = []
    for block in blocks:
        piece = _piece(pages, block)
        waiting.append(piece)
        if not piece.keeps_next:
            pages.ensure(sum(each.lead for each in waiting))
            for each in waiting:
                each.draw()
            waiting = []
    for each in waiting:
        each.draw()


def _piece(pages: Pages, block: Block) -> _Piece:
    match block:
        case Title(lines, note):
            made = [pages.set([(Role.TITLE, for_print(line))], _TITLE) for line in lines]
            parts = [(line, _TITLE) for line in made]
            if note:
                parts.append((pages.set([(Role.KAI, for_print(note))], _NOTE), _NOTE))
            return _Piece(0, partial(_draw_all, pages, parts, after=0 if note else _NOTE.after))
        case Heading(level, text, anchor):
            setting = _HEADINGS[level]
            lines_ = pages.set([(setting.role, for_print(text))], setting)
            return _Piece(
                _height(lines_, setting), partial(_draw_heading, pages, lines_, setting, block, anchor), keeps_next=True
            )
        case Prose(text):
            lines_ = pages.set([(Role.BODY, for_print(text))], _PROSE)
            return _Piece(_held(lines_) * _PROSE.leading, partial(_draw, pages, lines_, _PROSE))
        case Quote(text):
            made_ = [line for part in paragraphs(text) for line in pages.set([(Role.KAI, for_print(part))], _QUOTE)]
            # a long clause may run over to the next page: kept whole it would leave half of this one empty
            is_short = len(made_) <= _WHOLE_QUOTE
            lead = min(_WHOLE_QUOTE, len(made_)) * _QUOTE.leading
            return _Piece(lead, partial(_draw_quote, pages, made_), keeps_next=is_short)
        case Figures(text):
            lines_ = pages.set([(Role.BODY, for_print(text))], _FIGURES)
            return _Piece(_height(lines_, _FIGURES), partial(_draw, pages, lines_, _FIGURES), keeps_next=True)
        case Detail(text):
            lines_ = pages.set([(Role.BODY, for_print(text))], _DETAIL)
            lead = _held(lines_) * _DETAIL.leading + _DETAIL.before
            return _Piece(lead, partial(_draw, pages, lines_, _DETAIL), keeps_next=block.keeps_next)
        case Argument():
            return _argument(pages, block)
        case Change(pieces, words):
            spans = [(Role.KAI, for_print(sentences.difference_words(pieces))), (Role.BODY, for_print(words))]
            lines_ = pages.set(spans, _REMARK)
            return _Piece(_held(lines_) * _REMARK.leading, partial(_draw, pages, lines_, _REMARK))
        case Table():
            grid = Grid(pages, block)
            return _Piece(grid.lead, grid.draw)
        case Enclosure(name):
            lines_ = pages.set([(Role.BODY, for_print(f"附件：{name}"))], _ENCLOSURE)
            return _Piece(_height(lines_, _ENCLOSURE), partial(_draw, pages, lines_, _ENCLOSURE))
        case Annex(lines, anchor):
            made = [pages.set([(Role.TITLE, for_print(line))], _TITLE) for line in lines]
            return _Piece(TOP - BOTTOM, partial(_draw_annex, pages, made, "".join(lines), anchor))
        case Signed():
            return _Piece(4 * _PROSE.leading, partial(_draw_signed, pages, block))
        case Remark():
            return _remark(pages, block)


def _remark(pages: Pages, remark: Remark) -> _Piece:
    byline = pages.set(
        [
            (Role.HEADING, for_print(f"{remark.reference}　{remark.respondent}　")),
            (Role.KAI, remark.stance),
            (Role.BODY, for_print(remark.facts)),
        ],
        _BYLINE,
    )
    made = [
        pages.set(([(Role.HEADING, label)] if label and not position else []) + [(Role.BODY, for_print(part))], _REMARK)
        for label, text in remark.parts
        for position, part in enumerate(paragraphs(text))
    ]
    whole = sum(map(len, made))
    first = whole if whole <= _WHOLE_REMARK else _held(made[0])
    lead = _RULE_GAP + len(byline) * _BYLINE.leading + first * _REMARK.leading
    return _Piece(lead, partial(_draw_remark, pages, byline, made, lead, remark.anchor))


def _argument(pages: Pages, block: Argument) -> _Piece:
    byline = pages.set([(Role.HEADING, for_print(f"{block.count}　{block.title}"))], _BYLINE)
    quoted = [(Role.KAI, for_print(block.quotation)), (Role.BODY, for_print(f"（{block.by}）"))]
    made = [pages.set([(Role.BODY, for_print(block.words))], _REMARK), pages.set(quoted, _REMARK)]
    lead = _RULE_GAP + len(byline) * _BYLINE.leading + _held(made[0]) * _REMARK.leading
    return _Piece(lead, partial(_draw_remark, pages, byline, made, lead, ""))


def _held(lines: list[Line]) -> int:
    """How many of a paragraph's first lines stay together: of three none can be spared, or one would stand alone."""
    return 3 if len(lines) == 3 else min(2, len(lines))


def _height(lines: list[Line], setting: Setting) -> float:
    return setting.before + len(lines) * setting.leading + setting.after


def _draw(pages: Pages, lines: list[Line], setting: Setting, *, is_ours: bool = True) -> None:
    """The lines of one paragraph; of three or more, no single one is left at the foot or carried over alone."""
    pages.skip(setting.before)
    count = len(lines)
    for position, line in enumerate(lines):
        left = count - position
        if position == 0:
            pages.ensure(_held(lines) * setting.leading)
        elif left == 2:
            pages.ensure(2 * setting.leading)
        else:
            pages.ensure(setting.leading)
        pages.linked_line(line, setting.size, setting.leading, pages.known if is_ours else ())
    pages.skip(setting.after)


def _draw_all(pages: Pages, parts: list[tuple[list[Line], Setting]], after: float = 0) -> None:
    for lines, setting in parts:
        _draw(pages, lines, setting)
    pages.skip(after)


def _draw_annex(pages: Pages, made: list[list[Line]], title: str, anchor: str) -> None:
    pages.bookmark(for_print(f"附件　{title}"), anchor, 0)
    _draw(pages, pages.set([(Role.HEADING, "附件")], _ANNEX), _ANNEX)
    pages.skip(_ANNEX.leading)
    _draw_all(pages, [(lines, _TITLE) for lines in made], after=_NOTE.after)


def _draw_heading(pages: Pages, lines: list[Line], setting: Setting, heading: Heading, anchor: str) -> None:
    pages.skip(setting.before)
    pages.bookmark(for_print(heading.text), anchor, 0 if heading.level == 1 else 1)
    for line in lines:
        pages.ensure(setting.leading)
        pages.line(line, setting.size, setting.leading)
    pages.skip(setting.after)


def _draw_quote(pages: Pages, lines: list[Line]) -> None:
    for position, line in enumerate(lines):
        pages.ensure((2 if len(lines) - position == 2 else 1) * _QUOTE.leading)
        top = pages.y
        pages.line(line, _QUOTE.size, _QUOTE.leading)
        pages.bar(LEFT + 2, top, pages.y, 1.5)
    pages.skip(_QUOTE.after)


def _draw_signed(pages: Pages, signed: Signed) -> None:
    pages.skip(_PROSE.leading)
    face = pages.faces[Role.BODY]
    wide = {text: sum(face.advances(text)) * _PROSE.size for text in (signed.unit, signed.day)}
    # The date begins two characters right of the unit, and the longer of the two ends two characters from the edge.
    left = RIGHT - 2 * _PROSE.size - max(wide[signed.unit], wide[signed.day] + 2 * _PROSE.size)
    for text, at in ((signed.unit, left), (signed.day, left + 2 * _PROSE.size)):
        pages.line(Line(((Role.BODY, for_print(text)),), at, 0), _PROSE.size, _PROSE.leading)


def _draw_remark(pages: Pages, byline: list[Line], made: list[list[Line]], lead: float, anchor: str) -> None:
    pages.ensure(lead)
    if anchor:
        pages.place(anchor)
    pages.rule(LEFT, RIGHT, pages.y - _RULE_GAP / 2, 0.4, is_grey=True)
    pages.y -= _RULE_GAP
    for line in byline:
        pages.line(line, _BYLINE.size, _BYLINE.leading)
    for lines in made:
        _draw(pages, lines, _REMARK, is_ours=not anchor)
