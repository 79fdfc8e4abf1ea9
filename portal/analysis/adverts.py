"""What looks like an advertisement, or hides what it says. A hit only puts a comment earlier before a person's eyes."""

from __future__ import annotations

import re
import unicodedata

_LINK = re.compile(r"(?:https?://|www\.|\b[a-z0-9-]{2,40}\.(?:com|cn|net|top|xyz|vip|cc|shop)\b)", re.IGNORECASE)
_CONTACT = re.compile(
    r"(?:加|联系|添加).{0,4}(?:微信|威信|薇信|V信|vx|QQ|扣扣|群)|(?:微信|vx|QQ)号?[：:]?\s?[A-Za-z0-9_-]{5,20}",
    re.IGNORECASE,
)
_WARES = (
    "代写", "代发", "代开", "代办证", "办证", "发票", "贷款", "低息", "放款", "刷单", "兼职日结", "博彩", "彩票预测", "返利",
    "加急发表", "包过", "加盟", "批发", "优惠价", "限时", "扫码", "领取红包",
)  # fmt: skip
#: marks that show nothing, or turn the words around (rules/china F.2, TC-F04)
_HIDDEN = re.compile("[\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff\u00ad]")
_TAG = re.compile(r"<\s*(?:script|iframe|a|img|style|div)\b", re.IGNORECASE)


def is_suspicious(text: str) -> bool:
    """Whether a moderator should look at it before the others."""
    if _HIDDEN.search(text) or _TAG.search(text):
        return True
    plain = unicodedata.normalize("NFKC", text)
    wares = sum(word in plain for word in _WARES)
    contact = bool(_CONTACT.search(plain))
    return (
        wares >= 2 or (wares >= 1 and (contact or bool(_LINK.search(plain)))) or (contact and bool(_LINK.search(plain)))
    )
