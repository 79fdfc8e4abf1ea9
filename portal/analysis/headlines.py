"""What a point is called until somebody names it: a few words of the comment that stands for it.

A name has to be understood by a drafter who has read nothing else. Key phrases side by side (时限、公司、奖补) are not:
they tell the subject and not what is wanted. So the name is cut from the comment itself, at its commas and stops: the
part that says what is asked for and holds most of the key phrases of the point, without what leads up to it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_SENTENCES = re.compile(r"[^。！？!?；;\n]+[！？!?]?")
_COMMAS = re.compile(r"[，,：:]")
#: what leads up to a request and is no part of it
_LEAD = re.compile(
    r"^(?:[0-9一二三四五六七八九十]+[、.．]|例如|同时|另外|此外|因此|所以|但是?|而且|其实|还有|首先|其次|最后)?"
    r"(?:我们?|我会|我校|我厂|我公司|我单位|本人|大家|企业)?(?:强烈|真心|还是|也|都)?"
    r"(?:建议|希望|恳请|请问|请求|请|盼望?|要求|认为|觉得)(?:一下|能够?(?!不能|否)|可以|在本条|在?方案中?|尽快)?"
)
_ASKS = re.compile(
    r"建议|希望|恳请|应当|应该|必须|能不能|能否|可否|不赞成|不同意|反对|改为|改成|增加|补充|删去|取消|降低|提高|不如|"
    r"明确|规定|写明|公布|允许|纳入|太|过高|过低|偏|不应|不要|不得"
)
#: a wish in so many words; of a complaint, however loud, one does not know what to do about it
_REQUESTS = re.compile(
    r"建议|希望|恳请|请(?:在|将|把|对|于|增加|明确|补充|写明|公布|考虑)|应当|应该|能不能|能否|可否|改为|改成|由.{1,12}(?:提高|降低|调整|增加)到|"
    r"增加|补充|删去|取消|写明|公布|设立|不如"
)
_SELF = re.compile(r"我|俺|咱|你们|您")
_EMPTY = re.compile(
    r"^(?:谢谢|感谢|你好|您好|个人看法|供参考|希望采纳|请考虑|同志|如下|妥否|联系人|电话|邮箱|微信|今年)|一条$|如下$|以下意见|意见如下|反馈如下|已隐去|\*\*|@"
)
_SHORTEST, _FITTING, _LONGEST = 5, 18, 28


def headline(text: str, phrases: Sequence[str]) -> str:
    """A name for a point from the comment that stands for it and its key phrases; empty when nothing in it will do."""
    best, most = "", 0.0
    is_asking = requests(text)
    for sentence in _SENTENCES.findall(text):
        parts = [part.strip() for part in _COMMAS.split(sentence) if part.strip()]
        has_asked = False
        for at, part in enumerate(parts):
            has_asked = has_asked or _LEAD.match(part) is not None
            for size in (1, 2):
                whole = "，".join(parts[at : at + size])
                if at + size > len(parts):
                    break
                name = _LEAD.sub("", whole).strip("\"' 　")
                if not _SHORTEST <= len(name) <= _LONGEST or _EMPTY.search(name):
                    continue
                score = _score(whole, name, phrases, has_asked=has_asked)
                # of a comment that says what to do, what is wrong is the lesser part; 与其 is half a wish
                score -= 0.9 if is_asking and not (has_asked or requests(whole)) else 0.0
                score -= 2.0 if name.startswith("与其") and "不如" not in name else 0.0
                if score > most:
                    best, most = name, score
    return best.rstrip("，,、！!")


def asks(text: str) -> bool:
    """Whether a text says what is wanted, and not only how things are."""
    return _ASKS.search(text) is not None


def requests(text: str) -> bool:
    """Whether a text says what should be done: a point is best called by such a one."""
    return _REQUESTS.search(text) is not None


def title(text: str, phrases: Sequence[str]) -> str:
    """As headline(); the first key phrases, or how the comment begins, where nothing in it will do."""
    beginning = " ".join(text.split())
    cut = f"{beginning[:_LONGEST]}……" if len(beginning) > _LONGEST + 2 else beginning
    return headline(text, phrases) or "、".join(phrases[:3]) or cut


def _score(whole: str, name: str, phrases: Sequence[str], *, has_asked: bool) -> float:
    told = sum((0.8 - 0.12 * rank) * (1 + 0.1 * len(phrase)) for rank, phrase in enumerate(phrases) if phrase in name)
    score = 0.4 + told
    score += 2.2 if _LEAD.match(whole) else 0.9 if _ASKS.search(whole) else 0.3 if has_asked else 0.0
    score -= 0.9 * len(_SELF.findall(name))
    score -= 0.05 * max(0, len(name) - _FITTING)
    score -= 0.08 * max(0, 8 - len(name)) + (0.8 if name[0] in "由从" else 0)
    return score if name.count("“") == name.count("”") else score - 0.4
