"""How the numbers a website shows in its footer are written: filings, codes, the mark of a government website."""

from __future__ import annotations

_PROVINCES = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川蜀贵黔云滇藏陕甘陇青宁新"

POSTCODE = r"\d{6}"
PHONE = r"[\d\s()（）－-]{5,40}"
SITE_CODE = r"\d{10}"
ICP = rf"[{_PROVINCES}]ICP备\d{{8,10}}号(-\d+)?"
POLICE = rf"[{_PROVINCES}]公网安备\s*[:：]?\s*\d{{13,14}}号"
EMBLEM = r"[0-9A-Fa-f]{32}"
