"""What an office writes for the public: plain lines, or a little HTML from a word processor, made safe.

The one place where text becomes trusted HTML. It is only for official words (notice, explanatory note); what the public
writes is plain text for ever and never comes here. Text without a tag stays as it was typed and is set line by line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import bleach
from lxml import etree, html
from markupsafe import Markup, escape

TAGS = frozenset(
    "p br strong em ul ol li h2 h3 h4 a table caption thead tbody tr th td".split()  # noqa: SIM905 — a list of words
)
ATTRIBUTES = {"a": ("href",), "th": ("colspan", "rowspan"), "td": ("colspan", "rowspan")}
PROTOCOLS = frozenset({"http", "https", "mailto"})
#: a link leads to a whole address: a relative one would lead elsewhere on the page that prints it
_WHOLE_ADDRESS = re.compile(r"(?:https?://|mailto:)[^\s]", re.IGNORECASE)
#: a torn table may settle only at the second cleaning
_MOST_ROUNDS = 5

_BLOCKS = ("p", "ul", "ol", "h2", "h3", "h4", "table")
#: tags of word processors and old pages → the one of ours that means the same
_MEANS = {"b": "strong", "i": "em", "h1": "h2", "h5": "h4", "h6": "h4", "tfoot": "tbody", "dd": "p", "dt": "p"}
#: never text, whatever stands in them
_NOT_TEXT = ("script", "style", "head", "title", "xml", "template", "noscript", "iframe", "object", "svg", "math")
_FRAMES = ("div", "section", "article", "center", "blockquote", "header", "footer", "main", "address", "pre", "dl")

_HAS_TAG = re.compile(r"<(?:!--|/?[a-z][a-z0-9:]*(?=[\s/>]))", re.IGNORECASE)
_IS_RICH = re.compile(r"<(?:p|ul|ol|h[2-4]|table)>")
_BETWEEN = re.compile(r"\s*\n\s*")
_AFTER_BLOCK = re.compile(r"(</(?:p|ul|ol|h[2-4]|table)>)\s*(?=<)")
_HEADING = re.compile(r"[一二三四五六七八九十]{1,3}、")
_LONGEST_HEADING = 40


def is_rich(text: str) -> bool:
    """Whether text as it is kept is HTML. What was typed without a tag is not, whatever it says."""
    return bool(_IS_RICH.match(text))


def cleaned(text: str) -> str:
    """Official words as they will be kept: plain text as it stands, HTML reduced to the tags above.

    Cleaning twice is cleaning once.
    """
    for _ in range(_MOST_ROUNDS):
        before, text = text, _cleaned_once(text)
        if text == before:
            break
    return text


def _cleaned_once(text: str) -> str:
    if not _HAS_TAG.search(text):
        return text
    root = _parsed(text)
    if root is None:
        return ""
    for element in list(root.iter()):
        _settle(element)
    _gather(root)
    inner = (root.text or "") + "".join(html.tostring(child, encoding="unicode") for child in root)
    # the last word is bleach's: what was built above is only the order of things
    safe = bleach.clean(
        inner, tags=TAGS, attributes=_may_stay, protocols=PROTOCOLS, strip=True, strip_comments=True
    ).strip()
    safe = _AFTER_BLOCK.sub("\\1\n", safe)
    return safe if is_rich(safe) else ""


def _may_stay(tag: str, name: str, value: str) -> bool:
    if name not in ATTRIBUTES.get(tag, ()):
        return False
    return bool(_WHOLE_ADDRESS.match(value)) if name == "href" else value.isascii() and value.isdecimal()


def _parsed(text: str) -> html.HtmlElement | None:
    try:
        return html.fragment_fromstring(text.replace("\x00", ""), create_parent="div")
    except (etree.ParserError, ValueError):
        return None


def _settle(element: html.HtmlElement) -> None:
    """One element into what we keep of it: dropped, renamed, or left for bleach to unwrap."""
    if element.getparent() is None:
        return
    if not isinstance(element.tag, str):  # a comment, a processing instruction: what Word leaves for Word
        element.drop_tree()
        return
    # Word's own elements (o:p, st1:place) only carry the words in them
    name = "span" if ":" in element.tag else element.tag.lower()
    if name in _NOT_TEXT:
        element.drop_tree()
    elif name in _FRAMES:
        if any(child.tag in (*_BLOCKS, *_FRAMES, *_MEANS) for child in element.iterdescendants()):
            _open(element)
        else:
            element.tag = "p"
    else:
        element.tag = _MEANS.get(name, name)


def _open(element: html.HtmlElement) -> None:
    """Takes a frame away without joining its words to those beside it."""
    before, after = html.Element("br"), html.Element("br")
    element.addprevious(before)
    element.addnext(after)
    after.tail, element.tail = element.tail, None
    element.drop_tag()


def _gather(root: html.HtmlElement) -> None:
    """Every word stands in a block: loose words and inline elements between blocks become paragraphs."""
    loose = html.Element("p")
    content = [root.text, *(part for child in root for part in (child, child.tail))]
    tails = [child.tail for child in root]
    for child, _tail in zip(list(root), tails, strict=True):
        child.tail = None
        root.remove(child)
    root.text = None
    for part in content:
        if part is None:
            continue
        if isinstance(part, str):
            _append_words(loose, _BETWEEN.sub(" ", part))
        elif part.tag in _BLOCKS or part.tag == "li":
            loose = _close(root, loose)
            root.append(part)
        elif part.tag == "br":
            loose = _close(root, loose)
        else:
            loose.append(part)
    _close(root, loose)
    for paragraph in list(root):
        if not (paragraph.text_content() or "").strip("\u00a0 \n\t"):
            root.remove(paragraph)


def _append_words(block: html.HtmlElement, words: str) -> None:
    if len(block):
        block[-1].tail = (block[-1].tail or "") + words
    else:
        block.text = (block.text or "") + words


def _close(root: html.HtmlElement, loose: html.HtmlElement) -> html.HtmlElement:
    if (loose.text_content() or "").strip():
        loose.text = (loose.text or "").lstrip() or None
        root.append(loose)
    return html.Element("p")


@lru_cache(maxsize=256)
def shown(text: str) -> Markup:
    """Official words as a page shows them. What is kept is cleaned again: a row somebody changed can do no harm."""
    if is_rich(text):
        # Markup is safe here: bleach has just written every character of it
        return Markup(cleaned(text))  # noqa: S704 — cleaned on the same line
    return Markup("\n").join(_lines(text))


def _lines(text: str) -> Iterator[Markup]:
    for line in filter(None, map(str.strip, text.split("\n"))):
        is_heading = _HEADING.match(line) and len(line) < _LONGEST_HEADING and line[-1] not in "。；：！？"
        frame = Markup("<h3>{}</h3>") if is_heading else Markup("<p>{}</p>")
        yield frame.format(escape(line))


def words(text: str) -> str:
    """The bare words of a kept text, line by line: for search, mail and files."""
    if not is_rich(text):
        return text
    root = _parsed(text)
    if root is None:
        return ""
    for row in root.iter("tr"):
        for cell in row:
            cell.tail = "　"
    for block in root.iter("p", "li", "h2", "h3", "h4", "tr", "br", "caption"):
        block.tail = "\n" + (block.tail or "").lstrip("\n")
    lines = (line.strip() for line in root.text_content().split("\n"))
    return "\n".join(line for line in lines if line)
