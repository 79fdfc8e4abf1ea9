"""What belongs to the page a draft was found on: page numbers, running heads, navigation, counters, footers, spam."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from portal.drafts.lines import Line
from portal.drafts.marks import marks_at
from portal.drafts.numerals import is_roman

_DECORATED = re.compile(
    r"^(?:[-—–－_~·•]+\s*(\d{1,4})\s*[-—–－_~·•]+|第\s*(\d{1,4})\s*[页頁](?:\s*[,，/]?\s*共\s*\d+\s*[页頁])?|(\d{1,4})\s*/\s*\d{1,4}"
    r"|[-—–－]\s*(\d{1,4}))$"
)
_BARE = re.compile(r"^\d(?:\s?\d){0,3}$")
# How many lines a page holds at least: a bare number nearer to the last page number is a cell of a table.
_SHORT_PAGE = 10

_CHROME = re.compile(
    r"^(?:【(?:打印|字体|字號|字号|关闭|收藏|来源|返回|分享)[^】]{0,16}】[\s|]*)+$"
    r"|^(?:【?(?:打\s*印|关闭|關閉|返回顶部|关闭窗口|收藏|分享(?:到)?|我要纠错|内容纠错|打印本页)】?[\s:：|]*)+$"
    r"|^【?字[体號号體][:：]?.{0,16}】?$|^[浏瀏][览覽](?:次数|次數|量|数)?[:：\s]*[\d-]*次?$|^阅读[次数量]*[:：]\s*\d*$"
    r"|^A\+?大|^[【\[]?(?:大|中|小)[】\]]?(?:\s+(?:大|中|小))*$"
    r"|扫一扫|掃一掃|(?:您|你)?(?:现在|目前|当前|當前|的|所在)+(?:的)?位置(?:[:：是]|$)"
    r"|^(?:上|下)一(?:篇|条|條|页)[:：]?|没有了$|^首页(?:\s|$|>|Home)|网站首页|設為首頁|设为首页|加入收藏"
    r"|版权所有|版權所有|Copyright|All\s+Rights|ICP备|ICP備|网站标识码|公网安备|网站地图|友情链接|技术支持[:：]"
    r"|^Produced\s+By|^主办[:：]|^主办单位[:：].{0,30}$|^承办单位[:：].{0,30}$|^[（(]?责任编辑[:：].{0,12}[）)]?$"
    r"|无障碍(?:阅读|浏览)?\s|长者助手|搜索热词|高级搜索|^政府信息公开\s+|^与我们联系$|^【(?:音频|图文|视频|一图)?(?:解读|读懂)】"
    r"|^【.{0,6}(?:政策解读|一图读懂|音频解读|图解)】|^【来源|^今天是\d|^点击查看|^相关(?:新闻|链接|文档|附件|阅读)$",
    re.IGNORECASE,
)
_LEGAL = re.compile(r"版权所有|版權所有|Copyright|All\s+Rights|ICP备|ICP備|网站标识码|公网安备|责任编辑", re.IGNORECASE)
# A line that opens the part of the page below the article: what follows is the page again.
_FOOT = re.compile(
    r"^(?:上|下)一(?:篇|条|條|页)[:：]|^[扫掃]一[扫掃]在?手[机機]|版权所有|版權所有|Copyright|ICP备|ICP備|网站标识码|^【返回顶部】|^网站地图"
    r"|^Produced\s+By|^主办(?:单位)?[:：]|^与我们联系$|^打印\s*关闭|^打印关闭|^【?打印(?:本页)?】?[\s|]*【?关闭(?:窗口)?】?$|^相关(?:链接|文档|阅读|新闻)$"
    r"|^分享到[:：]?$|^[浏瀏][览覽](?:次数|次數|量)[:：]\s*\d*$|^[（(]?责任编辑[:：]",
    re.IGNORECASE,
)
_SPAM = re.compile(
    r"[无無][码碼].{0,8}(?:区|區|视频|在线)|[亚亞]洲.{0,6}(?:AV|[无無][码碼]|精品|国产)|国产.{0,4}(?:精品|自拍|视频).{0,12}(?:区|在线|观看)|"
    r"一[区區]二[区區]三[区區]|(?:成人|色情|激情).{0,6}(?:视频|小说|网站|电影)|(?:博彩|百家乐|时时彩|娱乐城|赌场|六合彩).{0,10}(?:平台|开户|网|注册)|"
    r"代开发票|裸聊|约炮|免费.{0,4}(?:毛片|黄片)",
    re.IGNORECASE,
)
_ENDED = tuple("。；;：:！？!?”》）)」")


def page_number(text: str) -> str | None:
    """'- 12 -' → '12', 'II' → 'II'; None for a line that is no page number on its face."""
    match = _DECORATED.match(text)
    if match:
        return next(group for group in match.groups() if group)
    packed = re.sub(r"\s", "", text)
    return packed if _BARE.match(text) or (len(packed) < 6 and is_roman(packed)) else None


def page_furniture(lines: Sequence[Line], wrapped: bool) -> dict[int, str]:
    """Indexes of page numbers and running heads, with why. Bare numbers count only in a hard-wrapped text,
    in sequence and a page apart: elsewhere they are cells of a table."""
    furniture: dict[int, str] = {}
    filled = [i for i, line in enumerate(lines) if line.text]
    last_value, last_at, usual = 0, -_SHORT_PAGE, 0
    for order, i in enumerate(filled):
        text = lines[i].text
        if len(text) > 16:
            continue
        decorated = _DECORATED.match(text)
        number = page_number(text)
        if number is None:
            continue
        if decorated and (text.startswith("第") or text[-1] in "-—–－~·•_"):
            furniture[i] = "页码"
            last_value, last_at, usual = int(number), order, order - last_at
        elif wrapped and number.isdigit() and not text.startswith(("-", "—", "–", "－")):
            value = int(number)
            follows = value == last_value + 1 or (last_value == 0 and value < 4) or last_value < value < last_value + 3
            # A number that comes a page after the last one is a page number whatever stands around it.
            on_time = value == last_value + 1 and abs(order - last_at - usual) <= 3
            if follows and order - last_at >= _SHORT_PAGE and (on_time or not _in_cells(lines, filled, order)):
                furniture[i] = "页码"
                last_value, last_at, usual = value, order, order - last_at
        elif wrapped and not number.isdigit() and not _in_cells(lines, filled, order):
            furniture[i] = "页码"
    if furniture:
        furniture |= _running_heads(lines, filled, furniture)
    return furniture


def _in_cells(lines: Sequence[Line], filled: Sequence[int], order: int) -> bool:
    """Whether a number stands among cells: its neighbours on both sides are short and end no sentence."""
    around = [lines[filled[k]].text for k in (order - 2, order - 1, order + 1, order + 2) if 0 <= k < len(filled)]
    return bool(around) and sum(len(text) <= 10 and not marks_at(text) for text in around) >= max(2, len(around) - 1)


def _running_heads(lines: Sequence[Line], filled: Sequence[int], furniture: dict[int, str]) -> dict[int, str]:
    places = {i: order for order, i in enumerate(filled)}
    beside: Counter[str] = Counter()
    for i in furniture:
        for step in (-1, 1):
            k = places[i] + step
            if 0 <= k < len(filled) and filled[k] not in furniture:
                beside[lines[filled[k]].text] += 1
    # The title of the document at the head of its pages is known at sight.
    titles = {lines[i].text for i in filled[:10]}
    heads = {
        text
        for text, count in beside.items()
        if (count >= 3 or (count == 2 and text in titles)) and len(text) < 40 and not text.endswith(_ENDED)
    }
    found: dict[int, str] = {}
    for i in filled:
        if lines[i].text in heads:
            near = [filled[k] for k in (places[i] - 1, places[i] + 1) if 0 <= k < len(filled)]
            numbers = [k for k in near if k in furniture or _BARE.match(lines[k].text)]
            if numbers:
                # A number beside a running head is the page's, whatever its distance from the last.
                found |= {i: "页眉"} | {k: "页码" for k in numbers if k not in furniture}
    return found


def is_chrome(text: str) -> bool:
    """Whether a line is a button, a path, a counter or a footer of a web page."""
    if len(text) >= 160 or not _CHROME.search(text):
        return False
    # A sentence or a clause may speak of a site's map; a footer ends without a stop.
    return bool(_LEGAL.search(text)) or not (text.endswith(("。", "；")) or _is_clause(text))


def is_spam(text: str) -> bool:
    """Whether a line was put there by somebody who broke into the site."""
    return len(text) < 200 and bool(_SPAM.search(text))


def foot_of_page(lines: Sequence[Line], first: int) -> int:
    """Where the page begins again below the article; len(lines) when it does not."""
    end = len(lines)
    solid = 0
    cut = end
    for i in range(end - 1, first - 1, -1):
        text = lines[i].text
        if not text:
            continue
        if _FOOT.search(text) and len(text) < 160:
            cut = i
            solid = 0
            continue
        # Prose or clauses below the mark mean that the article goes on.
        if (len(text) > 25 and text.endswith(("。", "；")) and not is_chrome(text)) or (
            _is_clause(text, "num", "nump") and (_is_clause(text) or text.endswith(("。", "；")))
        ):
            solid += 1
            if solid >= 2 or cut == end:
                break
    return cut


def _is_clause(text: str, *more: str) -> bool:
    kinds = {"chapter", "section", "article", "cn", "cnp", "box", *more}
    return any(mark.kind in kinds for mark in marks_at(text)[:1])
