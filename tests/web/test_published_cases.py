"""The worked cases of the rules for notices and windows, by their names, through the service and through the page.

The server stands in New York (TC-A16): every answer is the same as if it stood in Beijing.
"""

from __future__ import annotations

import time as clock_time
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from portal import drafts
from portal.access import Role
from portal.drafts.script import converted
from portal.errors import NotValid, WindowNotOpen
from portal.models import CommentWindow
from portal.rules import identifiers, window
from portal.rules.holidays import CALENDAR
from portal.rules.periods import DEFAULT_DOCUMENT_TYPES, Unit, assess, earliest_end
from portal.rules.window import BEIJING
from portal.rules.words import Standing
from portal.services import baskets, listing, publishing, summaries
from tests import factories
from tests.factories import NOON
from tests.pages import Page

RULES = {rule.code: rule for rule in DEFAULT_DOCUMENT_TYPES}
REASON = "因须于2021年底前配套实施上级文件，情况紧急，本次公开征求意见期限缩短，特此说明。"


@pytest.fixture(autouse=True, params=["America/New_York", "Asia/Shanghai"])
def server_zone(request, monkeypatch):
    """TC-A16: all of it wherever the server stands."""
    monkeypatch.setenv("TZ", request.param)
    clock_time.tzset()
    yield request.param
    monkeypatch.undo()
    clock_time.tzset()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=BEIJING)


def prepared(world, opens_on: date, closes_on: date, code: str, **more):
    return factories.prepared(world, opens_on=opens_on, closes_on=closes_on, document_type=code, **more)


def judged(world, opens_on: date, closes_on: date, code: str, published: datetime | None = None, **more):
    found = prepared(world, opens_on, closes_on, code, **more)
    return publishing.assess(world.session, found, published or midnight(opens_on))


def test_tc_a01(world):
    found = judged(world, date(2021, 12, 7), date(2021, 12, 21), "GFXWJ-E")
    assert (found.days, found.minimum, found.needs_reason, found.is_legal) == (14, 30, True, False)


def test_tc_a02(world):
    found = judged(world, date(2021, 12, 7), date(2021, 12, 21), "GFXWJ")
    assert (found.days, found.unit, found.is_legal) == (10, Unit.WORKDAY, True)


def test_tc_a03(world):
    found = judged(world, date(2022, 2, 10), date(2022, 3, 12), "ZDJC")
    assert (found.days, found.is_legal, found.ends_on_rest_day, found.next_workday) == (
        30,
        True,
        True,
        date(2022, 3, 14),
    )
    assert any("2022年3月12日为休息日" in str(message) for message in found.messages)


def test_tc_a04(world):
    span = date(2022, 2, 10), date(2022, 3, 11), "ZDJC"
    short = judged(world, *span)
    assert (short.days, short.needs_reason) == (29, True)
    long = judged(world, *span, slug="inclusive", count_mode="inclusive")
    assert (long.days, long.is_legal, long.is_shortened) == (30, True, False)


@pytest.mark.parametrize(
    ("name", "start", "n", "unit", "mode", "end"),
    [
        ("TC-A05", date(2022, 2, 10), 30, Unit.DAY, "civil", date(2022, 3, 12)),
        ("TC-A05", date(2022, 2, 10), 30, Unit.DAY, "inclusive", date(2022, 3, 11)),
        ("TC-A06", date(2021, 12, 7), 30, Unit.DAY, "civil", date(2022, 1, 6)),
        ("TC-A07", date(2021, 12, 7), 7, Unit.WORKDAY, "civil", date(2021, 12, 16)),
        ("TC-A08", date(2022, 1, 24), 7, Unit.WORKDAY, "civil", date(2022, 2, 7)),
        ("TC-A09", date(2021, 9, 28), 7, Unit.WORKDAY, "civil", date(2021, 10, 13)),
        ("TC-A10", date(2022, 2, 10), 7, Unit.WORKDAY, "civil", date(2022, 2, 21)),
    ],
)
def test_tc_a05_to_a10(world, name, start, n, unit, mode, end):
    from portal.services import holidays

    assert earliest_end(start, n, unit, mode, holidays.calendar(world.session)) == end


def test_tc_a11(world):
    found = judged(world, date(2022, 11, 18), date(2022, 11, 24), "GFXWJ")
    assert (found.days, found.needs_reason) == (4, True)


@pytest.mark.parametrize(
    ("name", "span", "instant", "said"),
    [
        ("TC-A12", (date(2021, 12, 7), date(2021, 12, 21)), "2021-12-21T15:59:59Z", None),
        ("TC-A13", (date(2021, 12, 7), date(2021, 12, 21)), "2021-12-21T16:00:00Z", "2021年12月21日24时截止"),
        ("TC-A15", (date(2022, 2, 10), date(2022, 3, 12)), "2022-02-09T15:59:59Z", "尚未开始"),
    ],
)
def test_tc_a12_a13_a15_through_the_service_and_the_page(app, seal, clock, name, span, instant, said):
    with app.extensions["database"].writer() as session:
        made = factories.world(session, seal)
        found = factories.prepared(made, opens_on=span[0], closes_on=span[1], document_type="WNGH")
        # published the day before it opens, so that somebody can come too early
        publishing.publish(session, made.actor(Role.PUBLISHER), found, midnight(span[0]) - timedelta(days=1))
        session.commit()
        remark = baskets.Remark("change", "一条意见")
        act = lambda: baskets.add_item(session, seal, found, None, remark, code=baskets.new_code(), at=at(instant))  # noqa: E731
        if said is None:
            act()
        else:
            with pytest.raises(WindowNotOpen, match=said):
                act()
        session.rollback()
    clock.at = at(instant)
    answer = app.test_client().post("/consultations/hehu/clauses/all", data={"stance": "change", "body": "一条意见"})
    assert answer.status_code == (302 if said is None else 409)
    if said:
        page = Page(answer.get_data(as_text=True)).text
        assert said in page
        assert "一条意见" in answer.get_data(as_text=True)


def test_tc_a14(world):
    found = prepared(world, date(2022, 2, 10), date(2022, 3, 12), "ZDJC")
    world.session.flush()
    world.session.expire_all()
    kept = world.session.get(CommentWindow, found.window.id)
    assert (kept.opens_at, kept.closes_at) == (at("2022-02-09T16:00:00Z"), at("2022-03-12T16:00:00Z"))


def test_tc_a17(world):
    found = prepared(world, date(2022, 2, 10), date(2022, 3, 12), "ZDJC")
    monday = at("2022-02-14T09:00:00+08:00")
    assessment = publishing.assess(world.session, found, monday)
    assert (assessment.days, assessment.counted_from, assessment.needs_reason) == (26, date(2022, 2, 14), True)
    with pytest.raises(NotValid, match="26日"):
        publishing.publish(world.session, world.actor(Role.PUBLISHER), found, monday)


def test_tc_a18(world):
    found = prepared(world, date(2022, 2, 10), date(2022, 3, 11), "CXGH", shortened_reason=REASON)
    with pytest.raises(NotValid, match="不得少于30日，不能缩短"):
        publishing.publish(world.session, world.actor(Role.PUBLISHER), found, midnight(date(2022, 2, 10)))


def test_tc_a19_the_reason_is_on_the_page_and_in_the_files(app, seal, clock):
    from portal.reports import FORMATS

    with app.extensions["database"].writer() as session:
        made = factories.world(session, seal)
        found = prepared(made, date(2022, 2, 10), date(2022, 2, 25), "ZDJC", shortened_reason=REASON)
        clock.at = midnight(date(2022, 2, 10))
        publishing.publish(session, made.actor(Role.PUBLISHER), found, clock.at)
        session.commit()
        summary = summaries.summarise(session, found, clock.at)
    public = app.test_client()
    for address in ("/consultations/hehu/", "/consultations/hehu/notice"):
        assert REASON in public.page(address).text
    for extension in ("json", "html", "csv"):
        assert REASON in FORMATS[extension].render(summary).decode("utf-8-sig"), extension
    assert set(FORMATS) >= {"docx", "pdf", "xlsx", "csv", "json", "html"}


def test_tc_a20(world):
    found = prepared(world, date(2026, 12, 28), date(2027, 1, 12), "GFXWJ")
    with pytest.raises(NotValid, match="缺少2027年的节假日安排"):
        publishing.assess(world.session, found, midnight(date(2026, 12, 28)))


@pytest.mark.parametrize(
    ("instant", "said", "standing"),
    [
        ("2022-03-10T00:00:00+08:00", "还剩2天", Standing.SOON),
        ("2022-03-12T12:00:00+08:00", "今日24时截止", Standing.SOON),
        ("2022-03-13T00:00:00+08:00", "已截止", Standing.IN_ANSWER),
    ],
)
def test_tc_a21(app, seal, clock, instant, said, standing):
    with app.extensions["database"].writer() as session:
        made = factories.world(session, seal)
        found = factories.consultation(
            made, opens_on=date(2022, 2, 10), closes_on=date(2022, 3, 12), document_type="ZDJC"
        )
        session.commit()
        clock.at = at(instant)
        assert listing.entry(found, clock.at).standing is standing
    page = app.test_client().page("/consultations/hehu/").text
    assert said in page.replace(" ", "")


def test_tc_a22_dates_that_contradict_one_another_are_a_doubt():
    text = (
        "关于公开征求《示例新区管理办法（征求意见稿）》意见的公告\n征集时间：2019年8月19日至2019年9月18日\n"
        "现公开征求意见。意见请发至邮箱 a@example.gov.cn，截止到2018年8月26日下午17时。\n"
        "示例新区管理办法\n（征求意见稿）\n第一条 为了加强管理，制定本办法。\n第二条 本办法自发布之日起施行。\n"
    )
    draft = drafts.parse(text)
    assert any(doubt.code == "conflicting-windows" and "2018" in doubt.message for doubt in draft.doubts), draft.doubts


# ── B.4: what a notice says of itself ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "number", "is_valid", "offered"),
    [
        ("TC-B01", "国办发〔2017〕47号", True, None),
        ("TC-B01", "冀办传〔2021〕70号", True, None),
        ("TC-B01", "邢科创领办〔2020〕18号", True, None),
        ("TC-B02", "衡政字〔20171", False, "疑似抽取丢字"),
        ("TC-B03", "京民发[2020]01号", False, "京民发〔2020〕1号"),
        ("TC-B03", "冀办(2021)28号", False, "冀办〔2021〕28号"),
        ("TC-B03", "冀办【2021】28号", False, "冀办〔2021〕28号"),
        ("TC-B04", "国务院令第713号", True, None),
        ("TC-B04", "石家庄市人民政府令第195号", True, None),
        ("TC-B04", "沧州市人民政府令第〔2025〕第1号", True, None),
        ("TC-B04", "河北省人民政府令〔2016〕第5号", True, None),
    ],
)
def test_tc_b01_to_b04(name, number, is_valid, offered):
    found = identifiers.check("document-number", number)
    assert found.is_valid is is_valid
    assert offered is None or offered in f"{found.why}{found.normal}"


@pytest.mark.parametrize(
    ("name", "changes", "fault", "said"),
    [
        ("TC-B05", {"explanatory_note": ""}, "explanatory_note", "应当同时公布起草说明"),
        ("TC-B06", {"email": "", "postal_address": ""}, "postal_address", "至少公布一种书面提出方式"),
    ],
)
def test_tc_b05_and_b06(app, seal, clock, name, changes, fault, said):
    with app.extensions["database"].writer() as session:
        made = factories.world(session, seal)
        found = prepared(made, date(2026, 3, 12), date(2026, 4, 20), "ZDJC", **changes)
        assert fault in [obstacle.fault for obstacle in publishing.obstacles(session, found, NOON)]
        session.commit()
    publisher = app.test_client().sign_in("publisher")
    assert said in publisher.page("/office/consultations/hehu/notice").text
    answer = publisher.post("/office/consultations/hehu/publish", data={})
    assert answer.status_code == 422
    assert said in answer.get_data(as_text=True)
    assert app.test_client().get("/consultations/hehu/").status_code == 404


def seed(shared: Path, number: int) -> drafts.Draft:
    (file,) = (shared / "seeds").glob(f"{number:03d}_*.txt")
    return drafts.read(file.read_bytes(), file.name)


def test_tc_b07(shared):
    doubts = seed(shared, 1).doubts
    (missing,) = (doubt.message for doubt in doubts if doubt.code == "missing")
    assert all(name in missing for name in ("起草说明", "通信地址"))
    assert any("163.com" in doubt.message for doubt in doubts if doubt.code == "public-mailbox")


def test_tc_b08(shared):
    draft = seed(shared, 2)
    facts = draft.facts
    assert (facts.opens_on, facts.closes_on) == ("2021-12-07", "2021-12-21")
    assert [email.partition("@")[2] for email in facts.emails] == ["163.com"]
    assert [converted(address, "hans")[:6] for address in facts.postal_addresses] == ["廊坊市新华路"]
    assert [phone.partition("-")[0] for phone in facts.phones] == ["0316"]
    assert "冀办传〔2021〕70号" in [converted(basis, "hans") for basis in facts.bases]
    (missing,) = (doubt.message for doubt in draft.doubts if doubt.code == "missing")
    assert all(name in missing for name in ("起草说明", "邮编", "传真"))


def test_the_program_and_the_table_give_the_same_answers(world):
    """What the shell says from the program's own calendar is what the office says from the table."""
    for code in RULES:
        span = {"opens_on": date(2026, 3, 2), "closes_on": date(2026, 4, 1)}
        plain = assess(RULES[code], **span, calendar=CALENDAR)
        assert judged(world, *span.values(), code, slug=code.lower()).counts == plain.counts
    assert window.BEIJING is BEIJING
