"""Words taken out of what was frozen before: a summary or a published result is shown without them, and stays as it is.

Only texts that come from what people wrote, and from what staff wrote about it, are touched; figures, references and
the draft's own words are not.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from portal.reports.adoption import AdoptionTable
from portal.reports.adoption_groups import Group
from portal.reports.adoption_rows import AdoptionRow
from portal.reports.summary import (
    CampaignLine,
    ClauseSummary,
    CommentLine,
    Paragraph,
    PointLine,
    Since,
    Summary,
)

T = TypeVar("T")

#: the fields of each value in which such words can stand, or a value that has them
_FIELDS: dict[type, tuple[str, ...]] = {
    Summary: ("clauses", "campaigns", "narrative", "since"),
    ClauseSummary: ("comments", "points"),
    CommentLine: ("body", "proposed_text", "reason", "changed_text"),
    PointLine: ("title",),
    CampaignLine: ("title",),
    Paragraph: ("words",),
    Since: ("new_points", "grown_points"),
    AdoptionTable: ("rows", "groups", "letter"),
    AdoptionRow: ("subject", "comment", "reason", "changed"),
    Group: ("subject", "opinions", "reasons"),
}


def hidden(value: T, words: Mapping[str, str]) -> T:
    """The value with each of these words replaced by what stands for it; the value itself when there are none."""
    if not words:
        return value
    longest_first = dict(sorted(words.items(), key=lambda item: -len(item[0])))
    return cast(T, _hidden(value, longest_first))


def _hidden(value: Any, words: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        for each, shown in words.items():
            value = value.replace(each, shown)
        return value
    if isinstance(value, tuple):
        return tuple(_hidden(item, words) for item in value)
    names = _FIELDS.get(type(value))
    if names is None:
        return value
    return dataclasses.replace(value, **{name: _hidden(getattr(value, name), words) for name in names})
