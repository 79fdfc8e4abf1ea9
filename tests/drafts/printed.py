"""A text as an office prints it: PDF made by a browser and by a library."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from io import BytesIO

from playwright.sync_api import Browser
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from portal.drafts.lines import width

HEAD = "公开征求意见材料"


def chromium_pdf(browser: Browser, text: str) -> bytes:
    """The text printed by a browser: A4, justified lines, a running head, and page numbers between dashes."""
    page = browser.new_page()
    page.set_content(page_of(text))
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


def page_of(text: str) -> str:
    """The text as a web page of plain paragraphs."""
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in filled(text))
    style = "p{font:21px/1.7 Noto Serif CJK SC;margin:0;text-indent:2em;text-align:justify}"
    return f"<!doctype html><html lang=zh><meta charset=utf-8><style>{style}</style>{paragraphs}</html>"


def reportlab_pdf(text: str, columns: int = 56, lines_a_page: int = 26) -> bytes:
    """The text set with a library: lines cut at a width, never before a stop; a running head and bare page numbers."""
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    rows = [row for line in filled(text) for row in _cut("\u3000\u3000" + line, columns)]
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


def filled(text: str) -> list[str]:
    """The lines of a text that hold words."""
    return [line.strip(" \t\u3000\u00a0") for line in text.splitlines() if line.strip(" \t\u3000\u00a0")]
