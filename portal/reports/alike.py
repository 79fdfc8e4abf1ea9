"""Comments that are told as one: the words most of them say, and how they and those who sent them differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from portal.reports.characters import one_line
from portal.reports.summary import CommentLine
from portal.rules.window import in_beijing
from portal.rules.words import Channel, LabelledEnum, RespondentKind


def letters(words: str) -> str:
    """The words without any space: what makes two wordings the same."""
    return "".join(words.split())


def most_said(lines: Sequence[CommentLine]) -> str:
    """The words of most of the comments, of equally many the first."""
    return Counter(line.body for line in lines).most_common(1)[0][0]


def wordings(lines: Sequence[CommentLine]) -> str:
    """文字6种，其中5条提出修改文字3种: in how many wordings they say it; empty when all say and propose the same.

    As with campaigns a text is what is said together with what is proposed.
    """
    texts = {(letters(line.body), letters(line.proposed_text)) for line in lines}
    proposals = [found for line in lines if (found := letters(line.proposed_text))]
    told = [f"文字{len(texts)}种"] if len(texts) > 1 else []
    if len(set(proposals)) > 1 or 0 < len(proposals) < len(lines):
        some = "" if len(proposals) == len(lines) else f"其中{len(proposals)}条提出"
        told.append(f"{some}修改文字{len(set(proposals))}种")
    return "，".join(told)


def people(lines: Sequence[CommentLine]) -> str:
    """Whose comments they are, as published: 张*, 张*等3人, 某公司等2个单位, 某公司等31个单位和个人."""
    citizens: dict[str, str] = {}
    units: dict[str, str] = {}
    for line in lines:
        name = one_line(line.respondent)
        if line.respondent_kind is RespondentKind.CITIZEN:
            citizens.setdefault(line.receipt_number, name)
        else:
            units.setdefault(name, name)
    count = len(citizens) + len(units)
    first = next(iter([*units.values(), *citizens.values()]))
    if count == 1:
        return first
    kind = "个单位和个人" if units and citizens else "个单位" if units else "人"
    return f"{first}等{count}{kind}"


def kinds(lines: Sequence[CommentLine]) -> str:
    """个人47条，企业3条: the comments by who sent them; of one kind only its name."""
    return _counted([line.respondent_kind for line in lines], RespondentKind)


def channels(lines: Sequence[CommentLine]) -> str:
    """网上45条，电子邮件5条: the comments by how they came; of one channel only its name."""
    return _counted([line.channel for line in lines], Channel)


def _counted(found: Sequence[LabelledEnum], members: Iterable[LabelledEnum]) -> str:
    many = Counter(found)
    if len(many) == 1:
        return found[0].label
    return "，".join(f"{member.label}{many[member]}条" for member in members if many[member])


def days(lines: Sequence[CommentLine]) -> str:
    """The Beijing day they came, or the first and the last: 2022-02-10至2022-03-01."""
    came = [in_beijing(line.received_at) for line in lines]
    first, last = f"{min(came):%Y-%m-%d}", f"{max(came):%Y-%m-%d}"
    return first if first == last else f"{first}至{last}"
