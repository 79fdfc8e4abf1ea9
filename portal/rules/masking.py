"""How personal data is shown to the public: the shapes of rules E.4, one style kept everywhere.

政府信息公开条例 第十五条 forbids disclosing another's privacy, and the 2018 openness programme asks for
de-identification; the shapes themselves follow one city's published format [recommendation].
What cannot be masked in its shape is hidden whole, never left as it was.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping

from portal.rules import identifiers
from portal.rules.words import RespondentKind

HIDDEN = "【已隐去】"
PUBLIC = "公众"

_COMPOUND = (
    "欧阳太史端木上官司马东方独孤南宫万俟闻人夏侯诸葛尉迟公羊赫连澹台皇甫宗政濮阳公冶太叔申屠公孙慕容仲孙钟离长孙宇文司徒鲜于司空闾丘子车亓官司寇巫马公西颛孙"
    "壤驷公良漆雕乐正宰父谷梁拓跋夹谷轩辕令狐段干百里呼延东郭南门羊舌微生梁丘左丘东门西门第五纳兰叶赫完颜"
)
COMPOUND_SURNAMES = frozenset(_COMPOUND[at : at + 2] for at in range(0, len(_COMPOUND), 2))
_MIDDLE_DOTS = "·•・‧∙．"


def mask(kind: str, text: str) -> str:
    """A text of a kind (one of KINDS) as the public sees it. Raises ValueError for another kind; "" stays ""."""
    try:
        shape = _SHAPES[kind]
    except KeyError:
        raise ValueError(f"no such kind of personal data: {kind}") from None
    text = text.strip()
    return shape(text) if text else ""


def respondent_name(kind: RespondentKind, name: str, *, is_public: bool) -> str:
    """How the public sees who spoke: 王** or 公众 for a person; an organisation in full unless it asked not to be."""
    name = " ".join(name.split())
    if kind.is_organisation:
        if is_public and name:
            return name
        return "某企业" if kind is RespondentKind.ENTERPRISE else "某单位"
    return mask("name", name) if is_public and name else PUBLIC


def _name(text: str) -> str:
    name = "".join(text.split())
    if any(dot in name for dot in _MIDDLE_DOTS) or name[0].isascii():
        return name[0] + "**"  # always two, so that the length does not leak
    surname = name[:2] if len(name) > 2 and name[:2] in COMPOUND_SURNAMES else name[0]
    return surname + ("*" if len(name) - len(surname) <= 1 else "**")


def _mobile(text: str) -> str:
    found = identifiers.check("mobile", text)
    return f"{found.normal[:3]}****{found.normal[-4:]}" if found.is_valid else HIDDEN


_WITH_AREA = re.compile(r"(010|02[0-9]|0[3-9][0-9]{2})-([0-9]{7,8})(?:-[0-9]+)?|([0-9]{7,8})(?:-[0-9]+)?", re.ASCII)


def _landline(text: str) -> str:
    match = _WITH_AREA.fullmatch(identifiers.check("landline", text).normal)
    if match is None:
        return HIDDEN
    return f"{match[1]}-***{match[2][-4:]}" if match[1] else f"***{match[3][-4:]}"


def _resident_id(text: str) -> str:
    number = identifiers.check("resident-id", text).normal
    # A wrong check digit does not make it safe to show.
    return f"{number[:2]}{'*' * 13}{number[-3:]}" if re.fullmatch(r"[0-9]{17}[0-9X]", number) else HIDDEN


def _email(text: str) -> str:
    local, _, domain = unicodedata.normalize("NFKC", text).replace(" ", "").rpartition("@")
    return f"{local[0]}***@{domain.lower()}" if local and domain else HIDDEN


# Only what names an administrative level. 小区, 社区, 园区 end in 区 and would give the street away.
_LEVEL = (
    r"(?:省|自治区|自治州|地区|市(?!场|街|路|口|民)|县(?!城(?!关))|(?<![小社园校厂景库院矿住街片])区|旗(?!区|县)|盟)"
)
_TOWN = r"(?:镇(?!市|县|区)|乡(?!市|县|区)|街道(?:办事处)?|苏木)"
_ADMINISTRATIVE = re.compile(
    rf"(?P<levels>(?:[\u4e00-\u9fff]{{1,9}}?{_LEVEL}){{0,4}})(?P<town>[^\W\d_路街巷号弄]{{1,8}}?{_TOWN})?"
)


def public_part(address: str) -> str:
    """The beginning of an address down to 乡镇/街道, or to the smallest level it names; "" when it names none."""
    match = _ADMINISTRATIVE.match(address)
    return match.group() if match else ""


def _address(text: str) -> str:
    return public_part("".join(text.split())) or HIDDEN


def _ip(text: str) -> str:
    octets = text.split(".")
    return ".".join([*octets[:3], "*"]) if len(octets) == 4 else HIDDEN


def _hidden(_text: str) -> str:
    return HIDDEN


def _whole(text: str) -> str:
    return text


_SHAPES: Mapping[str, Callable[[str], str]] = {
    "name": _name,
    "mobile": _mobile,
    "landline": _landline,
    "id": _resident_id,
    "email": _email,
    "address": _address,
    "plate": _hidden,
    "card": _hidden,
    "wechat": _hidden,
    "qq": _hidden,
    "ip": _ip,
    "organisation": _whole,
}

KINDS: tuple[str, ...] = tuple(_SHAPES)
