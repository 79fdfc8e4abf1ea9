"""Flattened tables get their rows and columns back where the text shows them, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.drafts.cells import rows_of

CASES = [
    pytest.param(
        ["|", "指标 |", "2025", "年 |", "|", "1.投入 |", "3 |", "|"],
        [("指标", "2025年"), ("1.投入", "3")],
        id="a cell on two lines",
    ),
    pytest.param(
        ["|", "指标 |", "2025年 |", "|", "甲 |", "1.投入 |", "3 |", "|", "2.产出 |", "4 | |"],
        [("", "指标", "2025年"), ("甲", "1.投入", "3"), ("", "2.产出", "4")],
        id="a cell that stands for two rows",
    ),
    pytest.param(
        ["|", "甲 |", "乙 |", "丙 |", "丁 |", "|", "一 |"],
        [("甲", "乙", "丙", "丁"), ("一",)],
        id="rows that do not fit are left as they are",
    ),
    pytest.param(["指标\t目标", "投入\t3%"], [("指标", "目标"), ("投入", "3%")], id="cells between tabs"),
    pytest.param(["甲|乙", "| 1 | 2 |"], [("甲", "乙"), ("1", "2")], id="a row to a line"),
    pytest.param(
        ["指标", "单位", "1.投入", "%", "2.产出", "件", "3.转化", "元"],
        [("指标", "单位"), ("1.投入", "%"), ("2.产出", "件"), ("3.转化", "元")],
        id="a cell to a line, counted",
    ),
    pytest.param(
        ["指标", "单位", "1.投入", "2.产出", "件", "3.转化", "元"],
        [("指标",), ("单位",), ("1.投入",), ("2.产出",), ("件",), ("3.转化",), ("元",)],
        id="a cell is missing: no row is guessed",
    ),
    pytest.param(
        ["指标", "13.31", "14.18", "15.2"],
        [("指标",), ("13.31",), ("14.18",), ("15.2",)],
        id="figures are not numbers of rows",
    ),
]


@pytest.mark.parametrize(("texts", "rows"), CASES)
def test_rows_and_columns(texts: list[str], rows: list[tuple[str, ...]]) -> None:
    assert rows_of(texts) == rows


@given(st.lists(st.text("甲乙1.3| ", min_size=1, max_size=8), max_size=30))
def test_no_character_is_lost_and_none_made_up(texts: list[str]) -> None:
    def bare(text: str) -> str:
        return text.replace("|", "").replace(" ", "")

    assert bare("".join("".join(row) for row in rows_of(texts))) == bare("".join(texts))
