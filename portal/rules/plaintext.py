"""What the public writes is plain text for ever: only what no document can hold is taken out.

Nothing is escaped or sanitised here; text is escaped where it is shown. Removed are control characters,
lone surrogates and non-characters (XML and spreadsheets refuse them) and the marks that reorder text or
hide in it, which carry no words: bidirectional overrides, zero-width characters, soft hyphens, fillers, tags.
A line that is a name or a title is refused when a word of it passes one alphabet off as another.
"""

from __future__ import annotations

import hashlib
import re

from portal.errors import NotValid

_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff"
    "\u00ad\u034f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
#: Cyrillic and Greek letters that nobody can tell from Latin ones
_ALIKE = "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u051b\u051d\u0410\u0412\u0415\u0405\u0406\u0408\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u03bf\u03bd\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7"
_DISGUISED = re.compile(rf"(?:[A-Za-z][A-Za-z0-9]*[{_ALIKE}]|[{_ALIKE}][0-9]*[A-Za-z])[A-Za-z0-9{_ALIKE}]*")


def received(text: str) -> str:
    """The text as it will be kept: line ends as \\n, unprintable marks gone, no blank edges."""
    return _UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


#: what to do about words that are too long
SHORTEN = "%(what)s最多%(limit)s字，现在是%(length)s字，请删减后再试。"
SPLIT = "%(what)s最多%(limit)s字，现在是%(length)s字，请分成几条提出。"


def received_within(text: str, limit: int, what: str, fault: str, sentence: str = SHORTEN) -> str:
    """The text as it will be kept. Raises NotValid when it is longer than `limit` characters."""
    kept = received(text)
    if len(kept) > limit:
        raise NotValid(
            sentence,
            fault=fault,
            what=what,
            limit=limit,
            length=len(kept),
        )
    return kept


def stamp(words: str) -> str:
    """Changes with every word: two people who write the same text anew at once are told of one another."""
    return hashlib.sha256(words.encode()).hexdigest()[:16]


def one_line(text: str, limit: int, what: str, fault: str) -> str:
    """A single line as it will be kept: no line end can reach a mail header or a file name."""
    kept = received_within(" ".join(text.split()), limit, what, fault)
    if found := _DISGUISED.search(kept):
        raise NotValid(
            "%(what)s里的“%(word)s”混用了看起来一样的外文字母，请重新输入。", fault=fault, what=what, word=found[0][:40]
        )
    return kept
