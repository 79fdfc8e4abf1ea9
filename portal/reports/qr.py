"""QR codes of addresses: the squares, and the path that draws them on a page."""

from __future__ import annotations

from reportlab.graphics.barcode.qr import QrCodeWidget


def modules(text: str) -> list[list[bool]]:
    """The squares row by row; True is dark. Without the quiet zone."""
    code = QrCodeWidget(text, barLevel="M").qr
    code.make()
    count = code.getModuleCount()
    return [[bool(code.isDark(row, column)) for column in range(count)] for row in range(count)]


def path(text: str) -> tuple[int, str]:
    """How many squares the code is wide with its quiet zone of four, and the path of an SVG that draws it."""
    rows = modules(text)
    squares = [
        f"M{column + 4} {row + 4}h1v1h-1z"
        for row, cells in enumerate(rows)
        for column, is_dark in enumerate(cells)
        if is_dark
    ]
    return len(rows) + 8, "".join(squares)
