"""Whatever is received, published, withheld, withdrawn or corrected, in whatever order: the totals balance, points and
all, and every file says the same."""

from __future__ import annotations

import contextlib
import dataclasses
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from portal import reports
from portal.access import Role
from portal.errors import Refusal
from portal.models import Comment, Respondent, Submission
from portal.reports.summary import TotalsDoNotBalance, imbalances, require_balance
from portal.rules.words import CommentState
from portal.services import moderation, points, sorting, summaries, verifying
from tests import factories
from tests.factories import NOON

PATHS = [(), ("一、",), ("二、", "（一）"), ("二、", "（二）")]
WORDS = [
    "赞成",
    "每日巡查两次。",
    "应当每日巡查两次。",
    "保洁员增加到2名，电话13800001234。",
    "专项资金由200万元提高到300万元。",
]
KINDS = [("citizen", ""), ("enterprise", "示例企业"), ("association", "示例协会"), ("institution", "示例大学")]

REGIONS = ["甲区", "乙县", "市外"]

receive = st.tuples(
    st.just("receive"), st.sampled_from(PATHS), st.lists(st.sampled_from(WORDS), min_size=1, max_size=3),
    st.sampled_from(KINDS), st.sampled_from(["support", "change", "oppose", "question", "addition"]),
    st.sampled_from(["", *REGIONS]),
)  # fmt: skip
relist = st.tuples(st.just("relist"), st.lists(st.sampled_from(REGIONS), unique=True))
decide = st.tuples(st.just("decide"), st.integers(0, 99), st.integers(0, 99), st.sampled_from(["P3", "P4", "M8"]))
merge_into = st.tuples(st.just("merge"), st.integers(0, 99))
withdraw = st.tuples(st.just("withdraw"), st.integers(0, 99))
gather = st.tuples(st.just("gather"))
sort = st.tuples(st.just("sort"), st.integers(0, 99), st.integers(0, 99))


def step(world, found, act):
    session, moderator = world.session, world.actor(Role.MODERATOR)
    comments = list(session.scalars(select(Comment).order_by(Comment.number)))
    match act:
        case ("receive", path, bodies, (kind, organisation), stance, region):
            factories.submission(
                world, found, *bodies, path=path, kind=kind, organisation=organisation, stance=stance,
                region=region if region in world.bureau.regions else "",
            )  # fmt: skip
        case ("relist", regions):
            world.bureau.regions = regions
        case ("decide", which, whither, reason) if comments:
            comment = comments[which % len(comments)]
            to = sorted(to for of, to in moderation.ALLOWED if of is comment.state)
            if to:
                chosen = to[whither % len(to)]
                masks = moderation.suggested_masks(comment) if chosen is CommentState.PUBLISHED else []
                moderation.decide(
                    session, moderator, comment, chosen, revision=comment.revision, at=NOON, reason_code=reason,
                    note="说明", masks=masks,
                )  # fmt: skip
        # merging and withdrawing have desks of their own; what they do to a comment is its state
        case ("merge", which) if comments:
            comment = comments[which % len(comments)]
            if comment.state is CommentState.PENDING:
                comment.state = CommentState.MERGED
        case ("withdraw", which) if comments:
            comments[which % len(comments)].state = CommentState.WITHDRAWN
        case ("gather",):
            points.renew(session, found, NOON)
        case ("sort", which, whither):
            stored = [each for one in points.stored(session, found).values() for each in one]
            if stored:
                one, other = stored[which % len(stored)], stored[whither % len(stored)]
                with contextlib.suppress(Refusal):
                    sorting.move(session, world.actor(Role.DRAFTER), found, [one.numbers[0]], other.point.key, NOON)
    session.flush()


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    acts=st.lists(st.one_of(receive, receive, decide, decide, merge_into, withdraw, gather, sort, relist), max_size=25)
)
def test_totals_balance_in_every_way(world, acts):
    session = world.session
    with session.begin_nested() as attempt:
        found = factories.consultation(world, "shizheng")
        world.bureau.regions = REGIONS
        for act in acts:
            step(world, found, act)
        points.renew(session, found, NOON)
        summary = summaries.summarise(session, found, NOON)
        require_balance(summary)
        states = Counter(session.scalars(select(Comment.state).where(Comment.consultation_id == found.id)))
        assert dict(summary.totals.parts()) == {state: states.get(state, 0) for state in CommentState}
        assert summary.submissions == session.scalar(
            select(func.count(Submission.id)).where(Submission.consultation_id == found.id)
        )
        stored = session.execute(
            select(Respondent.region, func.count(Submission.id.distinct()), func.count(Comment.id))
            .join(Submission, Submission.respondent_id == Respondent.id)
            .join(Comment, Comment.submission_id == Submission.id)
            .where(Comment.consultation_id == found.id)
            .group_by(Respondent.region)
        ).all()
        is_known = bool(world.bureau.regions) or any(region for region, _, _ in stored)
        assert set(summary.by_region) == ({tuple(row) for row in stored} if is_known else set())
        told = Counter(each for clause in summary.clauses for point in clause.points for each in point.references)
        assert told == Counter(line.reference for line in summary.comments)  # each once, none lost
        for clause in summary.clauses:
            assert sum(count for _, count in clause.by_kind) == clause.totals.received
            assert sum(count for _, count in clause.by_stance) == clause.totals.received
        kept = summaries.freeze(session, world.actor(Role.DRAFTER), found, NOON, "https://example.gov.cn")
        for name in ("json", "csv", "html"):
            content = reports.render(name, summaries.thaw(kept))
            assert verifying.verify(session, name, content).faults == ()
            assert b"13800001234" not in content
        attempt.rollback()


BROKEN = {
    "a state that is none": ("UPDATE comment SET state = 'published ' WHERE number = 1", LookupError, "published "),
    "a comment in a point of another clause": (
        "UPDATE point_member SET point_id = (SELECT MAX(id) FROM point) WHERE comment_id = 1", None, ""
    ),
    "a withholding without its reason": (
        "UPDATE comment SET state = 'withheld', reason_code = '' WHERE number = 1", None, ""
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_a_corrupted_database_is_refused_or_told_truly(world, what):
    found = factories.consultation(world)
    act, refusal, where = BROKEN[what]
    for path, body in ((("二、", "（一）"), "每日巡查两次。"), (("二、", "（二）"), "加大投入。")):
        comment = factories.submission(world, found, body, path=path)[0]
        moderation.decide(
            world.session, world.actor(Role.MODERATOR), comment, CommentState.PUBLISHED, revision=0, at=NOON
        )
    points.renew(world.session, found, NOON)
    world.session.flush()
    world.session.execute(text(act))
    world.session.expire_all()
    if refusal is not None:
        with pytest.raises(refusal, match=where):
            summaries.freeze(world.session, world.actor(Role.DRAFTER), found, NOON, "")
        return
    summary = summaries.summarise(world.session, found, NOON)
    assert list(imbalances(summary)) == []
    assert sum(clause.totals.received for clause in summary.clauses) == 2


@pytest.mark.parametrize("name", list(reports.FORMATS))
def test_a_kept_summary_that_was_tampered_with_is_refused_and_says_where(world, name):
    found = factories.consultation(world)
    comment = factories.submission(world, found, "每日巡查两次。")[0]
    moderation.decide(world.session, world.actor(Role.MODERATOR), comment, CommentState.PUBLISHED, revision=0, at=NOON)
    kept = summaries.freeze(world.session, world.actor(Role.DRAFTER), found, NOON, "")
    summary = summaries.thaw(kept)
    told = next(clause for clause in summary.clauses if clause.points)
    lost = dataclasses.replace(told.points[0], references=("C-9",), representative="C-1")
    wrong = dataclasses.replace(
        summary,
        clauses=tuple(dataclasses.replace(c, points=(lost,)) if c is told else c for c in summary.clauses),
    )  # fmt: skip
    with pytest.raises(TotalsDoNotBalance, match=r"第二部分第（一）条：观点引用的C-9不在本条公开的意见中"):
        reports.render(name, wrong)
    wrong = dataclasses.replace(summary, senders=())
    reports.render(name, wrong)
    wrong = dataclasses.replace(summary, by_day=())
    with pytest.raises(TotalsDoNotBalance, match="按日期"):
        reports.render(name, wrong)


def test_a_comment_that_lost_its_clause_makes_it_refuse_and_say_where(world):
    found = factories.consultation(world)
    factories.submission(world, found, "每日巡查两次。")
    other = factories.consultation(world, "lingyi")
    world.session.flush()
    is_sqlite = world.session.get_bind().dialect.name == "sqlite"
    world.session.execute(
        text("DROP TRIGGER keep_comment_words" if is_sqlite else "ALTER TABLE comment DISABLE TRIGGER USER")
    )
    world.session.execute(text("UPDATE comment SET clause_id = :clause"), {"clause": other.version.clauses[0].id})
    world.session.expire_all()
    with pytest.raises(TotalsDoNotBalance, match="按条款：相加为0，应为1"):
        summaries.freeze(world.session, world.actor(Role.DRAFTER), found, NOON, "")
