"""Whatever the text, it is read, and no word that is not the page's own is lost."""

from __future__ import annotations

import time
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.drafts import Draft, parse
from portal.drafts.lines import squeezed
from tests.drafts.corpus import seed, shared

LINES = """第一章 总则
第二章　主要任务
第一节 目标
第一条 为了公平，制定本办法。
第二条
第十二条之一 本条
一、总体要求
二、主要任务
一.指导思想
（一）加强领导。各单位要抓好落实。
(二)加大投入
1.建设平台。
2．开展培训
（1）第一点；
①第一；
1.1 目的
1.1.1 为了
专栏1 重点工程
表1 主要指标
附件1
附件：1.表
指标
数值
12
3%
|
指标 |
注：数据为累计。
目 录
第一章 总则 ........ 3
- 2 -
3
II
打印 为推动创新
联系电话：0311-1234567
2022年3月1日
示例市人民政府
关于公开征求《办法》意见的公告
本办法自2022年1月1日起施行。
上一篇：没有了
Copyright 2020
（牵头单位：市科技局；责任单位：市财政局）

到2025年，全市研发投入明显增加，创新能力显著提升，形成一批
重大成果。支持企业创新。
（市科技局、市财政局负责）"""
PIECES = st.sampled_from(LINES.split("\n"))
DRAFTS = st.lists(st.one_of(PIECES, st.text(alphabet="一二第章条（）()、.。，1 |:：-", max_size=12)), max_size=40).map(
    "\n".join
)


def bare(text: str) -> Counter[str]:
    """The characters of a text but for blanks and the bars of a table's frame."""
    return Counter(squeezed(text).replace("|", ""))


def kept(draft: Draft) -> Counter[str]:
    """Every character that came through: in clauses, in the notice, or set aside with a reason."""
    out = bare(draft.notice) + bare("".join(junk.text for junk in draft.junk))
    for node in draft.nodes:
        out += bare(node.number + node.heading + node.text + "".join("".join(row) for row in node.rows))
    return out


@given(st.one_of(DRAFTS, st.text()))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_is_read_without_losing_a_character(text: str) -> None:
    draft = parse(text)
    assert kept(draft) == bare("".join(draft.lines))
    labels = [node.label for node in draft.nodes]
    assert len(set(labels)) == len(labels)
    assert all(label.isascii() and len(label) <= 40 and "/" not in label and " " not in label for label in labels)
    for index, node in enumerate(draft.nodes):
        assert node.parent < index
        above = draft.nodes[node.parent].path if node.parent >= 0 else ()
        assert node.path == ((*above, node.number) if node.number else above)


@pytest.mark.parametrize("folder", ["laws", "policies", "stress"])
def test_the_corpus_loses_nothing(folder: str) -> None:
    for path in sorted(shared("corpus", folder).glob("*.txt")):
        draft = parse(path.read_text(encoding="utf-8"))
        assert kept(draft) == bare("".join(draft.lines)), path.name


def taken(text: str) -> float:
    """Seconds of the processor for one reading."""
    began = time.process_time()
    parse(text)
    return time.process_time() - began


def test_a_plan_is_read_at_once_and_time_grows_with_length() -> None:
    text = seed("001")
    parse(text)
    short = min(taken(text) for _ in range(3))
    assert short < 0.15
    assert min(taken(text * 16) for _ in range(3)) < 16 * max(short, 0.02) * 3
