from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from portal.drafts import excerpts
from portal.drafts.difference import difference

CLAUSE = (
    "深入实施新一轮技术改造，制定技术改造投资导向目录，加快传统企业数字化、智能化、绿色化转型。"
    "鼓励传统龙头企业运用新技术、新工艺加快实施改造，带动产业链上下游企业协同提升。"
    "对技改投资500万元以上、依规备案的项目，按照规定给予补贴，最高补贴不超过500万元。"
    "积极争列省重点工程项目，以重大技改项目推动企业高端化改造，引领传统产业提质增效，带动全市工业再上新台阶，"
    "为建设现代化产业体系提供有力支撑，让更多企业从中受益。"
)


def test_only_the_sentence_that_changes_is_told():
    new = CLAUSE.replace("投资500万元", "投资200万元")
    old_side, new_side = excerpts.sides(CLAUSE, new)
    assert new_side.startswith("……对技改投资200万元以上")
    assert new_side.endswith("……")
    assert old_side == new_side.replace("200万元", "500万元", 1)
    assert len(new_side) < len(new) / 2
    assert "上下游" not in new_side
    assert "支撑" not in new_side


def test_short_texts_and_equal_ones_stay_whole():
    assert excerpts.sides("每日巡查一次。", "每日巡查两次。") == ("每日巡查一次。", "每日巡查两次。")
    assert excerpts.sides(CLAUSE, CLAUSE) == (CLAUSE, CLAUSE)
    assert excerpts.changed("", CLAUSE) == CLAUSE


def test_a_proposal_of_one_sentence_is_told_beside_that_sentence():
    new = "鼓励传统龙头企业运用新技术、新工艺、新装备加快实施改造，带动产业链上下游企业协同提升。"
    assert excerpts.changed(CLAUSE, new) == new
    assert [piece for piece in excerpts.proposed(CLAUSE, new) if piece[0] != "same"] == [("ins", "、新装备")]
    assert excerpts.proposed(CLAUSE, "设立举报奖金。") == (("ins", "设立举报奖金。"),)


@given(st.text("甲乙。，500万\n", max_size=300), st.text("甲乙。，500万\n", max_size=300))
def test_nothing_that_changed_is_ever_left_out(old, new):
    whole = difference(old, new)
    told = excerpts.around(whole)
    assert [piece for piece in told if piece[0] != "same"] == [piece for piece in whole if piece[0] != "same"]
    for (_, before), (_, after) in zip(whole, told, strict=True):
        # a stretch that was cut is its own beginning and its own end
        head, gap, tail = after.partition(excerpts.GAP)
        assert after == before or (gap and before.startswith(head) and before.endswith(tail))
