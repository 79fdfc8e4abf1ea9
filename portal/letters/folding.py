"""What in a mail is not the letter itself: earlier mails that are quoted, and the signature. Folded away, never lost."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: a mail whose own words are fewer is a forwarded one: what it quotes is what it says
_OWN_WORDS = 6
_LONGEST_SIGNATURE = 12

_QUOTED_FROM = re.compile(
    r"^\s*(?:[-–—_=*]{2,}\s*(?:原始邮件|原邮件|回复的原邮件|原始郵件|转发邮件信息|转发的邮件|转发的消息|Original Message|Forwarded message"
    r"|Reply Message|邮件原件)\s*[-–—_=*]{0,}|在\s*\d{4}[-年/].{4,160}(?:写道|寫道)[:：]?|On\s.{6,160}\swrote:|.{0,80}于\s*\d{4}[-年/].{4,80}写道[:：])\s*$",
    re.IGNORECASE,
)
_HEAD_FIRST = re.compile(r"^\s*\*?(?:发件人|寄件者|From)\*?\s*[:：]", re.IGNORECASE)
_HEAD_NEXT = re.compile(
    r"^\s*\*?(?:发送时间|发送日期|日期|时间|收件人|抄送|主题|Sent|Date|To|Cc|Subject)\*?\s*[:：]", re.IGNORECASE
)
_SIGNED = re.compile(r"^(?:--\s?|—{2,}|_{3,})$")
_DEVICE = re.compile(
    r"^\s*(?:发自|來自|来自|从)我?的?.{1,24}(?:手机|iPhone|iPad|邮箱|客户端|设备)?.{0,12}(?:发送)?$|^\s*Sent from my .{1,40}$|^\s*.{0,8}邮箱大师.{0,20}$"
)
_DEVICE_BEGIN = re.compile(r"^\s*(?:发自|從我|从我的|来自我的|Sent from)")


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a mail: `words` of its author, `quoted` from an earlier mail, or a `signature`."""

    kind: str
    text: str


def parts(text: str) -> list[Part]:
    """A mail's text in; its stretches out, in order. Joined by line ends they are the text again."""
    lines = text.split("\n")
    kinds = ["words"] * len(lines)
    begin = _quoted_tail(lines)
    if begin is not None and len("".join("".join(lines[:begin]).split())) >= _OWN_WORDS:
        kinds[begin:] = ["quoted"] * (len(lines) - begin)
    own = sum(
        len(line.strip())
        for line, kind in zip(lines, kinds, strict=True)
        if kind == "words" and line.lstrip()[:1] != ">"
    )
    if own >= _OWN_WORDS:
        for place, line in enumerate(lines):
            if kinds[place] == "words" and line.lstrip().startswith(">"):
                kinds[place] = "quoted"
    end = len(lines)
    while end and (kinds[end - 1] == "quoted" or not lines[end - 1].strip()):
        end -= 1
    signed = _signature(lines, kinds, end)
    if signed is not None and any(line.strip() for line in lines[:signed]):
        kinds[signed:end] = ["signature"] * (end - signed)
    return _joined(lines, kinds)


def own_words(text: str) -> str:
    """What the author of a mail wrote in it, without what is folded away."""
    return "\n".join(part.text for part in parts(text) if part.kind == "words").strip()


def _quoted_tail(lines: list[str]) -> int | None:
    for place, line in enumerate(lines):
        if _QUOTED_FROM.match(line[:300]):
            return place
        if _HEAD_FIRST.match(line[:100]) and any(
            _HEAD_NEXT.match(after[:100]) for after in lines[place + 1 : place + 4]
        ):
            return place
    return None


def _signature(lines: list[str], kinds: list[str], end: int) -> int | None:
    first = max(0, end - _LONGEST_SIGNATURE)
    for place in range(end - 1, first - 1, -1):
        if kinds[place] != "words":
            return None
        if _SIGNED.match(lines[place].rstrip()):
            return place
    last = lines[end - 1] if end else ""
    if len(last) <= 60 and _DEVICE_BEGIN.match(last) and _DEVICE.match(last):
        return end - 1
    return None


def _joined(lines: list[str], kinds: list[str]) -> list[Part]:
    found: list[Part] = []
    held: list[str] = []
    for place, line in enumerate(lines):
        held.append(line)
        if place + 1 == len(lines) or kinds[place + 1] != kinds[place]:
            found.append(Part(kinds[place], "\n".join(held)))
            held = []
    return found
