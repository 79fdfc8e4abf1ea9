"""What reading a draft gives: values only, so that any floor above may hold them."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Node:
    """One clause of a draft, as printed.

    `path` runs from the root and ends with this clause's own number; an unnumbered clause has an empty
    number and its parent's path. `text` holds the paragraphs that follow the heading (joined by newlines);
    `rows` holds the cells of a table. `label` is the address of the clause in its version, unique there.
    `line` counts from 1 in the text that was read.
    """

    kind: str
    number: str
    heading: str
    text: str
    path: tuple[str, ...]
    depth: int
    parent: int
    line: int
    label: str
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Responsibility:
    """Who answers for a clause: `role` as printed (责任部门, 牵头单位 …), the departments, the words they came from."""

    path: tuple[str, ...]
    role: str
    departments: tuple[str, ...]
    raw: str
    node: int


@dataclass(frozen=True, slots=True)
class Junk:
    """A line that belongs to the page the draft was found on, not to the draft."""

    line: int
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something an officer should settle: where, what, and what can be done.

    `what` is Chinese with %(name)s places, as a Refusal's sentence is: the page translates it, then fills the places.
    """

    line: int
    code: str
    what: str
    advice: str
    places: dict[str, object] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """What is doubtful, in Chinese with its places filled."""
        places = {name: "、".join(place) if isinstance(place, list) else place for name, place in self.places.items()}
        return self.what % places if places else self.what


@dataclass(frozen=True, slots=True)
class Facts:
    """What the notice says about the consultation; None or empty where it says nothing. Dates are ISO strings.

    `joint_bureaus` names every office that issues it together, the first of them being `issuing_bureau`.
    """

    title: str | None = None
    draft_title: str | None = None
    issuing_bureau: str | None = None
    drafting_bureau: str | None = None
    source: str | None = None
    document_number: str | None = None
    published_on: str | None = None
    opens_on: str | None = None
    closes_on: str | None = None
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    faxes: tuple[str, ...] = ()
    postal_addresses: tuple[str, ...] = ()
    postcodes: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    columns: dict[str, str] = field(default_factory=dict)
    joint_bureaus: tuple[str, ...] = ()
    is_window_for_comments: bool = True


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft that has been read: nodes in document order, the notice's facts, and every doubt."""

    facts: Facts
    nodes: tuple[Node, ...]
    responsibilities: tuple[Responsibility, ...]
    junk: tuple[Junk, ...]
    doubts: tuple[Doubt, ...]
    lines: tuple[str, ...]
    notice: str
