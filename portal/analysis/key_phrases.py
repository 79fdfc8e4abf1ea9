"""What a point is about, in words that can be read: pieces of sentences, never pieces of words.

A sentence falls apart at its punctuation and at the small words between the others (的, 应当, 建议). What stands between
two such cuts is a phrase somebody wrote. A phrase names a point when several of its comments have it and others do not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from math import log

_CUT = re.compile(
    r"[^\u3400-\u9fffA-Za-z0-9%.]+|建议|希望|应当|应该|可以|能否|能不能|是否|对于|关于|因为|所以|但是|如果|而且|以及|已经|就是|都是|还是|不是|没有"
    "|我们|你们|他们|这个|这条|那个|什么|怎么|觉得|认为|比较|非常|请|的|了|和|与|及|或|在|对|把|被|将|让|给|从|由|到|等|也|都|就|还|又|再|太|很|吗|呢|吧|啊|不|要|是|有"
)
_LONGEST, _SHORTEST = 10, 2
_HAN_PAIR = re.compile(r"[\u3400-\u9fff]{2}")
_SAYS_NOTHING = frozenset("这样 一点 一些 时候 情况 问题 方面 进行 需要 现在 目前 本市 我市 全市 每年 大家 自己 别人 不够".split())


def key_phrases(inside: Sequence[str], outside: Sequence[str], most: int) -> tuple[str, ...]:
    """At most so many phrases of the texts inside, the most telling first; none is a part of another."""
    pieces = [_pieces(text) for text in inside]
    candidates = {piece for found in pieces for piece in found}
    if len(inside) > 1:
        candidates |= _shared(sorted(candidates))
    here = _spread(candidates, inside)
    least = 2 if len(inside) > 2 else 1
    told = {phrase: many for phrase, many in here.items() if many >= least}
    there = _spread(told, outside)
    scores = {
        phrase: many
        / len(inside)
        * log((2 + len(outside)) / (1 + there[phrase]))
        * (1 + log(len(phrase)))
        for phrase, many in told.items()
    }
    chosen: list[str] = []
    for phrase in sorted(scores, key=lambda each: (-scores[each], -len(each), each)):
        if not any(phrase in other or other in phrase for other in chosen):
            chosen.append(phrase)
            if len(chosen) == most:
                break
    return tuple(chosen)


def _pieces(text: str) -> set[str]:
    return {
        piece
        for piece in _CUT.split(text)
        if _SHORTEST <= len(piece) <= _LONGEST and _HAN_PAIR.search(piece) and piece not in _SAYS_NOTHING
    }


def _shared(pieces: Sequence[str]) -> set[str]:
    """Ends and beginnings that two pieces share: 人才公寓 of 企业人才公寓 and 人才公寓数量. Both have it at an edge."""
    edges: Counter[str] = Counter()
    for piece in pieces[:200]:
        for size in range(_SHORTEST, len(piece)):
            for part in {piece[:size], piece[-size:]}:
                edges[part] += 1
    found = {part for part, many in edges.items() if many > 1 and _HAN_PAIR.fullmatch(part[:2] or "")}
    # 发费 ends one piece and begins none: a part of a word. 研发费用 stands whole in more places than any part of it.
    return found


def _spread(phrases: object, texts: Sequence[str]) -> Counter[str]:
    spread: Counter[str] = Counter()
    for phrase in phrases:  # type: ignore[attr-defined]
        spread[phrase] = sum(phrase in text for text in texts)
    return spread
