"""Which figure people want changed, from what, to what."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.analysis.figure_changes import figure_changes


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("建议将15%提高到20%", ("", "15", "20", "%", "")),
        ("建议将抽查比例由5%提高到10%。", ("抽查比例", "5", "10", "%", "")),
        ("建议研发启动补助由2万元提高到5万元", ("研发启动补助", "2", "5", "万元", "")),
        ("抵扣比例40%低了，建议提高到50%。", ("抵扣比例", "40", "50", "%", "")),
        ("五年内不得迁出太长了，建议缩短为三年", ("", "5", "3", "年", "")),
        ("由百分之十五提高到百分之二十", ("", "15", "20", "%", "")),
        ("把租期上限从３年放宽到六年", ("租期上限", "3", "6", "年", "")),
        ("建议点位由150处增加到不少于400处", ("点位", "150", "400", "处", "以上")),
        ("每年安排由1.5亿元提高到2亿元以上", ("每年安排", "1.5", "2", "亿元", "以上")),
        ("平台佣金太高了，建议规定不得超过15%", ("平台佣金", "", "15", "%", "以内")),
        ("补贴标准从1500元提高到2,000元左右", ("补贴标准", "1500", "2000", "元", "左右")),
        ("收摊时间由22时延长到23时30分", ("收摊时间", "22", "23:30", "时", "")),
        ("把2027年改成2028年", ("", "2027", "2028", "年", "")),
        ("首次认定奖励20万元低于邻市的30万元，建议提高到30万元", ("首次认定奖励", "20", "30", "万元", "")),
        ("希望降到15万元", ("", "", "15", "万元", "")),
    ],
)
def test_reads(text, change):
    (found,) = figure_changes(text)
    assert (found.indicator, found.old, found.new, found.unit, found.bound) == change


@pytest.mark.parametrize(
    "text",
    [
        "",
        "改为第3项",
        "改到2楼办公",
        "门槛30万元太高",
        "60日内到账",
        "支持",
        "从15%提高到15%",
        "提高到新水平",
        "第3条改为第4条",
    ],
)
def test_reads_nothing(text):
    assert figure_changes(text) == ()


def test_reads_several():
    found = figure_changes("额度由30万元提高到50万元，费率由0.8%降低到0.5%。期限改为三年。")
    assert [(change.indicator, change.new, change.unit) for change in found] == [
        ("额度", "50", "万元"),
        ("费率", "0.5", "%"),
        ("期限", "3", "年"),
    ]


@given(st.text(max_size=200))
def test_never_fails(text):
    figure_changes(text)


@pytest.mark.parametrize("unit", ["1", "由1%", "1%,", "建议", "提高到", "一", "到1年", "改为1万元"])
def test_a_long_paste_takes_time_in_proportion(unit):
    def seconds(length: int) -> float:
        text = (unit * length)[:length]
        began = time.process_time()
        figure_changes(text)
        return time.process_time() - began

    assert seconds(40_000) < 40 * max(seconds(4_000), 0.005)
