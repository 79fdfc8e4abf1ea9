"""Comments find their campaign as they arrive; what people decide is remembered; counts are right after everything."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.access import Role
from portal.analysis.regrouping import Decisions
from portal.cli import work
from portal.errors import AlreadyDone, NotAllowed, NotThere, NotValid
from portal.models import AuditEvent, Campaign, CampaignGrouping, Comment, Consultation, DistinctText, Job, TextBand
from portal.rules.words import Channel, CommentState
from portal.services import amending, baskets, campaigns, grouping, jobs, judging, surveying
from tests import factories
from tests.factories import NOON

A = "建议在河湾小区增设一处社区助餐点，老人走路不超过十分钟，菜价要公示，由街道负责日常检查。"
B = "开发区到火车站的公交末班车太早，下了中班只能走路回家，请把末班车延长到晚上十一点半。"
C = "河道两岸的步道坑坑洼洼，下雨就积水，推轮椅根本过不去，希望今年先把城区这一段修平整。"
A2, A3, A4 = A + "谢谢！", "您好，" + A, A.replace("十分钟", "一刻钟")
B2, B3 = B + "辛苦了。", "领导好：" + B


@pytest.fixture
def made(database, seal):
    """A consultation, committed, and what the tests do with it."""
    with database.writer() as session:
        world = factories.world(session, seal)
        world.consultation = factories.consultation(world)
        session.commit()
        yield world


def send(made, *bodies, **changes):
    """One submission for each body; the numbers of the comments."""
    numbers = [
        comment.number for body in bodies for comment in factories.submission(made, made.consultation, body, **changes)
    ]
    made.session.commit()
    return numbers


def work_is_done(database, seal, at=NOON):
    """What the worker does in its rounds, until nothing is due."""
    for _ in range(50):
        with database.reader() as session:
            if not grouping.due(session, at):
                return
        work.ask_for_due(database, at)
        work.run_due(database, work.KINDS, lambda: jobs.Setting(seal, "", at))
    with database.reader() as session:
        raise AssertionError([(j.state, j.fault, j.attempts, j.place) for j in session.scalars(select(Job))])


def together(database):
    """The members of each campaign by their numbers; the campaign of each; and that all counts are right."""
    with database.reader() as session:
        right(session)
        found = {}
        for number, campaign_id in session.execute(
            select(Comment.number, Comment.campaign_id).where(Comment.campaign_id.is_not(None)).order_by(Comment.number)
        ):
            found.setdefault(campaign_id, []).append(number)
        return sorted(map(tuple, found.values()))


def right(session):
    """Every count is what one gets by counting, and every name of one row in another leads somewhere."""
    comments = session.scalars(select(Comment)).all()
    texts = {text.id: text for text in session.scalars(select(DistinctText))}
    kept = {campaign.id: campaign for campaign in session.scalars(select(Campaign))}
    assert {c.campaign_id for c in comments} - {None} == set(kept)
    for comment in comments:
        if comment.text_id is not None:
            assert texts[comment.text_id].campaign_id == comment.campaign_id
    assert {c.text_id for c in comments} - {None} == set(texts)
    for text in texts.values():
        mine = [c for c in comments if c.text_id == text.id]
        assert text.comments == sum(c.state is not CommentState.WITHDRAWN for c in mine)
        assert text.comment_id == min(c.id for c in mine)
        bands = session.scalars(select(TextBand).where(TextBand.text_id == text.id)).all()
        assert bool(bands) == text.is_centre
    assert {band.text_id for band in session.scalars(select(TextBand))} <= set(texts)
    for campaign in kept.values():
        mine = [c for c in comments if c.campaign_id == campaign.id]
        stands = [c for c in mine if c.state is not CommentState.WITHDRAWN]
        assert len(mine) > 1
        assert campaign.representative_id in {c.id for c in mine}
        assert (campaign.submissions, campaign.comments, campaign.texts) == (
            len({c.submission_id for c in stands}), len(stands), len({c.text_id for c in stands}),
        )  # fmt: skip
        assert campaign.first_received_at == min(c.received_at for c in mine)
        assert campaign.last_received_at == max(c.received_at for c in mine)


def by_numbers(session, *numbers):
    return [session.scalar(select(Comment).where(Comment.number == number)) for number in numbers]


def campaign_of(session, number):
    return session.get_one(Campaign, by_numbers(session, number)[0].campaign_id)


def as_moderator(made):
    return made.actor(Role.MODERATOR)


# ── arriving ──────────────────────────────────────────────────────────────────────────────────────────


def test_what_was_there_before_is_grouped_at_first(database, seal, made):
    send(made, A, B, A2, C, A, B2, "支持", "支持！", "！！！")
    work_is_done(database, seal)
    assert together(database) == [(1, 3, 5), (2, 6), (7, 8)]
    with database.reader() as session:
        found = campaign_of(session, 1)
        assert (found.submissions, found.texts, found.is_short) == (3, 2, False)
        assert campaign_of(session, 7).is_short
        assert campaigns.of_comment(session, by_numbers(session, 4)[0]) is None


def test_each_that_arrives_finds_its_place(database, seal, made):
    send(made, C)
    work_is_done(database, seal)
    for body in (A, B, A2, "支持", A, B2, "支持！", A3, A4, B3):
        send(made, body)
        work_is_done(database, seal)
    assert together(database) == [(2, 4, 6, 9, 10), (3, 7, 11), (5, 8)]


def test_one_by_one_gives_what_all_at_once_gives(database, seal, made):
    send(made, C)
    work_is_done(database, seal)
    send(made, A, B, A2, "支持", A, B2, "支持！", A3, A4, B3, "？", C + "急盼。")
    work_is_done(database, seal)
    one_by_one = together(database)
    with database.writer() as session:
        judging.ask_anew(session, as_moderator(made), made.consultation, NOON)
        session.commit()
    work_is_done(database, seal)
    assert together(database) == one_by_one == [(1, 13), (2, 4, 6, 9, 10), (3, 7, 11), (5, 8)]


def test_many_arrive_and_all_is_grouped_anew_by_itself(database, seal, made):
    send(made, *(f"第{n}号楼" + A for n in range(30)), *([B] * 30), *(f"{n}" for n in range(10)))
    work_is_done(database, seal)
    send(made, *([B2] * 90))
    work_is_done(database, seal)
    with database.reader() as session:
        done = session.scalar(select(CampaignGrouping))
        assert (done.upto, done.whole_upto, done.began_at, done.found) == (160, 160, None, None)
        assert session.scalar(select(Job).where(Job.kind == "campaigns")).finished_at
    assert [len(group) for group in together(database)] == [30, 120]


def test_any_channel_and_across_clauses(database, seal, made):
    from portal.services import commenting

    send(made, A)
    send(made, A2, path=("三、", "（二）"))
    commenting.register(
        made.session, seal, made.consultation, identity=commenting.Identity(kind="citizen", has_read_notice=True),
        remarks=[(None, baskets.Remark("change", A3, ""))], channel=Channel.LETTER, received_at=NOON,
    )  # fmt: skip
    made.session.commit()
    work_is_done(database, seal)
    assert together(database) == [(1, 2, 3)]


def test_only_a_proposed_wording_is_compared_by_the_wording(database, seal, made):
    send(made, baskets.ONLY_PROPOSED, proposed_text="城区河道每日巡查三次，农村河道每日巡查一次，并在门户网站公开。")
    send(made, baskets.ONLY_PROPOSED, proposed_text="建立巡查制度，由第三方机构负责，费用列入年度预算，接受群众监督。")
    send(made, baskets.ONLY_PROPOSED, proposed_text="城区河道每日巡查三次，农村河道每日巡查一次，并在门户网站公开！")
    work_is_done(database, seal)
    assert together(database) == [(1, 3)]


def test_one_submission_that_says_it_on_five_clauses_is_one(database, seal, made):
    factories.submission(made, made.consultation, A, A2, A3)
    send(made, A4)
    work_is_done(database, seal)
    with database.reader() as session:
        right(session)
        found = campaign_of(session, 1)
        assert (found.submissions, found.comments, found.texts) == (2, 4, 4)


def test_another_consultation_is_another_matter(database, seal, made):
    send(made, A, A2)
    other = factories.consultation(made, "other")
    factories.submission(made, other, A3)
    factories.submission(made, other, A4)
    made.session.commit()
    work_is_done(database, seal)
    with database.reader() as session:
        ids = [each.campaign_id for each in session.scalars(select(Comment).order_by(Comment.id))]
        assert ids[0] == ids[1] != ids[2] == ids[3]


def test_nothing_is_due_when_nothing_came(database, seal, made):
    with database.reader() as session:
        assert grouping.due(session, NOON) == []
    send(made, A)
    work_is_done(database, seal)
    with database.reader() as session:
        assert grouping.due(session, NOON + timedelta(days=1)) == []


def test_after_the_end_all_is_grouped_once_more(database, seal, made):
    send(made, A)
    work_is_done(database, seal)
    send(made, A2)
    work_is_done(database, seal)
    later = NOON + timedelta(days=60)
    with database.reader() as session:
        assert grouping.due(session, later)
    work_is_done(database, seal, later)
    with database.reader() as session:
        assert session.scalar(select(CampaignGrouping.whole_upto)) == 2


def test_a_worker_that_is_killed_between_any_two_steps_loses_nothing(database, seal, made):
    send(made, *(f"{n}号楼居民：" + A for n in range(6)), B, B2, "支持", "支持")
    setting = jobs.Setting(seal, "", NOON)
    for _ in range(40):
        # a worker that does one step and is gone; and one that had looked before it
        work.ask_for_due(database, NOON)
        with database.reader() as session:
            waiting = jobs.due(session, NOON)
            if not waiting:
                break
            old = jobs.gather(session, waiting[0], work.KINDS, setting)
        with database.writer() as session:  # never committed
            jobs.step(session, waiting[0], work.KINDS, setting, old)
            session.rollback()
        with database.transaction() as session:
            jobs.step(session, waiting[0], work.KINDS, setting, old)
        with database.transaction() as session:
            jobs.step(session, waiting[0], work.KINDS, setting, old)
    assert together(database) == [(1, 2, 3, 4, 5, 6), (7, 8), (9, 10)]


def test_what_has_failed_for_good_rests_an_hour(database, seal, made):
    send(made, A)
    with database.transaction() as session:
        job = grouping.ask(session, session.get_one(Consultation, made.consultation.id), NOON)
        jobs._end(job, grouping.JobState.FAILED, NOON)
    with database.transaction() as session:
        consultation = session.get_one(Consultation, made.consultation.id)
        assert grouping.ask(session, consultation, NOON + timedelta(minutes=50)) is None
        assert grouping.ask(session, consultation, NOON + timedelta(minutes=70)) is not None


# ── withdrawing and correcting ────────────────────────────────────────────────────────────────────────


def test_what_is_withdrawn_stays_a_member_and_is_not_counted(database, seal, made):
    send(made, A, A, A2)
    work_is_done(database, seal)
    with database.writer() as session:
        for comment in by_numbers(session, 3, 1):
            amending.withdraw(session, seal, comment.submission, comment.number, revision=0, at=NOON)
        session.commit()
        right(session)
        found = campaign_of(session, 1)
        assert (found.submissions, found.texts) == (1, 1)
        assert campaigns.size_by_state(session, found)[CommentState.WITHDRAWN] == 2
        assert campaigns.of_comment(session, by_numbers(session, 2)[0]) is None  # one alone is no campaign
    send(made, A2)
    work_is_done(database, seal)
    assert together(database) == [(1, 2, 3, 4)]


def test_a_correction_is_not_counted_twice(database, seal, made):
    send(made, A, A2)
    work_is_done(database, seal)
    with database.writer() as session:
        comment = by_numbers(session, 2)[0]
        remark = baskets.Remark("change", A2 + "请回复。", "")
        amending.correct(session, seal, comment.submission, 2, remark, revision=0, at=NOON)
        session.commit()
    work_is_done(database, seal)
    assert together(database) == [(1, 2, 3)]
    with database.reader() as session:
        assert (campaign_of(session, 3).submissions, campaign_of(session, 3).comments) == (2, 2)


def test_what_is_withdrawn_while_all_is_grouped_anew_is_counted_at_the_end(database, seal, made):
    send(made, A, A2, A3, A)
    setting = jobs.Setting(seal, "", NOON)
    work.ask_for_due(database, NOON)
    withdrawn = iter([1, 2, 3])
    while True:
        with database.reader() as session:
            waiting = jobs.due(session, NOON)
            if not waiting:
                break
            gathered = jobs.gather(session, waiting[0], work.KINDS, setting)
        with database.writer() as session:
            if (number := next(withdrawn, None)) is not None:
                comment = by_numbers(session, number)[0]
                amending.withdraw(session, seal, comment.submission, number, revision=0, at=NOON)
            session.commit()
        with database.transaction() as session:
            jobs.step(session, waiting[0], work.KINDS, setting, gathered)
    assert together(database) == [(1, 2, 3, 4)]


# ── people ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def two(database, seal, made):
    """A: 1, 3, 5 (A), 7 (A2), 9 (A4); B: 2, 4 (B2), 6; alone: 8."""
    send(made, A, B, A, B2, A, B3, A2, C, A4)
    work_is_done(database, seal)
    assert together(database) == [(1, 3, 5, 7, 9), (2, 4, 6)]
    return made


def anew(database, seal, made, *more):
    """All again, with more that came; what stands together then."""
    if more:
        send(made, *more)
        work_is_done(database, seal)
    before = together(database)
    with database.writer() as session:
        judging.ask_anew(session, as_moderator(made), session.get_one(Consultation, made.consultation.id), NOON)
        session.commit()
    work_is_done(database, seal)
    assert together(database) == before
    return before


def text_ids(session, *numbers):
    return [comment.text_id for comment in by_numbers(session, *numbers)]


def test_a_text_is_split_off_with_all_who_say_it_now_and_later(database, seal, two):
    with database.writer() as session:
        found = campaign_of(session, 1)
        outcome = judging.move_texts(
            session, as_moderator(two), two.consultation, found, text_ids(session, 9), None, NOON
        )
        assert (outcome.campaign, outcome.comments) == (None, 1)
        session.commit()
    assert together(database) == [(1, 3, 5, 7), (2, 4, 6)]
    assert anew(database, seal, two, A4, A2) == [(1, 3, 5, 7, 11), (2, 4, 6), (9, 10)]


def test_the_representative_itself_may_be_split_off(database, seal, two):
    with database.writer() as session:
        found = campaign_of(session, 1)
        number = session.get_one(Comment, found.representative_id).number
        assert number == 1
        judging.move_texts(session, as_moderator(two), two.consultation, found, text_ids(session, 1), None, NOON)
        session.commit()
    assert together(database) == [(1, 3, 5), (2, 4, 6), (7, 9)]
    assert anew(database, seal, two, A) == [(1, 3, 5, 10), (2, 4, 6), (7, 9)]


def test_texts_are_moved_to_another_campaign(database, seal, two):
    with database.writer() as session:
        outcome = judging.move_texts(
            session, as_moderator(two), two.consultation, campaign_of(session, 1), text_ids(session, 7, 9),
            campaign_of(session, 2), NOON,
        )  # fmt: skip
        assert outcome.campaign.id == campaign_of(session, 2).id
        session.commit()
    assert together(database) == [(1, 3, 5), (2, 4, 6, 7, 9)]
    assert anew(database, seal, two, A2, B) == [(1, 3, 5), (2, 4, 6, 7, 9, 10, 11)]


def test_one_of_several_who_say_the_same_is_moved_alone(database, seal, two):
    with database.writer() as session:
        judging.move_comments(
            session, as_moderator(two), two.consultation, campaign_of(session, 1), [3], campaign_of(session, 2), NOON
        )
        session.commit()
    assert together(database) == [(1, 5, 7, 9), (2, 3, 4, 6)]
    assert anew(database, seal, two, A) == [(1, 5, 7, 9, 10), (2, 3, 4, 6)]


def test_comments_are_split_off_together(database, seal, two):
    with database.writer() as session:
        outcome = judging.move_comments(
            session, as_moderator(two), two.consultation, campaign_of(session, 1), [3, 9], None, NOON
        )
        assert outcome.campaign.submissions == 2
        session.commit()
    assert together(database) == [(1, 5, 7), (2, 4, 6), (3, 9)]
    assert anew(database, seal, two) == [(1, 5, 7), (2, 4, 6), (3, 9)]


def test_two_campaigns_are_joined_and_parted_again(database, seal, two):
    moderator = as_moderator(two)
    with database.writer() as session:
        small = campaign_of(session, 2)
        judging.rename(session, moderator, two.consultation, small, " 公交 末班车 ", NOON)
        outcome = judging.join(session, moderator, two.consultation, small, campaign_of(session, 1), NOON)
        assert (outcome.campaign.submissions, outcome.campaign.texts) == (8, 6)
        assert outcome.campaign.name == "公交 末班车"
        session.commit()
    # what is near the representative of the smaller one still finds its way
    assert anew(database, seal, two, "求求了，" + B) == [(1, 2, 3, 4, 5, 6, 7, 9, 10)]
    with database.writer() as session:
        found = campaign_of(session, 1)
        assert found.name == "公交 末班车"
        outcome = judging.move_texts(
            session, moderator, two.consultation, found, text_ids(session, 2, 4, 6, 10), None, NOON
        )
        session.commit()
    assert anew(database, seal, two) == [(1, 3, 5, 7, 9), (2, 4, 6, 10)]


def test_what_was_put_apart_may_be_brought_back(database, seal, two):
    moderator = as_moderator(two)
    with database.writer() as session:
        found = campaign_of(session, 1)
        judging.move_comments(session, moderator, two.consultation, found, [7, 9], None, NOON)
        session.commit()
        judging.move_comments(session, moderator, two.consultation, campaign_of(session, 7), [9], found, NOON)
        session.commit()
    assert together(database) == [(1, 3, 5, 9), (2, 4, 6)]
    assert anew(database, seal, two) == [(1, 3, 5, 9), (2, 4, 6)]


def test_a_great_move_is_carried_out_by_the_worker(database, seal, two, monkeypatch):
    monkeypatch.setattr(judging, "AT_ONCE", 2)
    with database.writer() as session:
        outcome = judging.join(
            session, as_moderator(two), two.consultation, campaign_of(session, 2), campaign_of(session, 1), NOON
        )
        assert not outcome.is_carried_out
        session.commit()
    work_is_done(database, seal)
    assert together(database) == [(1, 2, 3, 4, 5, 6, 7, 9)]
    with database.writer() as session:
        outcome = judging.move_texts(
            session, as_moderator(two), two.consultation, campaign_of(session, 1), text_ids(session, 1), None, NOON
        )
        assert not outcome.is_carried_out
        session.commit()
    work_is_done(database, seal)
    assert [group for group in together(database) if 1 in group] == [(1, 3, 5)]


def test_a_name_and_a_number_stay_when_all_is_grouped_anew(database, seal, two):
    with database.writer() as session:
        found = campaign_of(session, 1)
        kept = found.id
        judging.rename(session, as_moderator(two), two.consultation, found, "助餐点", NOON)
        session.commit()
    anew(database, seal, two, A3, A3, A3)
    with database.reader() as session:
        assert (campaign_of(session, 1).id, campaign_of(session, 1).name) == (kept, "助餐点")


def test_who_may_judge(database, seal, two):
    other = factories.world(two.session, seal, "示例市教育局", "jyj")
    two.session.commit()
    with database.writer() as session:
        found = campaign_of(session, 1)
        for actor in (other.actor(Role.MODERATOR), two.actor(Role.DRAFTER), two.actor(Role.ADMINISTRATOR)):
            for act in (
                lambda actor=actor: judging.rename(session, actor, two.consultation, found, "x", NOON),
                lambda actor=actor: judging.join(session, actor, two.consultation, found, found, NOON),
                lambda actor=actor: judging.move_texts(session, actor, two.consultation, found, [1], None, NOON),
                lambda actor=actor: judging.move_comments(session, actor, two.consultation, found, [1], None, NOON),
                lambda actor=actor: judging.ask_anew(session, actor, two.consultation, NOON),
                lambda actor=actor: campaigns.listed(session, actor, two.consultation),
                lambda actor=actor: campaigns.campaign(session, actor, two.consultation, found.id),
            ):
                with pytest.raises(NotAllowed):
                    act()


def test_what_cannot_be_is_refused(database, seal, two):
    moderator = as_moderator(two)
    other = factories.consultation(two, "other")
    two.session.commit()
    with database.writer() as session:
        found = campaign_of(session, 1)
        everything = text_ids(session, 1, 7, 9)
        for act in (
            lambda: judging.move_texts(session, moderator, two.consultation, found, everything, None, NOON),
            lambda: judging.move_texts(session, moderator, two.consultation, found, [], None, NOON),
            lambda: judging.move_texts(session, moderator, two.consultation, found, everything, found, NOON),
            lambda: judging.move_comments(session, moderator, two.consultation, found, [2], None, NOON),
            lambda: judging.join(session, moderator, two.consultation, found, found, NOON),
            lambda: judging.rename(session, moderator, two.consultation, found, "长" * 61, NOON),
        ):
            with pytest.raises(NotValid):
                act()
        with pytest.raises(NotThere):
            judging.rename(session, moderator, other, found, "x", NOON)
        session.scalar(select(CampaignGrouping)).began_at = NOON
        session.flush()
        with pytest.raises(AlreadyDone):
            judging.rename(session, moderator, two.consultation, found, "x", NOON)


def test_every_act_is_in_the_log(database, seal, two):
    moderator = as_moderator(two)
    with database.writer() as session:
        judging.rename(session, moderator, two.consultation, campaign_of(session, 1), "助餐点", NOON)
        judging.move_texts(
            session, moderator, two.consultation, campaign_of(session, 1), text_ids(session, 9), None, NOON
        )
        judging.move_comments(
            session, moderator, two.consultation, campaign_of(session, 1), [3], campaign_of(session, 2), NOON
        )
        judging.join(session, moderator, two.consultation, campaign_of(session, 1), campaign_of(session, 2), NOON)
        judging.ask_anew(session, moderator, two.consultation, NOON)
        acts = session.scalars(select(AuditEvent.act).where(AuditEvent.act.startswith("campaign."))).all()
        assert acts == [f"campaign.{act}" for act in ("rename", "split", "move", "join", "regroup")]
        assert [each.kind for each in judging.history(session, campaign_of(session, 1))] == [
            "joined", "moved", "apart_text", "renamed",
        ]  # fmt: skip


# ── reading ───────────────────────────────────────────────────────────────────────────────────────────


def test_members_come_in_order_in_any_state(database, seal, two):
    with database.writer() as session:
        comment = by_numbers(session, 3)[0]
        amending.withdraw(session, seal, comment.submission, 3, revision=0, at=NOON)
        found = campaign_of(session, 1)
        assert [c.number for c in campaigns.members(session, found)] == [1, 3, 5, 7, 9]
        assert [c.number for c in campaigns.members(session, found, after=3, limit=2)] == [5, 7]
        assert [c.number for c in campaigns.members(session, found, CommentState.PENDING, 1, 2)] == [5, 7]
        assert [c.number for c in campaigns.members(session, found, CommentState.WITHDRAWN)] == [3]


def test_the_list_is_by_size_and_goes_on(database, seal, two, monkeypatch):
    send(two, "支持", "支持")
    work_is_done(database, seal)
    monkeypatch.setattr(campaigns, "PAGE", 1)
    with database.reader() as session:
        first = campaigns.listed(session, as_moderator(two), two.consultation)
        second = campaigns.listed(session, as_moderator(two), two.consultation, after=first.after)
        assert [first.campaigns[0].submissions, second.campaigns[0].submissions] == [5, 3]
        assert (first.count, second.after) == (2, None)
        assert campaigns.listed(session, as_moderator(two), two.consultation, after="rubbish").campaigns
        assert campaigns.listed(session, as_moderator(two), two.consultation, is_short=True).count == 1


def test_each_text_says_what_it_adds(database, seal, two):
    with database.reader() as session:
        found = campaigns.campaign(session, as_moderator(two), two.consultation, campaign_of(session, 1).id)
        said, after = campaigns.texts(session, found)
        assert after is None
        assert (said[0].text.comments, said[0].is_representative) == (3, True)
        assert {piece for each in said for piece in each.pieces if piece[0] == "ins"} == {
            ("ins", "谢谢！"),
            ("ins", "一刻"),
        }
        facts = campaigns.facts(session, two.consultation, found, NOON)
        assert [count for _, count in facts.by_day] == [0] * 10 + [5]
        assert facts.channels == ((Channel.WEB, 5),)
        assert any("社区助餐点" in phrase for phrase in facts.phrases)


def test_a_large_campaign_is_told_of_as_it_was_when_all_was_grouped(database, seal, two, monkeypatch):
    with database.reader() as session:
        small = campaigns.facts(session, two.consultation, campaign_of(session, 1), NOON)
    for module in (surveying, campaigns):
        monkeypatch.setattr(module, "LARGE", 4)
    with database.reader() as session:
        assert campaigns.facts(session, two.consultation, campaign_of(session, 1), NOON) is None
    anew(database, seal, two)
    with database.reader() as session:
        large = campaigns.facts(session, two.consultation, campaign_of(session, 1), NOON)
        assert large.as_of is not None
        assert dataclasses.replace(large, as_of=None) == small


def test_decisions_are_read_in_their_order(database, seal, two):
    from portal.analysis.distinct import told_apart
    from portal.models import CampaignDecision

    def row(kind, one, other):
        return CampaignDecision(kind=kind, one_id=one, other_id=other)

    told = told_apart([(1, A), (2, A2), (3, A2), (4, B)])
    read = judging.decisions
    assert read([row("moved_text", 2, 4)], told) == Decisions(moved={2: 4, 3: 4})
    assert read([row("moved", 2, 4)], told) == Decisions(moved={2: 4})
    assert read([row("moved_text", 2, 4), row("moved", 3, 1)], told) == Decisions(moved={2: 4, 3: 1})
    assert read([row("apart_text", 2, 1)], told).moved == {2: 2, 3: 2}
    assert read([row("apart", 2, 1), row("joined", 1, 2)], told).apart == frozenset()
    assert read([row("joined", 1, 2), row("apart", 2, 1)], told).joined == frozenset()
    assert read([row("moved_text", 99, 1)], told).moved == {99: 1}
