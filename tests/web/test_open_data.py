"""Feeds, calendar, maps and the JSON interface: read as their readers read them, and held against their description."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree as ET

import icalendar
import pytest
from jsonschema import Draft202012Validator
from sqlalchemy import select, update

from portal.access import Role
from portal.models import Comment, Consultation
from portal.rules.words import CommentState
from portal.services import moderation, reading, responding, windows
from tests import factories
from tests.factories import NOON
from tests.services import test_versions as second_draft

ATOM = "{http://www.w3.org/2005/Atom}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture
def said(app, site):
    """Five comments: three published, one withheld, one pending; and an answer that is not public yet."""
    with app.extensions["database"].writer() as session:
        site.session = session
        session.add_all(site.staff.values())
        found = reading.published(session, "hehu", NOON)
        moderator = site.actor(Role.MODERATOR)
        comments = factories.submission(
            site,
            found,
            "第一条，路灯太暗。",
            "第二条，我叫欧阳建国。",
            "第三条，建议公开。",
            "第四条，不公开的话。",
            "第五条，待审的话。",
        )
        for comment in comments[:3]:
            masks = moderation.masks_of_words(comment, "欧阳建国") if "欧阳" in comment.body else []
            moderation.decide(
                session, moderator, comment, CommentState.PUBLISHED, revision=0, at=NOON, masks=masks, note="看过"
            )
        from portal.services import reference

        moderation.decide(
            session, moderator, comments[3], CommentState.WITHHELD, revision=0, at=NOON, note="含他人信息",
            reason_code=reference.withholding_reasons(session)[0].code,
        )  # fmt: skip
        responding.respond(
            session, site.actor(Role.DRAFTER), found, [1], disposition="adopted", reason="已经采纳的理由",
            changed_text="增设路灯。", at=NOON,
        )  # fmt: skip
        session.commit()
    return site


def test_the_feed_is_read_by_a_reader(client, said):
    answer = client.get("/feeds/consultations.atom")
    assert answer.mimetype == "application/atom+xml"
    feed = ET.fromstring(answer.data)
    assert feed.tag == f"{ATOM}feed"
    for needed in ("id", "title", "updated"):
        assert feed.findtext(f"{ATOM}{needed}")
    (entry,) = feed.findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == "示例市河湖保洁工作方案（征求意见稿）"
    assert entry.findtext(f"{ATOM}updated") == "2026-03-01T16:00:00Z"
    links = [link.get("href") for link in entry.findall(f"{ATOM}link")]
    assert links == ["http://127.0.0.1:8000/consultations/hehu/"]
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "示例市水利局"
    assert "路灯" not in answer.get_data(as_text=True)
    assert client.get("/feeds/consultations.atom", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_a_further_version_is_news_in_the_feed(client, app, site):
    with app.extensions["database"].writer() as session:
        site.session = session
        session.add_all(site.staff.values())
        found = session.scalars(select(Consultation)).one()
        second_draft.prepare(site, found)
        second_draft.publish(site, found)
        session.commit()
    (entry,) = ET.fromstring(client.get("/feeds/consultations.atom").data).findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == "示例市河湖保洁工作方案（征求意见稿第2稿）"
    assert entry.findtext(f"{ATOM}updated") == NOON.strftime("%Y-%m-%dT%H:%M:%SZ")
    links = [link.get("href") for link in entry.findall(f"{ATOM}link")]
    assert links[-1] == "http://127.0.0.1:8000/consultations/hehu/compare/1/2"
    assert client.get("/consultations/hehu/compare/1/2").status_code == 200


@pytest.fixture
def change(app, site, clock):
    """Extends (to a day) or withdraws the consultation an hour later than anything before."""

    def changed(closes_on=None):
        clock.at += timedelta(hours=1)
        with app.extensions["database"].writer() as session:
            session.add_all(site.staff.values())
            found, publisher = session.scalars(select(Consultation)).one(), site.actor(Role.PUBLISHER)
            if closes_on:
                windows.extend(session, publisher, found, closes_on, None, "", clock.at)
            else:
                windows.withdraw(session, publisher, found, "因上位规划调整，另行起草后再征求意见。", clock.at)
            session.commit()

    return changed


def the_entry(client):
    feed = ET.fromstring(client.get("/feeds/consultations.atom").data)
    (entry,) = feed.findall(f"{ATOM}entry")
    assert feed.findtext(f"{ATOM}updated") == entry.findtext(f"{ATOM}updated")
    return entry


def changed_on(client) -> dict[str, str]:
    """When the map says each page of the consultation changed."""
    root = ET.fromstring(client.get("/sitemap.xml").data)
    dated = {url.findtext(f"{MAP}loc"): url.findtext(f"{MAP}lastmod") for url in root}
    return {address.split("/hehu/")[1]: day for address, day in dated.items() if "/hehu/" in address}


def the_event(client):
    (event,) = icalendar.Calendar.from_ical(client.get("/feeds/deadlines.ics").data).walk("VEVENT")
    return event


def test_an_extension_is_news_and_moves_the_same_deadline(client, site, change):
    before = the_event(client)
    assert (before["SEQUENCE"], before["STATUS"]) == (0, "CONFIRMED")
    change(date(2026, 4, 10))
    entry = the_entry(client)
    assert entry.findtext(f"{ATOM}updated") == "2026-03-12T05:00:00Z"
    assert entry.findtext(f"{ATOM}published") == "2026-03-01T16:00:00Z"
    assert entry.findtext(f"{ATOM}summary") == (
        "征求意见时间：2026年3月2日至2026年4月10日24时（含当日，北京时间），已延期，原定截至2026年4月1日24时。"
    )
    assert changed_on(client) == dict.fromkeys(["", "notice", "note"], "2026-03-12T05:00:00Z")
    after = the_event(client)
    assert (after["UID"], after["SEQUENCE"]) == (before["UID"], 1)
    assert after["DTEND"].dt == datetime(2026, 4, 10, 16, 0, tzinfo=UTC)
    assert after["LAST-MODIFIED"].dt == after["DTSTAMP"].dt == NOON + timedelta(hours=1)
    change(date(2026, 4, 20))
    again = the_event(client)
    assert (again["UID"], again["SEQUENCE"]) == (before["UID"], 2)
    assert "原定截至2026年4月10日24时" in the_entry(client).findtext(f"{ATOM}summary")


def test_a_withdrawal_is_news_and_calls_the_deadline_off(client, site, change, clock):
    before = the_event(client)
    change()
    entry = the_entry(client)
    assert entry.findtext(f"{ATOM}title") == "示例市河湖保洁工作方案（征求意见稿，已撤回）"
    assert entry.findtext(f"{ATOM}updated") == "2026-03-12T05:00:00Z"
    assert entry.findtext(f"{ATOM}summary").startswith(
        "这次征求意见已于2026年3月12日13时撤回，不再接收意见。理由：因上位规划调整，另行起草后再征求意见。"
    )
    assert set(changed_on(client).values()) == {"2026-03-12T05:00:00Z"}
    after = the_event(client)
    assert (after["UID"], after["SEQUENCE"], after["STATUS"]) == (before["UID"], 1, "CANCELLED")
    assert after["LAST-MODIFIED"].dt == NOON + timedelta(hours=1)
    assert "因上位规划调整" in after["DESCRIPTION"]
    assert not after.walk("VALARM")
    clock.at = NOON + timedelta(days=40)
    assert not icalendar.Calendar.from_ical(client.get("/feeds/deadlines.ics").data).walk("VEVENT")


def test_the_interface_tells_of_extension_and_withdrawal(client, site, change):
    one = "/api/v1/consultations/hehu"
    body = client.get(one).get_json()
    assert (body["extended_at"], body["withdrawn_at"], body["withdrawal_reason"]) == (None, None, None)
    (window,) = body["windows"]
    assert window == {
        "opens_at": body["opens_at"],
        "closes_at": body["closes_at"],
        "announced_at": body["published_at"],
        "announcement": None,
    }
    change(date(2026, 4, 10))
    body = client.get(one).get_json()
    validator(client, "Consultation").validate(body)
    assert [each["closes_at"] for each in body["windows"]] == ["2026-04-02T00:00:00+08:00", body["closes_at"]]
    assert body["windows"][1]["announced_at"] == body["extended_at"] == "2026-03-12T13:00:00+08:00"
    assert "截止时间由2026年4月1日24时延长至2026年4月10日24时" in body["windows"][1]["announcement"]
    change()
    body = client.get(one).get_json()
    validator(client, "Consultation").validate(body)
    assert (body["state"], body["withdrawn_at"]) == ("withdrawn", "2026-03-12T14:00:00+08:00")
    assert body["withdrawal_reason"] == "因上位规划调整，另行起草后再征求意见。"
    (listed,) = every(client, "/api/v1/consultations", "ConsultationList")
    assert (listed["extended_at"], listed["withdrawn_at"]) == (body["extended_at"], body["withdrawn_at"])


def test_an_empty_feed_is_a_feed(client, app):
    assert ET.fromstring(client.get("/feeds/consultations.atom").data).findtext(f"{ATOM}updated")
    assert not icalendar.Calendar.from_ical(client.get("/feeds/deadlines.ics").data).walk("VEVENT")


def test_the_calendar_holds_every_deadline_to_come(app, client, site, clock):
    with app.extensions["database"].transaction() as session:
        session.execute(update(Consultation).values(contact_unit="示例市水利局；河湖处, 一科\\二科" * 6))
    answer = client.get("/feeds/deadlines.ics")
    assert answer.mimetype == "text/calendar"
    assert all(len(line) <= 75 for line in answer.data.split(b"\r\n"))
    assert b"\n" not in answer.data.replace(b"\r\n", b"")
    (deadline,) = icalendar.Calendar.from_ical(answer.data).walk("VEVENT")
    assert deadline["SUMMARY"] == "征求意见截止：示例市河湖保洁工作方案"
    assert deadline["DTEND"].dt == datetime(2026, 4, 1, 16, 0, tzinfo=UTC)
    assert deadline["DTSTART"].dt == datetime(2026, 4, 1, 15, 59, tzinfo=UTC)
    assert "示例市水利局；河湖处, 一科\\二科" in deadline["DESCRIPTION"]
    assert str(deadline["URL"]) == "http://127.0.0.1:8000/consultations/hehu/"
    assert deadline.walk("VALARM")
    clock.at = NOON + timedelta(days=40)
    assert not icalendar.Calendar.from_ical(client.get("/feeds/deadlines.ics").data).walk("VEVENT")


def test_the_maps_name_every_public_page_and_each_is_there(app, client, site):
    from tests.web.test_finding import days

    with app.extensions["database"].writer() as session:
        site.session = session
        session.add_all(site.staff.values())
        factories.prepared(site, "hidden", opens_on=days(3), closes_on=days(40))
        session.commit()
    root = ET.fromstring(client.get("/sitemap.xml").data)
    addresses = [loc.text for loc in root.iter(f"{MAP}loc")]
    assert "http://127.0.0.1:8000/consultations/hehu/" in addresses
    assert not [address for address in addresses if "hidden" in address]
    for address in addresses:
        assert client.get(address.removeprefix("http://127.0.0.1:8000")).status_code == 200, address
    assert "示例市河湖保洁工作方案" in client.page("/sitemap").text
    robots = client.get("/robots.txt").get_data(as_text=True)
    assert "Disallow: /office/" in robots
    assert "Sitemap: http://127.0.0.1:8000/sitemap.xml" in robots


def validator(client, name):
    """Holds values against a schema of the description the site itself gives."""
    description = client.get("/api/v1/openapi.json").get_json()
    schema = {"$ref": f"#/components/schemas/{name}", "components": description["components"]}
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def every(client, address, name):
    """Every item of a list, page by page, each page valid."""
    check, items = validator(client, name), []
    while address:
        answer = client.get(address.removeprefix("http://127.0.0.1:8000"))
        assert answer.status_code == 200
        body = answer.get_json()
        check.validate(body)
        items += body["items"]
        address = body["next"]
    return items


def test_every_answer_is_as_described(client, said):
    description = client.get("/api/v1/openapi.json").get_json()
    assert description["openapi"].startswith("3.1")
    for path, item in description["paths"].items():
        if item.get("get", {}).get("security") != [] or path == "/openapi.json":
            continue
        answer = client.get("/api/v1" + path.replace("{slug}", "hehu"))
        reference = item["get"]["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
        validator(client, reference.rsplit("/", 1)[1]).validate(answer.get_json())
        again = client.get(
            "/api/v1" + path.replace("{slug}", "hehu"), headers={"If-None-Match": answer.headers["ETag"]}
        )
        assert again.status_code == 304
        assert not again.data


def test_every_address_of_the_interface_is_described(app, client, said):
    described = {
        ("/api/v1" + path, method.upper())
        for path, item in client.get("/api/v1/openapi.json").get_json()["paths"].items()
        for method in item
    }
    there = {
        (re.sub(r"<(?:int:)?(\w+)>", r"{\1}", rule.rule), method)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert there == described


def test_the_interface_gives_what_is_published_masked_and_no_more(client, said):
    """TC-F01 for the interface and the feeds."""
    items = every(client, "/api/v1/consultations/hehu/comments?limit=2", "CommentList")
    assert [item["number"] for item in items] == [1, 2, 3]
    assert [item["response"] for item in items] == [None, None, None]
    for address in ("/api/v1/consultations", "/api/v1/consultations/hehu", "/api/v1/consultations/hehu/clauses",
                    "/api/v1/consultations/hehu/comments", "/feeds/consultations.atom", "/search?q=第四条", "/search?q=第五条",
                    "/search?q=欧阳", "/sitemap.xml"):  # fmt: skip
        words = client.get(address).get_data(as_text=True)
        words = json.dumps(json.loads(words), ensure_ascii=False) if address.startswith("/api") else words
        for hidden in ("不公开的话", "待审的话", "欧阳建国", "已经采纳的理由", "含他人信息"):
            assert hidden not in words, (address, hidden)


def test_the_answer_is_there_once_the_results_are(app, client, said):
    with app.extensions["database"].transaction() as session:
        session.execute(update(Consultation).values(results_published_at=NOON - timedelta(minutes=1)))
        session.execute(update(Comment).values(published_response_id=Comment.response_id))
    first = every(client, "/api/v1/consultations/hehu/comments", "CommentList")[0]
    assert first["response"] == {"disposition": "adopted", "reason": "已经采纳的理由", "changed_text": "增设路灯。"}
    assert client.get("/api/v1/consultations/hehu").get_json()["results"].endswith("/consultations/hehu/results")


def test_clauses_come_in_the_order_of_the_draft_page_by_page(client, said):
    clauses = every(client, "/api/v1/consultations/hehu/clauses?limit=4", "ClauseList")
    labels = [clause["label"] for clause in clauses]
    assert len(labels) == len(set(labels)) > 8
    assert labels == [clause["label"] for clause in every(client, "/api/v1/consultations/hehu/clauses", "ClauseList")]
    on = every(client, "/api/v1/consultations/hehu/comments?clause=2-1&limit=1", "CommentList")
    assert len(on) == 3
    assert every(client, "/api/v1/consultations/hehu/comments?clause=1", "CommentList") == []


@pytest.mark.parametrize(
    "query", ["after=x", "limit=0", "limit=-1", "limit=99999", "after=99999999999999", "after=%00"]
)
def test_a_strange_cursor_is_refused_by_name(client, said, query):
    for address in ("consultations", "consultations/hehu/clauses", "consultations/hehu/comments"):
        answer = client.get(f"/api/v1/{address}?{query}")
        assert answer.status_code == 422
        assert answer.mimetype == "application/problem+json"
        validator(client, "Problem").validate(answer.get_json())
        assert [each["field"] for each in answer.get_json()["errors"]] == [query.split("=")[0]]
    for name in ("stance", "q", "", "limt"):
        answer = client.get(f"/api/v1/consultations/hehu/comments?limit=1&{name}=1")
        assert answer.status_code == 422
        assert [each["field"] for each in answer.get_json()["errors"]] == [name]
    for clause in ("", "%00", "x" * 65):
        assert client.get(f"/api/v1/consultations/hehu/comments?clause={clause}").status_code == 422


def test_what_is_not_there_is_said_in_json(client, app, site):
    for address in ("/api/v1/consultations/none", "/api/v1/consultations/hehu/comments?clause=9-9", "/api/v1/none"):
        answer = client.get(address)
        assert answer.status_code == 404
        assert answer.mimetype == "application/problem+json"
        validator(client, "Problem").validate(answer.get_json())


def test_nothing_is_in_the_interface_before_publication(app, client, seal):
    with app.extensions["database"].writer() as session:
        factories.prepared(factories.world(session, seal))
        session.commit()
    assert client.get("/api/v1/consultations").get_json() == {"items": [], "next": None}
    assert client.get("/api/v1/consultations/hehu").status_code == 404
