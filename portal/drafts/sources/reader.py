"""Which reader a file needs, told from its bytes first and its name second."""

from __future__ import annotations

import zipfile
from pathlib import PurePath

from portal.drafts.lines import has_text
from portal.drafts.sources.docx import names, read_docx
from portal.drafts.sources.html import read_html
from portal.drafts.sources.office import read_office
from portal.drafts.sources.pdf import read_pdf
from portal.drafts.sources.source import LARGEST_FILE, Source
from portal.drafts.sources.text import looks_like_html, read_text
from portal.errors import Unreadable

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_WORD_STREAM = "WordDocument".encode("utf-16-le")
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*")


def read_source(data: bytes, name: str) -> Source:
    """A file's bytes and its name in; its lines out, or `Unreadable` with a sentence that says what to do."""
    if len(data) > LARGEST_FILE:
        raise Unreadable("文件超过 %(size)d MB，请去掉图片或拆分后再上传。", size=LARGEST_FILE // 1024 // 1024)
    if not data.strip(b"\x00 \t\r\n"):
        raise Unreadable("文件是空的，请选择征求意见稿的文件。")
    suffix = PurePath(name).suffix.lower()
    if b"%PDF-" in data[:1024]:
        source = read_pdf(data)
    elif data.startswith(b"PK"):
        source = _zipped(data, suffix)
    elif data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise Unreadable("这个 Word 文件设了密码，请取消密码后再上传。")
        if _WORD_STREAM not in data:
            raise Unreadable("这个文件已损坏，或不是 Word 文件，请重新保存为 .docx 后再上传。")
        source = read_office(data, suffix if suffix in {".doc", ".wps"} else ".doc")
    elif data.startswith(b"{\\rtf"):
        source = read_office(data, ".rtf")
    elif data.startswith(_PICTURES):
        raise Unreadable("这是图片，没有文字，请上传文本、Word、PDF 或网页文件。")
    elif data[:2048].lstrip()[:14].lower() == b"mime-version: " or b"<?mso-application" in data[:2048]:
        # Word's own kinds of web archive and XML.
        raise Unreadable("这个文件无法转换，请用 Word 或 WPS 打开后另存为 .docx 再上传。")
    elif suffix in {".docx", ".doc", ".wps"} and looks_like_html(data):
        # Many a .doc that a site offers is a page under another name.
        source = read_html(data)
    elif suffix in {".docx", ".pdf", ".doc", ".wps"}:
        raise Unreadable("文件内容与扩展名 %(kind)s 不符，可能已损坏，请重新保存后再上传。", kind=suffix)
    elif suffix in {".html", ".htm", ".shtml", ".xhtml"} or looks_like_html(data):
        source = read_html(data)
    else:
        source = read_text(data)
    if not has_text(source.lines):
        raise Unreadable("文件里没有读到文字，请确认选对了文件。")
    return source


def _zipped(data: bytes, suffix: str) -> Source:
    try:
        parts = names(data)
    except (zipfile.BadZipFile, ValueError, OSError, EOFError) as error:
        raise Unreadable("这个文件已损坏，无法打开，请重新保存后再上传。") from error
    if "word/document.xml" in parts:
        return read_docx(data)
    if "content.xml" in parts:
        return read_office(data, ".odt")
    if "xl/workbook.xml" in parts or "ppt/presentation.xml" in parts:
        raise Unreadable("这是表格或幻灯片，请上传征求意见稿正文（.docx、.pdf、.txt 或网页）。")
    if suffix == ".docx":
        raise Unreadable("这个 Word 文件已损坏，无法打开，请重新保存后再上传。")
    raise Unreadable("这是压缩包，请解压后上传其中的征求意见稿。")
