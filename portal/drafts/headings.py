"""Which words of a clause are its heading, told from the text on the same line."""

from __future__ import annotations

import re

from portal.drafts.marks import Mark

_SPACED = re.compile(
    r"^(?P<head>[^。；;！？\s]+(?:[ \u3000](?=[\dA-Za-z])[^。；;！？\s]+)*)[ \u3000\u00a0]+(?P<rest>\S.*)$", re.S
)
_SPREAD = re.compile(r"^(?:[\u4e00-\u9fff][ \u3000\u00a0]+){1,5}[\u4e00-\u9fff](?=[ \u3000\u00a0]|$)")
_VERBAL = re.compile(r"[应應可不由须須将為为是在有依经經禁严嚴本第其按凡对對从從和与與的得以]")
_BRACKETED = re.compile(r"^[【\[（(](?P<head>[^】\]）)。；，]{2,20})[】\]）)](?P<rest>.*)$", re.S)


def divided(mark: Mark, body: str, in_statute: bool) -> tuple[str, str]:
    """The words after a mark in; heading and text out. Together they hold every character of the body."""
    body = body.strip()
    if not body:
        return "", ""
    if mark.kind == "article":
        return _of_article(body)
    if mark.kind in {"part", "subpart", "chapter", "section", "subsection", "box", "annex", "table"}:
        return _of_division(body)
    if in_statute and mark.kind in {"cnp", "num", "nump", "circ", "alpha"} and not _is_titled_item(body):
        return "", body
    return _of_item(body)


def _of_article(body: str) -> tuple[str, str]:
    match = _BRACKETED.match(body)
    if match and match["rest"].strip() and len(match["head"]) <= 16:
        return body[: match.start("rest")].strip(), match["rest"].strip()
    head, stop, rest = body.partition("。")
    if stop and rest.strip() and 2 <= len(head) <= 10 and not _VERBAL.search(head) and "，" not in head:
        return head + stop, rest.strip()
    spaced = _SPACED.match(body)
    if (
        spaced
        and len(spaced["head"]) <= 14
        and "，" not in spaced["head"]
        and len(spaced["rest"]) > len(spaced["head"])
    ):
        head = spaced["head"]
        if not _VERBAL.search(head) and not re.search(r"[、：:（）()]", head):
            return head, spaced["rest"].strip()
    return "", body


def _of_division(body: str) -> tuple[str, str]:
    spread = _SPREAD.match(body)
    if spread:
        rest = body[spread.end() :].strip()
        head = re.sub(r"[ \u3000\u00a0]", "", spread.group())
        return (head, rest) if len(rest) != 1 else (head + rest, "")
    if len(body) > 60 and (match := _SPACED.match(body)) and len(match["head"]) <= 50:
        return match["head"], match["rest"].strip()
    if len(body) > 80 and "。" in body:
        return _of_item(body)
    if (match := _SPACED.match(body)) and "。" in match["rest"] and len(match["head"]) <= 50:
        return match["head"], match["rest"].strip()
    return body, ""


def _is_titled_item(body: str) -> bool:
    head, stop, rest = body.partition("。")
    return bool(stop and rest.strip()) and len(head) <= 16 and not re.search(r"[，,；;：:]", head)


def _of_item(body: str) -> tuple[str, str]:
    head, stop, rest = body.partition("。")
    spaced = _SPACED.match(body)
    if (
        spaced
        and 2 <= len(spaced["head"]) <= 50
        and len(spaced["head"]) < len(head.rstrip())
        and len(spaced["rest"]) >= 12
    ):
        # A heading that lost its line break runs into the text after one blank.
        after = spaced["rest"]
        if (
            re.search(r"[。，,；]", after)
            and not re.search(r"[，,].*[，,]", spaced["head"])
            and not _cut_word(spaced["head"], after)
        ):
            return spaced["head"], after.strip()
    if not stop:
        if (
            len(body) <= 60
            and not re.search("[：:]“", body)
            and not body.endswith(("；", ";", "：", ":", "，", ",", "、"))
        ):
            return body, ""
        return "", body
    if "：“" in head and not rest.strip(" ”"):
        return "", body
    if len(head) > 60 or "；" in head or (re.search(r"[:：]", head) and rest.strip()):
        return "", body
    if not rest.strip():
        return (body, "") if len(head) <= 24 and not re.search(r"[，,]", head) else ("", body)
    commas = len(re.findall(r"[，,]", head))
    if commas > 2 or (commas and len(head) > 45):
        return "", body
    return head + stop, rest.strip()


def _cut_word(head: str, after: str) -> bool:
    """A blank before or after a number stands inside a sentence (中电科 13 所)."""
    return head[-1].isdigit() or (
        bool(re.match(r"[\dA-Za-z]+[ \u3000]*[\u4e00-\u9fff]", after)) and not re.match(r"\d{4}年", after)
    )


def lead_sentence(text: str) -> str:
    """The short sentence a paragraph opens with as if it were a heading; '' when there is none."""
    head, stop, rest = text.partition("。")
    if not stop or not rest.strip() or not 4 <= len(head) <= 28 or re.search(r"[；;：:]", head):
        return ""
    if len(re.findall(r"[，,]", head)) > 1 or re.match(r"^(?:到|至|截至|截止)?\s*\d", head):
        return ""
    return head + stop
