"""A text as an office hands it on: printed to PDF, or written in Word in the ways Word and its kin write it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator, Sequence
from html import escape
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from portal.drafts import Draft
from portal.drafts.lines import width
from portal.drafts.numerals import whole_number

HEAD = "公开征求意见材料"


def chromium_pdf(browser: Browser, text: str) -> bytes:
    """The text printed by a browser: A4, justified lines, a running head, and page numbers between dashes."""
    page = browser.new_page()
    page.set_content(_page(text))
    data = page.pdf(
        format="A4",
        display_header_footer=True,
        header_template=f"<div style='font:9px Noto Serif CJK SC;width:100%;text-align:center'>{HEAD}</div>",
        footer_template="<div style='font:9px Noto Serif CJK SC;width:100%;text-align:center'>"
        "— <span class=pageNumber></span> —</div>",
        margin={"top": "30mm", "bottom": "30mm", "left": "27mm", "right": "27mm"},
    )
    page.close()
    return data


def _page(text: str) -> str:
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in _lines(text))
    style = "p{font:21px/1.7 Noto Serif CJK SC;margin:0;text-indent:2em;text-align:justify}"
    return f"<!doctype html><html lang=zh><meta charset=utf-8><style>{style}</style>{paragraphs}</html>"


def reportlab_pdf(text: str, columns: int = 56, lines_a_page: int = 26) -> bytes:
    """The text set with a library: lines cut at a width, never before a stop; a running head and bare page numbers."""
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    rows = [row for line in _lines(text) for row in _cut("\u3000\u3000" + line, columns)]
    out = BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=True)
    for page, start in enumerate(range(0, len(rows), lines_a_page), 1):
        canvas.setFont("STSong-Light", 9)
        canvas.drawCentredString(297, 800, HEAD)
        canvas.setFont("STSong-Light", 16)
        for k, row in enumerate(rows[start : start + lines_a_page]):
            canvas.drawString(72, 760 - 27 * k, row)
        canvas.setFont("STSong-Light", 9)
        canvas.drawCentredString(297, 36, str(page))
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _cut(line: str, columns: int) -> Iterator[str]:
    row = ""
    taken = 0
    for char in line:
        size = width(char)
        if taken + size > columns and char not in "，。、；：！？”）》,.;:)":
            yield row
            row, taken = "", 0
        row += char
        taken += size
    yield row


def _lines(text: str) -> list[str]:
    return [line.strip(" \t\u3000\u00a0") for line in text.splitlines() if line.strip(" \t\u3000\u00a0")]


_W = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:v="urn:schemas-microsoft-com:vml"'
)
_INDENT = '<w:ind w:left="0" w:firstLine="640"/>'
#: what stands for the number in each kind of mark, and Word's name of its style; the outermost level first
_LEVELS = (
    (re.compile(r"第([一二三四五六七八九十]+)章"), "chineseCountingThousand"),
    (re.compile(r"第([一二三四五六七八九十]+)[节節]"), "chineseCountingThousand"),
    (re.compile(r"([一二三四五六七八九十]+)[、.]"), "chineseCountingThousand"),
    (re.compile(r"[（(]([一二三四五六七八九十]+)[）)]"), "chineseCountingThousand"),
    (re.compile(r"(\d{1,2})[.．、](?!\d)"), "decimal"),
)


class Lists:
    """Word's numbering for the marks of a text: one list of several levels, begun anew where the text leaps."""

    def __init__(self) -> None:
        self.shapes: dict[int, str] = {}
        self.counts: dict[int, int] = {}
        self.leaps: list[tuple[int, int]] = [(-1, 0)]

    def take(self, line: str) -> str:
        """One line as a paragraph: its mark, if it has one, becomes an automatic number."""
        for level, (pattern, _) in enumerate(_LEVELS):
            match = pattern.match(line)
            value = whole_number(match[1]) if match else None
            if match is None or value is None or not line[match.end() :].strip():
                continue
            shape = line[: match.start(1)] + f"%{level + 1}" + line[match.end(1) : match.end()]
            if self.shapes.setdefault(level, shape) != shape:
                break
            return self._numbered(level, value, line[match.end() :])
        return paragraph(line)

    def _numbered(self, level: int, value: int, words: str) -> str:
        begun, begins_at = self.leaps[-1]
        start = begins_at if begun == level else 1
        if self.counts.get(level, start - 1) + 1 != value:
            self.leaps.append((level, value))
        self.counts = {k: count for k, count in self.counts.items() if k < level} | {level: value}
        number = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{len(self.leaps)}"/></w:numPr>'
        return f"<w:p><w:pPr>{number}{_INDENT}</w:pPr>{_run(words)}</w:p>"

    def part(self) -> str:
        """Word's numbering part."""
        levels = "".join(
            f'<w:lvl w:ilvl="{k}"><w:start w:val="1"/><w:numFmt w:val="{style}"/>'
            f'<w:suff w:val="nothing"/><w:lvlText w:val="{self.shapes.get(k, "")}"/></w:lvl>'
            for k, (_, style) in enumerate(_LEVELS)
        )
        instances = "".join(f'<w:num w:numId="{k}">{_begun(*leap)}</w:num>' for k, leap in enumerate(self.leaps, 1))
        abstract = f'<w:abstractNum w:abstractNumId="0"><w:multiLevelType w:val="multilevel"/>{levels}</w:abstractNum>'
        return f"<w:numbering {_W}>{abstract}{instances}</w:numbering>"


def _begun(level: int, value: int) -> str:
    over = f'<w:lvlOverride w:ilvl="{level}"><w:startOverride w:val="{value}"/></w:lvlOverride>' if value else ""
    return f'<w:abstractNumId w:val="0"/>{over}'


def numbered_docx(text: str) -> bytes:
    """A Word file whose marks are automatic numbers, so that none of them is in its words."""
    lists = Lists()
    body = "".join(lists.take(line) for line in _lines(text))
    return _package(body, lists.part())


def framed_docx(draft: Draft) -> bytes:
    """A Word file of a text that was read: its fields and its table as tables of Word, its boxes and each fourth
    clause that holds none as text boxes, written twice as Word does."""
    body = ""
    anchor = ""
    lines = [line.strip() for line in draft.lines]
    skip = -1
    ends = {draft.nodes[k].line: _end(draft, k) for k in range(len(draft.nodes)) if _is_framed(draft, k)}
    tables = {node.line: node for node in draft.nodes if node.rows}
    for number, line in enumerate(lines, 1):
        if number <= skip or not line or (line == "|" and number not in ends):
            continue
        if number in tables:
            node = tables[number]
            body += paragraph(line) + table(node.rows) + "".join(paragraph(words) for words in node.text.split("\n"))
            skip = _next_line(draft, number) - 1
        elif number in ends:
            inside = [lines[k - 1].rstrip("| ") for k in range(number, ends[number])]
            body += text_box("".join(paragraph(words) for words in inside if words))
            skip = ends[number] - 1
        else:
            body += paragraph(line)
    return _package(body, Lists().part())


def paragraph(words: str) -> str:
    """A paragraph of Word."""
    return f"<w:p><w:pPr>{_INDENT}</w:pPr>{_run(words)}</w:p>"


def _run(words: str) -> str:
    return f'<w:r><w:rPr><w:sz w:val="32"/></w:rPr><w:t xml:space="preserve">{escape(words)}</w:t></w:r>'


def table(rows: Sequence[Sequence[str]]) -> str:
    """A table of Word; where the first cell of a row is empty, it belongs to the one above."""
    out = ""
    for row in rows:
        cells = ""
        for k, cell in enumerate(row):
            begins = 'w:val="restart"' if cell else ""
            merged = "" if k else f"<w:tcPr><w:vMerge {begins}/></w:tcPr>"
            cells += f"<w:tc>{merged}{paragraph(cell)}</w:tc>"
        out += f"<w:tr>{cells}</w:tr>"
    return f"<w:tbl>{out}</w:tbl>"


def text_box(content: str) -> str:
    """A paragraph that holds nothing but a text box, for new programs and once more for old ones."""
    shape = (
        '<a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:graphicData '
        'uri="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"><wps:wsp><wps:cNvSpPr txBox="1"/><wps:spPr>'
        '<a:xfrm><a:off x="0" y="0"/><a:ext cx="5400000" cy="1800000"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
        f"</wps:spPr><wps:txbx><w:txbxContent>{content}</w:txbxContent></wps:txbx><wps:bodyPr/></wps:wsp></a:graphicData></a:graphic>"
    )
    place = '<wp:extent cx="5400000" cy="1800000"/><wp:docPr id="1" name="box"/>'
    new = f'<mc:Choice Requires="wps"><w:drawing><wp:inline>{place}{shape}</wp:inline></w:drawing></mc:Choice>'
    old = (
        '<mc:Fallback><w:pict><v:shape style="width:425pt;height:142pt"><v:textbox>'
        f"<w:txbxContent>{content}</w:txbxContent></v:textbox></v:shape></w:pict></mc:Fallback>"
    )
    return f"<w:p><w:r><mc:AlternateContent>{new}{old}</mc:AlternateContent></w:r></w:p>"


def _package(body: str, numbering: str) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", _TYPES)
        package.writestr("_rels/.rels", _relations(("officeDocument", "word/document.xml")))
        package.writestr("word/_rels/document.xml.rels", _relations(("numbering", "numbering.xml")))
        package.writestr("word/document.xml", f"<w:document {_W}><w:body>{body}<w:sectPr/></w:body></w:document>")
        package.writestr("word/numbering.xml", numbering)
    return out.getvalue()


_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/word/document.xml" ContentType="{_MAIN}.document.main+xml"/>'
    f'<Override PartName="/word/numbering.xml" ContentType="{_MAIN}.numbering+xml"/></Types>'
)


def _relations(*parts: tuple[str, str]) -> str:
    kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    rows = "".join(f'<Relationship Id="r{k}" Type="{kinds}/{kind}" Target="{to}"/>' for k, (kind, to) in enumerate(parts))
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{rows}</Relationships>'


def _is_framed(draft: Draft, index: int) -> bool:
    node = draft.nodes[index]
    return node.kind == "box" and not node.rows


def _end(draft: Draft, index: int) -> int:
    """The line after the last one of a clause and of what hangs under it."""
    last = index
    while last + 1 < len(draft.nodes) and draft.nodes[last + 1].depth > draft.nodes[index].depth:
        last += 1
    return _next_line(draft, draft.nodes[last].line)


def _next_line(draft: Draft, line: int) -> int:
    return min((node.line for node in draft.nodes if node.line > line), default=len(draft.lines) + 1)


def by_libreoffice(data: bytes, suffix: str, wanted: str, folder: Path) -> bytes:
    """A file as LibreOffice writes it in another kind; the test rests where it is not installed."""
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("LibreOffice is not here")
    source = folder / f"draft{suffix}"
    source.write_bytes(data)
    out = folder / "out"
    out.mkdir(exist_ok=True)
    filters = ["--infilter=HTML (StarWriter)"] if suffix == ".html" else ["--infilter=Text (encoded):UTF8"] if suffix == ".txt" else []
    subprocess.run(
        [program, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", *filters,
         "--convert-to", wanted, "--outdir", str(out), str(source)],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    return (out / f"draft.{wanted}").read_bytes()
