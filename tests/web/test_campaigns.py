"""Staff look at campaigns and judge them, without scripts; both counts stand side by side wherever one is mentioned."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal.cli import work
from portal.models import Campaign, Comment, Consultation
from portal.services import grouping, jobs
from tests import factories
from tests.factories import NOON
from tests.pages import Page
from tests.services.test_campaigns import A2, A4, B2, A, B

OFFICE = "/office/consultations/hehu"


def work_is_done(app, seal):
    database = app.extensions["database"]
    for _ in range(20):
        with database.reader() as session:
            if not grouping.due(session, NOON):
                return
        work.ask_for_due(database, NOON)
        work.run_due(database, work.KINDS, lambda: jobs.Setting(seal, "", NOON))
    raise AssertionError("there is still something to do")


@pytest.fixture
def campaigned(app, site, seal):
    """Five of one campaign (1, 3, 5 the same), two of another (2, 4), and 支持 twice; their numbers."""
    with app.extensions["database"].writer() as session:
        site.session = session
        session.add_all(site.staff.values())
        found = session.scalar(select(Consultation).where(Consultation.slug == "hehu"))
        for body in (A, B, A, B2, A, A2, A4, "支持", "支持！", "路灯坏了三个月没有人来修，请尽快派人看一看。"):
            factories.submission(site, found, body)
        session.commit()
    work_is_done(app, seal)
    return ids(app)


def ids(app):
    """The campaign of each comment by its number."""
    with app.extensions["database"].reader() as session:
        return dict(session.execute(select(Comment.number, Comment.campaign_id)).all())


@pytest.fixture
def moderator(app, campaigned):
    return app.test_client().sign_in("moderator")


def texts_of(app, *numbers):
    with app.extensions["database"].reader() as session:
        return list(session.scalars(select(Comment.text_id).where(Comment.number.in_(numbers))))


def test_the_list_is_largest_first_with_both_counts(moderator, campaigned):
    page = moderator.page(f"{OFFICE}/campaigns/")
    assert page.text.index("相近意见5件 · 文字3种") < page.text.index("相近意见2件 · 文字2种")
    assert "支持" not in page.text.split("共2组")[1].split("看相同短句")[0]
    assert "相同短句2件 · 文字1种" in moderator.page(f"{OFFICE}/campaigns/?short=1").text


def test_one_campaign_says_what_each_text_adds_and_how_it_came(moderator, campaigned):
    page = moderator.page(f"{OFFICE}/campaigns/{campaigned[1]}")
    assert "相近意见5件 · 文字3种" in page.text
    assert {"".join(each.itertext()) for each in page.all("ins")} == {"增加：谢谢！", "增加：一刻"}
    assert "网上5" in page.text
    assert "不是不予公开的理由" in page.text
    members = moderator.page(f"{OFFICE}/campaigns/{campaigned[1]}/members")
    assert [each.get("value") for each in members.all("input") if each.get("name") == "numbers"] == list("13567")
    assert "没有意见" in moderator.page(f"{OFFICE}/campaigns/{campaigned[1]}/members?state=withheld").text


def test_the_queue_says_both_counts_beside_the_comment_in_hand(moderator, campaigned):
    page = moderator.page(f"{OFFICE}/moderation/6")
    assert "相近意见5件 · 文字3种" in page.text
    assert f"{OFFICE}/campaigns/{campaigned[1]}" in {each.get("href") for each in page.all("a")}
    assert "相近意见" not in moderator.page(f"{OFFICE}/moderation/10").text.split("来稿原文")[1]


def test_a_text_is_split_off_and_moved_back(app, moderator, campaigned):
    at = f"{OFFICE}/campaigns/{campaigned[1]}"
    answer = moderator.post(at, data={"act": "split", "texts": texts_of(app, 6, 7)})
    page = moderator.page(answer.headers["Location"])
    assert "已移出2条意见" in page.text
    apart = ids(app)[6]
    assert apart == ids(app)[7] != campaigned[1]
    answer = moderator.post(
        f"{OFFICE}/campaigns/{apart}", data={"act": "move", "texts": texts_of(app, 7), "to": str(campaigned[1])}
    )
    assert ids(app)[7] == campaigned[1]
    assert ids(app)[6] is None
    assert answer.headers["Location"].split("?")[0] == at


def test_single_comments_are_moved_by_the_number_of_a_group(app, moderator, campaigned):
    answer = moderator.post(
        f"{OFFICE}/campaigns/{campaigned[1]}/members",
        data={"act": "move", "numbers": ["3"], "to": f"第{campaigned[2]}组"},
    )
    assert answer.status_code == 302
    assert (ids(app)[3], ids(app)[5]) == (campaigned[2], campaigned[1])


def test_two_are_joined_and_the_name_is_kept(app, moderator, campaigned):
    small = f"{OFFICE}/campaigns/{campaigned[2]}"
    assert moderator.post(f"{small}/name", data={"name": "<b>末班车</b>"}).status_code == 302
    answer = moderator.post(f"{small}/join", data={"to": str(campaigned[1])})
    page = moderator.page(answer.headers["Location"])
    assert "相近意见7件 · 文字5种" in page.text
    assert "<b>末班车</b>" in page.text
    assert "合并两组" in page.text
    assert moderator.get(small).status_code == 404


@pytest.mark.parametrize(
    ("path", "data", "said"),
    [
        ("", {"act": "split"}, "请先勾选要移动的文字"),
        ("", {"act": "move", "texts": ["1"], "to": "999"}, "没有这个组号"),
        ("", {"act": "move", "texts": ["1"], "to": "１２"}, "没有这个组号"),
        ("/members", {"act": "split", "numbers": ["x", "99999999999"]}, "请先勾选要移动的意见"),
        ("/join", {"to": ""}, "没有这个组号"),
        ("/name", {"name": "长" * 61}, "名称最多60字"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_cannot_be_says_what_to_do(moderator, campaigned, path, data, said):
    answer = moderator.post(f"{OFFICE}/campaigns/{campaigned[1]}{path}", data=data)
    assert answer.status_code == 422
    assert said in Page(answer.get_data(as_text=True)).text


def test_all_is_grouped_anew_by_a_button(app, seal, moderator, campaigned):
    page = moderator.page(moderator.post(f"{OFFICE}/campaigns/", data={}).headers["Location"])
    assert "正在重新归组" in page.text
    work_is_done(app, seal)
    assert ids(app) == campaigned
    assert "都已看过" in moderator.page(f"{OFFICE}/campaigns/").text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_another_bureau_sees_nothing(app, seal, campaigned):
    with app.extensions["database"].writer() as session:
        factories.world(session, seal, "示例市教育局", "jyj")
        session.commit()
    client = app.test_client().sign_in("jyj-moderator")
    for path in ("", str(campaigned[1]), f"{campaigned[1]}/members"):
        assert client.get(f"{OFFICE}/campaigns/{path}").status_code == 404
    assert client.post(f"{OFFICE}/campaigns/{campaigned[1]}/name", data={"name": "x"}).status_code == 404


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_english_is_complete(moderator, campaigned):
    moderator.set_cookie("lang", "en")
    page = moderator.page(f"{OFFICE}/campaigns/{campaigned[1]}")
    assert "Near-identical: 5 submissions · 3 distinct texts" in page.text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_pages_look_a_bounded_number_of_times(app, moderator, campaigned):
    from sqlalchemy import event

    seen = []
    event.listen(app.extensions["database"].engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    for path, most in (
        (f"campaigns/{campaigned[1]}", 30),
        ("campaigns/", 15),
        (f"campaigns/{campaigned[1]}/members", 25),
    ):
        seen.clear()
        moderator.page(f"{OFFICE}/{path}")
        assert len(seen) <= most, (path, len(seen))
    with app.extensions["database"].reader() as session:
        assert session.get(Campaign, campaigned[1])
