"""Small files of every kind, made for the tests of sources."""

from __future__ import annotations

import zipfile
from io import BytesIO

from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_NUMBERING = f"""<w:numbering {_W}><w:abstractNum w:abstractNumId="0">
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCountingThousand"/><w:lvlText w:val="%1、"/></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="chineseCountingThousand"/><w:lvlText w:val="（%2）"/></w:lvl>
<w:lvl w:ilvl="2"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%3."/></w:lvl>
</w:abstractNum><w:abstractNum w:abstractNumId="1">
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCountingThousand"/><w:lvlText w:val="第%1条"/></w:lvl>
</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>
<w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num></w:numbering>"""


def numbered(text: str, level: int, list_id: int = 1) -> str:
    """A Word paragraph with an automatic number."""
    return (
        f'<w:p><w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{list_id}"/></w:numPr></w:pPr>'
        f"<w:r><w:t>{text}</w:t></w:r></w:p>"
    )


def plain(text: str) -> str:
    """A Word paragraph."""
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def table(*rows: tuple[str, ...]) -> str:
    """A Word table."""
    cells = "".join(f"<w:tr>{''.join(f'<w:tc>{plain(cell)}</w:tc>' for cell in row)}</w:tr>" for row in rows)
    return f"<w:tbl>{cells}</w:tbl>"


def docx(body: str, document: str | None = None) -> bytes:
    """A Word file with this body."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/document.xml", document or f"<w:document {_W}><w:body>{body}</w:body></w:document>")
        package.writestr("word/numbering.xml", _NUMBERING)
    return out.getvalue()


def pdf(text: str, columns: int = 30, lines_a_page: int = 28) -> bytes:
    """A PDF of this text, wrapped hard, with page numbers."""
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    lines = [part[i : i + columns] for part in text.split("\n") for i in range(0, max(len(part), 1), columns)]
    out = BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=True)
    for page, start in enumerate(range(0, len(lines), lines_a_page), 1):
        canvas.setFont("STSong-Light", 14)
        for k, line in enumerate(lines[start : start + lines_a_page]):
            canvas.drawString(72, 770 - 24 * k, line)
        canvas.drawString(290, 40, f"- {page} -")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def picture() -> Image.Image:
    """A small picture."""
    return Image.new("RGB", (40, 40), "gray")
