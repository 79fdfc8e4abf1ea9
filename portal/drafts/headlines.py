"""What the lines at the head of a document are: titles, fields of the page, numbers, dates, names of offices."""

from __future__ import annotations

import re
from collections.abc import Sequence

from portal.drafts.pages import is_chrome

TITLE_WORDS = (
    "规划|規劃|方案|意见|意見|办法|辦法|措施|条例|條例|规定|規定|细则|細則|通知|公告|公示|通告|计划|計劃|决定|決定|纲要|綱要|规则|規則|"
    "指南|规程|規程|制度|准则|準則|法|标准|標準|目录|目錄|若干政策|政策|预案|預案|导则|導則|清单|清單|章程|公约|解释|批复|报告|函|要点|决议|启事|说明|复函|办法（试行）"
)
_TITLE_END = re.compile(
    rf"(?:{TITLE_WORDS})(?:》)?(?:[（(〔\[][^（）()]{{1,24}}[）)〕\]])*(?:\s*[-—]\s*[^。]{{2,20}}(?:网站|门户|网))?$"
)
PROSE = re.compile(r"[。！？；]|，.*，|,.*,")
_FIELD_NAMES = (
    "索引号|索引號|主题分类|主題分類|体裁分类|體裁分類|发文机关|發文機關|发布机关|发布机构|發布機構|發佈機構|发布单位|成文日期|发文日期|发布日期|發布日期|發佈日期|"
    "发布时间|發布時間|發佈時間|发表时间|發表時間|公开日期|生成日期|生效日期|实施日期|失效日期|废止日期|标题|標題|名称|名稱|发文字号|發文字號|文号|文號|主题词|主題詞|关键词|"
    "统一编号|文件状态|有效性|信息分类|分类|服务对象|公开方式|公开时限|内容概述|来源|來源|信息来源|作者|浏览次数|瀏覽次數|瀏覽量|浏览量|字体|字體|字號|责任编辑|时效性|阅读次数|"
    "发布部门|公开范围|公开类别|所属主题|组配分类|责任部门|信息索引|规范性文件编号"
)
FIELD = re.compile(
    rf"(?:^|(?<=[\s|【\[　]))(?P<name>{'|'.join(r'[ 　]{0,4}'.join(n) for n in _FIELD_NAMES.split('|'))})\s*[:：]"
)
TITLE_FIELD = re.compile(r"(?:标\s*题|標\s*題|名\s*称|名\s*稱)\s*[:：]\s*\|?\s*([^|\t]{8,140})")
_DATE = re.compile(
    r"(?P<y>(?:19|20)\d{2})\s*[年./-]\s*(?P<m>\d{1,2})\s*(?:[月./-]\s*(?P<d>\d{1,2})\s*日?|月)|(?P<cy>二[〇○零Ｏ][一二三〇○零][一二三四五六七八九〇○零])\s*年"
)
_NUMBER_LINE = re.compile(
    r"^[（(]?[\u4e00-\u9fffA-Za-z]{1,16}[〔\[【（(]\s*(?:19|20)\d{2}\s*[〕\]】）)]?\s*\d{1,4}\s*[号號]?[）)]?$"
)
_BODY_NAME = re.compile(
    r"(?:人民政府|办公厅|辦公廳|办公室|辦公室|委员会|委員會|国务院|國務院|[部厅廳局委办院署会行处處]|中心|领导小组|党组|法院|检察院)$"
)
CONSULTS = re.compile(r"征求意见|征求意見|徵求意見|征集意见|公开征集|征求.{0,8}(?:意见|意見)|意见征集")
_NOTICE = re.compile(r"(?:公告|通知|公示|通告|启事|函)$|公开征求|公開征求|征求意见$")
_OPINIONS = re.compile(r"(?:征求|徵求|征集|反馈|反饋|提出|提交).{0,12}(?:意见|意見|建议|建議)|公示(?:期|时间|時間)")
ASKS = re.compile(
    r"征求意见|征求意見|徵求意見|公开征集|意见建议|(?:电话|電話|邮箱|郵箱|邮件|郵件|地址|邮编|传真|联系人|联系方式|通信地址)\s*[:：]|@[A-Za-z0-9]|反馈至|邮寄至"
)
ENACTED = re.compile(
    r"^[（(]?(?:\d{4}\s*年\s*\d+\s*月|根据\s*\d{4}\s*年|[（(]\d{4}\s*年\s*\d+\s*月|自?\s*\d{4}年\d{1,2}月\d{1,2}日起?\s*施行|发布之日施行|中华人民共和国(?:国务院|主席)?令)"
)


_FIELD_NAME = re.compile(rf"(?:{'|'.join(r'[ 　]{0,4}'.join(n) for n in _FIELD_NAMES.split('|'))})\s*[:：]?")


def fields_of_row(cells: Sequence[str]) -> str:
    """A row of the table of fields above a document as one line (索引号：… 文号：…); '' when the row is another."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    if not filled or not _FIELD_NAME.match(filled[0]):
        return ""
    if all(FIELD.match(cell) for cell in filled[::2]):
        return "\t".join(filled)
    names = [cell for cell in cells[::2] if cell.strip()]
    is_head = any(
        re.search("索\\s*引|文\\s*[号號]|字[号號]|日期|[机機][关關构構]|[题題裁]分[类類]", name) for name in names
    )
    if len(cells) % 2 == 0 and is_head and all(_FIELD_NAME.fullmatch(name.strip()) for name in names):
        pairs = zip(cells[::2], cells[1::2], strict=True)
        return "\t".join(f"{name.strip().rstrip(':：')}：{value.strip()}" for name, value in pairs if name.strip())
    return ""


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
        and all(len(name) <= 30 and _BODY_NAME.search(name) and not PROSE.search(name) for name in names if name)
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
    if is_menu(text) or not 4 <= len(text) <= 140 or PROSE.search(bare) or is_field_line(text) or is_chrome(text):
        return False
    return bool(_TITLE_END.search(text)) and not text.endswith(("：", ":"))


def is_notice_title(title: str) -> bool:
    """Whether a title is that of a notice: 公告, 通知, 公示 …"""
    return bool(_NOTICE.search(title))


def speaks_of_opinions(text: str) -> bool:
    """Whether a line is about hearing opinions, wherever it stands."""
    return bool(_OPINIONS.search(text))
