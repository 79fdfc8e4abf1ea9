"""The region on the pages and in the interface: offered where there is a list, kept, and public beside no comment."""

from __future__ import annotations

import io
import json

import openpyxl
import pytest
from sqlalchemy import select

from portal.access import Role
from portal.models import Bureau, Comment, Consultation, Respondent
from portal.rules.words import CommentState
from portal.services import moderation
from portal.services.identity import NOTICE_VERSION
from tests.factories import NOON
from tests.pages import Page
from tests.web.test_api_writing import HANDING, QUEUE, SUBMISSION, bearer, is_problem, made
from tests.web.test_commenting import CLAUSE, REVIEW, put, send
from tests.web.test_open_data import validator
from tests.web.test_registering import DESK, redrawn, sent

__all__ = ["made"]

LIST = "/office/staff/bureaus"
REGIONS = ["云川区", "望山县"]


def offer(app, *regions):
    with app.extensions["database"].writer() as session:
        session.scalars(select(Bureau)).one().regions = list(regions)
        session.commit()


@pytest.fixture
def offered(app, site):
    offer(app, *REGIONS)


def kept(app):
    with app.extensions["database"].reader() as session:
        return list(session.scalars(select(Respondent.region).order_by(Respondent.id)))


def choices(page):
    """What the field offers, or None where there is no field."""
    field = next((each for each in page.all("select") if each.get("name") == "region"), None)
    return None if field is None else ["".join(option.itertext()) for option in field.iter("option")]


# ── the public ────────────────────────────────────────────────────────────────────────────────────────


def test_it_is_asked_only_where_there_is_a_list(client, app, site):
    put(client)
    page = client.page(REVIEW)
    assert choices(page) is None
    assert "所在地区" not in page.text
    offer(app, *REGIONS)
    page = client.page(REVIEW)
    assert choices(page) == ["不填", *REGIONS]
    assert "只公布分地区的数目" in page.text  # the notice names what is collected
    client.get(REVIEW + "?lang=en")
    assert "Region" in client.page(REVIEW).text


@pytest.mark.parametrize("who", [{}, {"kind": "enterprise", "organisation": "示例企业", "name": "周明",
                                      "phone": "13800000000", "has_read_notice": "1"}])  # fmt: skip
def test_what_was_chosen_stands_on_the_receipt(client, app, offered, who):
    put(client)
    answer = send(client, region="望山县", **who)
    assert answer.status_code == 302
    assert kept(app) == ["望山县"]
    page = client.page(answer.headers["Location"])
    assert "所在地区望山县" in page.text.replace(" ", "")
    number = answer.headers["Location"].split("/")[-1].split("?")[0]
    assert json.loads(client.get(f"/receipts/{number}/receipt.json").data)["region"] == "望山县"
    assert client.get(f"/receipts/{number}/receipt.pdf").data.startswith(b"%PDF")
    corrected = client.post(
        f"/receipts/{number}/comments/1/correct", data={"stance": "change", "body": "更正后的意见。", "revision": "0"}
    )
    assert corrected.status_code == 302
    assert kept(app) == ["望山县"]  # who spoke is not corrected with the words


def test_leaving_it_empty_is_no_obstacle(client, app, offered):
    put(client)
    answer = send(client, region="")
    assert answer.status_code == 302
    assert "所在地区" not in client.page(answer.headers["Location"]).text


def test_of_a_child_it_is_not_kept(client, app, offered):
    put(client)
    answer = send(
        client, region="望山县", is_minor="1", guardian_name="王大明", guardian_contact="13800000000",
        has_guardian_consent="1", has_read_notice="1", notice_version=NOTICE_VERSION,
    )  # fmt: skip
    assert answer.status_code == 302
    assert kept(app) == [""]


def test_a_list_that_changed_meanwhile_is_said_and_nothing_is_lost(client, app, offered):
    put(client)
    offer(app, "云川区")
    answer = send(client, region="望山县")
    assert answer.status_code == 422
    page = Page(answer.text)
    assert "不在可以选的范围里" in page.text
    assert "建议每日巡查两次" in page.text
    assert choices(page) == ["不填", "云川区"]
    assert kept(app) == []


def test_it_stands_beside_no_comment_and_in_no_public_data(client, app, site, offered):
    put(client)
    send(client, region="望山县")
    with app.extensions["database"].writer() as session:
        comment = session.scalars(select(Comment)).one()
        moderation.decide(
            session, site.staff[Role.MODERATOR].actor, comment, CommentState.PUBLISHED, revision=0, at=NOON
        )
        session.commit()
    stranger = app.test_client()
    for address in (CLAUSE, "/consultations/hehu/", "/search?q=巡查"):
        assert "望山县" not in stranger.page(address).text, address
    for address in ("/api/v1/consultations/hehu/comments", "/feeds/consultations.atom"):
        answer = stranger.get(address)
        assert answer.status_code == 200
        assert "望山县" not in answer.text
    assert stranger.get("/api/v1/consultations/hehu").get_json()["regions"] == REGIONS


def test_the_rules_say_what_becomes_of_it(client, site):
    said = client.page("/rules/privacy").text
    assert "不和单条意见一起公开" in said
    assert "未满14周岁的，不记录所在地区" in said


# ── other platforms ───────────────────────────────────────────────────────────────────────────────────


def test_a_platform_hands_it_over(app, client, made):
    offer(app, *REGIONS)
    told = {"respondent": {"kind": "citizen", "region": "云川区"}, "comments": SUBMISSION["comments"]}
    answer = client.post(HANDING, json=told, headers=bearer(made["platform"]))
    assert answer.status_code == 201
    assert kept(app)[-1] == "云川区"
    waiting = client.get(QUEUE, headers=bearer(made["staff"])).get_json()["items"]
    for item in waiting:
        validator(client, "WaitingComment").validate(item)
    assert [item["respondent"]["region"] for item in waiting] == [None, None, "云川区"]
    told["respondent"]["region"] = "别处"
    (error,) = is_problem(client, client.post(HANDING, json=told, headers=bearer(made["platform"])), 422)["errors"]
    assert error["field"] == "respondent/region"


# ── the office ────────────────────────────────────────────────────────────────────────────────────────


def test_an_administrator_keeps_the_list(app, client, site):
    admin = app.test_client().sign_in("administrator")
    answer = admin.post(LIST, data={"bureau": "1", "regions": "云川区\n望山县"})
    assert answer.status_code == 302
    assert "2个" in admin.page(LIST).text
    assert client.get("/api/v1/consultations/hehu").get_json()["regions"] == REGIONS
    refused = admin.post(LIST, data={"bureau": "1", "regions": "云川区\n云川区"})
    assert refused.status_code == 422
    page = Page(refused.text)
    assert "“云川区”写了两次" in page.text
    assert any("".join(area.itertext()).strip() == "云川区\n云川区" for area in page.all("textarea"))
    assert client.get("/api/v1/consultations/hehu").get_json()["regions"] == REGIONS
    assert admin.post(LIST, data={"bureau": "99", "regions": "甲区"}).status_code == 404
    assert app.test_client().sign_in("publisher").post(LIST, data={"bureau": "1", "regions": ""}).status_code == 403
    # renaming a bureau leaves its list alone
    assert admin.post(LIST, data={"bureau": "1", "name": "示例市水务局"}).status_code == 302
    assert client.get("/api/v1/consultations/hehu").get_json()["regions"] == REGIONS


def test_a_letter_is_registered_with_it_and_the_desk_sees_it(app, site, offered):
    first = app.test_client().sign_in("moderator")
    assert choices(first.page(DESK + "new")) == ["来件没有写明", *REGIONS]
    answer = sent(first, region="望山县", act="hand_in")
    assert answer.status_code == 302, Page(answer.text).text
    second = app.test_client().sign_in("publisher")
    page = second.page(DESK + "1")
    assert "所在地区望山县" in page.text.replace(" ", "")
    revision = next(f.get("value") for f in page.all("input") if f.get("name") == "revision")
    decided = second.post(DESK + "1/decision", data={"act": "confirm", "revision": revision})
    assert decided.status_code == 302
    assert kept(app) == ["望山县"]
    assert "望山县" in first.page("/office/consultations/hehu/moderation/1").text


def test_a_region_that_left_the_list_stays_on_a_registration(app, site, offered):
    first = app.test_client().sign_in("moderator")
    page = redrawn(first, sent(first, region="望山县"))
    offer(app, "云川区")
    page = first.page(DESK + "1")
    assert choices(page) == ["来件没有写明", "云川区", "望山县"]
    chosen = [o.get("value") for o in page.all("option") if "selected" in o.attrib]
    assert "望山县" in chosen


def test_the_sheet_that_is_offered_has_the_column_where_there_is_a_list(app, site):
    moderator = app.test_client().sign_in("moderator")

    def head():
        book = openpyxl.load_workbook(io.BytesIO(moderator.get("/office/consultations/hehu/sheets/template.xlsx").data))
        return [cell.value for cell in book["意见"][1]], [row[0].value for row in book["填写说明"].iter_rows()]

    columns, _ = head()
    assert "所在地区" not in columns
    offer(app, *REGIONS)
    columns, notes = head()
    assert "所在地区" in columns
    assert "云川区、望山县" in notes[-1]
    # a list too long for the rule of a cell is told in the notes; the sheet is still made
    offer(app, *(f"第{n}个名称很长的区县" for n in range(60)))
    assert "第59个名称很长的区县" in head()[1][-1]


def test_the_summary_on_screen_shows_it_with_those_who_did_not_say(app, client, site, offered):
    for region in ("望山县", "", "望山县"):
        visitor = app.test_client()
        put(visitor, body=f"意见{region}。")
        assert send(visitor, region=region).status_code == 302
    drafter = app.test_client().sign_in("drafter")
    page = drafter.page("/office/consultations/hehu/summary/")
    (table,) = [each for each in page.all("table") if each.get("id") == "regions"]
    told = [["".join(cell.itertext()) for cell in row] for row in table.iter("tr")]
    assert told == [
        ["所在地区", "来稿（件）", "意见（条）"],
        ["望山县", "2", "2"],
        ["未填", "1", "1"],
        ["合计", "3", "3"],
    ]
    drafter.get("/office/consultations/hehu/summary/?lang=en")
    assert "Not given" in drafter.page("/office/consultations/hehu/summary/").text
    with app.extensions["database"].reader() as session:
        assert session.scalars(select(Consultation)).one().bureau.regions == REGIONS
