"""What a comment says, apart from how it says it: the features by which arguments are compared.

People who want the same write 30万太高了, 门槛偏高 and 建议降到15万. Figures are brought to one spelling, everyday
synonyms to one word, and the words every comment has (建议, 希望, 我们) fall away. What remains are single characters and
pairs of them: segmenting into words gained nothing over that (bench/points.py), so no dictionary is needed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Literal

PlainStance = Literal["approval", "objection"]

# ── figures ───────────────────────────────────────────────────────────────────────────────────────────

_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_TENS = {"十": 10, "百": 100, "千": 1000}
UNITS = (
    "万元|亿元|个百分点|万|亿|%|‰|成|倍|个月|个工作日|工作日|分钟|小时|年|月|周|日|天|时|点|元|块|家|户|个|项|处|套|次|人|名|件|"
    "平方米|公里|米|吨|岁"
)
SAME_UNIT = {"万元": "万", "亿元": "亿", "点": "时", "天": "日", "块": "元", "名": "人", "个工作日": "工作日"}
_SPOKEN = re.compile(rf"([零〇一二三四五六七八九两十百千]{{1,7}})(?=(?:{UNITS}))")
_FIGURE = re.compile(rf"(?P<value>[0-9]+(?:\.[0-9]+)?)\s?(?P<unit>{UNITS})?")


def in_digits(text: str) -> str:
    """Spoken numbers before a unit as digits: 五年 is 5年, 两万元 is 2万元, 百分之二十 is 20%."""
    text = re.sub(r"百分之([零〇一二三四五六七八九两十百点0-9.]{1,7})", lambda m: f"{_spoken(m[1])}%", text)
    return _SPOKEN.sub(lambda match: _spoken(match[1]), text)


def _spoken(number: str) -> str:
    if "点" in number:
        whole, _, part = number.partition("点")
        return f"{_spoken(whole)}.{''.join(str(_DIGITS.get(each, each)) for each in part)}"
    if not any(each in _TENS for each in number):
        return "".join(str(_DIGITS.get(each, each)) for each in number)
    total, digit = 0, 0
    for each in number:
        if each in _TENS:
            total += (digit or 1) * _TENS[each]
            digit = 0
        else:
            digit = _DIGITS[each]
    return str(total + digit)


# ── words ─────────────────────────────────────────────────────────────────────────────────────────────

_MORE, _LESS = "升", "降"
_SYNONYMS = (
    (
        _MORE,
        "提高 提升 上调 调高 调升 增加 增大 加大 加高 扩大 上浮 增至 增到 提到 涨到 高一点 再高些 多一点 多一些 翻倍 翻番",
    ),
    (
        _LESS,
        "降低 下调 调低 调减 减少 减低 放低 降到 降至 减到 减至 缩减 缩小 压减 压低 降下来 低一点 再低 少一点 少一些",
    ),
    ("缩短", "减短 压缩"),
    ("延长", "放长 延至 延到 延后 推迟"),
    ("放宽", "放开 宽松 宽一点 松一点"),
    ("太高", "过高 偏高 太贵 过贵 太重 过重"),
    ("太少", "太低 过低 偏低 过少 偏少 少了 太小 过小 偏小 小了 低了 不够用 不够 不足 杯水车薪 僧多粥少"),
    ("太短", "过短 偏短 短了"),
    ("太长", "过长 偏长 长了 漫长"),
    ("补", "补贴 补助 资助 奖补 奖励 奖金 津贴"),
    ("程序", "手续 流程 环节"),
    ("繁", "繁琐 繁杂 复杂 麻烦"),
    ("公开", "公示 公布 晒出来 透明"),
    ("监管", "监督 管理 督查 巡查 抽查 检查"),
    ("条件", "门槛 要求 标准 资格"),
    ("不当", "不合理 不公平 不公正 不现实 不科学 苛刻 严厉 一刀切"),
    ("删", "取消 删去 删除 删掉 去掉 废止"),
    ("期", "期限 年限 时限 限期"),
    ("企业", "公司"),
    ("商户", "商家 店家 经营者 个体户"),
    ("付", "兑现 拨付 到账 发放 下发 拨下来 发钱"),
    ("叠加", "同时享受 重复享受"),
    ("孩", "孩子 子女 小孩 儿童"),
    ("老人", "老年人 老人家"),
    ("住户", "居民 业主 邻居 邻里"),
    ("噪音", "噪声 吵闹"),
    ("费", "费用 收费 价格 价钱"),
    ("罚", "处罚 惩罚 罚款 惩处"),
    ("写明", "明确 写清 界定 说明 细化 注明"),
    ("网上", "线上 在线"),
    ("假", "虚假 造假 弄虚作假 虚构"),
)
_FILLERS = (
    "建议 希望 应该 应当 能不能 可不可以 是否 可以 我们 你们 他们 这个 这条 那个 这些 那些 一些 一个 什么 怎么 因为 所以 但是 如果 "
    "而且 以及 已经 还是 就是 都是 不是 没有 有的 的话 觉得 认为 比较 非常 实在 确实 进行 相关 有关 方面 问题 情况 目前 现在 能够 "
    "请 我 你 他 对于 关于 根据 本条 该条 本市 我市 全市 贵局 贵单位 谢谢 感谢 意见"
)
_REPLACED = {each: word for word, others in _SYNONYMS for each in others.split()} | dict.fromkeys(_FILLERS.split(), " ")
_REPLACE = re.compile("|".join(sorted(map(re.escape, _REPLACED), key=lambda word: (-len(word), word))))
_FUNCTION_WORDS = frozenset(
    "的了是在和与及或对都也就还要能把被给让使有很太再又以到从由于之将吗呢吧啊么着过而且但所其则各等者这那们些"
)
_RUN = re.compile(r"[\u3400-\u9fff]+|[a-z0-9]{2,}")


def folded(text: str) -> str:
    """Full-width forms to half, lower case."""
    return unicodedata.normalize("NFKC", text).lower()


def plain(text: str) -> str:
    """The text with figures, synonyms and fillers brought to one form."""
    return _REPLACE.sub(lambda match: _REPLACED[match[0]], in_digits(folded(text)))


def features(words: str) -> Iterator[str]:
    """Of a text made `plain`: characters, pairs of them, words of letters, figures; each as often as it stands there."""
    for match in _FIGURE.finditer(words):
        unit = SAME_UNIT.get(match["unit"], match["unit"]) if match["unit"] else ""
        # A figure of the clause says which of its sentences is meant: it weighs as much as two words.
        yield from (f"#{match['value']}{unit}",) * 2
        if unit:
            yield f"#{unit}"
    for run in _RUN.findall(_FIGURE.sub(" ", words)):
        if run[0].isascii():
            yield run
            continue
        kept = [character not in _FUNCTION_WORDS for character in run]
        for at, character in enumerate(run):
            if kept[at]:
                yield character
                if at + 1 < len(run) and kept[at + 1]:
                    yield run[at : at + 2]


# ── direction ─────────────────────────────────────────────────────────────────────────────────────────

_WANTS_MORE = re.compile(f"{_MORE}|延长|放宽|太少|太短")
_WANTS_LESS = re.compile(f"{_LESS}|缩短|太高|太长")
_AGAINST = re.compile("反对|不同意|不赞成|不支持|没有?必要|删|禁止|凭什么|不应|不宜|不得|不要再")


def direction(words: str) -> tuple[int, bool]:
    """Of a text made `plain`: 1 when more is wanted, -1 when less, 0 when neither or both; whether it speaks against."""
    more, less = _WANTS_MORE.search(words) is not None, _WANTS_LESS.search(words) is not None
    return more - less, _AGAINST.search(words) is not None


_YES = "支持|同意|赞成|赞同|拥护|认可|点赞|无修改意见|很好|挺好|非常好|好事|好政策|有必要|早就该这样|没毛病|好|可以|可行|没有?(?:其他|任何|什么)?(?:意见|异议)|无(?:意见|异议)?|ok"
_NO = "反对|不同意|不赞成|不赞同|不支持|不认可|不好|不可行|不行"
_AROUND = (
    "总体|完全|坚决|非常|十分|全力|强烈|表示|举双手|我们?|本人|个人|对此|这一?条|本条|此条|该条|这个?|方案|措施|规定|条款|政策|政府"
    "|工作|内容|上述|以上|这样|规定|经研究|我会|我单位|我公司|大力|很|太|都|的|了|啊|呀|吧|哦|哈"
)
_EMPTY = {
    "approval": re.compile(rf"(?:{_AROUND})*(?:(?:{_YES})(?:{_AROUND})*)+"),
    "objection": re.compile(rf"(?:{_AROUND})*(?:(?:{_NO})(?:{_AROUND})*)+"),
}


# 支持创新券: yes to something, and nothing about it.
_YES_TO = re.compile(
    r"(?:很|非常|坚决|完全)?(?:支持|赞成|赞同|同意|拥护|点赞)(?!.*(?:但|建议|希望|应|不|请|太|能|只|要|先|多|少|增|提|改|[0-9]))\w*"
)


def plain_stance(text: str) -> PlainStance | None:
    """`approval` for 支持 and 没有意见, `objection` for 坚决反对: comments that say yes or no and nothing else."""
    words = re.sub(r"[\W_]+", "", folded(text))
    if not words or len(words) > 24:
        return None
    if _EMPTY["approval"].fullmatch(words) or (len(words) <= 12 and _YES_TO.fullmatch(words)):
        return "approval"
    return "objection" if _EMPTY["objection"].fullmatch(words) else None
