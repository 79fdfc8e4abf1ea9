"""A table of opinions (XLSX or CSV) as rows of words: bounded before it is opened, and nothing in it computed."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils import column_index_from_string
from openpyxl.utils.exceptions import InvalidFileException

from portal.errors import NotValid
from portal.rules import plaintext

LARGEST_FILE = 10 * 1024 * 1024
MOST_ROWS = 1_000
MOST_COLUMNS = 40
LONGEST_CELL = 20_000
_MOST_UNPACKED = 30 * 1024 * 1024
_MOST_PARTS = 2_000
#: blank rows after which a sheet is over: spreadsheets keep a million of them
_MOST_BLANK = 200


def too_large() -> NotValid:
    """Said of a sheet that is more than any list of opinions is."""
    size = LARGEST_FILE // 1024 // 1024
    return NotValid(
        "这份表格太大（最多%(rows)s行、%(size)s MB），请拆成几份再导入。", fault="file", rows=MOST_ROWS, size=size
    )


Row = tuple[int, list[Any]]


def rows(data: bytes) -> list[Row]:
    """The rows that say something, each with its number in the sheet (from 1). Cells are words, numbers or days.

    Raises NotValid with one sentence for what is too large, damaged, locked, or no table.
    """
    if len(data) > LARGEST_FILE:
        raise too_large()
    if not data.strip(b"\x00 \r\n\t"):
        raise NotValid("文件是空的，请重新选择。", fault="file")
    if data.startswith(b"PK\x03\x04"):
        return list(_bounded(_workbook(data)))
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise NotValid("这是旧式Excel（.xls）或加了密码的表格，请另存为不带密码的.xlsx再导入。", fault="file")
    if b"\x00" in data and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise NotValid("这不是Excel或CSV表格，请检查文件。", fault="file")
    return list(_bounded(_values(data)))


def _bounded(found: Iterable[Row]) -> Iterator[Row]:
    blank = 0
    for number, cells in found:
        if len(cells) > MOST_COLUMNS and any(_is_said(cell) for cell in cells[MOST_COLUMNS:]):
            raise NotValid("表格的列太多（最多%(columns)s列），请用提供的样表。", fault="file", columns=MOST_COLUMNS)
        cells = cells[:MOST_COLUMNS]
        if not any(_is_said(cell) for cell in cells):
            blank += 1
            if blank > _MOST_BLANK:
                return
            continue
        blank = 0
        if number > MOST_ROWS + _MOST_BLANK * 2:
            raise too_large()
        yield number, cells


def _is_said(cell: object) -> bool:
    return cell is not None and str(cell).strip() != ""


def _workbook(data: bytes) -> Iterator[Row]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = package.infolist()
            if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _MOST_UNPACKED:
                raise too_large()
            names = {part.filename for part in parts}
            if "xl/workbook.xml" not in names:
                raise NotValid("这不是Excel表格，请检查文件。", fault="file")
            for part in parts:
                _require_true_size(package, part)
            merged = _merged(package)
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        formulas = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        sheet, written = book.worksheets[0], formulas.worksheets[0]
        # what the sheet says of its own size is not to be believed
        held: dict[int, Any] = {}
        sheet.reset_dimensions()
        written.reset_dimensions()
        for number, (shown, typed) in enumerate(
            zip(sheet.iter_rows(values_only=True), written.iter_rows(values_only=True), strict=False), 1
        ):
            cells = [_cell(value, source) for value, source in zip(shown, typed, strict=False)]
            for first, last, column in merged:
                # what is written once over several rows is said in each of them
                if number == first and column < len(cells):
                    held[column] = cells[column]
                elif first < number <= last:
                    cells += [None] * (column + 1 - len(cells))
                    cells[column] = held.get(column)
            yield number, cells
            if number > MOST_ROWS + 10_000:
                raise too_large()
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError, EOFError, IndexError, TypeError,
            AttributeError, ParseError, NotImplementedError, RecursionError, RuntimeError) as fault:  # fmt: skip
        raise NotValid("表格已损坏或设了密码，无法打开，请重新保存后再导入。", fault="file") from fault


_MERGED = re.compile(rb'<mergeCell[^>]{0,40}ref="\$?([A-Z]{1,2})\$?(\d{1,6}):\$?([A-Z]{1,2})\$?(\d{1,6})"')
_MOST_MERGED = 2_000


def _merged(package: zipfile.ZipFile) -> list[tuple[int, int, int]]:
    """The cells of the first sheet that reach over several rows: first row, last row, column."""
    names = sorted(name for name in package.namelist() if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name))
    first = "xl/worksheets/sheet1.xml" if "xl/worksheets/sheet1.xml" in names else next(iter(names), "")
    if not first:
        return []
    found = []
    for begin, top, _end, bottom in _MERGED.findall(package.read(first))[:_MOST_MERGED]:
        if int(bottom) > int(top):
            found.append(
                (int(top), min(int(bottom), int(top) + MOST_ROWS), column_index_from_string(begin.decode()) - 1)
            )
    return found


def _require_true_size(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Unpacks a part once, counting: the directory of a bomb tells less than there is."""
    left = part.file_size
    with package.open(part) as unpacked:
        begin = unpacked.read(4096)
        if b"<!DOCTYPE" in begin or b"<!ENTITY" in begin:
            raise ValueError("a sheet has no document type")
        left -= len(begin)
        while piece := unpacked.read(65_536):
            left -= len(piece)
            if left < 0:
                raise too_large()


def _cell(value: Any, source: Any) -> Any:
    """A cell as it is shown. A formula that was never computed is its own text, and never computed here."""
    if value is None and isinstance(source, str) and source.startswith("="):
        return source
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    if isinstance(value, (str, int, float, date, datetime, time)) or value is None:
        return _said(value) if isinstance(value, str) else value
    return _said(str(value))


def _values(data: bytes) -> Iterator[Row]:
    words = _decoded(data)
    lines = words.splitlines()[:20]
    tabs, commas = (sum(line.count(mark) for line in lines) for mark in ("\t", ","))
    before = csv.field_size_limit(LARGEST_FILE)
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(words), delimiter="\t" if tabs > commas else ","), 1):
            if number > MOST_ROWS + 10_000:
                raise too_large()
            yield number, [_said(cell) for cell in cells[: MOST_COLUMNS + 1]]
    except csv.Error as fault:
        raise NotValid("这份CSV表格的格式有误，请用Excel另存为.xlsx再导入。", fault="file") from fault
    finally:
        csv.field_size_limit(before)


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        names: tuple[str, ...] = ("utf-16",)
    else:
        names = ("utf-8-sig", "gb18030")
    for name in names:
        try:
            return data.decode(name)
        except UnicodeDecodeError:
            continue
    raise NotValid("表格的文字编码无法识别，请用Excel另存为.xlsx再导入。", fault="file")


def _said(text: str) -> str:
    """One byte more than a cell may hold is enough to say that it is too long."""
    return plaintext.received(text[: LONGEST_CELL + 1])
