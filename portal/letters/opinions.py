"""The rows of an opinion sheet as submissions to be: what each column means, and what is wrong in which row.

Every row is a respondent of its own, unless a column 来稿编号 says which rows are one letter. Whoever brings the
sheet is never the author of anything in it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from portal.letters import pieces
from portal.letters.sheets import MOST_ROWS, Row, too_large
from portal.rules.words import SELF_SENT, Channel, RespondentKind, Stance

#: the columns of the sheet that is offered, in order, and what else bureaus call them
COLUMNS: dict[str, tuple[str, ...]] = {
    "来稿编号": ("件号", "来件编号", "来信编号"),
    "条款": ("针对条款", "对应条款", "条目", "章节", "条文"),
    "意见": ("意见内容", "意见建议", "意见和建议", "修改意见", "反馈意见", "意见和理由"),
    "建议改为": ("修改为", "建议修改为", "修改后", "建议表述"),
    "态度": ("意见类型",),
    "提出人类别": ("类别", "人员类别", "身份"),
    "姓名或单位": ("提出人", "提出单位", "姓名", "单位", "单位名称", "反馈单位", "反馈人"),
    "联系人": (),
    "联系电话": ("电话", "手机", "手机号", "联系方式"),
    "电子邮箱": ("邮箱", "电子邮件", "email", "e-mail"),
    "所在地区": ("地区", "所在区县", "区县", "县区", "所在县区", "属地"),
    "提出方式": ("渠道", "来源", "反馈方式", "方式"),
    "收到日期": ("日期", "时间", "收到时间", "反馈日期", "反馈时间"),
    "邮戳日期": ("邮戳",),
}
#: what is said of a letter as a whole
_OF_THE_LETTER = (
    "提出人类别", "姓名或单位", "联系人", "联系电话", "电子邮箱", "所在地区", "提出方式", "收到日期", "邮戳日期",
)  # fmt: skip
_IGNORED = {"序号", "编号", "备注", "采纳情况", "是否采纳", "理由", "no", "no."}
#: days since this are how a spreadsheet stores a date
_EPOCH = date(1899, 12, 30)
_DAY = re.compile(r"(\d{4})\s*[年./-]\s*(\d{1,2})\s*[月./-]\s*(\d{1,2})\s*日?(?:\s.*|T.*)?$")
_SHORT = {"个人": "个人", "公民": "个人", "群众": "个人", "市民": "个人", "企业": "企业", "公司": "企业", "协会": "行业协会、社会组织",
          "行业协会": "行业协会、社会组织", "社会组织": "行业协会、社会组织", "高校": "高校、科研院所", "科研院所": "高校、科研院所",
          "机关": "机关单位", "部门": "机关单位", "单位": "机关单位", "政府部门": "机关单位"}  # fmt: skip
_STANCES = {"赞成": Stance.SUPPORT, "同意": Stance.SUPPORT, "支持": Stance.SUPPORT, "反对": Stance.OPPOSE, "不同意": Stance.OPPOSE,
            "修改": Stance.CHANGE, "建议": Stance.CHANGE, "补充": Stance.ADDITION, "增加": Stance.ADDITION, "疑问": Stance.QUESTION}  # fmt: skip
_CHANNELS = {"邮件": Channel.EMAIL, "邮箱": Channel.EMAIL, "来信": Channel.LETTER, "信件": Channel.LETTER, "来电": Channel.PHONE,
             "来访": Channel.VISIT, "窗口": Channel.VISIT, "会议": Channel.MEETING, "座谈": Channel.MEETING, "热线": Channel.HOTLINE,
             "12345": Channel.HOTLINE, "公函": Channel.OFFICIAL_LETTER, "函": Channel.OFFICIAL_LETTER, "微信": Channel.SOCIAL_MEDIA}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a row: a sentence with its places. Row 0 is the sheet as a whole."""

    row: int
    sentence: str
    places: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Remark:
    """One opinion of a sheet, and the row it stands in."""

    row: int
    cited: str
    body: str
    stance: Stance
    proposed_text: str


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one respondent said: the rows that are one letter."""

    rows: tuple[int, ...]
    remarks: tuple[Remark, ...]
    kind: RespondentKind
    organisation: str
    name: str
    phone: str
    email: str
    #: as it was typed; whether the bureau knows it, is not known here
    region: str
    channel: Channel
    received_on: date | None
    postmarked_on: date | None


@dataclass(frozen=True, slots=True)
class Read:
    """A sheet that was read: the letters in it, everything that is wrong, and the columns nobody knows."""

    opinions: tuple[Opinion, ...]
    faults: tuple[Fault, ...]
    unknown: tuple[str, ...] = ()


def read(found: Sequence[Row]) -> Read:
    """The rows of a sheet in; the letters and the faults out."""
    places, head, unknown = _head(found)
    if places is None:
        return Read((), (Fault(0, "没有找到表头。第一行请写列名，至少有“意见”一列；可以下载样表。"),))
    letters: dict[str, Opinion] = {}
    faults: list[Fault] = []
    order: list[str] = []
    told = found[head + 1 :]
    if len(told) > MOST_ROWS:
        raise too_large()
    first_rows: dict[str, dict[str, Any]] = {}
    for number, cells in told:
        row = {name: cells[place] if place < len(cells) else None for name, place in places.items()}
        group = _words(row.get("来稿编号"))
        key = f"= {group}" if group else f"row {number}"
        # what a later row of the same letter leaves out is as in its first row
        first = first_rows.setdefault(key, row)
        row |= {name: first.get(name) for name in _OF_THE_LETTER if not _words(row.get(name))}
        opinion, wrong = _opinion(number, row)
        faults += wrong
        if key in letters:
            joined = _joined(letters[key], opinion, number)
            if isinstance(joined, Fault):
                faults.append(joined)
            else:
                letters[key] = joined
        else:
            letters[key] = opinion
            order.append(key)
    if not order:
        faults.append(Fault(0, "表格里没有意见。"))
    return Read(tuple(letters[key] for key in order), tuple(faults), unknown)


def _head(found: Sequence[Row]) -> tuple[dict[str, int] | None, int, tuple[str, ...]]:
    """Where each column stands. A title may stand above the names; they are looked for in the first rows."""
    for at, (_, cells) in enumerate(found[:10]):
        places: dict[str, int] = {}
        unknown: list[str] = []
        for place, cell in enumerate(cells):
            name = _column(_words(cell))
            if name and name not in places:
                places[name] = place
            elif not name and (words := _words(cell)) and words.lower() not in _IGNORED:
                unknown.append(words[:40])
        if "意见" in places and len(places) >= 2:
            return places, at, tuple(unknown)
        if list(places) == ["意见"]:
            return places, at, tuple(unknown)
    return None, 0, ()


def _column(words: str) -> str:
    plain = re.sub(r"[\s*＊（(].*$", "", words.lower())
    for name, others in COLUMNS.items():
        if plain == name or plain in others:
            return name
    return ""


def _words(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return unicodedata.normalize("NFC", str(cell)).strip()


def _opinion(number: int, row: dict[str, Any]) -> tuple[Opinion, list[Fault]]:
    faults: list[Fault] = []

    def fault(sentence: str, **places: str) -> None:
        faults.append(Fault(number, sentence, places))

    body, proposed = _words(row.get("意见")), _words(row.get("建议改为"))
    if not body and not proposed:
        fault("没有写意见。")
    for name in ("意见", "建议改为"):
        if _words(row.get(name)).startswith("=") and len(_words(row.get(name))) > 1:
            fault("“%(column)s”是一个公式，请改成文字。", column=name)
    kind = _kind(row, fault)
    who, contact = _words(row.get("姓名或单位")), _words(row.get("联系人"))
    if kind.is_organisation and not who:
        fault("提出人类别是“%(kind)s”，请在“姓名或单位”写明单位名称。", kind=kind.label)
    received_on = _day(row.get("收到日期"), "收到日期", fault)
    if received_on is None and not _words(row.get("收到日期")):
        fault("没有写收到日期。")
    return (
        Opinion(
            rows=(number,),
            remarks=(Remark(number, _words(row.get("条款")), body, _stance(row, body, fault), proposed),),
            kind=kind,
            organisation=who if kind.is_organisation else "",
            name=contact if kind.is_organisation else (who or contact),
            phone=_words(row.get("联系电话")),
            email=_words(row.get("电子邮箱")),
            region=" ".join(_words(row.get("所在地区")).split()),
            channel=_channel(row, fault),
            received_on=received_on,
            postmarked_on=_day(row.get("邮戳日期"), "邮戳日期", fault),
        ),
        faults,
    )


def _kind(row: dict[str, Any], fault: Any) -> RespondentKind:
    typed = _words(row.get("提出人类别"))
    if not typed:
        return RespondentKind.CITIZEN
    label = _SHORT.get(typed, typed)
    for kind in RespondentKind:
        if label == kind.label:
            return kind
    fault(
        "提出人类别“%(typed)s”不认识，请写：%(known)s。",
        typed=typed,
        known="；".join(kind.label for kind in RespondentKind),
    )
    return RespondentKind.CITIZEN


def _stance(row: dict[str, Any], body: str, fault: Any) -> Stance:
    typed = _words(row.get("态度"))
    if not typed:
        return pieces.stance_of(body)
    for stance in Stance:
        if typed == stance.label:
            return stance
    if typed in _STANCES:
        return _STANCES[typed]
    fault("态度“%(typed)s”不认识，请写：%(known)s。", typed=typed, known="、".join(stance.label for stance in Stance))
    return Stance.CHANGE


def _channel(row: dict[str, Any], fault: Any) -> Channel:
    typed = _words(row.get("提出方式"))
    if not typed:
        return Channel.OTHER
    for channel in Channel:
        if typed == channel.label and channel not in SELF_SENT:
            return channel
    if typed in _CHANNELS:
        return _CHANNELS[typed]
    known = "、".join(channel.label for channel in Channel if channel not in SELF_SENT)
    fault("提出方式“%(typed)s”不认识，请写：%(known)s。", typed=typed, known=known)
    return Channel.OTHER


def _day(cell: Any, column: str, fault: Any) -> date | None:
    """A day, however it is written: a date, the number a spreadsheet stores, or words."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    words = unicodedata.normalize("NFKC", _words(cell))
    if not words:
        return None
    if re.fullmatch(r"\d{5}(?:\.\d+)?", words) and 30_000 <= float(words) <= 80_000:
        return _EPOCH + timedelta(days=int(float(words)))
    if re.fullmatch(r"20\d{6}", words):
        words = f"{words[:4]}-{words[4:6]}-{words[6:]}"
    found = _DAY.match(words)
    try:
        if found:
            return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        pass
    fault("%(column)s“%(typed)s”不是日期，请写成2026-03-12这样。", column=column, typed=words[:30])
    return None


def _joined(first: Opinion, other: Opinion, number: int) -> Opinion | Fault:
    """Two rows of one letter: nothing that is said of it may contradict."""
    for name, mine, theirs in (
        ("姓名或单位", first.organisation or first.name, other.organisation or other.name),
        ("联系电话", first.phone, other.phone),
        ("电子邮箱", first.email, other.email),
        ("所在地区", first.region, other.region),
        ("提出人类别", first.kind, other.kind),
        ("提出方式", first.channel, other.channel),
        ("收到日期", first.received_on, other.received_on),
    ):
        if theirs != mine:
            return Fault(
                number, "来稿编号与第%(first)s行相同，但“%(column)s”不同。同一件来稿只能有一个提出人。",
                {"first": str(first.rows[0]), "column": name},
            )  # fmt: skip
    return replace(first, rows=(*first.rows, *other.rows), remarks=(*first.remarks, *other.remarks))
