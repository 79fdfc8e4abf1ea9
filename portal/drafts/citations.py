"""How clauses are cited (第十五条第二款, 第四部分第（二）条第5项, 专栏2第3项) and back from the words to the clause."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from portal.drafts.draft import Node
from portal.drafts.lines import squeezed
from portal.drafts.marks import Mark, marks_at
from portal.drafts.numerals import chinese, whole_number

_N = r"[零〇一二两三四五六七八九十百千\d]+"
_WORDED = re.compile(
    rf"第(?P<open>\()?(?P<n>{_N})\)?(?P<w>分编|部分|编|章|节|条|款|项|目|点|段|行|小项)(?P<z>(?:之[一二三四五六七八九十]+)*)"
)
_NAMED = re.compile(rf"(?P<w>专栏|表|图|附件|附录|引言|结尾)(?P<n>{_N}(?:[-.]\d+)*)?")
_OUTLINE = re.compile(
    r"(?P<cn>[一二三四五六七八九十]+)、|\((?P<cnp>[一二三四五六七八九十]+)\)|\((?P<nump>\d+)\)|(?P<dec>\d+(?:\.\d+)+)|(?P<num>\d+)[.、]?"
)
_UNNUMBERED = {"专栏": "box", "引言": "lead", "结尾": "closing"}
_SIMPLER = str.maketrans("專欄節條項編點錄兩", "专栏节条项编点录两")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a citation: 条 12 之 1 is ("条", (12, 1)); `bracketed` for 第（二）条."""

    word: str
    value: tuple[int, ...]
    bracketed: bool = False


@dataclass(frozen=True, slots=True)
class Cited:
    """What a citation points at, as indexes into the nodes.

    `node` when it is one clause; `candidates` when several fit; `nearest` when none does: what exists where one
    would look for it. `paragraph` is the 款 inside the clause and `row` the row of a table, counted from 1.
    """

    steps: tuple[Step, ...]
    node: int | None = None
    candidates: tuple[int, ...] = ()
    nearest: tuple[int, ...] = ()
    paragraph: int | None = None
    row: int | None = None
    quote: str = field(default="", compare=False)


def parse_citation(text: str) -> tuple[Step, ...]:
    """'第三条第二款第(一)项' → 条 3, 款 2, 项 1; '四、(二)5.' → 部分 4, 条 2, 项 5. Empty when nothing is cited."""
    plain = re.sub(r"[\s“”\"'‘’《》]", "", unicodedata.normalize("NFKC", text)).translate(_SIMPLER)
    steps: list[Step] = []
    at = 0
    while at < len(plain):
        worded = _WORDED.match(plain, at)
        named = _NAMED.match(plain, at)
        outline = _OUTLINE.match(plain, at)
        if worded:
            values = [whole_number(worded["n"]), *(whole_number(part) for part in worded["z"].split("之")[1:])]
            word = {"点": "项"}.get(worded["w"], worded["w"])
            steps.append(Step(word, tuple(v or 0 for v in values), worded["open"] is not None))
            at = worded.end()
        elif named:
            parts = re.split(r"[-.]", named["n"]) if named["n"] else []
            steps.append(Step(named["w"].replace("附录", "附件"), tuple(whole_number(p) or 0 for p in parts)))
            at = named.end()
        elif outline and outline.end() > at:
            steps.append(_outlined(outline))
            at = outline.end()
        else:
            at += 1
    return tuple(steps)


def _outlined(match: re.Match[str]) -> Step:
    if match["dec"]:
        return Step("dec", tuple(int(part) for part in match["dec"].split(".")))
    for name, word in (("cn", "部分"), ("cnp", "条"), ("nump", "小项"), ("num", "项")):
        if match[name]:
            return Step(word, (whole_number(match[name]) or 0,), name in {"cnp", "nump"})
    raise AssertionError(match)


class _Tree:
    """Nodes with their marks read back from the printed numbers."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self.nodes = nodes
        self.marks: list[Mark | None] = [_mark_of(node) for node in nodes]
        self.has_articles = any(node.kind == "article" for node in nodes)
        self.children: list[list[int]] = [[] for _ in nodes]
        for index, node in enumerate(nodes):
            if node.parent >= 0:
                self.children[node.parent].append(index)

    def below(self, index: int) -> range:
        """Every node under this one: nodes stand in document order, so they follow it directly."""
        end = index + 1
        while end < len(self.nodes) and self.nodes[end].depth > self.nodes[index].depth:
            end += 1
        return range(index + 1, end)

    def article_above(self, index: int) -> int | None:
        """The article a clause belongs to, itself included."""
        at = index
        while at >= 0:
            if self.nodes[at].kind == "article":
                return at
            at = self.nodes[at].parent
        return None

    def paragraphs(self, article: int) -> list[tuple[int, str]]:
        """The 款 of an article: (node that holds it, words)."""
        node = self.nodes[article]
        own = [(article, text) for text in node.text.split("\n") if text]
        return own + [(k, self.nodes[k].text) for k in self.children[article] if self.nodes[k].kind == "paragraph"]


def _mark_of(node: Node) -> Mark | None:
    if not node.number:
        return None
    for mark in marks_at(node.number + " "):
        kind = {"item": "cnp", "subitem": None}.get(node.kind, node.kind)
        if kind is None or mark.kind == kind:
            return mark
    return next(iter(marks_at(node.number + " ")), None)


def cite(nodes: Sequence[Node], text: str) -> Cited:
    """The nodes of a version and the words of a citation in; the clause, the candidates, or what is nearest out."""
    tree = _Tree(nodes)
    steps = parse_citation(text)
    if not steps:
        return _by_heading(nodes, text)
    scope: list[int] = [-1]
    paragraph: int | None = None
    for step in steps:
        if step.word == "行":
            return _row(tree, steps, scope, step)
        if step.word in _UNNUMBERED and not step.value:
            scope = [k for k in _below(tree, scope) if nodes[k].kind == _UNNUMBERED[step.word] and not nodes[k].number]
            if not scope:
                return Cited(steps)
            continue
        if step.word == "段" and len(scope) > 1 and all(nodes[k].kind in {"lead", "closing"} for k in scope):
            scope = scope[step.value[0] - 1 : step.value[0]]
            if not scope:
                return Cited(steps)
            continue
        if step.word in {"款", "段"} and not step.bracketed and len(scope) == 1 and scope[0] >= 0:
            held = _paragraph(tree, scope[0], step)
            if held is None:
                return Cited(steps, nearest=(scope[0],))
            scope, paragraph = [held], step.value[0]
            continue
        found = _matching(tree, scope, step, paragraph)
        if not found:
            return Cited(steps, nearest=tuple(_near(tree, scope, step)))
        scope, paragraph = found, None
    if len(scope) > 1:
        return Cited(steps, candidates=tuple(scope))
    return Cited(steps, scope[0], paragraph=paragraph, quote=_quote(tree, scope[0], paragraph))


def _below(tree: _Tree, scope: Sequence[int]) -> list[int]:
    """Every node under the ones in hand, which is every node at the beginning."""
    return sorted({k for top in scope for k in (range(len(tree.nodes)) if top < 0 else tree.below(top))})


def _by_heading(nodes: Sequence[Node], text: str) -> Cited:
    wanted = squeezed(text).strip("“”《》\"'。")
    found = tuple(k for k, node in enumerate(nodes) if len(wanted) >= 2 and wanted in squeezed(node.heading))
    if len(found) == 1:
        return Cited((), found[0])
    return Cited((), candidates=found)


def _kinds(tree: _Tree, step: Step) -> tuple[str, ...]:
    word = step.word
    if word == "条":
        return ("cnp",) if step.bracketed or not tree.has_articles else ("article",)
    if word in {"款", "项"} and step.bracketed:
        return ("cnp",)
    if word == "款":
        return ("cnp",)
    if word == "项":
        return ("cnp", "num") if tree.has_articles else ("num", "cnp")
    fixed = {
        "编": ("part",), "分编": ("subpart",), "章": ("chapter",), "节": ("section",), "部分": ("cn", "numb", "dec1"),
        "目": ("num", "subsection"), "小项": ("nump",), "专栏": ("box",), "表": ("table",), "附件": ("annex",),
    }  # fmt: skip
    return fixed.get(word, (f"dec{len(step.value)}",))


def _matching(tree: _Tree, scope: Sequence[int], step: Step, paragraph: int | None) -> list[int]:
    for kind in _kinds(tree, step):
        found: list[int] = []
        for top in scope:
            places = range(len(tree.nodes)) if top < 0 else tree.below(top)
            if paragraph is not None and top >= 0:
                places = _under_paragraph(tree, top, paragraph)
            found += [
                k
                for k in places
                if (mark := tree.marks[k]) is not None and mark.kind == kind and mark.value == (step.value or (0,))
            ]
        if found:
            shallow = min(tree.nodes[k].depth for k in found)
            own = [k for k in found if tree.nodes[k].parent in scope]
            # What hangs directly below is meant before what hangs deeper, except for series that run on.
            return own or (found if scope == [-1] else [k for k in found if tree.nodes[k].depth == shallow])
    return []


def _paragraph(tree: _Tree, holder: int, step: Step) -> int | None:
    paragraphs = tree.paragraphs(holder)
    number = step.value[0]
    return paragraphs[number - 1][0] if 1 <= number <= len(paragraphs) else None


def _under_paragraph(tree: _Tree, holder: int, paragraph: int) -> range:
    """The items of one 款: from its words to the next 款 of the article."""
    article = holder if tree.nodes[holder].kind != "paragraph" else tree.nodes[holder].parent
    paragraphs = tree.paragraphs(article)
    own = sum(1 for node, _ in paragraphs if node == article)
    if paragraph < own:
        return range(0)
    start = article + 1 if paragraph == own else paragraphs[paragraph - 1][0] + 1
    following = [node for node, _ in paragraphs[paragraph:] if node >= start]
    end = following[0] if following else tree.below(article).stop
    return range(start, end)


def _near(tree: _Tree, scope: Sequence[int], step: Step) -> list[int]:
    """What exists of that kind where one would look for it, closest numbers first."""
    kinds = _kinds(tree, step)
    wanted = step.value[0] if step.value else 0
    near: list[int] = []
    for top in scope:
        places = range(len(tree.nodes)) if top < 0 else tree.below(top)
        near += [k for k in places if (mark := tree.marks[k]) is not None and mark.kind in kinds]
    if not near:
        return [top for top in scope if top >= 0]
    near.sort(key=lambda k: (abs((tree.marks[k] or Mark("", "", (0,), 0)).last - wanted), k))
    return sorted(near[:8])


def _row(tree: _Tree, steps: tuple[Step, ...], scope: Sequence[int], step: Step) -> Cited:
    table = next((k for k in scope if k >= 0 and tree.nodes[k].kind == "table"), None)
    if table is None:
        return Cited(steps, nearest=tuple(k for k in scope if k >= 0))
    rows = tree.nodes[table].rows
    number = step.value[0]
    numbered = [row for row in rows if row and re.match(rf"^{number}(?:[.、．]|$)", row[0])]
    numbered = numbered or [row for row in rows if any(re.match(rf"^{number}[.、．]", cell) for cell in row)]
    if numbered:
        return Cited(steps, table, row=rows.index(numbered[0]) + 1, quote="　".join(numbered[0]))
    if 1 <= number <= len(rows):
        return Cited(steps, table, row=number, quote="　".join(rows[number - 1]))
    return Cited(steps, nearest=(table,))


def _quote(tree: _Tree, index: int, paragraph: int | None) -> str:
    node = tree.nodes[index]
    if paragraph is None:
        return node.heading or node.text
    article = index if node.kind != "paragraph" else node.parent
    return tree.paragraphs(article)[paragraph - 1][1]


def citation(nodes: Sequence[Node], index: int) -> str:
    """The nodes and the place of one in; how it is cited in print, in the convention of its document."""
    return _printed(_Tree(nodes), index)


def citations(nodes: Sequence[Node]) -> tuple[str, ...]:
    """How every clause of a version is cited, in order: what `citation` says, for all at once."""
    tree = _Tree(nodes)
    return tuple(_printed(tree, index) for index in range(len(nodes)))


def _printed(tree: _Tree, index: int) -> str:
    nodes = tree.nodes
    node = nodes[index]
    article = tree.article_above(index)
    if article is not None:
        return _annex_of(tree, article) + _in_article(tree, article, index)
    chain: list[int] = []
    at = index
    while at >= 0:
        chain.append(at)
        if nodes[at].kind in {"box", "table"} and nodes[at].number:
            break
        at = nodes[at].parent
    words = ""
    for at in reversed(chain):
        words += _words(tree, at)
    return words or node.heading or "全文"


def _annex_of(tree: _Tree, index: int) -> str:
    at = index
    while at >= 0:
        if tree.nodes[at].kind == "annex":
            return tree.nodes[at].number.rstrip("：:")
        at = tree.nodes[at].parent
    return ""


def _in_article(tree: _Tree, article: int, index: int) -> str:
    node = tree.nodes[index]
    words = tree.nodes[article].number.rstrip("：:、.．")
    if index == article:
        return words
    paragraphs = tree.paragraphs(article)
    if node.kind == "paragraph" and node.parent == article:
        return f"{words}第{chinese(1 + [k for k, _ in paragraphs].index(index))}款" if len(paragraphs) > 1 else words
    chain: list[int] = []
    at = index
    while at != article:
        chain.append(at)
        at = tree.nodes[at].parent
    first = chain[-1]
    if len(paragraphs) > 1:
        # The 款 whose words lead to the item is the last one that stands before it.
        number = sum(1 for k, _ in paragraphs if k < first)
        words += f"第{chinese(max(number, 1))}款"
    for at in reversed(chain):
        mark = tree.marks[at]
        kind = tree.nodes[at].kind
        if mark is None:
            words += _words(tree, at)
        elif mark.kind == "cnp":
            words += f"第（{chinese(mark.last)}）项"
        elif kind == "subitem":
            words += f"第{mark.last}目"
        else:
            words += _words(tree, at)
    return words


def _words(tree: _Tree, index: int) -> str:
    node = tree.nodes[index]
    mark = tree.marks[index]
    if mark is None:
        # a number no family of marks knows (an officer may have typed it) is cited as it is printed
        return node.number.rstrip("：:、.．)） ") if node.number else _unnumbered(tree, index)
    kind = mark.kind
    if kind in {"part", "subpart", "chapter", "section", "subsection", "article", "box", "table", "annex"}:
        return node.number.rstrip("：:、.．")
    if kind.startswith("dec") or kind == "numb":
        return node.number.rstrip(".．、")
    forms = {"cn": "第{cn}部分", "cnp": "第（{cn}）条", "num": "第{n}项", "nump": "第（{n}）点", "alpha": "第{raw}点"}
    if kind == "circ":
        return f"第{node.number[0]}点"
    return forms.get(kind, "{raw}").format(cn=chinese(mark.last), n=mark.last, raw=node.number.rstrip(".．、)）"))


def _unnumbered(tree: _Tree, index: int) -> str:
    node = tree.nodes[index]
    siblings = tree.children[node.parent] if node.parent >= 0 else [k for k, n in enumerate(tree.nodes) if n.parent < 0]
    same = [k for k in siblings if tree.nodes[k].kind == node.kind and not tree.nodes[k].number]
    place = 1 + same.index(index)
    if node.kind == "lead":
        return "引言" if len(same) == 1 else f"引言第{place}段"
    if node.kind == "closing":
        return "结尾" if len(same) == 1 else f"结尾第{place}段"
    if node.kind == "attachments":
        return "附件清单"
    if node.kind == "box":
        return "专栏" if len(same) == 1 else f"第{place}个未编号专栏"
    if node.kind == "table":
        return "表格" if len(same) == 1 else f"第{place}个未编号表格"
    if node.kind in {"chapter", "title"}:
        return node.heading
    own = len([text for text in tree.nodes[node.parent].text.split("\n") if text]) if node.parent >= 0 else 0
    return f"第{own + place}段"
