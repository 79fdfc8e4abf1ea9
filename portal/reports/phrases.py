"""The sentences of the moderated summary: figures in, official Chinese out. Every file says them in the same words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date

from portal.drafts.difference import passage
from portal.reports.characters import one_line
from portal.reports.summary import ClauseSummary, CommentLine, Summary, Totals
from portal.rules.answering import IN_DRAFT
from portal.rules.window import closing_words, date_words, day_in_beijing, instant_words, words
from portal.rules.words import CommentState, Disposition, LabelledEnum

_DIGITS = "零一二三四五六七八九"
_UNITS = ((1000, "千"), (100, "百"), (10, "十"))
_DRAFT_SUFFIX = "（征求意见稿）"
_MARKED_DRAFT = re.compile("《[^《》]*(?:《[^《》]*》[^《》]*)*征求意见稿[^《》]*》")
WHOLE_DRAFT = "全文"

#: The narrow words for a table head; the long ones are for sentences.
SHORT_STATE = {
    CommentState.PENDING: "待审",
    CommentState.PUBLISHED: "公开",
    CommentState.MERGED: "并入",
    CommentState.WITHHELD: "不予公开",
    CommentState.WITHDRAWN: "撤回",
}


def numeral(number: int) -> str:
    """1 → 一, 10 → 十, 23 → 二十三, 105 → 一百零五; up to 9999."""
    said, rest, gap = "", number, False
    for unit, name in _UNITS:
        digit, rest = divmod(rest, unit)
        if digit:
            said += ("零" if gap else "") + _DIGITS[digit] + name
            gap = False
        elif said:
            gap = True
    if rest:
        said += ("零" if gap else "") + _DIGITS[rest]
    return said.removeprefix("一") if 10 <= number < 20 else said


def draft_name(summary: Summary) -> str:
    """《…（征求意见稿）》, whether the stored title is the bare name, the marked name or the notice's title."""
    name = one_line(summary.draft_title)
    if marked := _MARKED_DRAFT.search(name):
        return marked.group()
    if name.startswith("《") and name.endswith("》") and name.count("《") == 1:
        name = name[1:-1]
    return f"《{name}》" if "征求意见稿" in name else f"《{name}{_DRAFT_SUFFIX}》"


def version_words(summary: Summary) -> str:
    return f"第{summary.version}稿"


def cut_off_words(summary: Summary) -> str:
    """The instant up to which the report counts: 2026年4月2日0时（北京时间）."""
    return f"{instant_words(summary.cut_off_at)}（北京时间）"


def window_words(summary: Summary) -> str:
    return summary.window_words or words(summary.opens_at, summary.closes_at)


def window_days(summary: Summary) -> str:
    """2022年2月10日至2022年3月12日24时, for the first line of a letter."""
    return f"{date_words(day_in_beijing(summary.opens_at))}至{closing_words(summary.closes_at)}"


def clause_name(clause: ClauseSummary) -> str:
    """The citation of a clause, 全文 for the draft as a whole."""
    return clause.citation or WHOLE_DRAFT


def clause_title(clause: ClauseSummary) -> str:
    """The citation followed by the heading, when there is one, on one line and without the stop that may end it."""
    name, heading = one_line(clause_name(clause)), one_line(clause.heading).rstrip("。；;")
    return f"{name}　{heading}" if heading and heading != name else name


def reference(line: CommentLine) -> str:
    """[C-34]: how every sentence and row points to one comment."""
    return f"[{line.reference}]"


def replaced(line: CommentLine) -> str:
    """What the draft says where an answer has new words for it: the sentences those stand for, or where they are old
    words all of it; empty when the answer has no words for the draft.
    """
    if line.changed_text.strip().rstrip("。") == IN_DRAFT:
        return line.original_text
    return passage(line.original_text, line.changed_text) if line.changed_text else ""


def who(line: CommentLine) -> str:
    """（2026年3月2日，网上，企业）: on what Beijing day, by what way and as whom.

    The day comes first: a long line is then broken among words, not inside a date.
    """
    day = date_words(day_in_beijing(line.received_at))
    return f"（{day}，{line.channel.label}，{line.respondent_kind.label}）"


def sum_of(totals: Totals, *, with_zeros: bool = True) -> str:
    """收到9条＝待审0条＋公开5条＋并入相同意见2条＋不予公开1条＋撤回1条; the states with no comment may be left out."""
    parts = [f"{state.label}{count}条" for state, count in totals.parts() if count or with_zeros]
    return f"收到{totals.received}条＝{'＋'.join(parts)}" if parts else f"收到{totals.received}条"


def share_words(totals: Totals) -> str:
    """其中公开280条、不予公开12条: what the comments received are, for a letter; what there is none of is not told."""
    found = [(state, count) for state, count in totals.parts() if count]
    if len(found) == 1:
        return f"均{found[0][0].label}"
    return "其中" + "、".join(f"{state.label}{count}条" for state, count in found)


def counts(pairs: Iterable[tuple[LabelledEnum, int]]) -> str:
    """赞成3条，建议修改5条: members that occur, in the order given; empty when none does.

    With commas, for a kind may have a pause mark in its own name (高校、科研院所).
    """
    return "，".join(f"{member.label}{count}条" for member, count in pairs if count)


def labelled(rows: Iterable[tuple[LabelledEnum, int, int]]) -> list[tuple[str, int, int]]:
    """Rows of a table by the words of their members."""
    return [(member.label, pieces, remarks) for member, pieces, remarks in rows]


def withheld_words(totals: Totals) -> str:
    """与草案无关2条，广告1条: why comments were withheld; empty when none was."""
    return "，".join(f"{said}{count}条" for _, said, count in totals.withheld_by_reason if count)


def basic_facts(summary: Summary) -> Iterator[str]:
    """The paragraphs of 基本情况."""
    kind = f"文件类型为{summary.document_type}。" if summary.document_type else ""
    published = f"征求意见稿于{date_words(day_in_beijing(summary.published_at))}公布，" if summary.published_at else ""
    channels = f"，意见来自{'、'.join(summary.channels)}等渠道" if summary.channels and summary.submissions else ""
    yield (
        f"{summary.bureau}就{draft_name(summary)}（{version_words(summary)}）向社会公开征求意见。{kind}"
        f"{published}征求意见时间为{window_words(summary)}{channels}。"
    )
    yield from summary.window_notes
    if summary.columns:
        yield "；".join(f"{name}：{value}" for name, value in summary.columns.items()) + "。"
    if summary.views:
        yield f"截至统计时间，征求意见网页浏览{summary.views}次。"
    if summary.outreach.strip():
        yield f"宣传和听取意见的工作：{one_line(summary.outreach)}"
    yield f"本报告统计截至{cut_off_words(summary)}收到的全部意见。"
    if summary.url:
        yield f"征求意见网页：{summary.url}"


def received_words(summary: Summary) -> str:
    """How much came in, and the balance in full."""
    if not summary.totals.received and not summary.submissions:
        return f"征求意见期间，未收到社会公众提出的意见建议。来稿0件，意见0条：{sum_of(summary.totals)}。"
    withheld = withheld_words(summary.totals)
    because = f"不予公开的{summary.totals.withheld}条，理由为：{withheld}。" if withheld else "没有不予公开的意见。"
    return f"共收到来稿{summary.submissions}件、意见{summary.totals.received}条。{sum_of(summary.totals)}。{because}"


def untouched(summary: Summary) -> list[ClauseSummary]:
    """The clauses of the draft that received no comment."""
    return [clause for clause in summary.clauses if clause.label and not clause.totals.received]


def distribution_words(summary: Summary, list_at_most: int = 30) -> str:
    """How many clauses were spoken of, and which were not; a long list is given by its number only."""
    clauses = sum(1 for clause in summary.clauses if clause.label)
    if not summary.totals.received:
        return f"征求意见稿共{clauses}个条款，均未收到意见。"
    whole = sum(clause.totals.received for clause in summary.clauses if not clause.label)
    silent = untouched(summary)
    said = f"征求意见稿共{clauses}个条款，{summary.clauses_with_comments}个条款收到意见"
    said += f"，另有针对全文的意见{whole}条。" if whole else "。"
    if not silent:
        return said
    said += f"未收到意见的条款{len(silent)}个"
    above = _above_spoken(summary)
    alone = [clause for clause in silent if clause.label not in above]
    if held := len(silent) - len(alone):
        said += f"，其中{held}个的下级条款收到意见" if alone else "，它们的下级条款收到意见"
    if not alone or len(alone) > list_at_most:
        return f"{said}。"
    names = "、".join(clause_name(clause) for clause in alone)
    return f"{said}；其余{len(alone)}个为{names}。" if held else f"{said}：{names}。"


def _above_spoken(summary: Summary) -> set[str]:
    """The labels of the clauses under which another clause received comments."""
    found: set[str] = set()
    over: list[ClauseSummary] = []
    for clause in summary.clauses:
        while over and over[-1].depth >= clause.depth:
            over.pop()
        if clause.totals.received:
            found.update(each.label for each in over)
        if clause.label:
            over.append(clause)
    return found


def clause_figures(clause: ClauseSummary) -> str:
    """The balance of one clause, why comments of it were withheld, and its figures by stance and by kind."""
    withheld = withheld_words(clause.totals)
    parts = [
        sum_of(clause.totals, with_zeros=False) + (f"（不予公开理由：{withheld}）" if withheld else ""),
        f"态度：{stances}" if (stances := counts(clause.by_stance)) else "",
        f"提出人：{kinds}" if (kinds := counts(clause.by_kind)) else "",
    ]
    return "。".join(part for part in parts if part) + "。"


def answered(summary: Summary) -> int:
    """How many comments have a disposition."""
    return sum(count for _, count in summary.dispositions)


def unanswered(summary: Summary) -> int:
    """How many published comments have no disposition yet."""
    return summary.totals.published - answered(summary)


def disposition_words(summary: Summary) -> str:
    """采纳1条、部分采纳2条、解释说明3条: only what occurs, in the fixed order."""
    found = dict(summary.dispositions)
    return "、".join(f"{kind.label}{found[kind]}条" for kind in Disposition if found.get(kind))


def rest_words(summary: Summary) -> str:
    """What became of the comments that have no disposition; empty when every one has. With them the sum is whole."""
    totals = summary.totals
    rest = totals.received - answered(summary)
    if not rest:
        return ""
    parts = [
        (CommentState.MERGED.label, totals.merged),
        (CommentState.WITHHELD.label, totals.withheld),
        (CommentState.WITHDRAWN.label, totals.withdrawn),
        (CommentState.PENDING.label, totals.pending),
        ("公开后尚未办理", unanswered(summary)),
    ]
    told = [(name, count) for name, count in parts if count]
    return f"其余{rest}条为" + (told[0][0] if len(told) == 1 else "、".join(f"{name}{count}条" for name, count in told))


def answers_words(summary: Summary) -> str:
    """What became of everything received: the sentence of 办理情况."""
    rest = rest_words(summary)
    parts = [part for part in (disposition_words(summary), rest) if part]
    return f"收到的{summary.totals.received}条意见中，{'；'.join(parts)}。"


def answer_rows(summary: Summary) -> list[tuple[str, int]]:
    """The rows of 办理情况, which sum to what was received: outcomes, then what has none."""
    found = dict(summary.dispositions)
    rows = [(kind.label, found[kind]) for kind in Disposition if found.get(kind)]
    rows.append(("公开后尚未办理", unanswered(summary)))
    rows += [
        (f"{state.label}（不单独办理）", count)
        for state, count in summary.totals.parts()
        if state is not CommentState.PUBLISHED
    ]
    return [(name, count) for name, count in rows if count]


def adoption_rate(summary: Summary) -> str:
    """The rate with its formula: 采纳率＝（采纳＋部分采纳）÷（采纳＋部分采纳＋未采纳）＝（1＋2）÷（1＋2＋1）＝75.0%."""
    found = dict(summary.dispositions)
    adopted = found.get(Disposition.ADOPTED, 0)
    partly = found.get(Disposition.PARTLY_ADOPTED, 0)
    refused = found.get(Disposition.NOT_ADOPTED, 0)
    formula = "采纳率＝（采纳＋部分采纳）÷（采纳＋部分采纳＋未采纳）"
    whole = adopted + partly + refused
    if not whole:
        return f"{formula}；没有可以计算采纳率的意见"
    # Whole tenths of a percent, rounded half up: a float would print 12.5 ‰ differently from what one expects.
    tenths = (2000 * (adopted + partly) + whole) // (2 * whole)
    return f"{formula}＝（{adopted}＋{partly}）÷（{adopted}＋{partly}＋{refused}）＝{tenths // 10}.{tenths % 10}%"


#: What a reader must know to use the figures rightly (说明).
METHOD_NOTES = (
    "件指来稿，条指意见；一件来稿可以包含多条意见。",
    "合计覆盖截至统计时间收到的全部意见；文中逐条刊印的只是审核后公开的意见，并入相同意见、不予公开、撤回和待审的只计数。",
    "公开的意见已隐去个人信息，其余文字照录，不作改动；批评草案不是不予公开的理由。",
    "方括号内为意见编号，凭编号可在征求意见网页查到该条意见。",
    "观点由程序按文字的相近程度在同一条款内归集，由工作人员合并、拆分、移动和命名；只有一人提出的实质意见单独列出，不因人少而省略。",
    "同一观点按提出人、态度、提出方式分别计数，不合并计算；同一批相同、相近意见同时列明条数和不同文本的数目。",
    "并入相同意见，是指与已公开的某条意见文字相同或者十分相近，经审核人员确认后归并。",
)


def days_with_comments(summary: Summary) -> list[tuple[date, int]]:
    """The days on which comments arrived."""
    return [(day, count) for day, count in summary.by_day if count]
