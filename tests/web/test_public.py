"""What the public reads."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests import factories


def test_an_empty_site_says_what_will_be_there(client):
    assert "暂无正在征求意见的文件" in client.page("/").text


def test_home_lists_the_open_consultation_with_its_exact_deadline(client, site):
    page = client.page("/")
    assert "示例市河湖保洁工作方案" in page.text
    assert "截至2026年4月1日24时（含当日）" in page.text
    assert "尚未收到意见" in page.text


def test_the_reader_shows_every_clause_as_printed(client, site):
    page = client.page("/consultations/hehu/")
    for words in (
        "一、总体要求",
        "（一）建立巡查制度",
        "1.落实巡查人员",
        "（二）强化监督",
        "（责任部门：市水利局、市城市管理局）",
    ):
        assert words in page.text, words


@pytest.mark.parametrize("address", ["notice", "note", "clauses/all", "clauses/2-1", "comment"])
def test_every_page_of_a_consultation_opens(client, site, address):
    assert "示例市河湖保洁工作方案" in client.page(f"/consultations/hehu/{address}").text


@pytest.mark.parametrize("address", ["/consultations/none/", "/consultations/hehu/clauses/9-9", "/rules/none", "/none"])
def test_what_is_not_there_says_so(client, site, address):
    answer = client.get(address)
    assert answer.status_code == 404
    assert "没有找到" in answer.get_data(as_text=True)


def test_nothing_is_public_before_publication(app, client, seal):
    with app.extensions["database"].writer() as session:
        factories.prepared(factories.world(session, seal))
        session.commit()
    assert "河湖保洁" not in client.page("/").text
    assert client.get("/consultations/hehu/").status_code == 404


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ((2026, 3, 1, 15, 59, 59), "未开始"),
        ((2026, 3, 1, 16, 0, 0), "提意见"),
        ((2026, 4, 1, 15, 59, 59), "24时截止"),
        ((2026, 4, 1, 16, 0, 0), "已截止"),
    ],
)
def test_the_window_changes_at_the_exact_instant(app, client, clock, seal, at, words):
    with app.extensions["database"].writer() as session:
        made = factories.world(session, seal)
        found = factories.prepared(made)
        from portal.access import Role
        from portal.services import publishing

        publishing.publish(session, made.actor(Role.PUBLISHER), found, datetime(2026, 2, 28, tzinfo=UTC))
        session.commit()
    clock.at = datetime(*at, tzinfo=UTC)
    assert words in client.page("/consultations/hehu/").text


def test_the_interface_speaks_english(client, site):
    answer = client.get("/consultations/hehu/?lang=en")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/consultations/hehu/"
    page = client.page("/consultations/hehu/")
    assert page.root.get("lang") == "en"
    assert "24:00 on 1 April 2026" in page.text
    assert "一、总体要求" in page.text


def test_a_choice_never_leads_elsewhere(client, site):
    answer = client.get("//example.com/?size=large")
    assert not answer.headers.get("Location", "").startswith("//")


def test_every_answer_forbids_what_is_not_ours(client, site):
    policy = client.get("/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_a_traditional_reading_view_keeps_quotations_working(client, site, app):
    from sqlalchemy import select

    from portal.models import BasketItem
    from tests.web.test_commenting import put

    client.get("/consultations/hehu/?script=hant")
    page = client.page("/consultations/hehu/clauses/2-1")
    assert "城區河道每日巡查一次" in page.text
    put(client, quote="城區河道每日巡查一次")
    with app.extensions["database"].reader() as session:
        assert session.scalars(select(BasketItem)).one().quote == "城区河道每日巡查一次"
    client.get("/consultations/hehu/?script=hans")
    assert "城区河道每日巡查一次" in client.page("/consultations/hehu/").text
