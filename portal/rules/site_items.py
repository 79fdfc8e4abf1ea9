"""What an administrator sets of the website: what the page calls each item and what it says when one is wrong."""

from __future__ import annotations

from dataclasses import dataclass

from portal.rules import site_numbers

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
    Item("postcode", "邮编", site_numbers.POSTCODE, "邮编是6位数字，请检查。"),
    Item("phone", "联系电话", site_numbers.PHONE, "电话只写数字和连接号，请检查，例如0999-5550100。"),
    Item(
        "site_code", "政府网站标识码", site_numbers.SITE_CODE, "政府网站标识码是10位数字（6位行政区划代码和4位顺序码），请检查。",
        "10位数字",
    ),
    Item(
        "icp", "ICP备案号", site_numbers.ICP, "ICP备案号有误，请检查，例如冀ICP备00000000号-1。",
        "首页必须标明。例如冀ICP备00000000号-1",
    ),
    Item(
        "police", "公安备案号", site_numbers.POLICE,
        "公安备案号有误，请检查，例如冀公网安备00000000000000号。", "例如冀公网安备00000000000000号",
    ),
    Item(
        "emblem", "党政机关网站标识", site_numbers.EMBLEM, "党政机关网站标识是32位编码，请从标识链接的id=后面复制。",
        "标识链接中id=后面的32位编码",
    ),
    Item("column_description", "栏目说明（ColumnDescription）"),
    Item("column_keywords", "栏目关键词（ColumnKeywords）", hint="用分号隔开"),
    Item(
        "promise_days", "审核时限（工作日）", r"[1-9]|[12][0-9]|30", "审核时限是1至30之间的整数，单位是工作日。",
        "收到意见后几个工作日内审核，写在公开的审核规则里；留空为2个工作日",
    ),
    Item("is_second_person_needed", "不予公开要由两人决定：一人提出，另一人确认", is_switch=True),
    Item("is_error_report_shown", "显示“政府网站找错”（需填写标识码）", is_switch=True),
    Item("is_ipv6_shown", "标明“本网站支持IPv6”", is_switch=True),
    Item("is_accessible_shown", "标明“无障碍、适老化”", is_switch=True),
    Item("is_registered_alone", "登记的来信来电由一人办理即可受理（不打勾的，由第二个人复核）", is_switch=True),
)  # fmt: skip
