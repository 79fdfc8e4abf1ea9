"""A small proof that somebody means it: a moment of a machine's work, or a sum for those without scripts.

The work is a number n for which SHA-256 of "token:n" begins with a number of zero bits. Seventeen bits are some
130,000 hashes: about half a second on a telephone, and a real price for whoever wants to send a hundred thousand.
"""

from __future__ import annotations

import hashlib

BITS = 17
_NUMERALS = "零一二三四五六七八九"
_LONGEST_WORK = 20


def is_work(token: str, work: str, bits: int = BITS) -> bool:
    """Whether this number is the work for this token."""
    if not (work.isascii() and work.isdecimal() and len(work) <= _LONGEST_WORK):
        return False
    value = hashlib.sha256(f"{token}:{work}".encode()).digest()
    return int.from_bytes(value[:4], "big") >> (32 - bits) == 0


def numeral(digit: int) -> str:
    """One of the digits 0 to 9 as a Chinese numeral."""
    return _NUMERALS[digit]


def is_answer(first: int, second: int, answer: str) -> bool:
    """Whether this is the sum, in Arabic digits of any width or in Chinese numerals."""
    total, given = first + second, "".join(answer.split())
    words = _NUMERALS[total] if total < 10 else f"十{_NUMERALS[total - 10] if total > 10 else ''}"
    return given in (words, f"一{words}") or (given.isdecimal() and len(given) < 4 and int(given) == total)
