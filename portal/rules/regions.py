"""The list of regions a bureau offers (所在地区): read from what an administrator typed."""

from __future__ import annotations

import re

from portal.errors import NotValid
from portal.rules import plaintext

#: a city has some twenty districts and counties; a longer list asks for more than a statistic needs
MOST = 60
LONGEST = 20
#: what stands for those who did not say; a region of that name would be taken for it
NOT_GIVEN = "未填"
_RESERVED = frozenset({NOT_GIVEN, "不填", "合计"})
_BETWEEN = re.compile(r"[\n、，,；;]")


def listed(text: str) -> list[str]:
    """The regions in the order in which they were typed, one to a line or between commas.

    Raises NotValid for too many, for one too long, for one named twice and for a word that means none.
    """
    found: list[str] = []
    for part in _BETWEEN.split(plaintext.received(text)):
        name = plaintext.one_line(part, LONGEST, "地区名称", "regions")
        if not name:
            continue
        if name in _RESERVED:
            raise NotValid("“%(name)s”不能作为地区名称。不填的人会自动列为“未填”。", fault="regions", name=name)
        if name in found:
            raise NotValid("“%(name)s”写了两次，请去掉一个。", fault="regions", name=name)
        found.append(name)
    if len(found) > MOST:
        raise NotValid("最多%(most)s个地区，只列到区县一级即可。", fault="regions", most=MOST)
    return found
