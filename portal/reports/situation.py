"""The report that goes up with the draft (关于……公开征求意见情况的说明, form C-1), with the working table as its annex.

What the portal cannot know stands as 【请填写：……】, to be filled in before the report is signed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from portal.reports import alike, docx, phrases, word_package, working_table
from portal.reports.blocks import Annex, Block, Enclosure, Heading, Prose, Signed, Title
from portal.reports.characters import one_line, shortened
from portal.reports.references import bracketed
from portal.reports.summary import Summary, require_balance
from portal.reports.title_lines import title_lines
from portal.reports.wordml import Section, paragraph
from portal.reports.working_table import Backing, WorkingRow
from portal.rules.answering import IN_DRAFT
from portal.rules.regions import NOT_GIVEN
from portal.rules.window import closing_words, date_words, day_in_beijing, last_day
from portal.rules.words import Disposition

MIMETYPE = word_package.MIMETYPE
#: how many changes and how many refusals are told one by one; the annex has all
_TOLD = 30
_LENGTH = 300
#: how many of the opinions that are answered together are told, and how much of each
_OPINIONS, _SHORTER = 5, 120
#: characters of a title in a line of a turned page
_TURNED = 28


def render(summary: Summary, backing: Mapping[str, Backing], campaigns: Sequence[str] = ()) -> bytes:
    """The report as a Word file. `campaigns` say what many people asked for that was not adopted, one sentence each."""
    require_balance(summary)
    rows = working_table.folded(working_table.rows(summary, backing))
    title = _title(summary)
    return word_package.package(
        _body(summary, rows, campaigns),
        title=title,
        author=summary.bureau,
        made_at=summary.cut_off_at,
        last=Section(is_landscape=bool(rows)),
    )


def _title(summary: Summary) -> str:
    return f"关于{_name(summary)}公开征求意见情况的说明"


def _annex(summary: Summary) -> str:
    return f"{_name(summary)}{working_table.NAME}"


def _name(summary: Summary) -> str:
    return phrases.draft_name(summary).replace("（征求意见稿）", "")


def _body(summary: Summary, rows: Sequence[WorkingRow], campaigns: Sequence[str]) -> Iterator[str]:
    yield from docx.body(blocks(summary, rows, campaigns))
    if not rows:
        return
    yield f"<w:p><w:pPr>{Section().xml()}</w:pPr></w:p>"
    yield from docx.body([Annex(tuple(title_lines(_annex(summary), _TURNED)), "annex")])
    yield working_table.word_table(rows, first_mark=docx.ANNEX_MARK + 1)
    yield paragraph("Gap", "")


def blocks(summary: Summary, rows: Sequence[WorkingRow], campaigns: Sequence[str] = ()) -> Iterator[Block]:
    """The report, from its title to its signature."""
    yield Title(tuple(title_lines(_title(summary))))
    yield Heading(1, "一、基本情况", "section-1")
    yield Prose(_basics(summary))
    for note in summary.window_notes:
        yield Prose(note)
    yield Heading(1, "二、收到意见情况", "section-2")
    yield Prose(_received(summary, rows))
    yield Heading(1, "三、研究采纳情况", "section-3")
    yield from _studied(summary, rows)
    yield Heading(1, "四、有关问题的说明", "section-4")
    for number, said in enumerate(campaigns, 1):
        yield Prose(f"（{phrases.numeral(number)}）{said}")
    if not campaigns:
        yield Prose("没有意见较为集中而未采纳的问题。")
    yield Prose("【请填写：主要分歧及协调情况；公平竞争审查听取意见的情况】")
    if rows:
        yield Enclosure(_annex(summary))
    yield Signed(summary.bureau, date_words(day_in_beijing(summary.cut_off_at)))


def _basics(summary: Summary) -> str:
    first, last = day_in_beijing(summary.opens_at), last_day(summary.closes_at)
    days = (last - first).days
    channels = "、".join(summary.channels) or "网上"
    return (
        f"{summary.bureau}于{date_words(first)}至{closing_words(summary.closes_at)}，通过{channels}等方式就"
        f"{phrases.draft_name(summary)}向社会公开征求意见，共{days}日（首日不计；首尾均计为{days + 1}日）。"
        "同时书面征求了【请填写：几】个部门、【请填写：几】家企业和行业协会商会的意见，召开座谈会【请填写：几】次。"
    )


def _received(summary: Summary, rows: Sequence[WorkingRow]) -> str:
    if not summary.totals.received:
        return "征求意见期间，未收到社会公众提出的意见建议。"
    channels = "、".join(f"{channel.label}{pieces}件" for channel, pieces, _ in summary.by_channel if pieces)
    kinds = "，".join(f"{kind.label}{pieces}件" for kind, pieces, _ in summary.by_kind if pieces)
    spoken = [phrases.clause_name(clause) for clause in summary.clauses if clause.label and clause.comments]
    where = f"，涉及{spoken[0]}等{len(spoken)}处内容" if len(spoken) > 1 else f"，涉及{spoken[0]}" if spoken else ""
    regions = "，".join(f"{region or NOT_GIVEN}{pieces}件" for region, pieces, _ in summary.by_region)
    said = (
        f"共收到来稿{summary.submissions}件，其中{channels}；来自{kinds}{f'；按所在地区，{regions}' if regions else ''}。"
        f"共有意见{summary.totals.received}条，{phrases.share_words(summary.totals)}。"
    )
    if rows:
        said += f"公开的意见经梳理、合并重复后，形成意见建议{len(rows)}条{where}。"
    out = dict(summary.dispositions).get(Disposition.OUT_OF_SCOPE, 0)
    return said + (f"另有{out}条不属于本次征集范围，已转【请填写：单位】办理。" if out else "")


def _studied(summary: Summary, rows: Sequence[WorkingRow]) -> Iterator[Block]:
    if not summary.totals.received:
        yield Prose("没有需要研究采纳的意见。")
        return
    yield Prose(phrases.answers_words(summary))
    yield Prose(f"{phrases.adoption_rate(summary)}。")
    adopting = (Disposition.ADOPTED.label, Disposition.PARTLY_ADOPTED.label)
    changes = [row for row in rows if row.outcome in adopting and row.answer and not row.answer.startswith(IN_DRAFT)]
    if changes:
        yield Prose("主要修改如下：")
        yield from _listed(changes)
    refused = [row for row in rows if row.outcome == Disposition.NOT_ADOPTED.label]
    if refused:
        yield Prose("未采纳的意见及理由：")
        yield from _listed(refused, with_comment=True)


def _listed(rows: Sequence[WorkingRow], *, with_comment: bool = False) -> Iterator[Block]:
    # comments that want the same and are answered alike are one change, however differently they say so
    alike_answered: dict[tuple[str, ...], list[WorkingRow]] = {}
    for row in rows:
        alike_answered.setdefault((row.clause, row.outcome, row.answer), []).append(row)
    found = list(alike_answered.values())
    for number, together in enumerate(found[:_TOLD], 1):
        row = together[0]
        opinions = _opinions(together) if with_comment else []
        count = sum(each.count for each in together)
        several = f"，意见{len(opinions)}种" if len(opinions) > 1 else ""
        again = f"（{count}条{several}）" if count > 1 else ""
        said = _said(opinions) if with_comment else ""
        # of several opinions each has its references behind it
        told = "" if several else bracketed(_references(together))
        answer = "".join(_ended(one_line(part)) for part in row.answer.split("\n"))
        where = row.clause.rstrip("。")
        yield Prose(f"（{phrases.numeral(number)}）{where}{again}：{said}{_ended(shortened(answer, _LENGTH))}{told}")
    if len(found) > _TOLD:
        yield Prose(f"其余{sum(each.count for some in found[_TOLD:] for each in some)}条见附件。")


def _opinions(rows: Sequence[WorkingRow]) -> list[list[WorkingRow]]:
    """The rows by what they say, what most people say first."""
    found: dict[str, list[WorkingRow]] = {}
    for row in rows:
        found.setdefault(row.opinion, []).append(row)
    return sorted(found.values(), key=_size, reverse=True)


def _size(rows: Sequence[WorkingRow]) -> int:
    return sum(row.count for row in rows)


def _said(opinions: Sequence[Sequence[WorkingRow]]) -> str:
    """意见：甲。理由：, or 意见：1.甲[C-15]；2.乙（3条）[C-2、C-7、C-9]。理由：: nobody is told to have said what another did."""
    if len(opinions) == 1:
        return f"意见：{_ended(_words(opinions[0], _LENGTH))}理由："
    parts = [
        f"{number}.{_words(rows, _SHORTER, counts=True).rstrip('。')}{bracketed(_references(rows))}"
        for number, rows in enumerate(opinions[:_OPINIONS], 1)
    ]
    if rest := opinions[_OPINIONS:]:
        references = _references([row for rows in rest for row in rows])
        parts.append(f"另有{len(rest)}种意见{len(references)}条，见附件{bracketed(references)}")
    return f"意见：{'；'.join(parts)}。理由："


def _references(rows: Sequence[WorkingRow]) -> list[str]:
    found = [reference for row in rows for reference in row.references]
    return sorted(found, key=lambda reference: int(reference.removeprefix("C-")))


def _words(rows: Sequence[WorkingRow], limit: int, *, counts: bool = False) -> str:
    """What the comments of one opinion say: the words of most, what is proposed with them, and in how many wordings.

    With `counts` it also says how many they are.
    """
    most = max(rows, key=lambda row: row.count)
    said = shortened(one_line(most.comment), limit)
    if most.proposed:
        said = f"{_ended(said)}建议改为：{shortened(one_line(most.proposed), limit)}"
    facts = [f"{_size(rows)}条"] if counts and _size(rows) > 1 else []
    facts += filter(None, [alike.wordings([line for row in rows for line in row.lines])])
    return f"{said.rstrip('。')}（{'，'.join(facts)}）" if facts else said


def _ended(words: str) -> str:
    """The words with one full stop at their end."""
    return words if words.endswith(("。", "。”", "？", "！", "……")) else f"{words}。"
