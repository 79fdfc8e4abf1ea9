"""Who answers for a clause: （牵头单位：…；责任单位：…） and （…负责） at the end of its words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from portal.drafts.draft import Node, Responsibility

_ROLE = (
    r"(?:责任|責任|牵头|牽頭|配合|主办|主辦|协办|協辦|承办|承辦|参与|參與|参加|实施|實施|落实|落實|主要|第一|监督|監督|组织|指导)"
    r"(?:责任|責任|负责|負責|落实|实施|配合)?(?:单位|單位|部门|部門|主体|主體|机构|處室|处室|科室|领导)"
)
_NOTE = re.compile(rf"[（(\[【〔]\s*((?:{_ROLE})\s*[:：](?:[^（）()\[\]【】〔〕]|[（(][^（）()]*[）)])*)[）)\]】〕]")
_BARE = re.compile(rf"(?:(?<=[。\n])|^)\s*((?:{_ROLE})\s*[:：][^。\n]+)。?\s*(?=\n|$)")
_DOES = r"(?:按职责分工负责|按職責分工負責|分别负责|分别牵头|分工负责|牵头负责|牽頭負責|共同负责|负责|負責|牵头|牽頭|配合|参与|參與|协助|協助|落实|落實)"
_IN_CHARGE = re.compile(
    rf"[（(【〔]((?:[^（）()。【】〔〕]|[（(][^（）()]*[）)]){{2,400}}?{_DOES})(?:。[^（）()]{{0,40}}|，下同|,下同)?[）)】〕]"
)
_SHARE = re.compile(rf"(.+?)({_DOES})(?:[，,；;]\s*|$)")
# A sentence that ends the clause may say it without brackets: 由市科技局负责。
_SAID = re.compile(rf"(?<![（(【〔])由([^，。；;：（）()\n]{{3,60}}?)({_DOES})(?=[。；]|$)", re.MULTILINE)
_OFFICE = re.compile(r"(?:局|委|办|厅|廳|院|署|部|中心|政府|管委会|银行|公司|海关|总工会|科协)$")
# What a note says beside the offices.
_ASIDE = re.compile(
    r"[；;，,。\s]*(?:完成时限|完成时间|完成時限|时间节点|时限|责任人|责任领导|牵头领导|列第一位|排第一位|下同).*$",
    re.S,
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
            if not _HEAD.match(match[1]):
                found += _shares(match[1], match.group(), node, index)
        for match in _SAID.finditer(text):
            names = _departments(match[1])
            if all(_OFFICE.search(name) for name in names):
                found.append(Responsibility(node.path, _plain_role(match[2]), names, match.group(), index))
    return tuple(found)


def _roles(note: str, node: Node, index: int) -> list[Responsibility]:
    found = []
    for part in _SPLIT_ROLES.split(note):
        head = _HEAD.match(part)
        # Who leads is a person: names are not collected.
        if head and not head[1].endswith("领导"):
            departments = _departments(_ASIDE.sub("", part[head.end() :]))
            found.append(Responsibility(node.path, head[1], departments, part.strip(" ;；,，。"), index))
    return found


def _shares(words: str, note: str, node: Node, index: int) -> list[Responsibility]:
    """市科技局牵头，市财政局、市税务局配合: each office with what it does; none when one of them is no office."""
    shares = [(match[1].removeprefix("由"), match[2]) for match in _SHARE.finditer(words)]
    if not all(_names_offices(names) for names, _ in shares):
        return []
    return [Responsibility(node.path, _plain_role(does), _departments(names), note, index) for names, does in shares]


def _plain_role(words: str) -> str:
    return words.replace("按职责分工", "").replace("按職責分工", "")


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
                r"(?:局|部|委|办|辦|厅|廳|院|署|会|會|中心|政府|单位|單位|部门|部門|银行|銀行|海关|法院|总局|公司|学校|协会|社|组|组织部|有关|地方|各[^要应须]+)$",
                name,
            )
        )
        for name in names
    )
    return bool(names) and good >= 0.6 * len(names)
