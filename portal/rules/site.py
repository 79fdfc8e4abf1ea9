"""What a government website says of itself in the footer and the tags of every page.

(China rules D.4, D.5: 国办发〔2017〕47号 and the real footers it was checked against.)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from portal.rules import retention
from portal.rules.site_items import ITEMS

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
    #: working days within which a comment is moderated; empty for the usual
    promise_days: str = ""
    is_second_person_needed: bool = False
    is_error_report_shown: bool = False
    is_ipv6_shown: bool = False
    is_accessible_shown: bool = False
    #: not printed anywhere: whether what staff registered needs no second person
    is_registered_alone: bool = False
    #: days after the results until contact data is erased
    contact_days: int = retention.CONTACT.usual

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
    given["contact_days"] = retention.periods(values).contact
    return Site(**given)  # type: ignore[arg-type]
