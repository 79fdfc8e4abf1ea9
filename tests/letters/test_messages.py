"""A message from anybody is read whole, told apart from what machines send, and never stops the others."""

from __future__ import annotations

import io
import time
import zipfile
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from portal.letters import messages
from portal.letters.messages import NotReadable
from portal.rules.words import MailKind
from tests.letters.mails import HOSTILE, WORDS, mail, old


def read(made):
    return messages.read(made if isinstance(made, bytes) else bytes(made))


def test_a_decent_message():
    letter = read(mail(html="<p>x</p>"))
    assert (letter.kind, letter.name, letter.address) == (MailKind.OPINION, "王小明", "wang@example.com")
    assert (letter.subject, letter.text) == ("对河湖保洁方案的意见", WORDS)
    assert letter.arrived_at == datetime(2026, 3, 12, 2, tzinfo=UTC)
    assert letter.is_dated_by_sender
    assert letter.recipients == ("hhbj@example.gov.cn",)


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [
        ("gb2312", "8bit"),
        ("gbk", "base64"),
        ("gb18030", "quoted-printable"),
        ("big5", "base64"),
        ("utf-8", "8bit"),
        ("utf-8", "quoted-printable"),
    ],
)
def test_every_charset_in_every_wrapping(charset, encoding):
    words = "第五條，巡查次數太少。" if charset == "big5" else "第五条，巡查次数太少，如朱镕基所说。"
    letter = read(old(words, charset, encoding, "" if charset == "big5" else "意见"))
    assert letter.text == words
    assert letter.subject == ("" if charset == "big5" else "意见")


@pytest.mark.parametrize("declared", ["us-ascii", "iso-8859-1", "nonsense", "utf-8", ""])
def test_a_wrong_charset_is_seen_through(declared):
    data = (
        f"From: a@b.cn\nContent-Type: text/plain; charset={declared}\n\n".encode()
        + "巡查次数太少，建议增加。".encode("gbk")
    )
    assert read(data).text == "巡查次数太少，建议增加。"


def test_broken_base64_loses_only_what_is_broken():
    data = b"From: a@b.cn\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n5oSP6KeB*5oSP6KeB="
    assert "意见" in read(data).text


def test_html_alone_becomes_words_and_nothing_of_it_acts():
    made = EmailMessage()
    made["From"] = "a@b.cn"
    made.set_content(
        "<html><head><style>p{}</style></head><body><p>第三条&nbsp;太严</p><div>建议<b>放宽</b></div>"
        "<script>alert(1)</script><img src='http://x/t.gif'><blockquote>旧信</blockquote></body></html>",
        subtype="html",
    )
    assert read(made).text == "第三条 太严\n建议放宽\n> 旧信"


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({"subject": "自动回复: 对方案的意见"}, MailKind.AUTOMATIC),
        ({"subject": "Automatic reply: notice"}, MailKind.AUTOMATIC),
        ({"Auto_Submitted": "auto-replied"}, MailKind.AUTOMATIC),
        ({"Auto_Submitted": "no"}, MailKind.OPINION),
        ({"X_Autoreply": "yes"}, MailKind.AUTOMATIC),
        ({"sender": "MAILER-DAEMON@example.com", "subject": "Undelivered Mail Returned to Sender"}, MailKind.BOUNCE),
        ({"sender": "postmaster@example.com", "subject": "系统退信"}, MailKind.BOUNCE),
        ({"sender": "postmaster@example.com", "subject": "对第三条的意见"}, MailKind.OPINION),
        ({"X_Failed_Recipients": "a@b.cn"}, MailKind.BOUNCE),
        ({"X_Spam_Flag": "YES"}, MailKind.BULK),
        ({"Precedence": "bulk"}, MailKind.BULK),
        ({"List_Unsubscribe": "<mailto:x@y.z>"}, MailKind.BULK),
    ],
)
def test_what_machines_send_is_told_apart(headers, kind):
    assert read(mail(**headers)).kind is kind


def test_files_are_told_from_their_bytes_and_bounded():
    made = mail()
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("zeros", b"0" * 30_000_000)
    for data, name in (
        (b"%PDF-1.4 x", "意见.pdf"),
        (b"MZ\x00\x01", "意见.pdf.exe"),
        (bomb.getvalue(), "a.zip"),
        (b"%PDF" + b"0" * 11_000_000, "b.pdf"),
    ):
        made.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    letter = read(made)
    assert [file.name for file in letter.files] == ["意见.pdf"]
    assert len(letter.left) == 3
    crowd = mail()
    for number in range(30):
        crowd.add_attachment(
            b"%PDF-1.4 " + str(number).encode(), maintype="application", subtype="pdf", filename=f"{number}.pdf"
        )
    letter = read(crowd)
    assert len(letter.files) == messages.MOST_ENCLOSURES
    assert [left.sentence[:4] for left in letter.left] == ["附件太多"]


def test_a_forwarded_mail_is_read_with_the_one_that_carries_it():
    outer = mail("转上来信一封，请处理。", subject="转办")
    outer.add_attachment(mail("第三条太严。", number="2", sender="赵六 <zhao@example.com>", subject="意见"))
    letter = read(outer)
    assert letter.text.startswith("转上来信一封")
    assert "〔随附邮件〕意见　赵六" in letter.text
    assert letter.text.endswith("第三条太严。")


def test_no_header_brings_a_line_end_with_it():
    raw = b"From: =?utf-8?q?a=0D=0ABcc:_x@y.z?= <a@b.cn>\nSubject: =?utf-8?q?x=0D=0ABcc:_x@y.z?=\nMessage-ID: <1\n @x>\n\nx"
    letter = read(raw)
    assert "\n" not in letter.name + letter.subject + letter.message_id + letter.address


def test_the_same_message_by_two_ways_has_one_digest():
    one, other = mail(), mail(number="")
    other["Received"] = "from x by y; Thu, 12 Mar 2026 11:00:00 +0800"
    assert read(one).digest == read(other).digest
    assert read(one).digest != read(mail("别的话。")).digest
    assert read(other).arrived_at == datetime(2026, 3, 12, 3, tzinfo=UTC)
    assert not read(other).is_dated_by_sender


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_message_is_read_or_refused_and_quickly(name):
    began = time.process_time()
    try:
        letter = messages.read(HOSTILE[name])
    except NotReadable:
        letter = None
    assert letter is None or len(letter.text) <= messages.LONGEST_TEXT
    assert time.process_time() - began < 10


def test_a_message_that_is_too_large_is_not_read():
    with pytest.raises(NotReadable):
        messages.read(b"From: a@b.cn\n\n" + b"x" * messages.LARGEST_MESSAGE)


def test_an_mbox_is_taken_apart():
    box = b"".join(
        b"From wang@example.com Thu Mar 12 10:00:00 2026\n" + bytes(mail(text, number=str(n))) + b"\n"
        for n, text in enumerate(["一。", "From here on.\n二。"])
    )
    box = box.replace(b"\nFrom here", b"\n>From here")
    found = [messages.read(raw).text for raw in messages.of_file(box)]
    assert found == ["一。", "From here on.\n二。"]
    assert len(list(messages.of_file(bytes(mail())))) == 1
