"""References: [C-34] behind a sentence leads to the opinion it speaks of. Found, written, and checked."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from portal.reports.characters import shortened

#: a reference as it stands in a text, in brackets or in a table
REFERENCE = re.compile(r"(?<![A-Za-z0-9-])C-[1-9][0-9]{0,8}(?![0-9-])")
SHOWN = 12

_GROUP = r"(?:[\[［][^\]］\n]{0,400}[\]］])"
_SENTENCE = re.compile(rf"[^。！？!?；;\n]+(?:[。！？!?；;]+[”’」』）)]*)?(?:\s*{_GROUP})*|{_GROUP}", re.S)
_ABOUT_OPINIONS = re.compile(
    "意见|建议|认为|反映|提出|希望|要求|呼吁|主张|担心|担忧|质疑|询问|赞成|赞同|支持|反对|不同意|不赞成|"
    "群众|网民|公众|市民|居民|社会各界|有人|多数|少数|部分人|来信|来电|留言|企业|协会|商会|高校|院所|代表"
)


def sentences(words: str) -> list[str]:
    """The sentences of a text, each with the references that follow its stop."""
    return [found.group().strip() for found in _SENTENCE.finditer(words) if found.group().strip()]


def referred(words: str) -> list[str]:
    """The references in brackets in a text, in its order."""
    return [
        reference
        for group in re.findall(r"[\[［]([^\]］\n]*)[\]］]", words)
        for reference in REFERENCE.findall(group)
    ]  # fmt: skip


def unsupported(words: str, published: Collection[str]) -> Iterator[tuple[str, str]]:
    """The sentences that may not stand: each with the reference that leads nowhere, or with "" when it has none.

    A sentence that speaks of no opinion needs no reference.
    """
    for sentence in sentences(words):
        found = referred(sentence)
        lost = next((each for each in found if each not in published), None)
        if lost is not None:
            yield shortened(sentence, 40), lost
        elif not found and _ABOUT_OPINIONS.search(sentence):
            yield shortened(sentence, 40), ""


def bracketed(references: Sequence[str], shown: int = SHOWN) -> str:
    """[C-1、C-3、C-7], or the first of many and how many they are: [C-1、C-3、C-7等31条]."""
    if not references:
        return ""
    rest = f"等{len(references)}条" if len(references) > shown else ""
    return f"[{'、'.join(references[:shown])}{rest}]"


def pieces(words: str) -> list[tuple[str, bool]]:
    """A text cut at its references: (text, whether it is one)."""
    cut: list[tuple[str, bool]] = []
    at = 0
    for found in REFERENCE.finditer(words):
        if found.start() > at:
            cut.append((words[at : found.start()], False))
        cut.append((found.group(), True))
        at = found.end()
    if at < len(words):
        cut.append((words[at:], False))
    return cut
