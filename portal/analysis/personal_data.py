"""Personal data in what people write: found before publication, confirmed by a person, shown only masked.

政府信息公开条例 第十五条 and 个人信息保护法 第二十五条 are why. A finding is a proposal: `high` where the number proves
itself or a label announces it, `low` where it only looks like it. Nothing is found by a dictionary of people.
Every pattern has bounded repetition, so that a pasted book takes time in proportion to its length.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from portal.analysis.person_names import beside, names
from portal.analysis.street_addresses import addresses
from portal.rules import identifiers, masking

Confidence = Literal["high", "low"]


@dataclass(frozen=True, slots=True)
class Span:
    """Personal data at [start, end) of the original text, and the words that would stand there in public."""

    start: int
    end: int
    kind: str
    confidence: Confidence
    replacement: str


def find(text: str, own: frozenset[str] = frozenset()) -> tuple[Span, ...]:
    """Everything in a text that may be personal data, in order and without overlaps. Never raises.

    `own` holds the bureau's published numbers, mailboxes and addresses in any spelling; they are not personal.
    """
    if not text:
        return ()
    plain = text.translate(_FOLD)
    spoken = plain.translate(_SPOKEN_DIGITS)
    own_keys = frozenset(_key(each.translate(_FOLD)) for each in own) - {""}
    taken = bytearray(len(text))
    for start, end in _organisation_codes(plain):
        taken[start:end] = b"\1" * (end - start)
    spans: list[Span] = []
    digits = {"plain": len(_DIGIT.findall(plain)), "spoken": len(_DIGIT.findall(spoken))}
    for search, source, fewest in _SEARCHES:
        if digits[source] < fewest:
            continue
        for start, end, kind, is_sure, value in search(plain if source == "plain" else spoken):
            if any(taken[start:end]) or _is_own(plain[start:end], kind, own_keys):
                continue
            taken[start:end] = b"\1" * (end - start)
            is_high = is_sure and source == "plain"
            spans.append(Span(start, end, kind, "high" if is_high else "low", masking.mask(kind, value)))
    spans += _beside_numbers(plain, spans, taken)
    spans += _repeated(plain, spans, taken)
    return tuple(sorted(spans, key=lambda span: span.start))


def _beside_numbers(plain: str, spans: list[Span], taken: bytearray) -> list[Span]:
    """Names without a label that stand right before somebody's number: 吕望舒 13900000000."""
    found = []
    for span in spans:
        if (
            span.kind in _NUMBERS_OF_PEOPLE
            and (name := beside(plain, span.start))
            and not any(taken[name[0] : name[1]])
        ):
            start, end, is_sure = name
            taken[start:end] = b"\1" * (end - start)
            replacement = masking.mask("name", plain[start:end])
            found.append(Span(start, end, "name", "high" if is_sure else "low", replacement))
    return found


def _repeated(plain: str, spans: list[Span], taken: bytearray) -> Iterator[Span]:
    """A name said once with its label is the same name where it stands without; two characters are too few to tell."""
    said = {plain[span.start : span.end]: span for span in spans if span.kind == "name" and span.confidence == "high"}
    for name, first in list(said.items())[:_MOST_NAMES]:
        at = plain.find(name) if len(name) > 2 else -1
        while at >= 0:
            end = at + len(name)
            if not any(taken[at:end]):
                taken[at:end] = b"\1" * len(name)
                yield Span(at, end, "name", "low", first.replacement)
            at = plain.find(name, end)


def masked(text: str, spans: Iterable[Span]) -> str:
    """The text with every span replaced. Raises ValueError for spans out of order, overlapping or outside."""
    parts: list[str] = []
    at = 0
    for span in spans:
        if not at <= span.start <= span.end <= len(text):
            raise ValueError("spans must be in order, apart, and inside the text")
        parts += (text[at : span.start], span.replacement)
        at = span.end
    return "".join((*parts, text[at:]))


# ── reading ───────────────────────────────────────────────────────────────────────────────────────────

# One character for one character, so that an offset here is an offset in the original.
_FOLD: dict[int, str] = {0xFF01 + offset: chr(0x21 + offset) for offset in range(94)}
# Blanks, and marks that are not seen or stand over a digit: with one between each two digits a number would pass.
_FOLD |= dict.fromkeys(
    [0xA0, 0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x1680, 0x17B4, 0x17B5, *range(0x180B, 0x1810), *range(0x2000, 0x2010),
     *range(0x202A, 0x2030), *range(0x205F, 0x2070), 0x2800, 0x3000, 0x3164, 0xFEFF, 0xFFA0, *range(0xFFF0, 0xFFFC),
     *range(0x300, 0x370), *range(0x483, 0x48A), *range(0x20D0, 0x2100), *range(0xFE00, 0xFE10), *range(0xFE20, 0xFE30),
     *range(0x1BCA0, 0x1BCA4), *range(0x1D173, 0x1D17B), *range(0xE0000, 0xE0200)],
    " ",
)  # fmt: skip
# digits of other scripts, raised, lowered, in circles
_FOLD |= {
    code: str(digit)
    for code in (*range(0xB2, 0x3000), *range(0xA620, 0xAC00), *range(0x10480, 0x1FC00))
    if (digit := unicodedata.digit(chr(code), None)) is not None
}
_FOLD |= {ord(dash): "-" for dash in "‐‑‒–—―−"}
_FOLD |= {0x1D7CE + offset: str(offset % 10) for offset in range(50)}  # digits in mathematical dress

_SPOKEN_DIGITS = {
    ord(character): digit
    for digit, characters in zip(
        "0123456789",
        ("零〇○洞", "一壹幺", "二贰", "三叁", "四肆", "五伍", "六陆", "七柒拐", "八捌", "九玖"),
        strict=True,
    )
    for character in characters
}

_MOST_NAMES = 20  # a list of a thousand signatures is not searched for a thousand times

_NUMBERS_OF_PEOPLE = ("mobile", "id", "landline")

# start, end, kind, whether it is sure, and what is to be masked: the number without its gaps
_Found = tuple[int, int, str, bool, str]

_GAP = r"[ \t._/·-]{1,3}"
# A number followed by a unit is an amount, however many digits it has.
_NO_UNIT = r"(?!\.[0-9]{1,4}(?![0-9]))(?![ ]?(?:元|万|亿|千|百|吨|公斤|平方|平米|立方|项|件|亩|公里|米|人次|户|个|名|辆|台|套|%))"
_NOT_INSIDE = r"(?<![0-9])(?<![0-9]\.)"


def _grouped(*widths: int) -> str:
    return _GAP.join(f"[0-9]{{{width}}}" for width in widths)


_MOBILE = re.compile(
    rf"{_NOT_INSIDE}(?:(?:\(?\+?|00)86\)?(?:{_GAP})?)?(?=1(?:{_GAP})?[3-9])"
    rf"(?:[0-9]{{11}}|{_grouped(3, 4, 4)}|{_grouped(3, 8)}|{_grouped(7, 4)}|{_grouped(4, 3, 4)}|{_grouped(3, 3, 5)}"
    rf"|{_grouped(5, 6)}|{_grouped(4, 4, 3)}|{_grouped(3, 4, 2, 2)}|{_grouped(3, 2, 2, 2, 2)}|{_grouped(3, 2, 2, 4)}"
    rf"|{_grouped(3, 2, 3, 3)}|[0-9](?P<gap>[ -]{{1,3}})(?:[0-9](?P=gap)){{9}}[0-9])(?![0-9]){_NO_UNIT}"
)
_CODE_BEFORE = re.compile(r"[A-Za-z][-_/]?\Z")
_SAYS_PHONE = re.compile(r"(?i:tel|phone|mobile|cell|wx|vx|qq|v)[-_/]?\Z")


def _mobiles(text: str) -> Iterator[_Found]:
    for match in _MOBILE.finditer(text):
        digits = re.sub(r"[^0-9]", "", match.group())[-11:]
        if identifiers.check("mobile", digits).is_valid:
            before = text[max(0, match.start() - 8) : match.start()]
            is_code = _CODE_BEFORE.search(before) and not _SAYS_PHONE.search(before)
            yield match.start(), match.end(), "mobile", not is_code, digits


_AREA = r"(?:010|02[0-9]|0[3-9][0-9]{2})"
_LANDLINE = re.compile(
    rf"{_NOT_INSIDE}(?:\({_AREA}\)[ -]?|(?:\+?86[ -]?)?{_AREA}[ -]{{0,3}})[2-9][0-9]{{6,7}}"
    rf"(?:(?:-|转|分机)[0-9]{{1,6}})?(?![0-9]){_NO_UNIT}"
)
_LOCAL = re.compile(
    r"(?:电话|座机|固话|致电|拨打|来电|传真|[Tt][Ee][Ll])[是为:号码联系( -]{0,6}"
    rf"(?P<number>[2-9][0-9]{{6,7}}(?:(?:-|转|分机)[0-9]{{1,6}})?)(?![0-9-]){_NO_UNIT}"
)


def _landlines(text: str) -> Iterator[_Found]:
    for match in _LANDLINE.finditer(text):
        yield match.start(), match.end(), "landline", True, match.group()
    for match in _LOCAL.finditer(text):
        # 电话20220310 is a day, not a number.
        if not re.match(r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:[0-2][0-9]|3[01])$", match["number"]):
            yield match.start("number"), match.end("number"), "landline", True, match["number"]


_RESIDENT = re.compile(
    rf"(?<![0-9A-Za-z])(?:[1-9][0-9]{{16}}[0-9Xx]|{_grouped(6, 8, 3)}(?:{_GAP})?[0-9Xx]"
    rf"|{_grouped(6, 4, 4, 3)}(?:{_GAP})?[0-9Xx]|{_grouped(4, 4, 4, 4)}{_GAP}[0-9][0-9Xx]"
    rf"|{_grouped(3, 3, 4, 4, 3)}[0-9Xx])"
    r"(?![0-9A-Za-z])"
)
_OLD_RESIDENT = re.compile(r"身份证(?:号码?)?[是为: ]{0,3}(?P<number>[1-9][0-9]{14})(?![0-9A-Za-z])")
# The number of a 残疾人证 is its holder's, with a digit for the kind and one for the degree.
_DISABLED = re.compile(
    r"残疾(?:人)?证(?:号码?)?[是为: ]{0,3}(?P<number>[1-9][0-9]{16}[0-9Xx])[1-7][1-4](?:B[0-9])?(?![0-9A-Za-z])"
)
_SAYS_RESIDENT = re.compile(r"身份证[^0-9\n]{0,8}\Z")


def _resident_ids(text: str) -> Iterator[_Found]:
    for match in _RESIDENT.finditer(text):
        number = identifiers.check("resident-id", re.sub(r"[^0-9Xx]", "", match.group()))
        if number.is_valid:
            yield match.start(), match.end(), "id", True, number.normal
        elif identifiers.has_resident_shape(number.normal) or _SAYS_RESIDENT.search(
            text[max(0, match.start() - 14) : match.start()]
        ):
            # One digit wrong is still somebody's number: shown as 疑似, for a person to judge.
            yield match.start(), match.end(), "id", False, number.normal
    for match in _DISABLED.finditer(text):
        if identifiers.check("resident-id", match["number"]).is_valid:
            yield match.start("number"), match.end("number"), "id", True, match["number"]
    for match in _OLD_RESIDENT.finditer(text):
        yield match.start("number"), match.end("number"), "id", False, match["number"]


_CARD = re.compile(
    rf"(?<![0-9A-Za-z.])(?:[3-69][0-9]{{15,18}}|{_grouped(4, 4, 4, 4)}(?:{_GAP}[0-9]{{1,3}})?"
    rf"|{_grouped(6, 13)}|{_grouped(6, 10)})(?![0-9A-Za-z])(?!{_GAP}[0-9]){_NO_UNIT}"
)
_SAYS_CARD = re.compile(r"(?:银行卡|卡号|账号|帐号|账户|帐户|开户)[^0-9\n]{0,12}\Z")


def _cards(text: str) -> Iterator[_Found]:
    for match in _CARD.finditer(text):
        digits = re.sub(r"[^0-9]", "", match.group())
        is_said = _SAYS_CARD.search(text[max(0, match.start() - 18) : match.start()]) is not None
        if _passes_luhn(digits):
            yield match.start(), match.end(), "card", is_said or digits.startswith("62"), digits
        elif is_said:
            yield match.start(), match.end(), "card", False, digits


def _passes_luhn(digits: str) -> bool:
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


_AT = re.compile(
    r"[ ]?(?:@|[(\[{<](?i:at|a)[)\]}>]|艾特|圈a|#(?=(?:qq|163|126|sina|gmail|outlook|foxmail|139|sohu)\.))[ ]?"
    r"|[ ](?P<word>at|AT)[ ]"
)
_DOT = r"(?:\.|点|[ ]?[(\[](?:dot|点)[)\]][ ]?|[ ]dot[ ])"
_DOMAIN = re.compile(
    rf"[A-Za-z0-9](?:[A-Za-z0-9-]{{0,40}})(?:{_DOT}[A-Za-z0-9][A-Za-z0-9-]{{0,40}}){{0,4}}{_DOT}(?:[A-Za-z]{{2,12}})"
    r"(?![A-Za-z0-9-])"
)
_SAYS_EMAIL = re.compile(r"(?i:邮箱|邮件|邮址|e-?mail|mail)[^\n]{0,12}\Z")
_LOCAL_PART = re.compile(r"[A-Za-z0-9_%+][A-Za-z0-9._%+-]{0,63}\Z")


def _emails(text: str) -> Iterator[_Found]:
    # From the sign outward: looking for a local part at every letter would be slow on a long paste of letters.
    for match in _AT.finditer(text):
        domain = _DOMAIN.match(text, match.end())
        window = max(0, match.start() - 64)
        local = _LOCAL_PART.search(text[window : match.start()])
        if domain and local:
            start = window + local.start()
            # "look at example.com" is English: the bare word needs 邮箱 before it.
            is_said = not match["word"] or _SAYS_EMAIL.search(text[max(0, start - 20) : start]) is not None
            name = re.sub(_DOT, ".", domain.group())
            yield (
                start,
                domain.end(),
                "email",
                is_said and not name.lower().endswith("gov.cn"),
                f"{local.group()}@{name}",
            )


_PLATE = re.compile(
    r"[京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川蜀贵黔云滇藏陕秦甘陇青宁新][A-HJ-NP-Za-hj-np-z][ ·•.-]?"
    r"(?=(?:[A-Za-z]?[0-9]){3}|[0-9]{2,}[A-Za-z]|[A-Za-z0-9]*[0-9])(?P<rest>[A-HJ-NP-Za-hj-np-z0-9]{5,6}|[A-Za-z0-9]{4}[挂学警港澳领试超])"
    r"(?![A-Za-z0-9])"
)


def _plates(text: str) -> Iterator[_Found]:
    for match in _PLATE.finditer(text):
        if sum(character.isdigit() for character in match["rest"]) >= 3 and not text.startswith("年", match.end()):
            yield match.start(), match.end(), "plate", True, match.group()


# What may stand between 微信 and the account: 号码是, 账号:, ID.
_LEADS = r"(?:(?:账号|帐号|号码|号|ID|id|同号|都|均|也|是|为|搜)|[:( ]){0,5}"
_WECHAT = re.compile(
    r"(?<![A-Za-z0-9])(?P<given>wxid_[A-Za-z0-9]{6,20})"
    rf"|(?:(?<![A-Za-z])(?i:wechat|weixin|wx|vx|v信)|微信|薇信|威信|微❤|加[Vv])(?P<said>{_LEADS})"
    r"(?P<id>[A-Za-z][A-Za-z0-9_-]{5,19})(?![A-Za-z0-9@.])"
)
_QQ = re.compile(
    rf"(?:(?<![A-Za-z])(?i:qq)|扣扣|企鹅|(?:加|我)[Qq]|(?<![A-Za-z])[Qq](?=号|:))(?P<group>群?){_LEADS}"
    rf"(?P<id>[1-9][0-9]{{4,10}})(?![0-9A-Za-z@.]){_NO_UNIT}"
)


def _accounts(text: str) -> Iterator[_Found]:
    for match in _WECHAT.finditer(text):
        group = "given" if match["given"] else "id"
        # 微信小程序 and "wechat official" are no accounts: without a colon the id must not be a mere word.
        is_said = group == "given" or any(sign in match["said"] for sign in "号是为:")
        if is_said or re.search(r"[0-9_]", match[group]):
            yield match.start(group), match.end(group), "wechat", True, match[group]
    for match in _QQ.finditer(text):
        yield match.start("id"), match.end("id"), "qq", not match["group"], match["id"]


def _homes(text: str) -> Iterator[_Found]:
    for start, end, is_sure in addresses(text):
        yield start, end, "address", is_sure, text[start:end]


def _people(text: str) -> Iterator[_Found]:
    for start, end, is_sure in names(text):
        yield start, end, "name", is_sure, text[start:end]


_DIGIT = re.compile("[0-9]")

# In order of proof: what carries a check digit claims its place before what only looks like something. The number is
# of digits: a text with fewer has none of that kind, and most of what people write has hardly any.
_SEARCHES: tuple[tuple[Callable[[str], Iterator[_Found]], Literal["plain", "spoken"], int], ...] = (
    (_resident_ids, "plain", 15),
    (_emails, "plain", 0),
    (_mobiles, "plain", 11),
    (_cards, "plain", 16),
    (_landlines, "plain", 7),
    (_plates, "plain", 3),
    (_accounts, "plain", 0),
    (_mobiles, "spoken", 11),
    (_resident_ids, "spoken", 15),
    (_homes, "plain", 0),
    (_people, "plain", 0),
)

_CODE = re.compile(r"(?<![0-9A-Za-z])[0-9A-HJ-NPQRTUWXYa-hj-npqrtuwxy]{18}(?![0-9A-Za-z])")
_SAYS_CODE = re.compile(r"信用代码[^0-9A-Za-z\n]{0,8}\Z")


def _organisation_codes(text: str) -> Iterator[tuple[int, int]]:
    """Codes of organisations, which are public. One that could also be a person's needs its label."""
    for match in _CODE.finditer(text):
        if identifiers.check("uscc", match.group()).is_valid and (
            not identifiers.check("resident-id", match.group()).is_valid
            or _SAYS_CODE.search(text[max(0, match.start() - 12) : match.start()])
        ):
            yield match.start(), match.end()


def _key(text: str) -> str:
    return "".join(character for character in text.lower() if character.isalnum() or character in "@._")


def _is_own(text: str, kind: str, own: frozenset[str]) -> bool:
    if not own:
        return False
    key = _key(text)
    if kind == "address":
        return len(key) >= 6 and any(key in each or (len(each) >= 6 and each in key) for each in own)
    if key in own:
        return True
    # 5212183 is the bureau's 0316-5212183, and 0316-5212183 its 86-0316-5212183.
    return (
        kind in ("landline", "mobile")
        and len(key) >= 7
        and any(
            each.isdigit() and min(len(each), len(key)) >= 7 and (each.endswith(key) or key.endswith(each))
            for each in own
        )
    )
