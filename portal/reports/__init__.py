"""The moderated summary as files. Every format is a module with `render`, `MIMETYPE` and `EXTENSION`."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from portal.reports import csvfile, docx, html, jsonfile, pdf, xlsx
from portal.reports.summary import Summary, TotalsDoNotBalance, require_balance

__all__ = ["FORMATS", "Format", "Summary", "TotalsDoNotBalance", "public_copy", "render", "require_balance"]


class Format(Protocol):
    """What the web and the shell know of a format."""

    MIMETYPE: str
    EXTENSION: str

    def render(self, summary: Summary) -> bytes:
        """The file. Raises TotalsDoNotBalance, saying where, rather than print figures that do not add up."""
        ...


#: In the order in which they are offered.
FORMATS: dict[str, Format] = {
    "docx": docx,
    "pdf": pdf,
    "xlsx": xlsx,
    "csv": csvfile,
    "json": jsonfile,
    "html": html,
}


def public_copy(summary: Summary) -> Summary:
    """The summary as the public reads it: cells of a few comments are not told (`opinions.SMALLEST_CELL`)."""
    return replace(summary, is_public=True)


def render(name: str, summary: Summary) -> bytes:
    """The summary in a format. Raises KeyError for a format there is not, TotalsDoNotBalance for a wrong summary."""
    return FORMATS[name].render(summary)
