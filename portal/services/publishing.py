"""The notice, the comment window, and the one act that puts a draft before the public."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import richtext
from portal.access import Actor, Permission, require
from portal.errors import AlreadyDone, NotThere, NotValid
from portal.models import CommentWindow, Consultation, DocumentType, DraftVersion
from portal.rules import identifiers, periods, plaintext, window
from portal.rules.holidays import CalendarMissing
from portal.rules.notices import Contradiction, Facts, contradictions
from portal.rules.words import IdentityNeed
from portal.services import audit, conditions, holidays, reference, searching

#: the longest notice or explanatory note, and the longest reason for a shorter period
LONGEST_TEXT = 100_000
LONGEST_REASON = 1_000
#: what a template leaves for the officer to write; nothing goes out while one is left
BLANK = "【请填写"


@dataclass(frozen=True, slots=True)
class Notice:
    """What the officer fills in. Days are Beijing days; an empty text means nothing was given."""

    title: str
    document_type: str
    opens_on: date | None
    closes_on: date | None
    #: the hour the notice names for its last day; None: 24:00
    closes_time: time | None = None
    count_mode: periods.Mode = "civil"
    notice: str = ""
    explanatory_note: str = ""
    contact_unit: str = ""
    phone: str = ""
    fax: str = ""
    email: str = ""
    postal_address: str = ""
    postcode: str = ""
    subject: str = ""
    shortened_reason: str = ""
    identity_needed: str = IdentityNeed.ANONYMOUS.value
    grace_minutes: int = 0
    #: the stamp of the notice as the officer saw it; empty where nobody looked (a command)
    seen: str = ""


def fill_notice(session: Session, actor: Actor, consultation: Consultation, notice: Notice, at: datetime) -> None:
    """Keeps the notice of a consultation in preparation. Raises AlreadyDone once it is published."""
    require(actor, Permission.IMPORT_DRAFT, consultation.bureau_id)
    if consultation.is_published:
        raise AlreadyDone("公告已经发布，不能再改。")
    if notice.seen and notice.seen != stamp(consultation):
        raise AlreadyDone("公告刚刚已由他人修改，您的这一次没有保存。您写的内容在下面，请看过最新的公告再改。")
    consultation.title = _bare(plaintext.one_line(notice.title, 480, "文件名称", "title"))
    if not consultation.title:
        raise NotValid("请填写文件名称。", fault="title")
    consultation.version.title = consultation.title
    consultation.document_type = _document_type(session, notice.document_type) if notice.document_type else None
    conditions.keep(consultation, notice.identity_needed, notice.grace_minutes)
    for name, what in (("notice", "公告正文"), ("explanatory_note", "起草说明")):
        kept = plaintext.received_within(getattr(notice, name), LONGEST_TEXT, what, name)
        setattr(consultation, name, richtext.cleaned(kept))
    for name in ("contact_unit", "phone", "fax", "email", "postal_address", "postcode", "subject"):
        setattr(consultation, name, plaintext.one_line(getattr(notice, name), 480, "联系方式", name))
    for address in consultation.email.split("；"):
        if address and not identifiers.check("email", address).is_valid:
            raise NotValid("电子邮箱有误，请检查，例如 name@example.com。", fault="email")
    _keep_window(consultation, notice, at)
    session.flush()
    audit.record(session, actor, "notice.fill", f"consultation:{consultation.slug}", at)


def _bare(title: str) -> str:
    """A title without what every page puts around it: 《…（征求意见稿）》."""
    for _ in range(2):
        title = re.sub(r"[（(]\s*(?:公开)?征求意见稿\s*[）)]$", "", title).strip()
        if title.startswith("《") and title.endswith("》") and title.count("《") == title.count("》") == 1:
            title = title[1:-1].strip()
    return title


def is_shortened(session: Session, consultation: Consultation, at: datetime) -> bool:
    """Whether the window is shorter than is usual for its kind of document; so long as that cannot be said, it may be."""
    try:
        assessment = assess(session, consultation, at)
    except NotValid:
        return True
    return assessment is None or assessment.is_shortened


def _keep_window(consultation: Consultation, notice: Notice, at: datetime) -> None:
    bounds = days(notice.opens_on, notice.closes_on, notice.closes_time)
    if bounds is None:
        return
    opens_at, closes_at = bounds
    current = consultation.window
    if current is None:
        current = CommentWindow(opens_at=opens_at, closes_at=closes_at, created_at=at, rule_code="")
        consultation.windows.append(current)
    current.opens_at, current.closes_at = opens_at, closes_at
    current.rule_code, current.count_mode = notice.document_type, notice.count_mode
    current.shortened_reason = plaintext.received_within(
        notice.shortened_reason, LONGEST_REASON, "缩短期限的理由", "shortened_reason"
    )


def days(
    opens_on: date | None, closes_on: date | None, closes_time: time | None = None
) -> tuple[datetime, datetime] | None:
    """The two instants of a window as typed; None while neither day is. Raises NotValid naming the field to mend."""
    if opens_on is None and closes_on is None:
        return None
    if opens_on is None or closes_on is None:
        raise NotValid("开始日期和截止日期要一起填写。", fault="opens_on" if opens_on is None else "closes_on")
    for name, day in (("opens_on", opens_on), ("closes_on", closes_on)):
        if not 2000 <= day.year <= 2100:
            raise NotValid("请检查日期的年份，例如2026年3月12日写作2026-03-12。", fault=name)
    try:
        return window.bounds(opens_on, closes_on, closes_time)
    except ValueError:
        raise NotValid("截止日期早于开始日期，请检查。", fault="closes_on") from None


def stamp(consultation: Consultation) -> str:
    """Changes with every word of the notice: two officers who edit it at once are told of one another."""
    current = consultation.window
    fields = [
        consultation.title, consultation.notice, consultation.explanatory_note, consultation.contact_unit,
        consultation.phone, consultation.fax, consultation.email, consultation.postal_address, consultation.postcode,
        consultation.subject, consultation.document_type_id, consultation.identity_needed.value,
        consultation.grace_minutes,
        [str(current.opens_at), str(current.closes_at), current.shortened_reason] if current else None,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(fields, ensure_ascii=False).encode()).hexdigest()[:16]


def _document_type(session: Session, code: str) -> DocumentType:
    found = next((kind for kind in reference.document_types(session) if kind.code == code), None)
    if found is None:
        raise NotValid("请选择文件类型。", fault="document_type")
    return found


def assess(session: Session, consultation: Consultation, at: datetime) -> periods.Assessment | None:
    """What the law says of the window as it stands, were it published at `at`; None while dates or type are missing.

    Raises NotValid when working days run into a year whose holidays are not known.
    """
    current = consultation.window
    if current is None or consultation.document_type is None:
        return None
    return assess_window(session, consultation, consultation.document_type, current.opens_at, current.closes_at,
                         current.shortened_reason, at, mode_of(current))  # fmt: skip


def assess_window(
    session: Session,
    consultation: Consultation,
    document_type: DocumentType,
    opens_at: datetime,
    closes_at: datetime,
    reason: str,
    at: datetime,
    mode: periods.Mode = "civil",
) -> periods.Assessment:
    """The same for a window that is only being considered. A reason with a blank left in it is no reason yet."""
    try:
        return periods.assess(
            reference.rule_of(document_type),
            opens_on=window.day_in_beijing(opens_at),
            closes_on=window.last_day(closes_at),
            calendar=holidays.calendar(session),
            published=consultation.first_published_at or at,
            mode=mode,
            reason="" if BLANK in reason else reason,
        )
    except CalendarMissing as missing:
        raise NotValid(
            "缺少%(year)s年的节假日安排，无法计算工作日，请联系系统管理员补充。", fault="closes_on", year=missing.year
        ) from missing


def mode_of(current: CommentWindow) -> periods.Mode:
    """The way of counting a window was measured by."""
    return "inclusive" if current.count_mode == "inclusive" else "civil"


def obstacles(session: Session, consultation: Consultation, at: datetime) -> list[NotValid]:
    """Everything that stands between this consultation and its publication; empty when it may go out."""
    found: list[NotValid] = []
    if consultation.document_type is None:
        found.append(NotValid("请选择文件类型，它决定征求意见的最短期限。", fault="document_type"))
    if consultation.window is None:
        found.append(NotValid("请填写征求意见的开始日期和截止日期。", fault="opens_on"))
    if not (consultation.email or consultation.postal_address):
        found.append(NotValid("除网上提交外，请至少公布一种书面提出方式：通信地址或电子邮箱。", fault="postal_address"))
    if not consultation.title:
        found.append(NotValid("请填写文件名称。", fault="title"))
    document_type = consultation.document_type
    if document_type is not None and document_type.needs_explanatory_note and not consultation.explanatory_note:
        found.append(NotValid("这类文件公开征求意见，应当同时公布起草说明。", fault="explanatory_note"))
    for name, what in (("notice", "公告正文"), ("explanatory_note", "起草说明")):
        if BLANK in getattr(consultation, name):
            found.append(
                NotValid("%(what)s里还有没有填写的地方（“【请填写……】”），请填好或者删去。", fault=name, what=what)
            )
    found += [_not_agreeing(each) for each in contradictions(richtext.words(consultation.notice), _facts(consultation))]
    try:
        assessment = assess(session, consultation, at)
    except NotValid as missing:
        return [*found, missing]
    if assessment is not None and not assessment.is_legal:
        for message in assessment.messages:
            if message.weight is not periods.Weight.WARNING:
                found.append(NotValid(message.sentence, fault="closes_on", **dict(message.places)))
    current = consultation.window
    if current is not None and not consultation.is_published:
        opens_on, today = window.day_in_beijing(current.opens_at), window.day_in_beijing(at)
        if opens_on < today:
            found.append(
                NotValid(
                    "开始日期%(day)s已经过去。公众从发布之日起才能看到，请把开始日期改为发布当日或以后。",
                    fault="opens_on",
                    day=window.Day(opens_on),
                )
            )
    return found


def _facts(consultation: Consultation) -> Facts:
    current = consultation.window
    return Facts(
        consultation.title,
        current.opens_at if current else None,
        current.closes_at if current else None,
        consultation.email,
        consultation.postal_address,
        consultation.fax,
        consultation.phone,
    )


def _not_agreeing(found: Contradiction) -> NotValid:
    match found:
        case Contradiction.PERIOD:
            return NotValid(
                "公告正文里的征求意见时间与上面填写的不一致，请改成一致，或者重新填入范本。", fault="notice"
            )
        case Contradiction.TITLE:
            return NotValid("公告正文里的文件名称与上面填写的不一致，请改成一致，或者重新填入范本。", fault="notice")
        case Contradiction.EMAIL:
            return NotValid("公告正文里的电子邮箱与上面填写的不一致，请改成一致，或者重新填入范本。", fault="notice")
        case Contradiction.POSTAL_ADDRESS:
            return NotValid("公告正文里的通信地址与上面填写的不一致，请改成一致，或者重新填入范本。", fault="notice")
        case Contradiction.FAX:
            return NotValid("公告正文里的传真与上面填写的不一致，请改成一致，或者重新填入范本。", fault="notice")
        case Contradiction.PHONE:
            return NotValid("公告正文里的电话与上面填写的不一致，请改成一致，或者重新填入范本。", fault="notice")


def publish(session: Session, actor: Actor, consultation: Consultation, at: datetime, seen: str = "") -> None:
    """Puts notice and draft before the public; from now on the version never changes.

    The instant of first publication is written once. `seen` is the stamp of the notice as it was looked at. Raises
    AlreadyDone when it is out or was changed meanwhile, and the first of the obstacles when something is missing or
    the window is not legal.
    """
    require(actor, Permission.PUBLISH, consultation.bureau_id)
    # lock, then look again: of two who press the button at once the second is told
    session.execute(select(Consultation.id).where(Consultation.id == consultation.id).with_for_update(key_share=True))
    session.refresh(consultation, ["first_published_at"])
    if consultation.is_published:
        raise AlreadyDone("已经发布过了。")
    if seen:
        session.refresh(consultation)
        if seen != stamp(consultation):
            raise AlreadyDone("公告在您打开以后已由他人修改，没有发布。请看过现在的公告再发布。")
    if consultation.window is not None and not is_shortened(session, consultation, at):
        consultation.window.shortened_reason = ""
    if not consultation.notice:
        consultation.notice = notice_text(consultation)
    for obstacle in obstacles(session, consultation, at):
        raise obstacle
    version = consultation.version
    if not version.clauses:
        raise NotThere("征求意见稿没有条款，不能发布。")
    current = consultation.window
    if current is None:  # obstacles() has said so already; this tells the type checker
        raise NotThere("没有征求意见时间。")
    version.digest = digest_of(version)
    # written before the consultation's own instant: clauses and version are complete when they freeze
    session.flush()
    version.published_at = at
    consultation.first_published_at = at
    session.flush()
    searching.keep_consultation(session, consultation)
    audit.record(
        session,
        actor,
        "consultation.publish",
        f"consultation:{consultation.slug}",
        at,
        {
            "version": version.number,
            "digest": version.digest,
            "opens_at": current.opens_at.isoformat(),
            "closes_at": current.closes_at.isoformat(),
            "document_type": current.rule_code,
        },
    )


def digest_of(version: DraftVersion) -> str:
    """SHA-256 of the clauses as published: anyone can see whether a word changed."""
    body = [[c.label, c.kind, c.number, c.heading, c.text, c.rows] for c in version.clauses]
    return hashlib.sha256(json.dumps(body, ensure_ascii=False).encode()).hexdigest()


def notice_text(
    consultation: Consultation, address: str = "", *, with_blanks: bool = False, is_shortened: bool = True
) -> str:
    """The notice (征求意见公告) filled from the facts, for the officer to edit. After form C-0 of the rules.

    It can go out as it is; `with_blanks` also leaves a place for what no fact says (the purpose). A reason for
    shortening that was typed is only told where the period `is_shortened`.
    """
    current = consultation.window
    facts = consultation.versions[0].facts
    unit = consultation.publisher
    # quotation marks within quotation marks are single ones (GB/T 15834)
    short = consultation.title.replace("“", "‘").replace("”", "’")
    purpose = f"为{BLANK}：目的】，" if with_blanks else ""
    basis = f"根据{'、'.join(facts['bases'])}，" if facts.get("bases") else ""
    entrance = f"（{address}）" if address else ""
    ways = [f"网上提交：登录本网站{entrance}，可对全文或者具体条款提出意见"]
    if consultation.email:
        ways.append(f"电子邮件：{consultation.email}，主题请注明“{short}征求意见”")
    if consultation.postal_address:
        postcode = f"，邮编{consultation.postcode}" if consultation.postcode else ""
        ways.append(
            f"信函：{consultation.postal_address}{postcode}，收件人{unit}，请在信封注明“{short}征求意见”，以邮戳日期为准"
        )
    if consultation.fax:
        ways.append(f"传真：{consultation.fax}")
    if consultation.phone:
        ways.append(f"电话（咨询和口头意见登记）：{consultation.phone}")
    numerals = "一二三四五六七八九"
    lines = [
        f"{purpose}{basis}我单位研究起草了《{consultation.title}（征求意见稿）》，现向社会公开征求意见。"
        "有关事项公告如下：",
        "一、征求意见时间",
        _period_words(current),
    ]
    if current is not None and current.shortened_reason and is_shortened:
        reason = current.shortened_reason
        # a reason written after form C-6 says by itself what it is the reason of
        lines.append(reason if "缩短" in reason else f"本次征求意见期限缩短的原因：{reason}")
    lines.append("二、提出意见的方式")
    lines += [f"（{numerals[i]}）{way}{'。' if i == len(ways) - 1 else '；'}" for i, way in enumerate(ways)]
    lines += [
        "三、其他事项",
        f"（一）单位提出意见的，请注明单位名称、联系人和联系方式；{conditions.of_persons(consultation)}"
        "仅用于就意见内容与您沟通。个人信息处理规则见本网站页脚。",
        "（二）征求意见结束后，我单位将逐条研究，并在本网站公布意见采纳情况。",
        *conditions.words(consultation),
    ]
    return "\n".join(lines)


def _period_words(current: CommentWindow | None) -> str:
    if current is None:
        return "时间待定。"
    length = (window.last_day(current.closes_at) - window.day_in_beijing(current.opens_at)).days + 1
    return f"{window.words(current.opens_at, current.closes_at)}，含首尾两日共{length}日。"


def shortening_words(assessment: periods.Assessment) -> str:
    """The words that say why a period is shortened (缩短期限说明), after form C-6; the reason itself is left blank."""
    unit = assessment.unit.label if assessment.unit else "日"
    return (
        f"因{BLANK}：须于×年×月×日前配套实施的上级文件及文号，或者应对的紧急事项】，情况紧急，"
        f"本次公开征求意见期限由{assessment.minimum}{unit}缩短为{assessment.days}{unit}，特此说明。"
    )
