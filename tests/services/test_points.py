"""Points: made by machine in the background, corrected by people, remembered when they are made again."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import func, select

from portal.access import Role
from portal.errors import AlreadyDone, NotAllowed, NotThere, NotValid
from portal.models import Comment, Job, Point, PointDecision, PointMember
from portal.rules import plaintext
from portal.rules.words import CommentState, JobState, PointKind
from portal.services import jobs, moderation, points, sorting
from tests import factories
from tests.factories import NOON

PATROL = [
    "建议城区河道每日巡查两次，节假日增加巡查。",
    "城区河道每日只巡查一次太少，应当每日巡查两次。",
    "希望把城区河道巡查增加到每日两次。",
]
NIGHT = [
    "夜间也要有人巡查，晚上倾倒垃圾的多。",
    "建议增加夜间巡查，晚上有人偷倒垃圾。",
]
ALONE = "建议巡查员统一佩戴定位工牌。"


@pytest.fixture
def found(world):
    return factories.consultation(world)


def publish(world, comments):
    for comment in comments:
        moderation.decide(
            world.session, world.actor(Role.MODERATOR), comment, CommentState.PUBLISHED,
            revision=comment.revision, at=NOON,
        )  # fmt: skip


def said(world, found, *bodies, **more):
    """One submission for each body, published."""
    comments = [factories.submission(world, found, body, **more)[0] for body in bodies]
    publish(world, comments)
    return comments


def make(world, found):
    """Does the job to its end in this session."""
    job = points.ask(world.session, found, NOON)
    setting = jobs.Setting(world.seal, "", NOON)
    world.session.flush()
    while jobs.step(
        world.session, job.id, {points.JOB: points.KIND}, setting,
        jobs.gather(world.session, job.id, {points.JOB: points.KIND}, setting),
    ):  # fmt: skip
        pass
    assert job.state is JobState.DONE, job.fault
    world.session.flush()
    world.session.expire_all()
    return job


def groups(world, found):
    """The points as sets of references, by key."""
    stored = points.stored(world.session, found)
    return {
        each.point.key: frozenset(f"C-{number}" for number in each.numbers) for one in stored.values() for each in one
    }


def key_of(world, comment):
    member = world.session.get(PointMember, comment.id)
    return member.point.key


@pytest.fixture
def everything(world, found):
    comments = said(world, found, *PATROL, *NIGHT, ALONE)
    make(world, found)
    return comments


def test_the_same_argument_is_one_point_and_one_persons_point_stands_by_itself(world, found, everything):
    made = groups(world, found)
    assert frozenset({"C-1", "C-2", "C-3"}) in made.values()
    assert frozenset({"C-4", "C-5"}) in made.values()
    assert frozenset({"C-6"}) in made.values()
    assert world.session.scalar(select(Point.kind).where(Point.size == 1)) is PointKind.SINGLE


def test_making_them_again_changes_nothing(world, found, everything):
    before = [(p.id, p.key, p.gathered_at) for p in world.session.scalars(select(Point).order_by(Point.id))]
    make(world, found)
    assert [(p.id, p.key, p.gathered_at) for p in world.session.scalars(select(Point).order_by(Point.id))] == before


def test_only_published_comments_make_points(world, found):
    shown, _hidden = factories.submission(world, found, PATROL[0], "没有审核的话。")
    publish(world, [shown])
    make(world, found)
    assert list(groups(world, found).values()) == [frozenset({shown.reference})]
    moderation.decide(
        world.session, world.actor(Role.MODERATOR), shown, CommentState.WITHHELD, revision=1, at=NOON,
        reason_code="P3", note="广告。",
    )  # fmt: skip
    assert groups(world, found) == {}
    make(world, found)
    assert world.session.scalar(select(func.count(Point.id))) == 0


def test_new_comments_join_the_points_that_are_there(world, found, everything):
    before = groups(world, found)
    late = said(world, found, "城区河道应当每日巡查两次。")[0]
    assert points.without_point(world.session, found) == 1
    make(world, found)
    assert points.without_point(world.session, found) == 0
    assert set(groups(world, found)) == set(before)
    assert key_of(world, late) == key_of(world, everything[0])


def test_points_that_people_merged_stay_merged(world, found, everything):
    drafter = world.actor(Role.DRAFTER)
    kept = sorting.merge(
        world.session, drafter, found, [key_of(world, everything[0]), key_of(world, everything[3])], NOON
    )
    assert groups(world, found)[kept.key] == frozenset({"C-1", "C-2", "C-3", "C-4", "C-5"})
    make(world, found)
    assert groups(world, found)[kept.key] == frozenset({"C-1", "C-2", "C-3", "C-4", "C-5"})


def test_of_two_who_name_a_point_the_second_is_told(world, found, everything):
    key = key_of(world, everything[0])

    def rename(name, seen=""):
        return sorting.rename(world.session, world.actor(Role.DRAFTER), found, key, name, NOON, seen).name

    unnamed = plaintext.stamp("")
    assert rename("加密巡查", unnamed) == "加密巡查"
    assert rename(" 加密巡查 ", unnamed) == "加密巡查"  # both mean the same
    for name in ("每日巡查两次", ""):
        with pytest.raises(AlreadyDone, match="名称刚刚已由他人修改"):
            rename(name, unnamed)
    assert sorting.point(world.session, found, key).name == "加密巡查"
    assert rename("", plaintext.stamp("加密巡查")) == ""


def test_what_people_split_stays_split_and_keeps_its_name(world, found, everything):
    drafter = world.actor(Role.DRAFTER)
    old = key_of(world, everything[0])
    sorting.rename(world.session, drafter, found, old, "每日巡查两次", NOON)
    new = sorting.split(world.session, drafter, found, old, [1], NOON)
    assert (groups(world, found)[old], groups(world, found)[new.key]) == ({"C-2", "C-3"}, {"C-1"})
    before = groups(world, found)
    make(world, found)
    assert groups(world, found) == before
    assert sorting.point(world.session, found, old).name == "每日巡查两次"
    assert sorting.point(world.session, found, new.key).kind is PointKind.SINGLE


def test_a_moved_comment_stays_where_it_was_put(world, found, everything):
    drafter = world.actor(Role.DRAFTER)
    to = key_of(world, everything[3])
    sorting.move(world.session, drafter, found, [1], to, NOON)
    sorting.move(world.session, drafter, found, [6], to, NOON)
    expected = {frozenset({"C-2", "C-3"}), frozenset({"C-1", "C-4", "C-5", "C-6"})}
    assert set(groups(world, found).values()) == expected
    make(world, found)
    assert set(groups(world, found).values()) == expected
    back = sorting.move(world.session, drafter, found, [6], sorting.ALONE, NOON)
    make(world, found)
    assert groups(world, found)[back.key] == {"C-6"}


def test_a_main_point_stays_a_main_point(world, found, everything):
    key = key_of(world, everything[5])
    sorting.mark(world.session, world.actor(Role.MODERATOR), found, key, True, NOON)
    make(world, found)
    first = points.stored(world.session, found)[everything[5].clause_id][0]
    assert (first.point.key, first.point.is_key) == (key, True)


def test_plain_approval_stands_by_itself_and_is_not_merged(world, found):
    comments = said(world, found, "支持", "赞成！", PATROL[0], stance="support")
    make(world, found)
    approval = key_of(world, comments[0])
    assert sorting.point(world.session, found, approval).kind is PointKind.APPROVAL
    with pytest.raises(NotValid, match="单列"):
        sorting.merge(world.session, world.actor(Role.DRAFTER), found, [approval, key_of(world, comments[2])], NOON)
    sorting.move(world.session, world.actor(Role.DRAFTER), found, [1], key_of(world, comments[2]), NOON)
    before = groups(world, found)
    make(world, found)
    assert groups(world, found) == before


def test_what_cannot_be_done_is_said(world, found, everything):
    drafter = world.actor(Role.DRAFTER)
    other = said(world, found, "加大投入到三百万元。", path=("二、", "（二）"))[0]
    make(world, found)
    key = key_of(world, everything[0])
    for act, sentence in (
        (lambda: sorting.merge(world.session, drafter, found, [key], NOON), "至少选择两个"),
        (lambda: sorting.merge(world.session, drafter, found, [key, key_of(world, other)], NOON), "同一条款"),
        (lambda: sorting.split(world.session, drafter, found, key, [1, 2, 3], NOON), "至少留下一条"),
        (lambda: sorting.split(world.session, drafter, found, key, [99], NOON), "请选择"),
        (lambda: sorting.move(world.session, drafter, found, [1], key_of(world, other), NOON), "同一条款"),
        (lambda: sorting.rename(world.session, drafter, found, key, "长" * 101, NOON), "100"),
    ):
        with pytest.raises(NotValid, match=sentence):
            act()
    with pytest.raises(NotThere):
        sorting.merge(world.session, drafter, found, [key, "nothing"], NOON)
    with pytest.raises(NotAllowed):
        sorting.rename(world.session, world.actor(Role.AUDITOR), found, key, "名", NOON)


def test_a_decision_made_meanwhile_is_not_undone(world, found, everything):
    setting = jobs.Setting(world.seal, "", NOON)
    job = points.ask(world.session, found, NOON)
    gathered = jobs.gather(world.session, job.id, {points.JOB: points.KIND}, setting)
    sorting.move(world.session, world.actor(Role.DRAFTER), found, [6], key_of(world, everything[0]), NOON)
    assert jobs.step(world.session, job.id, {points.JOB: points.KIND}, setting, gathered)
    assert key_of(world, everything[5]) == key_of(world, everything[0])


@pytest.mark.parametrize("seed", range(3))
def test_any_course_of_corrections_is_remembered(world, found, seed, monkeypatch):
    monkeypatch.setattr(points, "_STEP", 4)  # several steps
    chance = random.Random(seed)
    drafter = world.actor(Role.DRAFTER)
    said(world, found, *PATROL, *NIGHT, ALONE, "支持", "同意")
    said(world, found, *PATROL, *NIGHT, path=("二、", "（二）"))
    make(world, found)
    for _ in range(12):
        stored = [each for one in points.stored(world.session, found).values() for each in one]
        one, two = chance.choice(stored), chance.choice(stored)
        try:
            match chance.randrange(4):
                case 0:
                    sorting.merge(world.session, drafter, found, [one.point.key, two.point.key], NOON)
                case 1:
                    some = chance.sample(one.numbers, chance.randint(1, len(one.numbers)))
                    sorting.split(world.session, drafter, found, one.point.key, some, NOON)
                case 2:
                    sorting.move(world.session, drafter, found, [chance.choice(one.numbers)], two.point.key, NOON)
                case 3:
                    sorting.move(world.session, drafter, found, [chance.choice(one.numbers)], sorting.ALONE, NOON)
        except NotValid:
            continue
        before = groups(world, found)
        if chance.random() < 0.5:
            make(world, found)
            assert groups(world, found) == before
    make(world, found)
    assert groups(world, found) == before
    assert world.session.scalar(select(func.count()).select_from(PointMember)) == 13
    assert world.session.scalar(select(func.count(PointDecision.id)))


def test_it_is_asked_for_once_wherever_something_is_new(world, found):
    said(world, found, *PATROL)
    assert points.ask_where_stale(world.session, NOON) == 1
    points.ask_where_stale(world.session, NOON)
    assert world.session.scalar(select(func.count(Job.id))) == 1
    make(world, found)
    assert points.ask_where_stale(world.session, NOON) == 0
    assert world.session.scalar(select(func.count(Comment.id))) == 3


@pytest.mark.parametrize(
    ("words", "argument"),
    [
        ("身份证【已隐去】，电话138****5678，建议每日巡查。", "身份证 ，电话 ，建议每日巡查。"),
        ("见https://example.com/a?b=1，保洁员太少", "见 ，保洁员太少"),
        ("【已隐去】", "【已隐去】"),
        ("资金用于（一）、（二）项**", "资金用于（一）、（二）"),
    ],
)
def test_what_is_hidden_is_no_argument(words, argument):
    assert points.argued(words) == argument
