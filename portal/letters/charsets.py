"""Bytes to words when the charset is wrong, missing or an old Chinese one."""

from __future__ import annotations

import codecs
import re
from email.header import decode_header

#: what mail programs call an encoding, and the widest one that reads it
_WIDEST = {
    "gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "x-gbk": "gb18030", "cp936": "gb18030",
    "gb18030": "gb18030", "chinese": "gb18030", "euc-cn": "gb18030", "big5": "big5hkscs", "x-x-big5": "big5hkscs",
    "cp950": "big5hkscs", "utf8": "utf-8", "utf-8": "utf-8", "unicode-1-1-utf-8": "utf-8",
}  # fmt: skip
#: said by programs that know no better
_EMPTY = {"", "us-ascii", "ascii", "iso-8859-1", "latin-1", "windows-1252", "unknown-8bit", "default", "x-unknown"}
_LONGEST_HEADER = 4000
#: codecs of bytes and tricks, which are no charsets
_NO_TEXT = re.compile(
    r"hex|base64|zip|bz2|zlib|rot|uu|quopri|idna|punycode|undefined|unicode.?escape|raw.?unicode|mbcs|oem", re.I
)


def decoded(data: bytes, charset: str = "") -> str:
    """The words of some bytes. What is declared is tried first; what cannot be read becomes �."""
    declared = charset.strip().strip("\"'").lower()
    wanted = _WIDEST.get(declared, "" if declared in _EMPTY or _NO_TEXT.search(declared) else declared)
    tried = [name for name in (wanted, "utf-8", "gb18030", "big5hkscs") if name]
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        tried.insert(0, "utf-16")
    for name in tried:
        try:
            return data.decode(name).removeprefix("\ufeff")
        except (UnicodeError, LookupError):
            continue
    # broken in a few places only: keep the declared reading, or the one with the fewest holes
    readings = [data.decode(name, "replace") for name in (wanted, "utf-8", "gb18030") if name and _is_known(name)]
    return min(readings, key=lambda text: text.count("\ufffd"))


def _is_known(name: str) -> bool:
    try:
        codecs.lookup(name)
    except (LookupError, ValueError):
        return False
    return True


def header(value: object) -> str:
    """A mail header as one line of words, whatever encoding it claims; never with a line end in it."""
    text = str(value)[:_LONGEST_HEADER]
    try:
        pieces = decode_header(text)
    except (ValueError, TypeError, LookupError, AssertionError):
        pieces = [(text, None)]
    words = ""
    for piece, charset in pieces:
        if isinstance(piece, bytes):
            words += decoded(piece, charset or "")
        else:
            # eight-bit bytes without an encoding arrive as surrogates
            words += piece if piece.isascii() else decoded(piece.encode("utf-8", "surrogateescape"))
    return " ".join(words.split())
