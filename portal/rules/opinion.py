"""What an opinion is: no reason for withholding may be about one."""

from __future__ import annotations

#: words for what somebody thinks; whoever withholds for them censors
_OPINION = (
    "批评",
    "反对",
    "质疑",
    "不同意",
    "不赞成",
    "抱怨",
    "负面",
    "消极",
    "牢骚",
    "不满",
    "意见尖锐",
    "过激",
    "立场",
)
#: what is said of the draft or the office, not of a person
_NEGATED = ("不是", "除外", "不包括")


def is_about_opinion(words: str) -> bool:
    """Whether a reason would withhold a comment for its opinion. The nine items of the law name what is opposed: 反对宪法."""
    plain = words.replace("反对宪法", "")
    return any(word in plain for word in _OPINION) and not any(word in plain for word in _NEGATED)
