"""What stands before the first clause: the page's fields, titles, the notice, and where the draft itself begins."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from portal.drafts.clauses import Segment
from portal.drafts.lines import squeezed
from portal.drafts.pages import is_chrome

TITLE_WORDS = (
    "规划|規劃|方案|意见|意見|办法|辦法|措施|条例|條例|规定|規定|细则|細則|通知|公告|公示|通告|计划|計劃|决定|決定|纲要|綱要|规则|規則|"
    "指南|规程|規程|制度|准则|準則|法|标准|標準|目录|目錄|若干政策|政策|预案|預案|导则|導則|清单|清單|章程|公约|解释|批复|报告|函|要点|决议|启事|说明|复函|办法（试行）"
)
_TITLE_END = re.compile(
    rf"(?:{TITLE_WORDS})(?:》)?(?:[（(〔\[][^（）()]{{1,24}}[）)〕\]])*(?:\s*[-—]\s*[^。]{{2,20}}(?:网站|门户|网))?$"
)
_PROSE = re.compile(r"[。！？；]|，.*，|,.*,")
_FIELD_NAMES = (
    "索引号|索引號|主题分类|主題分類|体裁分类|體裁分類|发文机关|發文機關|发布机关|发布机构|發布機構|發佈機構|发布单位|成文日期|发文日期|发布日期|發布日期|發佈日期|"
    "发布时间|發布時間|發佈時間|发表时间|公开日期|生成日期|生效日期|实施日期|失效日期|废止日期|标题|標題|名称|名稱|发文字号|發文字號|文号|文號|主题词|主題詞|关键词|"
    "统一编号|文件状态|有效性|信息分类|分类|服务对象|公开方式|公开时限|内容概述|来源|來源|信息来源|作者|浏览次数|瀏覽次數|瀏覽量|浏览量|字体|字體|字號|责任编辑|时效性|阅读次数|"
    "发布部门|公开范围|公开类别|所属主题|组配分类|责任部门|信息索引|规范性文件编号"
)
FIELD = re.compile(
    rf"(?:^|(?<=[\s|【\[　]))(?P<name>{'|'.join(r'[ 　]{0,4}'.join(n) for n in _FIELD_NAMES.split('|'))})\s*[:：]"
)
_TITLE_FIELD = re.compile(r"(?:标\s*题|標\s*題|名\s*称|名\s*稱)\s*[:：]\s*\|?\s*([^|\t]{8,140})")
_DATE = re.compile(
    r"(?P<y>(?:19|20)\d{2})\s*[年./-]\s*(?P<m>\d{1,2})\s*(?:[月./-]\s*(?P<d>\d{1,2})\s*日?|月)|(?P<cy>二[〇○零Ｏ][一二三〇○零][一二三四五六七八九〇○零])\s*年"
)
_NUMBER_LINE = re.compile(
    r"^[（(]?[\u4e00-\u9fffA-Za-z]{1,16}[〔\[【（(]\s*(?:19|20)\d{2}\s*[〕\]】）)]?\s*\d{1,4}\s*号?[）)]?$"
)
_BODY_NAME = re.compile(
    r"(?:人民政府|办公厅|辦公廳|办公室|辦公室|委员会|委員會|国务院|國務院|[部厅廳局委办院署会行处處]|中心|领导小组|党组|法院|检察院)$"
)
CONSULTS = re.compile(r"征求意见|征求意見|徵求意見|征集意见|公开征集|征求.{0,8}(?:意见|意見)|意见征集")
_ASKS = re.compile(
    r"征求意见|征求意見|徵求意見|公开征集|意见建议|(?:电话|電話|邮箱|郵箱|邮件|郵件|地址|邮编|传真|联系人|联系方式|通信地址)\s*[:：]|@[A-Za-z0-9]|反馈至|邮寄至"
)
_ENACTED = re.compile(
    r"^[（(]?(?:\d{4}\s*年\s*\d+\s*月|根据\s*\d{4}\s*年|[（(]\d{4}|自?\s*\d{4}年\d{1,2}月\d{1,2}日起?\s*施行|发布之日施行|中华人民共和国(?:国务院|主席)?令)"
)


@dataclass(slots=True)
class Front:
    """Segments before the draft: `titles` (index, title, last index), where the draft's own words begin, what is chrome."""

    titles: list[tuple[int, str, int]] = field(default_factory=list)
    begin: int = 0
    draft_title: str | None = None
    title: str | None = None
    notice_from: int = 0
    chrome: list[int] = field(default_factory=list)
    fields: list[int] = field(default_factory=list)


def is_date_line(text: str) -> bool:
    """Whether a line holds a date and nothing else, as under a signature."""
    match = _DATE.search(text)
    if match is None:
        return False
    return len(text) <= 24 and re.sub(r"[\d\s年月日./:：\-—一二三四五六七八九十〇○零Ｏ印发期布（）()]", "", text) == ""


def is_number_line(text: str) -> bool:
    """Whether a line is a document number alone, whole or damaged."""
    return bool(_NUMBER_LINE.match(text)) and len(text) <= 40


def is_body_name(text: str) -> bool:
    """Whether a line names one or several offices and says nothing more."""
    names = re.split(r"[\s、]+", text.strip())
    return (
        len(text) <= 80
        and bool(names)
        and all(len(name) <= 30 and _BODY_NAME.search(name) and not _PROSE.search(name) for name in names if name)
    )


def is_field_line(text: str) -> bool:
    """Whether a line holds fields of the page (索引号：… 发布日期：…) rather than prose."""
    return len(text) < 300 and bool(FIELD.search(text)) and not text.endswith(("。", "；"))


def is_menu(text: str) -> bool:
    """Whether a line is a row of short words, as a site's navigation leaves it."""
    words = text.replace("|", " ").replace("·", " ").split()
    return len(words) >= 3 and all(len(word) <= 9 for word in words) and not re.search(r"[。，；：:]|\d{4}", text)


def is_title(text: str) -> bool:
    """Whether a line can be the title of a document."""
    bare = re.sub(r"《[^》]*》", "《》", text)
    if is_menu(text) or not 4 <= len(text) <= 140 or _PROSE.search(bare) or is_field_line(text) or is_chrome(text):
        return False
    return bool(_TITLE_END.search(text)) and not text.endswith(("：", ":"))


def read_front(parts: Sequence[Segment], first: int) -> Front:
    """The segments before the first clause at `first` in; what they are out."""
    front = Front()
    front.titles = _titles(parts, first)
    titles = front.titles
    if titles:
        front.title = titles[0][1]
        last = titles[-1]
        own = [t for t in titles if not _announces(t[1])]
        notices = [t for t in titles if _announces(t[1])]
        front.title = (notices or titles)[0][1]
        front.notice_from = titles[0][0]
        if notices and own and own[-1][0] > notices[0][0]:
            front.draft_title = own[-1][1]
            front.begin = own[-1][2] + 1
        elif own and not notices:
            front.draft_title = own[-1][1]
            front.begin = last[2] + 1
        else:
            front.begin = last[2] + 1
    front.begin = _past_fields(parts, front, first)
    if front.draft_title is None and CONSULTS.search(front.title or ""):
        front.begin = _end_of_notice(parts, front, first)
    for k in range(min(front.begin, len(parts))):
        text = parts[k].paragraph.text
        if is_field_line(text) or is_date_line(text) or is_number_line(text):
            front.fields.append(k)
        elif k < front.notice_from or is_chrome(text):
            front.chrome.append(k)
    return front


def _end_of_notice(parts: Sequence[Segment], front: Front, first: int) -> int:
    """A notice without the draft's own title: its words go as far as it asks for opinions and says where to."""
    end = front.begin
    for k in range(front.begin, min(first, front.begin + 30)):
        text = parts[k].paragraph.text
        if _ASKS.search(text) and not (len(text) > 400 and k > front.begin + 3):
            end = k + 1
    return end


def _matching_field(parts: Sequence[Segment], first: int) -> list[tuple[int, str, int]]:
    """The lines that together say what the page's field 标题 says: a title may be broken anywhere."""
    wanted = ""
    for part in parts[:first]:
        match = _TITLE_FIELD.search(part.paragraph.text)
        if match:
            wanted = squeezed(match[1])
            break
    if len(wanted) < 8:
        return []
    for start in range(first):
        whole = ""
        for end in range(start, min(start + 5, first)):
            whole += squeezed(parts[end].paragraph.text)
            if whole == wanted:
                return [(start, whole, end)]
            if not wanted.startswith(whole):
                break
    return []


def _announces(title: str) -> bool:
    """Whether a title is a notice about a draft and not the draft's own."""
    bare = re.sub(r"[（(]征求意[见見]稿[）)]", "", re.sub(r"《[^》]*》", "《》", title))
    return bool(re.search(r"(?:公告|通知|公示|通告|启事|函)$|公开征求|公開征求|征求意见$|印发|印發|转发|轉發", bare))


def _titles(parts: Sequence[Segment], first: int) -> list[tuple[int, str, int]]:
    found: list[tuple[int, str, int]] = []
    k = 0
    known = _matching_field(parts, first)
    while k < first:
        text = parts[k].paragraph.text
        if known and k == known[0][0]:
            found += known
            k = known[0][2] + 1
            continue
        if parts[k].mark is not None or parts[k].paragraph.cells or len(text) > 140 or is_chrome(text):
            k += 1
            continue
        if is_title(text) and not text.startswith("《"):
            start = _title_start(parts, k)
            whole = "".join(parts[j].paragraph.text for j in range(start, k + 1))
            end = k
            if k + 1 < first and _goes_on(parts[k + 1].paragraph.text):
                end = k + 1
                whole += parts[end].paragraph.text
                if end + 1 < first and _goes_on(parts[end + 1].paragraph.text):
                    end += 1
                    whole += parts[end].paragraph.text
            found.append((start, whole, end))
            k = end + 1
            continue
        k += 1
    if not found and first > 0:
        found = _by_place(parts, first)
    return found


def _by_place(parts: Sequence[Segment], first: int) -> list[tuple[int, str, int]]:
    """No line ends like a title: the first short line that is no field, button or prose."""
    for k in range(min(first, 12)):
        text = parts[k].paragraph.text
        if 6 <= len(text) <= 80 and not _PROSE.search(text) and not is_chrome(text) and not is_field_line(text):
            if text.endswith(("：", ":")) or is_date_line(text) or is_number_line(text):
                continue
            return [(k, text, k)]
    return []


def _goes_on(text: str) -> bool:
    """A line under the title that belongs to it: （2021年-2035年）, （征求意见稿）."""
    return (
        (bool(re.match(r"^[（(〔][^。；]{2,20}[）)〕]$", text))
        and not _ENACTED.match(text))
        or text in {"若干措施", "的通知"}
    )


def _title_start(parts: Sequence[Segment], end: int) -> int:
    """A title may be broken over lines: take in what goes before as long as it cannot stand alone."""
    start = end
    while start > 0 and end - start < 3:
        before, here = parts[start - 1].paragraph.text, parts[start].paragraph.text
        if parts[start - 1].mark is not None or parts[start - 1].paragraph.cells or is_chrome(before):
            break
        if is_field_line(before) or is_date_line(before) or is_number_line(before) or is_title(before):
            break
        if before.endswith(("：", ":", "。")) or _PROSE.search(before) or len(before) > 70:
            break
        broken = ("关于" in before or "關於" in before or "關于" in before) and not here.startswith(
            ("关于", "關於", "關于")
        )
        signed = here.startswith(("关于", "關於", "關于")) and is_body_name(before)
        if not broken and not signed:
            break
        start -= 1
    return start


def _past_fields(parts: Sequence[Segment], front: Front, first: int) -> int:
    """Below the title may stand the number, dates, fields and 题注 before the words of the draft begin."""
    k = front.begin
    while k < first:
        text = parts[k].paragraph.text
        if (
            is_field_line(text)
            or is_date_line(text)
            or is_number_line(text)
            or (is_chrome(text) and len(text) < 80)
            or (_ENACTED.match(text) and len(text) < 300 and not text.endswith("。"))
            or (is_body_name(text) and k + 1 < first and is_date_line(parts[k + 1].paragraph.text))
            or text in {"-", "|", "打印"}
        ):
            k += 1
            continue
        break
    return k
