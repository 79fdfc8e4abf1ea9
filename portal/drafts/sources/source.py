"""What every kind of file is turned into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from portal.drafts.draft import Doubt
from portal.drafts.lines import Line
from portal.errors import Unreadable

LARGEST_FILE = 40 * 1024 * 1024
# Several times the longest code of law; what is longer is no draft, and reading it would keep others waiting.
LARGEST_TEXT = 1_000_000
MOST_LINES = 40_000


@dataclass(slots=True)
class Source:
    """Lines of a file, what was noticed while reading, and lines known to be the page's own (index → why)."""

    lines: list[Line]
    doubts: list[Doubt] = field(default_factory=list)
    page: dict[int, str] = field(default_factory=dict)


def within_limits(lines: Sequence[Line]) -> None:
    """Raises `Unreadable` when there is more to read than any draft would need."""
    if len(lines) > MOST_LINES or sum(len(line.text) + sum(map(len, line.cells)) for line in lines) > LARGEST_TEXT:
        raise too_much()


def too_much() -> Unreadable:
    """The refusal for a text no draft would need."""
    return Unreadable("这个文件的文字太多，不像是一份征求意见稿，请拆分后再上传。")
