"""The facts of the notice: who publishes, when, under which number, where opinions go."""

from __future__ import annotations

import re
from collections.abc import Sequence

from portal.drafts.draft import Facts
from portal.drafts.front import Front
from portal.drafts.headlines import ASKS, CONSULTS, FIELD, is_body_name, is_date_line, is_number_line
from portal.drafts.windows import read_window

_EMAIL = re.compile(r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]+\s?[@＠]\s?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")
_PHONE_WORD = r"(?:联系电话|聯系電話|聯繫電話|聯絡電話|咨询电话|谘询电话|電話|电话|热线|热線|联系方式|手机|电\s*话|Tel)"
_NUMBER = (
    r"(?:\+?86[-\s]?)?(?:[（(]?0\d{2,3}[）)]?[-—－\s]?)?\d{7,8}(?:[-—转]\d{1,6})?|1[3-9]\d{9}|\d{5}(?!\d)"
    r"|400[-\s]?\d{3,4}[-\s]?\d{3,4}"
)
_PHONE = re.compile(rf"{_PHONE_WORD}[^\d\n]{{0,12}}((?:{_NUMBER})(?:\s*[、,，;；/]\s*(?:{_NUMBER}))*)")
_FAX = re.compile(rf"(?:传\s*真|傳\s*真)(?:号码|電話|电话)?\s*[:：]?\s*((?:{_NUMBER}))")
_POSTAL = re.compile(
    r"(?:(?:邮寄|郵寄|通信|通讯|通訊|联系|聯繫|聯系|来信|信函|寄送|办公|收件|邮政)?地\s*址|(?:信函|信件|邮件|意见|書面意見)?(?:邮寄|郵寄|寄送|寄)至|信函寄至|(?:信函|来信|邮寄)(?=\s*[:：]))"
    r"\s*[:：]?\s*(?P<a>[\u4e00-\u9fff][^，,。；;\n]{5,80}?(?:[（(]\s*(?:邮\s*编|邮政编码|郵編)[^）)]*[）)])?)(?=[，,。；;\n]|\s+(?:邮编|邮政编码|联系)|$)"
)
_POSTCODE = re.compile(r"(?:邮\s*编|邮政编码|郵編|郵政編碼)\s*[:：]?\s*(\d{6})")
_DATE = re.compile(r"((?:19|20)\d{2})\s*[年./-]\s*(\d{1,2})\s*(?:[月./-]\s*(\d{1,2})\s*日?|月)")
_DECREE = re.compile(
    r"([\u4e00-\u9fff]{2,24}?(?:人民政府|国务院|人民代表大会常务委员会公告|部|局|委员会|总局)?令)\s*[（(]?第\s*(\d{1,4})\s*([号號])"
)
_BASIS = re.compile(r"[\u4e00-\u9fffA-Za-z]{1,14}〔(?:19|20)\d{2}〕\s*\d{1,4}\s*[号號]")
_HOST = re.compile(
    r"^(?P<b>[\u4e00-\u9fff]{2,30}?(?:人民政府(?:办公厅|办公室|辦公廳|辦公室)?|国务院(?:办公厅)?|國務院(?:辦公廳)?|委员会|委員會|办公厅|办公室|[局部厅廳委署]))(?:等\d+部门)?(?:关于|關於|關于)"
)
_PLACE = re.compile(r"^(?P<b>[\u4e00-\u9fff]{2,30}?(?:[局部厅廳委署]|委员会))\s*（邮编")
_NOTICE_ALONE = 2_500
_EDGES = " \t\u3000\u00a0|[]【】-"


def read_facts(front: Front, head: Sequence[str], tail: Sequence[str], body: Sequence[str]) -> Facts:
    """The lines of the front (fields, titles, notice), of the signature and of the body in; the facts out."""
    columns = _columns(head)
    notice = "\n".join(head)
    published = _published(columns, head)
    contacts = "\n".join([*head, *tail]) if CONSULTS.search(notice) or _EMAIL.search("\n".join(tail)) else notice
    if sum(map(len, body)) < _NOTICE_ALONE and ASKS.search("\n".join(body)):
        # There is no draft below: the whole text is the notice.
        contacts = "\n".join([*head, *body, *tail])
    window = read_window(contacts, published) or read_window("\n".join(body), published, only_applications=True)
    numbers = _document_number(columns, head)
    signature = _signature(head) or _signature([*body[-6:], *tail[:6]])
    bureau = (
        _column(columns, "发布机构", "發佈機構", "發布機構", "发文机关", "發文機關", "发布机关", "发布单位", "发布部门")
        or signature
        or _from_titles(front)
        or _from_decree(numbers)
    )
    joint = tuple(re.split(r"[、\s]+", bureau)) if bureau else ()
    bureau = joint[0] if joint else None
    source = _column(columns, "来源", "來源", "信息来源")
    emails = tuple(dict.fromkeys(re.sub(r"\s", "", m.group()) for m in _EMAIL.finditer(contacts)))
    return Facts(
        title=_whole(front.title),
        draft_title=_whole(front.draft_title or _named_draft(front.title)),
        issuing_bureau=bureau or source or _from_contact(contacts),
        drafting_bureau=_drafting(notice),
        source=source,
        document_number=numbers,
        published_on=published,
        opens_on=window.opens_on if window else None,
        closes_on=window.closes_on if window else None,
        emails=emails,
        phones=_phones(contacts),
        faxes=tuple(dict.fromkeys(_FAX.findall(contacts))),
        postal_addresses=tuple(dict.fromkeys(m["a"].strip() for m in _POSTAL.finditer(contacts))),
        postcodes=tuple(dict.fromkeys(_POSTCODE.findall(contacts))),
        bases=tuple(dict.fromkeys(_BASIS.findall(notice))),
        columns=columns,
        is_window_for_comments=window.for_comments if window else True,
        joint_bureaus=joint if len(joint) > 1 else (),
    )


def _columns(head: Sequence[str]) -> dict[str, str]:
    columns: dict[str, str] = {}
    for index, text in enumerate(head):
        marks = list(FIELD.finditer(text))
        if not marks or (len(text) > 300):
            continue
        for k, match in enumerate(marks):
            end = marks[k + 1].start() if k + 1 < len(marks) else len(text)
            name = re.sub(r"\s", "", match["name"])
            value = text[match.end() : end].strip(_EDGES)
            if not value and k == len(marks) - 1 and index + 1 < len(head) and name in {"来源", "发布日期"}:
                value = head[index + 1] if len(head[index + 1]) < 30 and not FIELD.search(head[index + 1]) else ""
            columns.setdefault(name, value)
    return columns


def _column(columns: dict[str, str], *names: str) -> str | None:
    return next((columns[name] for name in names if columns.get(name)), None)


def iso_date(text: str) -> str | None:
    """The first date of a text as an ISO string, year and month when no day is given; None when impossible."""
    for match in _DATE.finditer(text):
        year, month, day = match.groups()
        if 1 <= int(month) <= 12 and (day is None or 1 <= int(day) <= 31):
            return f"{year}-{int(month):02d}" + (f"-{int(day):02d}" if day else "")
    return None


def _published(columns: dict[str, str], head: Sequence[str]) -> str | None:
    names = (
        "发布日期",
        "發布日期",
        "發佈日期",
        "发布时间",
        "發布時間",
        "發佈時間",
        "发表时间",
        "發表時間",
        "公开日期",
        "生成日期",
    )
    for name in names:
        if columns.get(name) and (found := iso_date(columns[name])):
            return found
    for text in head:
        if re.match(r"^\s*(?:19|20)\d{2}\s*[年./-]\s*\d{1,2}", text) and len(text) < 80 and not text.endswith("。"):
            bare = re.sub(r"(?:来源|來源|作者|字体|字體|浏览|发布).*$", "", text)
            if is_date_line(bare.strip()) or FIELD.search(text):
                return iso_date(text)
    for text in head:
        if is_date_line(text):
            return iso_date(text)
    return None


def _document_number(columns: dict[str, str], head: Sequence[str]) -> str | None:
    for name in ("发文字号", "發文字號", "文号", "文號"):
        value = columns.get(name, "")
        if value and re.search(r"\d", value):
            return re.sub(r"\s", "", value.split("|")[0].strip())
    for text in head:
        if is_number_line(text):
            return re.sub(
                r"\s",
                "",
                text.strip("（）() ") if text[0] in "（(" and text[-1] in "）)" and text.count("〔") == 0 else text,
            )
    for text in head:
        if len(text) < 300 and (match := _DECREE.search(text)) and not text.endswith("："):
            office = re.sub(r"^.*日", "", match[1])
            return re.sub(r"\s", "", f"{office}第{match[2]}{match[3]}")
    return None


def _signature(lines: Sequence[str]) -> str | None:
    """Offices named on the lines before a date line, as under a notice."""
    for index, text in enumerate(lines):
        if not is_date_line(text):
            continue
        names: list[str] = []
        for before in reversed(lines[max(0, index - 4) : index]):
            if not is_body_name(before):
                break
            names = re.split(r"[\s\u3000]{2,}", before.strip()) + names
        if names:
            return "、".join(name for name in names if name)
    return None


def _from_titles(front: Front) -> str | None:
    for _, title, _ in front.titles:
        if match := _HOST.match(title):
            return match["b"]
        head = re.split(r"关于|關於|關于", title, maxsplit=1)[0].strip()
        if head and " " in head and is_body_name(head):
            return "、".join(head.split())
    return None


def _from_decree(number: str | None) -> str | None:
    match = re.match(r"^(.{2,30})令", number or "")
    return match[1] if match else None


def _from_contact(text: str) -> str | None:
    match = re.search(r"[ 　]([\u4e00-\u9fff]{4,24}(?:局|部|厅|委员会))（邮编", text)
    return match[1] if match else None


def _drafting(notice: str) -> str | None:
    match = re.search(
        r"[，,。\s]([\u4e00-\u9fff]{3,20}(?:局|厅|廳|委|部|办公室|委员会|中心))(?:会同[^，。]{2,40})?(?:组织|研究|牵头)*(?:起草|擬定|拟定|编制|制定|擬訂|拟订)了",
        notice,
    )
    if match and not match[1].startswith(("经", "由我")):
        return re.sub(r"^结合.*?实际|^由", "", match[1])
    return None


def _phones(text: str) -> tuple[str, ...]:
    found: list[str] = []
    for match in _PHONE.finditer(text):
        for number in re.split(r"\s*[、,，;；/]\s*", match[1]):
            if re.match(r"^\d{5}$", number) and not number.startswith("12"):
                continue
            found.append(re.sub(r"[（(](0\d+)[）)]", r"\1-", number).strip())
    return tuple(dict.fromkeys(found))


def _whole(title: str | None) -> str | None:
    """A title without the blank a line break left after 的."""
    return re.sub(r"(?<=的)\s+(?=[\u4e00-\u9fff])", "", title) if title else None


def _named_draft(title: str | None) -> str | None:
    """The draft's title as the notice gives it: inside 《》, or what is left without the words of the notice."""
    if not title:
        return None
    start = title.find("《")
    end = title.rfind("》")
    if 0 <= start < end and (
        CONSULTS.search(title[end:] + title[:start]) or re.search("印发|印發|转发|發布|发布|公示", title)
    ):
        return title[start + 1 : end]
    issued = re.search(r"(?:关于|關於|關于)(?:印发|印發|重新发布|发布|公布)(.{4,80})的(?:通知|公告)$", title)
    if issued:
        return issued[1]
    bare = re.sub(
        r"(?:公开)?(?:征求意见|征集意见|徵求意見|征求意見)(?:稿)?的?(?:公示|公告|通知|启事|通告|函)?$", "", title
    )
    return bare or title
