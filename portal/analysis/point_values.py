"""What points are gathered from and what they are: values only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

#: argument: several people say it; single: one person does; approval, objection: yes or no and nothing else
Kind = Literal["argument", "single", "approval", "objection"]


#: in the text of a comment, what leads to the wording it proposes
PROPOSES = "\n建议改为："


@dataclass(frozen=True, slots=True)
class Comment:
    """What is gathered. `person` tells who spoke: two comments of one person make no point of two."""

    id: str
    clause: str
    text: str
    person: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """Somebody's word on two comments: that they make one argument, or that they do not."""

    one: str
    other: str
    is_together: bool


@dataclass(frozen=True, slots=True)
class Decisions:
    """What people decided. A later link outweighs an earlier one it contradicts, and a pin outweighs every link."""

    links: Sequence[Link] = ()
    pinned: Mapping[str, str] = field(default_factory=dict)  # comment → key of the point it belongs to
    names: Mapping[str, str] = field(default_factory=dict)  # key of a point → what people call it


@dataclass(frozen=True, slots=True)
class Point:
    """One argument on one clause. `key` stays the same as comments come; `name` is empty until somebody gives one."""

    key: str
    clause: str
    kind: Kind
    members: tuple[str, ...]
    representative: str
    key_phrases: tuple[str, ...]
    name: str = ""

    @property
    def size(self) -> int:
        return len(self.members)
