"""A comment on a clause that was divided goes to the part its words are about, or to nobody's guess."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.drafts.placing import place_in_parts

PARTS = (
    "建立河湖保洁责任制，每条河道明确一名河长，定期巡查。",
    "公布水质监测结果，监测站点每月采样一次，结果在网站公布。",
    "鼓励企业和志愿者参与河道保洁，对成效突出的给予表彰。",
)


@pytest.mark.parametrize(
    ("quote", "proposed", "body", "part"),
    [
        ("每月采样一次", "", "太少了", 1),
        ("", "监测站点每周采样一次，结果次日公布。", "频次太低", 1),
        ("", "", "志愿者的保险由谁买？表彰标准也不清楚", 2),
        ("", "", "河长巡查要有记录", 0),
        ("河道保洁", "", "由谁负责", 2),  # the words stand in two parts; nothing else in the first is said
        ("", "", "写得很好，支持！", None),
        ("", "", "", None),
        ("河道", "", "河长巡查和志愿者表彰都要写清", None),
    ],
)
def test_the_words_decide(quote, proposed, body, part):
    assert place_in_parts(PARTS, quote, proposed, body) == part


def test_spaces_and_line_ends_do_not_hide_a_quotation():
    assert place_in_parts(PARTS, "每月 采样\n一次", "", "") == 1


@given(st.lists(st.text(max_size=60), max_size=5), st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_any_words_find_a_part_or_none(parts, quote, proposed, body):
    found = place_in_parts(parts, quote, proposed, body)
    assert found is None or 0 <= found < len(parts)
