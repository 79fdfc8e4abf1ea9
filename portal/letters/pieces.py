"""Cutting a letter into comments: a paragraph that begins by naming a clause begins a new one.

Only a proposal: whoever registers the letter sees the pieces beside the whole and changes them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from portal.rules.words import Stance

#: more pieces than any letter has; the rest stays with the last
MOST_PIECES = 100

_N = r"[零〇一二两三四五六七八九十百千\d]+"
_STEP = rf"第\s*[(（]?{_N}[)）]?\s*(?:分编|部分|编|章|节|条|款|项|目|点|段|行)(?:之[一二三四五六七八九十]+)*"
_BOX = r"(?:专栏|附件|表)\s*[一二三四五六七八九十\d]+"
_BRACKET = r"[(（][一二三四五六七八九十\d]+[)）]"
#: 四、（二）5 — the author's own numbers look the same, so it takes two steps to be a citation
_OUTLINE = rf"[一二三四五六七八九十]+、\s*{_BRACKET}(?:\s*\d+[.、．]?(?!\d))?"
_CITATION = re.compile(
    rf"(?:{_STEP}|{_BOX}|{_OUTLINE})(?:\s*[、,，]?\s*(?:{_STEP}|{_BRACKET})|\s*(?<=[)）分])\s*\d+(?:[.、．])?(?![\d.年月日%％]))*"
)
#: the author's own number before a remark: 1. （2） ③ 一是
_OWN_NUMBER = re.compile(
    r"(?:[(（]?\d{1,2}[)）]?[.、．:：]?|[(（]\d{1,2}[)）]|[①-⑳]|[一二三四五六七八九十]{1,3}(?:、|是|，))\s*"
)
_LEADING = re.compile(
    r"(?:(?:关于|针对|有关|对于|对|就|在|(?:完全|总体|不)?(?:赞成|同意|支持|反对)|建议(?:将|把|对|在)?|请(?:将|把)|将|把)\s*)?"
    r"(?:[《“\"]?(?:征求意见稿|意见稿|草案|方案|规划|文件|文中|正文|稿)[》”\"]?(?:中|的|里)?(?:的)?\s*)?[“\"《]?"
)
_GREETING = re.compile(
    r"(?:尊敬的|各位)?.{0,20}(?:您好|你好|您们好|领导|局|委|办公室|同志)[:：,，!！。]*$|.*(?:来信收悉|此致|敬礼)[!！。]?$"
)
_ENDING = re.compile(r"(?:特此|专此|顺致|顺颂|此致|敬礼|致敬|谢谢|感谢|以上).{0,12}")
_WORDING = re.compile(
    r"^\s*(?:建议)?(?:修改|改|调整|表述|修订)为[:：]?\s*[“\"「](?P<words>.+?)[”\"」]\s*[。.]?\s*$", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Piece:
    """One remark as it was cut: the clause as it was named (empty for none), and the words."""

    cited: str
    body: str
    stance: Stance = Stance.CHANGE
    proposed_text: str = ""


def named_clause(paragraph: str) -> str:
    """The clause a paragraph begins by naming, as it is written there; empty when it names none."""
    at = 0
    text = paragraph.strip()
    for lead in (None, _OWN_NUMBER):
        at = 0
        if lead is not None:
            own = lead.match(text)
            if own is None:
                return ""
            at = own.end()
        leading = _LEADING.match(text, at)
        begin = leading.end() if leading else at
        found = _CITATION.match(text, begin) or _CITATION.match(text, at)
        if found:
            return " ".join(found.group().strip("、，, ").split())
    return ""


def cut(text: str) -> list[Piece]:
    """A letter in; its remarks out, in order. Without any named clause the letter is one remark on the whole."""
    paragraphs = [line.strip() for line in text.split("\n")]
    pieces: list[list[str]] = []
    names: list[str] = []
    opening: list[str] = []
    for paragraph in paragraphs:
        if not paragraph:
            continue
        name = named_clause(paragraph)
        if name and len(pieces) < MOST_PIECES:
            pieces.append([paragraph])
            names.append(name)
        elif pieces:
            pieces[-1].append(paragraph)
        else:
            opening.append(paragraph)
    if not pieces:
        body = "\n".join(opening)
        return [Piece("", body, stance_of(body))] if body else []
    while len(pieces[-1]) > 1 and _ENDING.fullmatch(pieces[-1][-1]):
        pieces[-1].pop()
    found = [_piece(name, lines) for name, lines in zip(names, pieces, strict=True)]
    said = [line for line in opening if not _GREETING.fullmatch(line)]
    if said and sum(map(len, said)) >= 10:
        body = "\n".join(said)
        found.insert(0, Piece("", body, stance_of(body)))
    return found


def _piece(name: str, lines: list[str]) -> Piece:
    """One piece; a last paragraph that is nothing but new wording is the wording."""
    if len(lines) > 1 and (wording := _WORDING.match(lines[-1])):
        body = "\n".join(lines[:-1])
        return Piece(name, body, stance_of(body), wording["words"].strip())
    body = "\n".join(lines)
    return Piece(name, body, stance_of(body))


_OPPOSES = re.compile(r"不赞成|不同意|反对|不支持|建议取消|建议删除|应(?:当)?删除|建议删去")
_NOTHING = re.compile(r"^\s*(?:我们?|本单位)?(?:无|没有)(?:修改|不同|其他|其它)?意见[。！]?\s*$")
_SUPPORTS = re.compile(r"(?<!不)(?:赞成|同意|支持|拥护)")
_ADDS = re.compile(r"建议(?:增加|补充|新增|增设|加上)|应(?:当)?(?:增加|补充)|最后增加|后增加")
_ASKS = re.compile(r"请问|[吗呢][?？]|如何理解|是否包括|是否包含")
_CHANGES = re.compile(r"建议|修改|改为|调整|但|希望|应当|应该|删")


def stance_of(body: str) -> Stance:
    """What a remark seems to want; a person looks at it."""
    if _NOTHING.search(body):
        return Stance.SUPPORT
    if _OPPOSES.search(body):
        return Stance.OPPOSE
    if _ADDS.search(body):
        return Stance.ADDITION
    if _SUPPORTS.search(body) and not _CHANGES.search(body):
        return Stance.SUPPORT
    if _ASKS.search(body) and not _CHANGES.search(body):
        return Stance.QUESTION
    return Stance.CHANGE
