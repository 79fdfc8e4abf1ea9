"""What a password of a member of staff must be (GB/T 22239-2019 8.1.4.1: complex, changed regularly)."""

from __future__ import annotations

import re

from portal.errors import NotValid

SHORTEST = 10
LONGEST = 128
#: how many kinds of signs out of four: small letters, capitals, digits, anything else
KINDS = 3
_KINDS = (re.compile("[a-z]"), re.compile("[A-Z]"), re.compile("[0-9]"), re.compile("[^a-zA-Z0-9]"))
#: what everybody tries first, in small letters and without what stands around it
_COMMON = (
    "password", "passw0rd", "p@ssw0rd", "qwerty", "qwertyuiop", "1qaz2wsx", "asdfgh", "zxcvbn", "admin", "root",
    "welcome", "letmein", "iloveyou", "woaini", "5201314", "1234", "abcd", "0000", "1111", "8888", "mima",
)  # fmt: skip


def require_strong(password: str, *own_words: str) -> None:
    """Raises NotValid for a password that is short, plain, everybody's, or made of `own_words` (login, name)."""
    if len(password) < SHORTEST:
        raise NotValid("密码至少%(length)s个字符。", fault="password", length=SHORTEST)
    if len(password) > LONGEST:
        raise NotValid("密码最多%(length)s个字符。", fault="password", length=LONGEST)
    if sum(bool(kind.search(password)) for kind in _KINDS) < KINDS:
        raise NotValid("密码要包含大写字母、小写字母、数字、符号中的至少三种。", fault="password")
    rest = password.lower()
    for word in (*_COMMON, *(word.lower() for word in own_words if len(word) > 1)):
        rest = rest.replace(word, "")
    if len(set(rest)) < 6:
        raise NotValid("这个密码太容易猜到，请换一个，不要用登录名、姓名或常见的词。", fault="password")
