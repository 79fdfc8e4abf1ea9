"""Damaged and hostile files: each is refused in one clear sentence or read well, at once, and reaches for nothing."""

from __future__ import annotations

import random
import re
import struct
import threading
import zipfile
import zlib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from pathlib import Path

import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from portal.drafts import parse
from portal.errors import Unreadable
from tests.drafts import files
from tests.drafts.probe import Outcome, Probe

DRAFT = """示例办法（征求意见稿）
一、总体要求
坚持问题导向，制定本办法。
二、主要任务
（一）加强领导。各单位要高度重视，抓好落实。
（二）加大投入。财政部门要安排资金。
"""
OUTLINE = ["一、", "二、", "二、/（一）", "二、/（二）"]
TAIWAN = (
    "一、總體要求\n堅持問題導向，訂定本辦法，並由各機關確實執行之。\n二、主要任務\n（一）加強領導。\n（二）加大投入。\n"
)
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MEGABYTE = 1024 * 1024

Make = Callable[[str], bytes]
PARAGRAPHS = "".join(files.plain(line) for line in DRAFT.splitlines())
PAGE = "".join(f"<p>{line}</p>" for line in DRAFT.splitlines())


def noise(size: int) -> bytes:
    return random.Random(7).randbytes(size)


def package(**parts: bytes | str) -> bytes:
    """A ZIP with these parts; `__` stands for a slash, `_dot_` for a dot."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, words in parts.items():
            made.writestr(name.replace("__", "/").replace("_dot_", "."), words)
    return out.getvalue()


def document(body: str, head: str = "") -> str:
    return f"{head}<w:document {W}><w:body>{body}</w:body></w:document>"


def inflating(name: str, head: bytes, unit: bytes, times: int, claimed: int | None = None) -> bytes:
    """A ZIP with one part of `head` and then `unit` so many times, made without ever holding it."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    opening = squeeze.compress(head) + squeeze.flush(zlib.Z_FULL_FLUSH)
    block = squeeze.compress(unit) + squeeze.flush(zlib.Z_FULL_FLUSH)
    body = opening + block * times + squeeze.flush()
    size = len(head) + len(unit) * times if claimed is None else claimed
    fields = (20, 0, 8, 0, 0, 0, len(body), size, len(name), 0)
    local = b"PK\x03\x04" + struct.pack("<5H3I2H", *fields) + name.encode()
    entry = b"PK\x01\x02" + struct.pack("<6H3I5H2I", 20, *fields, 0, 0, 0, 0, 0) + name.encode()
    end = b"PK\x05\x06" + struct.pack("<4H2IH", 0, 0, 1, 1, len(entry), len(local) + len(body), 0)
    return local + body + entry + end


def many_parts(count: int) -> bytes:
    """A ZIP whose directory names far more parts than there are."""
    name = b"word/document.xml"
    entry = b"PK\x01\x02" + struct.pack("<6H3I5H2I", 20, 20, 0, 0, 0, 0, 0, 0, 0, len(name), 0, 0, 0, 0, 0, 0) + name
    return (
        b"PK\x03\x04"
        + bytes(26)
        + entry * count
        + b"PK\x05\x06"
        + struct.pack("<4H2IH", 0, 0, count & 0xFFFF, count & 0xFFFF, len(entry) * count, 30, 0)
    )


def with_wrong_sum() -> bytes:
    data = bytearray(files.docx(PARAGRAPHS))
    at = data.index(b"PK\x01\x02")
    data[at + 16 : at + 20] = b"\x00\x01\x02\x03"
    return bytes(data)


def locked_zip() -> bytes:
    data = bytearray(files.docx(PARAGRAPHS))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.index(mark)
        data[place + at] |= 1
    return bytes(data)


def linked(url: str) -> bytes:
    """A Word file whose template, pictures and objects are elsewhere."""
    relations = "".join(
        f'<Relationship Id="r{k}" TargetMode="External" Target="{url}{kind}" '
        f'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}"/>'
        for k, kind in enumerate(("attachedTemplate", "image", "oleObject", "frame", "subDocument"))
    )
    relations = f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{relations}</Relationships>'
    field = f'<w:p><w:r><w:instrText>INCLUDETEXT "{url}"</w:instrText></w:r></w:p><w:altChunk r:id="r4" xmlns:r="r"/>'
    return package(
        word__document_dot_xml=document(PARAGRAPHS + field),
        word___rels__document_dot_xml_dot_rels=relations,
        word___rels__settings_dot_xml_dot_rels=relations,
    )


def xxe(url: str, encoding: str = "utf-8", declared: str = "UTF-8") -> bytes:
    head = f'<?xml version="1.0" encoding="{declared}"?><!DOCTYPE d [<!ENTITY x SYSTEM "{url}"><!ENTITY y SYSTEM "file:///etc/passwd">]>'
    return package(word__document_dot_xml=document(PARAGRAPHS + files.plain("&x;&y;"), head).encode(encoding))


def laughs() -> str:
    entities = '<!ENTITY a "笑">' + "".join(f'<!ENTITY {chr(98 + k)} "{f"&{chr(97 + k)};" * 10}">' for k in range(10))
    return f"<!DOCTYPE html [{entities}]>"


def pdf(*objects: bytes, trailer: bytes = b"") -> bytes:
    """A PDF of these objects, the first of which is its root."""
    out = b"%PDF-1.7\n"
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    table += b"".join(b"%010d 00000 n \n" % place for place in places)
    return (
        out
        + table
        + b"trailer<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, trailer, len(out))
    )


def stream(words: bytes, entries: bytes = b"") -> bytes:
    return b"<</Length %d%s>>stream\n" % (len(words), entries) + words + b"\nendstream"


ROOT = b"<</Type/Catalog/Pages 2 0 R>>"
PAGES = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
ONE_PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<<>>>>"


def pdf_bomb() -> bytes:
    """Two thousand bytes that ask for a gigabyte."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = squeeze.compress(b" " * MEGABYTE) + squeeze.flush(zlib.Z_FULL_FLUSH)
    body = b"\x78\xda" + block * 1_000 + squeeze.flush()
    return pdf(ROOT, PAGES, ONE_PAGE, stream(zlib.compress(body, 9), b"/Filter[/FlateDecode/FlateDecode]"))


def blank_pages(count: int) -> bytes:
    kids = b" ".join(b"%d 0 R" % (k + 3) for k in range(count))
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>>>"
    return pdf(ROOT, b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, count), *[page] * count)


def scan(pages: int, words: str = "") -> bytes:
    """Pages that are pictures, with the mark of a program for scanning."""
    out = BytesIO()
    canvas = Canvas(out, invariant=True)
    for _ in range(pages):
        canvas.drawInlineImage(files.picture(), 0, 0, 500, 700)
        canvas.drawString(72, 20, words)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def acting_pdf(url: str) -> bytes:
    """A PDF with a script, a file inside, and things to start and to fetch when it is opened."""
    plain = files.pdf(DRAFT)
    action = (
        b"/OpenAction<</S/JavaScript/JS(app.launchURL\\('%s'\\);)>>"
        b"/AA<</WC<</S/Launch/F(/bin/sh)>>/DP<</S/URI/URI(%s)>>>>"
        b"/Names<</EmbeddedFiles<</Names[(a.exe)<</Type/Filespec/F(a.exe)>>]>>>>" % (url.encode(), url.encode())
    )
    catalog = re.search(rb"/Type\s*/Catalog", plain)
    assert catalog is not None
    return plain[: catalog.end()] + action + plain[catalog.end() :]


def locked_pdf() -> bytes:
    out = BytesIO()
    canvas = Canvas(out, encrypt=StandardEncryption("secret"))
    canvas.drawString(72, 700, "text")
    canvas.save()
    return out.getvalue()


def looping_pages() -> bytes:
    return pdf(ROOT, b"<</Type/Pages/Kids[2 0 R 3 0 R]/Count 1000>>", b"<</Type/Pages/Kids[2 0 R]/Count 1000>>")


def html(body: str, head: str = "", charset: str = "utf-8") -> bytes:
    return f'<!doctype html><html><head><meta charset="{charset}">{head}</head><body>{body}</body></html>'.encode()


def acting_page(url: str) -> bytes:
    return html(
        f'<base href="{url}"><img src="{url}a.png"><iframe src="{url}"></iframe><object data="{url}"></object>{PAGE}'
        f'<link rel=stylesheet href="{url}"><svg><image href="{url}"/></svg>',
        f'<meta http-equiv=refresh content="0;url={url}"><script src="{url}x.js"></script><script>fetch("{url}")</script>',
    )


def sparse(unit: str, count: int) -> str:
    """Word paragraphs that hardly shrink when packed."""
    chance = random.Random(3)
    return "".join(unit.format(chance.getrandbits(64)) for _ in range(count))


NESTED_TABLES = "<w:tbl><w:tr><w:tc>" * 60 + files.plain("一、总则") + "</w:tc></w:tr></w:tbl>" * 60
FORMATTING = "".join(f"<b id={k}>" for k in range(1_000))

# (what it is, the file's name, its bytes, words of the refusal)
REFUSED: list[tuple[str, str, Make, str]] = [
    ("nothing", "a.txt", lambda _: b"", "空的"),
    ("blanks", "a.txt", lambda _: b" \t\r\n" * 1_000, "空的"),
    ("wide blanks", "a.txt", lambda _: "\u3000\u3000\n".encode() * 1_000, "没有读到文字"),
    ("a byte order mark alone", "a.txt", lambda _: b"\xef\xbb\xbf", "没有读到文字"),
    ("zeros", "a.docx", lambda _: bytes(100_000), "空的"),
    ("noise as text", "a.txt", lambda _: noise(50_000), "不是文本"),
    ("noise as Word", "a.docx", lambda _: noise(50_000), "不符"),
    ("noise as PDF", "a.pdf", lambda _: noise(50_000), "不符"),
    ("noise as page", "a.html", lambda _: noise(50_000), "不是文本"),
    ("zeros between letters", "a.txt", lambda _: b"a\x00\x00b" * 5_000, "不是文本"),
    ("a hundred megabytes", "a.txt", lambda _: "一、总则\n".encode() * 8_000_000, "超过"),
    ("ten megabytes in a line", "a.txt", lambda _: "支持企业创新发展，".encode() * 400_000, "文字太多"),
    ("a million marks in a line", "a.txt", lambda _: "一、二、".encode() * 500_000, "文字太多"),
    ("a million lines", "a.txt", lambda _: "一\n".encode() * 1_000_000, "文字太多"),
    ("a program as Word", "a.docx", lambda _: b"MZ\x90\x00" + noise(20_000), "不符"),
    ("a program as text", "a.txt", lambda _: b"\x7fELF\x02\x01" + noise(20_000), "不是文本"),
    ("a picture", "a.txt", lambda _: b"\x89PNG\r\n\x1a\n" + noise(500), "图片"),
    ("an archive", "a.zip", lambda _: package(a_dot_txt=DRAFT), "压缩包"),
    ("a spreadsheet", "a.docx", lambda _: package(xl__workbook_dot_xml="<a/>"), "表格"),
    ("a torn package", "a.docx", lambda _: files.docx(PARAGRAPHS)[:-100], "损坏"),
    ("the head of a package", "a.docx", lambda _: files.docx(PARAGRAPHS)[:200], "损坏"),
    ("a package without a document", "a.docx", lambda _: package(word__styles_dot_xml="<a/>"), "损坏"),
    ("an empty package", "a.docx", lambda _: package(), "损坏"),
    ("a document with a wrong sum", "a.docx", lambda _: with_wrong_sum(), "损坏"),
    ("a locked package", "a.docx", lambda _: locked_zip(), "密码"),
    ("a document of another kind", "a.docx", lambda _: package(word__document_dot_xml="<a><b/></a>"), "损坏"),
    ("a torn document", "a.docx", lambda _: package(word__document_dot_xml=document(PARAGRAPHS)[:-40]), "损坏"),
    ("a gigabyte of zeros", "a.docx", lambda _: inflating("word/document.xml", b"<w>", bytes(MEGABYTE), 1_024), "过大"),
    (
        "a gigabyte that lies about its size", "a.docx",
        lambda _: inflating("word/document.xml", b"<w>", b" " * MEGABYTE, 1_024, claimed=900_000), "损坏|过大",
    ),
    (
        "a gigabyte of styles", "a.docx",
        lambda _: package(word__document_dot_xml=document(PARAGRAPHS), word__styles_dot_xml=b"<a>" + b" " * 40 * MEGABYTE), "过大",
    ),
    (
        "packages in packages", "a.docx",
        lambda _: package(a_dot_zip=package(b_dot_zip=package(c_dot_zip=bytes(20 * MEGABYTE)))), "损坏",
    ),
    ("a package of half a million parts", "a.docx", lambda _: many_parts(500_000), "过大"),
    ("a document of markup", "a.docx", lambda _: files.docx(sparse("<w:p w:x='{}'/>", 900_000)), "过大"),
    ("a document nested beyond reason", "a.docx", lambda _: files.docx("<w:sdt>" * 5_000), "损坏"),
    ("a file that is named", "a.docx", xxe, "不允许"),
    ("a file that is named, in another encoding", "a.docx", lambda u: xxe(u, "utf-16", "UTF-16"), "不允许"),
    (
        "a billion laughs", "a.docx",
        lambda _: package(word__document_dot_xml=document(files.plain("&k;"), laughs())), "不允许",
    ),
    (
        "a billion laughs, in another encoding", "a.docx",
        lambda _: package(word__document_dot_xml=document('<w:p w:a="&k;"/>', laughs()).encode("utf-16")), "不允许|损坏",
    ),
    ("Word with a password", "a.docx", lambda _: OLE + "EncryptedPackage".encode("utf-16-le") + noise(5_000), "密码"),
    ("an old container without words", "a.doc", lambda _: OLE + noise(5_000), "损坏"),
    ("old Word without a converter", "a.doc", lambda _: OLE + "WordDocument".encode("utf-16-le"), "LibreOffice"),
    ("WPS without a converter", "a.wps", lambda _: OLE + "WordDocument".encode("utf-16-le"), "LibreOffice"),
    ("rich text without a converter", "a.doc", lambda _: b"{\\rtf1\\ansi{\\*\\template http://a/}}", "LibreOffice"),
    ("a web archive", "a.doc", lambda _: b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n" + noise(900), "转换"),
    ("Word's own XML", "a.xml", lambda _: b'<?xml version="1.0"?><?mso-application progid="Word.Document"?><w/>', "转换"),
    ("a PDF with a password", "a.pdf", lambda _: locked_pdf(), "密码"),
    ("a PDF that ends at once", "a.pdf", lambda _: b"%PDF-1.7\n", "损坏"),
    ("a scan", "a.pdf", lambda _: scan(3), "扫描"),
    ("a long scan with the mark of its program", "a.pdf", lambda _: scan(40, "CamScanner"), "扫描"),
    ("two thousand blank pages", "a.pdf", lambda _: blank_pages(2_000), "文字太多"),
    ("five hundred blank pages", "a.pdf", lambda _: blank_pages(500), "扫描"),
    ("a PDF that unpacks to a gigabyte", "a.pdf", lambda _: pdf_bomb(), "损坏"),
    ("pages that hold themselves", "a.pdf", lambda _: looping_pages(), "损坏|扫描"),
    ("a page without words", "a.html", lambda _: html("<div></div>"), "网页"),
    ("a hundred thousand blocks left open", "a.html", lambda _: html("<div>" * 100_000 + "一、总则"), "嵌套"),
    ("unknown elements left open", "a.html", lambda _: html("<x>" * 100_000 + "<div>一、总则</div>" * 1_000), "嵌套"),
    ("ends of what was never opened", "a.html", lambda _: html("<x></y>" * 100_000 + "一、总则"), "嵌套"),
    ("tables in tables", "a.html", lambda _: html("<table><tr><td>" * 5_000 + "一、总则"), "嵌套"),
    ("lists in lists", "a.html", lambda _: html("<ul><li>" * 5_000 + "一、总则"), "嵌套"),
    ("formatting left open", "a.html", lambda _: html(f"<p>{FORMATTING}</p>" + "<p>一、总则</p>" * 3_000), "嵌套"),
    ("a tag of a quarter of a million attributes", "a.html", lambda _: html(f"<p {' '.join(f'a{k}' for k in range(250_000))}>一、总则"), "嵌套"),
    (
        "attributes behind a quoted end", "a.html",
        lambda _: html(f"<p a='>' {' '.join(f'a{k}=1' for k in range(200_000))}>一、总则"), "嵌套",
    ),
    ("half a million cells in a row", "a.html", lambda _: html("<table><tr>" + "<td>企" * 500_000), "文字太多"),
    ("a page of three million tags", "a.html", lambda _: html("<b></b>" * 1_500_000), "文字太多"),
]  # fmt: skip

# (what it is, the file's name, its bytes, the outline that is read)
READ: list[tuple[str, str, Make, list[str]]] = [
    ("a name that climbs", "../../etc/x.txt", lambda _: DRAFT.encode(), OUTLINE),
    ("a name without an end", "征求意见稿", lambda _: DRAFT.encode(), OUTLINE),
    ("a name of another kind", "%(kind)s.docx\x00.txt", lambda _: DRAFT.encode(), OUTLINE),
    ("a byte order mark", "a.txt", lambda _: DRAFT.encode("utf-8-sig"), OUTLINE),
    ("UTF-16 without its mark", "a.txt", lambda _: DRAFT.encode("utf-16-le"), OUTLINE),
    ("UTF-16 the other way round", "a.txt", lambda _: DRAFT.encode("utf-16-be"), OUTLINE),
    ("UTF-16 with half a character", "a.txt", lambda _: DRAFT.encode("utf-16") + b"\x00\xd8", OUTLINE),
    ("GB18030", "a.txt", lambda _: DRAFT.encode("gb18030"), OUTLINE),
    ("Big5", "a.txt", lambda _: TAIWAN.encode("big5hkscs"), OUTLINE),
    (
        "two encodings in one file", "a.txt",
        lambda _: DRAFT.encode() * 1 + "（三）强化监督。".encode("gb18030") + "\n三、附则\n".encode(), [*OUTLINE, "三、"],
    ),
    ("a character cut at the end", "a.txt", lambda _: DRAFT.encode()[:-1] + "末".encode()[:2], OUTLINE),
    ("halves of characters", "a.txt", lambda _: DRAFT.encode().replace(b"\n", b"\xed\xa0\x80\n", 1), OUTLINE),
    ("controls", "a.txt", lambda _: "\x07".join(DRAFT[:50]).encode() + DRAFT[50:].encode(), OUTLINE),
    (
        "writing turned round", "a.txt",
        lambda _: DRAFT.replace("一、", "\u202e一\u202c、").replace("（", "\u2066（\u2069").encode(), OUTLINE,
    ),
    (
        "joiners inside marks", "a.txt",
        lambda _: DRAFT.replace("一、", "\u200d一\u200b、\ufeff").replace("（二", "（\u200d\u2060二").encode(), OUTLINE,
    ),
    ("joiners between digits", "a.txt", lambda _: "".join(f"{k // 10 or ''}\u200d{k % 10}.支持企业。\n" for k in range(1, 13)).encode(), [f"{k}." for k in range(1, 13)]),
    ("ends of lines of an old Mac", "a.txt", lambda _: DRAFT.replace("\n", "\r").encode(), OUTLINE),
    ("ends of lines of Unicode", "a.txt", lambda _: DRAFT.replace("\n", "\u2028").encode(), OUTLINE),
    ("a long line of sentences", "a.txt", lambda _: ("一、总则\n" + "支持企业创新发展。" * 100_000).encode(), ["一、"]),
    ("thirty thousand lines", "a.txt", lambda _: (DRAFT + "支持企业。\n" * 30_000).encode(), OUTLINE),
    ("a contents list of thousands", "a.txt", lambda _: ("目录\n" + "第一章 总则\n" * 20_000 + DRAFT).encode(), []),
    ("brackets never closed", "a.txt", lambda _: ("一、总则\n（" + "（一）支持。" * 20_000).encode(), ["一、"]),
    ("a line of blanks", "a.txt", lambda _: DRAFT.replace("总体要求", "总体要求" + " " * 200_000 + "。").encode(), OUTLINE),
    ("linked from elsewhere", "a.docx", linked, OUTLINE),
    (
        "macros", "a.docm",
        lambda _: package(word__document_dot_xml=document(PARAGRAPHS), word__vbaProject_dot_bin=OLE + noise(900)), OUTLINE,
    ),
    ("an old name for a new file", "a.doc", lambda _: files.docx(PARAGRAPHS), OUTLINE),
    ("no name for a Word file", "a", lambda _: files.docx(PARAGRAPHS), OUTLINE),
    ("names that climb inside", "a.docx", lambda _: package(**{"..__..__etc__x": "x", "word__document_dot_xml": document(PARAGRAPHS)}), OUTLINE),
    ("tables in tables of Word", "a.docx", lambda _: files.docx(NESTED_TABLES + files.plain("二、附则")), ["一、", "二、"]),
    ("a table wider than any page", "a.docx", lambda _: files.docx(PARAGRAPHS + '<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="999999999"/></w:tcPr><w:p/></w:tc><w:tc/></w:tr></w:tbl>'), OUTLINE),
    ("twenty thousand paragraphs of Word", "a.docx", lambda _: files.docx(PARAGRAPHS + sparse("<w:p><w:r><w:t>支持{}企业</w:t></w:r></w:p>", 20_000)), OUTLINE),
    ("a PDF that acts", "a.pdf", acting_pdf, OUTLINE),
    ("a PDF without its table", "a.pdf", lambda _: files.pdf(DRAFT).replace(b"startxref", b"startxxxx"), OUTLINE),
    ("a PDF after other bytes", "a.pdf", lambda _: b"HTTP/1.1 200 OK\r\n\r\n" + files.pdf(DRAFT), OUTLINE),
    ("a page that acts", "a.html", acting_page, OUTLINE),
    ("a page in GBK that says UTF-8", "a.html", lambda _: html(PAGE).decode().encode("gbk"), OUTLINE),
    ("a page in UTF-8 that says GBK", "a.html", lambda _: html(PAGE, charset="gb2312"), OUTLINE),
    ("a page in an encoding without end", "a.html", lambda _: html(PAGE + "<!--" + "a-b" * 90_000 + "-->", charset="punycode").decode().encode("gbk"), OUTLINE),
    ("a page in no encoding", "a.html", lambda _: html(PAGE, charset="undefined").decode().encode("gbk"), OUTLINE),
    ("a page named as Word", "a.doc", lambda _: html(PAGE), OUTLINE),
    ("a page without a name", "a.txt", lambda _: html(PAGE), OUTLINE),
    ("entities of a page", "a.html", lambda u: laughs().encode() + html(PAGE + "<p>&k;</p>")[15:], OUTLINE),
    ("a file that a page names", "a.html", lambda u: f'<!DOCTYPE html [<!ENTITY y SYSTEM "{u}">]>'.encode() + html(PAGE + "<p>&y;</p>")[15:], OUTLINE),
    ("a hundred thousand paragraphs left open", "a.html", lambda _: html(PAGE + "<p>" * 100_000), OUTLINE),
    ("sixty thousand words in one block", "a.html", lambda _: html(f"<div>{DRAFT.replace(chr(10), '<br>')}{'<b>企</b>' * 60_000}</div>"), OUTLINE),
    ("cells without end", "a.html", lambda _: html(PAGE + "<table>" + "<tr><td colspan=99999 rowspan=99999>企<td>业" * 500 + "</table>"), OUTLINE),
    ("a picture inside the page", "a.html", lambda _: html(PAGE + '<input name=__VIEWSTATE value="' + "QU/D" * 50_000 + '"><img src="data:image/png;base64,' + "QUJD" * 1_500_000 + '">'), OUTLINE),
    ("halves of characters in a page", "a.html", lambda _: html(PAGE.replace("一、", "&#x202E;一&#8203;、").replace("坚持", "坚&#xD800;&#0;持")), OUTLINE),
]  # fmt: skip

NAMES = [row[0] for row in (*REFUSED, *READ)]


class Outside:
    """A site to which no file may lead."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        asked = self.asked

        class Handler(BaseHTTPRequestHandler):
            def handle(self) -> None:
                asked.append(str(self.client_address))

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()


@pytest.fixture(scope="module")
def outside() -> Iterator[Outside]:
    site = Outside()
    yield site
    site.server.shutdown()
    site.server.server_close()


@pytest.fixture(scope="module")
def probe() -> Iterator[Probe]:
    made = Probe()
    yield made
    made.close()


@pytest.fixture
def examine(probe: Probe, outside: Outside, tmp_path: Path) -> Callable[[Make, str], Outcome]:
    """Have a file read far away from here; whatever it is, it must be quick, small and quiet."""

    def examined(make: Make, name: str) -> Outcome:
        path = tmp_path / "file"
        path.write_bytes(make(outside.url))
        found = probe.read(path, name)
        path.unlink()
        assert found.error is None
        assert found.reached == []
        assert outside.asked == []
        assert found.seconds < 2
        assert found.megabytes < 300
        return found

    return examined


Examine = Callable[[Make, str], Outcome]


@pytest.mark.parametrize(("name", "make", "says"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_cannot_be_read_is_refused_in_one_sentence(examine: Examine, name: str, make: Make, says: str) -> None:
    sentence = examine(make, name).refused
    assert sentence is not None
    assert re.search(says, sentence)
    assert len(sentence) < 60
    assert sentence.endswith("。")
    assert re.match(r"[\u4e00-\u9fff]", sentence)
    assert not re.search(r"Error|Exception|Traceback|%\(|/tmp", sentence)


@pytest.mark.parametrize(("name", "make", "outline"), [row[1:] for row in READ], ids=[row[0] for row in READ])
def test_what_can_be_read_is_read_well(examine: Examine, name: str, make: Make, outline: list[str]) -> None:
    found = examine(make, name)
    assert found.refused is None
    assert found.outline[: len(outline)] == outline
    assert not re.search(r"[\x00-\x08\x0b-\x1f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ud800-\udfff\ufeff]", found.words)
    assert "root:" not in found.words


def test_the_table_is_long_and_names_no_row_twice() -> None:
    assert len(set(NAMES)) == len(NAMES) >= 100


def test_what_is_pasted_has_the_same_limits() -> None:
    with pytest.raises(Unreadable, match="文字太多"):
        parse("支持企业。" * 400_000)
    with pytest.raises(Unreadable, match="文字太多"):
        parse("一、\n" * 100_000)
