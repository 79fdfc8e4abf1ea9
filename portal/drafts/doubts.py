"""What an officer should look at before a draft is published: gaps, repeats, lost words, damaged facts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from portal.drafts.damage import (
    POINT,
    broken_numbers,
    first_traditional,
    impossible_dates,
    is_garbled,
    is_sound_number,
    uses_traditional,
)
from portal.drafts.draft import Doubt, Facts, Junk, Node
from portal.drafts.headlines import CONSULTS, is_notice_title, speaks_of_opinions
from portal.drafts.marks import marks_at
from portal.drafts.windows import last_days

_PUBLIC_MAIL = re.compile(r"@(?:163|126|qq|sina|sohu|gmail|139|hotmail|outlook|foxmail|yeah)\.", re.IGNORECASE)
_FEW_POINTS = 5
_MOST_OF_A_KIND = 50

Lines = Sequence[tuple[int, str]]


def read_doubts(nodes: Sequence[Node], facts: Facts, junk: Sequence[Junk], lines: Sequence[str]) -> tuple[Doubt, ...]:
    """The outline, the facts and what was set aside in; every doubt out, by line."""
    dropped = {item.line: item.text for item in junk}
    kept = [(number, text) for number, text in enumerate(lines, 1) if text and dropped.get(number) != text]
    found = [*_series(nodes), *_boxes(nodes), *_of_facts(facts), *_missing(facts, lines)]
    found += [*_windows(facts, kept, min((node.line for node in nodes), default=len(lines) + 1))]
    found += [*_of_junk(junk), *_garbled(kept), *_dates(kept), *_numbers(kept, facts), *_script(facts, kept)]
    found += [*_points(nodes)]
    if not nodes:
        found.append(Doubt(1, "no-clauses", "没有读到任何条款", "请确认上传的是征求意见稿正文，而不是通知或空白文件。"))
    return tuple(sorted(found, key=lambda doubt: doubt.line))


# ── the outline ───────────────────────────────────────────────────────────────────────────────────────


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
                found.append(_late(node))
        elif value == before:
            found.append(_repeat(node))
        elif value[:-1] == before[:-1] and value[-1] > before[-1] + 1:
            found.append(_gap(node, before[-1] + 1, value[-1] - 1))
        elif value < before:
            found.append(_restart(node))
        last[key] = value
        ended[mark.kind] = value
    return found


def _runs_on(before: tuple[int, ...] | None, value: tuple[int, ...]) -> bool:
    return before is not None and before[:-1] == value[:-1] and value[-1] == before[-1] + 1


def _late(node: Node) -> Doubt:
    advice = "原文可能丢了前面的条款或标题，请核对原稿。"
    return Doubt(node.line, "late-start", "“%(number)s”前面没有更小的序号", advice, {"number": node.number})


def _repeat(node: Node) -> Doubt:
    advice = "可能漏了上一级标题，请核对原稿；系统不会改动序号。"
    return Doubt(node.line, "repeat", "序号“%(number)s”重复出现", advice, {"number": node.number})


def _gap(node: Node, first: int, last: int) -> Doubt:
    advice = "请核对原稿是否漏了条款；系统不会补写序号。"
    if first == last:
        what = "“%(number)s”之前序号不连续，缺少第%(first)s个"
        return Doubt(node.line, "gap", what, advice, {"number": node.number, "first": first})
    what = "“%(number)s”之前序号不连续，缺少第%(first)s至第%(last)s个"
    return Doubt(node.line, "gap", what, advice, {"number": node.number, "first": first, "last": last})


def _restart(node: Node) -> Doubt:
    advice = "可能漏了上一级标题，请核对原稿。"
    return Doubt(node.line, "restart", "序号从“%(number)s”重新开始", advice, {"number": node.number})


def _boxes(nodes: Sequence[Node]) -> list[Doubt]:
    return [
        Doubt(node.line, "lost-title", "这个专栏没有标题", "原文可能丢了专栏的编号和名称，请核对原稿。")
        for node in nodes
        if node.kind == "box" and not node.number
    ]


def _points(nodes: Sequence[Node]) -> list[Doubt]:
    """Points between words where an enumeration had 、: one doubt for all of them, so that one act mends them."""
    places = [(node, match) for node in nodes for match in POINT.finditer(f"{node.heading}{node.text}")]
    if len(places) < _FEW_POINTS:
        return []
    node, match = places[0]
    words = f"{node.heading}{node.text}"
    example = words[max(0, match.start() - 6) : match.end() + 6].replace("\n", " ")
    return [
        Doubt(
            node.line,
            "points",
            "有%(count)s处“.”夹在汉字之间，像是“、”，例如“%(example)s”",
            "可以一次全部改为“、”，小数和百分数不改；也可以逐条改。",
            {"count": len(places), "example": example},
        )
    ]


# ── the notice ────────────────────────────────────────────────────────────────────────────────────────


def _of_facts(facts: Facts) -> list[Doubt]:
    found: list[Doubt] = []
    number = facts.document_number
    if number and not is_sound_number(number):
        found.append(
            Doubt(
                1,
                "document-number",
                "文号“%(number)s”不合格式，疑似抽取丢字",
                "请对照原件改正文号；征求意见稿没有文号的可以留空。",
                {"number": number},
            )
        )
    found += [
        Doubt(1, "public-mailbox", "“%(email)s”是公共邮箱", "建议改用单位的政务邮箱。", {"email": email})
        for email in facts.emails
        if _PUBLIC_MAIL.search(email)
    ]
    return found


def _missing(facts: Facts, lines: Sequence[str]) -> list[Doubt]:
    """What a notice about a consultation should say and this one does not."""
    if not (CONSULTS.search(facts.title or "") and is_notice_title(facts.title or "")):
        return []
    absent = {
        "征求意见时间": facts.closes_on is None and facts.opens_on is None,
        "起草单位": facts.drafting_bureau is None and facts.issuing_bureau is None,
        "起草说明": not any("起草说明" in line or "编制说明" in line for line in lines),
        "电子邮箱": not facts.emails,
        "通信地址": not facts.postal_addresses,
        "邮编": bool(facts.postal_addresses) and not facts.postcodes,
        "传真": bool(facts.postal_addresses) and not facts.faxes,
    }
    names = [name for name, is_absent in absent.items() if is_absent]
    advice = "请在“公告和期限”里补填；没有的可以留空。"
    return [Doubt(1, "missing", "公告里没有写：%(names)s", advice, {"names": names})] if names else []


def _windows(facts: Facts, kept: Lines, first_clause: int) -> list[Doubt]:
    """Dates of the window that cannot be, and last days that contradict one another."""
    opens, closes, published = facts.opens_on, facts.closes_on, facts.published_on
    found: list[Doubt] = []
    if opens and closes and closes < opens:
        found.append(Doubt(1, "window", "征求意见的截止日期早于开始日期", "请核对公告里的起止日期。"))
    elif closes and published and len(published) == len(closes) and closes < published:
        found.append(
            Doubt(
                1,
                "window",
                "截止日期%(closes)s早于发布日期%(published)s",
                "请核对公告里的起止日期。",
                {"closes": closes, "published": published},
            )
        )
    if not facts.is_window_for_comments:
        found.append(
            Doubt(1, "window", "读到的起止日期是申请或申报的时间，不是征求意见的时间", "请填写征求意见的起止日期。")
        )
        return found
    named: dict[str, int] = {}
    for number, text in kept:
        if number < first_clause or speaks_of_opinions(text):
            for day in last_days(text, published):
                named.setdefault(day, number)
    if len(named) > 1:
        found.append(
            Doubt(
                list(named.values())[1],
                "conflicting-windows",
                "公告里的截止日期前后不一：%(days)s",
                "请核对原件，按正确的日期填写“公告和期限”。",
                {"days": list(named)},
            )
        )
    return found


# ── the words ─────────────────────────────────────────────────────────────────────────────────────────


def _of_junk(junk: Sequence[Junk]) -> list[Doubt]:
    return [
        Doubt(item.line, "spam", "这一行像是被人挂上去的垃圾内容，已剔除", "请检查来源网页是否被篡改。")
        for item in junk
        if item.why == "垃圾内容"
    ]


def _garbled(kept: Lines) -> list[Doubt]:
    return _first(
        Doubt(number, "damaged", "这一行有乱码或丢失的字符", "文字按原样保留，请对照原件改正。")
        for number, text in kept
        if is_garbled(text)
    )


def _dates(kept: Lines) -> list[Doubt]:
    return _first(
        Doubt(number, "date", "没有“%(date)s”这一天", "日期按原样保留，请对照原件改正。", {"date": date})
        for number, text in kept
        for date in impossible_dates(text)
    )


def _numbers(kept: Lines, facts: Facts) -> list[Doubt]:
    """Cited documents whose numbers lost a part; the document's own number is told of with the facts."""
    return _first(
        Doubt(number, "document-number", "文号“%(number)s”缺了字", "请对照原件改正文号。", {"number": broken})
        for number, text in kept
        for broken in broken_numbers(text)
        if not (facts.document_number and broken in facts.document_number)
    )


def _script(facts: Facts, kept: Lines) -> list[Doubt]:
    """Traditional script where the law asks for simplified; offices of Hong Kong, Macao and Taiwan write as they do."""
    line = first_traditional(list(kept))
    if line is None or uses_traditional(f"{facts.issuing_bureau}{facts.title}"):
        return []
    advice = "正式文本应当用规范汉字。可以一键转为简体，只换字形，不换词语；转换后请通读一遍。"
    return [Doubt(line, "traditional", "全文是繁体字", advice)]


def _first(doubts: Iterable[Doubt]) -> list[Doubt]:
    """The first doubts of a kind: past fifty the file is ruined, and more would tell nobody anything."""
    return [doubt for doubt, _ in zip(doubts, range(_MOST_OF_A_KIND), strict=False)]
