"""Letters and calls are registered on pages that need no scripts, by one person and then another."""

from __future__ import annotations

import io
import re

import pytest
from sqlalchemy import select

from portal.models import Comment, Consultation, Registration, Submission
from portal.rules.words import RegistrationState
from tests.pages import Page

DESK = "/office/consultations/hehu/register/"
LETTER = "市水利局：\n关于第二部分（一），巡查次数太少。\n赞成第三部分（二）。"


@pytest.fixture
def first(app, site):
    return app.test_client().sign_in("moderator")


@pytest.fixture
def second(app, site):
    return app.test_client().sign_in("publisher")


def typed(**changes):
    return {
        "act": "save", "channel": "letter", "received_on": "2026-03-12", "postmarked_on": "2026-03-10", "kind": "citizen",
        "name": "王小明", "phone": "13800001234", "text": LETTER, "pieces": "1", "cited-0": "", "body-0": "",
        "stance-0": "change",
    } | changes  # fmt: skip


def sent(client, address=DESK + "new", **changes):
    return client.post(address, data=typed(**changes))


def redrawn(client, answer):
    assert answer.status_code == 302, Page(answer.get_data(as_text=True)).text
    return client.page(answer.headers["Location"].partition("#")[0])


def fields(page):
    """What a browser would send back, without buttons."""
    found = {
        f.get("name"): f.get("value") or ""
        for f in page.all("input")
        if f.get("type") in ("hidden", None, "text", "date", "time")
    }
    found |= {f.get("name"): "".join(f.itertext()).removeprefix("\n") for f in page.all("textarea")}
    for select_field in page.all("select"):
        chosen = [o.get("value") for o in select_field.iter("option") if "selected" in o.attrib]
        found[select_field.get("name")] = chosen[0] if chosen else ""
    return {name: value for name, value in found.items() if name and name != "csrf_token"}


def rows(app):
    with app.extensions["database"].reader() as session:
        return session.scalars(select(Registration).order_by(Registration.id)).all()


def test_a_letter_from_the_desk_to_the_receipt(app, first, second):
    page = redrawn(first, sent(first, act="cut"))
    assert page.text.count("第二部分第（一）条")
    assert "第三部分第（二）条" in page.text
    back = fields(page) | {"act": "hand_in"}
    answer = first.post(DESK + "1", data=back)
    assert answer.headers["Location"].endswith("handed_in=1")
    # the one who wrote it is shown that another has to look
    own = first.page(DESK + "1")
    assert "须由本单位另一位同事复核" in own.text
    assert "核对无误，受理" not in own.text
    page = second.page(DESK + "1")
    assert "138" not in page.text, "contact data is shown when it is asked for"
    revision = fields(page)["revision"]
    answer = second.post(DESK + "1/decision", data={"act": "confirm", "revision": revision})
    page = redrawn(second, answer)
    assert re.search(r"26-01-00001-\d", page.text)
    receipt = second.post(DESK + "1/receipt", data={})
    assert receipt.mimetype == "application/pdf"
    with app.extensions["database"].reader() as session:
        comments = session.scalars(select(Comment).order_by(Comment.position)).all()
        assert [comment.clause.label for comment in comments] == ["2-1", "3-2"]
        assert session.scalars(select(Submission)).one().registered_by_id is not None


def test_typing_a_clause_that_fits_several_brings_the_form_back_with_the_choice(app, first):
    page = redrawn(first, sent(first, act="find", **{"cited-0": "第（二）条", "body-0": "钱不够。"}))
    radios = [f.get("value") for f in page.all("input") if f.get("type") == "radio"]
    assert radios == ["2-2", "3-2", "*"]
    page = redrawn(first, first.post(DESK + "1", data=fields(page) | {"act": "find", "clause-0": "3-2"}))
    assert "第三部分第（二）条" in page.text
    assert not [f for f in page.all("input") if f.get("type") == "radio"]
    # the choice outlives further saving
    redrawn(first, first.post(DESK + "1", data=fields(page) | {"act": "add"}))
    with app.extensions["database"].reader() as session:
        assert session.scalars(select(Registration)).one().remarks[0].clause.label == "3-2"


def test_what_was_typed_comes_back_with_the_fault(app, first):
    answer = sent(first, channel="", **{"cited-0": "第二部分", "body-0": "写了很久的意见。"})
    assert answer.status_code == 422
    page = Page(answer.get_data(as_text=True))
    assert "请选择提出方式" in page.text
    assert "写了很久的意见。" in page.text
    assert rows(app) == []


def test_handing_in_something_unfinished_keeps_it_and_says_what_is_missing(app, first):
    answer = sent(first, act="hand_in", text="", **{"cited-0": "第九部分", "body-0": "没有这一部分。"})
    assert answer.status_code == 422
    page = Page(answer.get_data(as_text=True))
    assert "还没有对应上" in page.text
    # pressed again it is the same registration, not another one
    (form,) = [form for form in page.all("form") if form.get("id") == "registration"]
    again = first.post(form.get("action"), data=fields(page) | {"act": "hand_in", "cited-0": "第三部分"})
    assert "handed_in=1" in again.headers["Location"]
    assert [row.state for row in rows(app)] == [RegistrationState.HANDED_IN]


def test_a_remark_is_added_and_removed(first):
    page = redrawn(first, sent(first, act="add", **{"cited-0": "第二部分", "body-0": "一"}))
    assert len([f for f in page.all("textarea") if f.get("name", "").startswith("body-")]) == 2
    page = redrawn(first, first.post(DESK + "1", data=fields(page) | {"body-1": "二", "act": "remove-0"}))
    assert [("".join(f.itertext())).strip() for f in page.all("textarea") if f.get("name") == "body-0"] == ["二"]


def test_a_scan_is_kept_handed_out_and_refused_when_it_is_none(first):
    data = typed() | {"file": (io.BytesIO(b"%PDF-1.4 scan"), "来信.pdf")}
    page = redrawn(first, first.post(DESK + "new", data=data))
    assert "来信.pdf" in page.text
    answer = first.post(DESK + "1/files/1", data={})
    assert answer.get_data() == b"%PDF-1.4 scan"
    bad = first.post(DESK + "new", data=typed() | {"file": (io.BytesIO(b"MZ\x00\x00"), "a.exe")})
    assert bad.status_code == 422


def test_contact_data_is_seen_by_asking_and_the_look_is_logged(app, first):
    sent(first)
    page = first.page(DESK + "1")
    assert "138****1234" in page.text
    assert "13800001234" not in page.source
    shown = Page(first.post(DESK + "1/contact", data={}).get_data(as_text=True))
    assert "13800001234" in shown.text
    auditor = app.test_client().sign_in("auditor")
    assert "contact.see" in auditor.page("/office/audit/").source or "看" in auditor.page("/office/audit/").text


def test_a_late_one_asks_for_the_reason(first, clock):
    from datetime import timedelta

    clock.at += timedelta(days=25)
    first.sign_in("moderator")
    page = redrawn(first, sent(first, channel="visit", received_on="2026-04-05"))
    assert "逾期受理的理由" in page.text
    answer = first.post(DESK + "1", data=fields(page) | {"act": "hand_in", "cited-0": "全文", "body-0": "好。"})
    assert answer.status_code == 422
    assert "请写明理由" in answer.get_data(as_text=True)


def test_another_bureau_sees_nothing(app, first, site, seal):
    from tests import factories

    sent(first)
    with app.extensions["database"].writer() as session:
        factories.world(session, seal, "别局", "bj")
        session.commit()
    stranger = app.test_client().sign_in("bj-moderator")
    for address in (DESK, DESK + "new", DESK + "1"):
        assert stranger.get(address).status_code == 404
    assert stranger.post(DESK + "1/contact", data={}).status_code == 404


def test_mail_files_are_taken_in_on_a_page(first):
    from tests.letters.mails import HOSTILE, mail

    data = {"file": [(io.BytesIO(bytes(mail())), "a.eml"), (io.BytesIO(HOSTILE["deep parts"]), "b.eml"), (io.BytesIO(bytes(mail(Precedence="bulk", number="5", text="建议增加经费。"))), "c.eml")]}  # fmt: skip
    page = redrawn(first, first.post("/office/consultations/hehu/mail/", data=data))
    assert "读了3封：1封转为登记，1封读不出来，1封没有登记。" in page.text
    assert "w***@example.com" in page.text
    assert "wang@example.com" not in page.source
    raw = first.post("/office/consultations/hehu/mail/1", data={})
    assert b"Message-ID: <1@example.com>" in raw.get_data()
    assert raw.headers["Content-Disposition"].startswith("attachment")
    page = redrawn(first, first.post("/office/consultations/hehu/mail/3", data={"act": "register"}))
    assert "建议增加经费。" in page.text
    empty = first.post("/office/consultations/hehu/mail/", data={})
    assert empty.status_code == 422


def test_every_message_of_an_import_is_in_the_sentence(first):
    from tests.letters.mails import HOSTILE, mail

    def taken(*raws):
        data = {"file": [(io.BytesIO(raw), f"{n}.eml") for n, raw in enumerate(raws)]}
        return redrawn(first, first.post("/office/consultations/hehu/mail/", data=data)).text

    first_mail = bytes(mail())
    assert "读了1封：1封转为登记。" in taken(first_mail)
    again = bytes(mail(X_Note="sent again"))
    said = taken(first_mail, again, HOSTILE["deep parts"], bytes(mail(number="7", text="建议按月公布。")))
    assert "读了4封：1封转为登记，1封以前导入过，1封与收到过的相同，1封读不出来。没有登记的，原因在下面各封里。" in said


def test_once_the_results_are_published_nothing_is_offered_to_be_registered(app, first, clock):
    draft = redrawn(first, sent(first))
    assert "登记人" in draft.text
    with app.extensions["database"].writer() as session:
        session.query(Consultation).one().results_published_at = clock.at
        session.commit()
    for address in (
        DESK,
        DESK + "new",
        DESK + "1",
        DESK.replace("register", "mail"),
        DESK.replace("register", "sheets"),
    ):
        page = first.page(address)
        assert "采纳情况已经公布，不再登记来稿。" in page.text, address
        assert not {f.get("name") for f in page.all("input")} & {"received_on", "file"}, address
        assert "登记一件" not in page.text.replace("登记一件来稿", ""), address
    # what was begun can be read and set aside
    page = first.page(DESK + "1")
    assert "巡查次数太少" in page.text
    data = {"act": "set_aside", "note": "逾期", "revision": fields(page)["revision"]}
    assert first.post(DESK + "1/decision", data=data).status_code == 302
    # who had the form open loses no word of it
    answer = sent(first)
    assert answer.status_code == 422
    assert "巡查次数太少" in answer.get_data(as_text=True)


def test_a_sheet_is_looked_at_corrected_imported_and_confirmed(app, first, second):
    from tests.letters.test_sheets import ROW, xlsx

    sheets = "/office/consultations/hehu/sheets/"
    template = first.get(sheets + "template.xlsx").get_data()
    assert template.startswith(b"PK")
    wrong = {"file": (io.BytesIO(xlsx(ROW, ["第九部分", *ROW[1:]])), "意见.xlsx")}
    page = redrawn(first, first.post(sheets, data=wrong))
    assert "第3行： 没有找到条款" in page.text or "第3行：没有找到条款" in page.text
    assert "全部导入" not in page.text
    assert first.post(sheets + "1", data={"act": "register"}).status_code == 422
    page = redrawn(first, first.post(sheets, data={"file": (io.BytesIO(xlsx(ROW)), "意见.xlsx")}))
    assert "全部导入，交复核" in page.text
    page = redrawn(first, first.post(sheets + "2", data={"act": "register"}))
    assert "须由本单位另一位同事复核" in page.text
    page = redrawn(second, second.post(sheets + "2", data={"act": "confirm"}))
    assert "已全部受理" in page.text
    with app.extensions["database"].reader() as session:
        assert len(session.scalars(select(Comment)).all()) == 1
    bad = first.post(sheets, data={"file": (io.BytesIO(b"PK\x03\x04 none"), "意见.xlsx")})
    assert bad.status_code == 422


def test_the_template_can_be_filled_in_and_brought_back(first):
    import openpyxl

    from portal.letters import opinions, sheets

    data = first.get("/office/consultations/hehu/sheets/template.xlsx").get_data()
    book = openpyxl.load_workbook(io.BytesIO(data))
    page = book.worksheets[0]
    assert [cell.value for cell in page[1]] == [name for name in opinions.COLUMNS if name != "所在地区"]
    page.append(["", "全文", "很好。", "", "赞成", "个人", "王小明", "", "", "", "电话", "2026-03-12", ""])
    out = io.BytesIO()
    book.save(out)
    read = opinions.read(sheets.rows(out.getvalue()))
    assert read.faults == ()
    assert read.opinions[0].remarks[0].body == "很好。"
