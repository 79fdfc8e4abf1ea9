"""Three-line tables on PDF pages: the head repeats, short tables stay whole, tall rows run over."""

from __future__ import annotations

from portal.reports.blocks import Table
from portal.reports.characters import for_print, paragraphs
from portal.reports.fonts import Role
from portal.reports.pages import LEFT, RIGHT, WIDTH, Line, Pages, Setting

_SIZE, _LEADING = 12, 17.0
_SIDE, _PADDING = 3.0, 2.0
_HEAVY, _FINE = 1.2, 0.5
_BEFORE, _AFTER = 3.0, 12.0
_WHOLE = 12
_CAPTION = Setting(Role.HEADING, _SIZE, 22, align="centre", before=4)

Cells = list[list[Line]]


class Grid:
    """A table made ready for the page: `lead` is how much of it must stand with the heading above it."""

    def __init__(self, pages: Pages, table: Table) -> None:
        self._pages = pages
        self._has_total = table.has_total
        total = sum(table.widths)
        self._widths = [WIDTH * share / total for share in table.widths]
        self._caption = pages.set([(Role.HEADING, for_print(table.caption))], _CAPTION) if table.caption else []
        self._head = self._row(table.head, "c" * len(table.head), Role.HEADING)
        self._rows = [self._row(cells, table.aligns, Role.BODY) for cells in table.rows]
        top = len(self._caption) * _CAPTION.leading + _tall(self._head) + 4 + _BEFORE
        shown = self._rows if len(self._rows) <= _WHOLE else self._rows[:3]
        self.lead = min(top + sum(map(_tall, shown)), 20 * _LEADING + 180)

    def _row(self, cells: tuple[str, ...], aligns: str, role: Role) -> Cells:
        made: Cells = []
        left = LEFT
        for cell, width, align in zip(cells, self._widths, aligns, strict=True):
            setting = Setting(role, _SIZE, _LEADING, align="centre" if align == "c" else "left")
            lines = [
                line
                for part in paragraphs(cell)
                for line in self._pages.set(
                    [(role, for_print(part))], setting, left=left + _SIDE, width=width - 2 * _SIDE
                )
            ]
            made.append(lines)
            left += width
        return made

    def draw(self) -> None:
        """The whole table, over as many pages as it takes."""
        pages = self._pages
        pages.skip(_BEFORE)
        for line in self._caption:
            pages.line(line, _CAPTION.size, _CAPTION.leading)
        self._begin()
        last = len(self._rows) - 1
        for position, row in enumerate(self._rows):
            # A total does not stand alone under a repeated head.
            after = _tall(self._rows[last]) if self._has_total and position == last - 1 else 0
            if pages.room < min(_tall(row) + after, 8 * _LEADING):
                self._end()
                pages.turn()
                self._begin()
            if self._has_total and position == last:
                pages.rule(LEFT, RIGHT, pages.y, _FINE)
            self._draw_row(row)
        self._end()
        pages.skip(_AFTER)

    def _begin(self) -> None:
        self._pages.y -= 2
        self._pages.rule(LEFT, RIGHT, self._pages.y, _HEAVY)
        self._draw_row(self._head)
        self._pages.rule(LEFT, RIGHT, self._pages.y, _FINE)

    def _end(self) -> None:
        self._pages.rule(LEFT, RIGHT, self._pages.y, _HEAVY)

    def _draw_row(self, row: Cells) -> None:
        """A row; the lines of its cells are centred on one another, and go on overleaf when they do not fit."""
        pages = self._pages
        rest = row
        while True:
            fit = max(1, int((pages.room - 2 * _PADDING) // _LEADING))
            now = [lines[:fit] for lines in rest]
            height = max(map(len, now), default=0) or 1
            for lines in now:
                top = pages.y - _PADDING - (height - len(lines)) * _LEADING / 2
                for position, line in enumerate(lines):
                    pages.type_at(line, _SIZE, top - (position + 0.5) * _LEADING - 0.38 * _SIZE)
            pages.y -= height * _LEADING + 2 * _PADDING
            rest = [lines[fit:] for lines in rest]
            if not any(rest):
                return
            self._end()
            pages.turn()
            self._begin()


def _tall(row: Cells) -> float:
    return max(1, *map(len, row)) * _LEADING + 2 * _PADDING
