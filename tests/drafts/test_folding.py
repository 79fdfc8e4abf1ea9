"""One width, one case, one script; excerpts that keep the words as they were written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.drafts.folding import excerpt, folded, terms, tokens


@pytest.mark.parametrize(
    ("words", "same"),
    [
        ("城區", "城区"),
        ("ＡＢＣ", "abc"),
        ("１２", "12"),
        ("㈠", "(一)"),
        ("Straße", "strasse"),
        ("河\u200b道", "河道"),
        ("乾", "干"),
    ],
)
def test_what_is_the_same_to_a_reader_is_the_same_to_the_search(words, same):
    assert folded(words) == folded(same)


@given(st.text(max_size=60), st.text(max_size=20), st.text(max_size=60))
def test_words_fold_alike_wherever_they_stand(before, words, after):
    assert "".join(folded(words).split()) in "".join(folded(before + words + after).split())


@given(st.text(alphabet="河道巡查制度abc12，。 ", max_size=40), st.data())
def test_a_text_has_every_token_of_its_own_parts(text, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    has = tokens(folded(text))
    for term in terms(text[start:end]):
        assert term.whole <= has


@given(st.text(max_size=200))
def test_no_token_has_a_mark_that_a_database_reads(query):
    for term in terms(query):
        for token in term.whole | term.beginnings:
            assert all(c.isalnum() or ord(c) > 0x2FFF for c in token), token


def test_an_excerpt_marks_the_words_as_they_were_written():
    pieces = excerpt("每日對城區河道巡查一次，並公開記錄。", terms("城区 记录"))
    assert [words for words, is_term in pieces if is_term] == ["城區", "記錄"]
    assert "".join(words for words, _ in pieces) == "每日對城區河道巡查一次，並公開記錄。"


def test_a_long_text_is_cut_around_the_first_of_the_words():
    pieces = excerpt("前" * 300 + "巡查" + "后" * 300, terms("巡查"), 60)
    assert pieces[0] == ("…", False)
    assert pieces[-1] == ("…", False)
    assert ("巡查", True) in pieces
    assert len("".join(words for words, _ in pieces)) <= 63


def test_a_text_that_fits_is_shown_from_its_beginning():
    title = "示例市促进个体工商户和小微企业发展若干措施"
    assert "".join(words for words, _ in excerpt(title, terms("小微"), len(title))) == title
