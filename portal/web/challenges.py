"""The small proof asked of a submission when far more than usual arrive, or when a hidden field was filled in."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from portal.errors import NotValid
from portal.rules import challenge
from portal.services import baskets
from portal.web import gate, limits

#: a page may lie open for this long before its challenge is stale
_HOURS = 12


@dataclass(frozen=True, slots=True)
class Challenge:
    """What the page asks: a token to work on, or two numerals to add."""

    token: str
    first: str
    second: str
    bits: int = challenge.BITS


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="challenge")


def _mark(basket_code: str) -> str:
    return baskets.trace(gate.seal(), basket_code)[:16]


def new(basket_code: str) -> Challenge:
    """A challenge for the sending of this basket. It is signed, so nothing has to be kept; a basket is sent once."""
    first, second = secrets.randbelow(8) + 2, secrets.randbelow(8) + 1
    token = _serializer().dumps([_mark(basket_code), first, second, secrets.token_hex(4)])
    return Challenge(str(token), challenge.numeral(first), challenge.numeral(second))


def require(slug: str, basket_code: str) -> None:
    """Lets an ordinary submission pass; of others asks for the work or the answer. Raises NotValid, TooMany."""
    if limits.is_usual(slug) and not request.form.get("homepage"):
        return
    token = request.form.get("challenge", "")
    try:
        asked, first, second, _ = _serializer().loads(token, max_age=_HOURS * 3600)
    except (BadSignature, ValueError):
        raise NotValid("现在提交的人很多，请多回答一个小问题，然后再提交。您写的内容都在。", fault="answer") from None
    mark = _mark(basket_code)
    if asked == mark and challenge.is_work(token, request.form.get("work", "")):
        return
    limits.require(limits.ANSWER, slug)
    if asked != mark or not challenge.is_answer(first, second, request.form.get("answer", "")):
        raise NotValid("小问题的答案不对，请再算一次。您写的内容都在。", fault="answer")
