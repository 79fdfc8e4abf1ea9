"""What stands before the first clause: the page's fields, titles, the notice, and where the draft itself begins."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from portal.drafts.clauses import Segment
from portal.drafts.headlines import (
    ASKS,
    CONSULTS,
    ENACTED,
    PROSE,
    TITLE_FIELD,
    is_body_name,
    is_date_line,
    is_field_line,
    is_number_line,
    is_title,
)
from portal.drafts.lines import squeezed
from portal.drafts.pages import is_chrome


@dataclass(slots=True)
class Front:
    """What stands before the draft: `titles` as (index, title, last index); `begin` is where its own words begin."""

    titles: list[tuple[int, str, int]] = field(default_factory=list)
    begin: int = 0
    draft_title: str | None = None
    title: str | None = None
    notice_from: int = 0
    chrome: list[int] = field(default_factory=list)
    fields: list[int] = field(default_factory=list)


def read_front(parts: Sequence[Segment], first: int) -> Front:
    """The segments before the first clause at `first` in; what they are out."""
    front = Front()
    front.titles = _titles(parts, first)
    if not front.titles or _is_guess(parts, front):
        # A menu may number its entries: the title then stands below what looked like the first clause.
        lower = _title_below_menu(parts, first)
        if lower is not None:
            return read_front(parts, lower)
    titles = front.titles
    if titles:
        front.title = titles[0][1]
        last = titles[-1]
        own = [t for t in titles if not _announces(t[1])]
        notices = [t for t in titles if _announces(t[1])]
        front.title = (notices or titles)[0][1]
        front.notice_from = titles[0][0]
        if notices and own and own[-1][0] > notices[0][0]:
            front.draft_title = own[-1][1]
            front.begin = own[-1][2] + 1
        elif own and not notices:
            front.draft_title = own[-1][1]
            front.begin = last[2] + 1
        else:
            front.begin = last[2] + 1
    front.begin = _past_fields(parts, front, first)
    if front.draft_title is None and CONSULTS.search(front.title or ""):
        below = _draft_below(parts, front, first)
        if below is None:
            front.begin = _end_of_notice(parts, front, first)
        else:
            end = below
            while end + 1 < len(parts) and parts[end + 1].mark is None and _goes_on(parts[end + 1].paragraph.text):
                end += 1
            front.draft_title = "".join(parts[k].paragraph.text for k in range(below, end + 1))
            front.titles.append((below, front.draft_title, end))
            front.begin = end + 1
            front.begin = _past_fields(parts, front, _next_clause(parts, end))
    for k in range(min(front.begin, len(parts))):
        text = parts[k].paragraph.text
        if is_field_line(text) or is_date_line(text) or is_number_line(text):
            front.fields.append(k)
        elif k < front.notice_from or is_chrome(text):
            front.chrome.append(k)
    return front


def _draft_below(parts: Sequence[Segment], front: Front, first: int) -> int | None:
    """A notice may number its own paragraphs: the draft then begins at its title further down."""
    named = re.search(r"《(.{4,80})》", front.title or "")
    wanted = _bare_title(named[1]) if named else ""
    for k in range(first, min(len(parts), first + 60)):
        text = parts[k].paragraph.text
        if parts[k].mark is None and is_title(text) and _next_clause(parts, k) < len(parts):
            bare = _bare_title(text)
            if (wanted and bare == wanted) or re.search(
                r"[（(](?:征求意见|徵求意見|征求意見|公开征求意见|送审|草案)", text
            ):
                return k
    return None


def _bare_title(text: str) -> str:
    return squeezed(re.sub(r"[（(][^（）()]*(?:稿|草案)[）)]", "", text))


def _next_clause(parts: Sequence[Segment], after: int) -> int:
    return next((k for k in range(after + 1, len(parts)) if parts[k].mark is not None), len(parts))


def _is_guess(parts: Sequence[Segment], front: Front) -> bool:
    return not is_title(parts[front.titles[0][0]].paragraph.text)


def _title_below_menu(parts: Sequence[Segment], first: int) -> int | None:
    """Where the first clause is when everything up to a title further down is a menu of short words."""
    for k in range(first, min(len(parts), first + 40)):
        text = parts[k].paragraph.text
        if parts[k].mark is None and is_title(text) and len(text) >= 10:
            lower = _next_clause(parts, k)
            return lower if k > first and lower < len(parts) else None
        if len(text) > 20 or text.endswith(("。", "；", "：")):
            return None
    return None


def _end_of_notice(parts: Sequence[Segment], front: Front, first: int) -> int:
    """A notice without the draft's own title: its words go as far as it asks for opinions and says where to."""
    end = front.begin
    for k in range(front.begin, min(first, front.begin + 30)):
        text = parts[k].paragraph.text
        if ASKS.search(text) and not (len(text) > 400 and k > front.begin + 3):
            end = k + 1
    return end


def _matching_field(parts: Sequence[Segment], first: int) -> list[tuple[int, str, int]]:
    """The lines that together say what the page's field 标题 says: a title may be broken anywhere."""
    wanted = ""
    for part in parts[:first]:
        match = TITLE_FIELD.search(part.paragraph.text)
        if match:
            wanted = squeezed(match[1])
            break
    if len(wanted) < 8:
        return []
    for start in range(first):
        whole = ""
        for end in range(start, min(start + 5, first)):
            whole += squeezed(parts[end].paragraph.text)
            if whole == wanted:
                return [(start, whole, end)]
            if not wanted.startswith(whole):
                break
    return []


def _announces(title: str) -> bool:
    """Whether a title is a notice about a draft and not the draft's own."""
    bare = re.sub(r"[（(]征求意[见見]稿[）)]", "", re.sub(r"《[^》]*》", "《》", title))
    return bool(re.search(r"(?:公告|通知|公示|通告|启事|函)$|公开征求|公開征求|征求意见$|印发|印發|转发|轉發", bare))


def _titles(parts: Sequence[Segment], first: int) -> list[tuple[int, str, int]]:
    found: list[tuple[int, str, int]] = []
    k = 0
    known = _matching_field(parts, first)
    while k < first:
        text = parts[k].paragraph.text
        if known and k == known[0][0]:
            found += known
            k = known[0][2] + 1
            continue
        if parts[k].mark is not None or parts[k].paragraph.cells or len(text) > 140 or is_chrome(text):
            k += 1
            continue
        if is_title(text) and not text.startswith("《"):
            start = _title_start(parts, k)
            whole = "".join(parts[j].paragraph.text for j in range(start, k + 1))
            end = k
            if k + 1 < first and _goes_on(parts[k + 1].paragraph.text):
                end = k + 1
                whole += parts[end].paragraph.text
                if end + 1 < first and _goes_on(parts[end + 1].paragraph.text):
                    end += 1
                    whole += parts[end].paragraph.text
            found.append((start, whole, end))
            k = end + 1
            continue
        k += 1
    if not found and first > 0:
        found = _by_place(parts, first)
    return found


def _by_place(parts: Sequence[Segment], first: int) -> list[tuple[int, str, int]]:
    """No line ends like a title: the first short line that is no field, button or prose."""
    for k in range(min(first, 12)):
        text = parts[k].paragraph.text
        if 6 <= len(text) <= 80 and not PROSE.search(text) and not is_chrome(text) and not is_field_line(text):
            if text.endswith(("：", ":")) or is_date_line(text) or is_number_line(text):
                continue
            return [(k, text, k)]
    return []


def _goes_on(text: str) -> bool:
    """A line under the title that belongs to it: （2021年-2035年）, （征求意见稿）."""
    return (bool(re.match(r"^[（(〔][^。；]{2,20}[）)〕]$", text)) and not ENACTED.match(text)) or text in {
        "若干措施",
        "的通知",
    }


def _title_start(parts: Sequence[Segment], end: int) -> int:
    """A title may be broken over lines: take in what goes before as long as it cannot stand alone."""
    start = end
    while start > 0 and end - start < 3:
        before, here = parts[start - 1].paragraph.text, parts[start].paragraph.text
        if parts[start - 1].mark is not None or parts[start - 1].paragraph.cells or is_chrome(before):
            break
        if is_field_line(before) or is_date_line(before) or is_number_line(before) or is_title(before):
            break
        if before.endswith(("：", ":", "。")) or PROSE.search(before) or len(before) > 70:
            break
        broken = ("关于" in before or "關於" in before or "關于" in before) and not here.startswith(
            ("关于", "關於", "關于")
        )
        signed = here.startswith(("关于", "關於", "關于")) and is_body_name(before)
        if not broken and not signed:
            break
        start -= 1
    return start


def _past_fields(parts: Sequence[Segment], front: Front, first: int) -> int:
    """Below the title may stand the number, dates, fields and 题注 before the words of the draft begin."""
    k = front.begin
    while k < first:
        text = parts[k].paragraph.text
        if (
            is_field_line(text)
            or is_date_line(text)
            or is_number_line(text)
            or (is_chrome(text) and len(text) < 80)
            or (ENACTED.match(text) and len(text) < 300 and not text.endswith("。"))
            or (is_body_name(text) and k + 1 < first and is_date_line(parts[k + 1].paragraph.text))
            or text in {"-", "|", "打印"}
        ):
            k += 1
            continue
        break
    return k
