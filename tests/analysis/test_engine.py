"""What is found depends neither on the engine, nor on the order blocks are done in, nor on how large they are."""

from __future__ import annotations

import pickle
import random
import threading

import numpy as np
import pytest

from bench import planted
from bench.points import many
from portal.analysis import campaigns, points
from portal.analysis.engine import IN_PROCESS, THREADS
from portal.analysis.points import Decisions, Link
from portal.analysis.vectors import exact


class Elsewhere:
    """Does what an engine on other machines does: sends blocks in writing, and does them in any order, some twice."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.blocks = 0

    def map(self, function, blocks):
        sent = [pickle.dumps((function, block)) for block in blocks]
        self.blocks += len(sent)
        order = [*range(len(sent)), *self.chance.sample(range(len(sent)), len(sent) // 3)]
        self.chance.shuffle(order)
        done = {}
        for at in order:
            act, block = pickle.loads(sent[at])
            done[at] = pickle.dumps(act(block))
        return (pickle.loads(done[at]) for at in range(len(sent)))


TEXTS = list(enumerate(planted.plant(1_500).texts))
COMMENTS = many(12, 900)


@pytest.mark.parametrize(("seed", "at_once"), [(1, 7), (2, 300), (3, 100_000)])
def test_campaigns_are_the_same_with_any_engine_and_any_block(seed, at_once, monkeypatch):
    here = campaigns.group(TEXTS)
    assert len(here) > 20
    monkeypatch.setattr(campaigns, "_AT_ONCE", at_once)
    elsewhere = Elsewhere(seed)
    assert campaigns.group(TEXTS, engine=elsewhere) == here
    assert campaigns.group(TEXTS) == here
    assert elsewhere.blocks > 1


@pytest.mark.parametrize(("seed", "block"), [(1, 1), (2, 150), (3, 100_000)])
def test_points_are_the_same_with_any_engine_and_any_block(seed, block, monkeypatch):
    first = points.gather(COMMENTS[:-100])
    largest = max(first, key=lambda point: point.size)
    one, two, *_ = largest.members
    other = next(point for point in first if point.clause == largest.clause and point.key != largest.key)
    decisions = Decisions(
        links=[Link(one, other.members[0], True), Link(one, two, False)],
        pinned={largest.members[-1]: other.key},
        names={largest.key: "名称"},
    )
    alike = {each.id: "campaign" for each in COMMENTS[:200:9]}
    here = points.gather(COMMENTS, decisions, first, alike)
    assert here != first
    monkeypatch.setattr(points, "_BLOCK", block)
    assert points.gather(COMMENTS, decisions, first, alike, Elsewhere(seed)) == here
    assert points.gather(COMMENTS, decisions, first, alike) == here


def test_products_of_exact_rows_are_the_same_in_any_order_of_adding_up():
    chance = np.random.default_rng(5)
    rows = chance.random((60, 900), np.float32) * (chance.random((60, 900)) < 0.1)
    rows[0] = 1  # every feature there is
    rows = exact(rows / np.sqrt((rows * rows).sum(axis=1, keepdims=True)))
    products = rows @ rows.T
    order = chance.permutation(900)
    assert (products == rows[:, order] @ rows[:, order].T).all()
    assert (products == rows.astype(np.float64) @ rows.T.astype(np.float64)).all()
    assert products.max() <= 1


def test_in_process_keeps_the_order_and_makes_blocks_only_as_they_are_wanted():
    made = []
    hurry = threading.Event()

    def blocks():
        for number in range(50):
            made.append(number)
            yield number

    def act(number):
        if number == 0:
            assert hurry.wait(10)  # the first is the last to be done
        else:
            hurry.set()
        return number * number

    results = IN_PROCESS.map(act, blocks())
    assert next(results) == 0
    assert len(made) <= THREADS + 2
    assert list(results) == [number * number for number in range(1, 50)]


def test_what_the_function_raised_is_raised():
    with pytest.raises(ZeroDivisionError):
        list(IN_PROCESS.map(lambda number: 1 // number, [1, 0, 2]))
