"""What is received as a file: told from its bytes, kept under a safe name, pictures drawn anew."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import pytest
from PIL import Image

from portal.errors import NotValid
from portal.rules import uploads


def package(*parts: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as out:
        for part in parts:
            out.writestr(part, "<x/>")
    return made.getvalue()


def ole(*streams: str) -> bytes:
    names = b"".join(stream.encode("utf-16-le") for stream in streams)
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + names


def picture(kind: str, **how: object) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (40, 20), "white").save(made, kind, **how)
    return made.getvalue()


def bomb() -> bytes:
    """A PNG of a few bytes that claims to be 30,000 pixels on each side."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "name", "kept_as"),
    [
        (b"%PDF-1.7 ...", "说明.exe", "说明.pdf"),
        (package("word/document.xml"), "说明.docx", "说明.docx"),
        (package("xl/workbook.xml"), "数据.docx", "数据.xlsx"),
        (package("OFD.xml"), "公函.ofd", "公函.ofd"),
        (ole("WordDocument"), "旧稿.wps", "旧稿.wps"),
        (ole("Workbook"), "旧表.doc", "旧表.xls"),
        (picture("JPEG"), "公章.png", "公章.jpg"),
        ("测试".encode("gb18030"), "a.txt", "a.txt"),
        (b"%PDF-1.7", "../../etc/passwd", "passwd.pdf"),
        (b"%PDF-1.7", "C:\\temp\\a b.pdf", "a_b.pdf"),
        (b"%PDF-1.7", "\u202efdp.exe\r\nX: y.pdf", "fdp.exe_X_y.pdf"),
        (b"%PDF-1.7", "...", "附件.pdf"),
        (b"%PDF-1.7", "长" * 300 + ".pdf", "长" * 100 + ".pdf"),
    ],
)
def test_the_kind_comes_from_the_bytes(data, name, kept_as):
    assert uploads.checked(data, name).name == kept_as


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"", "a.pdf", "空的"),
        (b"\x00" * 500, "a.pdf", "空的"),
        (b"%PDF-" + bytes(uploads.LARGEST_UPLOAD), "a.pdf", "超过10MB"),
        (b"MZ\x90\x00", "a.pdf", "不接收"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.svg", "不接收"),
        (b"<html>", "a.html", "不接收"),
        (package("a.txt"), "a.zip", "不接收"),
        (package("word/document.xml", "word/vbaProject.bin"), "a.docx", "宏"),
        (b"PK\x03\x04broken", "a.docx", "损坏"),
        (ole("WordDocument", "_VBA_PROJECT"), "a.doc", "宏"),
        (ole("EncryptedPackage"), "a.docx", "密码"),
        (ole("Nothing"), "a.doc", "损坏"),
        (b"\x89PNG\r\n\x1a\nbroken", "a.png", "损坏"),
        (bomb(), "a.png", "太大"),
        (b"\xff\xff\xff\xfe\xfd", "a.txt", "编码"),
    ],
)
def test_anything_else_is_refused_in_one_sentence(data, name, said):
    with pytest.raises(NotValid, match=said) as refused:
        uploads.checked(data, name, fault="evidence")
    assert refused.value.fault == "evidence"


def test_a_photograph_keeps_no_place_and_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # taken sideways
    exif[0x010E] = "北纬38度"
    kept = uploads.checked(picture("JPEG", exif=exif), "照片.jpg")
    shown = Image.open(io.BytesIO(kept.content))
    assert dict(shown.getexif()) == {}
    assert shown.size == (20, 40)


def test_what_hides_behind_a_picture_is_gone():
    kept = uploads.checked(picture("PNG") + b"<script>alert(1)</script>", "a.png")
    assert b"script" not in kept.content
