"""The pages of the answers: routing, one screen to answer, publication, correction, scorecard, the final document."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta

import pytest

from portal.access import Role
from portal.models import Consultation
from portal.rules.words import CommentState, SummaryState
from portal.services import moderation, summaries
from tests import factories
from tests.pages import Page
from tests.services.test_results import campaign

OFFICE = "/office/consultations/hehu"
AFTER = datetime(2026, 4, 10, 4, 0, tzinfo=UTC)


@pytest.fixture
def heard(app, site, clock):
    """Four published comments, three of them a campaign; the window is over."""
    with app.extensions["database"].writer() as session:
        site.session = session
        session.add_all(site.staff.values())
        found = session.query(Consultation).one()
        comments = [factories.submission(site, found, "建议每日巡查两次")[0] for _ in range(3)]
        comments += factories.submission(site, found, "资金太少", path=("二、", "（二）"))
        for comment in comments:
            moderation.decide(
                session, site.actor(Role.MODERATOR), comment, CommentState.PUBLISHED, revision=0, at=factories.NOON
            )
        campaign(site, found, comments[:3])
        session.commit()
    clock.at = AFTER
    return site


def office(app, role):
    return app.test_client().sign_in(role)


def seen(page):
    return re.search(r'name="seen" value="([^"]*)"', page.source).group(1)


def answer(client, number, **fields):
    page = client.page(f"{OFFICE}/responses/{number}")
    data = {"disposition": "explained", "reason": "已有安排。", "changed_text": "", "seen": seen(page)} | fields
    return client.post(f"{OFFICE}/responses/{number}", data=data)


def answered(app):
    drafter = office(app, "drafter")
    answer(drafter, 1, campaign="1")
    answer(drafter, 4)
    return drafter


def test_clauses_are_routed_as_the_draft_says_and_by_hand(app, heard):
    client = office(app, "drafter")
    page = client.page(f"{OFFICE}/routing/")
    assert "照此分办" in page.text
    assert "市水利局" in page.text
    assert client.post(f"{OFFICE}/routing/proposal", data={}).status_code == 302
    page = client.page(f"{OFFICE}/routing/")
    assert "照此分办" not in page.text
    assert "2026-04-30" in page.source  # the limit, in working days
    answer = client.post(f"{OFFICE}/routing/", data={"office-0": "办公室", "due-0": "昨天"})
    assert answer.status_code == 422
    assert client.post(f"{OFFICE}/routing/", data={"office-0": "办公室", "due-0": "2026-04-10"}).status_code == 302
    account = heard.staff[Role.DRAFTER].id
    client.post(f"{OFFICE}/routing/offices", data={"name": "办公室", "members": str(account)})
    page = client.page(f"{OFFICE}/responses/")
    for words in ("市水利局", "市财政局", "办公室（我）", "截止后第6个工作日，答复期限20个工作日"):
        assert words in page.text, words


def rows(page):
    """Every field of the table of clauses, as a browser would send it."""
    return {
        field.get("name"): field.get("value") or ""
        for field in page.all("input")
        if re.match(r"(office|due|seen)-\d+$", field.get("name") or "")
    }


def test_an_older_page_takes_nothing_back_that_a_colleague_routed(app, heard):
    one, other = office(app, "drafter"), office(app, "publisher")
    older = rows(other.page(f"{OFFICE}/routing/"))
    first, second = [name for name in older if name.startswith("office-")][1:3]
    assert one.post(f"{OFFICE}/routing/", data=older | {first: "河湖科"}).status_code == 302
    assert other.post(f"{OFFICE}/routing/", data=older | {second: "财务科"}).status_code == 302
    routed = rows(one.page(f"{OFFICE}/routing/"))
    assert (routed[first], routed[second]) == ("河湖科", "财务科")

    due = second.replace("office", "due")
    refused = other.post(f"{OFFICE}/routing/", data=older | {second: "水利科", due: "2026-04-20", "office-0": "办公室"})
    assert refused.status_code == 409
    page = Page(refused.text)
    assert "第二部分第（二）条刚刚已由他人改了分办" in page.text
    assert "现在：财务科" in page.text
    again = rows(page)
    assert (again[second], again[due], again["office-0"]) == ("水利科", "2026-04-20", "办公室")
    assert again[first] == "河湖科"  # was not touched: the page catches up
    # who has been told may have it so
    assert other.post(f"{OFFICE}/routing/", data=again).status_code == 302
    routed = rows(one.page(f"{OFFICE}/routing/"))
    assert (routed[first], routed[second], routed["office-0"]) == ("河湖科", "水利科", "办公室")


def test_a_fault_in_one_row_does_not_make_an_older_page_newer(app, heard):
    one, other = office(app, "drafter"), office(app, "publisher")
    older = rows(other.page(f"{OFFICE}/routing/"))
    name = [name for name in older if name.startswith("office-")][1]
    one.post(f"{OFFICE}/routing/", data=older | {name: "河湖科"})
    refused = other.post(f"{OFFICE}/routing/", data=older | {name: "财务科", "office-0": "办公室", "due-0": "昨天"})
    assert refused.status_code == 422
    again = rows(Page(refused.text))
    assert again["due-0"] == "昨天"
    assert other.post(f"{OFFICE}/routing/", data=again | {"due-0": ""}).status_code == 409


def test_an_answer_sent_twice_is_done_once(app, heard):
    client = office(app, "drafter")
    form = {"disposition": "explained", "reason": "已有安排。", "changed_text": "", "seen": "4:0"}
    first, second = (client.post(f"{OFFICE}/responses/4", data=form) for _ in range(2))
    assert (first.status_code, second.status_code) == (302, 302)
    assert first.headers["Location"] == second.headers["Location"]
    assert client.post(f"{OFFICE}/responses/4", data=form | {"reason": "另一个理由。"}).status_code == 409


def test_a_day_that_is_over_is_refused_and_the_clause_named(app, heard):
    client = office(app, "drafter")
    refused = client.post(f"{OFFICE}/routing/", data={"office-0": "办公室", "due-0": "2026-04-09"})
    assert refused.status_code == 422
    assert "全文的办理期限2026年4月9日已经过去，请选择今天或者以后的日期。" in refused.text


def test_the_proposal_of_the_draft_is_taken_without_a_day_once_the_limit_is_over(app, heard, clock):
    clock.at = datetime(2026, 5, 6, 4, 0, tzinfo=UTC)
    client = office(app, "drafter")
    assert client.post(f"{OFFICE}/routing/proposal", data={}).status_code == 302
    routed = rows(client.page(f"{OFFICE}/routing/"))
    assert "市水利局" in routed.values()
    assert not any(value for name, value in routed.items() if name.startswith("due-"))


def test_everything_to_answer_with_is_on_one_screen(app, heard):
    client = office(app, "drafter")
    client.post("/office/reason-templates/", data={"name": "预算", "words": "资金按预算程序另行编列。"})
    answer(client, 4, disposition="not_adopted", reason="按预算安排。")
    page = client.page(f"{OFFICE}/responses/1")
    for words in (
        "原文",
        "城区河道每日巡查一次",
        "建议每日巡查两次",
        "3件，文字1种",
        "C-2",
        "C-3",
        "以前的答复",
        "预算",
    ):
        assert words in page.text, words
    value = re.search(r'<option value="(\d+)">预算', page.source).group(1)
    filled = client.post(f"{OFFICE}/responses/1", data={"act": "fill", "template": value, "disposition": "not_adopted"})
    assert "资金按预算程序另行编列。" in filled.get_data(as_text=True)
    shown = Page(
        client.post(
            f"{OFFICE}/responses/1",
            data={"act": "preview", "changed_text": "城区河道每日巡查两次，农村河道每周巡查一次。"},
        ).get_data(as_text=True)
    )
    assert any("两" in "".join(change.itertext()) for change in shown.all("ins"))


def test_the_words_that_were_quoted_stand_above_the_comment(app, heard):
    with app.extensions["database"].writer() as session:
        heard.session = session
        found = session.query(Consultation).one()
        quoted = factories.clause(found, "二、", "（一）").text[:5]
        (comment,) = factories.submission(heard, found, "太笼统", quote=quoted)
        moderation.decide(
            session, heard.actor(Role.MODERATOR), comment, CommentState.PUBLISHED, revision=0, at=factories.NOON
        )
        session.commit()
        number = comment.number
    assert f"“{quoted}”" in office(app, "drafter").page(f"{OFFICE}/responses/{number}").text


def test_a_campaign_is_answered_at_once_and_the_next_comes(app, heard):
    client = office(app, "drafter")
    assert answer(client, 1, campaign="1").headers["Location"].endswith("/responses/4")
    assert answer(client, 4).headers["Location"].endswith("/responses/")
    assert "未答复0条" in client.page(f"{OFFICE}/responses/").text


def test_a_different_answer_must_be_explained(app, heard):
    client = office(app, "drafter")
    answer(client, 1)
    refused = answer(client, 2, disposition="not_adopted")
    assert refused.status_code == 422
    assert "C-2为未采纳；C-1为解释说明" in refused.get_data(as_text=True)
    assert answer(client, 2, disposition="not_adopted", note="另附了材料。").status_code == 302


def test_of_two_drafters_nobody_loses_a_word(app, heard):
    first, second = office(app, "drafter"), office(app, "drafter")
    stale = seen(second.page(f"{OFFICE}/responses/4"))
    answer(first, 4, reason="先到的答复。")
    late = answer(second, 4, reason="后到的答复。", seen=stale)
    assert late.status_code == 409
    text = late.get_data(as_text=True)
    assert "先到的答复。" in text
    assert "后到的答复。" in text
    again = seen(Page(text))
    data = {"disposition": "explained", "reason": "后到的答复。", "changed_text": "", "seen": again}
    assert second.post(f"{OFFICE}/responses/4", data=data).status_code == 302


def test_publication_says_what_is_missing_and_shows_itself_first(app, heard):
    publisher = office(app, "publisher")
    address = f"{OFFICE}/responses/publication"
    assert "还有4条意见没有答复（C-1、C-2、C-3、C-4）" in publisher.page(address).text
    left = publisher.post(address, data={"unanswered_reason": "与其他意见同类，一并研究。"})
    assert left.status_code == 422
    assert "C-1、C-2、C-3" in left.get_data(as_text=True)
    answered(app)
    shown = publisher.post(address, data={"act": "preview", "form": "by_clause"})
    assert "按内容归纳为" in shown.get_data(as_text=True)
    assert app.test_client().get("/consultations/hehu/results").status_code == 404
    assert publisher.post(address, data={"form": "by_campaign"}).status_code == 302
    public = app.test_client().page("/consultations/hehu/results")
    assert "建议每日巡查两次" in public.text
    assert "分类反馈" in public.text


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_correction_is_a_new_version_for_everybody(app, heard, lang):
    drafter = answered(app)
    publisher = office(app, "publisher")
    address = f"{OFFICE}/responses/publication"
    publisher.post(address, data={})
    answer(drafter, 4, disposition="not_adopted", reason="新的理由。")
    public = app.test_client()
    public.set_cookie("lang", lang)
    assert "新的理由。" not in public.page("/consultations/hehu/results").text
    publisher.set_cookie("lang", lang)
    page = publisher.page(address)
    assert "C-4" in page.text
    assert publisher.post(address, data={"correction": "短"}).status_code == 422
    assert publisher.post(address, data={"correction": "第四条理由引用有误，现更正。"}).status_code == 302
    newest = public.page("/consultations/hehu/results")
    assert "第四条理由引用有误，现更正。" in newest.text
    assert "新的理由。" in newest.text
    old = public.page("/consultations/hehu/results/versions/1")
    assert "新的理由。" not in old.text
    assert public.get("/consultations/hehu/results/versions/3").status_code == 404
    for extension in ("docx", "xlsx", "pdf", "csv", "html"):
        first = public.get(f"/consultations/hehu/results.{extension}?version=1")
        assert first.status_code == 200
        assert first.data != public.get(f"/consultations/hehu/results.{extension}").data
    only = public.page("/consultations/hehu/results?outcome=not_adopted")
    assert "资金太少" in only.text
    assert "建议每日巡查两次" not in only.text


def kept_and_released(app, site, at):
    """Another summary that the public reads."""
    with app.extensions["database"].writer() as session:
        session.add_all(site.staff.values())
        found = session.query(Consultation).one()
        kept = summaries.freeze(session, site.actor(Role.DRAFTER), found, at, "")
        summaries.sign(session, site.actor(Role.MODERATOR), found, kept, SummaryState.REVIEWED, at)
        summaries.sign(session, site.actor(Role.PUBLISHER), found, kept, SummaryState.RELEASED, at)
        summaries.release(session, site.actor(Role.PUBLISHER), found, kept, at)
        session.commit()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_summary_older_than_a_correction_says_so(app, heard, clock, lang):
    """The results page and the files linked below it give other figures: the public and the publisher are told why."""
    drafter, publisher, public = answered(app), office(app, "publisher"), app.test_client()
    for client in (publisher, public):
        client.set_cookie("lang", lang)
    pages = [(public, "/consultations/hehu/results"), (publisher, f"{OFFICE}/responses/publication"),
             (publisher, f"{OFFICE}/summary/")]  # fmt: skip
    said = {"zh": ["采纳情况后来于2026年4月10日 12:05更正", *["公开的汇总早于采纳情况的更正"] * 2],
            "en": ["the outcome was corrected later, on 10 April 2026 12:05",
                   *["The released summary is older than the correction of the outcome"] * 2]}[lang]  # fmt: skip

    def told():
        return [words in client.page(address).text for (client, address), words in zip(pages, said, strict=True)]

    publisher.post(pages[1][1], data={})
    kept_and_released(app, heard, AFTER)
    assert told() == [False, False, False]

    clock.at = AFTER + timedelta(minutes=5)
    answer(drafter, 4, disposition="not_adopted", reason="新的理由。")
    assert told() == [False, False, False]
    assert publisher.post(pages[1][1], data={"correction": "第四条理由引用有误，现更正。"}).status_code == 302
    assert told() == [True, True, True]
    if lang == "zh":
        assert "请留存一份新的汇总" in publisher.page(pages[1][1]).text
        assert "以第2版采纳情况为准" in public.page("/consultations/hehu/results/versions/1").text

    clock.at = AFTER + timedelta(minutes=10)
    drafter.post(f"{OFFICE}/summary/", data={})
    assert told() == [True, True, True]
    if lang == "zh":
        assert "更正以后留存的第2份还没有公开" in publisher.page(pages[1][1]).text
    kept_and_released(app, heard, clock.at)
    assert told() == [False, False, False]


def test_the_final_document_is_linked_both_ways(app, heard):
    answered(app)
    publisher = office(app, "publisher")
    publisher.post(f"{OFFICE}/responses/publication", data={})
    public = app.test_client()
    assert public.get("/consultations/hehu/adopted").status_code == 404
    data = {"title": "示例市河湖保洁工作方案", "document_number": "示政发〔2026〕3号", "adopted_on": "x",
            "file": (io.BytesIO(b"the text"), "a.txt")}  # fmt: skip
    assert publisher.post(f"{OFFICE}/adopted", data=data, content_type="multipart/form-data").status_code == 422
    data |= {"adopted_on": "2026-04-09", "file": (io.BytesIO(b"the text"), "a.txt")}
    assert publisher.post(f"{OFFICE}/adopted", data=data, content_type="multipart/form-data").status_code == 302
    page = public.page("/consultations/hehu/adopted")
    assert "示政发〔2026〕3号" in page.text
    links = {link.get("href") for link in page.all("a")}
    assert {"/consultations/hehu/", "/consultations/hehu/results", "/consultations/hehu/adopted/file"} <= links
    assert public.get("/consultations/hehu/adopted/file").data == b"the text"
    assert "/consultations/hehu/adopted" in public.page("/consultations/hehu/results").source


def test_the_scorecard_of_a_bureau(app, heard, clock):
    answered(app)
    office(app, "publisher").post(f"{OFFICE}/responses/publication", data={})
    public = app.test_client()
    assert "/bureaus/slj/" in public.page("/bureaus/").source
    page = public.page("/bureaus/slj/")
    for words in ("近12个月", "4条中4条", "次数太少，见下表", "采纳率高低不说明工作好坏"):
        assert words in page.text, words
    assert public.get("/bureaus/nothing/").status_code == 404


def test_the_front_page_says_what_is_overdue(app, heard, clock):
    clock.at = datetime(2026, 5, 20, 4, 0, tzinfo=UTC)
    page = office(app, "publisher").page("/office/")
    assert "超过答复期限还没有公布采纳情况的（1件）" in page.text
    assert "应于2026年4月30日前公布" in page.text


@pytest.mark.parametrize("name", ["situation.docx", "working-table.xlsx"])
def test_papers_for_the_file(app, heard, name):
    assert office(app, "drafter").get(f"{OFFICE}/responses/files/{name}").status_code == 200
    assert office(app, "auditor").get(f"{OFFICE}/responses/files/{name}").status_code == 403
