"""Corrections in the office: kept, undone, and kept again when the file is read anew; doubts settled by somebody."""

from __future__ import annotations

import pytest

from portal import drafts
from portal.access import Role
from portal.errors import Frozen, NotAllowed, NotThere, NotValid
from portal.services import importing, publishing
from tests import factories
from tests.factories import NOON


@pytest.fixture
def found(world):
    return factories.prepared(world)


def place(found, number, under=None):
    return next(
        c.position for c in found.version.clauses if c.number == number and (under is None or c.path[0] == under)
    )


def correct(world, found, position, act, **words):
    return importing.correct(world.session, world.actor(Role.PUBLISHER), found, position, act, NOON, **words)


def undo(world, found):
    importing.undo(world.session, world.actor(Role.PUBLISHER), found, NOON)


def outline(found):
    return [(c.depth, c.number, c.heading, c.text, c.label) for c in found.version.clauses]


def test_every_act_can_be_taken_back_one_by_one(world, found):
    states = [outline(found)]
    for number, act, words in (
        ("（二）", "promote", {}),
        ("1.", "join", {}),
        ("（一）", "rewrite", {"heading": "健全巡查制度。"}),
        ("2.", "drop", {}),
    ):
        correct(world, found, place(found, number), act, **words)
        states.append(outline(found))
    assert len({str(state) for state in states}) == 5
    for state in reversed(states[:-1]):
        undo(world, found)
        assert outline(found) == state
    with pytest.raises(NotThere, match="没有可以撤销"):
        undo(world, found)


def test_the_clause_in_hand_stays_in_hand(world, found):
    at = place(found, "2.")
    assert correct(world, found, at, "demote") == at
    assert correct(world, found, at, "join") == at - 1


def test_what_was_changed_by_hand_is_kept_when_the_file_is_read_again(world, found):
    correct(world, found, place(found, "（二）", "二、"), "rewrite", heading="加大经费投入。", text="每年300万元。")
    longer = factories.DRAFT.replace("三、保障措施", "（三）加强宣传。每季度宣传一次。\n\n三、保障措施")
    lost = importing.read_again(
        world.session, world.actor(Role.PUBLISHER), found, drafts.parse(longer), source_name="新稿.txt", at=NOON
    )
    assert lost == 0
    texts = [c.text for c in found.version.clauses]
    assert "每年300万元。" in texts
    assert any("每季度宣传一次。" in text for text in texts)
    undo(world, found)
    assert "每年300万元。" not in [c.text for c in found.version.clauses]


def test_a_correction_that_finds_nothing_becomes_a_doubt(world, found):
    correct(world, found, place(found, "（二）", "二、"), "promote")
    shorter = factories.DRAFT.replace("（二）加大投入。市级财政每年安排专项资金200万元。（责任部门：市财政局）\n", "")
    lost = importing.read_again(
        world.session, world.actor(Role.PUBLISHER), found, drafts.parse(shorter), source_name="新稿.txt", at=NOON
    )
    assert lost == 1
    assert found.version.doubts[0]["code"] == "lost-correction"
    assert found.version.corrections == []


def test_a_doubt_is_settled_by_somebody_and_can_be_opened_again(world):
    found = factories.prepared(world, text=factories.DRAFT.replace("（二）加大投入", "（三）加大投入"))
    assert found.version.doubts
    importing.settle(world.session, world.actor(Role.PUBLISHER), found, 0, NOON)
    assert found.version.doubts[0]["settled"]["by"] == "示例发布员"
    importing.settle(world.session, world.actor(Role.PUBLISHER), found, 0, NOON)
    assert found.version.doubts[0]["settled"] is None
    with pytest.raises(NotThere):
        importing.settle(world.session, world.actor(Role.PUBLISHER), found, 99, NOON)


def test_acts_on_the_whole_draft(world):
    text = "示例市工作方案（征求意見稿）\n\n一、總體要求\n發展新材料.智能裝備.生物製造。\n二、保障措施\n加強領導。\n"
    found = factories.prepared(world, text=text)
    publisher = world.actor(Role.PUBLISHER)
    importing.correct_whole(world.session, publisher, found, "simplify", NOON)
    importing.correct_whole(world.session, publisher, found, "separate", NOON)
    assert found.version.clauses[0].heading == "总体要求"
    assert "新材料、智能装备、生物制造" in found.version.clauses[0].text
    with pytest.raises(NotValid):
        importing.correct_whole(world.session, publisher, found, "translate", NOON)


def test_nobody_else_and_nothing_after_publication(world, found):
    with pytest.raises(NotAllowed):
        importing.correct(world.session, world.actor(Role.MODERATOR), found, 0, "drop", NOON)
    publishing.publish(world.session, world.actor(Role.PUBLISHER), found, found.window.opens_at)
    for act in (
        lambda: correct(world, found, 0, "drop"),
        lambda: undo(world, found),
        lambda: importing.settle(world.session, world.actor(Role.PUBLISHER), found, 0, NOON),
    ):
        with pytest.raises(Frozen):
            act()


def test_targets_and_responsibilities_are_kept_with_their_clauses(world, found):
    clause = next(c for c in found.version.clauses if c.number == "（二）" and c.path[0] == "二、")
    assert clause.responsibilities == [{"role": "责任部门", "departments": ["市财政局"]}]
    text = factories.DRAFT.replace("农村河道每周巡查一次。", "到2028年，巡查河道达到120条。")
    other = factories.prepared(world, "other", text)
    assert any(t["value"] == "120" and t["year"] == 2028 for t in other.version.targets)


def test_a_doubt_mended_by_one_act_is_open_again_when_the_act_is_taken_back(world):
    text = factories.DRAFT.replace("（二）加大投入", "（三）加大投入")
    found = factories.prepared(world, text=text.replace("无漂浮物", "无漂浮物.无垃圾.无异味.无油污.无水草.无鱼虾"))
    publisher = world.actor(Role.PUBLISHER)
    codes = [doubt["code"] for doubt in found.version.doubts]
    points, gap = codes.index("points"), codes.index("gap")
    importing.correct_whole(world.session, publisher, found, "separate", NOON, doubt=points)
    assert "无漂浮物、无垃圾" in found.version.clauses[1].text
    assert found.version.doubts[points]["settled"]["by"] == "示例发布员"
    importing.correct(
        world.session, publisher, found, place(found, "（三）"), "rewrite", NOON, doubt=gap, number="（二）"
    )
    assert all(found.version.doubts[index]["settled"] for index in (points, gap))
    undo(world, found)
    assert found.version.doubts[points]["settled"]
    assert found.version.doubts[gap]["settled"] is None
    undo(world, found)
    assert found.version.doubts[points]["settled"] is None


def test_doubts_are_kept_with_their_places_open(world):
    found = factories.prepared(world, text=factories.DRAFT.replace("（二）加大投入", "（三）加大投入"))
    gap = next(doubt for doubt in found.version.doubts if doubt["code"] == "gap")
    assert gap["what"] == "“%(number)s”之前序号不连续，缺少第%(first)s个"
    assert gap["places"] == {"number": "（三）", "first": 2}
