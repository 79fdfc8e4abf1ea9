"""The notice, the window and the one act of publication."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from portal.access import Role
from portal.errors import AlreadyDone, Frozen, NotAllowed, NotValid
from portal.rules.words import IdentityNeed
from portal.services import importing, publishing
from tests import factories
from tests.factories import NOON


def publish(world, found, at=None, role=Role.PUBLISHER):
    publishing.publish(world.session, world.actor(role), found, at or found.window.opens_at)


def test_publication_freezes_the_version_and_writes_its_instant_once(world):
    found = factories.prepared(world)
    publish(world, found)
    assert found.first_published_at == found.version.published_at == found.window.opens_at
    assert found.version.digest == publishing.digest_of(found.version)
    with pytest.raises(AlreadyDone):
        publish(world, found)
    with pytest.raises(Frozen):
        importing.correct(world.session, world.actor(Role.PUBLISHER), found, 0, "drop", NOON)
    with pytest.raises(AlreadyDone):
        publishing.fill_notice(world.session, world.actor(Role.PUBLISHER), found, factories.notice(), NOON)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"document_type": ""}, "document_type"),
        ({"opens_on": None, "closes_on": None}, "opens_on"),
        ({"email": "", "postal_address": ""}, "postal_address"),
        ({"document_type": "ZDJC", "explanatory_note": ""}, "explanatory_note"),
        ({"document_type": "ZDJC", "closes_on": date(2026, 3, 31)}, "closes_on"),
        (
            {
                "document_type": "CXGH",
                "closes_on": date(2026, 3, 31),
                "shortened_reason": "情况紧急，须立即实施，特此说明。",
            },
            "closes_on",
        ),
    ],
)
def test_what_stands_in_the_way(world, changes, fault):
    found = factories.prepared(world, **changes)
    at = found.window.opens_at if found.window else NOON
    assert fault in [obstacle.fault for obstacle in publishing.obstacles(world.session, found, at)]
    with pytest.raises(NotValid):
        publish(world, found, at)
    assert not found.is_published


def test_a_usual_period_may_be_shortened_with_a_reason_that_is_printed(world):
    reason = "因防汛工作情况紧急，本次征求意见期限缩短。"
    found = factories.prepared(world, document_type="ZDJC", closes_on=date(2026, 3, 17), shortened_reason=reason)
    publish(world, found)
    assert reason in found.notice


def test_the_minimum_is_measured_from_the_real_publication(world):
    found = factories.prepared(world, document_type="ZDJC", opens_on=date(2026, 2, 10), closes_on=date(2026, 3, 12))
    with pytest.raises(NotValid, match="26日"):
        publish(world, found, datetime(2026, 2, 14, 1, 0, tzinfo=UTC))
    publish(world, found, datetime(2026, 2, 10, 1, 0, tzinfo=UTC))


def test_a_year_without_holidays_is_named(world):
    found = factories.prepared(world, document_type="GFXWJ", opens_on=date(2026, 12, 28), closes_on=date(2027, 1, 12))
    assert any(
        "2027" in obstacle.message for obstacle in publishing.obstacles(world.session, found, found.window.opens_at)
    )


def test_only_a_publisher_of_the_bureau_publishes(world):
    found = factories.prepared(world)
    for role in (Role.ADMINISTRATOR, Role.MODERATOR, Role.DRAFTER, Role.AUDITOR):
        with pytest.raises(NotAllowed):
            publish(world, found, role=role)
    other = factories.world(world.session, world.seal, "示例市教育局", "jyj")
    with pytest.raises(NotAllowed):
        publish(other, found)


def test_dates_the_wrong_way_round(world):
    with pytest.raises(NotValid, match="截止日期早于开始日期"):
        factories.prepared(world, opens_on=date(2026, 3, 12), closes_on=date(2026, 3, 11))


def test_the_notice_names_window_and_channels(world):
    text = publishing.notice_text(factories.prepared(world))
    for words in (
        "2026年3月2日至2026年4月1日24时（含当日，北京时间）",
        "hhbj@example.gov.cn",
        "示例市滨河路1号",
        "0999-5550100",
    ):
        assert words in text


def drafted(world, **facts):
    """A consultation in preparation whose notice was filled from the template before these facts were changed."""
    found = factories.prepared(world)
    found.email, found.fax, found.phone = "hhbj@example.gov.cn", "0999-5550101", "0999-5550100"
    found.notice = publishing.notice_text(found)
    for name, value in facts.items():
        setattr(found.window if name == "closes_at" else found, name, value)
    world.session.flush()
    return found


@pytest.mark.parametrize(
    ("facts", "what"),
    [
        ({"closes_at": datetime(2026, 4, 2, 16, tzinfo=UTC)}, "征求意见时间"),
        ({"closes_at": datetime(2026, 4, 1, 9, tzinfo=UTC)}, "征求意见时间"),  # 17:00 of the same day
        ({"title": "示例市另一个办法"}, "文件名称"),
        ({"email": "other@example.gov.cn"}, "电子邮箱"),
        ({"postal_address": "示例市新地址10号"}, "通信地址"),
        ({"fax": "0999-5550999"}, "传真"),
        ({"phone": "0999-5550999"}, "电话"),
    ],
)
def test_a_notice_that_says_otherwise_than_the_facts_does_not_go_out(world, facts, what):
    found = drafted(world, **facts)
    sentences = [obstacle.message for obstacle in publishing.obstacles(world.session, found, NOON)]
    assert f"公告正文里的{what}与上面填写的不一致，请改成一致，或者重新填入范本。" in sentences
    with pytest.raises(NotValid, match="不一致"):
        publishing.publish(world.session, world.actor(Role.PUBLISHER), found, found.window.opens_at)


def test_a_notice_as_the_facts_are_goes_out(world):
    found = drafted(world)
    assert publishing.obstacles(world.session, found, found.window.opens_at) == []
    found.notice = "本办法工期至2027年12月31日，咨询请拨打12345。"  # in one's own words
    assert publishing.obstacles(world.session, found, found.window.opens_at) == []


def test_nobody_publishes_what_they_have_not_seen(world):
    found = drafted(world)
    seen = publishing.stamp(found)
    found.explanatory_note = "另一个人刚改的说明。"
    world.session.flush()
    with pytest.raises(AlreadyDone, match="在您打开以后已由他人修改"):
        publishing.publish(world.session, world.actor(Role.PUBLISHER), found, found.window.opens_at, seen)
    assert not found.is_published
    publishing.publish(
        world.session, world.actor(Role.PUBLISHER), found, found.window.opens_at, publishing.stamp(found)
    )


def test_a_reason_for_shortening_is_only_told_where_it_is_shorter(world):
    found = factories.prepared(world)
    found.window.shortened_reason = "因上级文件要求，情况非常紧急，需要缩短。"
    assert "情况非常紧急" in publishing.notice_text(found)
    assert not publishing.is_shortened(world.session, found, NOON)
    assert "情况非常紧急" not in publishing.notice_text(found, is_shortened=False)
    found.notice = ""
    publishing.publish(world.session, world.actor(Role.PUBLISHER), found, found.window.opens_at)
    assert "情况非常紧急" not in found.notice
    assert found.window.shortened_reason == ""


def test_the_notice_asks_for_a_name_where_one_is_needed(world):
    found = factories.prepared(world)
    assert "个人可以不署真实姓名" in publishing.notice_text(found)
    found.identity_needed = IdentityNeed.VERIFIED
    text = publishing.notice_text(found)
    assert "不署真实姓名" not in text
    assert text.count("验证电子邮箱") == 1


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("《示例市养犬管理办法》（征求意见稿）", "示例市养犬管理办法"),
        ("《示例市养犬管理办法（征求意见稿）》", "示例市养犬管理办法"),
        ("示例市养犬管理办法（公开征求意见稿）", "示例市养犬管理办法"),
        ("关于修改《示例市养犬管理办法》的决定", "关于修改《示例市养犬管理办法》的决定"),
    ],
)
def test_a_title_is_kept_without_what_every_page_adds(world, typed, kept):
    found = factories.prepared(world)
    notice = publishing.Notice(title=typed, document_type="", opens_on=None, closes_on=None)
    publishing.fill_notice(world.session, world.actor(Role.PUBLISHER), found, notice, NOON)
    assert found.title == kept


def outline(found):
    return [("　" * c.depth) + c.number + c.heading[:6] for c in found.version.clauses]


def test_an_officer_corrects_the_outline(world):
    found = factories.prepared(world)
    publisher = world.actor(Role.PUBLISHER)
    before = outline(found)
    position = next(c.position for c in found.version.clauses if c.number == "（二）" and c.path[0] == "二、")
    importing.correct(world.session, publisher, found, position, "promote", NOON)
    assert next(c.depth for c in found.version.clauses if c.number == "（二）") == 0
    position = next(c.position for c in found.version.clauses if c.number == "（二）" and c.depth == 0)
    importing.correct(world.session, publisher, found, position, "demote", NOON)
    assert outline(found) == before
    importing.correct(
        world.session, publisher, found, position, "rewrite", NOON, heading="加大资金投入", text="每年300万元。"
    )
    clause = found.version.clauses[position]
    assert (clause.heading, clause.text) == ("加大资金投入", "每年300万元。")
    count = len(found.version.clauses)
    importing.correct(world.session, publisher, found, position, "join", NOON)
    assert len(found.version.clauses) == count - 1
    assert "每年300万元。" in found.version.clauses[position - 1].text
    importing.correct(world.session, publisher, found, 0, "drop", NOON)
    assert len(found.version.clauses) == count - 2
    labels = [c.label for c in found.version.clauses]
    assert len(labels) == len(set(labels))
    with pytest.raises(NotValid):
        importing.correct(world.session, publisher, found, 0, "promote", NOON)


def test_a_text_without_clauses_is_refused(world):
    from portal import drafts

    with pytest.raises(NotValid, match="没有"):
        importing.import_draft(
            world.session,
            world.actor(Role.PUBLISHER),
            world.bureau,
            drafts.parse("  \n\n "),
            source_name="空.txt",
            at=NOON,
        )


def test_windows_are_beijing_days(world):
    found = factories.prepared(world)
    assert found.window.opens_at == datetime(2026, 3, 1, 16, 0, tzinfo=UTC)
    assert found.window.closes_at - found.window.opens_at == timedelta(days=31)


def test_a_window_that_began_before_anybody_could_read_is_refused(world):
    found = factories.prepared(world, opens_on=date(2026, 1, 1), closes_on=date(2026, 12, 20))
    with pytest.raises(NotValid, match="2026年1月1日已经过去"):
        publish(world, found, NOON)


def test_two_who_publish_at_once(database, seal):
    import threading

    with database.writer() as session:
        made = factories.world(session, seal)
        found = factories.prepared(made, opens_on=date(2026, 3, 12))
        session.commit()
        actor, key = made.actor(Role.PUBLISHER), found.id
    outcomes = []
    gate = threading.Barrier(2)

    def press():
        from portal.models import Consultation

        gate.wait()
        with database.writer() as session:
            try:
                publishing.publish(session, actor, session.get(Consultation, key), NOON)
                session.commit()
                outcomes.append("done")
            except AlreadyDone:
                outcomes.append("told")

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "told"]
