"""What people said belongs together and apart, before any machine looks: a union-find that can also say no."""

from __future__ import annotations

from collections.abc import Hashable, Iterable


class Groups:
    """Groups of things. Two that were kept apart are never joined, and neither is what has been joined to them."""

    def __init__(self, things: Iterable[Hashable]) -> None:
        self._parent = {thing: thing for thing in things}
        self._foes: dict[Hashable, set[Hashable]] = {}

    def group_of(self, thing: Hashable) -> Hashable:
        while (parent := self._parent[thing]) != thing:
            self._parent[thing] = self._parent[parent]
            thing = self._parent[thing]
        return thing

    def join(self, one: Hashable, other: Hashable) -> bool:
        """Make one group of two; False, and nothing is done, when they were kept apart."""
        one, other = self.group_of(one), self.group_of(other)
        if one == other:
            return True
        if other in self._foes.get(one, ()):
            return False
        self._parent[other] = one
        for foe in self._foes.pop(other, set()):
            self._foes[foe].discard(other)
            self._keep(one, foe)
        return True

    def keep_apart(self, one: Hashable, other: Hashable) -> bool:
        """Never join two groups; False, and nothing is done, when they are one already."""
        one, other = self.group_of(one), self.group_of(other)
        if one == other:
            return False
        self._keep(one, other)
        return True

    def foes_of(self, thing: Hashable) -> frozenset[Hashable]:
        return frozenset(self._foes.get(self.group_of(thing), ()))

    def _keep(self, one: Hashable, other: Hashable) -> None:
        self._foes.setdefault(one, set()).add(other)
        self._foes.setdefault(other, set()).add(one)
