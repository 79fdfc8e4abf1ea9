"""One e-mail message: who wrote, what they say, which files came with it, and whether a person wrote it at all.

A message comes from a stranger. Every list here has a bound, nothing is run or fetched, and a message that cannot be
read says so instead of stopping the reading of the others.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

from portal.errors import NotValid
from portal.letters import charsets, webtext
from portal.rules import plaintext, uploads
from portal.rules.uploads import Upload
from portal.rules.words import MailKind

LARGEST_MESSAGE = 25 * 1024 * 1024
LONGEST_TEXT = 100_000
MOST_ENCLOSURES = 20
_MOST_PARTS = 200
_MOST_BYTES = 40 * 1024 * 1024
_DEEPEST = 4
_MOST_MULTIPARTS = 60
_LONGEST_HEAD = 256 * 1024
#: a picture of a signature, not something to read
_SMALL_PICTURE = 8 * 1024

_FROM_LINE = re.compile(rb"(?m)^From [^\r\n]{1,300}\r?\n(?=[!-9;-~]{1,76}:)")
_BOUNCE_SENDER = re.compile(r"^(?:mailer-daemon|postmaster|mail-daemon)@|^<?>?$", re.IGNORECASE)
_BOUNCE_SUBJECT = re.compile(
    r"退信|系统退信|投递失败|无法投递|undeliver|delivery (?:status|failure|has failed)|returned mail|failure notice|mail delivery failed",
    re.IGNORECASE,
)
_AUTOMATIC_SUBJECT = re.compile(
    r"^\s*(?:自动回复|自動回覆|自动答复|【自动回复】|\[自动回复\]|automatic reply|auto(?:matic)?[- ]?(?:reply|response)|out of (?:the )?office)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Left:
    """Something of a message that was not taken over, in a sentence with its places."""

    sentence: str
    places: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Letter:
    """A message that was read. `arrived_at` is what the last server wrote into it, or else what its sender did."""

    kind: MailKind
    message_id: str
    name: str
    address: str
    recipients: tuple[str, ...]
    subject: str
    text: str
    files: tuple[Upload, ...]
    left: tuple[Left, ...]
    arrived_at: datetime | None
    is_dated_by_sender: bool
    #: SHA-256 of who says what with which files: the same for the same message, by whatever way it came
    digest: str


class NotReadable(Exception):
    """A message that cannot be read; the sentence says why."""


def read(raw: bytes) -> Letter:
    """The bytes of a message in; what it says out. Raises NotReadable, and nothing else."""
    _require_bounded(raw)
    try:
        return _read(message_from_bytes(raw))
    except (
        RecursionError,
        MemoryError,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        AssertionError,
        OSError,
    ) as fault:
        # the standard library's parser has met messages it does not survive; so have we
        raise NotReadable("这封邮件的格式有误，读不出来。请用邮件软件打开，手工登记。") from fault


def _require_bounded(raw: bytes) -> None:
    if len(raw) > LARGEST_MESSAGE:
        raise NotReadable("这封邮件超过25 MB，没有读。请用邮件软件打开，手工登记。")
    head = re.search(rb"\r?\n\r?\n", raw[: _LONGEST_HEAD + 4])
    if head is None and len(raw) > _LONGEST_HEAD:
        raise NotReadable("这封邮件的头部异常地长，没有读。请用邮件软件打开，手工登记。")
    if not raw.strip() or b":" not in raw[: head.start() if head else len(raw)]:
        raise NotReadable("这不是一封邮件。")
    lower = raw.lower()
    if lower.count(b"multipart/") > _MOST_MULTIPARTS or lower.count(b"message/rfc822") > _MOST_MULTIPARTS:
        raise NotReadable("这封邮件层层嵌套，没有读。请用邮件软件打开，手工登记。")


def _read(message: Message) -> Letter:
    name, address = _sender(message)
    subject = charsets.header(_first(message, "Subject"))[:300]
    gathered = _Gathered()
    gathered.walk(message, 0)
    text = plaintext.received("\n\n".join(words for words in gathered.texts if words))
    if len(text) > LONGEST_TEXT:
        text = text[:LONGEST_TEXT]
        gathered.left.append(Left("正文太长，只取了前%(limit)s字，全文在原邮件里。", {"limit": str(LONGEST_TEXT)}))
    arrived_at, is_dated_by_sender = _arrived(message)
    print_of = [address.lower(), subject, "".join(text.split()), *sorted(file.digest for file in gathered.files)]
    return Letter(
        kind=_kind(message, address, subject),
        message_id="".join(str(message.get("Message-ID", "")).split())[:300],
        name=name,
        address=address,
        recipients=tuple(found.lower() for _, found in _addresses(message, "To", "Cc", "Delivered-To")),
        subject=subject,
        text=text,
        files=tuple(gathered.files),
        left=tuple(gathered.left),
        arrived_at=arrived_at,
        is_dated_by_sender=is_dated_by_sender,
        digest=hashlib.sha256("\n".join(print_of).encode()).hexdigest(),
    )


def _addresses(message: Message, *names: str) -> list[tuple[str, str]]:
    values = [value[:2000] for name in names for value in _raw(message, name)[:20]]
    return [(name, address) for name, address in getaddresses(values)[:50] if "@" in address]


def _raw(message: Message, name: str) -> list[str]:
    """The headers of a name as they arrived: eight-bit bytes are surrogates and can still be read."""
    return [str(value) for key, value in message.raw_items() if key.lower() == name.lower()]


def _first(message: Message, name: str) -> str:
    return next(iter(_raw(message, name)), "")


def _sender(message: Message) -> tuple[str, str]:
    for header in ("From", "Reply-To", "Sender"):
        for name, address in _addresses(message, header):
            plain = plaintext.received(charsets.header(name)).strip("'\" ")[:50]
            return ("" if "@" in plain else plain), "".join(address.split())[:200]
    return "", ""


def _kind(message: Message, address: str, subject: str) -> MailKind:
    """What sort of message it is, told from its headers; a person can say otherwise."""
    content_type = message.get_content_type()
    report = str(message.get_param("report-type", "")).lower() if content_type == "multipart/report" else ""
    if report == "delivery-status" or message.get("X-Failed-Recipients") is not None:
        return MailKind.BOUNCE
    if _BOUNCE_SENDER.search(address) and _BOUNCE_SUBJECT.search(subject):
        return MailKind.BOUNCE
    submitted = str(message.get("Auto-Submitted", "no")).split(";")[0].strip().lower()
    precedence = str(message.get("Precedence", "")).strip().lower()
    if submitted != "no" or message.get("X-Autoreply") or message.get("X-Autorespond") or precedence == "auto_reply":
        return MailKind.AUTOMATIC
    if _AUTOMATIC_SUBJECT.search(subject) or report == "disposition-notification":
        return MailKind.AUTOMATIC
    flagged = str(message.get("X-Spam-Flag", message.get("X-Spam-Status", ""))).strip().lower().startswith("yes")
    if flagged or precedence in ("bulk", "junk", "list") or message.get("List-Unsubscribe") is not None:
        return MailKind.BULK
    return MailKind.OPINION


def _arrived(message: Message) -> tuple[datetime | None, bool]:
    """When the last server took it, or when its sender says it was sent."""
    received = message.get_all("Received", [])
    if received and (at := _instant(str(received[0]).rpartition(";")[2])):
        return at, False
    return _instant(str(message.get("Date", ""))), True


def _instant(text: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(" ".join(text[:100].split()))
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
        return at.astimezone(UTC) if at.year >= 2000 else None
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


class _Gathered:
    """The words and the files of a message, as they are found part by part."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.files: list[Upload] = []
        self.left: list[Left] = []
        self._parts = 0
        self._bytes = 0

    def walk(self, part: Message, depth: int) -> None:
        self._parts += 1
        if self._parts > _MOST_PARTS:
            return
        if depth > _DEEPEST:
            self.left.append(Left("里面层层嵌套的邮件没有全部读出，请看原邮件。"))
            return
        payload = part.get_payload()
        content_type = part.get_content_type()
        if content_type == "message/rfc822" and isinstance(payload, list) and payload:
            self._nested(payload[0], depth)
        elif isinstance(payload, list) and content_type == "message/delivery-status":
            return
        elif isinstance(payload, list):
            self._many(part, [each for each in payload if isinstance(each, Message)], depth)
        else:
            self._single(part, content_type)

    def _nested(self, inner: object, depth: int) -> None:
        """A mail inside the mail: forwarded as a whole."""
        if not isinstance(inner, Message):
            return
        subject, sender = charsets.header(_first(inner, "Subject")), charsets.header(_first(inner, "From"))
        self.texts.append(f"〔随附邮件〕{plaintext.received(subject)[:300]}　{plaintext.received(sender)[:200]}")
        self.walk(inner, depth + 1)

    def _many(self, part: Message, inner: list[Message], depth: int) -> None:
        if part.get_content_type() != "multipart/alternative":
            for each in inner:
                self.walk(each, depth + 1)
            return
        # the same words twice: the plain ones, unless there is nothing in them
        before = len(self.texts)
        for each in sorted(inner, key=lambda one: one.get_content_type() != "text/plain"):
            if each.get_content_type().startswith("text/") and any(text.strip() for text in self.texts[before:]):
                continue
            self.walk(each, depth + 1)

    def _single(self, part: Message, content_type: str) -> None:
        name = _file_name(part)
        is_attached = str(part.get("Content-Disposition", "")).strip().lower().startswith("attachment") or bool(name)
        data = part.get_payload(decode=True)
        if not isinstance(data, bytes):
            return
        if content_type in ("text/plain", "text/html") and not is_attached:
            words = charsets.decoded(data[: LONGEST_TEXT * 8], str(part.get_param("charset", "") or ""))
            self.texts.append(webtext.plain(words) if content_type == "text/html" else words.replace("\r\n", "\n"))
            return
        if not data.strip():
            return
        is_inline = part.get("Content-ID") is not None and content_type.startswith("image/")
        if is_inline and len(data) < _SMALL_PICTURE:
            return
        self._file(data, name or f"附件{len(self.files) + 1}.{content_type.rpartition('/')[2][:10]}")

    def _file(self, data: bytes, name: str) -> None:
        shown = plaintext.received(name)[:100]
        self._bytes += len(data)
        if len(self.files) >= MOST_ENCLOSURES or self._bytes > _MOST_BYTES:
            if not any(left.sentence.startswith("附件太多") for left in self.left):
                self.left.append(
                    Left("附件太多，只收了前%(count)s个，其余在原邮件里。", {"count": str(len(self.files))})
                )
            return
        try:
            self.files.append(uploads.checked(data, name))
        except NotValid as refusal:
            self.left.append(Left("附件“%(name)s”没有收：%(why)s", {"name": shown, "why": refusal.message}))


def _file_name(part: Message) -> str:
    try:
        name = part.get_filename() or ""
    except (ValueError, LookupError, TypeError, AttributeError):
        name = ""
    return charsets.header(name)[:200]


def of_file(data: bytes) -> Iterator[bytes]:
    """The messages in an .eml or .mbox file."""
    begins = [found.start() for found in _FROM_LINE.finditer(data)] if data[:5] == b"From " else []
    if not begins:
        yield data
        return
    for begin, end in zip(begins, [*begins[1:], len(data)], strict=True):
        body = data[data.index(b"\n", begin) + 1 : end].rstrip(b"\r\n") + b"\n"
        # “>From ” is how an mbox writes a line of a letter that begins with “From ”
        yield re.sub(rb"(?m)^>(>*From )", rb"\1", body)
