"""A second round: a clause divided, one moved, one removed, two renumbered; every comment has its confirmed place."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal import drafts
from portal.access import Role
from portal.errors import NotAllowed, NotThere, NotValid
from portal.models import Comment, Placement
from portal.rules.words import CommentState, PlacementKind
from portal.services import lineage, moderation, placing, reading, summaries, versions
from tests import factories
from tests.factories import NOON

FIRST = """示例市河湖保洁工作方案
一、总体要求
（一）工作目标。到2027年，全市河湖保洁覆盖率达到百分之百。
（二）工作原则。坚持属地管理，分级负责。
二、重点任务
（一）建立保洁责任制。每条河道明确一名河长，每周巡查一次。监测站点每月采样一次，水质结果在网站公布。
（二）清理水面漂浮物。沿河乡镇组织人员定期打捞，三日内清运。
（三）设置警示标志。在危险河段设置警示标志。
三、保障措施
（一）落实经费。保洁经费列入年度预算。
"""
SECOND = """示例市河湖保洁工作方案
一、总体要求
（一）工作目标。到2027年，全市河湖保洁覆盖率达到百分之百。
（二）工作原则。坚持属地管理，分级负责。
（三）落实经费。保洁经费列入年度预算。
二、重点任务
（一）建立保洁责任制。每条河道明确一名河长，每周巡查一次。
（二）公布水质。监测站点每月采样一次，水质结果在网站公布。
（三）清理水面漂浮物。沿河乡镇组织人员定期打捞，三日内清运。
"""


@pytest.fixture
def second(world):
    """The draft with its next version in preparation, six comments said on the first, all published."""
    found = factories.consultation(world, text=FIRST)
    said = [
        (("二、", "（一）"), "每周巡查一次不够，河长应当每天巡查。"),
        (("二、", "（一）"), "采样频次太低，水质结果应当每周公布。"),
        (("二、", "（一）"), "写得很好，支持！"),
        (("二、", "（二）"), "打捞上来的东西三日内清运太慢。"),
        (("二、", "（三）"), "警示标志要有夜间反光。"),
        (("三、", "（一）"), "经费应当公开。"),
    ]
    for path, body in said:
        (comment,) = factories.submission(world, found, body, path=path)
        moderation.decide(
            world.session, world.actor(Role.MODERATOR), comment, CommentState.PUBLISHED, revision=0, at=NOON, masks=[]
        )
    publisher = world.actor(Role.PUBLISHER)
    versions.prepare(world.session, publisher, found, drafts.parse(SECOND), source_name="第二稿", at=NOON)
    lineage.confirm_all(world.session, publisher, found, NOON)
    placing.renew(world.session, found.version_in_preparation)
    return found


def by_number(world, found):
    rows = world.session.scalars(select(Placement).where(Placement.version_id == found.version_in_preparation.id))
    return {row.comment.number: row for row in rows}


def test_the_words_propose_a_part_and_a_removed_clause_leaves_orphans(world, second):
    places = by_number(world, second)
    assert {number: row.kind for number, row in places.items()} == {
        1: PlacementKind.PLACED, 2: PlacementKind.PLACED, 3: PlacementKind.UNDECIDED, 5: PlacementKind.ORPHANED,
    }  # fmt: skip
    assert places[1].clause.heading.startswith("建立保洁责任制")
    assert places[2].clause.heading.startswith("公布水质")
    waiting = placing.waiting(world.session, second.version_in_preparation)
    assert (waiting.placed, waiting.orphaned, waiting.undecided) == (2, 1, 1)


def test_nothing_is_published_before_a_person_confirmed_every_place(world, second):
    publisher = world.actor(Role.PUBLISHER)
    with pytest.raises(NotValid, match="4条"):
        versions.publish(world.session, publisher, second, "按意见修改", NOON)
    assert placing.confirm_proposed(world.session, publisher, second, NOON) == 3
    with pytest.raises(NotValid, match="1条"):
        versions.publish(world.session, publisher, second, "按意见修改", NOON)
    placing.put(world.session, publisher, second, 3, "2-1", NOON)
    versions.publish(world.session, publisher, second, "按意见修改", NOON)
    assert second.version.number == 2


def published(world, second):
    publisher = world.actor(Role.PUBLISHER)
    placing.confirm_proposed(world.session, publisher, second, NOON)
    placing.put(world.session, publisher, second, 3, "2-1", NOON)
    versions.publish(world.session, publisher, second, "按意见修改", NOON)
    world.session.flush()
    return second


def test_every_comment_stands_beside_its_own_words_and_at_its_confirmed_place(world, second):
    found = published(world, second)
    at = {}
    for clause in (None, *found.version.clauses):
        page = reading.published_comments(world.session, found, clause.id if clause else None)
        for comment in page.comments:
            at[comment.number] = clause.label if clause else "all"
            # its own words: the clause it was made on, in the first version
            assert comment.clause.version.number == 1
    assert at == {1: "2-1", 2: "2-2", 3: "2-1", 4: "2-3", 5: "all", 6: "1-3"}
    counts = reading.public_counts(world.session, found)
    label = {clause.id: clause.label for clause in found.version.clauses} | {None: "all"}
    assert {label[place]: count for place, count in counts.items()} == {
        "2-1": 2,
        "2-2": 1,
        "2-3": 1,
        "1-3": 1,
        "all": 1,
    }
    for number, place in at.items():
        comment = reading.published_comment(world.session, found, number)
        stands = reading.place_of(world.session, found, comment)
        assert (stands.label if stands else "all") == place


def test_the_summary_puts_them_where_the_page_does_and_balances(world, second):
    found = published(world, second)
    summary = summaries.summarise(world.session, found, NOON)
    said = {clause.label: [line.reference for line in clause.comments] for clause in summary.clauses if clause.comments}
    assert said == {"": ["C-5"], "1-3": ["C-6"], "2-1": ["C-1", "C-3"], "2-2": ["C-2"], "2-3": ["C-4"]}


def test_a_person_may_say_otherwise_also_afterwards(world, second):
    found = published(world, second)
    publisher = world.actor(Role.PUBLISHER)
    placing.put(world.session, publisher, found, 4, "2-2", NOON)
    placing.put(world.session, publisher, found, 6, placing.NOWHERE, NOON)
    counts = reading.public_counts(world.session, found)
    label = {clause.id: clause.label for clause in found.version.clauses} | {None: "all"}
    assert {label[place]: count for place, count in counts.items()} == {"2-1": 2, "2-2": 2, "all": 2}


def test_what_comes_late_on_the_first_version_waits_too(world, second):
    publisher = world.actor(Role.PUBLISHER)
    placing.confirm_proposed(world.session, publisher, second, NOON)
    placing.put(world.session, publisher, second, 3, "2-1", NOON)
    factories.submission(world, second, "河长巡查要有记录。", path=("二、", "（一）"))
    with pytest.raises(NotValid, match="1条"):
        versions.publish(world.session, publisher, second, "按意见修改", NOON)


def test_what_cannot_be_is_refused(world, second):
    publisher = world.actor(Role.PUBLISHER)
    for number, label, fault in ((1, "9-9", NotValid), (1, "", NotValid), (99, "2-1", NotThere)):
        with pytest.raises(fault):
            placing.put(world.session, publisher, second, number, label, NOON)
    with pytest.raises(NotAllowed):
        placing.put(world.session, world.actor(Role.DRAFTER), second, 1, "2-1", NOON)


def test_the_words_of_a_comment_are_not_touched(world, second):
    before = {c.number: (c.body, c.clause_id) for c in world.session.scalars(select(Comment))}
    published(world, second)
    world.session.expire_all()
    assert {c.number: (c.body, c.clause_id) for c in world.session.scalars(select(Comment))} == before
