"""What may be received as a file, told from its bytes and never from its name, and the name it is kept under.

Pictures are drawn anew: what a camera noted beside the picture (where and when it was taken) stays out, and so does
anything that hides behind a picture's header.
"""

from __future__ import annotations

import hashlib
import io
import re
import unicodedata
import warnings
import zipfile
from dataclasses import dataclass
from pathlib import PurePath

from PIL import Image, ImageOps, UnidentifiedImageError

from portal.errors import NotValid
from portal.rules import plaintext

LARGEST_UPLOAD = 10 * 1024 * 1024
LONGEST_NAME = 100
_MOST_PIXELS = 60_000_000
_MOST_PARTS = 5_000

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_MACROS = "_VBA_PROJECT".encode("utf-16-le")
_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\s]+')

_MEDIA_TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "ofd": "application/ofd",
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "wps": "application/vnd.ms-works",
    "et": "application/octet-stream",
    "txt": "text/plain; charset=utf-8",
}
#: the part that tells what a package is
_PARTS = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx", "ppt/presentation.xml": "pptx", "OFD.xml": "ofd"}
_OLE_SUFFIXES = {"doc": "WordDocument", "wps": "WordDocument", "xls": "Workbook", "et": "Workbook"}

#: for the sentence under a file field and its `accept`
ACCEPTED = tuple(_MEDIA_TYPES)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file fit to be kept: its bytes as they will be kept, their type and SHA-256, and a safe name."""

    name: str
    media_type: str
    content: bytes
    digest: str

    @property
    def size(self) -> int:
        return len(self.content)


def checked(data: bytes, name: str, fault: str = "file") -> Upload:
    """A file as it arrived and what its sender called it in; what will be kept out.

    Raises NotValid (blaming `fault`) with one sentence for a file that is too large, empty, locked, damaged, carries
    macros, or is of a kind that is not received.
    """
    if len(data) > LARGEST_UPLOAD:
        raise NotValid("文件超过%(size)sMB，请压缩或拆分后再上传。", fault=fault, size=LARGEST_UPLOAD // 1024 // 1024)
    if not data.strip(b"\x00 \t\r\n"):
        raise NotValid("文件是空的，请重新选择。", fault=fault)
    suffix = _sniffed(data, PurePath(name).suffix.lower().lstrip("."), fault)
    if suffix in ("png", "jpg"):
        data = _redrawn(data, fault)
    elif suffix == "txt":
        data = _plain(data, fault)
    return Upload(safe_name(name, suffix), _MEDIA_TYPES[suffix], data, hashlib.sha256(data).hexdigest())


def size_words(size: int) -> str:
    """The size of a file in bytes as a reader measures it: 340 KB, 2.4 MB."""
    return f"{size / 1024 / 1024:.1f} MB" if size >= 1024 * 1024 else f"{max(1, round(size / 1024))} KB"


def safe_name(name: str, suffix: str) -> str:
    """The sender's name for the file without folders, control or direction marks, with the suffix of what it is."""
    stem = unicodedata.normalize("NFC", plaintext.received(name.replace("\\", "/"))).rsplit("/", 1)[-1]
    stem = _NOT_IN_NAMES.sub("_", stem.rsplit(".", 1)[0] if "." in stem else stem).strip("._") or "附件"
    return f"{stem[:LONGEST_NAME]}.{suffix}"


def _sniffed(data: bytes, suffix: str, fault: str) -> str:
    if data.startswith(b"%PDF-"):
        return "pdf"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if data.startswith(b"PK\x03\x04"):
        return _package(data, fault)
    if data.startswith(_OLE):
        return _ole(data, suffix, fault)
    if suffix in ("txt", "csv", "md", "") and b"\x00" not in data:
        return "txt"
    raise _not_received(fault)


def _not_received(fault: str) -> NotValid:
    return NotValid("不接收这种文件，请上传PDF、OFD、Word、Excel、图片（JPG、PNG）或文本文件。", fault=fault)


def _package(data: bytes, fault: str) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = {part.filename for part in package.infolist()[:_MOST_PARTS]}
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError):
        raise NotValid("文件已损坏，无法打开，请重新保存后再上传。", fault=fault) from None
    if any(part.endswith("vbaProject.bin") for part in parts):
        raise NotValid("文件里带有宏，请另存为不含宏的文件再上传。", fault=fault)
    kind = next((suffix for part, suffix in _PARTS.items() if part in parts), None)
    if kind is None:
        raise _not_received(fault)
    return kind


def _ole(data: bytes, suffix: str, fault: str) -> str:
    if _ENCRYPTED in data:
        raise NotValid("文件设了密码，请取消密码后再上传。", fault=fault)
    if _MACROS in data:
        raise NotValid("文件里带有宏，请另存为不含宏的文件再上传。", fault=fault)
    streams = {kind: stream.encode("utf-16-le") in data for kind, stream in _OLE_SUFFIXES.items()}
    if streams.get(suffix):
        return suffix
    if kind := next((kind for kind, is_there in streams.items() if is_there), None):
        return kind
    raise NotValid("文件已损坏，无法打开，请重新保存后再上传。", fault=fault)


def _redrawn(data: bytes, fault: str) -> bytes:
    drawn = io.BytesIO()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as picture:
                if picture.width * picture.height > _MOST_PIXELS:
                    raise NotValid("图片太大，请缩小后再上传。", fault=fault)
                kind = picture.format
                # a photograph taken sideways is turned upright before the note that says so is dropped
                upright = ImageOps.exif_transpose(picture)
                if kind == "JPEG":
                    upright.convert("RGB").save(drawn, "JPEG", quality=88, optimize=True)
                else:
                    upright.info.clear()
                    upright.save(drawn, "PNG", optimize=False)
    except (UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning, OSError, ValueError,
            SyntaxError, EOFError):  # fmt: skip
        raise NotValid("图片已损坏或太大，请重新保存后再上传。", fault=fault) from None
    return drawn.getvalue()


def _plain(data: bytes, fault: str) -> bytes:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return plaintext.received(data.decode(encoding)).encode()
        except UnicodeDecodeError:
            continue
    raise NotValid("文本文件的编码无法识别，请另存为UTF-8再上传。", fault=fault)
