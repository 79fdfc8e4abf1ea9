"""Reading a file of ours back as plain text, so that what it prints can be checked against what was kept."""

from __future__ import annotations

import html.parser
import json
import re
import zipfile
from io import BytesIO

import pypdfium2
from lxml import etree

_PAGE_NUMBER = re.compile(r"[—–-]\s*\d+\s*[—–-]")
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LARGEST_MEMBER = 1 << 30


class NotOurs(ValueError):
    """The file cannot be read as the format its name says."""


def lines(extension: str, content: bytes) -> list[str]:
    """What a file prints, line by line, without the space that setting in type adds. Raises NotOurs."""
    try:
        return [squeezed for line in _READERS[extension](content) if (squeezed := "".join(line.split()))]
    except KeyError:
        raise NotOurs(f"no such format: {extension}") from None
    except (
        zipfile.BadZipFile, etree.XMLSyntaxError, UnicodeDecodeError, ValueError, OSError, pypdfium2.PdfiumError,
    ) as fault:  # fmt: skip
        raise NotOurs(f"not a {extension} file: {fault}") from fault


#: what stands in a run beside its text; another program may write the hyphen that does not break as a character
_DOCX_MARKS = {f"{_WORD}br": "\n", f"{_WORD}noBreakHyphen": "-"}


def _docx(content: bytes) -> list[str]:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        root = _parsed(archive, "word/document.xml")
    return [
        "".join(
            _DOCX_MARKS.get(run.tag) or (run.text or "").replace("\u2011", "-")
            for run in paragraph.iter(f"{_WORD}t", *_DOCX_MARKS)
        )
        for paragraph in root.iter(f"{_WORD}p")
    ]


def _xlsx(content: bytes) -> list[str]:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        names = archive.namelist()
        shared = [
            "".join(text.text or "" for text in item.iter(f"{_SHEET}t"))
            for item in (_parsed(archive, "xl/sharedStrings.xml").iter(f"{_SHEET}si"))
        ] if "xl/sharedStrings.xml" in names else []  # fmt: skip
        found = []
        for name in sorted(name for name in names if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name)):
            for row in _parsed(archive, name).iter(f"{_SHEET}row"):
                cells = []
                for cell in row.iter(f"{_SHEET}c"):
                    value = cell.find(f"{_SHEET}v")
                    if cell.get("t") == "s" and value is not None:
                        cells.append(shared[int(value.text or 0)])
                    elif cell.get("t") == "inlineStr":
                        cells.append("".join(text.text or "" for text in cell.iter(f"{_SHEET}t")))
                    elif value is not None:
                        cells.append(value.text or "")
                found.append("｜".join(cells))
    return found


def _parsed(archive: zipfile.ZipFile, name: str) -> etree._Element:
    if name not in archive.namelist():
        raise NotOurs(f"{name} is missing")
    if archive.getinfo(name).file_size > _LARGEST_MEMBER:
        raise NotOurs(f"{name} is too large")
    return etree.fromstring(archive.read(name), etree.XMLParser(resolve_entities=False, huge_tree=True))


def member(content: bytes, name: str) -> etree._Element:
    """One part of a package of XML. Raises NotOurs."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return _parsed(archive, name)
    except (zipfile.BadZipFile, etree.XMLSyntaxError) as fault:
        raise NotOurs(str(fault)) from fault


def _pdf(content: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(content)
    try:
        words = "".join(
            # a hyphen at the end of a line comes back as U+FFFE
            _PAGE_NUMBER.sub("", "".join(document[at].get_textpage().get_text_range().replace("\ufffe", "-").split()))
            for at in range(len(document))
        )
    finally:
        document.close()
    # lines of a page are where they fell; sentences are what can be compared
    return [part for part in re.split(r"(?<=。)", words) if part]


class _Text(html.parser.HTMLParser):
    """The text of a page; blocks begin a new line."""

    BLOCKS = frozenset(
        ["p", "li", "tr", "h1", "h2", "h3", "h4", "td", "th", "caption", "figcaption", "summary", "blockquote"]
    )

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self.silent += tag in ("style", "script")
        if tag in self.BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in ("style", "script")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.parts.append(data.replace("\n", " "))


def _html(content: bytes) -> list[str]:
    parser = _Text()
    parser.feed(content.decode())
    return "".join(parser.parts).split("\n")


def _csv(content: bytes) -> list[str]:
    return content.decode("utf-8-sig").split("\r\n")


def _json(content: bytes) -> list[str]:
    told = json.loads(content)
    return json.dumps(told, ensure_ascii=False, indent=0).split("\n")


_READERS = {"docx": _docx, "xlsx": _xlsx, "pdf": _pdf, "html": _html, "csv": _csv, "json": _json}
