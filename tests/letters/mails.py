"""Messages of our own, as mail programs and strangers write them."""

from __future__ import annotations

import base64
from email.message import EmailMessage

WORDS = "第二部分（一）巡查次数太少。\n第三部分（二）写得好，赞成。"


def mail(
    text=WORDS,
    *,
    number="1",
    sender="王小明 <wang@example.com>",
    subject="对河湖保洁方案的意见",
    date="Thu, 12 Mar 2026 10:00:00 +0800",
    html="",
    **headers,
):
    """A decent message."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, "hhbj@example.gov.cn", subject
    if date:
        made["Date"] = date
    if number:
        made["Message-ID"] = f"<{number}@example.com>"
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    if html:
        made.add_alternative(html, subtype="html")
    return made


def old(text, charset="gb2312", encoding="8bit", subject=""):
    """A message as programs of twenty years ago wrote it: Chinese bytes, also in the header."""
    codec = {"gb2312": "gb18030", "gbk": "gb18030"}.get(charset, charset)
    data = text.encode(codec)
    if encoding == "base64":
        data = base64.encodebytes(data)
    elif encoding == "quoted-printable":
        data = b"".join(b"=%02X" % byte if byte != 10 else b"\n" for byte in data)
    head = f"From: =?{charset}?B?{base64.b64encode('李四'.encode(codec)).decode()}?= <li@example.com>\r\n".encode()
    head += b"Date: Thu, 12 Mar 2026 10:00:00 +0800\r\nSubject: " + subject.encode(codec) + b"\r\n"
    return (
        head
        + f"Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode()
        + data
    )


#: each is a way in which a stranger may try to stop the reading
HOSTILE = {
    "nothing": b"",
    "bytes": bytes(range(256)) * 200,
    "deep parts": b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (i, i) for i in range(1500)),
    "mail in mail": b"From: a@b.cn\n" + b"Content-Type: message/rfc822\n\n" * 50 + b"Content-Type: text/plain\n\nhello",
    "many heads": b"a: b\n" * 40_000 + b"\nx",
    "a long head": b"Subject: " + b"=?utf-8?q?a?= " * 20_000 + b"\n\nx",
    "many parts": b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x\n\na\n" * 20_000,
    "odd addresses": b"From: " + b"(((((<<<" * 30_000 + b"\n\nx",
    "open tags": b"Content-Type: text/html\n\n" + b"<" * 700_000,
    "open comments": b"Content-Type: text/html\n\n" + b"<!--" * 300_000,
    "deep tags": b"Content-Type: text/html\n\n" + b"<div>" * 120_000,
    "no base64": b"Content-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: base64\n\n" + b"!!!" * 500_000,
    "parameters": b"Content-Type: text/plain; " + b"a*0=b;" * 10_000 + b"\n\nx",
    "a codec that is none": b"Content-Type: text/plain; charset=hex\n\nabc",
    "a bomb in a name": b"Content-Type: text/plain; charset*=x''%00\n\nabc",
}  # fmt: skip
