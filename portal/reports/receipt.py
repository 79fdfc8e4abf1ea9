"""The receipt on paper: the stamp, the facts, the digest, and everything that was sent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.reports import qr
from portal.reports.characters import for_print, one_line, paragraphs
from portal.reports.fonts import Role
from portal.reports.pages import LEFT, RIGHT, TOP, WIDTH, Pages, Setting, open_pages
from portal.rules.window import date_words, in_beijing

MIMETYPE = "application/pdf"

_SEAL = "0.702 0.192 0.114"
_TITLE = Setting(Role.TITLE, 22, 34, align="left")
_LEAD = Setting(Role.BODY, 12, 20, align="left")
_SECTION = Setting(Role.HEADING, 14, 24, align="left")
_LABEL = Setting(Role.KAI, 11, 19, align="left")
_FACT = Setting(Role.BODY, 11, 19, align="left")
_PLACE = Setting(Role.HEADING, 12, 20, align="left")
_WORDS = Setting(Role.BODY, 12, 20)
_SMALL = Setting(Role.KAI, 10, 16, align="left")
_LABEL_WIDTH = 66.0
_STAMP_WIDTH, _STAMP_HEIGHT = 176.0, 84.0
_QR = 92.0


@dataclass(frozen=True, slots=True)
class Remark:
    """One comment as it was sent."""

    citation: str
    heading: str
    stance: str
    reference: str
    body: str
    quote: str = ""
    proposed_text: str = ""
    confidential: str = ""
    #: name and size of the file handed in with it
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    """Everything the receipt says."""

    title: str
    publisher: str
    number: str
    secret: str
    received_at: datetime
    channel: str
    respondent: str
    #: where they say to be from; empty when not given
    region: str
    letter: str
    digest: str
    #: where the receipt is looked up
    address: str
    remarks: tuple[Remark, ...]


def render(paper: Paper) -> bytes:
    """The PDF. The same receipt gives the same bytes."""
    pages = open_pages(
        f"来稿回执 {paper.number}", paper.publisher, paper.received_at, _characters(paper), subject="来稿回执"
    )
    _head(pages, paper)
    _facts(pages, paper)
    _section(pages, f"您提交的意见（{len(paper.remarks)}条）")
    for position, remark in enumerate(paper.remarks, 1):
        _remark(pages, position, remark)
    _notes(pages)
    return pages.finish()


_NOTES = (
    "内容摘要由提交的全部文字算出（SHA-256），改动一个字，摘要就不同。在回执网页下载receipt.json，对它计算SHA-256，"
    "结果应与上面的摘要一致。收到次日，摘要列入网站的“回执公示”，任何人都可以核对，公示不显示意见内容。",
    "请妥善保管查询码，不要告诉他人。截止以前，凭受理编号和查询码可以更正或者撤回。",
)


def _characters(paper: Paper) -> dict[Role, set[str]]:
    """Which characters each face must have."""
    words = [paper.title, paper.publisher, paper.respondent, paper.region, paper.letter, paper.channel, paper.address]
    words += _NOTES
    for one in paper.remarks:
        words += [one.citation, one.heading, one.stance, one.reference, one.body, one.quote, one.proposed_text]
        words += [one.confidential, one.evidence]
    said = set(for_print("".join(words))) | set(
        "来稿回执受理编号查询码收到时间提出人所在地区方式附件内容摘要地址您交的意见条《》（征求稿）说针对建议改为商业秘密不公开依据材料"
        "〇年月日时分秒0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-—.： 　，。/?=收文北京．"
    )
    used: dict[Role, set[str]] = defaultdict(set)
    for role in Role:
        used[role] = said
    return dict(used)


def _head(pages: Pages, paper: Paper) -> None:
    """Title at the left, the receiving stamp of a registry at the right."""
    room = WIDTH - _STAMP_WIDTH - 24
    for line in pages.set([(Role.TITLE, "来稿回执")], _TITLE, width=room):
        pages.line(line, _TITLE.size, _TITLE.leading)
    named = for_print(one_line(f"《{paper.title}（征求意见稿）》"))
    for line in pages.set([(Role.BODY, named)], _LEAD, width=room):
        pages.line(line, _LEAD.size, _LEAD.leading)
    after = pages.y
    left, bottom = RIGHT - _STAMP_WIDTH, TOP - _STAMP_HEIGHT
    pages.draw(
        f"q {_SEAL} RG 1.6 w {left:.2f} {bottom:.2f} {_STAMP_WIDTH:.2f} {_STAMP_HEIGHT:.2f} re S "
        f"0.6 w {left + 3.5:.2f} {bottom + 3.5:.2f} {_STAMP_WIDTH - 7:.2f} {_STAMP_HEIGHT - 7:.2f} re S Q"
    )
    received = in_beijing(paper.received_at)
    day = f"{received.year}年{received.month}月{received.day}日 {received:%H:%M}"
    pages.draw(f"q {_SEAL} rg")
    at = TOP - 9.0
    for role, size, text in (
        (Role.HEADING, 10.0, for_print(one_line(paper.publisher))[:16]),
        (Role.TITLE, 20.0, "收　文"),
        (Role.HEADING, 11.0, day),
        (Role.HEADING, 11.0, paper.number),
    ):
        setting = Setting(role, size, size * 1.45, align="centre")
        line = pages.set([(role, text)], setting, left=left, width=_STAMP_WIDTH)[0]
        pages.type_at(line, size, at - size)
        at -= size * 1.38
    pages.draw("Q")
    pages.y = min(after, bottom) - 18


def _facts(pages: Pages, paper: Paper) -> None:
    """The facts in rows parted by hairlines, and beside them the way back to the page."""
    top = pages.y
    room = WIDTH - _QR - 22
    digest = "　".join(paper.digest[i : i + 8] for i in range(0, 64, 8))
    rows = [
        ("受理编号", paper.number),
        ("查询码", paper.secret),
        ("收到时间", _second_words(paper.received_at)),
        ("提出人", paper.respondent),
        *([("所在地区", paper.region)] if paper.region else []),
        ("方式", f"{paper.channel}，{len(paper.remarks)}条意见"),
        *([("附件", paper.letter)] if paper.letter else []),
        ("内容摘要", digest),
        ("查询地址", paper.address),
    ]
    pages.rule(LEFT, LEFT + room, pages.y, 0.8)
    for label, value in rows:
        pages.y -= 3
        lines = pages.set(
            [(Role.BODY, for_print(one_line(value)))], _FACT, left=LEFT + _LABEL_WIDTH, width=room - _LABEL_WIDTH
        )
        name = pages.set([(Role.KAI, label)], _LABEL)[0]
        pages.type_at(name, _LABEL.size, pages.y - _LABEL.leading / 2 - 0.38 * _LABEL.size)
        for line in lines:
            pages.line(line, _FACT.size, _FACT.leading)
        pages.y -= 3
        pages.rule(LEFT, LEFT + room, pages.y, 0.4, is_grey=True)
    _qr(pages, paper.address, RIGHT - _QR, top - _QR)
    pages.y = min(pages.y, top - _QR) - 10


def _second_words(at: datetime) -> str:
    """An instant to the second, minutes also where there are none: 2022年3月12日9时00分05秒（北京时间）."""
    moment = in_beijing(at)
    return f"{date_words(moment.date())}{moment.hour}时{moment:%M分%S秒}（北京时间）"


def _qr(pages: Pages, address: str, left: float, bottom: float) -> None:
    rows = qr.modules(address)
    unit = _QR / len(rows)
    dark = [
        f"{left + column * unit:.2f} {bottom + (len(rows) - 1 - row) * unit:.2f} {unit + 0.02:.2f} {unit + 0.02:.2f} re"
        for row, cells in enumerate(rows)
        for column, is_dark in enumerate(cells)
        if is_dark
    ]
    pages.draw("q 0 g " + " ".join(dark) + " f Q")


def _section(pages: Pages, title: str) -> None:
    pages.ensure(4 * _SECTION.leading)
    pages.skip(8)
    for line in pages.set([(Role.HEADING, title)], _SECTION):
        pages.line(line, _SECTION.size, _SECTION.leading)
    pages.y -= 3
    pages.rule(LEFT, RIGHT, pages.y, 0.8)
    pages.y -= 6


def _remark(pages: Pages, position: int, remark: Remark) -> None:
    pages.ensure(_PLACE.leading + 2 * _WORDS.leading)
    place = for_print(f"{position}．{one_line(remark.citation)}　{one_line(remark.heading)[:40]}")
    for line in pages.set([(Role.HEADING, place)], _PLACE):
        pages.line(line, _PLACE.size, _PLACE.leading)
    for line in pages.set([(Role.KAI, f"{remark.stance}　{remark.reference}")], _SMALL):
        pages.line(line, _SMALL.size, _SMALL.leading)
    for label, text in (
        ("您说", remark.body),
        ("针对", remark.quote),
        ("建议改为", remark.proposed_text),
        ("商业秘密（不公开）", remark.confidential),
        ("依据材料", remark.evidence),
    ):
        if text:
            _said(pages, label, paragraphs(text))
    pages.y -= 4
    pages.rule(LEFT, RIGHT, pages.y, 0.4, is_grey=True)
    pages.y -= 7


def _said(pages: Pages, label: str, parts: Sequence[str]) -> None:
    """A label, and the words beside it in a column of their own."""
    for position, part in enumerate(parts):
        for number, line in enumerate(
            pages.set([(Role.BODY, for_print(part))], _WORDS, left=LEFT + _LABEL_WIDTH, width=WIDTH - _LABEL_WIDTH)
        ):
            pages.ensure(_WORDS.leading)
            if position == number == 0:
                shown = pages.set([(Role.KAI, label)], _LABEL, width=_LABEL_WIDTH)
                for below, name in enumerate(shown):
                    baseline = pages.y - _WORDS.leading / 2 - 0.38 * _LABEL.size - below * 13
                    pages.type_at(name, _LABEL.size, baseline)
            pages.line(line, _WORDS.size, _WORDS.leading)


def _notes(pages: Pages) -> None:
    pages.ensure(3 * _SMALL.leading)
    for note in _NOTES:
        for line in pages.set([(Role.KAI, note)], _SMALL):
            pages.ensure(_SMALL.leading)
            pages.line(line, _SMALL.size, _SMALL.leading)
