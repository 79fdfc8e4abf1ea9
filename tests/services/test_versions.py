"""A second version: what became of each clause is confirmed by a person, and no comment is lost or silently moved."""

from __future__ import annotations

import pytest

from portal import drafts
from portal.access import Role
from portal.errors import AlreadyDone, Frozen, NotThere, NotValid
from portal.reports.summary import imbalances
from portal.rules.words import CommentState
from portal.services import importing, lineage, moderation, placing, reading, summaries, versions, windows
from tests import factories
from tests.factories import NOON

SECOND = """示例市河湖保洁工作方案（征求意见稿）

为加强河湖日常保洁，结合我市实际，制定本方案。

一、总体要求
坚持政府主导、社会参与，做到水面无漂浮物、岸坡无垃圾。

二、重点任务
（一）加大投入。市级财政每年安排专项资金300万元。（责任部门：市财政局）
（二）建立巡查制度。城区河道每日巡查两次，农村河道每周巡查一次。（责任部门：市水利局、市城市管理局）
1.落实巡查人员。每公里配备保洁员1名。

三、保障措施
（一）加强领导。建立联席会议制度。
（二）强化监督。设立举报电话，及时办理群众投诉。
（三）加强宣传。每季度开展一次集中宣传。
"""


@pytest.fixture
def found(world):
    return factories.consultation(world)


def prepare(world, found, text=SECOND):
    return versions.prepare(
        world.session, world.actor(Role.PUBLISHER), found, drafts.parse(text), source_name="第二稿.txt", at=NOON
    )


def publish(world, found, note="吸收意见，增加经费和巡查次数。"):
    lineage.confirm_all(world.session, world.actor(Role.PUBLISHER), found, NOON)
    placing.renew(world.session, found.version_in_preparation)
    placing.confirm_proposed(world.session, world.actor(Role.PUBLISHER), found, NOON)
    versions.publish(world.session, world.actor(Role.PUBLISHER), found, note, NOON)


def kinds(world, version):
    by = {}
    for line in lineage.lines(world.session, version):
        by.setdefault(line.kind, []).append((tuple(line.old_labels), tuple(line.new_labels)))
    return by


def test_the_machine_proposes_what_became_of_each_clause(world, found):
    by = kinds(world, prepare(world, found))
    assert (("2-1",), ("2-2",)) in by["changed"]
    assert (("2-2",), ("2-1",)) in by["changed"]
    assert (("2-1-2",), ()) in by["removed"]
    assert ((), ("3-3",)) in by["added"]
    assert (("1",), ("1",)) in by["kept"]


def test_the_public_reads_the_old_version_until_the_new_one_is_out(world, found):
    prepare(world, found)
    assert found.version.number == 1
    assert found.version_in_preparation.number == 2
    with pytest.raises(NotThere):
        versions.published(found, 2)
    publish(world, found)
    assert found.version.number == 2
    assert versions.published(found, 1).number == 1


def test_nothing_goes_out_unconfirmed_or_without_a_word(world, found):
    prepare(world, found)
    publisher = world.actor(Role.PUBLISHER)
    with pytest.raises(NotValid, match="没有确认"):
        versions.publish(world.session, publisher, found, "说明", NOON)
    with pytest.raises(NotValid, match="改了什么"):
        publish(world, found, note=" ")
    publish(world, found)
    with pytest.raises(AlreadyDone):
        versions.publish(world.session, publisher, found, "说明", NOON)
    line = lineage.lines(world.session, found.version)[0]
    with pytest.raises(Frozen):
        lineage.confirm(world.session, publisher, found, line.id, NOON)


def test_a_person_says_it_otherwise(world, found):
    version = prepare(world, found)
    publisher = world.actor(Role.PUBLISHER)
    gone = next(line for line in lineage.lines(world.session, version) if line.old_labels == ["2-1-2"])
    lineage.confirm(world.session, publisher, found, gone.id, NOON, new_labels=["3-3"])
    assert gone.kind == "changed"
    assert not gone.is_proposed
    assert ((), ("3-3",)) not in kinds(world, version).get("added", [])
    lineage.confirm(world.session, publisher, found, gone.id, NOON, new_labels=["3-3", "3-2"])
    assert gone.kind == "split"
    lineage.confirm(world.session, publisher, found, gone.id, NOON, new_labels=[])
    assert gone.kind == "removed"
    assert ((), ("3-3",)) in kinds(world, version)["added"]
    with pytest.raises(NotValid, match="9-9"):
        lineage.confirm(world.session, publisher, found, gone.id, NOON, new_labels=["9-9"])


def held(world, version):
    lines = lineage.lines(world.session, version)
    return (
        sorted(label for line in lines for label in line.old_labels),
        sorted(label for line in lines for label in line.new_labels),
    )


def test_every_clause_stands_in_one_line_whatever_is_said(world, found):
    version = prepare(world, found)
    publisher = world.actor(Role.PUBLISHER)
    whole = held(world, version)
    assert whole == (sorted(c.label for c in found.version.clauses), sorted(c.label for c in version.clauses))
    lineage.confirm_all(world.session, publisher, found, NOON)
    changed = next(line for line in lineage.lines(world.session, version) if line.old_labels == ["2-1"])
    lineage.confirm(world.session, publisher, found, changed.id, NOON, old_labels=["2-1", "2-1-2"])
    assert (changed.kind, changed.new_labels) == ("merged", ["2-2"])
    assert held(world, version) == whole
    lineage.confirm(world.session, publisher, found, changed.id, NOON, old_labels=["2-1"], new_labels=["2-1"])
    assert held(world, version) == whole
    robbed = next(line for line in lineage.lines(world.session, version) if line.old_labels == ["2-2"])
    assert (robbed.kind, robbed.new_labels, robbed.confirmed_at) == ("removed", [], None)
    added = next(line for line in lineage.lines(world.session, version) if line.new_labels == ["2-2"])
    assert (added.kind, added.old_labels, added.confirmed_at) == ("added", [], None)
    lineage.confirm(world.session, publisher, found, added.id, NOON, old_labels=["2-2"])
    assert held(world, version) == whole
    assert robbed not in lineage.lines(world.session, version)
    with pytest.raises(NotValid, match="一边"):
        lineage.confirm(world.session, publisher, found, added.id, NOON, old_labels=[], new_labels=[])
    with pytest.raises(NotValid, match="上一稿"):
        lineage.confirm(world.session, publisher, found, added.id, NOON, old_labels=["9-9"])


def test_unchanged_words_are_confirmed_in_one_act(world, found):
    version = prepare(world, found)
    count = lineage.confirm_all(world.session, world.actor(Role.PUBLISHER), found, NOON, only_same=True)
    lines = lineage.lines(world.session, version)
    assert count == sum(line.kind in ("kept", "renumbered") for line in lines) > 0
    assert {line.kind for line in lines if line.confirmed_at is None} == {"changed", "removed", "added"}


def test_the_likeliest_clauses_are_offered_first(world, found):
    version = prepare(world, found)
    old = next(clause for clause in found.version.clauses if clause.label == "2-1")
    assert lineage.nearest(version.clauses, [old])[0].label == "2-2"


def test_what_was_confirmed_stays_when_the_outline_is_corrected(world, found):
    version = prepare(world, found)
    publisher = world.actor(Role.PUBLISHER)
    line = next(line for line in lineage.lines(world.session, version) if line.old_labels == ["2-1"])
    lineage.confirm(world.session, publisher, found, line.id, NOON)
    position = next(c.position for c in version.clauses if c.label == "3-3")
    importing.correct(world.session, publisher, found, position, "rewrite", NOON, heading="做好宣传。")
    kept = [x for x in lineage.lines(world.session, version) if x.confirmed_at is not None]
    assert [(x.old_labels, x.new_labels) for x in kept] == [(["2-1"], ["2-2"])]


def test_a_second_preparation_waits_for_the_first(world, found):
    prepare(world, found)
    with pytest.raises(AlreadyDone, match="正在准备"):
        prepare(world, found)


def test_comments_stand_where_their_clause_went_and_keep_their_words(world, found):
    def say(body, *path):
        (comment,) = factories.submission(world, found, body, path=path)
        moderation.decide(
            world.session, world.actor(Role.MODERATOR), comment, CommentState.PUBLISHED, revision=0, at=NOON
        )
        return comment

    stays, moved, lost = (
        say("总体好", "一、"),
        say("巡查太少", "二、", "（一）"),
        say("记录要公开", "二、", "（一）", "2."),
    )
    prepare(world, found)
    publish(world, found)
    labels = {c.label: c.id for c in found.version.clauses}
    counts = reading.public_counts(world.session, found)
    assert counts == {labels["1"]: 1, labels["2-2"]: 1, None: 1}
    page = reading.published_comments(world.session, found, labels["2-2"])
    assert page.comments == [moved]
    assert page.comments[0].clause.citation == "第二部分第（一）条"
    assert reading.published_comments(world.session, found, None).comments == [lost]
    assert reading.published_comments(world.session, found, labels["1"]).comments == [stays]
    summary = summaries.summarise(world.session, found, NOON)
    assert list(imbalances(summary)) == []
    assert {line.reference for line in summary.comments} == {c.reference for c in (stays, moved, lost)}


def test_a_third_version_follows_the_second(world, found):
    (comment,) = factories.submission(world, found, "巡查太少", path=("二、", "（一）"))
    prepare(world, found)
    publish(world, found)
    third = SECOND.replace("（三）加强宣传。每季度开展一次集中宣传。\n", "").replace("每日巡查两次", "每日巡查三次")
    prepare(world, found, third)
    publish(world, found, note="再改。")
    places = lineage.places(world.session, found.version)
    labels = {c.id: c.label for c in found.version.clauses}
    assert labels[places[comment.clause_id]] == "2-2"


def end(world, found, how):
    if how == "withdrawn":
        windows.withdraw(world.session, world.actor(Role.PUBLISHER), found, "上位法已作调整，需要重新研究。", NOON)
    else:
        found.results_published_at = NOON
        world.session.flush()


@pytest.mark.parametrize("how", ["withdrawn", "answered"])
def test_after_the_end_no_new_version_comes(world, found, how):
    prepared = prepare(world, found)
    end(world, found, how)
    with pytest.raises(NotValid, match="不能再发布新的一稿"):
        versions.publish(world.session, world.actor(Role.PUBLISHER), found, "按意见修改。", NOON)
    assert prepared.published_at is None


@pytest.mark.parametrize("how", ["withdrawn", "answered"])
def test_after_the_end_no_new_version_is_prepared(world, found, how):
    end(world, found, how)
    with pytest.raises(NotValid, match="不能再发布新的一稿"):
        prepare(world, found)
    assert len(found.versions) == 1
