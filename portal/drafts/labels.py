"""The address of a clause in its version: 四、（二）5. is 4-2-5, 第十五条 is a15, 专栏2 is box2."""

from __future__ import annotations

from collections import Counter

from portal.drafts.marks import Mark

_LONGEST = 40
_PREFIX = {"box": "box", "table": "table", "annex": "annex", "article": "a", "closing": "end", "attachments": "annexes"}


class Labels:
    """Gives every clause a label of digits, letters, points and hyphens, unique in the draft."""

    def __init__(self) -> None:
        self._used: set[str] = set()
        self._counts: Counter[str] = Counter()

    def label(self, kind: str, mark: Mark | None, above: str) -> str:
        """The label for a clause of this kind and mark below the clause labelled `above`."""
        prefix = _PREFIX.get(kind, "")
        if mark is not None and mark.number and any(mark.value):
            value = ".".join(str(part) for part in mark.value)
            name = prefix + value
        else:
            stem = prefix or "p"
            key = f"{above}/{stem}"
            self._counts[key] += 1
            name = f"{stem}{self._counts[key]}" if stem == "p" or self._counts[key] > 1 else stem
        alone = kind.startswith("dec") or (
            kind in {"article", "box", "table", "annex", "closing", "attachments"} and name != "box"
        )
        return self._unique(name if alone or not above else f"{above}-{name}")

    def _unique(self, label: str) -> str:
        label = label[: _LONGEST - 6].rstrip("-.")
        candidate = label
        count = 1
        while candidate in self._used:
            self._counts[f"={label}"] += 1
            count = self._counts[f"={label}"] + 1
            candidate = f"{label}.r{count}"
        self._used.add(candidate)
        return candidate
