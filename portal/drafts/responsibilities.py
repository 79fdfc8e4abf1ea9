"""Who answers for a clause: （牵头单位：…；责任单位：…） and （…负责） at the end of its words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from portal.drafts.draft import Node, Responsibility

_ROLE = (
    r"(?:责任|責任|牵头|牽頭|配合|主办|主辦|协办|協辦|承办|承辦|参与|參與|参加|实施|實施|落实|落實|主要|第一|监督|監督|组织|指导)"
    r"(?:责任|責任|负责|負責|落实|实施|配合)?(?:单位|單位|部门|部門|主体|主體|机构|處室|处室|科室|领导)"
)
_NOTE = re.compile(rf"[（(\[【]\s*((?:{_ROLE})\s*[:：](?:[^（）()\[\]【】]|[（(][^（）()]*[）)])*)[）)\]】]")
_BARE = re.compile(rf"(?:(?<=[。\n])|^)\s*((?:{_ROLE})\s*[:：][^。\n]+)。?\s*(?=\n|$)")
_IN_CHARGE = re.compile(
    r"[（(]((?:[^（）()。]|[（(][^（）()]*[）)]){2,400}?)(按职责分工负责|按職責分工負責|分别负责|分工负责|牵头负责|负责|負責|牵头|牽頭|配合)(?:。[^（）()]{0,40}|，下同|,下同)?[）)]"
)
_SPLIT_ROLES = re.compile(rf"[;；,，。\s]*(?={_ROLE}\s*[:：])")
_SHARED = re.compile(r"(?:人民)?政府$|管委[会會]$|党工委$|管理委[员員][会會]$")
_PLACE = re.compile(r"(?:[县縣市区區旗州]|新区|高新区|开发区|园区)$")
_HEAD = re.compile(rf"^({_ROLE})\s*[:：]\s*")


def read_responsibilities(nodes: Sequence[Node]) -> tuple[Responsibility, ...]:
    """Every note about offices in the nodes' words, in order; the words stay where they are."""
    found: list[Responsibility] = []
    for index, node in enumerate(nodes):
        if node.kind in {"table", "closing", "attachments"}:
            continue
        text = "\n".join(part for part in (node.heading, node.text) if part)
        for match in _NOTE.finditer(text):
            found += _roles(match[1], node, index)
        for match in _BARE.finditer(text):
            found += _roles(match[1], node, index)
        for match in _IN_CHARGE.finditer(text):
            if not _HEAD.match(match[1]) and _names_offices(match[1]):
                found.append(
                    Responsibility(node.path, _plain_role(match[2]), _departments(match[1]), match.group(), index)
                )
    return tuple(found)


def _roles(note: str, node: Node, index: int) -> list[Responsibility]:
    found = []
    for part in _SPLIT_ROLES.split(note):
        head = _HEAD.match(part)
        if head:
            departments = _departments(part[head.end() :])
            found.append(Responsibility(node.path, head[1], departments, part.strip(" ;；,，。"), index))
    return found


def _plain_role(words: str) -> str:
    return words if words in {"牵头", "牽頭", "配合"} else words.replace("按职责分工", "").replace("按職責分工", "")


def _departments(text: str) -> tuple[str, ...]:
    """Split at 、 ， , and at a full stop between offices, not inside brackets."""
    out: list[str] = []
    depth = 0
    name = ""
    for char in text:
        if char in "（(":
            depth += 1
        elif char in "）)":
            depth -= 1
        if not depth and char in "、，,;；.．。":
            out.append(name)
            name = ""
        else:
            name += char
    out.append(name)
    out = _with_shared_endings(out, text)
    return tuple(
        part
        for part in (
            re.sub(r"\s+", "", name).strip("等") if name.endswith("等") else re.sub(r"\s+", "", name) for name in out
        )
        if part
    )


def _with_shared_endings(names: Sequence[str], text: str) -> list[str]:
    """安平县、饶阳县、深州市政府 names three governments: the ending they share is written once."""
    out = list(names)
    for index in range(len(out) - 2, -1, -1):
        name, following = out[index].strip(), out[index + 1].strip()
        ending = _SHARED.search(following)
        joined_by = text[text.find(name) + len(name) : text.find(name) + len(name) + 1]
        if ending and joined_by in "、.．" and _PLACE.search(name):
            out[index] = name + ending.group()
    return out


def _names_offices(text: str) -> bool:
    names = _departments(text)
    good = sum(
        bool(
            re.search(
                r"(?:局|部|委|办|辦|厅|廳|院|署|会|會|中心|政府|单位|單位|部门|部門|银行|銀行|海关|法院|总局|公司|学校|协会|社|组|组织部|有关|地方|各.+)$",
                name,
            )
        )
        for name in names
    )
    return bool(names) and good >= 0.6 * len(names)
