"""Codes that people copy from paper, a letter or a screen: resume codes, tracking codes, recovery codes, six digits.

How somebody types one says nothing: the full-width letters of a Chinese keyboard, a dash of any kind, blanks, marks
nobody sees.
"""

from __future__ import annotations

import unicodedata

#: dashes of any script, blanks, and what is not seen
_NOT_TYPED = frozenset({"Pd", "Zs", "Zl", "Zp", "Cc", "Cf"})
#: what serves as a dash on a keyboard without one: minus, bullet, underscore, lines to draw with, the numeral one
_AS_DASHES = frozenset("−·・_─━ー一")
#: no code is as long; what was pasted beyond this is not looked at
_LONGEST = 200


def plain(typed: str) -> str:
    """What somebody typed as it is looked up: NFKC, upper case, dashes and blanks gone; empty when nothing is left."""
    wide = unicodedata.normalize("NFKC", typed[:_LONGEST]).upper()
    return "".join(each for each in wide if unicodedata.category(each) not in _NOT_TYPED and each not in _AS_DASHES)


def grouped(code: str) -> str:
    """A code as it is printed and read out, in groups of four: K7QM-92HD-XW4T."""
    letters = plain(code)
    return "-".join(letters[i : i + 4] for i in range(0, len(letters), 4))
