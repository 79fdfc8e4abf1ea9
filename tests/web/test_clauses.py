"""The clause in hand, without scripts and as the page's script asks for it."""

from __future__ import annotations

import io
import re

import pytest
from sqlalchemy import event, func, select

from portal.models import Attachment, BasketItem, Comment, Endorsement
from tests.pages import Page
from tests.web.test_commenting import put, send

CLAUSE = "/consultations/hehu/clauses/2-1"
DATA = {"Accept": "application/json"}


def publish(app, *numbers):
    moderator = app.test_client().sign_in("moderator")
    for number in numbers:
        answer = moderator.post(
            f"/office/consultations/hehu/moderation/{number}", data={"to": "published", "revision": "0"}
        )
        assert answer.status_code == 302


@pytest.fixture
def heard(app, site):
    """Twenty-five published comments on one clause and one on the whole draft."""
    client = app.test_client()
    for n in range(25):
        put(client, body=f"第{n + 1}条意见。")
    put(client, "all", body="总体赞成。")
    send(client)
    publish(app, *range(1, 27))
    return site


def words_of(page: Page) -> list[str]:
    found = next(e for e in page.root.iter("ol") if "voices" in e.get("class", ""))
    return re.findall(r"第\d+条意见。", "".join(found.itertext()))


def link(page: Page, words: str) -> str:
    return next(a.get("href") for a in page.all("a") if words in "".join(a.itertext()))


@pytest.mark.parametrize("script", ["original", "hant"])
@pytest.mark.parametrize(
    ("address", "most"),
    [("/consultations/hehu/", 6), (CLAUSE, 6), (f"{CLAUSE}?order=concurring", 6), ("/consultations/hehu/clauses/all", 6),
     (f"{CLAUSE}?part=panel", 6)],
)  # fmt: skip
def test_a_page_asks_little_however_much_was_said(app, client, heard, address, most, script):
    client.set_cookie("script", script)
    client.get(CLAUSE)
    put(client)
    put(client, "2-2")
    asked: list[str] = []
    event.listen(app.extensions["database"].engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
    assert client.get(address).status_code == 200
    # the site's footer is read again every few seconds, for all pages together
    asked = [each for each in asked if each != "BEGIN" and "site_setting" not in each]
    assert len(asked) <= most, asked


def test_twenty_at_a_time_without_scripts(client, heard):
    page = client.page(CLAUSE)
    assert words_of(page) == [f"第{n}条意见。" for n in range(25, 5, -1)]
    page = client.page(link(page, "接着看下20条"))
    assert words_of(page) == [f"第{n}条意见。" for n in range(5, 0, -1)]
    assert "从头看起" in page.text
    assert words_of(client.page(f"{CLAUSE}?before=rubbish&order=none"))[0] == "第25条意见。"


def test_the_contents_say_how_much_was_said(client, heard):
    page = client.page("/consultations/hehu/")
    entry = next(a for a in page.all("a") if a.get("href") == "#c-2-1" and a.find("span") is not None)
    assert "25" in "".join(entry.itertext())
    assert "条意见" in "".join(entry.itertext())


def test_a_comment_has_an_address_of_its_own(client, heard):
    answer = client.get("/consultations/hehu/comments/C-3")
    assert answer.headers["Location"].endswith("/clauses/2-1?before=4#C-3")
    assert words_of(client.page(answer.headers["Location"]))[0] == "第3条意见。"
    assert client.get("/consultations/hehu/comments/C-26").headers["Location"].endswith("/clauses/all?before=27#C-26")
    for nothing in ("C-99", "x", "C-"):
        assert client.get(f"/consultations/hehu/comments/{nothing}").status_code == 404


def test_a_proposal_of_one_sentence_strikes_nothing_of_the_others(client, app, site):
    wording = "城区河道每日巡查两次，农村河道每周巡查一次。"
    data = {"stance": "change", "body": "太少", "proposed_text": wording, "act": "preview"}
    preview = Page(client.post(CLAUSE, data=data).get_data(as_text=True))
    put(client, proposed_text=wording)
    review = client.page("/consultations/hehu/comment")
    send(client)
    moderator = app.test_client().sign_in("moderator")
    desk = moderator.page("/office/consultations/hehu/moderation/1")
    moderator.post("/office/consultations/hehu/moderation/1", data={"to": "published", "revision": "0"})
    public = client.page(client.get("/consultations/hehu/comments/C-1").headers["Location"])
    for page in (preview, review, desk, public):
        (quote,) = [each for each in page.all("blockquote") if each.find(".//ins") is not None]
        assert ["".join(each.itertext()) for each in quote.iter("ins")] == ["增加：两"]
        assert ["".join(each.itertext()) for each in quote.iter("del")] == ["删去：一"]


def test_a_comment_that_is_not_public_has_no_address(client, site):
    put(client)
    send(client)
    assert client.get("/consultations/hehu/comments/C-1").status_code == 404


def test_a_clause_can_be_cited(client, site):
    page = client.page(CLAUSE)
    cited = next(e for e in page.root.iter("p") if e.get("id") == "citation")
    words = "".join(cited.itertext())
    assert "《示例市河湖保洁工作方案（征求意见稿）》第二部分第（一）条" in words
    address = re.search(r"/consultations/\S+", words).group()
    assert address.endswith("/clauses/2-1?version=1#c-2-1")
    assert client.get(address).status_code == 200
    assert client.get(f"{CLAUSE}?version=7").headers["Location"].endswith("/versions/7#c-2-1")


def test_the_page_carries_its_address_as_a_picture(client, site):
    page = client.page("/consultations/hehu/")
    drawn = next(e for e in page.root.iter() if e.tag.endswith("svg") and e.get("role") == "img")
    assert drawn.get("aria-label") == "本页网址的二维码"
    assert len(drawn[-1].get("d")) > 500


# saving as one types


def test_the_script_saves_a_draft_and_another_device_finds_it(client, site, app):
    client.get(CLAUSE)
    draft = {"key": "a1b2", "stance": "change", "body": "写到一半"}
    answer = client.post(CLAUSE, data=draft, headers=DATA)
    assert answer.json == {"saved": "12:00", "revision": 1, "items": 1, "evidence": ""}
    answer = client.post(CLAUSE, data={**draft, "revision": "1", "body": "写到一半多"}, headers=DATA)
    assert answer.json["revision"] == 2
    page = client.page(CLAUSE)
    assert "写到一半多" in page.text
    assert "已保存" in page.text
    code = client.get_cookie("basket_1").value
    other = app.test_client()
    page = other.page(f"/consultations/hehu/comment/resume/{code}")
    assert "1条没有提交的意见" in page.text
    assert "写到一半多" not in page.text
    assert other.post("/consultations/hehu/comment/resume", data={"code": code}).status_code == 302
    assert "写到一半多" in other.page(CLAUSE).text
    assert app.test_client().get("/consultations/hehu/comment/resume/AAAA-AAAA-AAAA").status_code == 404


def test_a_link_alone_does_not_take_up_somebodys_basket(client, site, app):
    put(client)
    other = app.test_client()
    code = client.get_cookie("basket_1").value
    other.get(f"/consultations/hehu/comment/resume/{code}")
    assert other.get_cookie("basket_1") is None


def test_the_script_is_told_what_is_wrong(client, site):
    client.get(CLAUSE)
    answer = client.post(CLAUSE, data={"key": "k", "stance": "change", "body": ""}, headers=DATA)
    assert (answer.status_code, answer.json["fault"]) == (422, "body")
    answer = client.post(CLAUSE, data={"key": "k", "stance": "change", "body": "话", "quote": "别处"}, headers=DATA)
    assert (answer.status_code, answer.json["fault"]) == (422, "quote")


def test_two_tabs(client, site, app):
    client.get(CLAUSE)
    draft = {"key": "k", "stance": "change", "body": "一"}
    client.post(CLAUSE, data=draft, headers=DATA)
    client.post(CLAUSE, data={**draft, "revision": "1", "body": "左边"}, headers=DATA)
    answer = client.post(CLAUSE, data={**draft, "revision": "1", "body": "右边"}, headers=DATA)
    assert answer.status_code == 409
    assert answer.json["other"]["body"] == "左边"
    answer = client.post(CLAUSE, data={**draft, "revision": "1", "body": "右边"})
    page = Page(answer.get_data(as_text=True))
    assert answer.status_code == 409
    assert "左边" in page.text
    assert "右边" in page.text
    revision = next(e.get("value") for e in page.all("input") if e.get("name") == "revision")
    assert client.post(CLAUSE, data={**draft, "revision": revision, "body": "右边"}).status_code == 302
    with app.extensions["database"].reader() as session:
        assert session.scalars(select(BasketItem.body)).all() == ["右边"]


def test_two_tabs_that_save_for_the_first_time_in_one_moment_share_a_basket(client, site, app):
    client.get(CLAUSE)
    put(client)
    code = client.get_cookie("basket_1").value
    client.delete_cookie("basket_1")  # the other tab had not heard of it yet
    put(client, "2-2")
    assert client.get_cookie("basket_1").value == code
    send(client)
    client.delete_cookie("basket_1")
    put(client)
    assert client.get_cookie("basket_1").value != code


def test_a_shared_copy_of_the_page_gives_everybody_a_mark_and_nobody_anothers_endorsement(app, heard):
    people = [app.test_client() for _ in range(2)]
    for person in people:
        person.get(CLAUSE)
    marks = {person.get_cookie("visitor").value for person in people}
    assert len(marks) == 2
    endorse(people[0], 25)
    assert "已赞同" in people[0].page(CLAUSE).text
    assert "已赞同" not in people[1].page(CLAUSE).text


def test_another_comment_on_the_same_clause(client, site, app):
    put(client)
    page = client.page(CLAUSE)
    assert "建议每日巡查两次。" in page.text
    page = client.page(link(page, "再提一条"))
    body = next(e for e in page.all("textarea") if e.get("name") == "body")
    assert not (body.text or "").strip()
    assert "另写的一条" in page.text


# proposing and quoting


def test_the_change_is_shown_before_it_is_saved(client, site, app):
    wording = "城区河道每日巡查两次，农村河道每周巡查一次。（责任部门：市水利局、市城市管理局）"
    answer = client.post(CLAUSE, data={"stance": "change", "body": "太少", "proposed_text": wording, "act": "preview"})
    page = Page(answer.get_data(as_text=True))
    assert "".join(page.root.find(".//ins").itertext()) == "增加：两"
    assert "太少" in page.text
    answer = client.post(f"{CLAUSE}?part=preview", data={"proposed_text": wording, "act": "preview"})
    assert "<ins>" in answer.get_data(as_text=True)
    assert "<html" not in answer.get_data(as_text=True)
    with app.extensions["database"].reader() as session:
        assert session.scalar(select(func.count(BasketItem.id))) == 0


def test_a_sentence_can_be_chosen_instead_of_selected(client, site, app):
    page = client.page(CLAUSE)
    offered = [e.get("value") for e in page.all("option")]
    assert "（责任部门：市水利局、市城市管理局）" in "".join(offered)
    put(client, sentence=offered[-1])
    with app.extensions["database"].reader() as session:
        item = session.scalars(select(BasketItem)).one()
        assert item.clause.printed[item.quote_start : item.quote_end] == item.quote == offered[-1]


def test_a_selection_of_the_traditional_view_is_kept_at_its_place(client, site, app):
    client.set_cookie("script", "hant")
    put(client, quote="巡查一次", quote_after="26")
    with app.extensions["database"].reader() as session:
        item = session.scalars(select(BasketItem)).one()
        assert item.quote_prefix.endswith("农村河道每周")


def test_reopening_a_comment_and_changing_a_character_leaves_its_quotation_where_it_was(client, site, app):
    put(client, quote="巡查一次", quote_after="26")

    def place():
        with app.extensions["database"].reader() as session:
            return session.scalars(select(BasketItem.quote_start)).one()

    def filled(page):
        fields = [*page.all("input"), *page.all("textarea")]
        names = ("key", "revision", "quote", "quote_after", "proposed_text")
        return {e.get("name"): e.get("value") or (e.text or "").lstrip("\n") for e in fields if e.get("name") in names}

    first = place()
    assert (
        client.post(CLAUSE, data={**filled(client.page(CLAUSE)), "stance": "change", "body": "改一字"}).status_code
        == 302
    )
    assert place() == first
    answer = client.post(
        CLAUSE, data={**filled(client.page(CLAUSE)), "stance": "change", "body": "再改一字"}, headers=DATA
    )
    assert answer.json["revision"] == 3
    assert place() == first
    change = link(client.page("/consultations/hehu/comment"), "修改")
    assert (
        client.post(change, data={**filled(client.page(change)), "stance": "change", "body": "又改"}).status_code == 302
    )
    assert place() == first


def test_every_clause_can_be_reached_in_the_traditional_view(client, site):
    plain, converted = client.page("/consultations/hehu/"), None
    client.set_cookie("script", "hant")
    converted = client.page("/consultations/hehu/")
    ids = [[e.get("id") for e in p.root.iter("section") if "clause" in e.get("class", "")] for p in (plain, converted)]
    assert ids[0] == ids[1]
    targets = {a.get("href", "").partition("#")[2] for a in converted.all("a") if "#c-" in a.get("href", "")}
    assert targets <= {*ids[1], "c-all"}


# evidence


def test_evidence_is_for_staff_only(client, site, app):
    client.get(CLAUSE)
    put(client, evidence=(io.BytesIO(b"%PDF-1.7 measured"), "水质检测.pdf"))
    assert "水质检测.pdf" in client.page(CLAUSE).text
    send(client)
    publish(app, 1)
    stranger = app.test_client()
    assert "水质检测" not in stranger.page(CLAUSE).text
    assert stranger.post("/office/consultations/hehu/moderation/1/evidence", data={}).status_code == 401
    moderator = app.test_client().sign_in("moderator")
    assert "水质检测.pdf" in moderator.page("/office/consultations/hehu/moderation/1").text
    answer = moderator.post("/office/consultations/hehu/moderation/1/evidence", data={})
    assert answer.data == b"%PDF-1.7 measured"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "evidence.see" in app.test_client().sign_in("auditor").page("/office/audit/").text


def test_a_file_that_is_not_received_is_refused_and_the_words_stay(client, site, app):
    data = {"stance": "change", "body": "我的意见", "evidence": (io.BytesIO(b"MZ\x00\x00"), "a.exe")}
    answer = client.post(CLAUSE, data=data)
    assert answer.status_code == 422
    assert "不接收这种文件" in answer.get_data(as_text=True)
    assert "我的意见" in answer.get_data(as_text=True)


def test_evidence_can_be_taken_away_again(client, site, app):
    put(client, evidence=(io.BytesIO(b"%PDF-1.7"), "a.pdf"))
    page = client.page(CLAUSE)
    kept = {e.get("name"): e.get("value") for e in page.all("input") if e.get("name") in ("key", "revision")}
    put(client, act="detach", **kept)
    with app.extensions["database"].reader() as session:
        assert session.scalar(select(func.count(Attachment.id))) == 0
        assert session.scalar(select(func.count(BasketItem.id))) == 1


# agreeing


def endorse(client, number=1, **data):
    return client.post(f"/consultations/hehu/comments/{number}/endorsement", data={"label": "2-1", **data})


def test_agreeing_without_scripts(client, heard, app):
    client.get(CLAUSE)
    answer = endorse(client, 25)
    assert answer.headers["Location"].endswith("/clauses/2-1?order=newest#C-25")
    page = client.page(answer.headers["Location"])
    assert "已赞同" in page.text
    assert "人以上赞同" not in page.text
    endorse(client, 25)
    with app.extensions["database"].reader() as session:
        assert session.scalar(select(func.count(Endorsement.id))) == 1
    endorse(client, 25, act="withdraw")
    assert "已赞同" not in client.page(CLAUSE).text


def test_five_people_make_a_step_that_everybody_reads(client, heard, app):
    for n in range(5):
        person = app.test_client()
        person.environ_base = {"REMOTE_ADDR": f"192.0.2.{n}"}
        person.get(CLAUSE)
        endorse(person, 2)
        assert ("5人以上赞同" in client.page(f"{CLAUSE}?before=3").text) is (n == 4)
    assert words_of(client.page(f"{CLAUSE}?order=concurring"))[0] == "第2条意见。"


def test_a_look_does_not_agree_and_a_stranger_to_the_page_cannot(client, heard, app):
    assert client.get("/consultations/hehu/comments/1/endorsement").status_code == 405
    assert endorse(app.test_client()).status_code == 422
    robot = app.test_client()
    robot.set_cookie("visitor", "made-up.signature")
    assert endorse(robot).status_code == 422


def test_what_is_not_public_is_not_agreed_with(client, site, app):
    put(client)
    send(client)
    client.get(CLAUSE)
    assert endorse(client).status_code == 404


def test_the_script_is_given_the_button_back(client, heard):
    client.get(CLAUSE)
    answer = client.post("/consultations/hehu/comments/1/endorsement?part=endorsement", data={"label": "2-1"})
    assert 'aria-pressed="true"' in answer.get_data(as_text=True)
    assert "<html" not in answer.get_data(as_text=True)


def test_after_the_window_nobody_agrees(client, heard, clock):
    from datetime import UTC, datetime

    client.get(CLAUSE)
    clock.at = datetime(2026, 4, 1, 16, 0, 0, tzinfo=UTC)
    assert endorse(client).status_code == 409
    assert "aria-pressed" not in client.page(CLAUSE).source


def test_a_quotation_is_shown_with_its_comment(client, site, app):
    put(client, quote="城区河道每日巡查一次")
    send(client)
    publish(app, 1)
    assert "“城区河道每日巡查一次”" in client.page(CLAUSE).text
    with app.extensions["database"].reader() as session:
        assert session.scalars(select(Comment)).one().anchor.exact == "城区河道每日巡查一次"
