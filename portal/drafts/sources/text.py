"""Plain text in whatever encoding it was saved: UTF-8, UTF-16, GB18030, Big5."""

from __future__ import annotations

import codecs
import contextlib
import re

from portal.drafts.lines import BREAK, read_lines
from portal.drafts.sources.source import LARGEST_TEXT, MOST_LINES, Source, too_much
from portal.errors import Unreadable

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
# A page may declare what it likes; only these are believed, for others are no encodings of text or endlessly slow.
_DECLARED = dict.fromkeys(("gb18030", "gb2312", "gbk", "gb_2312-80", "x-gbk", "cp936"), "gb18030")
_DECLARED |= dict.fromkeys(("big5", "big5-hkscs", "cp950"), "big5hkscs")
_CONTROLS = bytes(set(range(0x20)) - {9, 10, 12, 13})
# Characters so frequent that a wrong decoding hardly ever shows them.
_FREQUENT = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取據處會對經發實務總產來機關與為這種應們說過個開還見"
)
_FREQUENT |= frozenset("，。、；：“”（）《》,.;:()\n 　0123456789")


def decoded(data: bytes, declared: str | None = None) -> str:
    """Bytes in; their text out. Raises `Unreadable` when they are no text at all."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return data.decode(encoding, "replace")
    if b"\x00" not in data[:4096]:
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError as error:
            # One cut character at the very end, or a single damaged place, does not make it another encoding.
            if error.start >= len(data) - 4:
                return data.decode("utf-8", "replace")
    if declared is not None and declared in _DECLARED:
        with contextlib.suppress(UnicodeDecodeError):
            return data.decode(_DECLARED[declared])
    sample = data[:20_000]
    if b"\x00" not in data[:4096] and len(sample.translate(None, _CONTROLS)) < 0.97 * len(sample):
        raise _no_text()
    # GB18030 first: it is what a Chinese text that is not UTF-8 nearly always is.
    candidates = ["gb18030", "utf-8", "big5hkscs", "utf-16-le", "utf-16-be"]
    scores = [(_familiarity(sample[: len(sample) // 2 * 2].decode(name, "replace")), name) for name in candidates]
    score, best = max(scores, key=lambda pair: pair[0])
    if score < 0.05 or (b"\x00" in data[:4096] and not best.startswith("utf-16")):
        raise _no_text()
    return data.decode(best, "replace")


def _no_text() -> Unreadable:
    return Unreadable("这个文件不是文本，无法读取。请上传 .txt、.docx、.pdf 或网页文件。")


def _familiarity(text: str) -> float:
    size = max(len(text), 1)
    return (sum(char in _FREQUENT or ("a" <= char.lower() <= "z") for char in text) - 5 * text.count("\ufffd")) / size


def read_text(data: bytes) -> Source:
    """A text file to lines."""
    text = decoded(data)
    if len(text) > LARGEST_TEXT or len(re.findall(BREAK, text)) > MOST_LINES:
        raise too_much()
    return Source(read_lines(text))


def looks_like_html(data: bytes) -> bool:
    """Whether the beginning of a file is that of a web page."""
    head = data[:4096].replace(b"\x00", b"")
    return bool(re.search(rb"<!doctype\s+html|<html[\s>]|<body[\s>]|<div[\s>]|<p[\s>]|<meta\s", head, re.IGNORECASE))
