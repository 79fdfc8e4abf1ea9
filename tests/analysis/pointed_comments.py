"""The comments of our own in this folder with their true points, and how alike two ways of gathering are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from portal.analysis.points import Comment

FOLDER = Path(__file__).parent
FIRST = FOLDER / "points_first.txt"
SECOND = FOLDER / "points_second.txt"


def read(path: Path) -> tuple[list[Comment], dict[str, str]]:
    """The comments, and the true point of each by its id."""
    comments: list[Comment] = []
    truth: dict[str, str] = {}
    clause = point = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith(";"):
            continue
        if line.startswith("@ "):
            clause = line[2:]
        elif line.startswith("= "):
            point = f"{clause} {line[2:]}"
        else:
            identity = f"c{len(comments) + 1}"
            is_single = line.startswith("! ")
            comments.append(Comment(identity, clause, line.removeprefix("! ")))
            truth[identity] = f"{clause} {identity}" if is_single else point
    return comments, truth


def scores(truth: Mapping[str, str], found: Mapping[str, str]) -> dict[str, float]:
    """Pairwise and B-cubed precision, recall and F1."""
    both = Counter((truth[each], found[each]) for each in truth)
    by_truth, by_found = Counter(truth.values()), Counter(found[each] for each in truth)
    together = sum(n * (n - 1) for n in both.values())
    pairs = _f1(
        together / max(1, sum(n * (n - 1) for n in by_found.values())),
        together / max(1, sum(n * (n - 1) for n in by_truth.values())),
    )
    total = len(truth)
    cubed = _f1(
        sum(n * n / by_found[point] for (_, point), n in both.items()) / total,
        sum(n * n / by_truth[point] for (point, _), n in both.items()) / total,
    )
    return {f"pairwise {name}": value for name, value in pairs.items()} | {
        f"B-cubed {name}": value for name, value in cubed.items()
    }


def _f1(precision: float, recall: float) -> dict[str, float]:
    both = precision + recall
    return {"P": precision, "R": recall, "F1": 2 * precision * recall / both if both else 0.0}
