"""What a point is about, in words that can be read: whole words as they stand beside each other, never pieces of words.

One to four words in a row are a phrase when neither its first nor its last is a small word (的, 应当, 建议). A phrase
names a point when several of its comments have it and the comments of other points do not. This is where words are
needed: cut at punctuation and small words alone, one phrase in nine was a torn word (标诊断 of 对标诊断).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from math import log

import rjieba

_NO_WORD = re.compile(r"[^\u3400-\u9fffA-Za-z0-9.%+-]")
_HAN_PAIR = re.compile(r"[\u3400-\u9fff]{2}")
_LONGEST, _MOST_WORDS, _FEW = 10, 4, 2
_SMALL_WORDS = (
    "建议 希望 应当 应该 可以 能否 可否 是否 对于 关于 因为 由于 所以 但是 不过 如果 而且 并且 以及 已经 就是 都是 还是 不是 没有 有的 我们 你们 "
    "他们 我 你 他 她 它 这 那 这个 这条 这些 那些 那个 什么 怎么 为什么 怎么办 多少 几个 觉得 认为 以为 比较 非常 十分 特别 实在 确实 根本 几乎 请 务必 的话 "
    "的 地 得 了 着 过 和 与 及 或 或者 在 对 把 被 将 让 使 给 从 由 自 到 等 也 都 就 还 又 再 太 很 更 最 才 只 吗 呢 吧 啊 呀 不 不要 不能 不应 不得 要 会 能 能够 "
    "是 有 以 为 于 之 其 所 者 该 各 每 某 此 本 来说 而言 之后 以后 以前 之前 时候 情况 问题 方面 进行 需要 现在 目前 今后 比如 例如 一个 一些 一点 "
    "一样 这样 那样 自己 别人 大家 有人 本市 我市 全市 每年 不够 适当 一定 必须 明确 写明 写清 规定 谁 哪些 哪里 上 下 中 里 外 按 按照 根据 通过 凭 比 跟 同 向 往 "
    "没 别 却 便 则 并 且 而 即 若 如 像 似的 起来 出来 下来 下去 过来 一律 一般 连 也许 可能 当然 甚至 其实 只有 只要 只是 只能 不如 一下 不了 不到 "
    "一 二 两 三 四 五 六 七 八 九 十 个 项 条 家 次 位 名 种 块 元 万 年 月 日 天 时"
)
_SMALL = frozenset(_SMALL_WORDS.split())
_GENERAL_WORDS = "提高 降低 增加 减少 延长 缩短 改为 改成 取消 加强 支持 同意 反对 企业 标准 条件 办法 政策 进一步 万元 亿元 要求 不同 开始 工作"
_TELLS_LITTLE = frozenset(_GENERAL_WORDS.split())


def key_phrases(inside: Sequence[frozenset[str]], spread: Mapping[str, int], total: int, most: int) -> tuple[str, ...]:
    """At most so many phrases of the texts inside, the most telling first; none is a part of another.

    The texts are given by their phrases; `spread` says how many of the `total` texts of the clause have each phrase.
    """
    here = Counter(phrase for phrases in inside for phrase in phrases)
    scores = {
        phrase: many
        * log((2 + total - len(inside)) / (1 + spread[phrase] - many))
        * (1 + log(len(phrase)))
        * (0.5 if phrase in _TELLS_LITTLE else 1)
        for phrase, many in here.items()
    }
    chosen: list[str] = []
    for phrase in sorted(scores, key=lambda each: (here[each] == 1, -scores[each], -len(each), each)):
        # What one comment alone says names the point only while nothing better does.
        if len(chosen) == most or (here[phrase] == 1 and len(chosen) >= _FEW):
            break
        if not any(_overlap(phrase, other) for other in chosen):
            chosen.append(phrase)
    return tuple(chosen)


def _overlap(one: str, other: str) -> bool:
    """Whether one is a part of the other, or they share three characters in a row: 居民楼50米以内, 离居民楼50米."""
    return one in other or other in one or any(one[at : at + 3] in other for at in range(len(one) - 2))


def phrases_in(text: str) -> frozenset[str]:
    """Every phrase a text could be named by."""
    words = rjieba.cut(text)
    ends = [word in _SMALL or _NO_WORD.search(word) is not None for word in words]
    found = set()
    for start, word in enumerate(words):
        if ends[start] or word.isascii():
            continue
        phrase = ""
        for at in range(start, min(start + _MOST_WORDS, len(words))):
            phrase += words[at]
            if ends[at] or len(phrase) > _LONGEST:
                break
            if len(phrase) > 1 and not phrase[-1].isdigit() and _HAN_PAIR.search(phrase):
                found.add(phrase)
    return frozenset(found)
