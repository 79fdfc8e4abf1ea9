"""What a government website says of itself: the items of the footer and of the page tags, and how each is written.

(China rules D.4, D.5: 国办发〔2017〕47号 and the real footers it was checked against.)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

_PROVINCES = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川蜀贵黔云滇藏陕甘陇青宁新"
#: how long one item may be
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Item:
    """One item an administrator sets: its key, what the page calls it, how it is written, what to say when it is not."""

    key: str
    name: str
    pattern: str = ""
    sentence: str = ""
    hint: str = ""
    is_switch: bool = False


ITEMS = (
    Item("name", "网站名称"),
    Item("owner", "主办单位"),
    Item("undertaker", "承办单位"),
    Item("address", "地址"),
    Item("postcode", "邮编", r"\d{6}", "邮编是6位数字，请检查。"),
    Item("phone", "联系电话", r"[\d\s()（）－-]{5,40}", "电话只写数字和连接号，请检查，例如0999-5550100。"),
    Item(
        "site_code", "政府网站标识码", r"\d{10}", "政府网站标识码是10位数字（6位行政区划代码和4位顺序码），请检查。",
        "10位数字",
    ),
    Item(
        "icp", "ICP备案号", rf"[{_PROVINCES}]ICP备\d{{8,10}}号(-\d+)?", "ICP备案号有误，请检查，例如冀ICP备00000000号-1。",
        "首页必须标明。例如冀ICP备00000000号-1",
    ),
    Item(
        "police", "公安备案号", rf"[{_PROVINCES}]公网安备\s*[:：]?\s*\d{{13,14}}号",
        "公安备案号有误，请检查，例如冀公网安备00000000000000号。", "例如冀公网安备00000000000000号",
    ),
    Item(
        "emblem", "党政机关网站标识", r"[0-9A-Fa-f]{32}", "党政机关网站标识是32位编码，请从标识链接的id=后面复制。",
        "标识链接中id=后面的32位编码",
    ),
    Item("column_description", "栏目说明（ColumnDescription）"),
    Item("column_keywords", "栏目关键词（ColumnKeywords）", hint="用分号隔开"),
    Item("is_error_report_shown", "显示“政府网站找错”（需填写标识码）", is_switch=True),
    Item("is_ipv6_shown", "标明“本网站支持IPv6”", is_switch=True),
    Item("is_accessible_shown", "标明“无障碍、适老化”", is_switch=True),
)  # fmt: skip

COLUMN_DESCRIPTION = "公开征求意见：公布正在起草的规划、办法和方案的征求意见稿，听取公众意见，公布意见采纳情况。"
COLUMN_KEYWORDS = "征求意见;意见征集;征集调查;意见采纳情况"


def faults(values: Mapping[str, str]) -> dict[str, str]:
    """The sentence for each item that is not written as it must be; an empty item is no fault."""
    found = {}
    for item in ITEMS:
        value = values.get(item.key, "")
        if value and item.pattern and not re.fullmatch(item.pattern, value):
            found[item.key] = item.sentence
    return found


@dataclass(frozen=True, slots=True)
class Site:
    """What the site says of itself; an item that was not set is empty."""

    name: str
    owner: str
    undertaker: str = ""
    address: str = ""
    postcode: str = ""
    phone: str = ""
    site_code: str = ""
    icp: str = ""
    police: str = ""
    emblem: str = ""
    column_description: str = COLUMN_DESCRIPTION
    column_keywords: str = COLUMN_KEYWORDS
    is_error_report_shown: bool = False
    is_ipv6_shown: bool = False
    is_accessible_shown: bool = False

    @property
    def police_link(self) -> str:
        """Where the public security record is shown."""
        number = "".join(character for character in self.police if character.isdecimal())
        return f"https://www.beian.gov.cn/portal/registerSystemInfo?recordcode={number}"

    @property
    def emblem_link(self) -> str:
        """Where the mark of a party or government website is shown."""
        return f"https://bszs.conac.cn/sitename?method=show&id={self.emblem}"

    def error_report_link(self, address: str) -> str:
        """Where a fault of the page at `address` is reported."""
        where = quote(address, safe="")
        return f"https://zfwzgl.www.gov.cn/exposure/jiucuo.html?site_code={self.site_code}&url={where}"


def site(values: Mapping[str, str], *, name: str, owner: str) -> Site:
    """The site of these settings; `name` and `owner` where they were not set."""
    given: dict[str, object] = {"name": name, "owner": owner}
    for item in ITEMS:
        if value := values.get(item.key, ""):
            given[item.key] = value == "1" if item.is_switch else value
    return Site(**given)  # type: ignore[arg-type]
