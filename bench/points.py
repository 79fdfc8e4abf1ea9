"""`python -m bench.points [MESSAGES.jsonl]`: how well comments are gathered into points, and how fast.

The baseline is single-link clustering of TF-IDF vectors of character 1- to 3-grams, at the threshold that suits it best
on each set. Ours has one threshold, chosen on the first set. A JSONL file of labelled messages may be measured as well:
its labels are broad subjects, not points, so that low recall is to be expected there; beside it stand one heap of all,
and ours at a threshold chosen there, as the baseline's is.
"""

from __future__ import annotations

import json
import random
import resource
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from portal.analysis import clause_points
from portal.analysis.points import Comment, gather
from portal.analysis.vectors import rarity, vectors
from tests.analysis import pointed_comments

COLUMNS = ("pairwise P", "pairwise R", "pairwise F1", "B-cubed P", "B-cubed R", "B-cubed F1")


def line(name: str, scores: Mapping[str, float], note: str = "") -> None:
    print(f"{name:<34}" + "".join(f"{scores[column]:>13.3f}" for column in COLUMNS) + f"   {note}", flush=True)


def single_link(comments: list[Comment], truth: Mapping[str, str]) -> tuple[dict[str, float], float]:
    by_clause: dict[str, list[Comment]] = defaultdict(list)
    for comment in comments:
        by_clause[comment.clause].append(comment)
    likeness = {}
    for clause, found in by_clause.items():
        counts = [grams("".join(filter(str.isalnum, comment.text))) for comment in found]
        rows = vectors(counts, rarity(counts))
        likeness[clause] = rows @ rows.T
    best: tuple[dict[str, float], float] = ({}, 0.0)
    for threshold in np.arange(0.02, 0.6, 0.02):
        found_point = {}
        for clause, found in by_clause.items():
            home = connected(likeness[clause] >= threshold)
            found_point |= {comment.id: f"{clause}/{home[at]}" for at, comment in enumerate(found)}
        scores = pointed_comments.scores(truth, found_point)
        if not best[0] or scores["pairwise F1"] + scores["B-cubed F1"] > best[0]["pairwise F1"] + best[0]["B-cubed F1"]:
            best = scores, float(threshold)
    return best


def grams(text: str) -> Counter[str]:
    # "\0" keeps pairs from being weighed as ours are: the baseline is the plain one.
    return Counter(text[at : at + size] + "\0\0" for size in (1, 2, 3) for at in range(len(text) - size + 1))


def connected(near: np.ndarray) -> list[int]:
    home = [-1] * len(near)
    for start in range(len(near)):
        if home[start] >= 0:
            continue
        stack = [start]
        while stack:
            at = stack.pop()
            if home[at] < 0:
                home[at] = start
                stack += [int(other) for other in np.flatnonzero(near[at]) if home[other] < 0]
    return home


def measured(name: str, comments: list[Comment], truth: Mapping[str, str]) -> None:
    scores, threshold = single_link(comments, truth)
    line(f"{name}: single link", scores, f"its best threshold, {threshold:.2f}")
    found = gather(comments)
    ours = {member: point.key for point in found for member in point.members}
    line(f"{name}: ours", pointed_comments.scores(truth, ours), f"{len(found)} points for {len(set(truth.values()))}")


def beside_subjects(comments: list[Comment], truth: Mapping[str, str]) -> None:
    """What else says how much a figure is worth where the labels are subjects."""
    line("  all in one heap", pointed_comments.scores(truth, dict.fromkeys(truth, "")))
    usual = clause_points._THRESHOLD
    tried = []
    for threshold in (0.04, 0.05, 0.06, 0.07, 0.08, 0.1):
        clause_points._THRESHOLD = threshold
        ours = {member: point.key for point in gather(comments) for member in point.members}
        scores = pointed_comments.scores(truth, ours)
        tried.append((scores["pairwise F1"] + scores["B-cubed F1"], threshold, scores))
    clause_points._THRESHOLD = usual
    _, threshold, scores = max(tried, key=lambda each: each[0])
    line("  ours, threshold chosen here", scores, f"{threshold:.2f}")


def many(clauses: int, total: int) -> list[Comment]:
    """Comments put together from pieces of ours: long and short, many alike, many not, unevenly spread."""
    chance = random.Random(7)
    texts = [
        comment.text
        for path in (pointed_comments.FIRST, pointed_comments.SECOND)
        for comment in pointed_comments.read(path)[0]
    ]
    pieces = sorted({piece for text in texts for piece in text.replace("。", "，").split("，") if len(piece) > 3})
    made = []
    for number in range(total):
        if chance.random() < 0.3:
            text = chance.choice(texts)
        else:
            text = "，".join(chance.choice(pieces) for _ in range(chance.randint(1, 6))) + "。"
        if chance.random() < 0.7:
            at = chance.randrange(len(text))
            text = text[:at] + chance.choice(pieces)[:2] + text[at + 1 :]
        clause = min(int(chance.expovariate(4 / clauses)), clauses - 1)
        made.append(Comment(f"{number:06}", f"{clause}", text))
    return made


def main(arguments: list[str]) -> None:
    print(f"{'':<34}" + "".join(f"{column:>13}" for column in COLUMNS))
    for path in (pointed_comments.FIRST, pointed_comments.SECOND):
        measured(path.stem, *pointed_comments.read(path))
    for argument in arguments:
        rows = [json.loads(each) for each in Path(argument).read_text(encoding="utf-8").splitlines() if each.strip()]
        rows = list({row["id"]: row for row in rows}.values())
        comments = [Comment(row["id"], "", f"{row.get('title', '')}。{row['text']}") for row in rows]
        truth = {row["id"]: row["label"] for row in rows}
        measured("labelled messages", comments, truth)
        beside_subjects(comments, truth)
    for clauses, total in ((300, 50_000), (1, 5_000)):
        comments = many(clauses, total)
        largest = max(Counter(comment.clause for comment in comments).values())
        began = time.perf_counter(), time.process_time()
        found = gather(comments)
        spent, worked = time.perf_counter() - began[0], time.process_time() - began[1]
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(
            f"{total} comments on {clauses} clauses (at most {largest} on one): {spent:.1f} s, {worked:.1f} s of processor,"
            f" {len(found)} points, {memory} MB",
            flush=True,
        )
        began = time.perf_counter(), time.process_time()
        gather([*comments, Comment("new", comments[0].clause, comments[0].text + "请尽快。")], previous=found)
        print(f"  one more comment, with the points of before: {time.perf_counter() - began[0]:.1f} s")


if __name__ == "__main__":
    main(sys.argv[1:])
