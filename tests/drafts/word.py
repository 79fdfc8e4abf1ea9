"""A text as a Word file: with automatic numbers, with tables and text boxes, and as LibreOffice writes it."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from collections.abc import Sequence
from html import escape
from io import BytesIO
from pathlib import Path

import pytest

from portal.drafts import Draft
from portal.drafts.numerals import whole_number
from tests.drafts.printed import filled

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
    body = "".join(lists.take(line) for line in filled(text))
    return _package(body, lists.part())


def framed_docx(draft: Draft) -> bytes:
    """A Word file of a text that was read: its tables as tables of Word, its boxes as text boxes."""
    body = ""
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
    rows = "".join(
        f'<Relationship Id="r{k}" Type="{kinds}/{kind}" Target="{to}"/>' for k, (kind, to) in enumerate(parts)
    )
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


def by_libreoffice(files: dict[str, bytes], wanted: str, folder: Path) -> dict[str, bytes]:
    """Files of one kind, by name, as LibreOffice writes them in another; the test rests where it is not installed."""
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("LibreOffice is not here")
    suffix = Path(next(iter(files))).suffix
    reading = {".html": ["--infilter=HTML (StarWriter)"], ".txt": ["--infilter=Text (encoded):UTF8"]}.get(suffix, [])
    for name, data in files.items():
        (folder / name).write_bytes(data)
    subprocess.run(
        [program, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", *reading,
         "--convert-to", wanted, "--outdir", str(folder / "out"), *(str(folder / name) for name in files)],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    return {name: (folder / "out" / name).with_suffix(f".{wanted}").read_bytes() for name in files}


def marks_left(data: bytes) -> int:
    """How many paragraphs of a Word file still open with a mark in their words."""
    with zipfile.ZipFile(BytesIO(data)) as package:
        body = package.read("word/document.xml").decode()
    words = re.findall(r"<w:t [^>]*>([^<]*)", body)
    return sum(any(pattern.match(text) for pattern, _ in _LEVELS) for text in words)
