"""What became of the clauses of one version in the next."""

from __future__ import annotations

import pytest

from portal.drafts import compare, parse
from portal.drafts.comparison import words_of
from tests.drafts.corpus import seed

OLD = """示例办法（征求意见稿）
一、总体要求
坚持问题导向，统筹推进科技创新和产业发展，加快建设创新型城市。
二、主要任务
（一）加大资金投入。市财政每年安排不少于5000万元的专项资金，支持企业开展技术攻关和成果转化。
（二）培育创新主体。建立高新技术企业培育库，对新认定的高新技术企业给予20万元奖励。
（三）建设创新平台。支持龙头企业牵头组建创新联合体，建设重点实验室和技术创新中心。
（四）引进高端人才。对引进的高层次人才给予安家补贴，并优先保障其子女入学和家属就业需求。
三、保障措施
（一）加强组织领导。成立工作专班，定期调度重点事项，协调解决工作中遇到的困难问题。
（二）强化督导考核。将任务完成情况纳入年度绩效考核，对推进不力的单位进行通报批评。
"""

MOVES = {
    "nothing": (OLD, {"kept": 9}),
    "an amount": (OLD.replace("20万元", "30万元"), {"kept": 8, "changed": 1}),
    "a clause added": (
        OLD.replace("三、保障措施\n", "（五）优化营商环境。推行一网通办，压缩审批时限，提高服务企业的效率和水平。\n三、保障措施\n"),
        {"kept": 9, "added": 1},
    ),
    "a clause removed and the rest renumbered": (
        OLD.replace(
            "（二）培育创新主体。建立高新技术企业培育库，对新认定的高新技术企业给予20万元奖励。\n", ""
        ).replace("（三）建设", "（二）建设").replace("（四）引进", "（三）引进"),
        {"kept": 6, "renumbered": 2, "removed": 1},
    ),
    "a clause moved": (
        OLD.replace("（二）强化督导考核。将任务完成情况纳入年度绩效考核，对推进不力的单位进行通报批评。\n", "").replace(
            "三、保障措施\n", "（五）强化督导考核。将任务完成情况纳入年度绩效考核，对推进不力的单位进行通报批评。\n三、保障措施\n"
        ),
        {"kept": 8, "moved": 1},
    ),
    "a clause split": (
        OLD.replace("，并优先保障其子女入学和家属就业需求。", "。\n（五）保障人才生活。优先保障其子女入学和家属就业需求。"),
        {"kept": 8, "split": 1},
    ),
    "two clauses merged": (
        OLD.replace("支持企业开展技术攻关和成果转化。\n（二）培育创新主体。", "支持企业开展技术攻关和成果转化。培育创新主体。")
        .replace("（三）建设", "（二）建设")
        .replace("（四）引进", "（三）引进"),
        {"kept": 5, "merged": 1, "renumbered": 2},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("new", "kinds"), MOVES.values(), ids=MOVES.keys())
def test_what_became_of_the_clauses(new: str, kinds: dict[str, int]) -> None:
    changes = compare(parse(OLD).nodes, parse(new).nodes)
    found: dict[str, int] = {}
    for change in changes:
        found[change.kind] = found.get(change.kind, 0) + 1
    assert found == kinds


@pytest.mark.parametrize("new", [case[0] for case in MOVES.values()], ids=MOVES.keys())
def test_every_clause_of_both_versions_is_told_of_once(new: str) -> None:
    old_nodes, new_nodes = parse(OLD).nodes, parse(new).nodes
    changes = compare(old_nodes, new_nodes)
    assert sorted(k for change in changes for k in change.old) == list(range(len(old_nodes)))
    assert sorted(k for change in changes for k in change.new) == list(range(len(new_nodes)))


def test_the_difference_of_a_changed_clause() -> None:
    changes = compare(parse(OLD).nodes, parse(MOVES["an amount"][0]).nodes)
    changed = next(change for change in changes if change.kind == "changed")
    assert [piece for piece in changed.pieces if piece[0] != "same"] == [("del", "20"), ("ins", "30")]


def test_two_real_plans_have_little_in_common() -> None:
    changes = compare(parse(seed("000")).nodes, parse(seed("003")).nodes)
    assert not [change for change in changes if change.kind == "kept" and len(change.old) > 0 and change.pieces]
    assert sum(change.kind in {"added", "removed"} for change in changes) > 30


def test_a_real_plan_against_itself_is_kept() -> None:
    nodes = parse(seed("001")).nodes
    changes = compare(nodes, nodes)
    assert {change.kind for change in changes} == {"kept"}
    assert [words_of(nodes[change.old[0]]) for change in changes] == [words_of(node) for node in nodes]
