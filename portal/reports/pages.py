"""The pages of a PDF: the text area of GB/T 9704, lines of type, rules, page numbers, bookmarks."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfdoc import PDFDictionary, PDFName, PDFStream
from reportlab.pdfgen.canvas import Canvas

from portal.reports.fonts import Role
from portal.reports.line_breaking import lines as broken
from portal.reports.references import REFERENCE
from portal.reports.typefaces import Typeface, typefaces
from portal.rules.window import in_beijing

#: The text area of GB/T 9704 on A4, in points from the lower left corner.
LEFT, RIGHT = 28 * mm, A4[0] - 26 * mm
TOP, BOTTOM = A4[1] - 37 * mm, 35 * mm
WIDTH = RIGHT - LEFT
_NUMBER_SIZE = 14
_NUMBER_BASELINE = BOTTOM - 7 * mm - 0.88 * _NUMBER_SIZE
_GREY = 0.5
_STRAGGLERS, _CLOSER = 2, 0.04

Spans = Sequence[tuple[Role, str]]


@dataclass(frozen=True, slots=True)
class Setting:
    """How a paragraph is set; lengths in points, `indent` (of the first line) and `inset` (of all) in characters."""

    role: Role
    size: float
    leading: float
    indent: float = 0
    inset: float = 0
    tracking: float = 0
    align: str = "both"
    before: float = 0
    after: float = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One line of type: its spans, where it begins, and what is added to the width of each character."""

    spans: tuple[tuple[Role, str], ...]
    left: float
    tracking: float


@dataclass(slots=True)
class Pages:
    """A PDF being written from top to bottom; `y` is the lower edge of what stands on the page so far."""

    canvas: Canvas
    faces: dict[Role, Typeface]
    buffer: BytesIO
    y: float = TOP
    number: int = 1
    #: the references that have a place in this document
    known: Collection[str] = ()
    _code: list[str] = field(default_factory=list)

    @property
    def room(self) -> float:
        """How much height the page still has."""
        return float(self.y - BOTTOM)

    @property
    def is_fresh(self) -> bool:
        return bool(self.y == TOP)

    def ensure(self, height: float) -> None:
        """Turns to the next page unless so much height is left (or the page is still empty)."""
        if self.room < height - 0.01 and not self.is_fresh:
            self.turn()

    def turn(self) -> None:
        """Finishes the page: its number stands right on odd pages and left on even ones, one character in."""
        shown = f"— {self.number} —"
        width = sum(self.faces[Role.BODY].advances(shown)) * _NUMBER_SIZE
        left = RIGHT - _NUMBER_SIZE - width if self.number % 2 else LEFT + _NUMBER_SIZE
        self._type(((Role.BODY, shown),), left, _NUMBER_BASELINE, _NUMBER_SIZE, 0)
        # One string for a page: the canvas would keep every operator apart until the file is written.
        self.canvas._code.append("\n".join(self._code))
        self._code = []
        self.canvas.showPage()
        # Packed as soon as it is drawn: thousands of pages would else wait in memory for the end, five times as large.
        page = self.canvas._doc.Pages.pages[-1]
        packed = zlib.compress(page.stream.encode("latin-1"))
        page.Contents = PDFStream(PDFDictionary({"Filter": PDFName("FlateDecode")}), packed)
        page.stream = None
        self.number += 1
        self.y = TOP

    def skip(self, height: float) -> None:
        """White space; none at the head of a page."""
        if not self.is_fresh:
            self.y -= height

    def line(self, line: Line, size: float, leading: float) -> None:
        """One line of type at the top of what is left of the page."""
        self.type_at(line, size, self.y - leading / 2 - 0.38 * size)
        self.y -= leading

    def linked_line(self, line: Line, size: float, leading: float, known: Collection[str]) -> None:
        """As line(), and every reference in it that is known leads to its opinion."""
        text = "".join(part for _, part in line.spans)
        found = [each for each in REFERENCE.finditer(text) if each.group() in known]
        if found:
            ends = [0.0]
            for role, part in line.spans:
                for ems in self.faces[role].advances(part):
                    ends.append(ends[-1] + ems * size + line.tracking)
            for each in found:
                box = (line.left + ends[each.start()], self.y - leading + 2, line.left + ends[each.end()], self.y - 2)
                self.canvas.linkRect("", each.group(), box, relative=0, thickness=0)
        self.line(line, size, leading)

    def type_at(self, line: Line, size: float, baseline: float) -> None:
        """One line of type with its baseline at a height."""
        self._type(line.spans, line.left, baseline, size, line.tracking)

    def _type(self, spans: Spans, left: float, baseline: float, size: float, tracking: float) -> None:
        shown = " ".join(
            f"{face.resource} {size:g} Tf {face.shown(text)} Tj"
            for face, text in ((self.faces[role], text) for role, text in spans)
        )
        self._code.append(f"BT {tracking:.3f} Tc {left:.2f} {baseline:.2f} Td {shown} ET")

    def rule(self, left: float, right: float, y: float, weight: float, *, is_grey: bool = False) -> None:
        """A horizontal rule."""
        self._code.append(f"q {_GREY if is_grey else 0} G {weight} w {left:.2f} {y:.2f} m {right:.2f} {y:.2f} l S Q")

    def bar(self, x: float, top: float, bottom: float, weight: float) -> None:
        """A vertical rule, grey."""
        self._code.append(f"q {_GREY} G {weight} w {x:.2f} {top:.2f} m {x:.2f} {bottom:.2f} l S Q")

    def draw(self, operators: str) -> None:
        """Anything else that is drawn, as the operators of a PDF's content."""
        self._code.append(operators)

    def bookmark(self, title: str, anchor: str, level: int) -> None:
        """An entry of the outline that leads to this place."""
        self.canvas.bookmarkHorizontal(anchor, 0, min(self.y + 6, A4[1]))
        self.canvas.addOutlineEntry(title, anchor, level, closed=level > 0)

    def place(self, anchor: str) -> None:
        """A place that a reference leads to; it stands in no outline."""
        self.canvas.bookmarkHorizontal(anchor, 0, min(self.y + 6, A4[1]))

    def finish(self) -> bytes:
        """The file."""
        if not self.is_fresh or self._code or self.number == 1:
            self.turn()
        self.canvas.save()
        return self.buffer.getvalue()

    def set(self, spans: Spans, setting: Setting, *, left: float = LEFT, width: float = WIDTH) -> list[Line]:
        """The spans broken into lines of a width, justified, centred or flush left as the setting says."""
        text = "".join(part for _, part in spans)
        advances: list[float] = []
        for role, part in spans:
            advances += [ems * setting.size + setting.tracking for ems in self.faces[role].advances(part)]
        indent, inset = ((setting.size + setting.tracking) * wide for wide in (setting.indent, setting.inset))
        room = width - inset
        found = broken(text, advances, room - indent, room)
        tracking = setting.tracking
        if len(found) > 1 and found[-1][1] - found[-1][0] <= _STRAGGLERS and setting.align != "centre":
            # A last line of one or two characters is drawn in when setting the others a little closer makes room.
            closer = -_CLOSER * setting.size
            drawn_in = broken(text, [advance + closer for advance in advances], room - indent, room)
            if len(drawn_in) < len(found):
                found, tracking = drawn_in, tracking + closer
                advances = [advance + closer for advance in advances]
        made = []
        for position, (start, end) in enumerate(found):
            taken = sum(advances[start:end])
            shift = indent if position == 0 else 0.0
            free = room - shift - taken
            extra = 0.0
            if setting.align == "centre":
                shift = max(0.0, free + tracking) / 2
            elif setting.align == "both" and position < len(found) - 1 and end - start > 1:
                extra = min(free / (end - start - 1), setting.size / 4)
            made.append(Line(_between(spans, start, end), left + inset + shift, tracking + extra))
        return made


def open_pages(
    title: str, author: str, made_at: datetime, characters: dict[Role, set[str]], subject: str = "意见汇总报告"
) -> Pages:
    """An empty PDF whose typefaces have the characters given and whose stated date is `made_at`."""
    buffer = BytesIO()
    # `invariant` keeps the clock and the random file identifier out; the date is then set to the one we mean.
    canvas = Canvas(buffer, pagesize=A4, pageCompression=1, invariant=1, lang="zh-CN", initialFontName="Helvetica")
    canvas.setTitle(title)
    canvas.setAuthor(author)
    canvas.setSubject(subject)
    canvas.setCreator(author)
    moment = in_beijing(made_at)
    canvas.setDateFormatter(lambda *_: f"D:{moment:%Y%m%d%H%M%S}+08'00'")
    if subject == "意见汇总报告":
        canvas.showOutline()
    canvas.setViewerPreference("DisplayDocTitle", "true")
    return Pages(canvas, typefaces(canvas._doc, characters), buffer)


def _between(spans: Spans, start: int, end: int) -> tuple[tuple[Role, str], ...]:
    """The part of the spans between two positions of their whole text."""
    if len(spans) == 1:
        return ((spans[0][0], spans[0][1][start:end]),)
    cut, at = [], 0
    for role, part in spans:
        piece = part[max(0, start - at) : max(0, end - at)]
        if piece:
            cut.append((role, piece))
        at += len(part)
    return tuple(cut)
