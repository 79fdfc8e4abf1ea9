"""Checking what goes out beside the report: the drafter's redline, and the archive with everything in it.

The redline is checked by what a drafter relies on: with every tracked change rejected it is the draft as published,
accepted it is what the summary proposes, and its bubbles speak of published comments. The archive is checked by its
own manifest, by the summary it names, and file by file.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from typing import Any

from portal.models import Consultation, DraftVersion
from portal.reports import reading_back, redline
from portal.reports.characters import for_xml
from portal.reports.summary import Summary
from portal.services import archiving

MANIFEST = "清单.json"
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_AUTHOR = re.compile(r"^意见 (C-[1-9][0-9]*)，")
_MOST = 20


def is_redline(content: bytes) -> bool:
    """Whether a Word file is a redline: it says so in its properties, which programs keep when they save it."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            return redline.NAME.encode() in package.read("docProps/core.xml")
    except (zipfile.BadZipFile, KeyError):
        return False


def redline_lines(content: bytes) -> list[str]:
    """What tells which summary a redline is of. Raises NotOurs for a file that cannot be read."""
    return [_part(content, "docProps/core.xml").decode(errors="replace")]


def redline_faults(consultation: Consultation, summary: Summary, content: bytes) -> Iterator[str]:
    """Everything wrong with a redline of a summary."""
    document = reading_back.member(content, "word/document.xml")
    made_anew = redline.render(summary)
    version = next((each for each in consultation.versions if each.number == summary.version), None)
    if version is None:
        yield f"数据库里没有第{summary.version}稿。"
        return
    anew = reading_back.member(made_anew, "word/document.xml")
    yield from _texts(document, anew, version)
    yield from _bubbles(content, document, made_anew, anew, {line.reference for line in summary.comments})


def _texts(document: Any, anew: Any, version: DraftVersion) -> Iterator[str]:
    """Whether all changes rejected give the draft, and rejected or accepted what the summary says."""
    draft, rejected = _draft(version), _plain(_told(document, without="ins"))
    if not rejected.endswith(draft):
        yield f"拒绝全部修订后与第{version.number}稿不符，自“{_first_difference(draft, rejected[-len(draft) :])}”起。"
    for without, act in (("ins", "拒绝"), ("del", "接受")):
        if _plain(_told(document, without=without)) != _plain(_told(anew, without=without)):
            yield f"{act}全部修订后的文字与汇总不符。"


def _bubbles(content: bytes, document: Any, made_anew: bytes, anew: Any, published: set[str]) -> Iterator[str]:
    """References of bubbles and changes that lead nowhere, and comments that have lost theirs."""
    told, expected = (
        {found[1] for author in authors if (found := _AUTHOR.match(author))}
        for authors in (_authors(content, document), _authors(made_anew, anew))
    )
    for reference in sorted(told - published, key=lambda each: int(each[2:]))[:_MOST]:
        yield f"批注或修订引用的[{reference}]不存在或者没有公开。"
    for reference in sorted(expected - told, key=lambda each: int(each[2:]))[:_MOST]:
        yield f"公开的意见[{reference}]没有批注。"


def _part(content: bytes, name: str) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            return package.read(name)
    except (zipfile.BadZipFile, KeyError) as fault:
        raise reading_back.NotOurs(str(fault)) from fault


def _draft(version: DraftVersion) -> str:
    parts = []
    for clause in version.clauses:
        cells = [str(cell) for row in clause.rows for cell in row]
        parts.append(f"{clause.number}{clause.heading}{clause.text}{''.join(cells)}")
    return _plain("".join(parts))


def _plain(words: str) -> str:
    return "".join(for_xml(words).split())


def _told(root: Any, *, without: str) -> str:
    """The words of a document with its tracked changes rejected (without what was inserted) or accepted."""
    inside: list[str] = []

    def walk(node: Any) -> None:
        if node.tag == f"{_WORD}{without}":
            return
        if node.tag in (f"{_WORD}t", f"{_WORD}delText"):
            inside.append(node.text or "")
        for child in node:
            walk(child)

    walk(root)
    return "".join(inside)


def _authors(content: bytes, document: Any) -> Iterator[str]:
    for node in document.iter(f"{_WORD}ins", f"{_WORD}del"):
        yield str(node.get(f"{_WORD}author", ""))
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        has_bubbles = "word/comments.xml" in package.namelist()
    if has_bubbles:
        for node in reading_back.member(content, "word/comments.xml").iter(f"{_WORD}comment"):
            yield str(node.get(f"{_WORD}author", ""))


def _first_difference(one: str, other: str) -> str:
    at = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return one[max(0, at - 6) : at + 20]


# ── the archive ───────────────────────────────────────────────────────────────────────────────────────


def manifest(content: bytes) -> dict[str, Any]:
    """What an archive says of itself. Raises NotOurs for a file that is no archive of ours."""
    try:
        told = json.loads(_part(content, MANIFEST))
        told["summary"]["digest"], told["files"]
    except (ValueError, KeyError, TypeError) as fault:
        raise reading_back.NotOurs(f"清单无法读取：{fault}") from fault
    return dict(told)


def archive_faults(content: bytes, told: dict[str, Any]) -> Iterator[str]:
    """Files that are missing, were added, or are not what the manifest says of them."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        held = set(package.namelist()) - {MANIFEST}
        listed = {str(each["name"]): each for each in told["files"]}
        yield from (f"清单里的“{name}”不在包内。" for name in sorted(set(listed) - held)[:_MOST])
        yield from (f"包内的“{name}”不在清单里。" for name in sorted(held - set(listed))[:_MOST])
        for name in sorted(held & set(listed)):
            inside = package.read(name)
            digests = archiving.digests(inside)
            if len(inside) != listed[name]["size"] or digests["sha256"] != listed[name]["sha256"]:
                yield f"“{name}”与清单里的大小或者摘要不符。"
            elif digests.get("sm3") and listed[name].get("sm3") not in (None, digests["sm3"]):
                yield f"“{name}”与清单里的摘要（SM3）不符。"


def files_of_summary(content: bytes) -> Iterator[tuple[str, str, bytes]]:
    """The files of the summary in an archive: the name it has there, its format, its bytes."""
    formats = {title: name for name, title in archiving.FILE_NAMES.items()}
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        for name in package.namelist():
            if name.startswith("5 汇总报告") and (form := formats.get(name.rsplit("/", 1)[-1])):
                yield name, form, package.read(name)
