"""A Word file as it will be once its tracked changes are accepted, without what Word itself would not show."""

from __future__ import annotations

from lxml import etree

from portal.drafts.draft import Doubt

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_OFF = {"0", "false", "off"}
_TAKEN_OUT = {W + "del", W + "moveFrom"}
_TRACKED = (W + "ins", W + "moveTo", W + "del", W + "moveFrom", W + "cellDel", W + "cellIns")


def settled(document: etree._Element) -> list[Doubt]:
    """Change the document so that only what stands in the end is left; what an officer should know comes back."""
    doubts = []
    _choose(document)
    if next(document.iter(*_TRACKED), None) is not None:
        _accept(document)
        doubts.append(
            Doubt(
                1,
                "tracked-changes",
                "文件里有未处理的修订痕迹，已按“接受全部修订”读取",
                "请在 Word 里确认修订后再发布。",
            )
        )
    if _without_hidden(document):
        doubts.append(
            Doubt(1, "hidden-text", "文件里有隐藏文字，没有读入", "请在 Word 里显示隐藏文字，确认是否属于征求意见稿。")
        )
    return doubts


def _choose(document: etree._Element) -> None:
    """A drawing is written once for new programs and once for old ones: only the first writing is kept."""
    for either in list(document.iter(_MC + "AlternateContent")):
        for other in list(either)[1:]:
            either.remove(other)


def _accept(document: etree._Element) -> None:
    for mark in list(document.iter(W + "trPr", W + "tcPr")):
        if mark.find(W + "del") is not None or mark.find(W + "cellDel") is not None:
            _remove(mark.getparent())
    for taken in list(document.iter(*_TAKEN_OUT)):
        above = taken.getparent()
        if above is not None and above.tag not in {W + "rPr", W + "trPr"}:
            above.remove(taken)
    for paragraph in list(document.iter(W + "p")):
        mark = paragraph.find(f"{W}pPr/{W}rPr")
        if mark is None or (mark.find(W + "del") is None and mark.find(W + "moveFrom") is None):
            continue
        # Its end was deleted: what is left of it begins the next paragraph, whose number it takes.
        words = [child for child in paragraph if child.tag != W + "pPr"]
        following = paragraph.getnext()
        if following is not None and following.tag == W + "p":
            at = 1 if following.find(W + "pPr") is not None else 0
            following[at:at] = words
            _remove(paragraph)
        elif not words:
            _remove(paragraph)


def _without_hidden(document: etree._Element) -> bool:
    """Take out runs that are not shown; whether any of them had words."""
    found = False
    for hidden in list(document.iter(W + "vanish")):
        properties = hidden.getparent()
        run = properties.getparent() if properties is not None else None
        if run is None or run.tag != W + "r" or hidden.get(W + "val") in _OFF:
            continue
        found = found or any((text.text or "").strip() for text in run.iter(W + "t"))
        _remove(run)
    return found


def _remove(element: etree._Element | None) -> None:
    above = element.getparent() if element is not None else None
    if above is not None:
        above.remove(element)
