"""The way from lines to a draft, one step after the other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from portal.drafts.clauses import Beginnings, Segment, segments, uses_decimals, without_glued_pages
from portal.drafts.contents import contents_lines, entries
from portal.drafts.doubts import read_doubts
from portal.drafts.draft import Doubt, Draft, Junk
from portal.drafts.facts import read_facts
from portal.drafts.front import read_front
from portal.drafts.headlines import is_body_name, is_date_line, is_field_line, is_title
from portal.drafts.lines import Line, Paragraph, read_lines
from portal.drafts.outline import build
from portal.drafts.pages import foot_of_page, is_chrome, is_spam, page_furniture
from portal.drafts.responsibilities import read_responsibilities
from portal.drafts.sources import read_source, within_limits
from portal.drafts.tables import regions
from portal.drafts.wraps import Measure, joined, mends, paragraphs

_PRINTED = re.compile(r"^(?:打\s*印\s+|\[?打印\]?\s+)+(?=\S)")
# 2017年1月4日 whose 年, 月 and 日 were lost on the way.
_DAMAGED_DATE = re.compile(r"^(?:19|20)\d{4,6}$")
_DATED_HEAD = re.compile(
    r"^((?:19|20)\d{2}\s*年\s*\d{1,2}\s*月(?:\s*\d{1,2}\s*日)?)\s+(前\s*言|序\s*言|总\s*则|引\s*言)$"
)
_SIGNED_OFF = re.compile(
    r"^[（(]?此件(?:公开|主动公开|依申请公开|不予公开)|^公开方式\s*[:：]|^[（(]?(?:联系人|联系电话)|印发$"
)


def parse(text: str) -> Draft:
    """The text of a draft as pasted or extracted in; its clauses, the notice's facts and every doubt out.

    Raises `portal.errors.Unreadable` for a text far longer than any draft.
    """
    return parse_lines(read_lines(text))


def read(data: bytes, name: str) -> Draft:
    """A file's bytes and name in; the draft out. Raises `portal.errors.Unreadable` with a sentence for the screen."""
    source = read_source(data, name)
    return parse_lines(source.lines, source.page, source.doubts)


def parse_lines(lines: Sequence[Line], page: dict[int, str] | None = None, noticed: Sequence[Doubt] = ()) -> Draft:
    """Lines of any source to a draft; `page` names lines the source knows to be the site's own."""
    within_limits(lines)
    measure = Measure(lines)
    furniture, known = _furniture(lines, page or {}, measure)
    set_aside = [Junk(lines[i].number, lines[i].text or " ".join(lines[i].cells), why) for i, why in furniture.items()]
    kept = [line for i, line in enumerate(lines) if i not in furniture]
    decimals = uses_decimals(kept)
    if decimals:
        kept, pages = without_glued_pages(kept)
        set_aside += [Junk(line.number, line.text, "页码") for line in pages]
    unwrapped = paragraphs(_without_page_gaps(kept, furniture, lines), measure, Beginnings(measure, decimals, known))
    whole, buttons = _mended(unwrapped)
    parts = segments(whole, decimals)
    front = read_front(parts, _first_clause(parts))
    head = [k for k in range(front.begin) if k not in front.chrome]
    body, signed = _without_signatures(parts[front.begin :])
    set_aside += _as_junk([parts[k] for k in front.chrome if k < front.begin], "网页导航", lines)
    set_aside += [*_as_junk(signed, "落款", lines), *buttons]
    set_aside.sort(key=lambda item: item.line)
    nodes = build(body, regions(body)).finished()
    notice = [parts[k].paragraph.text or "\t".join(parts[k].paragraph.cells) for k in head]
    facts = read_facts(front, notice, [part.paragraph.text for part in signed], [part.paragraph.text for part in body])
    texts = tuple(line.text or "\t".join(line.cells) for line in lines)
    return Draft(
        facts=facts,
        nodes=nodes,
        responsibilities=read_responsibilities(nodes),
        junk=tuple(set_aside),
        doubts=(*noticed, *read_doubts(nodes, facts, set_aside, texts)),
        lines=texts,
        notice="\n".join(notice),
    )


def _furniture(lines: Sequence[Line], page: dict[int, str], measure: Measure) -> tuple[dict[int, str], frozenset[str]]:
    """Indexes of lines that are no part of the draft, with why, and the headings the contents list names."""
    furniture = dict(page) | page_furniture(lines, measure.wrapped)
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
    return furniture, known


def _without_page_gaps(kept: Sequence[Line], furniture: dict[int, str], lines: Sequence[Line]) -> list[Line]:
    """Blank lines around a page number are the page's, not the text's."""
    near: set[int] = set()
    for i, why in furniture.items():
        if why not in {"页码", "页眉"}:
            continue
        for step in (-1, 1):
            at = i + step
            while 0 <= at < len(lines) and not lines[at].text and not lines[at].cells:
                near.add(lines[at].number)
                at += step
    return [line for line in kept if line.number not in near] if near else list(kept)


def _mended(whole: Sequence[Paragraph]) -> tuple[list[Paragraph], list[Junk]]:
    """Paragraphs broken in mid-sentence joined; the word of a button before the first sentence taken off."""
    out: list[Paragraph] = []
    buttons: list[Junk] = []
    for paragraph in whole:
        if button := _PRINTED.match(paragraph.text):
            buttons.append(Junk(paragraph.line, button.group().strip(), "网页按钮"))
            paragraph.text = paragraph.text[button.end() :]
        if head := _DATED_HEAD.match(paragraph.text):
            # A page break was lost between the date on the cover and the preface.
            out.append(replace(paragraph, text=head[1].strip(), lines=list(paragraph.lines)))
            paragraph = replace(paragraph, text=head[2], glued=True)
        if out and _may_mend(out[-1], paragraph) and mends(out[-1].text, paragraph.text):
            out[-1].text = joined(out[-1].text, paragraph.text)
            out[-1].lines += paragraph.lines
        else:
            out.append(paragraph)
    return out, buttons


def _may_mend(left: Paragraph, right: Paragraph) -> bool:
    if left.cells or right.cells or left.frame != right.frame:
        return False
    return not (
        is_field_line(right.text) or is_date_line(right.text) or is_title(left.text) or is_field_line(left.text)
    )


def _first_clause(parts: Sequence[Segment]) -> int:
    """The index of the first segment that opens a clause."""
    for k, part in enumerate(parts):
        if part.mark is not None and part.mark.kind not in {"table", "annex"}:
            return k
    return len(parts)


def _without_signatures(parts: Sequence[Segment]) -> tuple[list[Segment], list[Segment]]:
    """Offices and dates that sign a document, and remarks about its publication, taken out of the body."""
    signed: set[int] = set()
    last_mark = max((k for k, part in enumerate(parts) if part.mark is not None), default=-1)
    for k, part in enumerate(parts):
        text = part.paragraph.text
        if part.mark is not None or part.paragraph.cells:
            continue
        damaged = bool(_DAMAGED_DATE.match(text)) and k > 0 and is_body_name(parts[k - 1].paragraph.text)
        if damaged or (is_date_line(text) and len(text) <= 16):
            names = []
            j = k - 1
            while j >= 0 and parts[j].mark is None and is_body_name(parts[j].paragraph.text):
                names.append(j)
                j -= 1
            if names or k > last_mark:
                signed.update([k, *names])
        elif (
            _SIGNED_OFF.search(text) and len(text) < 40 and k > 0 and (k > last_mark or not text.startswith("联系"))
        ) or (k > last_mark and len(text) < 60 and (is_chrome(text) or is_field_line(text) or is_body_name(text))):
            signed.add(k)
    for k in signed:
        after = k + 1
        if after < len(parts) and after not in signed and after < last_mark and is_title(parts[after].paragraph.text):
            parts[after].paragraph.opens_document = parts[after].mark is None
    return [p for k, p in enumerate(parts) if k not in signed], [p for k, p in enumerate(parts) if k in signed]


def _as_junk(parts: Sequence[Segment], why: str, lines: Sequence[Line]) -> list[Junk]:
    """Segments set aside, line by line as they stood; a piece of a line gives only its own words."""
    found: list[Junk] = []
    for part in parts:
        paragraph = part.paragraph
        if len(paragraph.lines) > 1 and not paragraph.glued:
            found += [Junk(number, lines[number - 1].text, why) for number in paragraph.lines]
        else:
            found.append(Junk(paragraph.line, paragraph.text or " ".join(paragraph.cells), why))
    return found
