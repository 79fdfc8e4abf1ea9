"""Receipt numbers (受理编号) and the digest of what was received.

A number is YY-CC-NNNNN-K: the year of the day it was received in Beijing, the number of the consultation, the serial
within it, and one check digit. It is read out on the telephone and copied from paper, so the check digit catches
every single wrong digit and every swap of two neighbours.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime

from portal.rules.window import day_in_beijing

# Damm's table: a totally anti-symmetric quasigroup of order ten. Unlike ISO 7064 MOD 11,10 it lets no swap of
# neighbours through, and unlike MOD 11-2 it never needs a letter.
_DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)

_DASHED = re.compile(r"([0-9]{2})-([0-9]{2,4})-([0-9]{5,7})-([0-9])", re.ASCII)
_BARE = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{5})([0-9])", re.ASCII)
#: as in any code (`codes`), but where they stand counts; a letter is none
_SEPARATORS = re.compile(r"[\W_]+")
_LONGEST = 40  # a pasted page is not a number; look no further


def receipt_year(received_at: datetime) -> int:
    """The year that goes into the number: of the day in Beijing. Raises ValueError for a naive datetime."""
    return day_in_beijing(received_at).year


def receipt_number(year: int, consultation: int, serial: int) -> str:
    """26-07-00042-3 for the year 2026, the seventh consultation, the forty-second submission.

    Consultations past 99 and serials past 99999 simply take more digits.
    Raises ValueError outside 2000–2099, 1–9999 and 1–9999999.
    """
    if not (2000 <= year <= 2099 and 1 <= consultation <= 9999 and 1 <= serial <= 9_999_999):
        raise ValueError("no receipt number for such a year, consultation or serial")
    fields = (f"{year % 100:02d}", f"{consultation:02d}", f"{serial:05d}")
    return "-".join((*fields, str(_interim("".join(fields)))))


def normal_receipt_number(text: str) -> str | None:
    """The number as we print it, from what somebody typed; None when it is no receipt number.

    Takes full-width digits, any kind of dash, spaces, and no dashes at all. A number with more digits than usual
    needs its separators, for without them nobody could say where the serial begins.
    """
    if len(text) > _LONGEST:
        return None
    typed = _SEPARATORS.sub("-", unicodedata.normalize("NFKC", text)).strip("-")
    match = _DASHED.fullmatch(typed) or _BARE.fullmatch(typed.replace("-", ""))
    if match is None or _interim("".join(match.groups())) != 0:
        return None
    year, consultation, serial, check = match.groups()
    # 26-007-00042 would be a second spelling of 26-07-00042 with the same check digit: one number, one spelling.
    if int(consultation) == 0 or int(serial) == 0:
        return None
    normal = f"{year}-{int(consultation):02d}-{int(serial):05d}-{check}"
    return normal if "".join(match.groups()) == normal.replace("-", "") else None


def is_receipt_number(text: str) -> bool:
    """True when the text, once normalised, is a receipt number whose check digit is right."""
    return normal_receipt_number(text) is not None


def canonical(payload: Mapping[str, object]) -> bytes:
    """The one byte string of a payload: JSON, keys sorted, no spaces, UTF-8, words exactly as received.

    No Unicode normalisation: a digest proves what was sent, not what it resembles.
    Raises TypeError for values JSON has no word for and ValueError for NaN or text that is not Unicode.
    """
    return json.dumps(payload, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")).encode(
        "utf-8"
    )


def digest(payload: Mapping[str, object]) -> str:
    """SHA-256 of the canonical bytes, 64 lower-case hexadecimal digits. Raises as `canonical` does."""
    return hashlib.sha256(canonical(payload)).hexdigest()


def _interim(digits: str) -> int:
    """Damm's interim digit: of a number it is the check digit, of a number with its check digit it is 0."""
    interim = 0
    for digit in digits:
        interim = _DAMM[interim][int(digit)]
    return interim
