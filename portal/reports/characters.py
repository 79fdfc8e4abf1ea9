"""What a text from the public may hold and what a file can hold: nothing is taken away but what the format refuses."""

from __future__ import annotations

import re

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_LINE_ENDS = re.compile("\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
_SPACE = re.compile(r"\s+")
_SENTENCE_END = "。！？；"
_OPEN_EMBEDDINGS = "\u202a\u202b\u202d\u202e"
_OPEN_ISOLATES = "\u2066\u2067\u2068"
_OPENING_MARK = re.compile(f"[{_OPEN_EMBEDDINGS}{_OPEN_ISOLATES}]")
_CLOSE_EMBEDDING, _CLOSE_ISOLATE = "\u202c", "\u2069"

#: Characters without a shape: a printed page must neither draw them nor leave a box in their place.
INVISIBLE = frozenset(
    chr(code)
    for span in (
        (0x00, 0x20), (0x7F, 0xA0), (0xAD, 0xAE), (0x061C, 0x061D), (0x115F, 0x1161), (0x180E, 0x180F),
        (0x200B, 0x2010), (0x2028, 0x202F), (0x2060, 0x2070), (0xFE00, 0xFE10), (0xFEFF, 0xFF00), (0xFFF0, 0xFFFC),
        (0xE0000, 0xE0080), (0xE0100, 0xE01F0),
    )
    for code in range(*span)
)  # fmt: skip


def for_xml(text: str) -> str:
    """The text without the characters XML 1.0 cannot hold (control characters, lone surrogates, U+FFFE, U+FFFF)."""
    return _NOT_XML.sub("", text)


def for_utf8(text: str) -> str:
    """The text with each lone surrogate, which UTF-8 cannot hold, replaced by U+FFFD; all else stays."""
    return _SURROGATES.sub("\ufffd", text)


def for_print(text: str) -> str:
    """The text with a line feed for every kind of line end and without anything that has no shape."""
    text = _SURROGATES.sub("\ufffd", _LINE_ENDS.sub("\n", text)).replace("\t", " ")
    return "".join(mark for mark in text if mark == "\n" or mark not in INVISIBLE)


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text, without blank ones and without the spaces around them."""
    return [part.strip() for part in _LINE_ENDS.split(text) if part.strip()]


def one_line(text: str) -> str:
    """The text on one line, for a name or a heading; a direction mark opened in it is closed in it."""
    return closed(_SPACE.sub(" ", _LINE_ENDS.sub(" ", text)).strip())


def nested(text: str) -> str:
    """A text to be set between double quotation marks: those inside it become single ones (GB/T 15834)."""
    return text.replace("“", "‘").replace("”", "’")


def closed(text: str) -> str:
    """The text with every direction override and isolate closed, so that it cannot turn the words printed after it."""
    if text.isascii() or not _OPENING_MARK.search(text):
        return text
    pending: list[str] = []
    for mark in text:
        if mark in _OPEN_EMBEDDINGS:
            pending.append(_CLOSE_EMBEDDING)
        elif mark in _OPEN_ISOLATES:
            pending.append(_CLOSE_ISOLATE)
        elif pending and mark == pending[-1]:
            pending.pop()
    return text + "".join(reversed(pending))


def shortened(text: str, limit: int) -> str:
    """The text when it has at most `limit` characters, else its beginning to the end of a sentence, then ……."""
    if len(text) <= limit:
        return text
    head = text[:limit]
    stop = max(head.rfind(mark) for mark in _SENTENCE_END) + 1
    return (head[:stop] if stop > limit // 2 else head) + "……"
