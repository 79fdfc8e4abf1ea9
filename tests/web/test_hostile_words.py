"""What means harm in a form, tried as a table: mail headers, redirects, names of files, marks that hide."""

from __future__ import annotations

import dataclasses
import email
import io
import re
import zipfile
from email import policy
from urllib.parse import unquote, urlsplit

import pytest
from sqlalchemy import select

from portal import create_app, mail
from portal.models import Attachment, Comment, OutgoingEmail, Respondent
from portal.services import outbox
from tests import factories, pages
from tests.pages import Page
from tests.web.test_clauses import CLAUSE
from tests.web.test_commenting import REVIEW, put, receipt, send

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

# ── mail ──────────────────────────────────────────────────────────────────────────────────────────────

BREAKS = [
    "\r\n",
    "\n",
    "\r",
    "\x0b",
    "\x0c",
    "\x1c",
    "\x85",
    "\u2028",
    "\u2029",
    "%0d%0a",
    "=?utf-8?q?=0D=0A?=",
    "=?utf-8?b?DQo=?=",
]


@pytest.mark.parametrize("line_end", BREAKS, ids=ascii)
def test_a_line_end_in_a_subject_begins_no_header(app, site, seal, settings, line_end):
    with app.extensions["database"].transaction() as session:
        outbox.owe(
            session, seal, kind="receipt", recipient="a@example.com", at=factories.NOON, body="x\r\nBcc: c@example.com",
            subject=f"回执{line_end}Bcc: b@example.com{line_end}{line_end}<b>words</b>",
        )  # fmt: skip
    assert mail.deliver(app, factories.NOON) == mail.Delivery(1, 0)
    (file,) = settings.mail_dir.glob("*.eml")
    read = email.message_from_bytes(file.read_bytes(), policy=policy.default)
    assert read["Bcc"] is None
    assert read["To"] == "a@example.com"
    assert sorted(read.keys()) == sorted(
        ["From", "To", "Subject", "Date", "Auto-Submitted", "Message-ID", "Content-Type", "Content-Transfer-Encoding",
         "MIME-Version"]
    )  # fmt: skip


ADDRESSES = [
    "a@example.com\r\nBcc: b@example.com", "a@example.com,b@example.com", "a@example.com;b@example.com",
    "a@example.com b@example.com", "<a@example.com>", '"a\\nb"@example.com', "a@example.com\x00", "a@[127.0.0.1]",
    "a@b@example.com", "a@example.com%0d%0aBcc:b@example.com", "-oQ/tmp@example.com ", "a@localhost",
]  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES, ids=ascii)
def test_an_address_is_one_address_or_none(app, site, client, address):
    put(client)
    answer = send(client, email=address, has_read_notice="1")
    with app.extensions["database"].reader() as session:
        owed = session.scalars(select(OutgoingEmail)).all()
        to = [app.extensions["seal"].open(letter.recipient_sealed, outbox.RECIPIENT) for letter in owed]
    assert answer.status_code == 422 or all(re.fullmatch(r"[\w.+-]+@[\w.-]+", one) and "," not in one for one in to), to


# ── redirects ─────────────────────────────────────────────────────────────────────────────────────────

ELSEWHERE = [
    "https://example.com/office/", "//example.com/office/", "///example.com", "/\\example.com", "\\\\example.com",
    "/office\\@example.com", "https:example.com", "http:/office/", "javascript:alert(1)//office", "/office/\r\nX: y",
    "/\t/example.com", "/office/\x00", "/office\u2028", "//example.com\\@/office", "/office/../..//example.com",
    "/officer", "https:///office/",
]  # fmt: skip


@pytest.mark.parametrize("back", ELSEWHERE, ids=ascii)
def test_signing_in_leads_nowhere_else(app, site, back):
    data = {"login": "moderator", "password": factories.PASSWORD, "back": back}
    answer = app.test_client().post("/office/sign-in", data=data)
    where = urlsplit(answer.headers["Location"])
    assert (where.scheme, where.netloc) == ("", "")
    assert where.path.startswith("/office")
    assert not answer.headers["Location"].startswith("//")
    assert "example.com" not in answer.headers["Location"] or where.path.startswith("/office/")


@pytest.mark.parametrize(
    "address",
    ["//example.com/?lang=en", "/%2f%2fexample.com/?lang=en", "/\\example.com?theme=dark", "/?lang=en&next=//example.com",
     "/office/sign-in?lang=en&back=//example.com", "/consultations/?lang=en&lang=https://example.com"],
)  # fmt: skip
def test_choosing_a_language_leads_nowhere_else(app, site, address):
    answer = app.test_client().get(address)
    where = urlsplit(answer.headers.get("Location", "/"))
    assert (where.scheme, where.netloc) == ("", "")
    assert where.path.startswith("/")
    assert not where.path.startswith("//")


# ── names of files ────────────────────────────────────────────────────────────────────────────────────

NAMES = [
    "../../../etc/passwd.pdf", "..\\..\\windows\\win.ini.pdf", "C:\\boot.pdf", "/etc/passwd", "a/../../b.pdf",
    "....//....//x.pdf", "%2e%2e%2fx.pdf", "\u202efdp.exe", 'x"; filename="y.exe.pdf',
    ".htaccess", "..", "nul\x00.pdf", "~/x.pdf", "长" * 400 + ".pdf", "．．／x.pdf", "∕etc∕passwd.pdf", "a\u2028b.pdf",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name)[:40])
def test_a_name_is_a_name_and_no_path(app, site, client, name):
    client.get(CLAUSE)
    put(client, evidence=(io.BytesIO(b"%PDF-1.7 x"), name))
    assert send(client).status_code == 302
    with app.extensions["database"].reader() as session:
        kept = session.scalars(select(Attachment)).one().name
    assert kept.endswith(".pdf")
    assert not re.search(r'[\\/:*?"<>|\r\n\x00\u2028\u202e]', kept)
    assert not kept.startswith(".")
    assert len(kept) <= 110
    moderator = app.test_client().sign_in("moderator")
    answer = moderator.post("/office/consultations/hehu/moderation/1/evidence", data={})
    told = answer.headers["Content-Disposition"]
    assert told.isascii()
    assert told.startswith("attachment; filename=attachment.pdf; filename*=UTF-8''")
    assert unquote(told.rsplit("''", 1)[1]) == kept


def test_a_file_that_is_none_is_no_error(app, site, client):
    client.get(CLAUSE)
    assert client.post(CLAUSE, data={"stance": "change", "body": "意见", "evidence": "words"}).status_code == 302
    assert client.post(REVIEW, data={"kind": "citizen", "letter": "words"}).status_code == 302


def test_a_package_of_very_many_parts_is_looked_at_quickly(app, site, client):
    import time

    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as made:
        made.writestr("word/document.xml", b"<w/>")
        for number in range(60_000):
            made.writestr(str(number), b"")
    assert len(held.getvalue()) < 10 * 1024 * 1024
    began = time.process_time()
    client.get(CLAUSE)
    client.post(CLAUSE, data={"stance": "change", "body": "意见", "evidence": (held, "a.docx")})
    assert time.process_time() - began < 5


# ── marks that hide ───────────────────────────────────────────────────────────────────────────────────

HIDING = [
    "\u034f",
    "\u00ad",
    "\u061c",
    "\u180e",
    "\u200d",
    "\u2060",
    "\u3164",
    "\ufe0f",
    "\U000e0020",
    "\u2800",
    "\u20e3",
]


@pytest.mark.parametrize("mark", HIDING, ids=ascii)
def test_a_number_hidden_by_marks_is_masked_all_the_same(app, site, client, mark):
    put(client, body=f"请打{mark.join('13800001234')}联系我")
    send(client)
    page = app.test_client().sign_in("moderator").page("/office/consultations/hehu/moderation/1")
    masks = re.findall(r'name="masks" value="([^"]+)"', page.source)
    assert masks, mark
    moderator = app.test_client().sign_in("moderator")
    moderator.post(
        "/office/consultations/hehu/moderation/1",
        data={"to": "published", "revision": "0", "note": "", "masks": masks},
    )
    with app.extensions["database"].reader() as session:
        public = session.scalars(select(Comment)).one().public_body
    digits = "".join(character for character in public if character.isdecimal())
    assert "13800001234" not in digits


@pytest.mark.parametrize("field", ["organisation", "name"])
def test_who_spoke_is_written_forwards_and_in_one_alphabet(app, site, client, field):
    put(client)
    given = {
        "kind": "enterprise",
        "organisation": "示例企业",
        "name": "周明",
        "phone": "0999-5550123",
        "has_read_notice": "1",
    }
    answer = send(client, **given | {field: "示例IВM公司"})
    assert answer.status_code == 422
    assert "混用了看起来一样的外文字母" in answer.get_data(as_text=True)
    answer = send(client, **given | {field: "业企\u202e例示\u202c"})
    assert answer.status_code == 302
    with app.extensions["database"].reader() as session:
        assert "\u202e" not in session.scalars(select(Respondent)).one().organisation


def test_a_receipt_never_holds_marks_of_its_own(app, site, client):
    put(client, body="<script>alert(1)</script>\u202e{{ 7*7 }}")
    answer = send(client)
    receipt(client, answer)
    page = client.page(answer.headers["Location"])
    assert "<script>alert" not in page.source
    assert "\u202e" not in page.source
    assert "{{ 7*7 }}" in page.text
    assert Page(page.source).faults == []
    assert client.get(REVIEW).status_code == 200


# ── a real server ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("line_end", BREAKS[:4], ids=ascii)
def test_nor_at_a_real_mail_server(settings, site, seal, line_end):
    from aiosmtpd.controller import Controller

    from tests.postgres import free_port

    class Inbox:
        def __init__(self):
            self.letters = []

        async def handle_DATA(self, server, session, envelope):
            self.letters.append(envelope)
            return "250 taken"

    inbox = Inbox()
    controller = Controller(inbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        app = create_app(
            dataclasses.replace(settings, mail_delivery="smtp", mail_server="127.0.0.1", mail_port=controller.port)
        )
        app.test_client_class = pages.Browser
        with app.extensions["database"].transaction() as session:
            outbox.owe(
                session, seal, kind="receipt", recipient="a@example.com", at=factories.NOON, body="x",
                subject=f"回执{line_end}Bcc: b@example.com",
            )  # fmt: skip
        assert mail.deliver(app, factories.NOON).sent == 1
        app.extensions["database"].engine.dispose()
    finally:
        controller.stop()
    (envelope,) = inbox.letters
    assert envelope.rcpt_tos == ["a@example.com"]
    assert email.message_from_bytes(envelope.content, policy=policy.default)["Bcc"] is None
