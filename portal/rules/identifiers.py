"""Numbers that carry their own proof: what is well formed, what its normal form is, and why not.

USCC after GB 32100-2015, resident identity numbers after GB 11643-1999, document numbers after GB/T 9704-2012.
Telephone shapes are practice, not law. Nothing here knows whether a number is in use, and nothing reads the clock.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date


@dataclass(frozen=True, slots=True)
class Check:
    """What became of a check: the normal form, why it is not valid, and what may have been meant.

    `sentence` is Chinese with %(name)s places (translated, then filled, as a Refusal is); `str()` fills it in Chinese.
    """

    is_valid: bool
    normal: str
    sentence: str = ""
    suggestion: str = ""
    places: tuple[tuple[str, object], ...] = ()

    def __str__(self) -> str:
        return self.sentence % dict(self.places) if self.places else self.sentence

    @property
    def why(self) -> str:
        """Why it is not valid, in Chinese; empty when it is."""
        return str(self)


def check(kind: str, value: str) -> Check:
    """Check a value of a kind: one of KINDS. Raises ValueError for another kind; never for a value."""
    try:
        ask = _CHECKS[kind]
    except KeyError:
        raise ValueError(f"no such kind of identifier: {kind}") from None
    return ask(value)


def _refused(normal: str, sentence: str, **places: object) -> Check:
    return Check(False, normal, sentence, places=tuple(places.items()))


def _compact(value: str) -> str:
    """Full-width forms to half, upper case, without blanks, dashes and invisible marks."""
    return _BLANKS.sub("", unicodedata.normalize("NFKC", value)).upper()


_BLANKS = re.compile("[\\s\u200b-\u200f\u2060\ufeff\\-‐‑‒–—―−]+")


# ── organisations ─────────────────────────────────────────────────────────────────────────────────────

_USCC_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # no I, O, S, V, Z
_USCC_VALUE = {letter: value for value, letter in enumerate(_USCC_LETTERS)}
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)  # 3^i mod 31
_MEANT = {"I": "1", "O": "0", "S": "5", "Z": "2", "V": "U"}

_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def _uscc(value: str) -> Check:
    code = _compact(value)
    if len(code) == 15 and code.isdigit():
        return Check(False, code, "这是15位的旧工商注册号，请填写18位统一社会信用代码")
    if len(code) != 18:
        return _refused(code, "统一社会信用代码应为18位，现为%(length)s位", length=len(code))
    strange = next((letter for letter in code[:17] if letter not in _USCC_VALUE), None)
    if strange is not None:
        meant = _MEANT.get(strange)
        if meant is None:
            return _refused(code, "统一社会信用代码不使用“%(letter)s”", letter=strange)
        found = _refused(code, "统一社会信用代码不使用“%(letter)s”，是否应为“%(meant)s”？", letter=strange, meant=meant)
        return replace(found, suggestion=code.replace(strange, meant))
    expected = _uscc_check(code)
    if code[17] != expected:
        return _refused(code, "校验码不符：按前17位应为“%(expected)s”", expected=expected)
    return Check(True, code)


def _uscc_check(code: str) -> str:
    total = sum(_USCC_VALUE[letter] * weight for letter, weight in zip(code[:17], _USCC_WEIGHTS, strict=True))
    return _USCC_LETTERS[(31 - total % 31) % 31]  # 31 counts as 0


def _organisation_code(value: str) -> Check:
    """The nine characters inside a USCC (GB 11714). Only offered, not asked of a USCC: its own check digit suffices."""
    code = _compact(value)
    if not re.fullmatch(r"[0-9A-Z]{8}[0-9X]", code, re.ASCII):
        return Check(False, code, "组织机构代码应为8位数字或字母加1位校验码")
    total = sum(int(letter, 36) * weight for letter, weight in zip(code[:8], _ORGANISATION_WEIGHTS, strict=True))
    expected = "0X987654321"[total % 11]
    if code[8] != expected:
        return _refused(code, "校验码不符：应为“%(expected)s”", expected=expected)
    return Check(True, f"{code[:8]}-{code[8]}")


# ── people ────────────────────────────────────────────────────────────────────────────────────────────

_RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_PROVINCES = frozenset(
    str(code)
    for span in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83))
    for code in range(span[0], span[1] + 1)
)


def _resident_id(value: str) -> Check:
    number = _compact(value)
    if len(number) == 15 and number.isdigit():
        return Check(False, number, "15位身份证号码已停止使用，请填写18位公民身份号码")
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number, re.ASCII):
        return Check(False, number, "公民身份号码应为17位数字加1位校验码（数字或X）")
    if not has_resident_shape(number):
        if born_on(number) is None:
            return Check(False, number, "出生日期不存在")
        return Check(False, number, "地区代码不存在")
    expected = _resident_check(number)
    if number[17] != expected:
        return _refused(number, "校验码不符：按前17位应为“%(expected)s”", expected=expected)
    return Check(True, number)


def _resident_check(number: str) -> str:
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _RESIDENT_WEIGHTS, strict=True))
    return "10X98765432"[total % 11]


def has_resident_shape(number: str) -> bool:
    """True when 18 normalised characters could be a resident's number but for the check digit.

    A first digit 9 is let through: permanent-residence cards of the 2023 pattern begin with it.
    """
    return (number[:2] in _PROVINCES or number[:1] == "9") and born_on(number) is not None


def born_on(number: str) -> date | None:
    """The birth date inside a normalised resident number; None when there is no such day."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def age_on(born: date, day: date) -> int:
    """Full years of age on a day: below 14 the guardian has to agree (个人信息保护法 第三十一条)."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


# ── telephones, post, e-mail ──────────────────────────────────────────────────────────────────────────


def _mobile(value: str) -> Check:
    number = re.sub(r"^(?:\+86|0086|86(?=\d{11}$))", "", _compact(value).replace("(", "").replace(")", ""))
    if not re.fullmatch(r"[0-9]+", number, re.ASCII):
        return Check(False, number, "手机号码只能是数字")
    if len(number) != 11:
        return _refused(number, "手机号码应为11位，现为%(length)s位", length=len(number))
    if not re.match(r"1[3-9]", number):
        return Check(False, number, "手机号码应以13至19开头")
    return Check(True, number)


_AREA = r"010|02[0-9]|0[3-9][0-9]{2}"
_LANDLINE = re.compile(rf"(?:({_AREA})-?)?([0-9]{{7,8}})(?:-([0-9]{{1,6}}))?", re.ASCII)
_SERVICE = re.compile(r"([48]00)-?([0-9]{3})-?([0-9]{4})|(12[0-9]{3}|95[0-9]{3,4})", re.ASCII)


def _landline(value: str) -> Check:
    text = re.sub(r"[‐‑‒–—―−]", "-", unicodedata.normalize("NFKC", value))
    text = re.sub(r"转|分机号?", "-", re.sub(r"\((0[0-9]{2,3})\)", r"\1-", text))
    text = re.sub(r"-+", "-", re.sub(r"\s+", "-", text.strip())).removeprefix("+86-").removeprefix("86-")
    if service := _SERVICE.fullmatch(text):
        return Check(True, service[4] or "-".join(service.group(1, 2, 3)))
    match = _LANDLINE.fullmatch(text)
    if match is None:
        return Check(False, text, "固定电话应为“区号-号码”，如0316-5212183")
    return Check(True, "-".join(part for part in match.groups() if part))


def _postcode(value: str) -> Check:
    code = _compact(value)
    if not re.fullmatch(r"[0-9]{6}", code, re.ASCII):
        return Check(False, code, "邮政编码应为6位数字")
    return Check(True, code)


_EMAIL = re.compile(
    r"[A-Z0-9_%+'-]+(?:\.[A-Z0-9_%+'-]+)*@(?:[A-Z0-9](?:[A-Z0-9-]{0,61}[A-Z0-9])?\.)+[A-Z]{2,24}",
    re.ASCII | re.IGNORECASE,
)


def _email(value: str) -> Check:
    address = unicodedata.normalize("NFKC", value).strip()
    local, at, domain = address.rpartition("@")
    normal = local + at + domain.lower()
    if len(normal) > 254 or len(local) > 64 or not _EMAIL.fullmatch(normal):
        return Check(False, normal, "电子邮箱应形如name@example.cn")
    return Check(True, normal)


# ── document numbers ──────────────────────────────────────────────────────────────────────────────────

_DOCUMENT = re.compile(r"[\u4e00-\u9fa5A-Za-z]{1,16}〔(?:19|20)[0-9]{2}〕[1-9][0-9]{0,4}号", re.ASCII)
_ORDER = re.compile(r".{2,30}令(?:第?〔[0-9]{4}〕)?第?[1-9][0-9]{0,3}号", re.ASCII)
_LOOSE = re.compile(
    r"([\u4e00-\u9fa5A-Za-z]{1,16})[〔\[(【〈《<{﹝]((?:19|20)[0-9]{2})[〕\])】〉》>}﹞]第?0*([1-9][0-9]{0,4})号?",
    re.ASCII,
)
_FULL_WIDTH = {0xFF01 + offset: 0x21 + offset for offset in range(94)}


def _document_number(value: str) -> Check:
    """发文字号: 机关代字〔年份〕序号, the year in full and in 六角括号, no 第, no leading zero (GB/T 9704-2012)."""
    number = "".join(value.translate(_FULL_WIDTH).split())
    if _DOCUMENT.fullmatch(number) or _ORDER.fullmatch(number):
        return Check(True, number)
    if match := _LOOSE.fullmatch(number):
        suggestion = f"{match[1]}〔{match[2]}〕{match[3]}号"
        found = _refused(
            number, "发文字号的年份用六角括号〔〕，序号不加“第”、不编虚位，应为%(suggestion)s", suggestion=suggestion
        )
        return replace(found, suggestion=suggestion)
    if re.search(r"[〔\[(【]|[0-9]", number):
        return Check(False, number, "疑似抽取丢字：缺少年份、括号、序号或“号”")
    return Check(False, number, "发文字号应形如国办发〔2017〕47号")


_CHECKS: Mapping[str, Callable[[str], Check]] = {
    "uscc": _uscc,
    "organisation-code": _organisation_code,
    "resident-id": _resident_id,
    "mobile": _mobile,
    "landline": _landline,
    "postcode": _postcode,
    "email": _email,
    "document-number": _document_number,
}

KINDS: tuple[str, ...] = tuple(_CHECKS)
