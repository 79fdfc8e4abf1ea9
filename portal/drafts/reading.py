"""The way from lines to a draft, one step after the other."""

from __future__ import annotations

import re
from collections.abc import Sequence

from portal.drafts.clauses import Beginnings, Segment, segments, uses_decimals
from portal.drafts.contents import contents_lines, entries
from portal.drafts.doubts import read_doubts
from portal.drafts.draft import Doubt, Draft, Junk
from portal.drafts.facts import read_facts
from portal.drafts.front import Front, is_body_name, is_date_line, is_field_line, is_title, read_front
from portal.drafts.lines import Line, Paragraph, read_lines
from portal.drafts.outline import build
from portal.drafts.pages import foot_of_page, is_chrome, is_spam, junk, page_furniture
from portal.drafts.responsibilities import read_responsibilities
from portal.drafts.sources import read_source
from portal.drafts.tables import regions
from portal.drafts.wraps import Measure, joined, mends, paragraphs

_PRINTED = re.compile(r"^(?:打\s*印\s+|\[?打印\]?\s+)+")
_SIGNED_OFF = re.compile(
    r"^[（(]?此件(?:公开|主动公开|依申请公开|不予公开)|^公开方式\s*[:：]|^[（(]?(?:联系人|联系电话)|印发$"
)


def parse(text: str) -> Draft:
    """The text of a draft as pasted or extracted in; its clauses, the notice's facts and every doubt out."""
    return parse_lines(read_lines(text))


def read(data: bytes, name: str) -> Draft:
    """A file's bytes and its name in; the draft out. Raises `portal.errors.Unreadable` with a sentence for the screen."""
    source = read_source(data, name)
    return parse_lines(source.lines, source.page, source.doubts)


def parse_lines(lines: Sequence[Line], page: dict[int, str] | None = None, noticed: Sequence[Doubt] = ()) -> Draft:
    """Lines of any source to a draft; `page` names lines the source knows to be the site's own."""
    set_aside: list[Junk] = []
    measure = Measure(lines)
    furniture = dict(page or {}) | page_furniture(lines, measure.wrapped)
    contents = contents_lines(lines, set(furniture))
    known = entries(lines, contents)
    furniture |= contents
    foot = foot_of_page(lines, 0)
    for i, line in enumerate(lines):
        if i in furniture or not line.text:
            continue
        if is_spam(line.text):
            furniture[i] = "垃圾内容"
        elif i >= foot:
            furniture[i] = "网页页脚"
    set_aside += [junk(lines[i], why) for i, why in furniture.items()]
    kept = [
        Line(line.number, line.text, line.indent, line.cells, line.frame)
        for i, line in enumerate(lines)
        if i not in furniture
    ]
    decimals = uses_decimals(kept)
    whole = _mended(
        paragraphs(_without_page_gaps(kept, furniture, lines), measure, Beginnings(measure, decimals, known))
    )
    parts = segments(whole, decimals)
    first = _first_clause(parts)
    front = read_front(parts, first)
    notice_end = _notice_end(parts, front, first)
    body_from = max(notice_end, front.begin)
    chrome = [k for k in front.chrome if k < body_from]
    set_aside += [Junk(parts[k].paragraph.line, parts[k].paragraph.text, "网页导航") for k in chrome]
    head = [parts[k].paragraph.text for k in range(body_from) if k not in set(chrome)]
    body_parts, signed = _without_signatures(parts[body_from:])
    set_aside += [Junk(part.paragraph.line, part.paragraph.text, "落款") for part in signed]
    outline = build(body_parts, regions(body_parts))
    nodes = outline.finished()
    tail = [item.text for item in set_aside if item.why == "落款"]
    facts = read_facts(front, head, tail, [part.paragraph.text for part in body_parts], 0)
    set_aside.sort(key=lambda item: item.line)
    texts = tuple(line.text or "\t".join(line.cells) for line in lines)
    return Draft(
        facts=facts,
        nodes=nodes,
        responsibilities=read_responsibilities(nodes),
        junk=tuple(set_aside),
        doubts=(*noticed, *read_doubts(nodes, facts, set_aside, texts)),
        lines=texts,
        notice="\n".join(head),
    )


def _without_page_gaps(kept: Sequence[Line], furniture: dict[int, str], lines: Sequence[Line]) -> list[Line]:
    """Blank lines around a page number are the page's, not the text's."""
    numbers = {lines[i].number for i, why in furniture.items() if why in {"页码", "页眉"}}
    if not numbers:
        return list(kept)
    near = set()
    for number in numbers:
        for step in (-1, 1):
            at = number + step
            while 1 <= at <= len(lines) and not lines[at - 1].text and not lines[at - 1].cells:
                near.add(at)
                at += step
    return [line for line in kept if line.text or line.cells or line.number not in near]


def _mended(whole: Sequence[Paragraph]) -> list[Paragraph]:
    """Paragraphs that were broken in mid-sentence joined; a button's word before the first sentence taken off."""
    out: list[Paragraph] = []
    for paragraph in whole:
        if _PRINTED.match(paragraph.text):
            paragraph.text = _PRINTED.sub("", paragraph.text)
        if out and _may_mend(out[-1], paragraph) and mends(out[-1].text, paragraph.text):
            out[-1].text = joined(out[-1].text, paragraph.text)
            out[-1].lines += paragraph.lines
        else:
            out.append(paragraph)
    return out


def _may_mend(left: Paragraph, right: Paragraph) -> bool:
    if left.cells or right.cells or left.frame != right.frame:
        return False
    return not (
        is_field_line(right.text) or is_date_line(right.text) or is_title(left.text) or is_field_line(left.text)
    )


def _first_clause(parts: Sequence[Segment]) -> int:
    """The index of the first segment that opens a clause of the draft itself."""
    for k, part in enumerate(parts):
        if part.mark is not None and part.mark.kind not in {"table", "annex"}:
            return k
    return len(parts)


def _notice_end(parts: Sequence[Segment], front: Front, first: int) -> int:
    """Where the notice ends when it is followed by the draft: at the draft's own title."""
    if front.draft_title is not None and len(front.titles) > 1:
        return front.begin
    return front.begin


def _without_signatures(parts: Sequence[Segment]) -> tuple[list[Segment], list[Segment]]:
    """Offices and dates that sign a document, and remarks about its publication, taken out of the body."""
    signed: set[int] = set()
    last_mark = max((k for k, part in enumerate(parts) if part.mark is not None), default=-1)
    for k, part in enumerate(parts):
        text = part.paragraph.text
        if part.mark is not None or part.paragraph.cells:
            continue
        if is_date_line(text) and len(text) <= 16:
            names = []
            j = k - 1
            while j >= 0 and parts[j].mark is None and is_body_name(parts[j].paragraph.text):
                names.append(j)
                j -= 1
            if names or k > last_mark:
                signed.update([k, *names])
        elif (_SIGNED_OFF.match(text) and len(text) < 40 and k > 0 and (k > last_mark or not text.startswith("联系"))) or (k > last_mark and len(text) < 60 and (is_chrome(text) or is_field_line(text) or is_body_name(text))):
            signed.add(k)
    return [p for k, p in enumerate(parts) if k not in signed], [p for k, p in enumerate(parts) if k in signed]
