"""What an officer should look at before a draft is published: gaps, repeats, lost words, damaged facts."""

from __future__ import annotations

import re
from collections.abc import Sequence

from portal.drafts.draft import Doubt, Facts, Junk, Node
from portal.drafts.headlines import CONSULTS
from portal.drafts.marks import marks_at

_VALID_NUMBER = re.compile(r"^[\u4e00-\u9fffA-Za-z]{1,20}〔(?:19|20)\d{2}〕[1-9]\d{0,3}[号號]$|令第?")
_MOJIBAKE = re.compile(
    r"[\u4e00-\u9fff]\?[\u4e00-\u9fff?]|\?{2,}|\ufffd|[\u2200-\u22ff]\S{0,2}[\u4e00-\u9fff]{1,3}|锟斤拷|烫烫"
)
_NOTICE = re.compile(r"(?:公告|通知|公示|通告|启事|函)$|公开征求|公開征求|征求意见$")
_PUBLIC_MAIL = re.compile(r"@(?:163|126|qq|sina|sohu|gmail|139|hotmail|outlook|foxmail|yeah)\.", re.IGNORECASE)


def read_doubts(nodes: Sequence[Node], facts: Facts, junk: Sequence[Junk], lines: Sequence[str]) -> tuple[Doubt, ...]:
    """The outline, the facts and what was set aside in; every doubt out, by line."""
    found = [*_series(nodes), *_boxes(nodes), *_of_facts(facts), *_missing(facts, lines)]
    found += [*_of_junk(junk), *_damaged(lines)]
    if not nodes:
        found.append(Doubt(1, "no-clauses", "没有读到任何条款", "请确认上传的是征求意见稿正文，而不是通知或空白文件。"))
    return tuple(sorted(found, key=lambda doubt: doubt.line))


def _series(nodes: Sequence[Node]) -> list[Doubt]:
    """Numbers that skip, repeat or begin late among the children of one clause; 条 are followed through the text."""
    found: list[Doubt] = []
    last: dict[tuple[int, str], tuple[int, ...]] = {}
    ended: dict[str, tuple[int, ...]] = {}
    for node in nodes:
        if not node.number or node.kind in {"table", "annex", "closing", "attachments"}:
            continue
        mark = next(iter(marks_at(node.number + " ")), None)
        if mark is None:
            continue
        key = (-2 if mark.kind in {"article", "box"} else node.parent, mark.kind)
        before = last.get(key)
        value = mark.value
        if before is None:
            begins_late = value[-1] > 1 and not _runs_on(ended.get(mark.kind), value)
            if begins_late:
                found.append(
                    _doubt(
                        node,
                        "late-start",
                        f"“{node.number}”前面没有更小的序号",
                        "原文可能丢了前面的条款或标题，请核对原稿。",
                    )
                )
        elif value == before:
            found.append(
                _doubt(
                    node, "repeat", f"序号“{node.number}”重复出现", "可能漏了上一级标题，请核对原稿；系统不会改动序号。"
                )
            )
        elif value[:-1] == before[:-1] and value[-1] > before[-1] + 1:
            missing = (
                f"缺少第{before[-1] + 1}个"
                if value[-1] == before[-1] + 2
                else f"缺少第{before[-1] + 1}至第{value[-1] - 1}个"
            )
            found.append(
                _doubt(
                    node,
                    "gap",
                    f"“{node.number}”之前序号不连续，{missing}",
                    "请核对原稿是否漏了条款；系统不会补写序号。",
                )
            )
        elif value < before:
            found.append(_doubt(node, "restart", f"序号从“{node.number}”重新开始", "可能漏了上一级标题，请核对原稿。"))
        last[key] = value
        ended[mark.kind] = value
    return found


def _runs_on(before: tuple[int, ...] | None, value: tuple[int, ...]) -> bool:
    return before is not None and before[:-1] == value[:-1] and value[-1] == before[-1] + 1


def _doubt(node: Node, code: str, what: str, advice: str) -> Doubt:
    return Doubt(node.line, code, what, advice)


def _of_facts(facts: Facts) -> list[Doubt]:
    found: list[Doubt] = []
    number = facts.document_number
    if number and not _VALID_NUMBER.search(number):
        found.append(
            Doubt(
                1,
                "document-number",
                f"文号“{number}”不合格式，疑似抽取丢字",
                "请对照原件改正文号；征求意见稿没有文号的可以留空。",
            )
        )
    if facts.opens_on and facts.closes_on and facts.closes_on < facts.opens_on:
        found.append(Doubt(1, "window", "征求意见的截止日期早于开始日期", "请核对公告里的起止日期。"))
    if not facts.is_window_for_comments:
        found.append(
            Doubt(1, "window", "读到的起止日期是申请或申报的时间，不是征求意见的时间", "请填写征求意见的起止日期。")
        )
    found += [
        Doubt(1, "public-mailbox", f"“{email}”是公共邮箱", "建议改用单位的政务邮箱。")
        for email in facts.emails
        if _PUBLIC_MAIL.search(email)
    ]
    return found


def _missing(facts: Facts, lines: Sequence[str]) -> list[Doubt]:
    """What a notice about a consultation should say and this one does not."""
    if not (CONSULTS.search(facts.title or "") and _NOTICE.search(facts.title or "")):
        return []
    absent = [
        ("征求意见时间", facts.closes_on is None and facts.opens_on is None),
        ("起草单位", facts.drafting_bureau is None and facts.issuing_bureau is None),
        ("起草说明", not any("起草说明" in line or "编制说明" in line for line in lines)),
        ("电子邮箱", not facts.emails),
        ("通信地址", not facts.postal_addresses),
        ("邮编", bool(facts.postal_addresses) and not facts.postcodes),
        ("传真", bool(facts.postal_addresses) and not facts.faxes),
    ]
    return [
        Doubt(1, "missing", f"公告里没有写{name}", "请补填；没有的可以留空。")
        for name, is_absent in absent
        if is_absent
    ]


def _boxes(nodes: Sequence[Node]) -> list[Doubt]:
    return [
        _doubt(node, "lost-title", "这个专栏没有标题", "原文可能丢了专栏的编号和名称，请核对原稿。")
        for node in nodes
        if node.kind == "box" and not node.number
    ]


def _of_junk(junk: Sequence[Junk]) -> list[Doubt]:
    return [
        Doubt(item.line, "spam", "这一行像是被人挂上去的垃圾内容，已剔除", "请检查来源网页是否被篡改。")
        for item in junk
        if item.why == "垃圾内容"
    ]


def _damaged(lines: Sequence[str]) -> list[Doubt]:
    return [
        Doubt(number, "damaged", "这一行有乱码或丢失的字符", "文字按原样保留，请对照原件改正。")
        for number, text in enumerate(lines, 1)
        if _MOJIBAKE.search(text)
    ][:50]
