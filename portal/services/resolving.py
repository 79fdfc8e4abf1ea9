"""From the words by which a letter names a clause to the clause of the published version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from portal.drafts.citations import Cited, cite
from portal.drafts.draft import Node
from portal.models import Clause, Consultation
from portal.services import lineage

#: how somebody names the whole draft
WHOLE = ("全文", "整体", "总体", "全稿", "通篇")
#: how a form says that a person chose the whole draft
WHOLE_LABEL = "*"


@dataclass(frozen=True, slots=True)
class Found:
    """What some words point at: one clause, the whole draft, or the clauses somebody has to choose from."""

    clause: Clause | None = None
    is_whole: bool = False
    candidates: tuple[Clause, ...] = ()
    #: nothing fits; the candidates are what is nearest
    is_nearest: bool = False

    @property
    def is_settled(self) -> bool:
        return self.clause is not None or self.is_whole


@dataclass(slots=True)
class Finder:
    """Finds clauses of one version; made once for many look-ups."""

    clauses: Sequence[Clause]
    _nodes: list[Node] = field(init=False)
    _known: dict[str, Cited] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._nodes = lineage.nodes_of(self.clauses)

    @classmethod
    def of(cls, consultation: Consultation) -> Finder:
        return cls(consultation.version.clauses)

    def find(self, words: str, chosen: str = "") -> Found:
        """The clause these words name. `chosen` is the label a person chose among the candidates."""
        plain = "".join(words.split()).strip("“”\"'《》：:。")
        if not plain or plain in WHOLE or chosen == WHOLE_LABEL:
            return Found(is_whole=True)
        cited = self._known.get(plain)
        if cited is None:
            cited = self._known[plain] = cite(self._nodes, plain)
        if cited.node is not None:
            return Found(self.clauses[cited.node])
        same = [clause for clause in self.clauses if plain in (clause.citation, clause.label)]
        if len(same) == 1:
            return Found(same[0])
        candidates = tuple(self.clauses[index] for index in (cited.candidates or cited.nearest)[:12])
        for clause in candidates:
            if clause.label == chosen:
                return Found(clause)
        return Found(candidates=candidates, is_nearest=not cited.candidates)
