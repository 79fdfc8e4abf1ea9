"""The administrator's settings: checked as they are written, shown on every page, at the price of no query."""

from __future__ import annotations

import pytest
from sqlalchemy import event, select

from portal.models import AuditEvent
from portal.rules.site import faults, site
from portal.rules.site_items import ITEMS
from tests.pages import Page

GOOD = {
    "owner": "示例市人民政府办公室", "undertaker": "示例市大数据中心", "address": "示例市政和路1号", "postcode": "000000",
    "phone": "0999-5550100", "site_code": "1200000052", "icp": "津ICP备05010518号", "police": "津公网安备12010302000991号",
    "emblem": "0123456789ABCDEF0123456789ABCDEF", "is_error_report_shown": "1", "is_ipv6_shown": "1", "is_accessible_shown": "1",
}  # fmt: skip


@pytest.mark.parametrize(
    ("key", "value", "is_good"),
    [
        ("icp", "津ICP备05010518号", True),
        ("icp", "蜀ICP备10014763号", True),
        ("icp", "冀ICP备00000000号-1", True),
        ("icp", "ICP备10014763号", False),
        ("icp", "津ICP备0501号", False),
        ("site_code", "1200000052", True),
        ("site_code", "120000005200", False),
        ("police", "津公网安备12010302000991号", True),
        ("police", "津公网安备 1201030200099号", True),
        ("police", "津公网安备1201号", False),
        ("postcode", "05000", False),
        ("emblem", "x" * 32, False),
        ("phone", "打电话", False),
    ],
)
def test_each_item_is_written_as_the_rules_say(key, value, is_good):
    assert (faults({key: value}) == {}) is is_good


def test_what_was_not_set_has_its_default():
    made = site({}, name="网站", owner="办公室")
    assert (made.name, made.owner, made.icp, made.is_ipv6_shown) == ("网站", "办公室", "", False)
    assert made.column_description


def test_the_form_has_every_item():
    from portal.web.office.forms import SiteForm

    assert {item.key for item in ITEMS} == {name for name in vars(SiteForm) if not name.startswith("_")} - {"is_ticked"}


def test_the_administrator_sets_the_footer(app, client, site):
    office = app.test_client().sign_in("administrator")
    assert "网站信息" in office.page("/office/").text
    assert office.post("/office/site/", data=GOOD).headers["Location"] == "/office/site/?kept=1"
    page = client.page("/consultations/hehu/notice")
    for words in (
        "承办：示例市大数据中心", "地址：示例市政和路1号", "邮编：000000", "政府网站标识码：1200000052", "津ICP备05010518号",
        "津公网安备12010302000991号", "党政机关网站标识", "政府网站找错", "网站地图", "本网站支持IPv6", "无障碍、适老化",
    ):  # fmt: skip
        assert words in page.text, words
    links = {a.get("href") for a in page.all("a")}
    assert "https://beian.miit.gov.cn/" in links
    assert "https://www.beian.gov.cn/portal/registerSystemInfo?recordcode=12010302000991" in links
    assert "https://bszs.conac.cn/sitename?method=show&id=0123456789ABCDEF0123456789ABCDEF" in links
    here = "http%3A%2F%2F127.0.0.1%3A8000%2Fconsultations%2Fhehu%2Fnotice"
    assert f"https://zfwzgl.www.gov.cn/exposure/jiucuo.html?site_code=1200000052&url={here}" in links
    assert {m.get("name"): m.get("content") for m in page.all("meta")}["SiteIDCode"] == "1200000052"
    with app.extensions["database"].reader() as session:
        assert session.scalars(select(AuditEvent.act).where(AuditEvent.act == "site.keep")).all() == ["site.keep"]
    office.post("/office/site/", data={**GOOD, "address": "", "is_ipv6_shown": ""})
    page = client.page("/")
    assert "地址：" not in page.text
    assert "津ICP备05010518号" in page.text


def test_a_wrong_item_is_one_sentence_and_nothing_typed_is_lost(app, client, site):
    office = app.test_client().sign_in("administrator")
    answer = office.post("/office/site/", data={**GOOD, "icp": "冀备1号"})
    assert answer.status_code == 422
    page = Page(answer.get_data(as_text=True))
    assert "ICP备案号有误" in page.text
    fields = {field.get("name"): field.get("value") for field in page.all("input")}
    assert fields["icp"] == "冀备1号"
    assert fields["undertaker"] == "示例市大数据中心"
    assert "承办" not in client.page("/").text
    answer = office.post("/office/site/", data={"is_error_report_shown": "1"})
    assert "请先填写政府网站标识码" in answer.get_data(as_text=True)


def fields(page):
    """Every field of the form, as a browser would send it."""
    return {
        field.get("name"): field.get("value") or ""
        for field in page.all("input")
        if field.get("name") != "csrf_token" and (field.get("type") != "checkbox" or field.get("checked") is not None)
    }


def test_two_administrators_who_change_different_items_both_have_their_way(app, site):
    one, other = (app.test_client().sign_in("administrator") for _ in range(2))
    one.post("/office/site/", data=GOOD)
    older = fields(other.page("/office/site/"))
    unticked = {name: value for name, value in older.items() if name != "is_ipv6_shown"}
    assert one.post("/office/site/", data=unticked | {"phone": "0999-5550199"}).status_code == 302
    assert other.post("/office/site/", data=older | {"address": "示例市政和路2号"}).status_code == 302
    now = fields(one.page("/office/site/"))
    assert (now["phone"], now["address"]) == ("0999-5550199", "示例市政和路2号")
    assert "is_ipv6_shown" not in now
    assert now["icp"] == GOOD["icp"]


def test_an_item_both_changed_is_named_and_both_words_are_shown(app, site):
    one, other = (app.test_client().sign_in("administrator") for _ in range(2))
    older = fields(other.page("/office/site/"))
    mine = older | {"phone": "0999-5550199"}
    assert one.post("/office/site/", data=mine).status_code == 302
    assert one.post("/office/site/", data=mine).status_code == 302  # a button pressed twice
    refused = other.post("/office/site/", data=older | {"phone": "0999-5550111", "address": "示例市政和路2号"})
    assert refused.status_code == 409
    page = Page(refused.text)
    assert "“联系电话”刚刚已由他人修改，您的这一次没有保存。" in page.text
    assert "现在：0999-5550199" in page.text
    again = fields(page)
    assert (again["phone"], again["address"]) == ("0999-5550111", "示例市政和路2号")
    assert fields(one.page("/office/site/"))["address"] == ""  # all or nothing
    assert other.post("/office/site/", data=again).status_code == 302
    now = fields(one.page("/office/site/"))
    assert (now["phone"], now["address"]) == ("0999-5550111", "示例市政和路2号")


def test_a_fault_elsewhere_does_not_make_an_older_page_newer(app, site):
    one, other = (app.test_client().sign_in("administrator") for _ in range(2))
    older = fields(other.page("/office/site/"))
    one.post("/office/site/", data=older | {"postcode": "000000"})
    refused = other.post("/office/site/", data=older | {"phone": "0999-5550111", "icp": "冀备1号"})
    assert refused.status_code == 422
    again = fields(Page(refused.text))
    assert (again["icp"], again["postcode"]) == ("冀备1号", "000000")
    one.post("/office/site/", data=older | {"phone": "0999-5550199"})
    assert other.post("/office/site/", data=again | {"icp": ""}).status_code == 409


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_pages_share_one_look_at_the_settings(app, client, site):
    asked = []
    event.listen(
        app.extensions["database"].engine,
        "before_cursor_execute",
        lambda *a: asked.append(a[2]) if "site_setting" in a[2] else None,
    )
    for path in ("/", "/consultations/", "/consultations/hehu/", "/nothing-here"):
        client.get(path)
    assert len(asked) <= 1


def test_the_footer_outlives_the_database(app, client, site):
    """The page that says the database is busy has a footer too."""
    from sqlalchemy.exc import OperationalError

    def away(*_args):
        raise OperationalError("SELECT", {}, Exception("away"))

    event.listen(app.extensions["database"].engine, "before_cursor_execute", away)
    answer = client.get("/consultations/hehu/")
    assert answer.status_code == 503
    assert "系统暂时繁忙" in answer.get_data(as_text=True)
    event.remove(app.extensions["database"].engine, "before_cursor_execute", away)
