"""How much of the personal data in the marked sentences is found, and that masking leaves none of it."""

from __future__ import annotations

import itertools
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.analysis.personal_data import find, masked
from tests.analysis import marked_sentences

SETS = (marked_sentences.FIRST, marked_sentences.SECOND, marked_sentences.THIRD, marked_sentences.FOURTH)
TEXTS = [sentence.text for path in SETS for sentence in marked_sentences.read(path)[1]]


def test_the_sets_are_large_and_half_of_them_traps():
    for path, at_least in zip(SETS, (300, 100, 100, 100), strict=True):
        _, sentences = marked_sentences.read(path)
        traps = sum(not sentence.truths for sentence in sentences)
        assert len(sentences) >= at_least
        assert 0.45 <= traps / len(sentences) <= 0.55


@pytest.mark.parametrize("path", SETS, ids=lambda path: path.stem)
def test_what_is_sure_is_right_and_little_is_missed(path):
    found_by = marked_sentences.tallies(path)
    for figure, value in found_by["all"]["high"].figures.items():
        assert value >= 0.97, figure
    for figure, value in found_by["all"]["any"].figures.items():
        assert value >= 0.95, figure


@pytest.mark.parametrize("path", SETS, ids=lambda path: path.stem)
def test_no_kind_is_left_behind(path):
    for kind, found in marked_sentences.tallies(path).items():
        assert found["high"].figures["overlap precision"] >= 0.95, kind
        assert found["any"].figures["overlap recall"] >= 0.9, kind


@pytest.mark.parametrize("path", SETS, ids=lambda path: path.stem)
def test_what_is_masked_is_gone(path):
    own, sentences = marked_sentences.read(path)
    for sentence in sentences:
        spans = find(sentence.text, own)
        shown = masked(sentence.text, spans)
        for span in spans:
            assert sentence.text[span.start : span.end] not in shown


@given(st.lists(st.sampled_from(TEXTS), max_size=6))
@settings(max_examples=200, deadline=None)
def test_masking_again_changes_nothing(texts):
    once = masked("\n".join(texts), find("\n".join(texts)))
    assert masked(once, find(once)) == once


@given(st.lists(st.sampled_from(TEXTS), max_size=6))
@settings(max_examples=100, deadline=None)
def test_offsets_are_those_of_the_original(texts):
    text = "\n".join(texts)
    spans = find(text)
    kept = [text[before.end : after.start] for before, after in itertools.pairwise(spans)]
    shown = masked(text, spans)
    at = 0
    for words in (text[: spans[0].start], *kept, text[spans[-1].end :]) if spans else (text,):
        at = shown.index(words, at) + len(words)


def test_a_megabyte_takes_less_than_two_seconds():
    page = "\n".join(TEXTS)
    paste = page * (1_000_000 // len(page.encode()) + 1)
    began = time.process_time()
    find(paste)
    assert time.process_time() - began < 2


@pytest.mark.parametrize(("kind", "words"), [("id", "1301991979111100?"), ("uscc", "9113100000000?")])
def test_a_marked_number_that_cannot_be_valid_is_an_error(kind, words):
    with pytest.raises(ValueError):
        marked_sentences.with_check_digit(kind, words)
