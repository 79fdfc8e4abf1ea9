"""Home, index, search, neighbours, choices and paper: how a person finds a consultation."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import icalendar
import pytest
from sqlalchemy import event, select, update

from portal.access import Role
from portal.models import Consultation
from portal.rules import window
from portal.rules.words import CommentState
from portal.services import moderation, publishing, results
from tests import factories
from tests.factories import NOON


def days(count):
    return window.day_in_beijing(NOON + timedelta(days=count))


def add(world, slug, title="", opens=-10, closes=20, **changes):
    title = title or f"示例市{slug}方案"
    return factories.consultation(
        world,
        slug,
        title=title,
        opens_on=days(opens),
        closes_on=days(closes),
        document_type=changes.pop("kind", "QT"),
        **changes,
    )


@pytest.fixture
def shelves(app, site):
    """One consultation on every shelf."""
    with app.extensions["database"].writer() as session:
        site.session = session
        session.add_all(site.staff.values())
        add(site, "soon", "示例市即止办法", -28, 2, subject="科技、教育")
        future = factories.prepared(site, "future", title="示例市未开始办法", opens_on=days(3), closes_on=days(40))
        publishing.publish(session, site.actor(Role.PUBLISHER), future, NOON - timedelta(days=1))
        add(site, "over", "示例市研究中办法", -40, -8, subject="综合政务\\政务公开")
        done = add(site, "done", "示例市已答复办法", -400, -360, subject="科技、教育")
        done.results_published_at = NOON - timedelta(days=330)
        session.commit()
    return site


def heads(page):
    return [" ".join("".join(h.itertext()).split()) for h in page.all("h2") if h.get("id")]


def test_an_empty_home_says_so_and_leads_to_the_archive(client, app):
    page = client.page("/")
    assert "暂无正在征求意见的文件" in page.text
    assert "暂无已公布的采纳情况" in page.text
    assert "/consultations/" in [a.get("href") for a in page.all("a")]
    assert "暂无征求意见" in client.page("/consultations/").text


def test_each_consultation_stands_on_its_shelf(client, shelves):
    page = client.page("/")
    assert heads(page) == ["即将截止", "正在征求意见", "即将开始", "正在研究答复", "已反馈"]
    assert (
        page.text.index("示例市即止办法")
        < page.text.index("示例市河湖保洁工作方案")
        < page.text.index("示例市未开始办法")
    )
    assert page.text.index("示例市研究中办法") < page.text.index("示例市已答复办法")
    assert "今日" not in page.text
    assert "近12个月，本站公开征求意见4件" in page.text


def test_what_was_withdrawn_stands_apart_with_its_reason(app, client, shelves):
    with app.extensions["database"].transaction() as session:
        session.execute(
            update(Consultation)
            .where(Consultation.slug == "hehu")
            .values(withdrawn_at=NOON - timedelta(hours=1), withdrawal_reason="上位法已作调整。")
        )
    page = client.page("/")
    assert heads(page)[-1] == "已撤回"
    assert "上位法已作调整。" in page.text
    assert "共1件" in client.page("/consultations/?state=withdrawn").text
    assert "共1件" in client.page("/consultations/?state=open").text
    calendar = icalendar.Calendar.from_ical(client.get("/feeds/deadlines.ics").data)
    (called_off,) = [event for event in calendar.walk("VEVENT") if "河湖保洁" in event["SUMMARY"]]
    assert called_off["STATUS"] == "CANCELLED"
    assert client.get("/api/v1/consultations/hehu").get_json()["state"] == "withdrawn"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_home_asks_as_much_for_one_as_for_many(app, client, shelves):
    asked = []
    engine = app.extensions["database"].engine
    event.listen(engine, "before_cursor_execute", lambda *a: asked.append(a[2]) if a[2] != "BEGIN" else None)
    client.get("/")
    first = len(asked)
    with app.extensions["database"].writer() as session:
        shelves.session = session
        session.add_all(shelves.staff.values())
        for n in range(12):
            add(shelves, f"more-{n}")
        session.commit()
    asked.clear()
    client.get("/")
    assert len(asked) <= first <= 6
    assert not [words for words in asked if "FROM comment " in words or "count(comment" in words]


@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ("", {"hehu", "soon", "future", "over", "done"}),
        ("state=open", {"hehu", "soon"}),
        ("state=soon", {"soon"}),
        ("state=upcoming", {"future"}),
        ("state=in_answer", {"over"}),
        ("state=answered", {"done"}),
        ("subject=科技、教育", {"soon", "done"}),
        ("subject=综合政务", {"over"}),
        ("year=2025", {"done"}),
        ("bureau=slj&subject=科技、教育&state=answered", {"done"}),
        ("bureau=none", set()),
        ("type=QT&page=99", {"hehu", "soon", "future", "over", "done"}),
    ],
)
def test_the_index_shows_what_fits(client, shelves, query, slugs):
    page = client.page(f"/consultations/?{query}")
    shown = {
        a.get("href").split("/")[2]
        for li in page.all("ul")
        if "ledger" in (li.get("class") or "")
        for h in li.iter("h2")
        for a in h.iter("a")
    }
    assert shown == slugs
    assert f"共{len(slugs)}件" in page.text
    if not slugs:
        assert "暂无符合条件的征求意见" in page.text


def test_every_choice_says_how_many_there_would_be(client, shelves):
    page = client.page("/consultations/?subject=科技、教育")
    options = {option.get("value"): option.text for option in page.all("option")}
    assert options["answered"] == "已反馈（1）"
    assert options["open"] == "正在征求意见（含即将截止）（1）"
    assert options["科技、教育"] == "科技、教育（2）"
    assert options["综合政务"] == "综合政务（1）"
    assert "in_answer" not in options
    chosen = [option.get("value") for option in page.all("option") if option.get("selected") is not None]
    assert chosen == ["科技、教育"]


def test_the_index_has_pages_of_twenty(app, client, site):
    with app.extensions["database"].writer() as session:
        site.session = session
        session.add_all(site.staff.values())
        for n in range(24):
            add(site, f"n{n}")
        session.commit()
    seen = []
    for number in (1, 2):
        page = client.page(f"/consultations/?page={number}&state=open")
        seen += [a.get("href") for h in page.all("h2") for a in h.iter("a")]
    assert len(seen) == len(set(seen)) == 25
    assert any("page=1" in (a.get("href") or "") and "state=open" in a.get("href") for a in page.all("a"))


def say(app, site, body, to=None):
    with app.extensions["database"].writer() as session:
        site.session = session
        session.add_all(site.staff.values())
        from portal.services import reading

        found = reading.published(session, "hehu", NOON)
        (comment,) = factories.submission(site, found, body)
        if to:
            moderation.decide(session, site.actor(Role.MODERATOR), comment, to, revision=0, at=NOON)
        session.commit()
        return comment.number


def test_a_search_marks_the_words_and_leads_to_clause_and_comment(app, client, site):
    from portal.rules.words import CommentState

    number = say(app, site, "城區河道夜裡太暗 <script>alert(1)</script>，建議巡查。", CommentState.PUBLISHED)
    say(app, site, "城区河道的另一条，还没有审核。")
    page = client.page("/search?q=城区河道")
    assert {mark.text for mark in page.all("mark")} == {"城区河道", "城區河道"}
    assert not [s for s in page.all("script") if not s.get("src")]
    assert "还没有审核" not in page.text
    links = [a.get("href") for a in page.all("a")]
    assert "/consultations/hehu/clauses/2-1#c-2-1" in links
    answer = client.get(f"/consultations/hehu/comments/{number}")
    assert answer.headers["Location"] == f"/consultations/hehu/clauses/2-1?before={number + 1}#C-{number}"
    there = client.page(answer.headers["Location"].split("#")[0])
    assert [e for e in there.root.iter() if e.get("id") == f"C-{number}"]
    assert client.get("/consultations/hehu/comments/2").status_code == 404
    assert "夜裡太暗" in client.page("/search?q=夜里太暗&kind=comment&in=hehu").text


@pytest.mark.parametrize("query", ["", "！！", "没有这样的话", "a" * 3000, "%00", "'\"<b>"])
def test_a_search_that_finds_nothing_says_what_to_do(client, site, query):
    page = client.page(f"/search?q={query}")
    assert "全部征求意见" in page.text or "请输入" in page.text
    assert not page.all("mark")


def test_neighbours_lead_on(client, shelves):
    page = client.page("/consultations/hehu/notice")
    assert "上一件" in page.text
    assert "示例市研究中办法" in page.text or "示例市即止办法" in page.text
    assert "上一件" not in client.page("/consultations/hehu/comment").text


def test_the_reader_asks_no_more_for_footer_and_neighbours(app, client, shelves):
    client.get("/consultations/hehu/")
    asked = []
    event.listen(app.extensions["database"].engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
    client.get("/consultations/hehu/")
    assert not [words for words in asked if "site_setting" in words or "LIMIT" in words]


ARTICLE = {"ArticleTitle", "PubDate", "ContentSource"}
SITE = {"SiteName", "SiteDomain", "SiteIDCode", "ColumnName", "ColumnType", "ColumnDescription", "ColumnKeywords"}


@pytest.mark.parametrize("path", ["", "notice", "note", "clauses/2-1", "versions/1", "results"])
def test_every_page_of_a_consultation_carries_the_tags(app, client, site, path):
    """TC-D04: site, column and article, with the time in Beijing."""
    with app.extensions["database"].transaction() as session:
        session.execute(update(Consultation).values(results_published_at=NOON - timedelta(hours=1)))
        results.complete(session)
    page = client.page(f"/consultations/hehu/{path}")
    tags = {meta.get("name"): meta.get("content") for meta in page.all("meta") if meta.get("name")}
    names = [meta.get("name") for meta in page.all("meta") if meta.get("name")]
    assert set(tags) >= ARTICLE | SITE
    assert len(names) == len(set(names))
    assert tags["PubDate"] == "2026-03-02 00:00"
    assert tags["ArticleTitle"] == "示例市河湖保洁工作方案（征求意见稿）"
    assert tags["ContentSource"] == "示例市水利局"
    assert tags["ColumnName"] == "征求意见"


@pytest.mark.parametrize("path", ["/", "/receipts/", "/search", "/consultations/hehu/comment"])
def test_other_pages_carry_site_and_column(client, site, path):
    page = client.page(path)
    tags = {meta.get("name") for meta in page.all("meta")}
    assert tags >= SITE
    assert not tags & ARTICLE


PAGES = ["/", "/consultations/", "/search?q=河道", "/consultations/hehu/", "/consultations/hehu/clauses/2-1",
         "/consultations/hehu/notice", "/consultations/hehu/comment", "/receipts/", "/rules/help", "/sitemap", "/open-data",
         "/office/sign-in"]  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_every_public_page_has_the_whole_toolbar_and_paper(client, site, path):
    page = client.page(path)
    links = {a.get("href") for a in page.all("a")}
    asked = path.partition("?")[2]
    links = {link.replace(f"?{quote(asked, safe='=')}&", "?") if asked else link for link in links}
    assert links >= {"?size=standard", "?size=large", "?size=largest", "?theme=contrast", "?theme=light", "?theme=dark",
                     "?script=hant", "?lang=en"}  # fmt: skip
    assert "http://127.0.0.1:8000" + path.split("?")[0] in page.text
    assert "打印时间：2026年3月12日 12:00" in page.text
    hosts = [e.get("src") or e.get("href") for e in [*page.all("script"), *page.all("link"), *page.all("img")]]
    assert all(host.startswith("/") and not host.startswith("//") for host in hosts)


@pytest.mark.parametrize(
    ("address", "leads"),
    [
        ("/search?q=%E6%B2%B3&size=large&kind=clause", "/search?q=%E6%B2%B3&kind=clause"),
        ("/consultations/?state=open&theme=contrast", "/consultations/?state=open"),
        ("/nothing-here?size=large", "/"),
        ("//example.com/%2f..?size=large", "/"),
        ("/consultations/hehu/clauses/2-1?lang=en&before=3", "/consultations/hehu/clauses/2-1?before=3"),
    ],
)
def test_a_choice_is_kept_and_leads_back(client, site, address, leads):
    answer = client.get(address)
    assert answer.status_code in (302, 308)
    assert answer.headers["Location"].split("#")[0] in (
        leads,
        "/example.com/%2f..?size=large",
        "http://localhost/example.com/%2f..?size=large",
    )
    assert not answer.headers["Location"].startswith("//")


def test_choices_are_marked_where_they_are_made(client, site):
    client.get("/?size=largest")
    client.get("/?theme=contrast")
    client.get("/?script=hant")
    page = client.page("/consultations/hehu/")
    assert page.root.get("data-size") == "largest"
    assert page.root.get("data-theme") == "contrast"
    current = {a.get("href") for a in page.all("a") if a.get("aria-current") == "true"}
    assert {"?size=largest", "?theme=auto"} <= current
    assert "公開徵求意見" in page.text


def test_another_choice_keeps_what_was_asked_for(client, site):
    page = client.page("/search?q=%E6%B2%B3&kind=clause")
    english = next(a.get("href") for a in page.all("a") if a.get("hreflang") == "en")
    assert english == "?q=%E6%B2%B3&kind=clause&lang=en"
    answer = client.get(f"/search{english}")
    assert answer.headers["Location"] == "/search?q=%E6%B2%B3&kind=clause"
    assert 'value="河"' in client.page(answer.headers["Location"]).source


@pytest.mark.parametrize("query", ["C-1", "c-1", "Ｃ－１", "C1", "C—1"])
def test_a_comment_is_found_by_its_reference(app, client, site, query):
    with app.extensions["database"].writer() as session:
        site.session = session
        session.add_all(site.staff.values())
        found = session.scalars(select(Consultation)).one()
        for body in ("建议每日巡查两次。", "保洁员太少。"):
            comment = factories.submission(site, found, body)[0]
            if body.startswith("建议"):
                moderation.decide(
                    session, site.actor(Role.MODERATOR), comment, CommentState.PUBLISHED, revision=0, at=NOON
                )
        session.commit()
    for address in ("/search", "/search?in=hehu", "/search?kind=comment"):
        page = client.page(f"{address}{'&' if '?' in address else '?'}q={query}")
        assert "建议每日巡查两次。" in page.text
        assert "意见（1）" in page.text
    assert "没有找到" in client.page("/search?q=C-2").text  # it is not public
    assert "没有找到" in client.page("/search?q=C-9").text


def test_a_search_for_nothing_that_can_be_seen_says_so(client, site):
    assert "请输入要找的文字、字母或数字。" in client.page("/search?q=%E2%80%8B").text
