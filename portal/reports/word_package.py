"""The parts of a Word file around its text: styles after GB/T 9704, footers with page numbers, settings, properties."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import chain

from portal.reports.archive import pack
from portal.reports.word_styles import styles
from portal.reports.wordml import (
    FANGSONG,
    HEITI,
    KAITI,
    LATIN,
    NAMESPACE,
    SONGTI,
    XIAOBIAOSONG,
    Section,
    escaped,
    run_properties,
)

MIMETYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

_W = f'xmlns:w="{NAMESPACE}"'
_R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
_PREFIX = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

# What Word takes when the named face is not installed.
_OTHER_NAMES = {FANGSONG: "仿宋", KAITI: "楷体", XIAOBIAOSONG: "宋体", HEITI: "SimHei", SONGTI: "SimSun"}


def package(
    body: Iterable[str],
    *,
    title: str,
    author: str,
    made_at: datetime,
    last: Section | None = None,
    about: str = "",
    bubbles: Sequence[str] = (),
) -> bytes:
    """The DOCX of the body elements given; `last` is the page of the last section, `made_at` the stated date.

    `bubbles` are the w:comment elements the body refers to.
    """
    page = (last or Section()).xml()
    document = chain((f"{_HEAD}<w:document {_W} {_R}><w:body>",), body, (f"{page}</w:body></w:document>",))
    return pack(
        (
            ("[Content_Types].xml", (_content_types(has_bubbles=bool(bubbles)),)),
            ("_rels/.rels", (_package_relations(),)),
            ("docProps/core.xml", (_core(title, author, made_at, about),)),
            ("word/document.xml", document),
            ("word/_rels/document.xml.rels", (_document_relations(has_bubbles=bool(bubbles)),)),
            ("word/styles.xml", (styles(),)),
            ("word/settings.xml", (_settings(),)),
            ("word/fontTable.xml", (_fonts(),)),
            ("word/footer1.xml", (_footer("right"),)),
            ("word/footer2.xml", (_footer("left"),)),
            *([("word/comments.xml", _comments(bubbles))] if bubbles else []),
        )
    )


def _content_types(*, has_bubbles: bool) -> str:
    parts = {
        "/word/document.xml": f"{_PREFIX}.document.main+xml",
        "/word/styles.xml": f"{_PREFIX}.styles+xml",
        "/word/settings.xml": f"{_PREFIX}.settings+xml",
        "/word/fontTable.xml": f"{_PREFIX}.fontTable+xml",
        "/word/footer1.xml": f"{_PREFIX}.footer+xml",
        "/word/footer2.xml": f"{_PREFIX}.footer+xml",
        "/docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
    }
    if has_bubbles:
        parts["/word/comments.xml"] = f"{_PREFIX}.comments+xml"
    overrides = "".join(f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in parts.items())
    return (
        f'{_HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )


def _relations(entries: Iterable[tuple[str, str, str]]) -> str:
    inner = "".join(f'<Relationship Id="{key}" Type="{kind}" Target="{target}"/>' for key, kind, target in entries)
    return f'{_HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{inner}</Relationships>'


def _package_relations() -> str:
    core = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
    return _relations([("rId1", f"{_REL}/officeDocument", "word/document.xml"), ("rId2", core, "docProps/core.xml")])


def _document_relations(*, has_bubbles: bool) -> str:
    comments = [("rIdComments", f"{_REL}/comments", "comments.xml")] if has_bubbles else []
    return _relations(
        [
            *comments,
            ("rId1", f"{_REL}/styles", "styles.xml"),
            ("rId2", f"{_REL}/settings", "settings.xml"),
            ("rId3", f"{_REL}/fontTable", "fontTable.xml"),
            ("rIdOdd", f"{_REL}/footer", "footer1.xml"),
            ("rIdEven", f"{_REL}/footer", "footer2.xml"),
        ]
    )


def _comments(bubbles: Iterable[str]) -> Iterable[str]:
    return chain((f"{_HEAD}<w:comments {_W}>",), bubbles, ("</w:comments>",))


def _core(title: str, author: str, made_at: datetime, about: str) -> str:
    moment = made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return (
        f'{_HEAD}<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escaped(title)}</dc:title><dc:creator>{escaped(author)}</dc:creator>"
        + (f"<dc:description>{escaped(about)}</dc:description>" if about else "")
        + f"<cp:lastModifiedBy>{escaped(author)}</cp:lastModifiedBy>"
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{moment}</dcterms:created>'
        f'<dcterms:modified xsi:type="dcterms:W3CDTF">{moment}</dcterms:modified>'
        "<dc:language>zh-CN</dc:language></cp:coreProperties>"
    )


def _settings() -> str:
    return (
        f'{_HEAD}<w:settings {_W}><w:zoom w:percent="100"/><w:evenAndOddHeaders/>'
        '<w:characterSpacingControl w:val="compressPunctuation"/><w:compat>'
        '<w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/>'
        f'</w:compat><w:themeFontLang w:val="en-US" w:eastAsia="zh-CN"/></w:settings>'
    )


def _fonts() -> str:
    faces = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="86"/>'
        f'<w:family w:val="{"modern" if name in (FANGSONG, KAITI, HEITI) else "roman"}"/></w:font>'
        for name, other in _OTHER_NAMES.items()
    )
    latin = f'<w:font w:name="{LATIN}"><w:charset w:val="00"/><w:family w:val="roman"/></w:font>'
    return f"{_HEAD}<w:fonts {_W}>{faces}{latin}</w:fonts>"


def _footer(side: str) -> str:
    """— 1 — one character in from the outer edge: right on odd pages, left on even ones."""
    properties = run_properties(SONGTI, 14)

    def piece(inner: str) -> str:
        return f"<w:r>{properties}{inner}</w:r>"

    field = (
        piece('<w:fldChar w:fldCharType="begin"/>')
        + piece('<w:instrText xml:space="preserve"> PAGE </w:instrText>')
        + piece('<w:fldChar w:fldCharType="separate"/>')
        + piece("<w:t>1</w:t>")
        + piece('<w:fldChar w:fldCharType="end"/>')
    )
    dash = '<w:t xml:space="preserve">{}</w:t>'
    return (
        f'{_HEAD}<w:ftr {_W}><w:p><w:pPr><w:pStyle w:val="Footer"/><w:ind w:{side}Chars="100" w:{side}="280"/>'
        f'<w:jc w:val="{side}"/></w:pPr>{piece(dash.format("— "))}{field}{piece(dash.format(" —"))}</w:p></w:ftr>'
    )
