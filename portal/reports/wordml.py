"""WordprocessingML: runs, paragraphs and tables as strings, in linear time. All text passes through `escaped`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count

from portal.reports.characters import closed, for_xml
from portal.reports.references import pieces

FANGSONG, KAITI, HEITI = "仿宋_GB2312", "楷体_GB2312", "黑体"
XIAOBIAOSONG, SONGTI = "方正小标宋简体", "宋体"
LATIN = "Times New Roman"

NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"

#: The text area of GB/T 9704: 156 mm × 225 mm on A4, in twentieths of a point.
TEXT_WIDTH, TEXT_HEIGHT = 11906 - 1587 - 1474, 16838 - 2098 - 1984

_SHORT_TABLE = 12
_WHOLE_ROW = 18  # lines: of a turned page two thirds
_RULE, _HAIR = 12, 4  # eighths of a point: the outer rules of a three-line table are heavier


@dataclass(frozen=True, slots=True)
class Section:
    """The page of a run of paragraphs: A4 upright, or turned with the same text area."""

    is_landscape: bool = False

    def xml(self) -> str:
        size = (
            '<w:pgSz w:w="16838" w:h="11906" w:orient="landscape"/>'
            '<w:pgMar w:top="1587" w:right="2098" w:bottom="1474" w:left="1984"'
            if self.is_landscape
            else '<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="2098" w:right="1474" w:bottom="1984" w:left="1587"'
        )
        # Upright, the number stands 7 mm under the text area (35 − 7 = 28 mm); turned, as far as its margin lets it.
        footer = 1077 if self.is_landscape else 1587
        return (
            '<w:sectPr><w:footerReference w:type="default" r:id="rIdOdd"/>'
            '<w:footerReference w:type="even" r:id="rIdEven"/>'
            f'{size} w:header="851" w:footer="{footer}" w:gutter="0"/>'
            '<w:docGrid w:type="linesAndChars" w:linePitch="579" w:charSpace="-848"/></w:sectPr>'
        )


def escaped(text: str) -> str:
    """Text as XML character data; what XML cannot hold is dropped."""
    if not _NOT_PLAIN.search(text):
        return text
    return for_xml(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


#: what cannot stand in XML as it is; most texts have none of it
_NOT_PLAIN = re.compile("[^\t\n\r\x20-\x25\x27-\x3b=\x3f-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@cache
def run_properties(face: str, size: float, tracking: int = 0) -> str:
    """The properties of a run: the Chinese face is named on every run, for Word asks the theme otherwise.

    `size` is in points, `tracking` (what is added to every character's width) in twentieths of a point.
    """
    half_points = round(size * 2)
    return (
        f'<w:rPr><w:rFonts w:ascii="{LATIN}" w:hAnsi="{LATIN}" w:eastAsia="{face}" w:cs="{LATIN}" w:hint="eastAsia"/>'
        + (f'<w:snapToGrid w:val="0"/><w:spacing w:val="{tracking}"/>' if tracking else "")
        + f'<w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/></w:rPr>'
    )


def run(text: str, face: str, size: float) -> str:
    """One run of text; a line feed in it becomes a line break."""
    properties = run_properties(face, size)
    inner = escaped(closed(text))
    if "\n" in inner:
        inner = inner.replace("\n", '</w:t><w:br/><w:t xml:space="preserve">')
    return f'<w:r>{properties}<w:t xml:space="preserve">{inner}</w:t></w:r>'


@cache
def _marked_properties(face: str, size: float, mark: str) -> str:
    """As run_properties, struck or underlined."""
    return run_properties(face, size).replace("<w:sz ", f"{mark}<w:sz ", 1)


def marked_run(text: str, face: str, size: float, op: str) -> str:
    """A run that is struck when `op` is del, underlined when it is ins."""
    mark = {"del": "<w:strike/>", "ins": ""}.get(op, "")
    properties = _marked_properties(face, size, mark)
    if op == "ins":
        properties = properties.replace("</w:rPr>", '<w:u w:val="single"/></w:rPr>')
    inner = '</w:t><w:br/><w:t xml:space="preserve">'.join(escaped(closed(text)).split("\n"))
    return f'<w:r>{properties}<w:t xml:space="preserve">{inner}</w:t></w:r>'


def linked(text: str, face: str, size: float) -> str:
    """Runs of our own words in which every reference leads to the opinion it names."""
    return "".join(
        f'<w:hyperlink w:anchor="{bookmark_name(piece)}" w:history="1">{_unbroken(run(piece, face, size))}</w:hyperlink>'
        if is_reference
        else run(piece, face, size)
        for piece, is_reference in pieces(text)
    )


def _unbroken(run_of_reference: str) -> str:
    """No line ends after the hyphen of a reference: C-34 would be read as two things."""
    return run_of_reference.replace("C-", 'C</w:t><w:noBreakHyphen/><w:t xml:space="preserve">', 1)


def bookmark_name(reference: str) -> str:
    """What Word can call a place: letters, digits and underscores."""
    return reference.replace("-", "_")


def paragraph(style: str, runs: str, properties: str = "") -> str:
    """A paragraph in a named style; `properties` are further children of w:pPr, in the order the schema asks."""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{properties}</w:pPr>{runs}</w:p>'


def bookmark(number: int, name: str, inner: str) -> str:
    """The runs between the two ends of a bookmark."""
    return f'<w:bookmarkStart w:id="{number}" w:name="{name}"/>{inner}<w:bookmarkEnd w:id="{number}"/>'


def table(
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    widths: Sequence[float],
    aligns: str,
    *,
    width: int = TEXT_WIDTH,
    size: float = 12,
    has_total: bool = False,
    has_rules: bool = False,
    places: Sequence[Sequence[str]] = (),
    first_mark: int = 1,
) -> str:
    """A three-line table of fixed layout whose head repeats on every page and whose rows are not broken when short.

    `widths` are shares of `width` (twentieths of a point); `aligns` holds l or c for each column; `has_rules` draws
    a light rule between rows of running text. A row of one cell runs over all columns and stays with the row below it.
    `places` are the references of each row, by which it is found; their bookmarks count from `first_mark`.
    """
    columns = _columns(widths, width)
    grid = "".join(f'<w:gridCol w:w="{column}"/>' for column in columns)
    between = f'<w:insideH w:val="single" w:sz="{_HAIR}" w:space="0" w:color="A6A6A6"/>' if has_rules else ""
    parts = [
        f'<w:tbl><w:tblPr><w:tblW w:w="{width}" w:type="dxa"/><w:jc w:val="center"/><w:tblBorders>'
        f'<w:top w:val="single" w:sz="{_RULE}" w:space="0" w:color="auto"/>'
        f'<w:bottom w:val="single" w:sz="{_RULE}" w:space="0" w:color="auto"/>{between}</w:tblBorders>'
        '<w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="60" w:type="dxa"/><w:right w:w="60" w:type="dxa"/>'
        f"</w:tblCellMar></w:tblPr><w:tblGrid>{grid}</w:tblGrid>",
        _row(head, columns, "c" * len(columns), HEITI, size, "bottom", "<w:tblHeader/>"),
    ]
    last = len(rows) - 1
    # A short table stays on one page with its head; of a long one, only the total stays with the row above it.
    is_short = last < _SHORT_TABLE
    marks = count(first_mark)
    for position, cells in enumerate(rows):
        if len(cells) == 1 < len(columns):
            parts.append(_band(cells[0], columns, size))
            continue
        edge = "top" if has_total and position == last else ""
        # A row stays whole unless it holds so long a text that half a page would be left empty before it.
        whole = "<w:cantSplit/>" if _lines(cells, columns, size) <= _WHOLE_ROW else ""
        keep = position < last and (is_short or (has_total and position == last - 1))
        place = "".join(bookmark(next(marks), bookmark_name(each), "") for each in (places[position] if places else ()))
        parts.append(_row(cells, columns, aligns, FANGSONG, size, edge, whole, keep_next=keep, place=place))
    parts.append("</w:tbl>")
    return "".join(parts)


def _lines(cells: Sequence[str], columns: Sequence[int], size: float) -> int:
    """About how many lines the tallest cell of a row takes."""
    fit = [max(1, int((column - 120) / (size * 20))) for column in columns]
    return max(
        (sum(-(-len(part) // wide) or 1 for part in cell.split("\n")) for cell, wide in zip(cells, fit, strict=True)),
        default=0,
    )


def _band(words: str, columns: Sequence[int], size: float) -> str:
    """A row that says what the rows below it have in common."""
    return (
        f'<w:tr><w:trPr><w:cantSplit/></w:trPr><w:tc><w:tcPr><w:tcW w:w="{sum(columns)}" w:type="dxa"/>'
        f'<w:gridSpan w:val="{len(columns)}"/><w:shd w:val="clear" w:color="auto" w:fill="F2F2F2"/>'
        '<w:vAlign w:val="center"/></w:tcPr>'
        f"{paragraph(_cell_style(size), run(words, HEITI, size), '<w:keepNext/>')}</w:tc></w:tr>"
    )


def _cell_style(size: float) -> str:
    return "Cell" if size >= 12 else "FineCell" if size > 9 else "SmallCell"


def _columns(widths: Sequence[float], width: int) -> list[int]:
    columns = [int(width * share / sum(widths)) for share in widths]
    columns[0] += width - sum(columns)
    return columns


def _row(
    cells: Sequence[str],
    columns: Sequence[int],
    aligns: str,
    face: str,
    size: float,
    edge: str,
    properties: str,
    *,
    keep_next: bool = False,
    place: str = "",
) -> str:
    border = (
        f'<w:tcBorders><w:{edge} w:val="single" w:sz="{_HAIR}" w:space="0" w:color="auto"/></w:tcBorders>'
        if edge
        else ""
    )
    keep = "<w:keepNext/>" if keep_next or "tblHeader" in properties else ""
    parts = [f"<w:tr><w:trPr>{'<w:cantSplit/>' if 'tblHeader' in properties else ''}{properties}</w:trPr>"]
    for cell, column, align in zip(cells, columns, aligns, strict=True):
        side = '<w:jc w:val="center"/>' if align == "c" else ""
        parts.append(
            f'<w:tc><w:tcPr><w:tcW w:w="{column}" w:type="dxa"/>{border}<w:vAlign w:val="center"/></w:tcPr>'
            + paragraph(_cell_style(size), place + run(cell, face, size), keep + side)
            + "</w:tc>"
        )
        place = ""  # in the first cell of the row
    parts.append("</w:tr>")
    return "".join(parts)
