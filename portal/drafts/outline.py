"""Segments to nodes: parents, headings, the text of every clause, and the address of each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from portal.drafts.clauses import Segment
from portal.drafts.draft import Node
from portal.drafts.headings import divided, lead_sentence
from portal.drafts.headlines import is_title
from portal.drafts.labels import Labels
from portal.drafts.levels import Nesting, Open, ranks
from portal.drafts.marks import Mark
from portal.drafts.tables import Region, is_annex_title, is_caption

_CLOSING = re.compile(
    r"^(?:本|此|以上|上述)[\u4e00-\u9fff（）()《》“”]{0,16}(?:自|从|於|于|由)[^。]{0,40}(?:施行|实施|實施|执行|執行|生效|有效)|^特此(?:公告|通知|公示|函)"
    r"|^本(?:措施|办法|意见|方案|细则|规定|通知|政策)[^。]{0,12}(?:与|由)[^。]{2,40}(?:解释|重复|不一致)"
)
_ANNEX_LIST = re.compile(r"^附\s*(?:件|表|录|图)\s*\d*\s*[:：]")
_FRONT_HEADING = re.compile(r"^(?:总则|总\s*则|前\s*言|序\s*言|引\s*言|附\s*则|结\s*语|后\s*记)$")


@dataclass(slots=True)
class Draughted:
    """A node while it is built."""

    kind: str
    number: str
    heading: str
    parent: int
    line: int
    mark: Mark | None = None
    texts: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    rows: tuple[tuple[str, ...], ...] = ()
    children: int = 0

    def say(self, text: str, line: int) -> None:
        """One more paragraph of this clause, and where it stood."""
        self.texts.append(text)
        self.lines.append(line)


class Outline:
    """Builds nodes from segments that are the draft's own."""

    def __init__(self, marks: Sequence[Mark]) -> None:
        self.nesting = Nesting(ranks(marks))
        self.nodes: list[Draughted] = []
        self.has_chapters = any(mark.kind in {"chapter", "section"} for mark in marks)
        self.has_articles = any(mark.kind == "article" for mark in marks)
        self.awaits_heading = -1

    def add(self, kind: str, number: str, heading: str, parent: int, line: int, mark: Mark | None = None) -> Draughted:
        """Append a node."""
        node = Draughted(kind, number, heading, parent, line, mark)
        self.nodes.append(node)
        if parent >= 0:
            self.nodes[parent].children += 1
        return node

    def clause(self, part: Segment) -> None:
        """A segment that opens with a mark."""
        assert part.mark is not None
        mark = part.mark
        parent = self.nesting.place(mark, len(self.nodes))
        body = part.body.lstrip(":：") if mark.kind == "annex" else part.body
        heading, text = divided(mark, body, self.has_articles)
        node = self.add(self._kind(mark, parent), mark.number, heading, parent, part.paragraph.line, mark)
        if text:
            node.say(text, part.paragraph.line)
        bare = (
            not heading
            and not text
            and mark.kind in {"part", "subpart", "chapter", "section", "subsection", "box", "annex"}
        )
        self.awaits_heading = len(self.nodes) - 1 if bare else -1

    def table(self, parts: Sequence[Segment], region: Region) -> None:
        """A table becomes one node; its caption gives number and heading, its notes the text."""
        head = parts[region.start]
        number = heading = ""
        if head.mark is not None and head.mark.kind == "table":
            number, heading = head.mark.number, head.body
        node = self.add("table", number, heading, self.nesting.top, head.paragraph.line, head.mark)
        node.rows = tuple(region.rows)
        for k in region.notes:
            node.say(parts[k].paragraph.text, parts[k].paragraph.line)
        self.awaits_heading = -1

    def words(self, part: Segment) -> None:
        """A segment without a mark: the words of the clause above it, or a paragraph of its own."""
        text = part.paragraph.text
        if self.awaits_heading >= 0 and len(text) <= 50 and not text.endswith(("。", "；", "：")):
            self.nodes[self.awaits_heading].heading = text
            self.awaits_heading = -1
            return
        self.awaits_heading = -1
        top = self.nesting.top
        if self.has_chapters and _FRONT_HEADING.match(text) and not any(o.mark.number for o in self.nesting.stack):
            # 总则 before 第一章 holds its sections without having a number.
            self.nesting.stack[:] = [Open(len(self.nodes), Mark("chapter", "", (0,), 0))]
            self.add("chapter", "", re.sub(r"\s", "", text), -1, part.paragraph.line)
            return
        if top < 0:
            self.add("lead", "", "", -1, part.paragraph.line).say(text, part.paragraph.line)
            return
        if self.nesting.box_at is not None:
            self.nesting.box_text = True
        article = self._article_above()
        if article >= 0 and article != top and not (part.paragraph.wrapped and part.paragraph.glued):
            # A paragraph after the items of an article is the article's next 款.
            self.add("paragraph", "", "", article, part.paragraph.line).say(text, part.paragraph.line)
            return
        last = self.nodes[-1]
        if last.kind in {"paragraph", "table"} and last.parent == top and self.nodes[top].children:
            self.add("paragraph", "", "", top, part.paragraph.line).say(text, part.paragraph.line)
            return
        if self.nodes[top].children:
            self.add("paragraph", "", "", top, part.paragraph.line).say(text, part.paragraph.line)
            return
        self.nodes[top].say(text, part.paragraph.line)

    def _article_above(self) -> int:
        for opened in reversed(self.nesting.stack):
            if opened.mark.kind == "article":
                return opened.node
        return -1

    def _kind(self, mark: Mark, parent: int) -> str:
        if mark.kind == "cnp" and parent >= 0 and self.nodes[parent].kind == "article":
            return "item"
        if mark.kind in {"num", "nump"} and parent >= 0 and self.nodes[parent].kind in {"item", "article"}:
            return "subitem" if self.nodes[parent].kind == "item" else mark.kind
        return mark.kind

    def attached(self, title: str, line: int) -> None:
        """The title of a document attached to the one above: every series begins anew below it."""
        self.nesting = Nesting(self.nesting.rank)
        self.awaits_heading = -1
        self.add("title", "", title, -1, line)

    def closing(self, text: str, line: int) -> None:
        """Words that end the document and belong to no clause."""
        self.nesting.stack.clear()
        self.nesting.box_at = None
        self.add("closing", "", "", -1, line).say(text, line)

    def finished(self) -> tuple[Node, ...]:
        """The nodes with paths, depths and labels; paragraphs with lead sentences get addresses of their own."""
        nodes = _with_leads(self.nodes)
        labels = Labels()
        out: list[Node] = []
        for node in nodes:
            parent = node.parent
            path = out[parent].path if parent >= 0 else ()
            depth = out[parent].depth + 1 if parent >= 0 else 0
            if node.number:
                path = (*path, node.number)
            label = labels.label(node.kind, node.mark, out[parent].label if parent >= 0 else "")
            out.append(
                Node(
                    node.kind,
                    node.number,
                    node.heading,
                    "\n".join(node.texts),
                    path,
                    depth,
                    parent,
                    node.line,
                    label,
                    node.rows,
                )
            )
        return tuple(out)


def _with_leads(nodes: list[Draughted]) -> list[Draughted]:
    """Where a clause is a row of paragraphs that each begin with a short sentence, each becomes a clause."""
    out: list[Draughted] = []
    moved: dict[int, int] = {}
    for index, node in enumerate(nodes):
        if node.parent >= 0:
            node.parent = moved[node.parent]
        moved[index] = len(out)
        out.append(node)
        if (
            node.kind in {"article", "item", "subitem", "lead", "closing", "table", "paragraph", "attachments"}
            or node.rows
        ):
            continue
        led = [bool(lead_sentence(text)) for text in node.texts]
        if sum(led) < 2 or sum(led) < 0.6 * len(led):
            continue
        kept: list[str] = []
        lines = [*node.lines, *([node.line] * len(node.texts))]
        for place, (text, is_led) in enumerate(zip(node.texts, led, strict=True)):
            if not is_led and len(out) - 1 == moved[index]:
                kept.append(text)
                continue
            sentence = lead_sentence(text) if is_led else ""
            child = Draughted("paragraph", "", sentence, moved[index], lines[place])
            child.texts = [text[len(sentence) :].strip()]
            out.append(child)
        node.texts = kept
    return out


def build(parts: Sequence[Segment], found: Sequence[Region]) -> Outline:
    """Segments of the draft itself to an outline; tables and framed boxes are given."""
    inside: dict[int, Region] = {region.start: region for region in found}
    in_table = {k for region in found if region.kind == "table" for k in range(region.start, region.end)}
    marks = [part.mark for k, part in enumerate(parts) if part.mark is not None and k not in in_table]
    outline = Outline([mark for mark in marks if mark.kind not in {"table"}])
    last_mark = max((k for k, part in enumerate(parts) if part.mark is not None and k not in in_table), default=-1)
    box_ends = -1
    k = 0
    while k < len(parts):
        part = parts[k]
        text = part.paragraph.text
        region = inside.get(k)
        if region is not None and region.kind == "table":
            outline.table(parts, region)
            k = region.end
            continue
        if region is not None:
            box_ends = region.end
            _open_box(outline, parts, region)
        if box_ends == k:
            outline.nesting.leave_box()
            box_ends = -1
        k += 1
        if box_ends >= 0:
            text = text.rstrip("| ").strip()
            if not text:
                continue
            part.paragraph.text = text
            if part.mark is not None and part.mark.kind == "box":
                continue
        if text == "|":
            continue
        if part.mark is None:
            if outline.nodes and (part.paragraph.opens_document or _opens_statute(parts, k - 1, outline.nesting)):
                outline.attached(text, part.paragraph.line)
            elif k - 1 > last_mark and _CLOSING.match(text):
                outline.closing(text, part.paragraph.line)
            elif outline.nodes and outline.nodes[-1].kind in {"closing", "attachments"}:
                outline.nodes[-1].say(text, part.paragraph.line)
            else:
                outline.words(part)
        elif part.mark.kind == "table" or (part.mark.kind == "annex" and not is_annex_title(text, part)):
            if part.mark.kind == "annex" and _ANNEX_LIST.match(text):
                outline.closing(text, part.paragraph.line)
                outline.nodes[-1].kind = "attachments"
            elif part.mark.kind == "table" and is_caption(text, part):
                outline.add("table", part.mark.number, part.body, outline.nesting.top, part.paragraph.line, part.mark)
            else:
                outline.words(Segment(part.paragraph, None))
        elif outline.nodes and outline.nodes[-1].kind == "attachments" and part.mark.kind in {"num", "nump"}:
            outline.nodes[-1].say(text, part.paragraph.line)
        else:
            outline.clause(part)
    return outline


def _opens_statute(parts: Sequence[Segment], at: int, nesting: Nesting) -> bool:
    """A title over 第一条 or 第一章 where those of another statute were open begins the next one."""
    following = parts[at + 1].mark if at + 1 < len(parts) else None
    if following is None or following.kind not in {"part", "chapter", "article"} or following.value != (1,):
        return False
    before = [opened.mark for opened in nesting.stack if opened.mark.kind == following.kind]
    return bool(before) and before[-1].last > 1 and is_title(parts[at].paragraph.text)


def _open_box(outline: Outline, parts: Sequence[Segment], region: Region) -> None:
    """A framed box: its title row names it, otherwise it has neither number nor heading."""
    for k in range(region.start, min(region.start + 3, region.end)):
        part = parts[k]
        if part.mark is not None and part.mark.kind == "box":
            outline.clause(Segment(part.paragraph, part.mark))
            node = outline.nodes[-1]
            node.heading = node.heading.rstrip("| ").strip()
            return
        if part.paragraph.text != "|":
            break
    mark = Mark("box", "", (0,), 0)
    parent = outline.nesting.place(mark, len(outline.nodes))
    outline.add("box", "", "", parent, parts[region.start].paragraph.line, mark)
