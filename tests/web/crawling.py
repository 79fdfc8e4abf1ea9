"""Follows every link of a site from some pages on, as one person, and keeps what every address answered."""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections import deque
from dataclasses import dataclass
from urllib.parse import urldefrag, urljoin, urlsplit

import pypdfium2
from flask.testing import FlaskClient

HOST = "http://localhost"
_LINK = re.compile(r"""(?:href|src|formaction)=["']([^"'#][^"']*)["']""")
_FORM = re.compile(r"""<form\b(?=[^>]*method=["']get["'])[^>]*action=["']([^"']*)["']""", re.IGNORECASE)
#: in JSON, Atom, site maps and calendars
_ADDRESS = re.compile(r"""https?://[^\s"'<>\\]+""")
#: named in pages and data, but nothing to be opened: what the addresses of the JSON interface begin with
_BASES = {"/api/v1"}
_ZIP, _PDF = b"PK\x03\x04", b"%PDF"


@dataclass(frozen=True)
class Answer:
    """What one address answered; `text` is everything a person could read in it, also inside files."""

    address: str
    found_on: str
    status: int
    place: str
    text: str


def text_of(body: bytes) -> str:
    """Everything that can be read in some bytes: pages as they are, packages member by member, PDF page by page."""
    if body.startswith(_ZIP):
        with zipfile.ZipFile(io.BytesIO(body)) as package:
            return "\n".join(f"{name}\n{text_of(package.read(name))}" for name in package.namelist())
    if body.startswith(_PDF):
        document = pypdfium2.PdfDocument(body)
        try:
            return "\n".join(page.get_textpage().get_text_range() for page in document)
        finally:
            document.close()
    # tags split words in word files: what stands between them is read too
    text = body.decode("utf-8", "replace")
    return html.unescape(text) + "\n" + html.unescape(re.sub(r"<[^>]{1,400}>", "", text))


def links_of(address: str, mimetype: str, text: str) -> set[str]:
    """The addresses on this site that an answer leads to."""
    found = set(_ADDRESS.findall(text))
    if mimetype == "text/html":
        found |= {html.unescape(link) for link in (*_LINK.findall(text), *_FORM.findall(text))}
    here = set()
    for link in found:
        whole = urldefrag(urljoin(f"{HOST}{address}", link)).url
        parts = urlsplit(whole)
        if (
            parts.hostname in ("localhost", "127.0.0.1")
            and parts.path not in _BASES
            and not parts.path.startswith("/static/")
        ):
            here.add(parts.path + (f"?{parts.query}" if parts.query else ""))
    return here


def crawl(client: FlaskClient, *starts: str, most: int = 1500) -> dict[str, Answer]:
    """Every answer by its address. Raises AssertionError when there is no end to it."""
    answers: dict[str, Answer] = {}
    queue = deque((start, "") for start in starts)
    seen = set(starts)
    while queue:
        address, found_on = queue.popleft()
        response = client.get(address)
        body = response.get_data()
        place = response.headers.get("Location", "")
        headers = "\n".join(f"{name}: {value}" for name, value in response.headers if name != "Set-Cookie")
        answers[address] = Answer(address, found_on, response.status_code, place, f"{headers}\n{text_of(body)}")
        assert len(answers) <= most, [each.address for each in list(answers.values())[-30:]]
        raw = body.decode("utf-8", "replace") if response.mimetype.startswith(("text/", "application/")) else ""
        if body.startswith((_ZIP, _PDF)):
            raw = ""
        for link in sorted(links_of(address, response.mimetype, raw) | ({_local(place)} if place else set())):
            if link and link not in seen:
                seen.add(link)
                queue.append((link, address))
    return answers


def _local(place: str) -> str:
    parts = urlsplit(urljoin(HOST, place))
    return parts.path + (f"?{parts.query}" if parts.query else "")
