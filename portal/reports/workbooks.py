"""Workbooks that anybody may open: text stays text, dates are dates, the bytes depend on the content alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from io import BytesIO
from typing import Any

from xlsxwriter import Workbook

from portal.reports.characters import for_xml
from portal.rules.window import in_beijing

MIMETYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

CELL_LIMIT = 32_767  # what Excel can hold in one cell, in UTF-16 units

_FIRST_DAY, _DAY = datetime(1899, 12, 30), timedelta(days=1)  # noqa: DTZ001 - a spreadsheet knows no zones
#: texts of at most so many characters are worth remembering
_OFTEN = 60
_WRAPPED = frozenset(("text", "label", "note"))
_LINE, _SLACK, _TALLEST = 15.0, 9.0, 405.0  # points; Excel allows no row above 409

_A4, _A3, _WIDE = 9, 8, 150

NO_LINKS: Mapping[int, str] = {}
Cell = str | int | float | datetime | None


class Book:
    """A workbook written row by row; rows cannot be returned to, so that a long one needs little memory."""

    def __init__(self, title: str, author: str, made_at: datetime) -> None:
        self._buffer = BytesIO()
        self._book = Workbook(
            self._buffer,
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "nan_inf_to_errors": False,
                "default_date_format": "yyyy-mm-dd hh:mm",
            },
        )
        created = in_beijing(made_at).replace(tzinfo=None)
        self._book.set_properties({"title": for_xml(title), "author": for_xml(author), "created": created})
        base = {"font_name": "宋体", "font_size": 11, "valign": "top"}
        rule = {"bottom": 4, "bottom_color": "#B0B7BE"}
        self._formats: dict[str, Any] = {
            "text": self._book.add_format({**base, **rule, "text_wrap": True, "right": 7, "right_color": "#D5DADF"}),
            "plain": self._book.add_format({**base}),
            "note": self._book.add_format({**base, "text_wrap": True}),
            "number": self._book.add_format({**base, **rule, "align": "center"}),
            "instant": self._book.add_format({**base, **rule, "num_format": "yyyy-mm-dd hh:mm", "align": "center"}),
            "day": self._book.add_format({**base, **rule, "num_format": "yyyy-mm-dd", "align": "center"}),
            "label": self._book.add_format({**base, **rule, "align": "center", "text_wrap": True}),
            "head": self._book.add_format(
                {**base, "bold": True, "text_wrap": True, "align": "center", "valign": "vcenter", "top": 2, "bottom": 1,
                 "bg_color": "#EBF0F6"}
            ),
            "title": self._book.add_format({"font_name": "宋体", "font_size": 16, "bold": True, "valign": "vcenter"}),
            "section": self._book.add_format({**base, "bold": True, "font_size": 12, "valign": "bottom"}),
            "total": self._book.add_format({**base, "bold": True, "top": 1, "bottom": 2}),
            "total number": self._book.add_format({**base, "bold": True, "top": 1, "bottom": 2, "align": "center"}),
            "label link": self._book.add_format(
                {**base, **rule, "align": "center", "text_wrap": True, "font_color": "#1C3F6B", "underline": 1}
            ),
            "link": self._book.add_format({**base, "font_color": "#1C3F6B", "underline": 1}),
        }  # fmt: skip

    def sheet(self, name: str, widths: Sequence[float], *, is_landscape: bool = True) -> Sheet:
        """A new sheet with the column widths given, ready to be printed on A4, a wide one on A3."""
        made = self._book.add_worksheet(name)
        for position, width in enumerate(widths):
            made.set_column(position, position, width)
        # on A4 a wide table would be printed too small to read
        made.set_paper(_A3 if sum(widths) > _WIDE else _A4)
        if is_landscape:
            made.set_landscape()
        made.set_margins(left=0.6, right=0.6, top=0.8, bottom=0.8)
        made.fit_to_pages(1, 0)
        made.set_footer("&C— &P —")
        made.hide_gridlines(2)
        return Sheet(made, self._formats, widths)

    def finish(self) -> bytes:
        """The file."""
        self._book.close()
        return self._buffer.getvalue()


class Sheet:
    """One sheet being filled downwards."""

    def __init__(self, sheet: Any, formats: dict[str, Any], widths: Sequence[float]) -> None:
        self._sheet = sheet
        self._formats = formats
        self._widths = widths
        self.row = 0

    def write(
        self, cells: Iterable[tuple[Cell, str]], *, height: float | None = None, links: Mapping[int, str] = NO_LINKS
    ) -> None:
        """One row of (value, format). A text that Excel cannot hold in one cell runs on in the rows below.

        `links` says to which address the text of a column leads.

        The row is as high as its longest wrapped text; a spreadsheet that reads a file does not measure it again.
        """
        rest: dict[int, tuple[str, str]] = {}
        ready: list[tuple[Cell, Any]] = []
        lines = 1
        formats, widths = self._formats, self._widths
        for position, (value, kind) in enumerate(cells):
            if value and isinstance(value, str):
                width = widths[position] if kind in _WRAPPED else 0
                if len(value) <= _OFTEN:
                    value, tall = _short(value, width)
                else:
                    value, over = _cut(for_xml(value))
                    if over:
                        rest[position] = (over, kind)
                    tall = _lines(value, width) if width else 1
                if tall > lines:
                    lines = tall
            ready.append((value, formats[kind]))
        if height is None and lines > 1:
            height = min(_TALLEST, lines * _LINE + _SLACK)
        if height is not None:
            self._sheet.set_row(self.row, height)
        row, write_string = self.row, self._sheet.write_string
        for position, (value, style) in enumerate(ready):
            if links and position in links:
                self._sheet.write_url(row, position, links[position], formats["label link"], str(value))
            elif value and isinstance(value, str):
                write_string(row, position, value, style)
            else:
                self._put(position, value, style)
        self.row += 1
        if rest:
            self.write(rest.get(position, (None, "text")) for position in range(max(rest) + 1))

    def _put(self, column: int, value: Cell, style: Any) -> None:
        if isinstance(value, datetime):
            # the number a spreadsheet keeps a day and an hour as
            serial = (in_beijing(value).replace(tzinfo=None) - _FIRST_DAY) / _DAY
            self._sheet.write_number(self.row, column, serial, style)
        elif value is None or value == "":
            self._sheet.write_blank(self.row, column, None, style)
        else:
            self._sheet.write_number(self.row, column, value, style)

    def head(self, columns: Sequence[str], *, filtered_rows: int | None = None, repeat: bool = False) -> None:
        """A head row; when it heads the sheet it stays in view, carries filters and repeats on every printed page."""
        self._sheet.set_row(self.row, 32)
        for position, name in enumerate(columns):
            self._sheet.write_string(self.row, position, name, self._formats["head"])
        if filtered_rows is not None:
            self._sheet.autofilter(self.row, 0, self.row + max(1, filtered_rows), len(columns) - 1)
        if repeat:
            self._sheet.freeze_panes(self.row + 1, 0)
            self._sheet.repeat_rows(self.row)
        self.row += 1

    def link(self, column: int, url: str) -> None:
        """A link in the current row; the row is not left."""
        self._sheet.write_url(self.row, column, url, self._formats["link"])

    def skip(self) -> None:
        """An empty row."""
        self.row += 1


@lru_cache(maxsize=20_000)
def _short(text: str, width: float) -> tuple[str, int]:
    """A short text as a cell can hold it, and its lines: names of clauses and of kinds come again and again."""
    clean = for_xml(text)
    return clean, _lines(clean, width) if width else 1


def _lines(text: str, width: float) -> int:
    """How many lines a text takes in a column so many digits wide; a Chinese character is as wide as two digits."""
    if len(text) * 2 <= width and "\n" not in text:
        return 1
    # Three bytes and one character make two, one byte and one character make one: widths without looking at each.
    return sum(-(-(len(part.encode()) + len(part)) // int(2 * width - 3)) or 1 for part in text.split("\n"))


def _cut(text: str) -> tuple[str, str]:
    """What fits in one cell, and the rest; the cut is marked on both sides."""
    if len(text) <= CELL_LIMIT // 2 or len(text.encode("utf-16-le")) // 2 <= CELL_LIMIT:
        return text, ""
    mark = "……（下接下一行）"
    units = text.encode("utf-16-le")[: (CELL_LIMIT - len(mark)) * 2]
    shown = units.decode("utf-16-le", "ignore")
    return shown + mark, "（上接上一行）……" + text[len(shown) :]
