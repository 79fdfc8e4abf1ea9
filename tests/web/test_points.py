"""The office pages of points and of the summary: forms without scripts, references that lead somewhere."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from portal import reports
from portal.access import Role
from portal.cli import work
from portal.models import Comment, Consultation, FrozenSummary
from portal.rules.words import CommentState
from portal.services import moderation, points, responding
from tests import factories
from tests.factories import NOON

OFFICE = "/office/consultations/hehu"
BODIES = ["建议城区河道每日巡查两次。", "城区河道应当每日巡查两次，节假日也要。", "请公开保洁经费的使用明细。"]


@pytest.fixture
def said(app, site):
    """Three published comments on 二、（一）, gathered into points; their references."""
    with app.extensions["database"].writer() as session:
        found = session.get_one(Consultation, 1)
        made = factories.World(session, site.seal, found.bureau, site.staff)
        for body in BODIES:
            comment = factories.submission(made, found, body)[0]
            moderation.decide(session, site.actor(Role.MODERATOR), comment, CommentState.PUBLISHED, revision=0, at=NOON)
        points.renew(session, found, NOON)
        session.commit()
    return [f"C-{n}" for n in (1, 2, 3)]


@pytest.fixture
def drafter(client, site):
    client.sign_in("drafter")
    return client


def keys(page):
    return re.findall(r'id="p-([0-9a-f]{12})"', page.text)


def test_a_clause_with_its_points(drafter, said):
    index = drafter.get(f"{OFFICE}/points/")
    assert "第二部分第（一）条" in index.text
    page = drafter.get(f"{OFFICE}/points/2-1")
    assert len(keys(page)) == 2
    assert all(reference in page.text for reference in said)
    assert "城区河道每日巡查一次" in page.text  # the clause itself


def test_merging_naming_and_splitting_by_plain_forms(drafter, said):
    first, second = keys(drafter.get(f"{OFFICE}/points/2-1"))
    page = drafter.post(f"{OFFICE}/points/2-1", data={"act": "merge", "key": [first, second]}, follow_redirects=True)
    assert len(keys(page)) == 1
    kept = keys(page)[0]
    drafter.post(f"{OFFICE}/points/2-1", data={"act": "rename", "point": kept, "name": "加密巡查"})
    drafter.post(f"{OFFICE}/points/2-1", data={"act": "mark", "point": kept, "is_key": "1"})
    page = drafter.post(
        f"{OFFICE}/points/2-1", data={"act": "split", "point": kept, "number": ["3"]}, follow_redirects=True
    )
    assert len(keys(page)) == 2
    assert "加密巡查" in page.text
    summary = drafter.get(f"{OFFICE}/summary/")
    assert "加密巡查" in summary.text
    assert "只有一人提出" in summary.text
    page = drafter.post(
        f"{OFFICE}/points/2-1", data={"act": "move", "point": keys(page)[1], "number": ["3"], "to": kept},
        follow_redirects=True,
    )  # fmt: skip
    assert keys(page) == [kept]


def test_what_cannot_be_done_is_said_on_the_page(drafter, said):
    key = keys(drafter.get(f"{OFFICE}/points/2-1"))[0]
    page = drafter.post(f"{OFFICE}/points/2-1", data={"act": "merge", "key": [key]})
    assert page.status_code == 400
    assert "至少选择两个" in page.text
    assert drafter.post(f"{OFFICE}/points/2-1", data={"act": "nothing"}).status_code == 404
    assert drafter.get(f"{OFFICE}/points/9-9").status_code == 404


def test_every_reference_on_the_summary_leads_to_an_opinion(drafter, said):
    page = drafter.get(f"{OFFICE}/summary/").text
    leads = set(re.findall(r'href="#(C-\d+)"', page))
    assert leads == set(said)
    assert leads <= set(re.findall(r'id="(C-\d+)"', page))


def test_with_many_opinions_a_reference_leads_to_a_page_of_its_own(drafter, said, monkeypatch):
    monkeypatch.setattr("portal.web.office.summaries.LISTED", 2)
    page = drafter.get(f"{OFFICE}/summary/").text
    assert 'id="C-1"' not in page
    address = re.search(r'href="(/consultations/hehu/[^"]*C-1[^"]*)"', page).group(1)
    assert BODIES[0] in drafter.get(address, follow_redirects=True).text


def test_a_paragraph_needs_its_references(drafter, said):
    page = drafter.post(f"{OFFICE}/summary/narrative", data={"place": "", "words": "企业普遍希望加密巡查。"})
    assert page.status_code == 400
    assert "没有注明意见编号" in page.text
    assert "企业普遍希望加密巡查。" in page.text  # what was typed is still there
    page = drafter.post(f"{OFFICE}/summary/narrative", data={"place": "2-1", "words": "希望加密巡查。[C-77]"})
    assert "[C-77]不存在或者没有公开" in page.text
    page = drafter.post(
        f"{OFFICE}/summary/narrative",
        data={"place": "2-1", "words": "希望加密巡查。［C-1、C-2］"},
        follow_redirects=True,
    )
    assert "希望加密巡查。" in page.text
    number = re.search(r'name="paragraph" value="(\d+)"', page.text).group(1)
    page = drafter.post(
        f"{OFFICE}/summary/narrative", data={"place": "2-1", "paragraph": number, "words": "x", "remove": "1"},
        follow_redirects=True,
    )  # fmt: skip
    assert "希望加密巡查。" not in page.text


def test_two_who_write_one_paragraph_lose_nothing(drafter, said):
    at = f"{OFFICE}/summary/narrative"
    drafter.post(at, data={"place": "2-1", "words": "希望加密巡查。[C-1]"})
    page = drafter.get(f"{OFFICE}/summary/").text
    number = re.search(r'name="paragraph" value="(\d+)"', page).group(1)
    seen = re.search(r'name="paragraph"[^>]*><input type="hidden" name="seen" value="(\w+)"', page).group(1)
    mine = {"place": "2-1", "paragraph": number, "seen": seen}
    assert drafter.post(at, data=mine | {"words": "先写的：希望加密巡查。[C-2]"}).status_code == 302
    late = drafter.post(at, data=mine | {"words": "后写的：希望加密巡查。[C-1]"})
    assert late.status_code == 409
    assert "刚刚已由他人修改" in late.text
    assert "先写的" in late.text
    assert "后写的" in late.text
    removed = drafter.post(at, data=mine | {"words": "", "remove": "1"})
    assert removed.status_code == 409
    assert "没有删去" in removed.text
    # whoever was told has seen what stands
    seen = re.search(r'name="paragraph"[^>]*><input type="hidden" name="seen" value="(\w+)"', late.text).group(1)
    assert drafter.post(at, data=mine | {"seen": seen, "words": "后写的：希望加密巡查。[C-1]"}).status_code == 302


def seen_name(page, key):
    return re.search(rf'name="seen" value="([^"]*)"><label class="vh" for="name-{key}"', page.text).group(1)


def test_two_who_name_a_point_at_once_lose_nothing(app, drafter, said):
    other = app.test_client().sign_in("publisher")
    at = f"{OFFICE}/points/2-1"
    page = drafter.get(at)
    key = keys(page)[0]
    act = {"act": "rename", "point": key, "seen": seen_name(page, key)}
    assert other.post(at, data=act | {"name": "加密巡查"}).status_code == 302
    assert other.post(at, data=act | {"name": "加密巡查"}).status_code == 302  # a button pressed twice
    page = drafter.post(at, data=act | {"name": "每日巡查两次"})
    assert page.status_code == 409
    assert "这个观点的名称刚刚已由他人修改，您的这一次没有保存。" in page.text
    assert 'name="name" value="每日巡查两次"' in page.text
    assert '<h3 lang="zh-CN">加密巡查</h3>' in page.text
    again = act | {"name": "每日巡查两次", "seen": seen_name(page, key)}
    assert drafter.post(at, data=again).status_code == 302
    assert '<h3 lang="zh-CN">每日巡查两次</h3>' in drafter.get(at).text


def test_too_long_a_name_comes_back_and_looks_no_newer(app, drafter, said):
    at = f"{OFFICE}/points/2-1"
    page = drafter.get(at)
    key = keys(page)[0]
    act = {"act": "rename", "point": key, "seen": seen_name(page, key)}
    app.test_client().sign_in("publisher").post(at, data=act | {"name": "加密巡查"})
    page = drafter.post(at, data=act | {"name": "长" * 101})
    assert page.status_code == 400
    assert "长" * 101 in page.text
    assert seen_name(page, key) == act["seen"]


def test_outreach_is_told(drafter, said):
    page = drafter.post(
        f"{OFFICE}/summary/outreach", data={"outreach": "在三个社区张贴二维码。"}, follow_redirects=True
    )  # fmt: skip
    assert "在三个社区张贴二维码。" in page.text


def seen_outreach(page):
    return re.search(r'name="seen" value="([^"]*)"[^§]*?<textarea id="outreach"', page.text).group(1)


def test_two_who_tell_of_outreach_at_once_lose_nothing(app, drafter, said):
    other = app.test_client().sign_in("publisher")
    older = seen_outreach(drafter.get(f"{OFFICE}/summary/"))
    first = {"outreach": "在三个社区张贴二维码。", "seen": older}
    assert other.post(f"{OFFICE}/summary/outreach", data=first).status_code == 302
    assert other.post(f"{OFFICE}/summary/outreach", data=first).status_code == 302  # a button pressed twice
    page = drafter.post(f"{OFFICE}/summary/outreach", data={"outreach": "召开两次座谈会。", "seen": older})
    assert page.status_code == 409
    assert "这一段刚刚已由他人修改，您的这一次没有保存。" in page.text
    assert '<p class="plain-text" lang="zh-CN">在三个社区张贴二维码。</p>' in page.text
    assert "\n召开两次座谈会。</textarea>" in page.text
    both = {"outreach": "在三个社区张贴二维码，召开两次座谈会。", "seen": seen_outreach(page)}
    assert drafter.post(f"{OFFICE}/summary/outreach", data=both).status_code == 302
    assert both["outreach"] in drafter.get(f"{OFFICE}/summary/").text


def test_too_long_an_account_of_outreach_comes_back(drafter, said):
    page = drafter.post(f"{OFFICE}/summary/outreach", data={"outreach": "长" * 4001})
    assert page.status_code == 422
    assert "长" * 4001 in page.text


def test_from_draft_to_the_public(app, client, site, said):
    public = app.test_client()
    assert "意见汇总报告" not in public.page("/consultations/hehu/notice").text
    client.sign_in("drafter")
    assert client.post(f"{OFFICE}/summary/", data={}).status_code == 302
    page = client.post(f"{OFFICE}/summary/1/sign", data={"state": "reviewed"})
    assert "复审要由留存这份汇总以外的人办理" in page.text
    client.sign_in("moderator")
    assert client.post(f"{OFFICE}/summary/1/sign", data={"state": "reviewed", "note": "核对过"}).status_code == 302
    assert client.post(f"{OFFICE}/summary/1/sign", data={"state": "released"}).status_code == 403
    assert client.post(f"{OFFICE}/summary/1/sign", data={"state": "finished"}).status_code == 404
    client.sign_in("publisher")
    client.post(f"{OFFICE}/summary/1/sign", data={"state": "released"})
    page = client.post(f"{OFFICE}/summary/1/release", data={}, follow_redirects=True)
    assert "已向公众公开" in page.text
    assert "核对过" in page.text
    # the results are not published yet: what is public is linked all the same, beside the notice and the note
    tabs = {a.get("href") for a in public.page("/consultations/hehu/note").all("a")}
    assert "/consultations/hehu/notice#summary" in tabs
    links = {a.get("href") for a in public.page("/consultations/hehu/notice").all("a")}
    assert {f"/consultations/hehu/summary.{name}" for name in reports.FORMATS} <= links
    words = public.get("/consultations/hehu/summary.json").text
    assert '"is_public": true' in words
    with app.extensions["database"].reader() as session:
        kept = session.get_one(FrozenSummary, 1)
        assert [each.state.value for each in kept.signatures] == ["reviewed", "released"]
        assert {each.digest for each in kept.signatures} == {kept.digest}
        assert session.get_one(Comment, 1).state is CommentState.PUBLISHED


def test_a_summary_with_answers_is_offered_to_the_public_with_the_results_only(app, client, site, said, clock):
    with app.extensions["database"].writer() as session:
        site.session = session
        found = session.query(Consultation).one()
        number = session.scalars(select(Comment).where(Comment.state == CommentState.PUBLISHED)).first().number
        responding.respond(
            session, site.actor(Role.DRAFTER), found, [number], disposition="explained", reason="已有安排。",
            changed_text="", at=clock.at,
        )  # fmt: skip
        session.commit()
    client.sign_in("drafter")
    client.post(f"{OFFICE}/summary/", data={})
    client.sign_in("moderator")
    client.post(f"{OFFICE}/summary/1/sign", data={"state": "reviewed"})
    client.sign_in("publisher")
    client.post(f"{OFFICE}/summary/1/sign", data={"state": "released"})
    page = client.page(f"{OFFICE}/summary/")
    assert "请先公布采纳情况，再公开汇总" in page.text
    assert "/summary/1/release" not in page.source
    assert client.post(f"{OFFICE}/summary/1/release", data={}).status_code == 422
    with app.extensions["database"].writer() as session:
        session.query(Consultation).one().results_published_at = clock.at
        session.commit()
    page = client.page(f"{OFFICE}/summary/")
    assert "请先公布采纳情况，再公开汇总" not in page.text
    assert "/summary/1/release" in page.source


def test_of_a_large_consultation_the_newest_that_was_kept_is_shown(drafter, app, said, monkeypatch):
    monkeypatch.setattr("portal.services.building.GATHERED_AT_ONCE", 2)
    page = drafter.get(f"{OFFICE}/summary/")
    assert "开始汇总" in page.text
    page = drafter.post(f"{OFFICE}/summary/", data={}, follow_redirects=True)
    assert "正在后台汇总" in page.text
    with app.app_context():
        work.run_due(app.extensions["database"], work.KINDS, work.setting_now)
    page = drafter.get(f"{OFFICE}/summary/")
    assert "本页显示最近留存的一份" in page.text
    assert all(reference in page.text for reference in said)
